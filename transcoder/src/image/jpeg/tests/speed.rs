//! How long files take, for whoever works on that:
//! `KEYHOLE_JPEG=file:file cargo test --release -p transcoder --lib jpeg::tests::speed -- --ignored --nocapture`,
//! and `KEYHOLE_SCALE=8421` for some of the scales only.

use super::*;

/// Whose mean is printed.
const RUNS: u32 = 20;

/// What this thread has had of a processor, in nanoseconds.
fn cpu() -> u64 {
    let told = std::fs::read_to_string("/proc/thread-self/schedstat").unwrap();
    told.split(' ').next().unwrap().parse().unwrap()
}

#[expect(
    clippy::disallowed_methods,
    reason = "a measurement of files that only its caller knows"
)]
pub(super) fn told(name: &str) -> Option<String> {
    std::env::var(name).ok()
}

#[test]
#[ignore = "a measurement: prints, and proves nothing"]
fn decoding_takes() {
    let wanted = told("KEYHOLE_SCALE").unwrap_or("1248".to_owned());
    for name in told("KEYHOLE_JPEG").unwrap().split(':') {
        let file = std::fs::read(name).unwrap();
        let wanted = |scale: &Scale| wanted.contains(&scale.samples().to_string());
        for scale in SCALES.into_iter().filter(wanted) {
            // The kernel counts in ticks: one run alone says little.
            let before = cpu();
            for _ in 0..RUNS {
                decoded(&file, scale).unwrap();
            }
            let mean = (cpu() - before) as f64 / f64::from(RUNS);
            let mut budget = budget();
            let before = budget.memory;
            let header = Header::read(&file, &mut budget).unwrap();
            Decoder::new(&file, &header, scale, &mut budget)
                .map(drop)
                .unwrap();
            eprintln!(
                "{name} {scale:?}: {:.1} ms, {} KiB",
                mean / 1e6,
                (before - budget.memory) / 1024
            );
        }
    }
}
