//! The next configuration: asked of the loader and built away from the threads that carry connections.

use std::{
    fmt, io,
    net::{SocketAddr, TcpListener},
    sync::Arc,
};

use crate::{
    config::ConfigError,
    loader::{LoadError, Loaded},
    shared::Shared,
    snapshot::Snapshot,
};

/// A configuration that could hold next.
pub(super) struct Next {
    pub(super) snapshot: Snapshot,
    pub(super) opened: Vec<(SocketAddr, TcpListener)>,
}

/// Why the old configuration stays.
#[derive(Debug)]
pub(super) enum NextError {
    /// The loader does not give it.
    Load(LoadError),
    /// It is wrong; this is the first thing.
    Config(ConfigError),
    /// It changes what a running server cannot change.
    NeedsRestart(&'static str),
    /// The loader brought fewer sockets than there are listeners.
    SocketMissing,
    /// The system does not take the new sockets.
    System(io::Error),
    /// Building it broke off.
    Broken,
}

impl fmt::Display for NextError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Load(error) => error.fmt(f),
            Self::Config(error) => error.fmt(f),
            Self::NeedsRestart(key) => write!(f, "{key} cannot change without a restart"),
            Self::SocketMissing => f.write_str("a listener came without its socket"),
            Self::System(error) => write!(f, "the system refused: {error}"),
            Self::Broken => f.write_str("reading the configuration broke off"),
        }
    }
}

impl std::error::Error for NextError {}

/// Asks for the next configuration, whose listeners at the addresses `kept` keep their sockets.
pub(super) async fn next(shared: Arc<Shared>, kept: Vec<SocketAddr>) -> Result<Next, NextError> {
    let Loaded { sources, opened } = shared.loader.load(kept).await.map_err(NextError::Load)?;
    // Keys are read and maps are long: connections do not wait for that.
    let building = tokio::task::spawn_blocking(move || {
        let before = shared.current.now();
        Snapshot::build(&sources, shared.means.clone(), Some(&before.backends))
    });
    let built = building.await.map_err(|_| NextError::Broken)?;
    let snapshot = built.map_err(|errors| match errors.into_iter().next() {
        Some(error) => NextError::Config(error),
        None => NextError::Broken,
    })?;
    Ok(Next { snapshot, opened })
}
