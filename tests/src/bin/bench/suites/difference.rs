//! How far two small pictures of one file are from each other, in levels of 255.

use std::path::Path;

use image::RgbImage;

use crate::failure::Failure;

/// What two pictures have to do with each other.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum Difference {
    /// The mean over all pixels and colours.
    Levels(f64),
    /// Their sizes differ by more than one pixel: ours, theirs.
    Sizes((u32, u32), (u32, u32)),
}

/// Reads both files.
pub(crate) fn between(ours: &Path, theirs: &Path) -> Result<Difference, Failure> {
    Ok(of(&read(ours)?, &read(theirs)?))
}

fn read(path: &Path) -> Result<RgbImage, Failure> {
    let read = image::open(path).map_err(|error| Failure::Answer(error.to_string()))?;
    Ok(read.to_rgb8())
}

/// Programs round a side up or down: a last row or column that only one has is left out.
fn of(ours: &RgbImage, theirs: &RgbImage) -> Difference {
    let near = |one: u32, other: u32| one.abs_diff(other) <= 1;
    let ((width, height), other) = (ours.dimensions(), theirs.dimensions());
    if !near(width, other.0) || !near(height, other.1) {
        return Difference::Sizes((width, height), other);
    }
    let (width, height) = (width.min(other.0), height.min(other.1));
    let places = (0..height).flat_map(|y| (0..width).map(move |x| (x, y)));
    let distances = places.flat_map(|(x, y)| {
        let (one, other) = (ours.get_pixel(x, y), theirs.get_pixel(x, y));
        [0, 1, 2].map(|colour| one.0[colour].abs_diff(other.0[colour]))
    });
    let sum: f64 = distances.map(f64::from).sum();
    Difference::Levels(sum / (3.0 * f64::from(width) * f64::from(height)))
}

#[cfg(test)]
mod tests {
    use image::{Rgb, RgbImage};

    use super::{Difference, of};

    fn grey(width: u32, height: u32, level: u8) -> RgbImage {
        RgbImage::from_pixel(width, height, Rgb([level; 3]))
    }

    #[test]
    fn the_mean_is_over_all_pixels_and_colours() {
        assert_eq!(of(&grey(4, 4, 9), &grey(4, 4, 9)), Difference::Levels(0.0));
        let mut red = grey(4, 4, 9);
        red.pixels_mut().take(8).for_each(|pixel| pixel.0[0] = 39);
        assert_eq!(of(&red, &grey(4, 4, 9)), Difference::Levels(5.0));
        assert_eq!(of(&red, &grey(5, 3, 9)), Difference::Levels(20.0 / 3.0));
        let turned = Difference::Sizes((4, 4), (4, 6));
        assert_eq!(of(&red, &grey(4, 6, 9)), turned);
    }
}
