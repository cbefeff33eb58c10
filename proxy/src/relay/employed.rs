//! The socket of the vault that works for a session now.

use std::{
    io,
    task::{Context, Poll, ready},
};

use tokio::net::UnixStream;

/// An employed vault. Dropping it ends the vault.
#[derive(Debug)]
pub(super) struct Employed(UnixStream);

impl Employed {
    pub(super) fn new(socket: UnixStream) -> Self {
        Self(socket)
    }

    /// Reads what the vault says; 0, or an error: it has ended.
    pub(super) fn poll_receive(
        &mut self,
        cx: &mut Context<'_>,
        room: &mut [u8],
    ) -> Poll<io::Result<usize>> {
        loop {
            ready!(self.0.poll_read_ready(cx))?;
            match self.0.try_read(room) {
                Err(error) if error.kind() == io::ErrorKind::WouldBlock => {}
                read => return Poll::Ready(read),
            }
        }
    }

    /// Writes some of `octets`: how many.
    pub(super) fn poll_send(
        &mut self,
        cx: &mut Context<'_>,
        octets: &[u8],
    ) -> Poll<io::Result<usize>> {
        loop {
            ready!(self.0.poll_write_ready(cx))?;
            match self.0.try_write(octets) {
                Err(error) if error.kind() == io::ErrorKind::WouldBlock => {}
                wrote => return Poll::Ready(wrote),
            }
        }
    }
}
