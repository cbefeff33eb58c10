//! Structural similarity (Wang, Bovik, Sheikh and Simoncelli, 2004) of two pictures in grey, and a reference to compare
//! with: Lanczos in linear light by floating point, over the whole picture at once.

use image::imageops::{self, FilterType};
use image::{DynamicImage, ImageBuffer, Rgb, RgbImage};

/// Side of a window, and how far the next one lies.
const WINDOW: u32 = 8;
const STEP: u32 = 4;

/// 1 for the same picture; above 0.98 nobody tells two thumbnails apart.
pub(crate) fn ssim(one: &DynamicImage, other: &DynamicImage) -> f64 {
    let (one, other) = (one.to_luma8(), other.to_luma8());
    assert_eq!(one.dimensions(), other.dimensions());
    let (width, height) = one.dimensions();
    let mut all = Vec::new();
    for top in (0..=height.saturating_sub(WINDOW)).step_by(STEP as usize) {
        for left in (0..=width.saturating_sub(WINDOW)).step_by(STEP as usize) {
            let pairs = (0..WINDOW.min(width) * WINDOW.min(height)).map(|at| {
                let (x, y) = (left + at % WINDOW.min(width), top + at / WINDOW.min(width));
                (f64::from(one[(x, y)].0[0]), f64::from(other[(x, y)].0[0]))
            });
            all.push(similarity(&pairs.collect::<Vec<_>>()));
        }
    }
    all.iter().sum::<f64>() / all.len() as f64
}

fn similarity(pairs: &[(f64, f64)]) -> f64 {
    let count = pairs.len() as f64;
    let mean = |of: fn(&(f64, f64)) -> f64| pairs.iter().map(of).sum::<f64>() / count;
    let (one, other) = (mean(|pair| pair.0), mean(|pair| pair.1));
    let spread = |of: fn(&(f64, f64)) -> f64| pairs.iter().map(of).sum::<f64>() / count;
    let (one_squared, other_squared) = (spread(|p| p.0 * p.0), spread(|p| p.1 * p.1));
    let variances = (one_squared - one * one, other_squared - other * other);
    let covariance = spread(|p| p.0 * p.1) - one * other;
    let (steady, lively) = ((0.01 * 255.0_f64).powi(2), (0.03 * 255.0_f64).powi(2));
    ((2.0 * one * other + steady) * (2.0 * covariance + lively))
        / ((one * one + other * other + steady) * (variances.0 + variances.1 + lively))
}

/// `picture` made smaller as slowly and as well as can be.
pub(crate) fn reference(picture: &RgbImage, width: u32, height: u32) -> DynamicImage {
    let light =
        ImageBuffer::<Rgb<f32>, Vec<f32>>::from_fn(picture.width(), picture.height(), |x, y| {
            Rgb(picture[(x, y)].0.map(light))
        });
    let small = imageops::resize(&light, width, height, FilterType::Lanczos3);
    let encoded = RgbImage::from_fn(width, height, |x, y| Rgb(small[(x, y)].0.map(encoded)));
    DynamicImage::from(encoded)
}

fn light(code: u8) -> f32 {
    let code = f32::from(code) / 255.0;
    if code <= 0.04045 {
        code / 12.92
    } else {
        ((code + 0.055) / 1.055).powf(2.4)
    }
}

fn encoded(light: f32) -> u8 {
    let code = if light <= 0.003_130_8 {
        light * 12.92
    } else {
        1.055 * light.powf(1.0 / 2.4) - 0.055
    };
    (code * 255.0).round().clamp(0.0, 255.0) as u8
}

#[test]
fn a_picture_is_like_itself_and_unlike_its_negative() {
    let scene = crate::specimens::scene(64, 64);
    let mut negative = scene.clone();
    imageops::invert(&mut negative);
    let scene = DynamicImage::from(scene);
    assert!(ssim(&scene, &scene) > 0.999_999);
    assert!(ssim(&scene, &DynamicImage::from(negative)) < 0.1);
}
