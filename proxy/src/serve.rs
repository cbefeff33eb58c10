//! The whole server: what is prepared while files may still be opened, and what runs once they may not.

use std::{
    fmt, io,
    net::{SocketAddr, TcpListener},
    os::fd::OwnedFd,
    sync::Arc,
    time::Duration,
};

use tokio::{
    signal::unix::{SignalKind, signal},
    sync::watch,
    task::{JoinHandle, JoinSet},
};

use crate::{
    check::{self, Loaded},
    clock::Clock,
    config::{Config, ConfigError},
    event::{Event, Record},
    listen::{Listener, Shared},
    metrics::Metrics,
    places::Places,
    vaults::{self, Vaults},
};

/// How long the warden may take to say that it is up: it starts the first vaults meanwhile.
const WARDEN_STARTS: Duration = Duration::from_secs(20);

/// Why a server does not start, or stops.
#[derive(Debug)]
pub enum ServeError {
    /// The configuration names something that is not there.
    Config(ConfigError),
    /// The listener's address cannot be used.
    Listen(SocketAddr, io::Error),
    /// The warden did not start.
    Warden(io::Error),
    /// The operating system refused something that every program needs.
    System(io::Error),
}

impl fmt::Display for ServeError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Config(error) => error.fmt(f),
            Self::Listen(address, error) => write!(
                f,
                "listener {address}: {error}\n  remedy: use a free port, or stop who has it; ports below 1024 \
                 want CAP_NET_BIND_SERVICE"
            ),
            Self::Warden(error) => write!(
                f,
                "the warden did not start: {error}\n  remedy: see its message above; vault.identity and vault.sandbox \
                 are what it needs"
            ),
            Self::System(error) => write!(f, "the system refused: {error}"),
        }
    }
}

impl std::error::Error for ServeError {}

/// A server with its certificate loaded, its store looked up and its port bound, not yet answering.
///
/// Between this and [`Prepared::run`] the process gives up its rights: nothing after needs a file.
#[derive(Debug)]
pub struct Prepared {
    config: Config,
    loaded: Loaded,
    listeners: Vec<TcpListener>,
}

impl Prepared {
    /// Loads and binds what `config` names.
    ///
    /// # Errors
    /// [`ServeError::Config`] and [`ServeError::Listen`].
    pub fn new(config: Config) -> Result<Self, ServeError> {
        let loaded = check::load(&config).map_err(ServeError::Config)?;
        let listeners = config.imap.iter().map(|imap| {
            let address = imap.address;
            let listener =
                TcpListener::bind(address).map_err(|e| ServeError::Listen(address, e))?;
            listener.set_nonblocking(true).map_err(ServeError::System)?;
            Ok(listener)
        });
        let listeners = listeners.collect::<Result<_, _>>()?;
        Ok(Self {
            config,
            loaded,
            listeners,
        })
    }

    /// Serves until SIGTERM or SIGINT. `warden` is the control socket of a warden that was just started;
    /// without one there are no reveals.
    ///
    /// # Errors
    /// [`ServeError::Warden`] and [`ServeError::System`].
    pub fn run(self, warden: Option<OwnedFd>) -> Result<(), ServeError> {
        let runtime = tokio::runtime::Builder::new_multi_thread()
            .enable_all()
            .build()
            .map_err(ServeError::System)?;
        runtime.block_on(self.serve(warden))
    }

    async fn serve(self, warden: Option<OwnedFd>) -> Result<(), ServeError> {
        let metrics = Arc::new(Metrics::new());
        let (vaults, warden) = match warden {
            Some(socket) => meet_warden(socket, &metrics).await?,
            None => (Vaults::none(), tokio::spawn(async {})),
        };
        let (stop, stopping) = watch::channel(Stop::No);
        let drain = self.config.server.drain_seconds.duration();
        let each = self.config.limits.statements_per_user.number();
        let means = crate::backend::Means {
            names: Arc::new(crate::backend::names::Names::new(
                crate::backend::names::Resolver::Fixed(std::collections::BTreeMap::new()),
                Clock::start(),
            )),
            header: |_, _| Vec::new(),
            clock: Clock::start(),
            metrics: Arc::clone(&metrics),
        };
        let backends = crate::backend::Backends::new(
            &self.config,
            crate::backend::Parts::default(),
            means,
            None,
        )
        .map_err(ServeError::Config)?;
        let shared = Shared {
            backends,
            workers: crate::workers::Workers::start(crate::workers::Workers::usual())
                .map_err(ServeError::System)?,
            users: Places::new(u64::MAX, 1_000_000),
            penalties: Arc::default(),
            config: self.config,
            loaded: self.loaded,
            vaults,
            // In all there are as many as the warden lets live.
            unused: Places::new(u64::MAX, each.into()),
            metrics: Arc::clone(&metrics),
            clock: Clock::start(),
        };
        let shared = Arc::new(shared);
        let mut accepting = JoinSet::new();
        for (index, listener) in self.listeners.into_iter().enumerate() {
            let address = listener.local_addr().map_err(ServeError::System)?;
            let listener =
                tokio::net::TcpListener::from_std(listener).map_err(ServeError::System)?;
            Record::of(Event::Listening).address(address).log(&metrics);
            let listener = Listener::new(listener, index, Arc::clone(&shared), stopping.clone());
            accepting.spawn(listener.run(drain));
        }
        drop(shared);
        Record::of(Event::Ready).log(&metrics);
        terminated().await.map_err(ServeError::System)?;
        Record::of(Event::Draining)
            .count(metrics.open())
            .log(&metrics);
        stop.send_replace(Stop::Yes);
        // The listener's own end is its only result.
        while accepting.join_next().await.is_some() {}
        // The last session took the last means of asking with it: the warden's task has ended, or does now.
        drop(tokio::time::timeout(Duration::from_secs(1), warden).await);
        metrics.tell();
        Record::of(Event::Stopped).log(&metrics);
        Ok(())
    }
}

/// Waits for the warden's first word; its task runs from then on.
async fn meet_warden(
    socket: OwnedFd,
    metrics: &Arc<Metrics>,
) -> Result<(Vaults, JoinHandle<()>), ServeError> {
    let connecting = vaults::connect(socket, Arc::clone(metrics));
    let (vaults, task, _) = tokio::time::timeout(WARDEN_STARTS, connecting)
        .await
        .map_err(|_| ServeError::Warden(io::ErrorKind::TimedOut.into()))?
        .map_err(ServeError::Warden)?;
    Ok((vaults, tokio::spawn(task.run())))
}

/// Whether the server is being stopped.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Stop {
    /// Not yet.
    No,
    /// Connections end at the next good moment.
    Yes,
}

async fn terminated() -> io::Result<()> {
    let mut terminate = signal(SignalKind::terminate())?;
    let mut interrupt = signal(SignalKind::interrupt())?;
    tokio::select! {
        _ = terminate.recv() => {}
        _ = interrupt.recv() => {}
    }
    Ok(())
}
