//! WebP out: with loss or without, whichever is shorter.

use image::{DynamicImage, ImageFormat, Rgb, RgbImage, Rgba, RgbaImage};
use transcoder::{Converted, MediaType, Target};

use crate::specimens::{converted, file, in_octets, scene, seen, to, within, written};
use crate::ssim::{reference, ssim};

/// The name of the first chunk (RFC 9649 §2.4).
fn first_chunk(converted: &Converted) -> &[u8] {
    &converted.octets.expose()[12..16]
}

/// A window with some lines of something like text.
fn drawing() -> RgbImage {
    RgbImage::from_fn(200, 120, |x, y| {
        let inked = y % 10 < 7 && (x * 7 + y / 10 * 13) % 9 < 4 && (10..170).contains(&x);
        Rgb(match (y < 12, inked) {
            (true, _) => [40, 80, 160],
            (false, true) => [0, 0, 0],
            (false, false) => [250, 250, 250],
        })
    })
}

/// Slopes of colour, opaque in the middle and less so towards the edge.
fn vignette(width: u32, height: u32) -> RgbaImage {
    let picture = scene(width, height);
    RgbaImage::from_fn(width, height, |x, y| {
        let Rgb([red, green, blue]) = picture[(x, y)];
        let edge = x.min(y).min(width - 1 - x).min(height - 1 - y);
        Rgba([red, green, blue, (edge * 20).min(255) as u8])
    })
}

#[test]
fn a_photograph_is_written_with_loss_and_looks_like_itself() {
    let picture = scene(800, 600);
    let found = converted(
        &file(&picture, MediaType::Png),
        within(Target::WebP, 320, 320),
    );
    assert_eq!(first_chunk(&found), b"VP8 ");
    let similarity = ssim(&seen(&found), &reference(&picture, 320, 240));
    assert!(similarity > 0.95, "{similarity}");
    let jpeg = converted(
        &file(&picture, MediaType::Png),
        within(Target::Jpeg, 320, 320),
    );
    assert!(found.octets.len() < jpeg.octets.len());
}

#[test]
fn a_drawing_is_written_without_loss() {
    let picture = drawing();
    let found = converted(&file(&picture, MediaType::Png), to(Target::WebP));
    assert_eq!(first_chunk(&found), b"VP8L");
    assert_eq!(seen(&found).to_rgb8(), picture);
    let enough = in_octets(to(Target::WebP), found.octets.len());
    let again = converted(&file(&picture, MediaType::Png), enough);
    assert_eq!(again.octets.expose(), found.octets.expose());
}

/// A drawing for which there is no room loses quality, not size.
#[test]
fn a_drawing_that_does_not_fit_is_written_with_loss() {
    let file = file(&drawing(), MediaType::Png);
    let whole = converted(&file, to(Target::WebP));
    let found = converted(&file, in_octets(to(Target::WebP), whole.octets.len() - 1));
    assert!(found.octets.len() < whole.octets.len());
}

#[test]
fn a_grey_photograph_stays_grey() {
    let picture = DynamicImage::from(scene(300, 200)).to_luma8();
    let file = written(&DynamicImage::from(picture), ImageFormat::Png);
    let found = converted(&file, to(Target::WebP));
    assert_eq!(first_chunk(&found), b"VP8 ");
    for Rgb([red, green, blue]) in seen(&found).to_rgb8().pixels() {
        assert!(red.abs_diff(*green) <= 1 && green.abs_diff(*blue) <= 1);
    }
}

/// RFC 9649 §2.7.1.2: the alpha loses nothing, at any size, odd or even, and in however few octets.
#[test]
fn alpha_comes_through_to_the_bit_where_colours_do_not() {
    for (width, height) in [(150, 100), (151, 101), (16, 16), (90, 33)] {
        let picture = vignette(width, height);
        let file = written(&DynamicImage::from(picture.clone()), ImageFormat::Png);
        let finest = converted(&file, to(Target::WebP));
        let short = finest.octets.len() * 3 / 4;
        for octets in [finest.octets.len(), short.max(700)] {
            let found = converted(&file, in_octets(to(Target::WebP), octets));
            if (found.width, found.height) != (width, height) {
                continue;
            }
            assert_eq!(first_chunk(&found), b"VP8X", "{width}x{height}");
            let seen = seen(&found).to_rgba8();
            for (seen, pixel) in seen.pixels().zip(picture.pixels()) {
                assert_eq!(seen.0[3], pixel.0[3]);
            }
        }
    }
}

/// What is written can be read here, too, and comes out as another reader sees it.
#[test]
fn what_is_written_is_read() {
    for picture in [
        DynamicImage::from(scene(120, 90)),
        DynamicImage::from(vignette(121, 91)),
        DynamicImage::from(drawing()),
    ] {
        let file = written(&picture, ImageFormat::Png);
        let webp = converted(&file, to(Target::WebP));
        let png = converted(webp.octets.expose(), to(Target::Png));
        assert_eq!(png.source, MediaType::WebP);
        assert_eq!(seen(&png).to_rgba8(), seen(&webp).to_rgba8());
    }
}

#[test]
fn the_same_picture_gives_the_same_octets() {
    let file = file(&scene(200, 150), MediaType::Png);
    let write = || converted(&file, in_octets(to(Target::WebP), 4_000)).octets;
    assert_eq!(write().expose(), write().expose());
}
