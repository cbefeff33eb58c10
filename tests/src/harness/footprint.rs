//! What a running `keyhole serve` takes of the machine: processes, descriptors, memory. Read from `/proc`.

use std::fs;

use rustix::process::{Pid, Signal, kill_process};

use super::keyhole::Keyhole;
use super::wait;

/// Processes and descriptors of the server and the warden.
///
/// Another user's descriptors, and those of a process that is not dumpable, are shown to root only: elsewhere they are not
/// counted.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct Footprint {
    /// Processes below the server: the warden and its vaults, dead ones that nobody waited for included.
    pub processes: usize,
    /// Descriptors of the server, where they can be seen.
    pub server: Option<usize>,
    /// Descriptors of the warden, where they can be seen.
    pub warden: Option<usize>,
}

impl Footprint {
    /// What is taken now.
    #[must_use]
    pub fn of(keyhole: &Keyhole) -> Self {
        let descendants = keyhole.descendants();
        Self {
            processes: descendants.len(),
            server: descriptors(keyhole.process()),
            warden: descendants.first().copied().and_then(descriptors),
        }
    }

    /// What is taken when the warden and `vaults` ready vaults are all there is beside the server.
    ///
    /// # Panics
    /// When it does not come to that.
    #[must_use]
    pub fn at_rest(keyhole: &Keyhole, vaults: usize) -> Self {
        let mut last = None;
        wait::until("the vaults to be ready", || {
            let now = Self::of(keyhole);
            let same = last.replace(now) == Some(now);
            (same && now.processes == vaults + 1).then_some(now)
        })
    }

    /// Waits until there are no more and no fewer processes than this.
    ///
    /// # Panics
    /// When it does not come to that.
    pub fn is_restored_in_processes(self, keyhole: &Keyhole) {
        wait::until("the number of processes to be as before", || {
            (keyhole.descendants().len() == self.processes).then_some(())
        });
    }

    /// Waits until no more and no less is taken than this.
    ///
    /// # Panics
    /// When it does not come to that; both are shown.
    pub fn is_restored(self, keyhole: &Keyhole) {
        let begun = wait::now();
        while Self::of(keyhole) != self {
            assert!(
                begun.elapsed() < wait::PATIENCE,
                "before {self:?}, now {:?}, {:?}",
                Self::of(keyhole),
                keyhole
                    .descendants()
                    .into_iter()
                    .map(state)
                    .collect::<Vec<_>>()
            );
            std::thread::yield_now();
        }
    }
}

fn descriptors(process: u32) -> Option<usize> {
    fs::read_dir(format!("/proc/{process}/fd"))
        .ok()
        .map(Iterator::count)
}

/// Octets of memory.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct Memory {
    /// The most that was resident at any time.
    pub peak: u64,
    /// What is resident now.
    pub resident: u64,
}

impl Memory {
    /// What `process` takes; none if it is gone.
    #[must_use]
    pub fn of(process: u32) -> Option<Self> {
        let status = fs::read_to_string(format!("/proc/{process}/status")).ok()?;
        let field = |name: &str| {
            let line = status.lines().find_map(|line| line.strip_prefix(name))?;
            let kibibytes: u64 = line.trim().strip_suffix(" kB")?.trim().parse().ok()?;
            Some(kibibytes * 1024)
        };
        Some(Self {
            peak: field("VmHWM:")?,
            resident: field("VmRSS:")?,
        })
    }
}

/// Whether a process runs: one that is dead and not waited for does not.
#[must_use]
pub fn is_alive(process: u32) -> bool {
    !matches!(state(process), None | Some('Z' | 'X'))
}

/// The state's letter; none if there is no such process.
fn state(process: u32) -> Option<char> {
    let stat = fs::read_to_string(format!("/proc/{process}/stat")).ok()?;
    // The name before it may hold anything, a parenthesis too.
    stat.rsplit_once(") ")?.1.chars().next()
}

/// Sends a signal to a process that the test started, or one below it.
///
/// # Panics
/// When there is no such process.
pub fn signal(process: u32, signal: Signal) {
    let id = i32::try_from(process).ok().and_then(Pid::from_raw);
    kill_process(id.expect("a process id"), signal).expect("a signal is sent");
}
