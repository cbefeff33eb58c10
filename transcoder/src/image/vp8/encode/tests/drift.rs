//! What a decoder makes of a frame is what the encoder reckoned with.

use proptest::prelude::*;

use super::*;
use crate::image::scale::Scale;
use crate::image::vp8::decode::tests::decoded;

/// Also as another decoder sees it, filter and all.
fn same_everywhere(picture: &Picture, coarseness: Coarseness) {
    let frame = same(picture, coarseness);
    let ours = decoded(&frame, Scale::Whole).unwrap();
    let theirs = ::image::load_from_memory(&file(&frame)).unwrap().to_rgb8();
    let size = picture.size();
    assert_eq!(theirs.dimensions(), (size.width(), size.height()));
    assert_eq!(ours.samples, theirs.into_raw());
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(200))]

    #[test]
    fn decoders_make_what_the_encoder_reckoned_with(
        (width, height) in (1_u32..=70, 1_u32..=70),
        coarseness in 0_u16..=520,
        colour in prop::sample::select(vec![Channels::Grey, Channels::Rgb, Channels::Rgba]),
        grain in any::<u8>(),
        seed in any::<u64>(),
    ) {
        same_everywhere(&picture(width, height, colour, grain, seed), Coarseness(coarseness));
    }

    /// Edges as sharp as they can be, and the longest levels.
    #[test]
    fn black_and_white_come_through(
        (width, height) in (1_u32..=40, 1_u32..=40),
        coarseness in 0_u16..=520,
        side in 1_u32..12,
    ) {
        let size = Size::declared(width, height).unwrap();
        let samples = (0..width * height).flat_map(|at| {
            let (x, y) = (at % width, at / width);
            [if (x / side + y / side) % 2 == 0 { 0 } else { 255 }; 3]
        });
        let samples = Zeroizing::new(samples.collect());
        let picture = Picture::new(size, Channels::Rgb, samples).unwrap();
        same_everywhere(&picture, Coarseness(coarseness));
    }

    /// Whatever colour a picture has, it has it still, where nothing is coarse.
    #[test]
    fn a_flat_colour_stays(pixel in any::<[u8; 3]>(), (width, height) in (1_u32..40, 1_u32..40)) {
        let size = Size::declared(width, height).unwrap();
        let samples = Zeroizing::new(pixel.repeat((width * height) as usize));
        let picture = Picture::new(size, Channels::Rgb, samples).unwrap();
        let frame = frame(&mut encoder(&picture), Coarseness(0));
        let seen = decoded(&frame, Scale::Whole).unwrap();
        for seen in seen.samples.chunks_exact(3) {
            for (seen, pixel) in seen.iter().zip(pixel) {
                prop_assert!(seen.abs_diff(pixel) <= 5, "{:?} {:?}", seen, pixel);
            }
        }
    }
}

/// A frame of which the first partition could become too long is predicted in whole macroblocks from there on.
#[test]
fn modes_never_take_more_than_there_is_room_for() {
    let picture = picture(160, 96, Channels::Rgb, 60, 1);
    let whole = |room| {
        let mut encoder = encoder(&picture);
        encoder.room = room;
        let mut meant = Vec::new();
        encoder.choose(Coarseness(56), |tile| meant.push(*tile));
        let mut encoder = self::encoder(&picture);
        encoder.room = room;
        let frame = frame(&mut encoder, Coarseness(56));
        let found = crate::image::vp8::decode::tests::unfiltered(&frame);
        assert!(
            found
                .iter()
                .zip(&meant)
                .all(|(found, meant)| found.luma == meant.luma)
        );
        encoder.by_subblocks()
    };
    let free = whole(f32::INFINITY);
    assert!(free > 10, "{free}");
    assert_eq!(whole(0.0), 0);
    let some = whole(60.0 * 18.0 + 900.0);
    assert!(some > 0 && some < free, "{some} of {free}");
}

#[test]
fn the_same_picture_gives_the_same_octets() {
    let picture = picture(50, 40, Channels::Rgb, 60, 1);
    let write = || frame(&mut encoder(&picture), Coarseness(120));
    assert_eq!(write(), write());
}

#[test]
fn inks_are_none_of_ours() {
    let picture = picture(8, 8, Channels::InvertedCmyk, 1, 1);
    let refused = Encoder::new(&picture, &mut budget()).err();
    assert_eq!(refused, Some(crate::refusal::Refusal::Unsupported));
}
