//! What the admin listener is told by others: each is asked by a closure, or sent a message; none is reached into.

use std::{fmt, net::SocketAddr, sync::Arc};

use tokio::sync::{mpsc, oneshot};

use crate::{
    config::BackendName,
    metrics::{AddressState, Stage, VaultOutcome},
};

/// Tells how something is now. It is asked for each request, must not block, and holds no lock when it returns.
pub type Source<T> = Arc<dyn Fn() -> T + Send + Sync>;

/// Everything that others tell.
#[derive(Clone)]
pub struct Sources {
    /// The backends, in their names' order.
    pub backends: Source<Vec<BackendHealth>>,
    /// The vaults; none where there is no warden.
    pub vaults: Source<Option<VaultCounts>>,
    /// The server.
    pub health: Source<Health>,
    /// Takes what SIGHUP would do. Closed: reloading is over, for the loader is gone.
    pub reload: mpsc::Sender<Reload>,
}

impl fmt::Debug for Sources {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Sources")
    }
}

/// How a backend is.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct BackendHealth {
    /// Its name.
    pub name: BackendName,
    /// Its addresses.
    pub addresses: Vec<AddressHealth>,
    /// How often the way to it failed at each stage; a stage that is not there never did.
    pub failures: Vec<(Stage, u64)>,
    /// Connections open to it.
    pub connections: u64,
}

impl BackendHealth {
    /// How often the way to it failed at `stage`.
    #[must_use]
    pub fn failures(&self, stage: Stage) -> u64 {
        let mut counts = self.failures.iter();
        counts
            .find(|(at, _)| *at == stage)
            .map_or(0, |(_, count)| *count)
    }
}

/// How one address of a backend is.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct AddressHealth {
    /// The address.
    pub address: SocketAddr,
    /// What its breaker thinks of it.
    pub state: AddressState,
}

/// How many vaults there are and were.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub struct VaultCounts {
    /// Those that wait to be handed out.
    /// Those that live, the waiting ones included.
    pub live: u64,
    /// Those started ever.
    pub started: u64,
    /// Those ended ever, by how; an outcome that is not there never happened.
    pub ended: Vec<(VaultOutcome, u64)>,
}

impl VaultCounts {
    /// How many ended like this.
    #[must_use]
    pub fn ended(&self, outcome: VaultOutcome) -> u64 {
        let mut counts = self.ended.iter();
        counts
            .find(|(how, _)| *how == outcome)
            .map_or(0, |(_, count)| *count)
    }
}

/// How the server is.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Health {
    /// Whether it takes connections.
    pub phase: Phase,
    /// What it does without.
    pub missing: Vec<Missing>,
}

/// Whether the server takes connections.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Phase {
    /// It does.
    Serving,
    /// It is being stopped.
    Draining,
}

/// What the server should have and has not.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Missing {
    /// A layer of a sandbox.
    Sandbox,
    /// The warden: there are no reveals.
    Warden,
    /// The loader: there are no reloads.
    Loader,
}

impl Missing {
    /// The word for it.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Self::Sandbox => "sandbox",
            Self::Warden => "warden",
            Self::Loader => "loader",
        }
    }
}

/// A wish that the configuration be read again.
#[derive(Debug)]
pub struct Reload {
    /// Where the answer goes.
    pub answer: oneshot::Sender<Reloaded>,
}

/// What came of it.
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum Reloaded {
    /// The new configuration holds.
    Done,
    /// It is wrong, for this reason; the old one stays.
    Refused(String),
}
