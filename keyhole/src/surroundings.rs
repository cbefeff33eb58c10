//! What the process was started with besides its arguments: the service manager's sockets and address, and the few variables that
//! looking names up goes by. The one place that reads the environment.

use std::{io, net::TcpListener, time::Duration};

use listenfd::ListenFd;
use proxy::systemd::Manager;

/// What the system's library reads when it looks names up (resolv.conf(5)), and where the system's authorities are said to be.
const FOR_THE_LOADER: [&str; 4] = [
    "LOCALDOMAIN",
    "RES_OPTIONS",
    "SSL_CERT_FILE",
    "SSL_CERT_DIR",
];

/// What the service manager gave.
#[derive(Debug, Default)]
pub struct Surroundings {
    /// Listening sockets (sd_listen_fds(3)).
    pub sockets: Vec<TcpListener>,
    /// Whom to tell how things are (sd_notify(3)).
    pub manager: Manager,
    /// Variables that the loader is started with.
    pub for_the_loader: Vec<(&'static str, String)>,
}

impl Surroundings {
    /// Looks around. To be called once, before anything else is opened.
    ///
    /// # Errors
    /// Where a socket is no TCP listener, or nobody listens where the manager should.
    pub fn take() -> io::Result<Self> {
        let mut inherited = ListenFd::from_env();
        let mut sockets = Vec::new();
        for index in 0..inherited.len() {
            sockets.extend(inherited.take_tcp_listener(index)?);
        }
        let manager = match variable("NOTIFY_SOCKET") {
            Some(address) => Manager::connect(&address, watchdog())?,
            None => Manager::default(),
        };
        let for_the_loader = FOR_THE_LOADER
            .into_iter()
            .filter_map(|name| Some((name, variable(name)?)))
            .collect();
        Ok(Self {
            sockets,
            manager,
            for_the_loader,
        })
    }
}

/// How long the manager waits for a sign of life, if it waits for one of this process (sd_watchdog_enabled(3)).
fn watchdog() -> Option<Duration> {
    let microseconds = variable("WATCHDOG_USEC")?.parse().ok()?;
    let whose = variable("WATCHDOG_PID").map(|process| process.parse().ok());
    let ours = whose.is_none_or(|process| process == Some(std::process::id()));
    ours.then(|| Duration::from_micros(microseconds))
}

#[expect(
    clippy::disallowed_methods,
    reason = "the service manager and the resolver speak by variables; nothing of the configuration does"
)]
fn variable(name: &str) -> Option<String> {
    std::env::var(name).ok().filter(|value| !value.is_empty())
}
