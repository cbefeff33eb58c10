//! The control socket: frames in, frames and descriptors out, never blocking.

use std::collections::VecDeque;
use std::io::IoSlice;
use std::mem::MaybeUninit;
use std::os::fd::{AsFd as _, BorrowedFd, OwnedFd};

use rustix::event::PollFlags;
use rustix::io::Errno;
use rustix::net::{RecvFlags, SendAncillaryBuffer, SendAncillaryMessage, SendFlags, recv, sendmsg};

use crate::frames::{Frame, FrameError, FrameReader, FromWarden, ToWarden};

/// Answers that may wait to be sent, and questions that may wait for theirs, before no more questions are read.
const MOST_WAITING: usize = 256;

/// Octets read at once; questions are short.
const READ_AT_ONCE: usize = 4096;

/// The other end is closed, or speaks nonsense: the warden's work is done.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) struct Closed;

/// The warden's end of the control socket.
pub(super) struct Control {
    socket: BorrowedFd<'static>,
    reader: FrameReader,
    waiting: VecDeque<Outgoing>,
}

/// A frame on its way, and the descriptor that goes with its first octet.
struct Outgoing {
    octets: Vec<u8>,
    sent: usize,
    descriptor: Option<OwnedFd>,
}

impl Control {
    pub(super) fn new(socket: BorrowedFd<'static>) -> Self {
        Self {
            socket,
            reader: FrameReader::new(),
            waiting: VecDeque::new(),
        }
    }

    pub(super) fn socket(&self) -> BorrowedFd<'static> {
        self.socket
    }

    /// What to wait for. A server that does not take its answers is not asked for more questions.
    pub(super) fn wanted(&self, questions: usize) -> PollFlags {
        let waiting = self.waiting.len().saturating_add(questions);
        let mut wanted = PollFlags::empty();
        wanted.set(PollFlags::IN, waiting < MOST_WAITING);
        wanted.set(PollFlags::OUT, !self.waiting.is_empty());
        wanted
    }

    /// Puts a frame behind those that wait.
    pub(super) fn send(
        &mut self,
        frame: &FromWarden,
        descriptor: Option<OwnedFd>,
    ) -> Result<(), FrameError> {
        self.waiting.push_back(Outgoing {
            octets: frame.to_octets()?,
            sent: 0,
            descriptor,
        });
        Ok(())
    }

    /// Sends what the socket takes.
    pub(super) fn flush(&mut self) -> Result<(), Closed> {
        while let Some(first) = self.waiting.front_mut() {
            match first.send(self.socket) {
                Ok(true) => drop(self.waiting.pop_front()),
                Ok(false) | Err(Errno::INTR) => {}
                Err(Errno::AGAIN) => return Ok(()),
                Err(_) => return Err(Closed),
            }
        }
        Ok(())
    }

    /// Reads what has come, as frames.
    pub(super) fn receive(&mut self) -> Result<Vec<ToWarden>, Closed> {
        let mut room = [0; READ_AT_ONCE];
        let octets = match recv(self.socket, &mut room, RecvFlags::DONTWAIT) {
            Ok((0, _)) => return Err(Closed),
            Ok((octets, _)) => octets,
            Err(Errno::AGAIN | Errno::INTR) => 0,
            Err(_) => return Err(Closed),
        };
        let mut input = room.get(..octets).unwrap_or_default();
        let mut frames = Vec::new();
        while let Some(frame) = self.reader.next(&mut input).map_err(|_| Closed)? {
            frames.push(frame);
        }
        Ok(frames)
    }
}

impl Outgoing {
    /// Sends some of the frame; says whether that was the rest of it.
    fn send(&mut self, socket: BorrowedFd<'_>) -> rustix::io::Result<bool> {
        let left = self.octets.get(self.sent..).unwrap_or_default();
        let mut space = [MaybeUninit::uninit(); rustix::cmsg_space!(ScmRights(1))];
        let mut rights = SendAncillaryBuffer::new(&mut space);
        let descriptors: Vec<BorrowedFd<'_>> =
            self.descriptor.iter().map(|fd| fd.as_fd()).collect();
        if !descriptors.is_empty() {
            rights.push(SendAncillaryMessage::ScmRights(&descriptors));
        }
        let flags = SendFlags::DONTWAIT | SendFlags::NOSIGNAL;
        let sent = sendmsg(socket, &[IoSlice::new(left)], &mut rights, flags)?;
        self.sent = self.sent.saturating_add(sent);
        // It is the other end's now.
        self.descriptor = None;
        Ok(self.sent >= self.octets.len())
    }
}
