//! Whole small JPEG files changed in some places, made small by every reduction: no panic, nothing larger than asked for,
//! and the same twice. In plain `cargo test` it runs a bounded number of times; with an engine of bolero's as long as
//! one likes. (What a decoder does at each scale by itself is fuzzed beside it, too.)

use std::num::NonZeroU32;

use jpeg_encoder::{ColorType, Encoder, SamplingFactor};
use transcoder::{Budget, Conversion, MediaType, Target, convert};

/// Runs in plain `cargo test`: some seconds on a slow machine.
const ITERATIONS: usize = 1_000;

/// More changes at once only break what the first few would have found.
const MOST_CHANGES: usize = 4;

/// One file in so many is cut.
const CUT_ONE_IN: u16 = 8;

/// The seeds are 48 pixels wide: an eighth of them, a quarter, a half and the whole are enough for these.
const WIDTHS: [u32; 4] = [4, 8, 16, 40];

fn budget() -> Budget {
    Budget {
        input_octets: 100_000,
        pixels: 1_000_000,
        samples: 0,
        output_octets: 100_000,
        memory: 64 * 1024 * 1024,
    }
}

/// Slopes, as a file of each kind of coding.
fn seeds() -> Vec<Vec<u8>> {
    let samples: Vec<u8> = (0_u32..48 * 40 * 4)
        .map(|at| (at * at / 97 % 251) as u8)
        .collect();
    let kinds = [
        (ColorType::Rgb, SamplingFactor::F_2_2, false, 0),
        (ColorType::Rgb, SamplingFactor::F_1_1, true, 2),
        (ColorType::Luma, SamplingFactor::F_1_1, false, 1),
        (ColorType::CmykAsYcck, SamplingFactor::F_2_1, true, 0),
    ];
    let seed = |(colour, sampling, progressive, restart)| {
        let mut file = Vec::new();
        let mut encoder = Encoder::new(&mut file, 80);
        encoder.set_sampling_factor(sampling);
        encoder.set_progressive(progressive);
        encoder.set_restart_interval(restart);
        let samples = &samples[..48 * 40 * usize::from(channels(colour))];
        let done = encoder.encode(samples, 48, 40, colour);
        done.unwrap_or_else(|error| panic!("{error}"));
        file
    };
    kinds.map(seed).to_vec()
}

fn channels(colour: ColorType) -> u8 {
    match colour {
        ColorType::Luma => 1,
        ColorType::Rgb => 3,
        _ => 4,
    }
}

fn holds(file: &[u8], width: u32) {
    let conversion = Conversion {
        target: Target::Jpeg,
        width: NonZeroU32::new(width),
        height: None,
        octets: None,
    };
    let once = convert(file, Some(MediaType::Jpeg), &conversion, budget());
    let again = convert(file, Some(MediaType::Jpeg), &conversion, budget());
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
    let seeds = seeds();
    bolero::check!()
        .with_iterations(ITERATIONS)
        .with_type::<(Vec<(u16, u8)>, u16)>()
        .for_each(|(changes, cut): &(Vec<(u16, u8)>, u16)| {
            for (seed, width) in seeds
                .iter()
                .zip(WIDTHS.iter().cycle().skip(usize::from(*cut % 4)))
            {
                let mut file = seed.clone();
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
