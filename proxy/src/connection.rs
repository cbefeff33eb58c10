//! One client's connection to an IMAP listener, from its first octet to its last: TLS, the session, the relay.

use std::{future::Future, pin::Pin, sync::Arc};

use keyreveal::ChannelBinding;
use rustls::ServerConnection;
use tokio::net::TcpStream;
use wire::imap::{Capabilities, sasl::Mechanism};

use crate::{
    backend::Backends,
    config::TlsStart,
    event::{Event, Record},
    leg::Leg,
    metrics::HandshakeOutcome,
    peer::Peer,
    registry::{Entry, State},
    relay::{Dial, Neighbours, Relay, Turn},
    session::{Facts, Handshake, Protection, Session, Settings, Warden, facts},
    shared::Shared,
    snapshot::{ImapListener, Snapshot},
    tls,
    traces::{Outcome, SessionTrace, Span, SpanName},
};

/// What is offered where every store has it, in this order. EXTERNAL depends on the client's certificate, and is not here.
const CARRIED: [Mechanism; 6] = [
    Mechanism::ScramSha256,
    Mechanism::ScramSha1,
    Mechanism::OAuthBearer,
    Mechanism::XOAuth2,
    Mechanism::Plain,
    Mechanism::Login,
];

/// What TLS has told.
struct Secured {
    binding: ChannelBinding,
    handshake: Handshake,
}

struct Connection {
    number: u64,
    listener: Arc<ImapListener>,
    shared: Arc<Shared>,
}

/// Serves a client until its session is over.
pub(crate) async fn serve(
    socket: TcpStream,
    peer: Peer,
    listener: Arc<ImapListener>,
    shared: Arc<Shared>,
    entry: Entry,
    number: u64,
    trace: SessionTrace,
) {
    let connection = Connection {
        number,
        listener,
        shared,
    };
    // What only the beginning and the end need is in boxes of its own: most of the time a session is neither.
    let Some(mut relay) = connection.begin(socket, peer, entry, trace).await else {
        return;
    };
    while relay.run().await == Turn::StartTls {
        if Box::pin(connection.start_tls(&mut relay)).await.is_none() {
            return;
        }
    }
    Box::pin(relay.close()).await;
}

impl Connection {
    fn tell(&self, record: Record<'_>) {
        record.session(self.number).log(&self.shared.metrics);
    }

    fn begin(
        &self,
        socket: TcpStream,
        peer: Peer,
        entry: Entry,
        trace: SessionTrace,
    ) -> Pin<Box<dyn Future<Output = Option<Box<Relay>>> + Send + '_>> {
        Box::pin(self.begun(socket, peer, entry, trace))
    }

    async fn begun(
        &self,
        socket: TcpStream,
        mut peer: Peer,
        entry: Entry,
        mut trace: SessionTrace,
    ) -> Option<Box<Relay>> {
        let (leg, secured) = match self.listener.imap.tls {
            TlsStart::Starttls => (Leg::plain(socket), None),
            TlsStart::Implicit => {
                let mut leg = Leg::secure(socket, self.begin_tls()?.into());
                let handshake = trace.span(SpanName::Handshake);
                let Some(secured) = self.shake_hands(&mut leg, handshake).await else {
                    trace.outcome(Outcome::Failed);
                    return None;
                };
                (leg, Some(secured))
            }
        };
        entry.state(State::Login);
        peer.name = secured
            .as_ref()
            .and_then(|secured| secured.handshake.name.clone());
        Some(self.relay(leg, peer, secured, entry, trace))
    }

    fn begin_tls(&self) -> Option<ServerConnection> {
        let tls = ServerConnection::new(Arc::clone(&self.listener.tls));
        tls.map_err(|_| self.tell(Record::of(Event::HandshakeFailed).reason("TLS cannot begin")))
            .ok()
    }

    async fn start_tls(&self, relay: &mut Relay) -> Option<()> {
        let tls = self.begin_tls()?;
        relay.client().begin_tls(tls.into());
        let handshake = relay.spans().handshake();
        let secured = self.shake_hands(relay.client(), handshake).await?;
        relay.secured(secured.binding, secured.handshake);
        Some(())
    }

    async fn shake_hands(&self, leg: &mut Leg, span: Span) -> Option<Secured> {
        let deadline = self.listener.imap.handshake_seconds.duration();
        let failed = match tokio::time::timeout(deadline, leg.shake_hands()).await {
            Ok(Ok(())) => match secured(leg) {
                Some(secured) => {
                    self.shared.metrics.handshake(HandshakeOutcome::Done);
                    span.end(Outcome::Done);
                    return Some(secured);
                }
                None => "no channel binding",
            },
            Ok(Err(_)) => "TLS handshake failed",
            Err(_) => "TLS handshake took too long",
        };
        self.shared.metrics.handshake(HandshakeOutcome::Failed);
        span.end(Outcome::Failed);
        self.tell(Record::of(Event::HandshakeFailed).reason(failed));
        None
    }

    fn relay(
        &self,
        leg: Leg,
        peer: Peer,
        secured: Option<Secured>,
        entry: Entry,
        trace: SessionTrace,
    ) -> Box<Relay> {
        let snapshot = self.shared.current.now();
        let settings = Settings::of(&snapshot.config, &self.listener.imap);
        let (binding, external) = match secured {
            Some(secured) => (Some(secured.binding), secured.handshake.external),
            None => (None, None),
        };
        let protection = match binding {
            Some(_) => Protection::Tls,
            None => Protection::Clear,
        };
        let facts = Facts {
            protection,
            session_id: self.shared.session_id(self.number),
            peer,
            mechanisms: mechanisms(&snapshot),
            external,
            ttl: facts::TTL,
            warden: if self.shared.vaults.is_alive() {
                Warden::Alive
            } else {
                Warden::Gone
            },
        };
        let session = Session::new(settings, facts, self.shared.clock.now());
        let neighbours = self.neighbours(&snapshot.backends, entry);
        Box::new(Relay::new(leg, binding, session, neighbours, trace))
    }

    fn neighbours(&self, backends: &Backends, entry: Entry) -> Neighbours {
        let shared = &self.shared;
        Neighbours {
            number: self.number,
            vaults: shared.vaults.clone(),
            unused: shared.unused.clone(),
            metrics: Arc::clone(&shared.metrics),
            clock: shared.clock,
            stopping: shared.stopping.clone(),
            dial: Dial {
                number: self.number,
                backends: backends.clone(),
                penalties: Arc::clone(&shared.penalties),
                users: shared.users.clone(),
                metrics: Arc::clone(&shared.metrics),
                clock: shared.clock,
            },
            entry,
        }
    }
}

/// What a finished handshake tells; none where the client's TLS has no channel binding.
fn secured(leg: &Leg) -> Option<Secured> {
    let rustls::Connection::Server(connection) = leg.tls()? else {
        return None;
    };
    let certificates = connection.peer_certificates().unwrap_or_default();
    Some(Secured {
        binding: ChannelBinding(tls::channel_binding(connection)?),
        handshake: Handshake {
            external: certificates.first().and_then(tls::client_identity),
            name: connection.server_name().map(str::to_ascii_lowercase),
        },
    })
}

/// What is offered: what we carry, of which every store is known to have it. Of a store that has not greeted yet the least is
/// expected: a client that chooses what the store then has not is refused. EXTERNAL, where a store takes our word for it;
/// the session offers it only to whom a certificate has proven.
fn mechanisms(snapshot: &Snapshot) -> Vec<Mechanism> {
    let seen = snapshot.backends.mechanisms();
    let has = |list: &Capabilities, mechanism: &Mechanism| {
        list.contains(&format!("AUTH={}", mechanism.name()))
    };
    let carried = CARRIED.into_iter();
    let carried = carried.filter(|mechanism| match &seen {
        Some(seen) => has(seen, mechanism),
        None => matches!(mechanism, Mechanism::Plain | Mechanism::Login),
    });
    let master = snapshot
        .config
        .backend
        .values()
        .any(|backend| backend.master.is_some());
    carried
        .chain(master.then_some(Mechanism::External))
        .collect()
}
