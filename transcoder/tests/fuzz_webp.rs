//! Whole small files of lossy WebP changed in some places, made small by every reduction: no panic, nothing larger than
//! asked for, and the same twice. In plain `cargo test` it runs a bounded number of times; with an engine of bolero's as
//! long as one likes. (What a decoder does at each scale by itself is fuzzed beside it, too.)

use std::num::NonZeroU32;

use transcoder::{Budget, Conversion, MediaType, Target, convert};

/// Runs in plain `cargo test`: some seconds on a slow machine.
const ITERATIONS: usize = 1_000;

/// More changes at once only break what the first few would have found.
const MOST_CHANGES: usize = 4;

/// One file in so many is cut.
const CUT_ONE_IN: u16 = 8;

/// Of 45 × 150 pixels: an eighth of them, a quarter, a half and the whole are enough for these widths. (The other seed is
/// of 12 × 9.)
const WIDTHS: [u32; 4] = [3, 7, 14, 40];

const SEEDS: [&[u8]; 3] = [
    include_bytes!("../src/image/vp8/decode/tests/seeds/two-partitions.webp"),
    include_bytes!("../src/image/vp8/decode/tests/seeds/eight-partitions.webp"),
    include_bytes!("pictures/seeds/lossy.webp"),
];

fn budget() -> Budget {
    Budget {
        input_octets: 100_000,
        pixels: 1_000_000,
        samples: 0,
        output_octets: 100_000,
        memory: 64 * 1024 * 1024,
    }
}

fn holds(file: &[u8], width: u32) {
    let conversion = Conversion {
        target: Target::Jpeg,
        width: NonZeroU32::new(width),
        height: None,
        octets: None,
    };
    let once = convert(file, Some(MediaType::WebP), &conversion, budget());
    let again = convert(file, Some(MediaType::WebP), &conversion, budget());
    match (once, again) {
        (Ok(once), Ok(again)) => {
            assert!(once.width <= width);
            assert_eq!(once.octets.expose(), again.octets.expose());
        }
        (Err(once), Err(again)) => assert_eq!(once, again),
        _ => panic!("once refused and once not"),
    }
}

#[test]
fn changed_files_are_made_small_or_refused() {
    bolero::check!()
        .with_iterations(ITERATIONS)
        .with_type::<(Vec<(u16, u8)>, u16)>()
        .for_each(|(changes, cut): &(Vec<(u16, u8)>, u16)| {
            let widths = WIDTHS.iter().cycle().skip(usize::from(*cut % 4));
            for (seed, width) in SEEDS.iter().zip(widths) {
                let mut file = seed.to_vec();
                let len = file.len();
                for (at, octet) in changes.iter().take(MOST_CHANGES) {
                    file[usize::from(*at) % len] = *octet;
                }
                if cut.is_multiple_of(CUT_ONE_IN) {
                    file.truncate(len - usize::from(cut / CUT_ONE_IN) % len);
                }
                holds(&file, *width);
            }
        });
}
