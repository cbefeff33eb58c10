//! The one place of the server that asks for the time; everything else is told it.

use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

/// A moment of the monotonic clock, counted from the server's start.
#[derive(Clone, Copy, Debug, Default, Eq, Ord, PartialEq, PartialOrd)]
pub struct Moment(Duration);

impl Moment {
    /// The moment that lies `since_start` after the server's start.
    #[must_use]
    pub fn at(since_start: Duration) -> Self {
        Self(since_start)
    }

    /// This moment and `wait` more.
    #[must_use]
    pub fn plus(self, wait: Duration) -> Self {
        Self(self.0.saturating_add(wait))
    }

    /// How long it is from `earlier` to this moment; nothing, if that lies ahead.
    #[must_use]
    pub fn since(self, earlier: Self) -> Duration {
        self.0.saturating_sub(earlier.0)
    }

    /// The end of the time bucket of `width` that a wait begun at `arrived` is in now: the first multiple
    /// of `width` after `arrived` that has not passed.
    #[must_use]
    pub fn bucket_end(self, arrived: Self, width: Duration) -> Self {
        let waited = self.since(arrived).as_millis();
        let whole = waited.checked_div(width.as_millis()).unwrap_or(0);
        let buckets = u32::try_from(whole.saturating_add(1)).unwrap_or(u32::MAX);
        arrived.plus(width.saturating_mul(buckets))
    }
}

/// The clock of a running server.
#[derive(Clone, Copy, Debug)]
pub struct Clock {
    started: Instant,
}

impl Clock {
    /// A clock that starts now.
    #[must_use]
    #[expect(
        clippy::disallowed_methods,
        reason = "the server's one reading of the monotonic clock"
    )]
    pub fn start() -> Self {
        Self {
            started: Instant::now(),
        }
    }

    /// The present moment.
    #[must_use]
    pub fn now(&self) -> Moment {
        Moment(self.started.elapsed())
    }

    /// How long from now until `moment`; nothing, if it has passed.
    #[must_use]
    pub fn until(&self, moment: Moment) -> Duration {
        moment.since(self.now())
    }
}

/// Seconds since 1970 by the system's clock, for times that other machines read; 0 if it stands before.
#[must_use]
pub fn unix_seconds() -> u64 {
    unix_time().as_secs()
}

/// The same, as exactly as the system knows.
#[must_use]
#[expect(
    clippy::disallowed_methods,
    reason = "the server's one reading of the system's clock"
)]
pub fn unix_time() -> Duration {
    let since = SystemTime::now().duration_since(UNIX_EPOCH);
    since.unwrap_or_default()
}

/// Microseconds of CLOCK_MONOTONIC, by which the service manager tells a reload's message from an older one.
#[must_use]
pub fn monotonic_microseconds() -> i64 {
    let now = rustix::time::clock_gettime(rustix::time::ClockId::Monotonic);
    now.tv_sec
        .saturating_mul(1_000_000)
        .saturating_add(now.tv_nsec / 1000)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ms(milliseconds: u64) -> Moment {
        Moment::at(Duration::from_millis(milliseconds))
    }

    #[test]
    fn an_answer_waits_for_the_next_multiple_of_the_bucket() {
        let bucket = Duration::from_secs(1);
        assert_eq!(ms(500).bucket_end(ms(500), bucket), ms(1500));
        assert_eq!(ms(1499).bucket_end(ms(500), bucket), ms(1500));
        assert_eq!(ms(1500).bucket_end(ms(500), bucket), ms(2500));
        assert_eq!(ms(2777).bucket_end(ms(500), bucket), ms(3500));
    }
}
