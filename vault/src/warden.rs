//! `keyhole warden`: starts vaults, keeps the ready pool, signs what a vault hands it. Holds the identity key, which nothing else
//! reads, and has no network. It ends when the server's end of its control socket closes, and every vault ends with it.

mod control;
pub mod identity_file;
mod pool;
mod program;
mod vaults;

use std::process::ExitCode;

use keyreveal::Identity;
use rand_core::CryptoRng;
use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};

use crate::frames::{FrameError, FromWarden, Hello};
use crate::options::WardenOptions;
use crate::sandbox::{self, Role, SandboxError, descriptors};
use control::{Closed, Control};
use identity_file::IdentityFileError;
use pool::Warden;
use program::Program;

/// Descriptors of one vault at most: its process, its socket, and the end that is being handed over.
const DESCRIPTORS_PER_VAULT: u64 = 3;
/// Descriptors of the warden itself, with room to spare.
const OWN_DESCRIPTORS: u64 = 32;

/// Why the warden did not start, or could not go on.
#[derive(Debug)]
pub enum WardenError {
    /// The identity key cannot be used.
    Identity(IdentityFileError),
    /// The program cannot be read, or a kernel service that the warden needs refuses.
    System(std::io::Error),
    /// The sandbox does not stand.
    Sandbox(SandboxError),
    /// A frame of its own was too long.
    Frame(FrameError),
}

impl std::fmt::Display for WardenError {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Identity(error) => write!(f, "identity key: {error}"),
            Self::System(error) => write!(f, "system: {error}"),
            Self::Sandbox(error) => write!(f, "sandbox: {error}"),
            Self::Frame(error) => write!(f, "control socket: {error}"),
        }
    }
}

impl std::error::Error for WardenError {}

impl From<std::io::Error> for WardenError {
    fn from(error: std::io::Error) -> Self {
        Self::System(error)
    }
}

impl From<rustix::io::Errno> for WardenError {
    fn from(error: rustix::io::Errno) -> Self {
        Self::System(error.into())
    }
}

impl From<FrameError> for WardenError {
    fn from(error: FrameError) -> Self {
        Self::Frame(error)
    }
}

/// Starts vaults for the server at the other end of descriptor 0, until that closes. To be called by a process with one thread.
/// What prevents it is said on standard error, before the first frame. `rng` is the system's generator, but in tests.
pub fn run_warden(options: &WardenOptions, rng: &mut impl CryptoRng) -> ExitCode {
    match serve(options, rng) {
        Ok(Closed) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("keyhole warden: {error}");
            ExitCode::FAILURE
        }
    }
}

fn serve(options: &WardenOptions, rng: &mut impl CryptoRng) -> Result<Closed, WardenError> {
    // A stray descriptor would be inherited by every vault.
    descriptors::close_from(3);
    descriptors::block_polite_signals()?;
    let identity =
        identity_file::read_or_create(&options.identity, rng).map_err(WardenError::Identity)?;
    let program = Program::of_this_process(options)?;
    rustix::process::chdir("/")?;
    limit_descriptors(options)?;
    let confined = Role::Warden {
        program: program.files(),
    };
    let level =
        sandbox::apply(confined, options.vault.requirement).map_err(WardenError::Sandbox)?;
    let mut control = Control::new(rustix::stdio::stdin());
    control.send(&FromWarden::Hello(hello(&identity, &program, level)), None)?;
    Warden::new(options, identity, program, control).run(rng)
}

fn hello(identity: &Identity, program: &Program, sandbox: keyreveal::SandboxLevel) -> Hello {
    Hello {
        identity: *identity.public().octets(),
        program: program.digest(),
        sandbox,
    }
}

/// As many descriptors as the vaults need, so that a vault has few numbers to close.
fn limit_descriptors(options: &WardenOptions) -> Result<(), WardenError> {
    let vaults = u64::try_from(options.live).unwrap_or(u64::MAX);
    let needed = vaults
        .saturating_mul(DESCRIPTORS_PER_VAULT)
        .saturating_add(OWN_DESCRIPTORS);
    let maximum = getrlimit(Resource::Nofile).maximum;
    let current = Some(maximum.map_or(needed, |maximum| maximum.min(needed)));
    setrlimit(Resource::Nofile, Rlimit { current, maximum })?;
    Ok(())
}
