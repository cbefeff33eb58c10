//! Waiting for a condition, with a deadline: never for a length of time.

use std::time::{Duration, Instant};

/// How long any one thing may take before the test gives up.
pub const PATIENCE: Duration = Duration::from_secs(30);
const STEP: Duration = Duration::from_millis(5);

/// The moment, for tests that measure.
#[expect(clippy::disallowed_methods, reason = "tests measure and wait")]
#[must_use]
pub fn now() -> Instant {
    Instant::now()
}

/// Asks `condition` until it gives a value.
///
/// # Panics
/// After [`PATIENCE`], naming `what`.
pub fn until<T>(what: &str, mut condition: impl FnMut() -> Option<T>) -> T {
    let begun = now();
    loop {
        if let Some(value) = condition() {
            return value;
        }
        assert!(begun.elapsed() < PATIENCE, "waited too long for {what}");
        std::thread::sleep(STEP);
    }
}
