//! Whole small JPEG files changed in some places. (What a decoder does at each scale by itself is fuzzed beside it, too.)

mod changed;

use jpeg_encoder::{ColorType, Encoder, SamplingFactor};
use transcoder::MediaType;

/// The seeds are 48 pixels wide: an eighth of them, a quarter, a half and the whole are enough for these.
const WIDTHS: [u32; 4] = [4, 8, 16, 40];

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

#[test]
fn changed_files_are_made_small_or_refused() {
    changed::are_made_small_or_refused(MediaType::Jpeg, &seeds(), WIDTHS);
}
