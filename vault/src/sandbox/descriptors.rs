//! What a process has in its hands when it starts, and should not have.

use std::fs::read_dir;

use nix::sys::signal::{SigSet, Signal};
use rustix::process::{Resource, getrlimit};

/// Descriptors tried where they cannot be listed: no more than this, however high the limit.
const MOST_TRIED: u64 = 65_536;

/// Closes every descriptor from `first` on. To be called before anything is opened: what is closed here belongs to nobody.
pub fn close_from(first: i32) {
    for descriptor in listed().unwrap_or_else(possible) {
        if descriptor >= first {
            // Most are not open, and the list's own is closed already: that is no error.
            nix::unistd::close(descriptor).unwrap_or_default();
        }
    }
}

fn listed() -> Option<Vec<i32>> {
    let entries = read_dir("/proc/self/fd").ok()?;
    Some(
        entries
            .filter_map(|entry| entry.ok()?.file_name().to_str()?.parse().ok())
            .collect(),
    )
}

/// In a vault the warden's Landlock hides `/proc`; the warden's limit on descriptors is low.
fn possible() -> Vec<i32> {
    let limit = getrlimit(Resource::Nofile).current.unwrap_or(MOST_TRIED);
    let limit = i32::try_from(limit.min(MOST_TRIED)).unwrap_or(i32::MAX);
    (0..limit).collect()
}

/// Lets the signals that ask a whole group to end pass by: vaults, warden and loader end when the server does, which finishes its work
/// first.
///
/// # Errors
/// Where the kernel refuses.
pub fn block_polite_signals() -> rustix::io::Result<()> {
    let mut signals = SigSet::empty();
    for signal in [Signal::SIGINT, Signal::SIGTERM, Signal::SIGHUP] {
        signals.add(signal);
    }
    signals.thread_block().map_err(|_| rustix::io::Errno::INVAL)
}

/// Whether there is a second thread. Where that cannot be seen (a vault, just executed) there is none.
pub(crate) fn several_threads() -> bool {
    read_dir("/proc/self/task").is_ok_and(|threads| threads.count() > 1)
}
