//! Moves octets between a client's, the store's and a vault's sockets as the session says. Decides nothing itself.
//!
//! One task a connection. When it is woken it does everything that can be done without waiting, and then sleeps again;
//! what it holds meanwhile is what a neighbour did not take.
//!
//! | module | holds |
//! | --- | --- |
//! | [`turn`] | one look at everything that may have happened |
//! | [`obey`] | what the session asks for: vaults, stores, compression |
//! | [`dialling`] | the way to the user's store, with penalties and limits |
//! | [`alarm`], [`employed`] | the connection's one timer; the vault's socket |
//! | [`spans`] | what of all that a collector of traces is told |

mod alarm;
mod dialling;
mod employed;
mod obey;
mod spans;
mod turn;

use std::{collections::HashMap, future::poll_fn, pin::Pin, sync::Arc, time::Duration};

use keyreveal::{ChannelBinding, KeyId};
use tokio::{
    net::UnixStream,
    sync::{oneshot, watch},
};

use crate::{
    clock::{Clock, Moment},
    leg::Leg,
    metrics::{Metrics, Way},
    places::{Place, Places},
    registry::Entry,
    serve::Stop,
    session::{Handshake, Session},
    traces::SessionTrace,
    vaults::{Answers, Vaults},
};
use alarm::Alarm;
use dialling::Dialling;
pub(crate) use dialling::{Dial, Dialled};
use employed::Employed;
use spans::Spans;

/// How long the store may leave the last octets for it, before it is left itself.
const CLOSING: Duration = Duration::from_secs(2);

/// What a session's relay needs of the server.
#[derive(Debug)]
pub(crate) struct Neighbours {
    pub(crate) number: u64,
    pub(crate) vaults: Vaults,
    /// The statements that each user holds unused, over all connections.
    pub(crate) unused: Places<String>,
    pub(crate) metrics: Arc<Metrics>,
    pub(crate) clock: Clock,
    /// Says when the server is being stopped.
    pub(crate) stopping: watch::Receiver<Stop>,
    /// Reaches stores.
    pub(crate) dial: Dial,
    /// The session's place among those that live.
    pub(crate) entry: Entry,
}

/// Why the relay comes back.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Turn {
    /// All is said, or nobody is left to hear it: [`Relay::close`].
    Over,
    /// The client has what was said in clear, and TLS is to begin: [`Relay::begin_tls`], then [`Relay::secured`].
    StartTls,
}

/// The relay of one connection.
pub(crate) struct Relay {
    client: Leg,
    /// By which key statements know the client's TLS connection.
    channel_binding: Option<ChannelBinding>,
    store: Option<Box<Dialled>>,
    dialling: Option<Pin<Box<Dialling>>>,
    /// The vault that works for this session now.
    vault: Option<Employed>,
    /// Vaults whose statements the client holds, each in one of its user's places.
    issued: HashMap<KeyId, (UnixStream, Option<Place<String>>)>,
    asking: Option<oneshot::Receiver<Answers>>,
    /// Places for the vaults that are being asked for.
    places: Vec<Place<String>>,
    session: Session,
    neighbours: Neighbours,
    spans: Spans,
    alarm: Alarm,
    stop: turn::Stopping,
    start_tls: obey::StartTls,
    /// Since when the client takes nothing of what it is sent, and how much it had taken by then.
    unread: Option<(Moment, u64)>,
}

impl Relay {
    /// A relay for a client that is connected, over TLS if `channel_binding` is there.
    pub(crate) fn new(
        client: Leg,
        channel_binding: Option<ChannelBinding>,
        session: Session,
        neighbours: Neighbours,
        trace: SessionTrace,
    ) -> Self {
        Self {
            client,
            channel_binding,
            store: None,
            dialling: None,
            vault: None,
            issued: HashMap::new(),
            asking: None,
            places: Vec::new(),
            session,
            spans: Spans::new(trace),
            alarm: Alarm::new(neighbours.clock),
            stop: turn::Stopping::new(neighbours.stopping.clone()),
            neighbours,
            start_tls: obey::StartTls::NotAsked,
            unread: None,
        }
    }

    /// Relays until there is something that is not the relay's to do.
    pub(crate) async fn run(&mut self) -> Turn {
        poll_fn(|cx| self.poll(cx)).await
    }

    /// The client's leg, for its TLS handshake.
    pub(crate) fn client(&mut self) -> &mut Leg {
        &mut self.client
    }

    /// The session's trace, for its handshake.
    pub(crate) fn spans(&self) -> &Spans {
        &self.spans
    }

    /// TLS is there; `external`: what the client's certificate proves.
    pub(crate) fn secured(&mut self, binding: ChannelBinding, handshake: Handshake) {
        self.channel_binding = Some(binding);
        self.start_tls = obey::StartTls::NotAsked;
        self.session.secured(handshake, self.neighbours.clock.now());
    }

    /// Lets the vaults go, then sends both sides what is left for them and closes: a slow client gets its last answer
    /// as long as it takes some of it in time, and whoever takes nothing is left.
    pub(crate) async fn close(mut self: Box<Self>) {
        self.settle_login();
        self.vault = None;
        self.issued.clear();
        let patience = self.session.settings().unread;
        if let Some(mut store) = self.store.take() {
            part(&mut store.leg, &mut self.session, Way::ToStore, CLOSING).await;
        }
        let Self {
            client, session, ..
        } = &mut *self;
        part(client, session, Way::ToClient, patience).await;
        self.spans.end(&self.neighbours.entry);
    }
}

/// Sends all that waits and ends the connection; gives up where `patience` passes without a step.
async fn part(leg: &mut Leg, session: &mut Session, way: Way, patience: Duration) {
    while !session.outbox(way).is_empty() {
        let front = session.outbox(way).front();
        let octets = front.len();
        if leg.push(front).is_err() {
            return;
        }
        session.sent_last(way, octets);
    }
    loop {
        let before = leg.taken();
        let finished = tokio::time::timeout(patience, leg.finish()).await;
        if finished.is_ok() || leg.taken() == before {
            return;
        }
    }
}

#[cfg(test)]
mod tests;
