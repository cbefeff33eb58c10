//! What a process gives up before it reads its first octet.
use std::path::PathBuf;

use keyreveal::SandboxLevel;

/// What happens where the kernel lacks a layer.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Requirement {
    /// The process does not start.
    Full,
    /// It starts, and says so.
    BestEffort,
}

/// Who gives up what.
#[derive(Clone, Copy, Debug)]
pub enum Role<'a> {
    /// One reveal's process: it may compute, and speak on the socket it has.
    Vault {
        /// Octets of address space, program included.
        address_space: u64,
        /// Seconds of processor time, start included.
        cpu_seconds: u64,
    },
    /// Starts vaults of this very program; no network, no other file.
    Warden,
    /// The network-facing server: no program, no process, no file but these, to be read.
    Server {
        /// Files, and folders with all below them.
        read: &'a [PathBuf],
    },
}

/// The sandbox does not stand.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum SandboxError {
    /// The kernel lacks or refuses this layer, and the requirement is full.
    Missing(Layer),
    /// More than one thread runs; the others would stay outside.
    Threads,
}

/// One layer.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Layer {
    /// `no_new_privs`, not dumpable
    Privileges,
    /// Resource limits
    Limits,
    /// Files, TCP ports, signals and abstract sockets outside
    Landlock,
    /// System calls
    Seccomp,
}

/// Gives up what `role` does not need, for good. To be called before the process has a second thread.
///
/// # Errors
/// [`SandboxError`]; the process must end then, for some of the layers may stand already.
pub fn apply(role: Role<'_>, requirement: Requirement) -> Result<SandboxLevel, SandboxError> {
    let _ = (role, requirement);
    todo!()
}
