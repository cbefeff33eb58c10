//! Whole small frames changed in some places: no panic at any scale, the same twice, and a size that is as announced. In
//! plain `cargo test` it runs a bounded number of times; with an engine of bolero's as long as one likes.

use super::scene::PARTITIONS;
use super::*;

const ITERATIONS: usize = 1_000;

/// More changes at once only break what the first few would have found.
const MOST_CHANGES: usize = 4;

#[test]
fn changed_frames_hold() {
    let seeds = PARTITIONS.map(frame);
    bolero::check!()
        .with_iterations(ITERATIONS)
        .with_type::<Vec<(u16, u8)>>()
        .for_each(|changes: &Vec<(u16, u8)>| {
            for seed in seeds {
                let mut frame = seed.to_vec();
                let len = frame.len();
                for (at, octet) in changes.iter().take(MOST_CHANGES) {
                    frame[usize::from(*at) % len] = *octet;
                }
                holds(&frame);
            }
        });
}

fn holds(frame: &[u8]) {
    for scale in SCALES {
        let Ok(decoder) = Decoder::new(frame, scale, &mut budget()) else {
            continue;
        };
        if decoder.size().pixels() > 100_000 {
            continue; // the caller would not have paid
        }
        let once = rows(decoder);
        let again = decoded(frame, scale);
        assert_eq!(once, again);
    }
}
