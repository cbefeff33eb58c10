//! The whole server: what is prepared while files may still be opened, and what runs once they may not.

mod administration;
mod reload;
mod running;
mod signals;

use std::{
    fmt, io,
    net::{SocketAddr, TcpListener},
    os::fd::OwnedFd,
    sync::{Arc, Weak},
    time::Duration,
};

use tokio::{
    sync::{mpsc, watch},
    task::JoinHandle,
};

use crate::{
    backend::{
        Means,
        names::{Question, Resolver},
    },
    clock::Clock,
    config::{Config, ConfigError},
    listen::{self, Doors, OpenError},
    loader::{self, Loader, News},
    metrics::Metrics,
    registry::Registry,
    shared::{Parts, Shared},
    snapshot::Snapshot,
    sources::Sources,
    systemd::Manager,
    vaults::{self, Vaults},
    workers::Workers,
};
use administration::Administration;
use running::Running;

/// How long warden and loader may take to say that they are up: the warden starts the first vaults meanwhile.
const NEIGHBOUR_STARTS: Duration = Duration::from_secs(20);

/// Names that may wait to be looked up.
const QUESTIONS: usize = 64;

/// How long the stores' greetings are waited for before the first client is let in.
const FIRST_PROBE: Duration = Duration::from_secs(2);

/// How long the last spans may take to leave.
const LAST_SPANS: Duration = Duration::from_secs(1);

/// How often every backend is connected to, to know what it offers and whether it works.
const PROBE: Duration = Duration::from_secs(30);

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
    means: Means,
    /// Names that are to be looked up.
    questions: mpsc::Receiver<Question>,
    administration: Administration,
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
        let (asked, questions) = mpsc::channel(QUESTIONS);
        let means = Means::new(Resolver::Asked(asked), Clock::start(), Arc::default());
        let snapshot = Snapshot::build(sources, means.clone(), None).map_err(ServeError::Config)?;
        let administration = Administration::open(&snapshot)?;
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
            means,
            questions,
            administration,
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

    async fn serve(mut self, processes: Processes, manager: Manager) -> Result<(), ServeError> {
        let metrics = Arc::clone(&self.means.metrics);
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
        tokio::spawn(look_up(self.questions, loader.clone()));
        let workers = snapshot.config.server.workers;
        let workers = workers.map_or_else(Workers::usual, |workers| workers.number().into());
        let (tracer, exporter) = self.administration.traces(&snapshot.config, &self.means);
        let shared = Arc::new(Shared::new(Parts {
            snapshot: self.snapshot,
            vaults,
            loader,
            means: self.means,
            registry: Registry::new(),
            tracer,
            stopping,
            workers: Workers::start(workers).map_err(ServeError::System)?,
        }));
        let exporting = tokio::spawn(async move {
            if let Some(exporter) = exporter {
                exporter.run().await;
            }
        });
        let (served, reloads) = self.administration.serve(&shared);
        let (mut doors, gone) = Doors::new(Arc::clone(&shared));
        let opened = listen::known(self.listeners).map_err(ServeError::System)?;
        // What the stores offer is known before the first client is told; a store that hangs keeps nobody waiting for long.
        drop(tokio::time::timeout(FIRST_PROBE, snapshot.backends.probe()).await);
        let probing = tokio::spawn(probe(Arc::downgrade(&shared)));
        doors.change(&snapshot, opened);
        let running = Running {
            shared,
            doors,
            gone,
            news,
            reloads,
            manager,
            stop,
            warden,
        };
        running.run().await.map_err(ServeError::System)?;
        probing.abort();
        drop(served);
        // The last session's spans are on their way.
        drop(tokio::time::timeout(LAST_SPANS, exporting).await);
        Ok(())
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

/// Answers questions for names, one after the other, until nobody asks any more. A question that the loader does not
/// answer has no answer.
async fn look_up(mut questions: mpsc::Receiver<Question>, loader: Loader) {
    while let Some(Question { host, port, answer }) = questions.recv().await {
        let loader = loader.clone();
        tokio::spawn(async move {
            let found = loader.resolve(&host, port).await;
            // Whoever asked may have given up.
            drop(answer.send(found.map_err(io::Error::other)));
        });
    }
}

/// Connects to every backend now and then, as long as the server is there.
async fn probe(server: Weak<Shared>) {
    loop {
        tokio::time::sleep(PROBE).await;
        let Some(shared) = server.upgrade() else {
            return;
        };
        let backends = shared.current.now().backends.clone();
        drop(shared);
        backends.probe().await;
    }
}

/// Whether the server is being stopped.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Stop {
    /// Not yet.
    No,
    /// Connections end at the next good moment.
    Yes,
}
