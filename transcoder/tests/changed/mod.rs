//! Whole small pictures changed in some places, made small by every reduction: no panic, nothing larger than asked for, and the
//! same twice. In plain `cargo test` it runs a bounded number of times; with an engine of bolero's as long as one likes.

use std::num::NonZeroU32;

use transcoder::{Budget, Conversion, MediaType, Target, convert};

/// Runs in plain `cargo test`: some seconds on a slow machine.
const ITERATIONS: usize = 1_000;

/// More changes at once only break what the first few would have found.
const MOST_CHANGES: usize = 4;

/// One file in so many is cut.
const CUT_ONE_IN: u16 = 8;

fn budget() -> Budget {
    Budget {
        input_octets: 100_000,
        pixels: 1_000_000,
        samples: 0,
        output_octets: 100_000,
        memory: 64 * 1024 * 1024,
    }
}

/// Changes each of `seeds`, files of the type `media`, and makes it `widths` wide in turn.
pub(crate) fn are_made_small_or_refused(media: MediaType, seeds: &[Vec<u8>], widths: [u32; 4]) {
    bolero::check!()
        .with_iterations(ITERATIONS)
        .with_type::<(Vec<(u16, u8)>, u16)>()
        .for_each(|(changes, cut): &(Vec<(u16, u8)>, u16)| {
            let widths = widths.iter().cycle().skip(usize::from(*cut % 4));
            for (seed, width) in seeds.iter().zip(widths) {
                let mut file = seed.clone();
                let len = file.len();
                for (at, octet) in changes.iter().take(MOST_CHANGES) {
                    file[usize::from(*at) % len] = *octet;
                }
                if cut.is_multiple_of(CUT_ONE_IN) {
                    file.truncate(len - usize::from(cut / CUT_ONE_IN) % len);
                }
                holds(&file, media, *width);
            }
        });
}

fn holds(file: &[u8], media: MediaType, width: u32) {
    let conversion = Conversion {
        target: Target::Jpeg,
        width: NonZeroU32::new(width),
        height: None,
        octets: None,
        frames: None,
    };
    let once = convert(file, Some(media), &conversion, budget());
    let again = convert(file, Some(media), &conversion, budget());
    match (once, again) {
        (Ok(once), Ok(again)) => {
            assert!(once.width <= width);
            assert_eq!(once.octets.expose(), again.octets.expose());
        }
        (Err(once), Err(again)) => assert_eq!(once, again),
        _ => panic!("once refused and once not"),
    }
}
