//! The server's end of the loader's socket: frames, and the descriptors that travel with them. Never blocks.

use std::{collections::VecDeque, io, mem::MaybeUninit, os::fd::OwnedFd};

use tokio::{io::Interest, net::UnixStream};
use zeroize::Zeroizing;

use super::{
    frames::{FrameReader, FromLoader, MOST_SOCKETS},
    out_of_turn,
};
use crate::descriptors::{receive, unless_blocked};

/// Octets read at once.
const READ_OCTETS: usize = 64 * 1024;

#[derive(Debug)]
pub(super) struct Socket {
    stream: UnixStream,
    reader: FrameReader,
    /// What was read and not yet looked at: a key may be in it.
    held: Zeroizing<Vec<u8>>,
    looked_at: usize,
    descriptors: VecDeque<OwnedFd>,
    unsent: Vec<u8>,
}

impl Socket {
    pub(super) fn new(socket: OwnedFd) -> io::Result<Self> {
        let stream = std::os::unix::net::UnixStream::from(socket);
        stream.set_nonblocking(true)?;
        Ok(Self {
            stream: UnixStream::from_std(stream)?,
            reader: FrameReader::default(),
            held: Zeroizing::new(Vec::new()),
            looked_at: 0,
            descriptors: VecDeque::new(),
            unsent: Vec::new(),
        })
    }

    /// Puts a frame behind those that wait; it goes out while [`Self::next`] is waited for.
    pub(super) fn send(&mut self, octets: &[u8]) {
        self.unsent.extend_from_slice(octets);
    }

    /// The next frame. Dropping the future loses nothing: what was read is held.
    pub(super) async fn next(&mut self) -> io::Result<FromLoader> {
        loop {
            let mut input = self.held.get(self.looked_at..).unwrap_or_default();
            let frame = self.reader.next(&mut input);
            self.looked_at = self.held.len().saturating_sub(input.len());
            match frame {
                Err(_) => return Err(out_of_turn("the loader broke the framing")),
                Ok(Some(frame)) => {
                    return FromLoader::decode(&frame)
                        .map_err(|_| out_of_turn("the loader broke the framing"));
                }
                Ok(None) => self.exchange().await?,
            }
        }
    }

    async fn exchange(&mut self) -> io::Result<()> {
        let wanted = if self.unsent.is_empty() {
            Interest::READABLE
        } else {
            Interest::READABLE.add(Interest::WRITABLE)
        };
        let ready = self.stream.ready(wanted).await?;
        if ready.is_readable() {
            self.read()?;
        }
        if ready.is_writable() && !self.unsent.is_empty() {
            let sent = unless_blocked(self.stream.try_write(&self.unsent))?;
            self.unsent.drain(..sent.unwrap_or(0));
        }
        Ok(())
    }

    fn read(&mut self) -> io::Result<()> {
        // What was looked at is wiped here, and the buffer of this read takes its place.
        self.held = Zeroizing::new(Vec::new());
        self.looked_at = 0;
        let mut room = Zeroizing::new(vec![0; READ_OCTETS]);
        let mut space = [MaybeUninit::uninit(); rustix::cmsg_space!(ScmRights(MOST_SOCKETS))];
        let Self {
            stream,
            descriptors,
            ..
        } = self;
        let read = stream.try_io(Interest::READABLE, || {
            receive(stream, &mut room, &mut space, descriptors)
        });
        match unless_blocked(read)? {
            Some(0) => return Err(io::ErrorKind::UnexpectedEof.into()),
            Some(read) => {
                room.truncate(read);
                self.held = room;
            }
            None => {}
        }
        Ok(())
    }

    /// The socket that belongs to the address just read of: descriptors keep the order of their frames.
    pub(super) fn descriptor(&mut self) -> io::Result<OwnedFd> {
        let descriptor = self.descriptors.pop_front();
        descriptor.ok_or_else(|| out_of_turn("an address came without its socket"))
    }
}
