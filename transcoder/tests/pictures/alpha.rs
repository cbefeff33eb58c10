//! Alpha: kept where the target has it, white where not, and never a dark seam.

use image::{DynamicImage, ImageFormat, Rgba, RgbaImage};
use transcoder::Target;

use crate::specimens::{converted, seen, to, within, written};

/// White and opaque at the left, black but invisible at the right.
fn half_invisible() -> Vec<u8> {
    let picture = RgbaImage::from_fn(90, 90, |x, _| {
        if x < 47 {
            Rgba([255, 255, 255, 255])
        } else {
            Rgba([0, 0, 0, 0])
        }
    });
    written(&DynamicImage::from(picture), ImageFormat::Png)
}

/// A colour that nobody saw before must not be seen after: the seam is white, more or less opaque.
#[test]
fn what_is_invisible_does_not_shine_through_after_a_resize() {
    for target in [Target::Png, Target::WebP] {
        let picture = seen(&converted(&half_invisible(), within(target, 20, 20))).to_rgba8();
        for pixel in picture.pixels() {
            let Rgba([red, green, blue, alpha]) = *pixel;
            assert!(
                alpha == 0 || (red, green, blue) == (255, 255, 255),
                "{pixel:?}"
            );
        }
        assert_eq!(picture[(0, 10)].0[3], 255);
        assert_eq!(picture[(19, 10)].0[3], 0);
    }
}

#[test]
fn jpeg_has_white_where_nothing_is() {
    let picture = seen(&converted(&half_invisible(), within(Target::Jpeg, 20, 20))).to_rgb8();
    assert!(
        picture
            .pixels()
            .all(|pixel| pixel.0.iter().all(|level| *level > 250))
    );
}

#[test]
fn alpha_that_hides_nothing_is_left_out() {
    let opaque = RgbaImage::from_pixel(20, 20, Rgba([10, 20, 30, 255]));
    let file = written(&DynamicImage::from(opaque), ImageFormat::Png);
    for target in [Target::Png, Target::WebP] {
        let picture = seen(&converted(&file, to(target)));
        assert!(!picture.color().has_alpha());
    }
}
