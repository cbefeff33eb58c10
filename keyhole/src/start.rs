//! The start of a server: what is loaded and bound while files may be opened, then warden and loader, then the sandbox, and only
//! then the runtime and the first stranger's octet.

use std::{
    fmt,
    io::{self, Write},
    os::{fd::OwnedFd, unix::net::UnixStream, unix::process::CommandExt},
    path::{Path, PathBuf},
    process::{Child, Command, ExitCode, Stdio},
    time::Duration,
};

use proxy::{Config, ConfigError, Prepared, Processes, ServeError, Sources, config, event};
use vault::{
    SecretMemory, VaultOptions, WardenOptions,
    sandbox::{self, Requirement, Role, SandboxError},
};

use crate::{loader, surroundings::Surroundings};

/// Exit code for a configuration that cannot be used (`EX_CONFIG` of sysexits.h).
pub const EXIT_CONFIG: u8 = 78;

/// Address space of a vault, program included: a part, its picture decoded, and the result, twice over.
const VAULT_ADDRESS_SPACE: u64 = 2 * 1024 * 1024 * 1024;

/// How long warden and loader may take to end, the warden's vaults included, once nobody speaks to them any more.
const CHILDREN_END: Duration = Duration::from_secs(5);

/// How often that is looked at.
const GLANCE: Duration = Duration::from_millis(20);

/// Why a server does not start, or stops.
#[derive(Debug)]
pub enum StartError {
    /// The configuration file cannot be read.
    File(PathBuf, io::Error),
    /// It says something that cannot be.
    Config(PathBuf, ConfigError),
    /// What the service manager gave cannot be used.
    Surroundings(io::Error),
    /// The warden's process cannot be started.
    Warden(io::Error),
    /// The loader's process cannot be started.
    Loader(io::Error),
    /// A layer of the sandbox is missing.
    Sandbox(SandboxError),
    /// The server itself.
    Serve(ServeError),
}

impl fmt::Display for StartError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::File(path, error) => write!(f, "{}: {error}", path.display()),
            Self::Config(path, error) => write!(f, "{}: {error}", path.display()),
            Self::Surroundings(error) => write!(
                f,
                "the service manager's sockets cannot be used: {error}\n  remedy: sockets must be TCP listeners, and \
                 NOTIFY_SOCKET the address of a manager"
            ),
            Self::Warden(error) => write!(f, "the warden cannot be started: {error}"),
            Self::Loader(error) => write!(f, "the loader cannot be started: {error}"),
            Self::Sandbox(error) => write!(
                f,
                "{error}\n  remedy: a kernel that has it, or vault.sandbox = \"best-effort\", which every key statement \
                 will tell"
            ),
            Self::Serve(error) => error.fmt(f),
        }
    }
}

impl std::error::Error for StartError {}

impl StartError {
    fn exit_code(&self) -> u8 {
        match self {
            Self::File(..) | Self::Config(..) | Self::Serve(ServeError::Config(_)) => EXIT_CONFIG,
            Self::Surroundings(_) | Self::Warden(_) | Self::Loader(_) | Self::Sandbox(_) => 1,
            Self::Serve(
                ServeError::Listen(_)
                | ServeError::Inherited(_)
                | ServeError::Warden(_)
                | ServeError::Loader(_)
                | ServeError::System(_),
            ) => 1,
        }
    }
}

/// Reads a configuration file.
///
/// # Errors
/// [`StartError::File`] and [`StartError::Config`].
pub fn read(path: &Path) -> Result<Config, StartError> {
    let text = Sources::configuration(path).map_err(|e| StartError::File(path.to_owned(), e))?;
    Config::read(&text).map_err(|e| StartError::Config(path.to_owned(), e))
}

/// Reads a configuration file and all that it names.
///
/// # Errors
/// [`StartError::File`]; what is wrong in it is found when it is used.
pub fn sources(path: &Path) -> Result<Sources, StartError> {
    Sources::read(path).map_err(|e| StartError::File(path.to_owned(), e))
}

/// `keyhole serve`: [`serve`], and the exit code of the program.
#[must_use]
pub fn serve_file(path: &Path, program: &Path) -> ExitCode {
    match serve(path, program) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            // There is nobody else to tell if standard error is closed.
            drop(writeln!(io::stderr(), "keyhole: {error}"));
            ExitCode::from(error.exit_code())
        }
    }
}

/// Serves until SIGTERM what the file at `path` says. `program` is started as the warden and the loader and must know the roles
/// `warden`, `loader` and `vault`. To be called before the process has a second thread; it can open no file and start no program
/// afterwards.
///
/// # Errors
/// [`StartError`].
pub fn serve(path: &Path, program: &Path) -> Result<(), StartError> {
    let surroundings = Surroundings::take().map_err(StartError::Surroundings)?;
    let log = read(path)?.log;
    event::install(log.format, log.level);
    let sources = sources(path)?;
    let prepared = Prepared::new(&sources, surroundings.sockets).map_err(StartError::Serve)?;
    // What was read is wiped before any other process begins.
    drop(sources);
    let vault = prepared.config().vault.as_ref();
    let requirement = vault.map_or(Requirement::Full, |vault| requirement(vault.sandbox));
    let warden = vault.map(|vault| start_warden(program, &warden_options(vault)));
    let (warden, mut children) = match warden.transpose().map_err(StartError::Warden)? {
        Some((socket, child)) => (Some(socket), vec![child]),
        None => (None, Vec::new()),
    };
    let environment = &surroundings.for_the_loader;
    let (loader, child) =
        start_loader(program, path, requirement, environment).map_err(StartError::Loader)?;
    children.push(child);
    // Certificates are loaded, names are looked up, ports are bound: no file is needed any more.
    sandbox::apply(Role::Server { read: &[] }, requirement).map_err(StartError::Sandbox)?;
    let processes = Processes {
        warden,
        loader: Some(loader),
    };
    let served = prepared
        .run(processes, surroundings.manager)
        .map_err(StartError::Serve);
    await_end(&mut children);
    served
}

/// Starts the loader as the warden is started, but for the variables by which names are looked up. It stands where the server
/// stands: paths in the configuration mean the same to both.
fn start_loader(
    program: &Path,
    config: &Path,
    requirement: Requirement,
    environment: &[(&str, String)],
) -> io::Result<(OwnedFd, Child)> {
    let (ours, theirs) = UnixStream::pair()?;
    let child = Command::new(program)
        .args(loader::arguments(requirement, config))
        .env_clear()
        .envs(environment.iter().map(|(name, value)| (name, value)))
        .stdin(OwnedFd::from(theirs))
        .stdout(Stdio::null())
        .process_group(0)
        .spawn()?;
    Ok((ours.into(), child))
}

/// Starts the warden at the other end of the socket: with no environment, and in a process group of its own, so that a
/// terminal's interrupt reaches the server alone, which ends the warden when it is done.
fn start_warden(program: &Path, options: &WardenOptions) -> io::Result<(OwnedFd, Child)> {
    let (ours, theirs) = UnixStream::pair()?;
    let child = Command::new(program)
        .arg("warden")
        .args(options.to_args())
        .env_clear()
        .stdin(OwnedFd::from(theirs))
        .stdout(Stdio::null())
        .process_group(0)
        .spawn()?;
    Ok((ours.into(), child))
}

/// Warden and loader end when their sockets close. They are waited for, so that whoever waits for the server sees all of it end.
fn await_end(children: &mut [Child]) {
    let mut waited = Duration::ZERO;
    while waited < CHILDREN_END
        && children
            .iter_mut()
            .any(|child| matches!(child.try_wait(), Ok(None)))
    {
        std::thread::sleep(GLANCE);
        waited += GLANCE;
    }
}

fn warden_options(vault: &config::Vault) -> WardenOptions {
    WardenOptions {
        identity: vault.identity.clone(),
        vault_role: vec!["vault".into()],
        pool: vault.pool.number().into(),
        live: vault.live.number().max(vault.pool.number()).into(),
        lifetime: vault.lifetime_seconds.duration(),
        vault: VaultOptions {
            requirement: requirement(vault.sandbox),
            secret_memory: match vault.secret_memory {
                config::SecretMemory::Auto => SecretMemory::Auto,
                config::SecretMemory::Off => SecretMemory::Off,
            },
            address_space: VAULT_ADDRESS_SPACE,
            cpu_seconds: vault.job_seconds.number(),
        },
    }
}

fn requirement(sandbox: config::Sandbox) -> Requirement {
    match sandbox {
        config::Sandbox::Full => Requirement::Full,
        config::Sandbox::BestEffort => Requirement::BestEffort,
    }
}
