//! What every connection needs of the server, and what they share among themselves.

use std::sync::Arc;

use tokio::sync::watch;

use crate::{
    backend::Means,
    clock::{self, Clock},
    loader::Loader,
    metrics::Metrics,
    penalty::Penalties,
    places::Places,
    registry::Registry,
    serve::Stop,
    snapshot::{Current, Snapshot},
    traces::Tracer,
    vaults::Vaults,
    workers::Workers,
};

/// What every connection needs. There is one of it, for as long as the server runs.
#[derive(Debug)]
pub(crate) struct Shared {
    /// The configuration that holds now. A connection asks once, when it begins.
    pub(crate) current: Current,
    pub(crate) vaults: Vaults,
    pub(crate) loader: Loader,
    /// The statements that each user holds unused, over all connections.
    pub(crate) unused: Places<String>,
    /// The connections that each user has.
    pub(crate) users: Places<String>,
    /// Which addresses have failed to log in lately.
    pub(crate) penalties: Arc<Penalties>,
    pub(crate) registry: Registry,
    pub(crate) tracer: Tracer,
    /// What backends are made with.
    pub(crate) means: Means,
    pub(crate) metrics: Arc<Metrics>,
    pub(crate) clock: Clock,
    pub(crate) stopping: watch::Receiver<Stop>,
    pub(crate) workers: Workers,
    /// When the server was started: with it a session's number names the session for good.
    started: u64,
}

/// The server's side of it.
#[derive(Debug)]
pub(crate) struct Parts {
    pub(crate) snapshot: Snapshot,
    pub(crate) vaults: Vaults,
    pub(crate) loader: Loader,
    pub(crate) means: Means,
    pub(crate) registry: Registry,
    pub(crate) tracer: Tracer,
    pub(crate) stopping: watch::Receiver<Stop>,
    pub(crate) workers: Workers,
}

impl Shared {
    pub(crate) fn new(parts: Parts) -> Self {
        let limits = &parts.snapshot.config.limits;
        Self {
            // In all there are as many as the warden lets live.
            unused: Places::new(u64::MAX, limits.statements_per_user.number().into()),
            // In all there are as many as the listeners let in.
            users: Places::new(u64::MAX, limits.connections_per_user.get()),
            current: Current::new(parts.snapshot),
            vaults: parts.vaults,
            loader: parts.loader,
            penalties: Arc::default(),
            registry: parts.registry,
            tracer: parts.tracer,
            metrics: Arc::clone(&parts.means.metrics),
            clock: parts.means.clock,
            means: parts.means,
            stopping: parts.stopping,
            workers: parts.workers,
            started: clock::unix_seconds(),
        }
    }

    /// Another configuration holds from now on, for whoever asks from now on.
    pub(crate) fn replace(&self, snapshot: Snapshot) {
        let limits = &snapshot.config.limits;
        self.unused
            .allow(u64::MAX, limits.statements_per_user.number().into());
        self.users
            .allow(u64::MAX, limits.connections_per_user.get());
        self.current.replace(snapshot);
    }

    /// The number of the next connection, over all listeners.
    pub(crate) fn number(&self) -> u64 {
        self.registry.next_number()
    }

    /// Names a session to stores: of no other server's start, and of no other connection since.
    pub(crate) fn session_id(&self, number: u64) -> String {
        format!("keyhole-{:x}-{number:x}", self.started)
    }
}
