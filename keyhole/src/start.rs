//! The start of a server: what is loaded and bound while files may be opened, then the warden, then the sandbox, and only
//! then the runtime and the first stranger's octet.

use std::{
    fmt, fs,
    io::{self, Write},
    os::{fd::OwnedFd, unix::net::UnixStream, unix::process::CommandExt},
    path::{Path, PathBuf},
    process::{Child, Command, ExitCode, Stdio},
    time::Duration,
};

use proxy::{Config, ConfigError, Prepared, ServeError, config, event};
use vault::{
    SecretMemory, VaultOptions, WardenOptions,
    sandbox::{self, Requirement, Role, SandboxError},
};

/// Exit code for a configuration that cannot be used (`EX_CONFIG` of sysexits.h).
pub const EXIT_CONFIG: u8 = 78;

/// Address space of a vault, program included: a part, its picture decoded, and the result, twice over.
const VAULT_ADDRESS_SPACE: u64 = 2 * 1024 * 1024 * 1024;

/// How long the warden may take to end its vaults and itself, once nobody speaks to it any more.
const WARDEN_ENDS: Duration = Duration::from_secs(5);

/// How often that is looked at.
const GLANCE: Duration = Duration::from_millis(20);

/// Why a server does not start, or stops.
#[derive(Debug)]
pub enum StartError {
    /// The configuration file cannot be read.
    File(PathBuf, io::Error),
    /// It says something that cannot be.
    Config(PathBuf, ConfigError),
    /// The warden's process cannot be started.
    Warden(io::Error),
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
            Self::Warden(error) => write!(f, "the warden cannot be started: {error}"),
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
            Self::Warden(_) | Self::Sandbox(_) => 1,
            Self::Serve(ServeError::Listen(..) | ServeError::Warden(_) | ServeError::System(_)) => {
                1
            }
        }
    }
}

/// Reads a configuration file.
///
/// # Errors
/// [`StartError::File`] and [`StartError::Config`].
pub fn read(path: &Path) -> Result<Config, StartError> {
    let text = fs::read_to_string(path).map_err(|e| StartError::File(path.to_owned(), e))?;
    Config::read(&text).map_err(|e| StartError::Config(path.to_owned(), e))
}

/// `keyhole serve`: [`serve`] with a file, and the exit code of the program.
#[must_use]
pub fn serve_file(path: &Path, program: &Path) -> ExitCode {
    let served = read(path).and_then(|config| {
        event::install(config.log.format, config.log.level);
        serve(config, program)
    });
    match served {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            // There is nobody else to tell if standard error is closed.
            drop(writeln!(io::stderr(), "keyhole: {error}"));
            ExitCode::from(error.exit_code())
        }
    }
}

/// Serves until SIGTERM. `program` is started as the warden and must know the roles `warden` and `vault`. To be called
/// before the process has a second thread; it can open no file and start no program afterwards.
///
/// # Errors
/// [`StartError`].
pub fn serve(config: Config, program: &Path) -> Result<(), StartError> {
    let requirement = config
        .vault
        .as_ref()
        .map(|vault| requirement(vault.sandbox));
    let options = config.vault.as_ref().map(warden_options);
    let prepared = Prepared::new(config).map_err(StartError::Serve)?;
    let warden = options.map(|options| start_warden(program, &options));
    let (socket, warden) = warden.transpose().map_err(StartError::Warden)?.unzip();
    // Certificates are loaded, the store's name is looked up, the port is bound: no file is needed any more.
    let requirement = requirement.unwrap_or(Requirement::Full);
    sandbox::apply(Role::Server { read: &[] }, requirement).map_err(StartError::Sandbox)?;
    let served = prepared.run(socket).map_err(StartError::Serve);
    if let Some(mut warden) = warden {
        await_end(&mut warden);
    }
    served
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

/// The warden ends when its socket closes. It is waited for, so that whoever waits for the server sees all of it end.
fn await_end(warden: &mut Child) {
    let mut waited = Duration::ZERO;
    while waited < WARDEN_ENDS && matches!(warden.try_wait(), Ok(None)) {
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
