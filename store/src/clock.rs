//! The one place that asks the clock.

use std::time::SystemTime;

/// Now, for UIDVALIDITY, unique names and the date of an appended message.
#[expect(
    clippy::disallowed_methods,
    reason = "the store is a shell: a Maildir is stamped with the time"
)]
pub(crate) fn now() -> SystemTime {
    SystemTime::now()
}
