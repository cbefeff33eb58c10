//! A socket as frames, blocking, with deadlines.

use std::os::fd::BorrowedFd;
use std::time::Instant;

use rustix::event::{PollFd, PollFlags, poll};
use rustix::io::Errno;
use rustix::net::{RecvFlags, SendFlags, recv, send};

use crate::clock::until;
use crate::frames::{Frame, FrameReader, FromVault, MAX_RUN, ToVault};

/// Why there is no frame, or none got out.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) enum LineError {
    /// The other end is closed.
    Closed,
    /// The deadline is over.
    Late,
    /// The other end does not speak in frames.
    Frame,
}

/// The vault's end of its socket.
pub(super) struct Line<'a> {
    socket: BorrowedFd<'a>,
    reader: FrameReader,
    received: Vec<u8>,
    /// How much of `received` is used up.
    used: usize,
}

impl<'a> Line<'a> {
    pub(super) fn new(socket: BorrowedFd<'a>) -> Self {
        Self {
            socket,
            reader: FrameReader::new(),
            received: Vec::with_capacity(MAX_RUN),
            used: 0,
        }
    }

    /// The next frame.
    pub(super) fn receive(&mut self, deadline: Option<Instant>) -> Result<ToVault, LineError> {
        loop {
            let mut input = self.received.get(self.used..).unwrap_or_default();
            let frame = self.reader.next(&mut input)?;
            self.used = self.received.len().saturating_sub(input.len());
            if let Some(frame) = frame {
                return Ok(frame);
            }
            self.ready(PollFlags::IN, deadline)?;
            self.read()?;
        }
    }

    /// Sends a whole frame.
    pub(super) fn send(
        &mut self,
        frame: &FromVault,
        deadline: Option<Instant>,
    ) -> Result<(), LineError> {
        let octets = frame.to_octets()?;
        let mut left = octets.as_slice();
        while !left.is_empty() {
            self.ready(PollFlags::OUT, deadline)?;
            match send(self.socket, left, SendFlags::DONTWAIT | SendFlags::NOSIGNAL) {
                Ok(sent) => left = left.get(sent..).unwrap_or_default(),
                Err(Errno::AGAIN | Errno::INTR) => {}
                Err(_) => return Err(LineError::Closed),
            }
        }
        Ok(())
    }

    /// Waits until `moment`, unless the other end closes before.
    pub(super) fn wait(&mut self, moment: Instant) -> Result<(), LineError> {
        match self.ready(PollFlags::empty(), Some(moment)) {
            Err(LineError::Late) => Ok(()),
            Ok(()) => Err(LineError::Closed),
            Err(error @ (LineError::Closed | LineError::Frame)) => Err(error),
        }
    }

    fn read(&mut self) -> Result<(), LineError> {
        self.received.clear();
        self.received.resize(MAX_RUN, 0);
        self.used = 0;
        let read = recv(
            self.socket,
            self.received.as_mut_slice(),
            RecvFlags::DONTWAIT,
        );
        let (octets, outcome) = match read {
            Ok((0, _)) => (0, Err(LineError::Closed)),
            Ok((octets, _)) => (octets, Ok(())),
            Err(Errno::AGAIN | Errno::INTR) => (0, Ok(())),
            Err(_) => (0, Err(LineError::Closed)),
        };
        self.received.truncate(octets);
        outcome
    }

    /// Waits until the socket is ready for what is wanted, or its other end is closed.
    fn ready(&self, wanted: PollFlags, deadline: Option<Instant>) -> Result<(), LineError> {
        loop {
            let mut fds = [PollFd::new(&self.socket, wanted)];
            match poll(&mut fds, until(deadline).as_ref()) {
                Ok(0) => return Err(LineError::Late),
                Ok(_) => return Ok(()),
                Err(Errno::INTR) => {}
                Err(_) => return Err(LineError::Closed),
            }
        }
    }
}
