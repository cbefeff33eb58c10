//! What is seen: as good as the best filter, in linear light.

use image::{DynamicImage, Luma, Rgb, RgbImage};
use transcoder::{MediaType, Target};

use crate::specimens::{converted, file, lossy_webp, scene, seen, within};
use crate::ssim::{reference, ssim};

/// The averaging before the filter costs nothing that anybody sees, at whatever ratio.
#[test]
fn thumbnails_look_like_the_reference() {
    let picture = scene(1201, 903);
    let file = file(&picture, MediaType::Png);
    for side in [1000, 640, 320, 160, 97, 48] {
        let found = converted(&file, within(Target::Png, side, side));
        let expected = reference(&picture, found.width, found.height);
        let similarity = ssim(&seen(&found), &expected);
        assert!(similarity > 0.98, "{side}: {similarity}");
    }
}

/// What a lossy WebP is made of on the way, from an eighth of it to the whole, costs nothing that anybody sees.
#[test]
fn thumbnails_of_lossy_webp_look_like_the_reference() {
    let file = lossy_webp(&scene(1201, 903), "95");
    let whole = seen(&converted(&file, within(Target::Png, 1201, 903))).to_rgb8();
    for side in [1000, 640, 390, 320, 160, 97, 48] {
        let found = converted(&file, within(Target::Png, side, side));
        let expected = reference(&whole, found.width, found.height);
        let similarity = ssim(&seen(&found), &expected);
        assert!(similarity > 0.98, "{side}: {similarity}");
    }
}

/// Fine lines of black and white are a grey of half the light: 188, not 128.
#[test]
fn averages_are_of_light_not_of_codes() {
    let lines = RgbImage::from_fn(512, 512, |x, _| Rgb([if x % 2 == 0 { 0 } else { 255 }; 3]));
    let file = file(&lines, MediaType::Png);
    let found = seen(&converted(&file, within(Target::Png, 64, 64))).to_luma8();
    let Luma([grey]) = found[(32, 32)];
    assert!((186..=190).contains(&grey), "{grey}");
}

/// A picture whose sides are no multiples of what is averaged is not shifted: a mark stays where it was.
#[test]
fn nothing_moves() {
    let mut picture = RgbImage::from_pixel(1013, 1013, Rgb([255; 3]));
    for (x, y) in (0..40).flat_map(|x| (0..40).map(move |y| (x, y))) {
        picture.put_pixel(972 + x, 972 + y, Rgb([0; 3]));
    }
    let file = file(&picture, MediaType::Png);
    let found = seen(&converted(&file, within(Target::Png, 50, 50)));
    let similarity = ssim(&found, &reference(&picture, 50, 50));
    assert!(similarity > 0.99, "{similarity}");
}

/// Over the air at most 5 % of a photograph over 2 MB: 100 KB. A thumbnail of 320 pixels is far below.
#[test]
fn a_thumbnail_is_small_and_good() {
    let picture = scene(2000, 1500);
    let found = converted(
        &file(&picture, MediaType::Jpeg),
        within(Target::Jpeg, 320, 320),
    );
    assert!(found.octets.len() < 40_000, "{}", found.octets.len());
    let expected: DynamicImage = reference(&picture, 320, 240);
    let similarity = ssim(&seen(&found), &expected);
    assert!(similarity > 0.95, "{similarity}");
}
