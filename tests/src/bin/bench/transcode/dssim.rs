//! How unlike two pictures are to the eye: 1 / S − 1, S being structural similarity in several scales (Wang, Simoncelli and Bovik
//! 2003) on lightness and both colour axes of CIE L*a*b*. 0 is the same; a difference that one sees is near 0.01.

use std::path::Path;

use image::{Rgb, RgbImage};

use crate::failure::Failure;

/// How much each scale counts, from the finest: the figures of that paper's table.
const SCALES: [f64; 5] = [0.0448, 0.2856, 0.3001, 0.2363, 0.1333];

/// Half of the Gaussian window of 11, its deviation, and the constants that keep flat areas from being divided by nothing, all as
/// Wang, Bovik, Sheikh and Simoncelli chose them in 2004, for values from 0 to 1.
const REACH: isize = 5;
const DEVIATION: f64 = 1.5;
const C1: f64 = 0.0001;
const C2: f64 = 0.0009;

/// A picture as the eye takes it: three planes, near 0 to 1.
#[derive(Clone, Debug)]
pub(crate) struct Picture([Plane; 3]);

#[derive(Clone, Debug)]
struct Plane {
    width: usize,
    height: usize,
    values: Vec<f64>,
}

impl Picture {
    /// Reads a file.
    pub(crate) fn open(path: &Path) -> Result<Self, Failure> {
        let read = image::open(path).map_err(|error| Failure::Answer(error.to_string()))?;
        Ok(Self::new(&read.to_rgb8()))
    }

    fn new(pixels: &RgbImage) -> Self {
        let lab: Vec<[f64; 3]> = pixels.pixels().map(lab).collect();
        let plane = |channel: usize| Plane {
            width: pixels.width() as usize,
            height: pixels.height() as usize,
            values: lab.iter().map(|pixel| pixel[channel]).collect(),
        };
        Self([plane(0), plane(1), plane(2)])
    }

    fn halved(&self) -> Self {
        Self([0, 1, 2].map(|channel| self.0[channel].halved()))
    }

    /// The mean over all pixels and planes.
    fn similarity(&self, other: &Self) -> f64 {
        let planes = self.0.iter().zip(&other.0);
        planes
            .map(|(one, other)| one.similarity(other))
            .sum::<f64>()
            / 3.0
    }
}

/// The distance of two pictures of one size.
pub(crate) fn distance(one: &Picture, other: &Picture) -> Result<f64, Failure> {
    let size = |picture: &Picture| (picture.0[0].width, picture.0[0].height);
    if size(one) != size(other) {
        let sizes = format!("{:?} beside {:?}", size(one), size(other));
        return Err(Failure::Answer(sizes));
    }
    let (mut one, mut other) = (one.clone(), other.clone());
    let mut similarity = 0.0;
    for weight in SCALES {
        similarity += weight * one.similarity(&other);
        (one, other) = (one.halved(), other.halved());
    }
    let similarity = similarity / SCALES.iter().sum::<f64>();
    Ok(1.0 / similarity - 1.0)
}

impl Plane {
    /// The mean of each four pixels; a last odd row or column is left out.
    fn halved(&self) -> Self {
        let (width, height) = ((self.width / 2).max(1), (self.height / 2).max(1));
        let at = |x: usize, y: usize| {
            let (x, y) = (x.min(self.width - 1), y.min(self.height - 1));
            self.values[y * self.width + x]
        };
        let mean = |x: usize, y: usize| {
            let (x, y) = (2 * x, 2 * y);
            (at(x, y) + at(x + 1, y) + at(x, y + 1) + at(x + 1, y + 1)) / 4.0
        };
        Self {
            width,
            height,
            values: (0..width * height)
                .map(|place| mean(place % width, place / width))
                .collect(),
        }
    }

    fn similarity(&self, other: &Self) -> f64 {
        let (mean, other_mean) = (self.blurred(), other.blurred());
        let squares = self.times(self).blurred();
        let other_squares = other.times(other).blurred();
        let products = self.times(other).blurred();
        let at = |place: usize| {
            let (a, b) = (mean.values[place], other_mean.values[place]);
            let both = products.values[place] - a * b;
            let own = squares.values[place] - a * a + other_squares.values[place] - b * b;
            (2.0 * a * b + C1) * (2.0 * both + C2) / ((a * a + b * b + C1) * (own + C2))
        };
        (0..self.values.len()).map(at).sum::<f64>() / self.values.len() as f64
    }

    fn times(&self, other: &Self) -> Self {
        let pairs = self.values.iter().zip(&other.values);
        Self {
            values: pairs.map(|(one, other)| one * other).collect(),
            ..*self
        }
    }

    /// Each pixel the mean of its surroundings by the Gaussian window; the edges go on as they end.
    fn blurred(&self) -> Self {
        self.blurred_along(1, 0).blurred_along(0, 1)
    }

    fn blurred_along(&self, across: isize, down: isize) -> Self {
        let window = window();
        let mean = |place: usize| -> f64 {
            let (x, y) = (place % self.width, place / self.width);
            let value = |(weight, step): &(f64, isize)| {
                let x = x.saturating_add_signed(step * across).min(self.width - 1);
                let y = y.saturating_add_signed(step * down).min(self.height - 1);
                weight * self.values[y * self.width + x]
            };
            window.iter().map(value).sum()
        };
        Self {
            values: (0..self.values.len()).map(mean).collect(),
            ..*self
        }
    }
}

/// Weights, whose sum is 1, and for how many pixels away.
fn window() -> Vec<(f64, isize)> {
    let weight = |step: isize| (-(step * step) as f64 / (2.0 * DEVIATION * DEVIATION)).exp();
    let sum: f64 = (-REACH..=REACH).map(weight).sum();
    (-REACH..=REACH)
        .map(|step| (weight(step) / sum, step))
        .collect()
}

/// sRGB to CIE L*a*b* under D65 (IEC 61966-2-1, CIE 15), all three brought near 0 to 1.
fn lab(pixel: &Rgb<u8>) -> [f64; 3] {
    let [red, green, blue] = pixel.0.map(|value| linear(f64::from(value) / 255.0));
    let x = curve((0.4124 * red + 0.3576 * green + 0.1805 * blue) / 0.9505);
    let y = curve(0.2126 * red + 0.7152 * green + 0.0722 * blue);
    let z = curve((0.0193 * red + 0.1192 * green + 0.9505 * blue) / 1.089);
    let (lightness, a, b) = (116.0 * y - 16.0, 500.0 * (x - y), 200.0 * (y - z));
    [lightness / 100.0, 0.5 + a / 250.0, 0.5 + b / 250.0]
}

fn linear(value: f64) -> f64 {
    if value <= 0.04045 {
        value / 12.92
    } else {
        ((value + 0.055) / 1.055).powf(2.4)
    }
}

fn curve(value: f64) -> f64 {
    if value > 0.008_856 {
        value.cbrt()
    } else {
        7.787 * value + 16.0 / 116.0
    }
}

#[cfg(test)]
mod tests {
    use image::codecs::jpeg::JpegEncoder;
    use image::{Rgb, RgbImage};

    use super::{Picture, distance, lab};

    fn scene() -> RgbImage {
        RgbImage::from_fn(96, 64, |x, y| {
            let wave =
                ((f64::from(x) / 5.0).sin() * 60.0 + (f64::from(y) / 3.0).cos() * 60.0) as i32;
            let value = |base: i32| u8::try_from((base + wave).clamp(0, 255)).unwrap();
            Rgb([value(128), value(90), value(160)])
        })
    }

    fn from_scene(picture: &RgbImage) -> f64 {
        distance(&Picture::new(picture), &Picture::new(&scene())).unwrap()
    }

    fn pressed(quality: u8) -> RgbImage {
        let mut file = Vec::new();
        let encoder = JpegEncoder::new_with_quality(&mut file, quality);
        scene().write_with_encoder(encoder).unwrap();
        image::load_from_memory(&file).unwrap().to_rgb8()
    }

    #[test]
    fn the_more_a_picture_is_pressed_the_farther_it_is() {
        assert!(from_scene(&scene()).abs() < 1e-9);
        let distances = [95, 75, 40, 10].map(|quality| from_scene(&pressed(quality)));
        assert!(distances.is_sorted(), "{distances:?}");
        assert!(distances[0] > 1e-5 && distances[3] > 0.01, "{distances:?}");
    }

    #[test]
    fn another_colour_of_the_same_lightness_is_seen() {
        let grey = lab(&Rgb([119, 119, 119]));
        assert!(
            (grey[0] - 0.5).abs() < 0.01 && (grey[1] - 0.5).abs() < 0.01,
            "{grey:?}"
        );
        let mut turned = scene();
        turned.pixels_mut().for_each(|pixel| pixel.0.swap(0, 2));
        assert!(from_scene(&turned) > 0.01);
    }

    #[test]
    fn pictures_of_two_sizes_have_no_distance() {
        let small = Picture::new(&RgbImage::new(8, 8));
        assert!(distance(&small, &Picture::new(&scene())).is_err());
    }
}
