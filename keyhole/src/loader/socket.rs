//! The loader's end of its socket: frames in, frames and descriptors out. It blocks: the loader has nothing else to do.

use std::{
    collections::VecDeque,
    io::{self, IoSlice},
    mem::MaybeUninit,
    os::fd::{BorrowedFd, OwnedFd},
};

use proxy::loader::frames::{FrameReader, MOST_SOCKETS, Wiped};
use rustix::{
    event::{PollFd, PollFlags, Timespec, poll},
    io::Errno,
    net::{RecvFlags, SendAncillaryBuffer, SendAncillaryMessage, SendFlags, recv, sendmsg},
};

/// How long a question is waited for before the map is looked at.
const GLANCE: Timespec = Timespec {
    tv_sec: 0,
    tv_nsec: 500_000_000,
};

/// Octets read at once; questions are short.
const READ_AT_ONCE: usize = 4096;

pub(super) struct Socket {
    descriptor: OwnedFd,
    reader: FrameReader,
    /// Octets that were read and not looked at.
    held: VecDeque<u8>,
}

/// What came.
pub(super) enum Received {
    /// A question.
    Frame(Wiped),
    /// Nothing, for a while.
    Nothing,
    /// The end.
    Closed,
}

impl Socket {
    pub(super) fn new(descriptor: OwnedFd) -> Self {
        Self {
            descriptor,
            reader: FrameReader::default(),
            held: VecDeque::new(),
        }
    }

    /// Waits for the next question, for a while.
    pub(super) fn next(&mut self) -> io::Result<Received> {
        loop {
            let mut input: &[u8] = self.held.make_contiguous();
            let before = input.len();
            let frame = self.reader.next(&mut input).map_err(io::Error::other)?;
            let taken = before.saturating_sub(input.len());
            self.held.drain(..taken);
            if let Some(frame) = frame {
                return Ok(Received::Frame(frame));
            }
            let mut wanted = [PollFd::new(&self.descriptor, PollFlags::IN)];
            match poll(&mut wanted, Some(&GLANCE)) {
                Ok(0) | Err(Errno::INTR) => return Ok(Received::Nothing),
                Ok(_) => {}
                Err(error) => return Err(error.into()),
            }
            let mut room = [0; READ_AT_ONCE];
            match recv(&self.descriptor, &mut room, RecvFlags::empty()) {
                Ok((0, _)) | Err(Errno::CONNRESET) => return Ok(Received::Closed),
                Ok((octets, _)) => self.held.extend(room.get(..octets).unwrap_or_default()),
                Err(Errno::INTR) => {}
                Err(error) => return Err(error.into()),
            }
        }
    }

    /// Sends a frame, with these descriptors on its first octet.
    pub(super) fn send(&self, frame: &[u8], descriptors: &[BorrowedFd<'_>]) -> io::Result<()> {
        let mut space = [MaybeUninit::uninit(); rustix::cmsg_space!(ScmRights(MOST_SOCKETS))];
        let mut rights = SendAncillaryBuffer::new(&mut space);
        if !descriptors.is_empty() {
            rights.push(SendAncillaryMessage::ScmRights(descriptors));
        }
        let mut left = frame;
        while !left.is_empty() {
            match sendmsg(
                &self.descriptor,
                &[IoSlice::new(left)],
                &mut rights,
                SendFlags::NOSIGNAL,
            ) {
                Ok(sent) => {
                    left = left.get(sent..).unwrap_or_default();
                    // They have gone with the first octet.
                    rights.clear();
                }
                Err(Errno::INTR) => {}
                Err(error) => return Err(error.into()),
            }
        }
        Ok(())
    }
}
