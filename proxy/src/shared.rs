//! What every connection needs of the server, and what they share among themselves.

use std::{
    net::{IpAddr, SocketAddr},
    sync::{
        Arc, Mutex, PoisonError,
        atomic::{AtomicU64, Ordering},
    },
};

use tokio::sync::watch;

use crate::{
    clock::Clock,
    loader::Loader,
    metrics::Metrics,
    places::Places,
    serve::Stop,
    snapshot::{Current, Snapshot},
    vaults::Vaults,
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
    pub(crate) metrics: Arc<Metrics>,
    pub(crate) clock: Clock,
    pub(crate) stopping: watch::Receiver<Stop>,
    numbers: AtomicU64,
    listeners: Mutex<Vec<(SocketAddr, Places<IpAddr>)>>,
}

/// The server's side of it.
#[derive(Debug)]
pub(crate) struct Parts {
    pub(crate) snapshot: Snapshot,
    pub(crate) vaults: Vaults,
    pub(crate) loader: Loader,
    pub(crate) metrics: Arc<Metrics>,
    pub(crate) stopping: watch::Receiver<Stop>,
}

impl Shared {
    pub(crate) fn new(parts: Parts) -> Self {
        let each = statements_per_user(&parts.snapshot);
        Self {
            current: Current::new(parts.snapshot),
            vaults: parts.vaults,
            loader: parts.loader,
            // In all there are as many as the warden lets live.
            unused: Places::new(u64::MAX, each),
            metrics: parts.metrics,
            clock: Clock::start(),
            stopping: parts.stopping,
            numbers: AtomicU64::new(0),
            listeners: Mutex::default(),
        }
    }

    /// Another configuration holds from now on, for whoever asks from now on.
    pub(crate) fn replace(&self, snapshot: Snapshot) {
        self.unused.allow(u64::MAX, statements_per_user(&snapshot));
        self.current.replace(snapshot);
    }

    /// These are the listeners from now on, each with the places of its connections.
    pub(crate) fn set_listeners(&self, listeners: Vec<(SocketAddr, Places<IpAddr>)>) {
        *self
            .listeners
            .lock()
            .unwrap_or_else(PoisonError::into_inner) = listeners;
    }

    /// How many connections each listener has.
    #[expect(dead_code, reason = "metrics ask for it")]
    pub(crate) fn connections(&self) -> Vec<(SocketAddr, u64)> {
        let listeners = self
            .listeners
            .lock()
            .unwrap_or_else(PoisonError::into_inner);
        let each = listeners.iter();
        each.map(|(address, places)| (*address, places.number()))
            .collect()
    }

    /// The number of the next connection, over all listeners.
    pub(crate) fn number(&self) -> u64 {
        self.numbers.fetch_add(1, Ordering::Relaxed) + 1
    }
}

fn statements_per_user(snapshot: &Snapshot) -> u64 {
    snapshot.config.limits.statements_per_user.number().into()
}
