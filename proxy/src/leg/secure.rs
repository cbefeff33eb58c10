//! TLS over a socket, by rustls: its records are read through the thread's room, and written by as few calls as can be.

use std::{
    io::{self, Read as _, Write},
    pin::Pin,
    task::{Context, Poll, ready},
};

use rustls::Connection;
use tokio::{
    io::{AsyncRead as _, ReadBuf},
    net::TcpStream,
};

use super::Room;

/// A TLS connection.
#[derive(Debug)]
pub(super) struct Secure {
    connection: Connection,
    taken: u64,
}

impl Secure {
    pub(super) fn new(mut connection: Connection) -> Self {
        // The relay bounds what it pushes; a second bound here would only cut its records.
        connection.set_buffer_limit(None);
        Self {
            connection,
            taken: 0,
        }
    }

    pub(super) fn connection(&self) -> &Connection {
        &self.connection
    }

    /// Octets to be encrypted.
    pub(super) fn push(&mut self, octets: &[u8]) -> io::Result<()> {
        self.connection.writer().write_all(octets)
    }

    /// No more will be said.
    pub(super) fn say_goodbye(&mut self) {
        self.connection.send_close_notify();
    }

    pub(super) fn is_sending(&self) -> bool {
        self.connection.wants_write()
    }

    /// Octets that the socket ever took.
    pub(super) fn taken(&self) -> u64 {
        self.taken
    }

    /// Writes what TLS has to say, until all is written.
    pub(super) fn poll_send(
        &mut self,
        socket: &TcpStream,
        cx: &mut Context<'_>,
    ) -> Poll<io::Result<()>> {
        while self.connection.wants_write() {
            match self.connection.write_tls(&mut Outward(socket)) {
                Ok(0) => return Poll::Ready(Err(io::ErrorKind::WriteZero.into())),
                Ok(count) => self.taken += count as u64,
                Err(error) if error.kind() == io::ErrorKind::WouldBlock => {
                    ready!(socket.poll_write_ready(cx))?;
                }
                Err(error) => return Poll::Ready(Err(error)),
            }
        }
        Poll::Ready(Ok(()))
    }

    /// Reads once from the socket for the handshake; what comes decrypted stays inside.
    pub(super) fn poll_feed(
        &mut self,
        socket: &mut TcpStream,
        cx: &mut Context<'_>,
        wire: &mut [u8],
    ) -> Poll<io::Result<()>> {
        // As much as rustls takes before a record of plaintext could have to wait.
        let most = wire.len().min(4096);
        let wire = wire.get_mut(..most).unwrap_or_default();
        let count = ready!(poll_read(socket, cx, wire))?;
        if count == 0 {
            return Poll::Ready(Err(io::ErrorKind::UnexpectedEof.into()));
        }
        let mut octets = wire.get(..count).unwrap_or_default();
        while !octets.is_empty() {
            self.connection.read_tls(&mut octets)?;
            self.process()?;
        }
        Poll::Ready(Ok(()))
    }

    /// The next decrypted octets, into the room; 0: the peer has said that no more comes.
    pub(super) fn poll_receive(
        &mut self,
        socket: &mut TcpStream,
        cx: &mut Context<'_>,
        room: &mut Room,
    ) -> Poll<io::Result<usize>> {
        let Room { wire, clear, .. } = room;
        loop {
            let mut decrypted = 0;
            if self.drain(clear, &mut decrypted)? == Stream::Ended || decrypted > 0 {
                return Poll::Ready(Ok(decrypted));
            }
            let count = ready!(poll_read(socket, cx, wire))?;
            let mut octets = wire.get(..count).unwrap_or_default();
            if octets.is_empty() {
                self.connection.read_tls(&mut octets)?; // tells rustls of the end
            }
            let mut stream = Stream::GoesOn;
            // Octets behind a close_notify are nobody's.
            while !octets.is_empty() && stream == Stream::GoesOn {
                self.connection.read_tls(&mut octets)?;
                self.process()?;
                stream = self.drain(clear, &mut decrypted)?;
            }
            if decrypted > 0 {
                return Poll::Ready(Ok(decrypted));
            }
            // A key update wants its answer, even if nobody has anything to say.
            if self.connection.wants_write() && self.poll_send(socket, cx)?.is_pending() {
                // Whoever sends next goes on with it.
            }
        }
    }

    fn process(&mut self) -> io::Result<()> {
        let processed = self.connection.process_new_packets();
        processed
            .map(drop)
            .map_err(|error| io::Error::new(io::ErrorKind::InvalidData, error))
    }

    /// Moves what is decrypted to the room, behind what is there.
    fn drain(&mut self, clear: &mut [u8], filled: &mut usize) -> io::Result<Stream> {
        loop {
            let room = clear.get_mut(*filled..).unwrap_or_default();
            if room.is_empty() {
                return Ok(Stream::GoesOn);
            }
            match self.connection.reader().read(room) {
                Ok(0) => return Ok(Stream::Ended),
                Ok(count) => *filled += count,
                Err(error) if error.kind() == io::ErrorKind::WouldBlock => {
                    return Ok(Stream::GoesOn);
                }
                Err(error) => return Err(error),
            }
        }
    }
}

/// Whether more may come.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
enum Stream {
    GoesOn,
    Ended,
}

/// Reads what is there. Tokio knows by a short read that nothing more is, and does not ask the kernel again.
pub(super) fn poll_read(
    socket: &mut TcpStream,
    cx: &mut Context<'_>,
    wire: &mut [u8],
) -> Poll<io::Result<usize>> {
    let mut wire = ReadBuf::new(wire);
    ready!(Pin::new(socket).poll_read(cx, &mut wire))?;
    Poll::Ready(Ok(wire.filled().len()))
}

/// The socket as rustls writes to it: all its records by one call.
struct Outward<'a>(&'a TcpStream);

impl Write for Outward<'_> {
    fn write(&mut self, octets: &[u8]) -> io::Result<usize> {
        self.0.try_write(octets)
    }

    fn write_vectored(&mut self, octets: &[io::IoSlice<'_>]) -> io::Result<usize> {
        match octets {
            // The call for one piece is cheaper.
            [one] => self.0.try_write(one),
            several => self.0.try_write_vectored(several),
        }
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}
