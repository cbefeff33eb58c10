//! A socket just accepted, and the header it may begin with.

use std::{
    io,
    net::{IpAddr, SocketAddr},
    time::Duration,
};

use ipnet::IpNet;
use tokio::net::TcpStream;

use super::header::{self, Fault, Header, MOST_OCTETS, Reading};
use crate::{
    config::ProxyProtocolIn,
    peer::{Peer, Word},
};

/// Why a connection is closed before anything was said on it.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Refused {
    /// A header, or a connection that needs one, from where none is believed.
    Untrusted,
    /// What came is no header, or a wrong one.
    Broken(Fault),
    /// The header, or the first octet that would show whether there is one, did not come in time.
    Late,
    /// The connection ended before.
    Ended,
}

impl Refused {
    /// In words of our own, for the log.
    #[must_use]
    pub fn reason(self) -> &'static str {
        match self {
            Self::Untrusted => "a PROXY header is not believed from here",
            Self::Broken(Fault::Signature) => "no PROXY header",
            Self::Broken(Fault::TooLong) => "the PROXY header is too long",
            Self::Broken(Fault::Line) => "the PROXY line is broken",
            Self::Broken(Fault::Command) => "a PROXY command that is not known",
            Self::Broken(Fault::Family) => "a PROXY address family that is not taken",
            Self::Broken(Fault::Length) => "lengths in the PROXY header do not fit",
            Self::Broken(Fault::Checksum) => "the PROXY header's checksum is wrong",
            Self::Late => "the PROXY header took too long",
            Self::Ended => "the connection ended before its PROXY header",
        }
    }
}

/// Whether `address` is one of `trusted`. IPv4 in IPv6's clothes counts as IPv4.
#[must_use]
pub fn word(address: IpAddr, trusted: &[IpNet]) -> Word {
    let address = address.to_canonical();
    if trusted.iter().any(|network| network.contains(&address)) {
        Word::Trusted
    } else {
        Word::Stranger
    }
}

/// Reads the PROXY header of a connection that was just accepted, if `policy` and `peer.word` allow one, and gives who the
/// client is. From then on the client speaks, so that it is the client's word that counts: it is taken only if the client
/// itself is one of `trusted`. Afterwards the socket stands at the first octet behind the header: TLS, or whatever comes, begins there.
///
/// With [`ProxyProtocolIn::Optional`] the first octet decides, so the client must be the one to speak first: not for a
/// listener that greets. With [`ProxyProtocolIn::Off`] nothing is awaited.
///
/// # Errors
/// [`Refused`]: log `proxy_header_refused` with its reason and close.
pub async fn admit(
    socket: &TcpStream,
    policy: ProxyProtocolIn,
    trusted: &[IpNet],
    peer: Peer,
    deadline: Duration,
) -> Result<Peer, Refused> {
    match (policy, peer.word) {
        (ProxyProtocolIn::Off, _) => return Ok(peer),
        (ProxyProtocolIn::Required, Word::Stranger) => return Err(Refused::Untrusted),
        (ProxyProtocolIn::Required, Word::Trusted) | (ProxyProtocolIn::Optional, _) => {}
    }
    match tokio::time::timeout(deadline, awaited(socket, policy, trusted, peer)).await {
        Ok(admitted) => admitted,
        Err(_) => Err(Refused::Late),
    }
}

async fn awaited(
    socket: &TcpStream,
    policy: ProxyProtocolIn,
    trusted: &[IpNet],
    peer: Peer,
) -> Result<Peer, Refused> {
    if policy == ProxyProtocolIn::Optional {
        let mut first = [0];
        if peek(socket, &mut first).await? == 0 {
            return Err(Refused::Ended);
        }
        match (header::is_start(first[0]), peer.word) {
            (false, _) => return Ok(peer),
            (true, Word::Stranger) => return Err(Refused::Untrusted),
            (true, Word::Trusted) => {}
        }
    }
    Ok(told(peer, whole(socket).await?, trusted))
}

/// A header that names nobody (LOCAL, UNKNOWN) is the proxy's own connection.
fn told(mut peer: Peer, header: Header, trusted: &[IpNet]) -> Peer {
    if let Header::Proxied(ends) = header {
        peer.client = canonical(ends.client);
        peer.server = canonical(ends.server);
        peer.word = word(peer.client.ip(), trusted);
    }
    peer
}

/// Limits and penalties must not see one client as two.
fn canonical(address: SocketAddr) -> SocketAddr {
    SocketAddr::new(address.ip().to_canonical(), address.port())
}

/// Takes exactly the header from the socket. What is peeked at is always taken as far as it belongs to the header, so
/// that the socket is not ready again before something new has come.
async fn whole(socket: &TcpStream) -> Result<Header, Refused> {
    let mut octets = Vec::new();
    let mut peeked = [0; 256];
    loop {
        let missing = match header::read(&octets) {
            Reading::Whole { header, .. } => return Ok(header),
            Reading::Broken(fault) => return Err(Refused::Broken(fault)),
            Reading::More(missing) => missing,
        };
        let there = peek(socket, &mut peeked).await?;
        let there = peeked.get(..there).unwrap_or_default();
        let take = belonging(&octets, there, missing);
        if take == 0 {
            return Err(Refused::Ended);
        }
        let before = octets.len();
        octets.resize(before.saturating_add(take), 0);
        let place = octets.get_mut(before..).unwrap_or_default();
        take_exactly(socket, place).await?;
        debug_assert!(octets.len() <= MOST_OCTETS);
    }
}

/// How many of the octets that are `there` belong to the header that begins with `octets`: those up to its end, or all.
fn belonging(octets: &[u8], there: &[u8], missing: usize) -> usize {
    let both = [octets, there].concat();
    match header::read(&both) {
        Reading::Whole { octets: whole, .. } => whole.saturating_sub(octets.len()),
        // The start of a header, all of it.
        Reading::More(_) => there.len(),
        Reading::Broken(_) => there.len().min(missing),
    }
}

async fn peek(socket: &TcpStream, octets: &mut [u8]) -> Result<usize, Refused> {
    socket.peek(octets).await.map_err(|_| Refused::Ended)
}

/// Takes octets that were peeked at: they are there.
async fn take_exactly(socket: &TcpStream, mut place: &mut [u8]) -> Result<(), Refused> {
    while !place.is_empty() {
        match socket.try_read(place) {
            Ok(0) => return Err(Refused::Ended),
            Ok(taken) => place = place.get_mut(taken..).unwrap_or_default(),
            Err(e) if e.kind() == io::ErrorKind::WouldBlock => {
                socket.readable().await.map_err(|_| Refused::Ended)?;
            }
            Err(_) => return Err(Refused::Ended),
        }
    }
    Ok(())
}
