//! The orientation that the EXIF metadata asks for, done to the pixels, since the metadata goes.

use image::metadata::Orientation;

use super::picture::Picture;
use super::size::Size;
use crate::budget::Budget;
use crate::refusal::Refusal;

/// The size that a picture of `size` has once it is turned. Turning back gives the same answer.
pub(super) fn turned(size: Size, orientation: Orientation) -> Size {
    if lies_on_its_side(orientation) {
        size.transposed()
    } else {
        size
    }
}

/// `picture` as `orientation` says that it is to be seen (TIFF 6.0 §8 "Orientation", taken over by EXIF).
///
/// # Errors
/// [`Refusal::Exceeded`] when there is not the memory.
pub(super) fn orient(
    picture: Picture,
    orientation: Orientation,
    budget: &mut Budget,
) -> Result<Picture, Refusal> {
    let mut picture = if lies_on_its_side(orientation) {
        transpose(&picture, budget)?
    } else {
        picture
    };
    match orientation {
        Orientation::NoTransforms | Orientation::Rotate90FlipH => (),
        Orientation::FlipHorizontal | Orientation::Rotate90 => mirror(&mut picture),
        Orientation::FlipVertical | Orientation::Rotate270 => flip(&mut picture),
        Orientation::Rotate180 | Orientation::Rotate270FlipH => {
            mirror(&mut picture);
            flip(&mut picture);
        }
    }
    Ok(picture)
}

/// Whether rows are to become columns: values 5 to 8.
fn lies_on_its_side(orientation: Orientation) -> bool {
    match orientation {
        Orientation::Rotate90
        | Orientation::Rotate270
        | Orientation::Rotate90FlipH
        | Orientation::Rotate270FlipH => true,
        Orientation::NoTransforms
        | Orientation::Rotate180
        | Orientation::FlipHorizontal
        | Orientation::FlipVertical => false,
    }
}

/// Rows become columns; the top left corner stays.
fn transpose(picture: &Picture, budget: &mut Budget) -> Result<Picture, Refusal> {
    let channels = picture.channels().count();
    let mut samples = budget.room(picture.samples().len())?;
    let columns = picture.row_len().checked_div(channels).unwrap_or(0);
    for column in 0..columns {
        for row in picture.samples().chunks_exact(picture.row_len()) {
            let pixel = row.chunks_exact(channels).nth(column);
            samples.extend_from_slice(pixel.unwrap_or_default());
        }
    }
    Picture::new(picture.size().transposed(), picture.channels(), samples)
}

/// Left becomes right.
fn mirror(picture: &mut Picture) {
    let (row_len, channels) = (picture.row_len(), picture.channels().count());
    for row in picture.samples_mut().chunks_exact_mut(row_len) {
        // Backwards by samples, and then each pixel the right way round again.
        row.reverse();
        for pixel in row.chunks_exact_mut(channels) {
            pixel.reverse();
        }
    }
}

/// The top becomes the bottom.
fn flip(picture: &mut Picture) {
    let row_len = picture.row_len();
    let mut rows = picture.samples_mut().chunks_exact_mut(row_len);
    while let (Some(above), Some(below)) = (rows.next(), rows.next_back()) {
        above.swap_with_slice(below);
    }
}

#[cfg(test)]
mod tests {
    use zeroize::Zeroizing;

    use super::*;
    use crate::image::picture::Channels;
    use crate::image::specimens;

    fn budget() -> Budget {
        specimens::memory(1000)
    }

    /// Two rows of three pixels, `abc` above `def`; upper case is a second sample that must stay with the first.
    fn picture() -> Picture {
        let size = Size::declared(3, 2).unwrap();
        let samples = Zeroizing::new(b"aAbBcCdDeEfF".to_vec());
        Picture::new(size, Channels::GreyAlpha, samples).unwrap()
    }

    /// Where each pixel must be, for all eight values (TIFF 6.0 §8: the value says where row 0 and column 0 are seen).
    #[test]
    fn all_eight_values_put_each_pixel_in_its_place() {
        let cases: [(u8, u32, &[u8]); 8] = [
            (1, 3, b"aAbBcCdDeEfF"), // row 0 top, column 0 left
            (2, 3, b"cCbBaAfFeEdD"), // top, right
            (3, 3, b"fFeEdDcCbBaA"), // bottom, right
            (4, 3, b"dDeEfFaAbBcC"), // bottom, left
            (5, 2, b"aAdDbBeEcCfF"), // left, top
            (6, 2, b"dDaAeEbBfFcC"), // right, top
            (7, 2, b"fFcCeEbBdDaA"), // right, bottom
            (8, 2, b"cCfFbBeEaAdD"), // left, bottom
        ];
        for (value, width, expected) in cases {
            let orientation = Orientation::from_exif(value).unwrap();
            let turned_to = turned(picture().size(), orientation);
            let seen = orient(picture(), orientation, &mut budget()).unwrap();
            assert_eq!(seen.size().width(), width, "value {value}");
            assert_eq!(seen.size(), turned_to, "value {value}");
            assert_eq!(seen.samples(), expected, "value {value}");
        }
    }
}
