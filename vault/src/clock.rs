//! The monotonic clock. Only the two shells ask it: `child` and `warden`.

use std::time::{Duration, Instant};

use rustix::event::Timespec;

/// Now.
#[expect(
    clippy::disallowed_methods,
    reason = "the vault's and the warden's loops are shells: they ask the clock, and hand it on as an argument"
)]
pub(crate) fn now() -> Instant {
    Instant::now()
}

/// How long poll(2) may wait for `deadline`; `None` waits for ever.
pub(crate) fn until(deadline: Option<Instant>) -> Option<Timespec> {
    let left = deadline?.saturating_duration_since(now());
    Some(Timespec::try_from(left).unwrap_or(Timespec {
        tv_sec: i64::MAX,
        tv_nsec: 0,
    }))
}

/// The next multiple of `bucket` after `start`, seen from `now`; at least one.
pub(crate) fn next_multiple(start: Instant, now: Instant, bucket: Duration) -> Instant {
    let elapsed = now.saturating_duration_since(start).as_nanos();
    let buckets = elapsed.div_ceil(bucket.as_nanos().max(1)).max(1);
    let buckets = u32::try_from(buckets).unwrap_or(u32::MAX);
    let wait = bucket.saturating_mul(buckets);
    start.checked_add(wait).unwrap_or(now)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn answers_come_at_multiples_of_the_bucket_only() {
        let bucket = Duration::from_secs(1);
        let start = now();
        for (elapsed, answer) in [
            (0, 1000),
            (1, 1000),
            (1000, 1000),
            (1001, 2000),
            (3999, 4000),
        ] {
            let at = start + Duration::from_millis(elapsed);
            let expected = start + Duration::from_millis(answer);
            assert_eq!(next_multiple(start, at, bucket), expected, "{elapsed} ms");
        }
    }
}
