//! JPEG and lossy WebP, whose decoders make pictures smaller as they decode: changed files at every scale. (What a decoder does at
//! each scale by itself is fuzzed beside it, too.)

use jpeg_encoder::{ColorType, Encoder, SamplingFactor};

use super::{Changes, changed, holds};

/// Runs in plain `cargo test`: some seconds on a slow machine.
const ITERATIONS: usize = 4_000;

/// Higher than any of the seeds: the width decides.
const HEIGHT: u32 = 150;

/// Changes one of `seeds`, and makes it as wide as one of `widths`.
fn fuzz(seeds: &[Vec<u8>], widths: [u32; 4]) {
    bolero::check!()
        .with_iterations(ITERATIONS)
        .with_type::<(Changes, u8)>()
        .for_each(|(changes, which)| {
            let width = widths[usize::from(*which) % widths.len()];
            holds(&changed(seeds, changes), width, HEIGHT);
        });
}

/// Slopes, as a file of each kind of coding.
fn jpegs() -> Vec<Vec<u8>> {
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

/// The seeds are 48 pixels wide: an eighth of them, a quarter, a half and the whole are enough for these.
#[test]
fn jpeg_holds_at_every_scale() {
    fuzz(&jpegs(), [4, 8, 16, 40]);
}

const WEBPS: [&[u8]; 3] = [
    include_bytes!("../../../src/image/vp8/decode/tests/seeds/two-partitions.webp"),
    include_bytes!("../../../src/image/vp8/decode/tests/seeds/eight-partitions.webp"),
    include_bytes!("../seeds/lossy.webp"),
];

/// Of 45 × 150 pixels: an eighth of them, a quarter, a half and the whole are enough for these widths. (The other seed is
/// of 12 × 9.)
#[test]
fn lossy_webp_holds_at_every_scale() {
    fuzz(&WEBPS.map(<[u8]>::to_vec), [3, 7, 14, 40]);
}
