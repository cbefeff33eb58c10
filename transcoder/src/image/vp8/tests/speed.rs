//! How long files take, for whoever works on that:
//! `KEYHOLE_WEBP=file:file cargo test --release -p transcoder --lib vp8::tests::speed -- --ignored --nocapture`.

use super::*;

/// Whose mean is printed.
const RUNS: u32 = 20;

/// What this thread has had of a processor, in nanoseconds.
fn cpu() -> u64 {
    let told = std::fs::read_to_string("/proc/thread-self/schedstat").unwrap();
    told.split(' ').next().unwrap().parse().unwrap()
}

#[test]
#[ignore = "a measurement: prints, and proves nothing"]
#[expect(
    clippy::disallowed_methods,
    reason = "a measurement of files that only its caller knows"
)]
fn decoding_takes() {
    for name in std::env::var("KEYHOLE_WEBP").unwrap().split(':') {
        let file = std::fs::read(name).unwrap();
        for scale in SCALES {
            // The kernel counts in ticks: one run alone says little.
            let before = cpu();
            for _ in 0..RUNS {
                decoded(frame(&file), scale).unwrap();
            }
            let mean = (cpu() - before) as f64 / f64::from(RUNS);
            let mut budget = budget();
            let before = budget.memory;
            drop(Decoder::new(frame(&file), scale, &mut budget).unwrap());
            let memory = (before - budget.memory) / 1024;
            eprintln!("{name} {scale:?}: {:.1} ms, {memory} KiB", mean / 1e6);
        }
    }
}
