//! Somebody who was let in: who it really is, whether there is a place, and what serves it.

use std::{
    future::{Future, poll_fn},
    net::IpAddr,
    pin::Pin,
    sync::Arc,
    task::Poll,
};

use tokio::net::TcpStream;

use super::{Entrance, Presence};
use crate::{
    backend::prepare,
    config::ProxyProtocolIn,
    connection,
    event::{Event, Record},
    metrics::{ListenerKind, Metrics},
    passthrough::{self, Surroundings},
    peer::Peer,
    places::{Place, network},
    proxy_protocol,
    registry::State,
    shared::Shared,
    traces::SessionTrace,
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
    /// Has a worker serve the connection.
    pub(super) fn start(self) {
        let shared = Arc::clone(&self.shared);
        shared.workers.carry(move || self.serve());
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
        let open = Open::at(entrance.kind(), &shared.metrics);
        let trace = shared.tracer.session(number, entrance.kind());
        if let Ok(socket) = TcpStream::from_std(socket) {
            prepare(&socket);
            if let Some(peer) = introduced(&socket, peer, &entrance, &shared, number).await {
                // Not before: the log goes by who the client is.
                Record::of(Event::ConnectionOpened)
                    .session(number)
                    .address(peer.client)
                    .log(&shared.metrics);
                if let Some(_place) = placed(place, &peer, &shared, number) {
                    hand_over(socket, peer, entrance, Arc::clone(&shared), number, trace).await;
                }
            }
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
    socket: &TcpStream,
    peer: Peer,
    entrance: &Entrance,
    shared: &Shared,
    number: u64,
) -> Option<Peer> {
    let admission = entrance.admission();
    let policy = admission.proxy_protocol;
    if policy == ProxyProtocolIn::Off {
        return Some(peer);
    }
    let connected = peer.connected;
    // Most have no header, and their task need not be larger for it.
    let admitting = Box::pin(proxy_protocol::admit(
        socket,
        policy,
        &admission.trusted,
        peer,
        entrance.patience(),
    ));
    match admitting.await {
        Ok(peer) => Some(peer),
        Err(refused) => {
            Record::of(Event::ProxyHeaderRefused)
                .session(number)
                .address(connected)
                .reason(refused.reason())
                .log(&shared.metrics);
            None
        }
    }
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

/// What serves a connection, made where it stays: a future that is moved once lies twice in the one that moves it, for as
/// long as the connection lives.
fn hand_over(
    socket: TcpStream,
    peer: Peer,
    entrance: Entrance,
    shared: Arc<Shared>,
    number: u64,
    trace: SessionTrace,
) -> Pin<Box<dyn Future<Output = ()> + Send>> {
    let kind = entrance.kind();
    let entry = shared
        .registry
        .enter(number, kind.word(), &peer, shared.clock.now());
    match entrance {
        Entrance::Imap(listener) => Box::pin(connection::serve(
            socket, peer, listener, shared, entry, number, trace,
        )),
        Entrance::Passthrough(listener) => {
            entry.state(State::Passthrough);
            let around = Surroundings {
                number,
                listener,
                backends: shared.current.now().backends.clone(),
                metrics: Arc::clone(&shared.metrics),
                listing: entry.listing(),
                trace,
            };
            let mut passing = passthrough::run(socket, peer, around);
            Box::pin(poll_fn(move |cx| match entry.poll_kicked(cx) {
                Poll::Ready(()) => Poll::Ready(()),
                Poll::Pending => Pin::new(&mut passing).poll(cx).map(drop),
            }))
        }
    }
}

/// Counts a connection as open until it is dropped, whichever way its task ends.
struct Open<'a>(ListenerKind, &'a Metrics);

impl<'a> Open<'a> {
    fn at(kind: ListenerKind, metrics: &'a Metrics) -> Self {
        metrics.opened_at(kind);
        Self(kind, metrics)
    }
}

impl Drop for Open<'_> {
    fn drop(&mut self) {
        self.1.closed_at(self.0);
    }
}
