//! Whole small files of each kind changed in some places: no panic at any scale, the same twice, and a size that is as
//! announced. In plain `cargo test` it runs a bounded number of times; with an engine of bolero's as long as one likes.

use super::scene::kinds;
use super::*;

const ITERATIONS: usize = 3_000;

/// More changes at once only break what the first few would have found.
const MOST_CHANGES: usize = 4;

#[test]
fn changed_files_hold() {
    let kinds = kinds();
    bolero::check!()
        .with_iterations(ITERATIONS)
        .with_type::<Vec<(u16, u8)>>()
        .for_each(|changes: &Vec<(u16, u8)>| {
            for kind in &kinds {
                let mut file = kind.clone();
                let len = file.len();
                for (at, octet) in changes.iter().take(MOST_CHANGES) {
                    file[usize::from(*at) % len] = *octet;
                }
                holds(&file);
            }
        });
}

fn holds(file: &[u8]) {
    for scale in SCALES {
        let small = || Budget {
            memory: 16 * 1024 * 1024,
            ..budget()
        };
        let mut budget = small();
        let Ok(header) = Header::read(file, &mut budget) else {
            continue;
        };
        if header.size().pixels() > 1_000_000 {
            continue; // the caller would not have paid
        }
        let once = Decoder::new(file, &header, scale, &mut budget).and_then(rows);
        let again = Decoder::new(file, &header, scale, &mut small()).and_then(rows);
        assert_eq!(once, again);
    }
}
