//! How finely colour is sampled: as photographs are, at half the resolution, unless colours change from one pixel to the
//! next, as in coloured letters.

use crate::image::picture::{Channels, Picture};

/// How many samples of colour there are.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) enum Sampling {
    /// One for four pixels (4:2:0).
    Halved,
    /// One for each pixel (4:4:4).
    Whole,
}

impl Sampling {
    /// What does `picture` justice.
    pub(super) fn of(picture: &Picture) -> Self {
        match picture.channels() {
            Channels::Rgb if lost(picture) > MOST_LOST => Self::Whole,
            Channels::Rgb
            | Channels::Grey
            | Channels::GreyAlpha
            | Channels::Rgba
            | Channels::InvertedCmyk => Self::Halved,
        }
    }
}

/// Above this all samples of colour are kept. Photographs lose 4 to 100; at equal octets they look better with half the
/// colour and finer light. Red, green or blue letters lose 300 to 2500.
const MOST_LOST: u64 = 250;

/// What averages of four pixels take away from colour: the mean square of it, for red and blue together.
fn lost(picture: &Picture) -> u64 {
    let mut sum = 0_u64;
    let mut count = 0_u64;
    for pair in picture
        .samples()
        .chunks_exact(picture.row_len().saturating_mul(2))
    {
        let (above, below) = pair.split_at(picture.row_len());
        let (above, _) = above.as_chunks::<6>();
        let (below, _) = below.as_chunks::<6>();
        for (above, below) in above.iter().zip(below) {
            sum = sum.wrapping_add(lost_of_four(above, below));
        }
        count = count.saturating_add(u64::try_from(above.len()).unwrap_or(u64::MAX));
    }
    // Four pixels, four times their difference, squared.
    sum.checked_div(count.saturating_mul(4 * 16)).unwrap_or(0)
}

/// Sixteen times the sum of squares by which red and blue, each less green, differ from their averages in four pixels.
fn lost_of_four([a, b, c, d, e, f]: &[u8; 6], [g, h, i, j, k, l]: &[u8; 6]) -> u64 {
    let difference = |colour: &u8, green: &u8| i32::from(*colour).wrapping_sub(i32::from(*green));
    let red = [
        difference(a, b),
        difference(d, e),
        difference(g, h),
        difference(j, k),
    ];
    let blue = [
        difference(c, b),
        difference(f, e),
        difference(i, h),
        difference(l, k),
    ];
    let lost = |four: [i32; 4]| {
        let sum = four.into_iter().fold(0, i32::wrapping_add);
        four.into_iter().fold(0, |all: u32, one| {
            let away = one.wrapping_mul(4).wrapping_sub(sum);
            all.wrapping_add(away.wrapping_mul(away).cast_unsigned())
        })
    };
    u64::from(lost(red).wrapping_add(lost(blue)))
}

#[cfg(test)]
mod tests {
    use zeroize::Zeroizing;

    use super::*;
    use crate::image::size::Size;

    fn sampling(width: u32, height: u32, pixel: impl Fn(u32, u32) -> [u8; 3]) -> Sampling {
        let places = (0..height).flat_map(|y| (0..width).map(move |x| (x, y)));
        let samples = places.flat_map(|(x, y)| pixel(x, y)).collect();
        let size = Size::declared(width, height).unwrap();
        Sampling::of(&Picture::new(size, Channels::Rgb, Zeroizing::new(samples)).unwrap())
    }

    fn stroke(x: u32, y: u32) -> bool {
        y % 20 > 8 && (x / 2 + y / 3).is_multiple_of(4)
    }

    #[test]
    fn coloured_letters_keep_their_colour() {
        let letters = |ink: [u8; 3], paper: [u8; 3]| {
            sampling(97, 61, |x, y| if stroke(x, y) { ink } else { paper })
        };
        assert_eq!(letters([220, 0, 0], [255; 3]), Sampling::Whole);
        assert_eq!(letters([20, 20, 255], [200, 30, 30]), Sampling::Whole);
        assert_eq!(letters([0; 3], [255; 3]), Sampling::Halved);
        assert_eq!(letters([32, 33, 36], [250, 250, 240]), Sampling::Halved);
    }

    #[test]
    fn soft_colours_and_tiny_pictures_are_halved() {
        let soft = |x: u32, y: u32| [(x * 2) as u8, (y * 3) as u8, (255 - x) as u8];
        assert_eq!(sampling(100, 80, soft), Sampling::Halved);
        assert_eq!(
            sampling(1, 9, |_, y| [(y % 2 * 255) as u8, 0, 0]),
            Sampling::Halved
        );
        assert_eq!(
            sampling(9, 1, |x, _| [(x % 2 * 255) as u8, 0, 0]),
            Sampling::Halved
        );
    }
}
