//! What a process gives up before it reads its first octet: a table for each layer, each line with its reason.
//!
//! | layer | table | vault | warden | server | loader |
//! | --- | --- | --- | --- | --- | --- |
//! | privileges | below | no new ones, not dumpable | the same | the same | the same |
//! | limits | [`limits`] | processor, memory, no file, no process, no core | no core | no core | no core |
//! | Landlock | [`files`] | nothing at all | reads and executes this very program | reads what it is given | reads, and nothing else |
//! | seccomp | [`allowed`], [`denied`] | only what is listed | all but what is listed | all but what is listed | all but what is listed |
//!
//! Nothing here can be taken back by the process itself; children inherit it. This module must not read configuration and
//! must not print.

mod allowed;
mod denied;
pub mod descriptors;
mod files;
mod filter;
mod limits;

use std::path::PathBuf;

use keyreveal::SandboxLevel;
use rustix::process::{DumpableBehavior, set_dumpable_behavior};
use rustix::thread::set_no_new_privs;

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
    /// One reveal's process: it may compute, and speak on the socket that is descriptor 0.
    Vault {
        /// Octets of address space, program included.
        address_space: u64,
        /// Seconds of processor time, start included.
        cpu_seconds: u64,
    },
    /// Starts vaults: no network, no file but these, to be read and executed.
    Warden {
        /// The program and what it is linked with.
        program: &'a [PathBuf],
    },
    /// The network-facing server: no program, no process, no file but these, to be read.
    Server {
        /// Files, and folders with all below them. One that does not exist is passed over.
        read: &'a [PathBuf],
    },
    /// Reads files, looks names up and binds ports for the server: no program, no process, nothing written, and no
    /// connection taken.
    Loader,
}

/// One layer.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Layer {
    /// `no_new_privs`; not dumpable.
    Privileges,
    /// Resource limits.
    Limits,
    /// Files, TCP ports, signals to others.
    Landlock,
    /// System calls.
    Seccomp,
}

/// The sandbox does not stand.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum SandboxError {
    /// The kernel lacks or refuses this layer, and the requirement is full.
    Missing(Layer),
    /// More than one thread runs; the others would stay outside.
    Threads,
}

impl std::fmt::Display for SandboxError {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self {
            Self::Missing(Layer::Privileges) => {
                "the kernel refuses no_new_privs or PR_SET_DUMPABLE"
            }
            Self::Missing(Layer::Limits) => "the kernel refuses resource limits",
            Self::Missing(Layer::Landlock) => {
                "the kernel has no Landlock (needed: Linux 5.13, LSM \"landlock\" on)"
            }
            Self::Missing(Layer::Seccomp) => "the kernel has no seccomp filters",
            Self::Threads => "more than one thread runs, and a sandbox would not hold the others",
        })
    }
}

impl std::error::Error for SandboxError {}

/// Gives up what `role` does not need, for good. To be called before the process has a second thread.
///
/// # Errors
/// [`SandboxError`]; the process must end then, for some of the layers may stand already.
pub fn apply(role: Role<'_>, requirement: Requirement) -> Result<SandboxLevel, SandboxError> {
    if descriptors::several_threads() {
        return Err(SandboxError::Threads);
    }
    let layers: [(Layer, SetUp); 4] = [
        (Layer::Privileges, privileges),
        // Before the limits, because rules come in descriptors.
        (Layer::Landlock, files::close),
        (Layer::Limits, limits::set),
        // Last: it takes away what the other layers are set up with.
        (Layer::Seccomp, filter::install),
    ];
    let mut missing = 0_usize;
    for (layer, set_up) in layers {
        match (set_up(role), requirement) {
            (Stands::Yes, _) => {}
            (Stands::No, Requirement::BestEffort) => missing = missing.saturating_add(1),
            (Stands::No, Requirement::Full) => return Err(SandboxError::Missing(layer)),
        }
    }
    Ok(match missing {
        0 => SandboxLevel::Full,
        missing if missing < layers.len() => SandboxLevel::BestEffort,
        _all => SandboxLevel::None,
    })
}

/// Sets one layer up for a role.
type SetUp = fn(Role<'_>) -> Stands;

/// Whether a layer is there.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
enum Stands {
    Yes,
    No,
}

impl<T, E> From<Result<T, E>> for Stands {
    fn from(result: Result<T, E>) -> Self {
        match result {
            Ok(_) => Self::Yes,
            Err(_) => Self::No,
        }
    }
}

/// The same for all roles: no program that is executed gains rights (seccomp and Landlock ask for it), and neither core files nor
/// other processes of the same user read this one's memory.
fn privileges(_: Role<'_>) -> Stands {
    set_no_new_privs(true)
        .and_then(|()| set_dumpable_behavior(DumpableBehavior::NotDumpable))
        .into()
}
