//! Structural similarity of two pictures (Wang, Bovik, Sheikh, Simoncelli 2004), on luma, by windows of 8 × 8.

use image::imageops::FilterType;
use image::{DynamicImage, GrayImage};

const WINDOW: u32 = 8;
const STEP: u32 = 4;
const C1: f64 = 6.5025;
const C2: f64 = 58.5225;

/// How alike `picture` and `original` are, `original` being made as small as `picture`: 1 is the same.
///
/// # Panics
/// When the picture is smaller than one window.
#[must_use]
pub fn against(picture: &DynamicImage, original: &DynamicImage) -> f64 {
    let (width, height) = (picture.width(), picture.height());
    let reference = original
        .resize_exact(width, height, FilterType::Lanczos3)
        .to_luma8();
    similarity(&picture.to_luma8(), &reference)
}

fn similarity(one: &GrayImage, other: &GrayImage) -> f64 {
    let (width, height) = one.dimensions();
    assert!(
        width >= WINDOW && height >= WINDOW,
        "a picture of {width} × {height}"
    );
    let mut sum = 0.0;
    let mut windows = 0.0;
    for top in (0..=height - WINDOW).step_by(STEP as usize) {
        for left in (0..=width - WINDOW).step_by(STEP as usize) {
            sum += window(one, other, left, top);
            windows += 1.0;
        }
    }
    sum / windows
}

fn window(one: &GrayImage, other: &GrayImage, left: u32, top: u32) -> f64 {
    let count = f64::from(WINDOW * WINDOW);
    let (mut a, mut b, mut aa, mut bb, mut ab) = (0.0, 0.0, 0.0, 0.0, 0.0);
    for y in top..top + WINDOW {
        for x in left..left + WINDOW {
            let p = f64::from(one.get_pixel(x, y).0[0]);
            let q = f64::from(other.get_pixel(x, y).0[0]);
            a += p;
            b += q;
            aa += p * p;
            bb += q * q;
            ab += p * q;
        }
    }
    let (mean_a, mean_b) = (a / count, b / count);
    let (variance_a, variance_b) = (aa / count - mean_a * mean_a, bb / count - mean_b * mean_b);
    let covariance = ab / count - mean_a * mean_b;
    ((2.0 * mean_a * mean_b + C1) * (2.0 * covariance + C2))
        / ((mean_a * mean_a + mean_b * mean_b + C1) * (variance_a + variance_b + C2))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn picture(shift: u32) -> DynamicImage {
        let pixel = |x: u32, y: u32| ((x * 7 + (y + shift) * 13) ^ (x * y)) as u8;
        DynamicImage::ImageLuma8(GrayImage::from_fn(64, 64, |x, y| {
            image::Luma([pixel(x, y)])
        }))
    }

    #[test]
    fn a_picture_is_like_itself_and_unlike_another() {
        assert!(against(&picture(0), &picture(0)) > 0.999);
        assert!(against(&picture(0), &picture(17)) < 0.5);
    }
}
