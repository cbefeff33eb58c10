//! `keyhole loader`: opens for the confined server what that may not open any more.
//!
//! It knows one configuration, by its path, and reads nothing but that and what that names. It is asked over the socket that is
//! descriptor 0, and ends when that closes. It must never read an octet of a stranger's, but the answers of name servers, which it
//! leaves to the system's own library.

mod map;
mod socket;

use std::{
    ffi::OsString,
    fmt, io,
    io::Write as _,
    os::fd::AsFd as _,
    path::{Path, PathBuf},
    process::ExitCode,
};

use proxy::{
    Config, Sources,
    listen::{missing, open},
    loader::frames::{FrameError, FromLoader, MOST_SOCKETS, ToLoader},
    sources::look_up,
};
use vault::sandbox::{self, Requirement, Role, SandboxError, descriptors};

use map::Watched;
use socket::{Received, Socket};

/// What stands in place of `full` on the loader's command line where a layer may be missing.
pub(crate) const BEST_EFFORT: &str = "best-effort";
/// What stands there otherwise.
pub(crate) const FULL: &str = "full";

/// Why the loader did not start, or could not go on.
#[derive(Debug)]
enum LoaderError {
    /// Its command line is not what `serve` writes.
    Arguments,
    /// The system refuses.
    System(io::Error),
    /// The sandbox does not stand.
    Sandbox(SandboxError),
    /// A frame was none, or too long.
    Frame(FrameError),
}

impl fmt::Display for LoaderError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Arguments => f.write_str("it is started by keyhole serve, not by hand"),
            Self::System(error) => write!(f, "system: {error}"),
            Self::Sandbox(error) => write!(f, "sandbox: {error}"),
            Self::Frame(error) => write!(f, "control socket: {error}"),
        }
    }
}

impl std::error::Error for LoaderError {}

impl From<io::Error> for LoaderError {
    fn from(error: io::Error) -> Self {
        Self::System(error)
    }
}

impl From<FrameError> for LoaderError {
    fn from(error: FrameError) -> Self {
        Self::Frame(error)
    }
}

/// Loads for the server at the other end of descriptor 0, until that closes. To be called by a process with one thread.
#[must_use]
pub fn run(arguments: &[OsString]) -> ExitCode {
    let code = match serve(arguments) {
        Ok(()) => return ExitCode::SUCCESS,
        Err(error) => {
            // There is nobody else to tell if standard error is closed.
            drop(writeln!(io::stderr(), "keyhole loader: {error}"));
            match error {
                LoaderError::Arguments => 2,
                LoaderError::System(_) | LoaderError::Sandbox(_) | LoaderError::Frame(_) => 1,
            }
        }
    };
    ExitCode::from(code)
}

fn serve(arguments: &[OsString]) -> Result<(), LoaderError> {
    let [requirement, config] = arguments else {
        return Err(LoaderError::Arguments);
    };
    let requirement = match requirement.to_str() {
        Some(FULL) => Requirement::Full,
        Some(BEST_EFFORT) => Requirement::BestEffort,
        Some(_) | None => return Err(LoaderError::Arguments),
    };
    // The sockets of a service manager are the server's alone.
    descriptors::close_from(3);
    descriptors::block_polite_signals().map_err(io::Error::from)?;
    let socket = Socket::new(io::stdin().as_fd().try_clone_to_owned()?);
    sandbox::apply(Role::Loader, requirement).map_err(LoaderError::Sandbox)?;
    socket.send(&FromLoader::Hello.encode()?, &[])?;
    Loader::new(PathBuf::from(config), socket).run()
}

struct Loader {
    config: PathBuf,
    socket: Socket,
    /// The map that the server uses.
    watched: Option<Watched>,
    /// The map of what was loaded last, until the server uses that.
    loaded: Option<Watched>,
}

impl Loader {
    fn new(config: PathBuf, socket: Socket) -> Self {
        // The server has read the same file a moment ago.
        let watched = Sources::configuration(&config).ok();
        Self {
            watched: watched.and_then(|text| map_of(&text)),
            loaded: None,
            config,
            socket,
        }
    }

    fn run(mut self) -> Result<(), LoaderError> {
        loop {
            match self.socket.next()? {
                Received::Frame(frame) => self.obey(ToLoader::decode(&frame)?)?,
                Received::Nothing => {}
                Received::Closed => return Ok(()),
            }
            if let Some((path, found)) = self.watched.as_mut().and_then(Watched::look) {
                self.socket
                    .send(&FromLoader::Map { path, found }.encode()?, &[])?;
            }
        }
    }

    fn obey(&mut self, asked: ToLoader) -> Result<(), LoaderError> {
        match asked {
            ToLoader::Load { kept } => self.load(&kept),
            ToLoader::Resolve { host, port } => {
                let answer = match look_up(&host, port) {
                    Ok(addresses) => FromLoader::Resolved(addresses),
                    Err(error) => FromLoader::Refused(error.to_string()),
                };
                Ok(self.socket.send(&answer.encode()?, &[])?)
            }
            ToLoader::Settled => {
                self.watched = self.loaded.take();
                Ok(())
            }
        }
    }

    fn load(&mut self, kept: &[std::net::SocketAddr]) -> Result<(), LoaderError> {
        let answer = Sources::read(&self.config)
            .map_err(|error| format!("{}: {error}", self.config.display()))
            .and_then(|sources| {
                let sockets = sockets(&sources.text, kept)?;
                Ok((sources, sockets))
            });
        let (sources, sockets) = match answer {
            Ok(loaded) => loaded,
            Err(why) => return Ok(self.socket.send(&FromLoader::Refused(why).encode()?, &[])?),
        };
        self.loaded = map_of(&sources.text);
        let opened = sockets.iter().map(|(address, _)| *address).collect();
        let frame = FromLoader::Loaded { sources, opened }.encode();
        let (octets, descriptors) = match frame {
            Ok(octets) => (
                octets,
                sockets.iter().map(|(_, socket)| socket.as_fd()).collect(),
            ),
            Err(error) => (FromLoader::Refused(error.to_string()).encode()?, Vec::new()),
        };
        Ok(self.socket.send(&octets, &descriptors)?)
    }
}

/// The sockets that a configuration wants besides those that the server keeps. None, if it is wrong: the server finds out itself.
fn sockets(
    text: &str,
    kept: &[std::net::SocketAddr],
) -> Result<Vec<(std::net::SocketAddr, std::net::TcpListener)>, String> {
    let Ok(config) = Config::read(text) else {
        return Ok(Vec::new());
    };
    let missing = missing(config.addresses(), kept);
    if missing.len() > MOST_SOCKETS {
        return Err(format!("more than {MOST_SOCKETS} new listeners at once"));
    }
    open(&missing).map_err(|error| error.to_string())
}

fn map_of(text: &str) -> Option<Watched> {
    let config = Config::read(text).ok()?;
    config.routing.map.as_deref().map(Watched::new)
}

/// The arguments that make a process this one.
pub(crate) fn arguments(requirement: Requirement, config: &Path) -> [OsString; 3] {
    let requirement = match requirement {
        Requirement::Full => FULL,
        Requirement::BestEffort => BEST_EFFORT,
    };
    ["loader".into(), requirement.into(), config.into()]
}
