//! How long something took, counted in buckets.

use std::{
    sync::atomic::{AtomicU64, Ordering},
    time::Duration,
};

/// The buckets' upper bounds in milliseconds: from a LAN's answer to the longest patience of a client.
pub(super) const BOUNDS: [u64; 12] = [
    1, 5, 10, 25, 50, 100, 250, 500, 1_000, 2_500, 10_000, 30_000,
];

/// Durations, counted.
#[derive(Debug, Default)]
pub(super) struct Histogram {
    /// One for each bound, and one for what is longer; each counts its own bucket alone.
    buckets: [AtomicU64; BOUNDS.len() + 1],
    microseconds: AtomicU64,
}

impl Histogram {
    pub(super) fn observe(&self, took: Duration) {
        let milliseconds = took.as_micros().div_ceil(1000);
        let fits = |bound: &u64| milliseconds <= u128::from(*bound);
        let index = BOUNDS.iter().position(fits).unwrap_or(BOUNDS.len());
        if let Some(bucket) = self.buckets.get(index) {
            bucket.fetch_add(1, Ordering::Relaxed);
        }
        let microseconds = u64::try_from(took.as_micros()).unwrap_or(u64::MAX);
        self.microseconds.fetch_add(microseconds, Ordering::Relaxed);
    }

    /// For each bound and then for all: how many were no longer. Their sum, in microseconds.
    pub(super) fn read(&self) -> ([u64; BOUNDS.len() + 1], u64) {
        let mut up_to = 0;
        let counts = self.buckets.each_ref().map(|bucket| {
            up_to += bucket.load(Ordering::Relaxed);
            up_to
        });
        (counts, self.microseconds.load(Ordering::Relaxed))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_bucket_holds_what_is_no_longer_than_its_bound() {
        let histogram = Histogram::default();
        for microseconds in [1_000, 1_001, 5_000, 40_000_000] {
            histogram.observe(Duration::from_micros(microseconds));
        }
        let (counts, sum) = histogram.read();
        assert_eq!(counts[..3], [1, 3, 3]);
        assert_eq!(counts[11..], [3, 4]);
        assert_eq!(sum, 40_007_001);
    }
}
