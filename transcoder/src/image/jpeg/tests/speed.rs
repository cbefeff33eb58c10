//! How long files take, for whoever works on that: `KEYHOLE_JPEG=file:file cargo test --release -p transcoder --lib jpeg::tests::speed -- --ignored --nocapture`.

use super::*;

/// What this thread has had of a processor, in nanoseconds.
fn cpu() -> u64 {
    let told = std::fs::read_to_string("/proc/thread-self/schedstat").unwrap();
    told.split(' ').next().unwrap().parse().unwrap()
}

#[test]
#[ignore = "a measurement: prints, and proves nothing"]
fn decoding_takes() {
    for name in std::env::var("KEYHOLE_JPEG").unwrap().split(':') {
        let file = std::fs::read(name).unwrap();
        for scale in [Scale::Eighth, Scale::Quarter, Scale::Half, Scale::Whole] {
            let mut times: Vec<u64> = (0..7)
                .map(|_| {
                    let before = cpu();
                    decoded(&file, scale).unwrap();
                    cpu() - before
                })
                .collect();
            times.sort_unstable();
            let mut budget = budget();
            let before = budget.memory;
            let header = Header::read(&file, &mut budget).unwrap();
            Decoder::new(&file, &header, scale, &mut budget)
                .map(drop)
                .unwrap();
            eprintln!(
                "{name} {scale:?}: {:.1} ms, {} KiB",
                times[3] as f64 / 1e6,
                (before - budget.memory) / 1024
            );
        }
    }
}
