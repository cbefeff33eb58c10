//! The whole server: what is prepared while files may still be opened, and what runs once they may not.

mod reload;
mod running;
mod signals;

use std::{
    fmt, io,
    net::{SocketAddr, TcpListener},
    os::fd::OwnedFd,
    sync::Arc,
    time::Duration,
};

use tokio::{
    sync::{mpsc, watch},
    task::JoinHandle,
};

use crate::{
    config::{Config, ConfigError},
    listen::{self, Doors, OpenError},
    loader::{self, Loader, News},
    metrics::Metrics,
    shared::{Parts, Shared},
    snapshot::Snapshot,
    sources::Sources,
    systemd::Manager,
    vaults::{self, Vaults},
};
use running::Running;

/// How long warden and loader may take to say that they are up: the warden starts the first vaults meanwhile.
const NEIGHBOUR_STARTS: Duration = Duration::from_secs(20);

/// Why a server does not start, or stops.
#[derive(Debug)]
pub enum ServeError {
    /// The configuration cannot be used: all that is wrong with it.
    Config(Vec<ConfigError>),
    /// A listener's address cannot be used.
    Listen(OpenError),
    /// A socket was handed over at the start, and no listener has its address.
    Inherited(SocketAddr),
    /// The warden did not start.
    Warden(io::Error),
    /// The loader did not start.
    Loader(io::Error),
    /// The operating system refused something that every program needs.
    System(io::Error),
}

impl fmt::Display for ServeError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Config(errors) => {
                let told: Vec<_> = errors.iter().map(ToString::to_string).collect();
                f.write_str(&told.join("\n"))
            }
            Self::Listen(error) => write!(
                f,
                "{error}\n  remedy: use a free port, or stop who has it; ports below 1024 want CAP_NET_BIND_SERVICE"
            ),
            Self::Inherited(address) => write!(
                f,
                "a socket for {address} was handed over, and no listener has that address\n  remedy: add a listener \
                 with it, or take it out of the socket unit"
            ),
            Self::Warden(error) => write!(
                f,
                "the warden did not start: {error}\n  remedy: see its message above; vault.identity and vault.sandbox \
                 are what it needs"
            ),
            Self::Loader(error) => write!(
                f,
                "the loader did not start: {error}\n  remedy: see its message above"
            ),
            Self::System(error) => write!(f, "the system refused: {error}"),
        }
    }
}

impl std::error::Error for ServeError {}

/// A server with its configuration made ready and its ports bound, not yet answering.
///
/// Between this and [`Prepared::run`] the process gives up its rights: nothing after needs a file.
#[derive(Debug)]
pub struct Prepared {
    snapshot: Snapshot,
    listeners: Vec<(SocketAddr, TcpListener)>,
}

/// The other processes of the server, each by its control socket.
#[derive(Debug, Default)]
pub struct Processes {
    /// A warden that was just started; without one there are no reveals.
    pub warden: Option<OwnedFd>,
    /// A loader that was just started; without one there are no reloads.
    pub loader: Option<OwnedFd>,
}

impl Prepared {
    /// Makes ready what `sources` say, and binds the listeners, but those that were `inherited` from the service manager.
    ///
    /// # Errors
    /// [`ServeError::Config`], [`ServeError::Listen`] and [`ServeError::Inherited`].
    pub fn new(sources: &Sources, inherited: Vec<TcpListener>) -> Result<Self, ServeError> {
        let snapshot = Snapshot::build(sources).map_err(ServeError::Config)?;
        let mut listeners = Vec::new();
        for socket in inherited {
            let address = socket.local_addr().map_err(ServeError::System)?;
            if !snapshot.config.addresses().any(|wanted| wanted == address) {
                return Err(ServeError::Inherited(address));
            }
            listeners.push((address, socket));
        }
        let there: Vec<_> = listeners.iter().map(|(address, _)| *address).collect();
        let missing = listen::missing(snapshot.config.addresses(), &there);
        listeners.extend(listen::open(&missing).map_err(ServeError::Listen)?);
        Ok(Self {
            snapshot,
            listeners,
        })
    }

    /// The configuration that it was made of.
    #[must_use]
    pub fn config(&self) -> &Config {
        &self.snapshot.config
    }

    /// Serves until SIGTERM or SIGINT.
    ///
    /// # Errors
    /// [`ServeError::Warden`], [`ServeError::Loader`] and [`ServeError::System`].
    pub fn run(self, processes: Processes, manager: Manager) -> Result<(), ServeError> {
        let runtime = tokio::runtime::Builder::new_multi_thread()
            .enable_all()
            .build()
            .map_err(ServeError::System)?;
        let served = runtime.block_on(self.serve(processes, manager));
        // Connections that did not end in time end now.
        runtime.shutdown_background();
        served
    }

    async fn serve(self, processes: Processes, manager: Manager) -> Result<(), ServeError> {
        let metrics = Arc::new(Metrics::new());
        let (vaults, warden) = match processes.warden {
            Some(socket) => meet_warden(socket, &metrics).await?,
            None => (Vaults::none(), tokio::spawn(async {})),
        };
        let (tell, news) = mpsc::channel(1);
        let loader = match processes.loader {
            Some(socket) => meet_loader(socket, tell, &metrics).await?,
            None => Loader::none(),
        };
        let (stop, stopping) = watch::channel(Stop::No);
        let snapshot = self.snapshot.clone();
        let shared = Arc::new(Shared::new(Parts {
            snapshot: self.snapshot,
            vaults,
            loader,
            metrics,
            stopping,
        }));
        let (mut doors, gone) = Doors::new(Arc::clone(&shared));
        let opened = listen::known(self.listeners).map_err(ServeError::System)?;
        doors.change(&snapshot, opened);
        let running = Running {
            shared,
            doors,
            gone,
            news,
            manager,
            stop,
            warden,
        };
        running.run().await.map_err(ServeError::System)
    }
}

/// Waits for the warden's first word; its task runs from then on.
async fn meet_warden(
    socket: OwnedFd,
    metrics: &Arc<Metrics>,
) -> Result<(Vaults, JoinHandle<()>), ServeError> {
    let connecting = vaults::connect(socket, Arc::clone(metrics));
    let (vaults, task, _) = tokio::time::timeout(NEIGHBOUR_STARTS, connecting)
        .await
        .map_err(|_| ServeError::Warden(io::ErrorKind::TimedOut.into()))?
        .map_err(ServeError::Warden)?;
    Ok((vaults, tokio::spawn(task.run())))
}

/// Waits for the loader's first word; its task runs from then on, and ends with the last who could ask.
async fn meet_loader(
    socket: OwnedFd,
    tell: mpsc::Sender<News>,
    metrics: &Arc<Metrics>,
) -> Result<Loader, ServeError> {
    let connecting = loader::connect(socket, tell, Arc::clone(metrics));
    let (loader, task) = tokio::time::timeout(NEIGHBOUR_STARTS, connecting)
        .await
        .map_err(|_| ServeError::Loader(io::ErrorKind::TimedOut.into()))?
        .map_err(ServeError::Loader)?;
    tokio::spawn(task.run());
    Ok(loader)
}

/// Whether the server is being stopped.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Stop {
    /// Not yet.
    No,
    /// Connections end at the next good moment.
    Yes,
}
