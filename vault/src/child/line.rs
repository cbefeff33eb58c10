//! A socket as frames, blocking, with deadlines.

use std::ops::Range;
use std::os::fd::BorrowedFd;
use std::time::Instant;

use rustix::event::{PollFd, PollFlags, poll};
use rustix::io::Errno;
use rustix::net::{RecvFlags, SendFlags, recv, send};

use crate::clock::until;
use crate::frames::{Frame, FromVault, LENGTH_OCTETS, MAX_FRAME, ToVault, first};

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
    room: Box<[u8]>,
    /// Where in `room` the octets lie that came and are not used up.
    came: Range<usize>,
}

/// Octets that are taken from the socket at once: the longest frame, and what may come behind it.
const ROOM: usize = 2 * (LENGTH_OCTETS + MAX_FRAME);

impl<'a> Line<'a> {
    pub(super) fn new(socket: BorrowedFd<'a>) -> Self {
        Self {
            socket,
            room: vec![0; ROOM].into_boxed_slice(),
            came: 0..0,
        }
    }

    /// The next frame.
    pub(super) fn receive(&mut self, deadline: Option<Instant>) -> Result<ToVault, LineError> {
        let frame = self.frame(deadline)?;
        Ok(ToVault::of(frame)?)
    }

    /// The next frame's octets, from its kind on, where they came in.
    pub(super) fn frame(&mut self, deadline: Option<Instant>) -> Result<&[u8], LineError> {
        let len = loop {
            if let Some(frame) = first(self.room.get(self.came.clone()).unwrap_or_default())? {
                break frame.len();
            }
            self.ready(PollFlags::IN, deadline)?;
            self.read()?;
        };
        let start = self.came.start.saturating_add(LENGTH_OCTETS);
        let end = start.saturating_add(len);
        self.came.start = end;
        self.room.get(start..end).ok_or(LineError::Frame)
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

    /// Takes what there is behind what came before.
    fn read(&mut self) -> Result<(), LineError> {
        self.room.copy_within(self.came.clone(), 0);
        self.came = 0..self.came.len();
        let room = self.room.get_mut(self.came.end..).unwrap_or_default();
        match recv(self.socket, room, RecvFlags::DONTWAIT) {
            Ok((_, 0)) => Err(LineError::Closed),
            Ok((_, octets)) => {
                self.came.end = self.came.end.saturating_add(octets);
                Ok(())
            }
            Err(Errno::AGAIN | Errno::INTR) => Ok(()),
            Err(_) => Err(LineError::Closed),
        }
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
