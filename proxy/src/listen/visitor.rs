//! Somebody who was let in: who it really is, whether there is a place, and what serves it.

use std::{net::IpAddr, sync::Arc};

use rustix::net::sockopt::{set_socket_keepalive, set_tcp_nodelay};
use tokio::net::TcpStream;

use super::{Entrance, Presence};
use crate::{
    config::ProxyProtocolIn,
    connection,
    event::{Event, Record},
    metrics::Metrics,
    peer::{Peer, Word},
    places::{Place, network},
    shared::Shared,
};

/// A connection on its way to what serves it.
pub(super) struct Visitor {
    pub(super) socket: std::net::TcpStream,
    pub(super) peer: Peer,
    pub(super) place: Place<IpAddr>,
    pub(super) entrance: Entrance,
    pub(super) number: u64,
    pub(super) shared: Arc<Shared>,
    pub(super) presence: Presence,
}

impl Visitor {
    /// Serves the connection, from now on and elsewhere.
    pub(super) fn start(self) {
        tokio::spawn(self.serve());
    }

    async fn serve(self) {
        let Self {
            socket,
            peer,
            place,
            entrance,
            number,
            shared,
            presence,
        } = self;
        Record::of(Event::ConnectionOpened)
            .session(number)
            .address(peer.client)
            .log(&shared.metrics);
        shared.metrics.opened();
        let open = Open(&shared.metrics);
        prepare(&socket);
        if let Ok(socket) = TcpStream::from_std(socket)
            && let Some((socket, peer)) = introduced(socket, peer, &entrance, &shared, number).await
            && let Some(_place) = placed(place, &peer, &shared, number)
        {
            hand_over(socket, peer, entrance, &shared, number).await;
        }
        drop(open);
        Record::of(Event::ConnectionClosed)
            .session(number)
            .log(&shared.metrics);
        drop(presence);
    }
}

/// Finds out who it is: where a proxy in front says so, by its word.
async fn introduced(
    socket: TcpStream,
    peer: Peer,
    entrance: &Entrance,
    shared: &Shared,
    number: u64,
) -> Option<(TcpStream, Peer)> {
    let refused = match (entrance.admission().proxy_protocol, peer.word) {
        (ProxyProtocolIn::Off, _) | (ProxyProtocolIn::Optional, Word::Stranger) => {
            return Some((socket, peer));
        }
        (ProxyProtocolIn::Required, Word::Stranger) => "it comes from outside the trusted networks",
        // The seam for `proxy_protocol::admit`.
        (ProxyProtocolIn::Optional | ProxyProtocolIn::Required, Word::Trusted) => {
            "the header cannot be read"
        }
    };
    Record::of(Event::ProxyHeaderRefused)
        .session(number)
        .address(peer.connected)
        .reason(refused)
        .log(&shared.metrics);
    None
}

/// The place counts for who the client is, once that is known.
fn placed(
    place: Place<IpAddr>,
    peer: &Peer,
    shared: &Shared,
    number: u64,
) -> Option<Place<IpAddr>> {
    let placed = place.pass_to(network(peer.client.ip()));
    if placed.is_none() {
        Record::of(Event::ConnectionRefused)
            .session(number)
            .address(peer.client)
            .reason("too many connections")
            .log(&shared.metrics);
    }
    placed
}

async fn hand_over(
    socket: TcpStream,
    peer: Peer,
    entrance: Entrance,
    shared: &Arc<Shared>,
    number: u64,
) {
    match entrance {
        Entrance::Imap(listener) => {
            connection::serve(socket, peer, listener, Arc::clone(shared), number).await;
        }
        // The seam for `passthrough::run`.
        Entrance::Passthrough(_) => Record::of(Event::PassthroughRefused)
            .session(number)
            .address(peer.client)
            .log(&shared.metrics),
    }
}

/// Small lines go out at once, and a peer that is gone is noticed in the end. Best effort: the deadlines hold anyway.
fn prepare(socket: &std::net::TcpStream) {
    set_tcp_nodelay(socket, true).unwrap_or_default();
    set_socket_keepalive(socket, true).unwrap_or_default();
}

/// Counts a connection as open until it is dropped, whichever way its task ends.
struct Open<'a>(&'a Metrics);

impl Drop for Open<'_> {
    fn drop(&mut self) {
        self.0.closed();
    }
}
