//! The clock that all processes of a run share: the kernel's monotonic one.

use nix::time::{ClockId, clock_gettime};

/// Microseconds on the machine's monotonic clock; only differences mean something, and they wrap after 71 minutes.
pub(crate) fn microseconds() -> u32 {
    let now = clock_gettime(ClockId::CLOCK_MONOTONIC).expect("the monotonic clock");
    let microseconds = i128::from(now.tv_sec()) * 1_000_000 + i128::from(now.tv_nsec()) / 1_000;
    // The remainder always fits.
    u32::try_from(microseconds % (1 << 32)).unwrap_or(0)
}
