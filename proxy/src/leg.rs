//! One side of a relayed connection: a socket, TLS over it or not, COMPRESS over that or not.
//!
//! A leg holds no buffer while nothing flows: what is read goes through the [`Room`] that its worker's thread has once, and
//! what is written stays only where the other end does not take it. It decides nothing: it must not look at what it
//! carries.

mod deflate;
mod room;
mod secure;

use std::{
    io,
    task::{Context, Poll, ready},
};

use tokio::{io::AsyncWriteExt, net::TcpStream};
use zeroize::Zeroizing;

pub(crate) use room::Room;

use deflate::Deflate;
use secure::Secure;

/// Octets that are gathered into one write; more are written as they are.
const GATHER: usize = 8 * 1024;

/// One side of a connection.
#[derive(Debug)]
pub(crate) struct Leg {
    socket: TcpStream,
    secure: Option<Box<Secure>>,
    deflate: Option<Box<Deflate>>,
    /// Without TLS: what the socket has not taken. It may be a password, so it is wiped however the leg ends.
    unsent: Zeroizing<Vec<u8>>,
    sent: usize,
    /// Octets that the socket ever took.
    taken: u64,
}

/// Where octets that were read lie in the room.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
enum Place {
    Wire,
    Clear,
}

impl Leg {
    /// A socket as it is.
    pub(crate) fn plain(socket: TcpStream) -> Self {
        Self {
            socket,
            secure: None,
            deflate: None,
            unsent: Zeroizing::default(),
            sent: 0,
            taken: 0,
        }
    }

    /// A socket whose TLS handshake is done or is still to be done ([`Self::shake_hands`]).
    pub(crate) fn secure(socket: TcpStream, connection: rustls::Connection) -> Self {
        Self {
            secure: Some(Box::new(Secure::new(connection))),
            ..Self::plain(socket)
        }
    }

    /// TLS begins on a leg that had none. Nothing may wait to be written.
    pub(crate) fn begin_tls(&mut self, connection: rustls::Connection) {
        debug_assert!(!self.is_sending(), "what is said in clear is sent in clear");
        self.secure = Some(Box::new(Secure::new(connection)));
    }

    /// The TLS connection.
    pub(crate) fn tls(&self) -> Option<&rustls::Connection> {
        self.secure.as_ref().map(|secure| secure.connection())
    }

    /// Carries the TLS handshake to its end.
    ///
    /// # Errors
    /// What the peer did wrong, or that it went away. What TLS has to say of it was sent, where that was possible.
    pub(crate) async fn shake_hands(&mut self) -> io::Result<()> {
        std::future::poll_fn(|cx| Room::with(|room| self.poll_handshake(cx, room))).await
    }

    fn poll_handshake(&mut self, cx: &mut Context<'_>, room: &mut Room) -> Poll<io::Result<()>> {
        loop {
            let Some(secure) = &mut self.secure else {
                return Poll::Ready(Ok(()));
            };
            // The last flight goes out with whatever is said first behind it.
            if !secure.connection().is_handshaking() {
                return Poll::Ready(Ok(()));
            }
            ready!(secure.poll_send(&self.socket, cx))?;
            let fed = ready!(secure.poll_feed(&mut self.socket, cx, &mut room.wire));
            if let Err(error) = fed {
                // An alert: best effort, for the peer that is being refused.
                drop(secure.poll_send(&self.socket, cx));
                return Poll::Ready(Err(error));
            }
        }
    }

    /// From the next octet on both ways are compressed (RFC 4978). `early`: octets that were read already and belong to the
    /// compressed stream. What was pushed before goes out as it is.
    pub(crate) fn compress(&mut self, early: &[u8]) {
        self.deflate = Some(Box::new(Deflate::new(early)));
    }

    /// Gives back what compression holds while nothing flows.
    pub(crate) fn rest(&mut self) {
        if let Some(deflate) = &mut self.deflate {
            deflate.rest();
        }
    }

    /// The next octets that the other end says; none: it says no more.
    ///
    /// # Errors
    /// Where the connection broke, in TLS or below, or what came cannot be decompressed.
    pub(crate) fn poll_receive<'r>(
        &mut self,
        cx: &mut Context<'_>,
        room: &'r mut Room,
    ) -> Poll<io::Result<&'r mut [u8]>> {
        loop {
            if let Some(deflate) = &mut self.deflate {
                let count = deflate.inflate_held(&mut room.flat)?;
                if count > 0 {
                    return Poll::Ready(Ok(room.flat.get_mut(..count).unwrap_or_default()));
                }
            }
            let (place, count) = ready!(self.poll_transport(cx, room))?;
            let Room { wire, clear, .. } = room;
            let buffer = match place {
                Place::Wire => wire,
                Place::Clear => clear,
            };
            match &mut self.deflate {
                Some(deflate) if count > 0 => {
                    deflate.hold(buffer.get(..count).unwrap_or_default());
                }
                Some(_) | None => {
                    return Poll::Ready(Ok(room.at(place).get_mut(..count).unwrap_or_default()));
                }
            }
        }
    }

    fn poll_transport(
        &mut self,
        cx: &mut Context<'_>,
        room: &mut Room,
    ) -> Poll<io::Result<(Place, usize)>> {
        match &mut self.secure {
            Some(secure) => {
                let count = ready!(secure.poll_receive(&mut self.socket, cx, room))?;
                Poll::Ready(Ok((Place::Clear, count)))
            }
            None => {
                let count = ready!(secure::poll_read(&mut self.socket, cx, &mut room.wire))?;
                Poll::Ready(Ok((Place::Wire, count)))
            }
        }
    }

    /// Takes octets for the other end. To be called only while nothing waits ([`Self::is_sending`]), so that what is held
    /// is bounded by what is pushed at once; [`Self::poll_flush`] must follow.
    ///
    /// # Errors
    /// Where the connection broke.
    pub(crate) fn push(&mut self, octets: &[u8]) -> io::Result<()> {
        match &mut self.deflate {
            None => push_through(&self.socket, &mut self.secure, &mut self.unsent, octets),
            Some(deflate) => {
                let (socket, secure, unsent) = (&self.socket, &mut self.secure, &mut self.unsent);
                deflate.write(octets, |run| push_through(socket, secure, unsent, run))
            }
        }
    }

    /// How much was ever sent, whatever it was: if it grows, the other end reads.
    pub(crate) fn taken(&self) -> u64 {
        self.taken + self.secure.as_ref().map_or(0, |secure| secure.taken())
    }

    /// Whether the other end has not taken everything that was pushed and flushed.
    pub(crate) fn is_sending(&self) -> bool {
        let secure = self.secure.as_ref();
        let deflate = self.deflate.as_ref();
        !self.unsent.is_empty()
            || secure.is_some_and(|secure| secure.is_sending())
            || deflate.is_some_and(|deflate| deflate.holds())
    }

    /// Sends all that was pushed: a compressed stream up to an octet boundary, so that nothing said waits for what is
    /// said next.
    ///
    /// # Errors
    /// Where the connection broke.
    pub(crate) fn poll_flush(&mut self, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        if let Some(deflate) = &mut self.deflate {
            let (socket, secure, unsent) = (&self.socket, &mut self.secure, &mut self.unsent);
            deflate.flush(|run| push_through(socket, secure, unsent, run))?;
        }
        match &mut self.secure {
            Some(secure) => secure.poll_send(&self.socket, cx),
            None => self.poll_send(cx),
        }
    }

    fn poll_send(&mut self, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        while let Some(rest) = self.unsent.get(self.sent..).filter(|rest| !rest.is_empty()) {
            match self.socket.try_write(rest) {
                Ok(0) => return Poll::Ready(Err(io::ErrorKind::WriteZero.into())),
                Ok(count) => {
                    self.sent += count;
                    self.taken += count as u64;
                }
                Err(error) if error.kind() == io::ErrorKind::WouldBlock => {
                    ready!(self.socket.poll_write_ready(cx))?;
                }
                Err(error) => return Poll::Ready(Err(error)),
            }
        }
        self.unsent = Zeroizing::default();
        self.sent = 0;
        Poll::Ready(Ok(()))
    }

    /// Sends what waits.
    ///
    /// # Errors
    /// Where the connection broke.
    pub(crate) async fn flush(&mut self) -> io::Result<()> {
        std::future::poll_fn(|cx| self.poll_flush(cx)).await
    }

    /// Sends what waits, then says that no more comes, in TLS too.
    ///
    /// # Errors
    /// Where the connection broke.
    pub(crate) async fn finish(&mut self) -> io::Result<()> {
        self.flush().await?;
        if let Some(secure) = &mut self.secure {
            secure.say_goodbye();
        }
        self.flush().await?;
        self.socket.shutdown().await
    }
}

/// The way below compression.
fn push_through(
    socket: &TcpStream,
    secure: &mut Option<Box<Secure>>,
    unsent: &mut Vec<u8>,
    octets: &[u8],
) -> io::Result<()> {
    if let Some(secure) = secure {
        return secure.push(octets);
    }
    let mut rest = octets;
    // What is long is not copied first; what is short waits for what comes with it.
    while unsent.is_empty() && rest.len() > GATHER {
        match socket.try_write(rest) {
            Ok(count) => rest = rest.get(count..).unwrap_or_default(),
            Err(error) if error.kind() == io::ErrorKind::WouldBlock => break,
            Err(error) => return Err(error),
        }
    }
    unsent.extend_from_slice(rest);
    Ok(())
}

#[cfg(test)]
mod tests;
