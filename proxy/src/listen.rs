//! Accepts clients: connection limits, the TLS handshake and its deadline, one task a connection, and the drain.

mod upstream;

use std::{
    net::{IpAddr, SocketAddr},
    sync::Arc,
    time::Duration,
};

use keyreveal::ChannelBinding;
use tokio::{
    net::{TcpListener, TcpStream},
    sync::watch,
    task::JoinSet,
};
use tokio_rustls::{TlsAcceptor, server::TlsStream};

use crate::{
    backend::Backends,
    check::Loaded,
    clock::Clock,
    config::Config,
    leg::Leg,
    event::{Event, Record},
    metrics::Metrics,
    peer::{Peer, Word},
    places::{Place, Places, network},
    penalty::Penalties,
    relay::{Dial, Neighbours, Relay},
    serve::Stop,
    session::{Facts, Protection, Session, Settings, Warden, facts::TTL},
    tls,
    vaults::Vaults,
};

/// After a failed accept: long enough for a descriptor to come free, short enough for nobody to notice.
const AFTER_FAILED_ACCEPT: Duration = Duration::from_millis(50);

/// What every connection needs.
#[derive(Debug)]
pub(crate) struct Shared {
    pub(crate) config: Config,
    pub(crate) loaded: Loaded,
    pub(crate) vaults: Vaults,
    /// The statements that each user holds unused.
    pub(crate) unused: Places<String>,
    pub(crate) users: Places<String>,
    pub(crate) penalties: Arc<Penalties>,
    pub(crate) backends: Backends,
    pub(crate) workers: crate::workers::Workers,
    pub(crate) metrics: Arc<Metrics>,
    pub(crate) clock: Clock,
}

/// The accepting task.
#[derive(Debug)]
pub(crate) struct Listener {
    listener: TcpListener,
    index: usize,
    shared: Arc<Shared>,
    stopping: watch::Receiver<Stop>,
    places: Places<IpAddr>,
    connections: JoinSet<()>,
    accepted: u64,
}

impl Listener {
    pub(crate) fn new(
        listener: TcpListener,
        index: usize,
        shared: Arc<Shared>,
        stopping: watch::Receiver<Stop>,
    ) -> Self {
        let admission = shared.config.imap.get(index).map(|imap| &imap.admission);
        let places = Places::new(
            admission.map_or(0, |admission| admission.connections.get()),
            admission.map_or(0, |admission| admission.connections_per_address.get()),
        );
        Self {
            listener,
            index,
            shared,
            stopping,
            places,
            connections: JoinSet::new(),
            accepted: 0,
        }
    }

    /// Accepts until the server is stopped; then waits up to `drain` for the connections to end, and ends them.
    pub(crate) async fn run(mut self, drain: Duration) {
        loop {
            tokio::select! {
                accepted = self.listener.accept() => match accepted {
                    Ok((socket, peer)) => self.accept(socket, peer),
                    Err(_) => {
                        Record::of(Event::AcceptFailed).log(&self.shared.metrics);
                        tokio::time::sleep(AFTER_FAILED_ACCEPT).await;
                    }
                },
                _ = self.stopping.changed() => break,
                Some(_) = self.connections.join_next() => {}
            }
        }
        drop(self.listener);
        let ended = async { while self.connections.join_next().await.is_some() {} };
        drop(tokio::time::timeout(drain, ended).await);
        self.connections.shutdown().await;
    }

    fn accept(&mut self, socket: TcpStream, peer: SocketAddr) {
        self.accepted += 1;
        let number = self.accepted;
        let metrics = &self.shared.metrics;
        let Some(place) = self.places.take(network(peer.ip())) else {
            Record::of(Event::ConnectionRefused)
                .session(number)
                .address(peer)
                .reason("too many connections")
                .log(metrics);
            return;
        };
        Record::of(Event::ConnectionOpened)
            .session(number)
            .address(peer)
            .log(metrics);
        let connection = Connection {
            number,
            index: self.index,
            shared: Arc::clone(&self.shared),
            stopping: self.stopping.clone(),
            _place: place,
        };
        match socket.into_std() {
            Ok(socket) => self.shared.workers.carry(move || async move {
                if let Ok(socket) = TcpStream::from_std(socket) {
                    connection.serve(socket).await;
                }
            }),
            Err(_) => {}
        }
    }
}

/// One accepted connection.
struct Connection {
    number: u64,
    index: usize,
    shared: Arc<Shared>,
    stopping: watch::Receiver<Stop>,
    _place: Place<IpAddr>,
}

impl Connection {
    async fn serve(self, socket: TcpStream) {
        self.shared.metrics.opened();
        let open = Open(&self.shared.metrics);
        if let Some(client) = self.handshake(socket).await {
            self.relay(client).await;
        }
        drop(open);
        self.tell(Record::of(Event::ConnectionClosed));
    }

    fn tell(&self, record: Record<'_>) {
        record.session(self.number).log(&self.shared.metrics);
    }

    async fn handshake(&self, socket: TcpStream) -> Option<TlsStream<TcpStream>> {
        upstream::prepare(&socket);
        let imap = self.shared.config.imap.get(self.index)?;
        let acceptor =
            TlsAcceptor::from(Arc::clone(self.shared.loaded.for_clients.get(self.index)?));
        let deadline = imap.handshake_seconds.duration();
        let failed = match tokio::time::timeout(deadline, acceptor.accept(socket)).await {
            Ok(Ok(client)) => return Some(client),
            Ok(Err(_)) => "TLS handshake failed",
            Err(_) => "TLS handshake took too long",
        };
        self.tell(Record::of(Event::HandshakeFailed).reason(failed));
        None
    }

    fn facts(&self, client: &TlsStream<TcpStream>) -> Facts {
        use wire::imap::sasl::Mechanism;
        let unknown = SocketAddr::from(([0, 0, 0, 0], 0));
        let socket = client.get_ref().0;
        let peer = socket.peer_addr().unwrap_or(unknown);
        let local = socket.local_addr().unwrap_or(unknown);
        Facts {
            protection: Protection::Tls,
            session_id: self.number.to_string(),
            peer: Peer::direct(peer, local, Word::Stranger),
            mechanisms: vec![Mechanism::Plain, Mechanism::Login],
            external: None,
            ttl: TTL,
            warden: Warden::Alive,
        }
    }

    async fn relay(&self, client: TlsStream<TcpStream>) {
        let Some(binding) = tls::channel_binding(client.get_ref().1) else {
            self.tell(Record::of(Event::HandshakeFailed).reason("no channel binding"));
            return;
        };
        let config = &self.shared.config;
        let Some(imap) = config.imap.get(self.index) else {
            return;
        };
        let settings = Settings::of(config, imap);
        let session = Session::new(settings, self.facts(&client), self.shared.clock.now());
        let neighbours = Neighbours {
            number: self.number,
            vaults: self.shared.vaults.clone(),
            unused: self.shared.unused.clone(),
            metrics: Arc::clone(&self.shared.metrics),
            clock: self.shared.clock,
            stopping: self.stopping.clone(),
            dial: Dial {
                number: self.number,
                backends: self.shared.backends.clone(),
                penalties: Arc::clone(&self.shared.penalties),
                users: self.shared.users.clone(),
                metrics: Arc::clone(&self.shared.metrics),
                clock: self.shared.clock,
            },
        };
        let (socket, connection) = client.into_inner();
        let leg = Leg::secure(socket, connection.into());
        let mut relay = Relay::new(leg, Some(ChannelBinding(binding)), session, neighbours);
        relay.run().await;
        relay.close().await;
    }
}

/// Counts a connection as open until it is dropped, whichever way its task ends.
struct Open<'a>(&'a Metrics);

impl Drop for Open<'_> {
    fn drop(&mut self) {
        self.0.closed();
    }
}
