//! From a file's components to red, green and blue, or to inks (T.871 §7; Adobe technical note 5116).

use crate::image::picture::Channels;

/// What the components mean.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(in crate::image) enum Colour {
    Grey,
    YCbCr,
    Rgb,
    /// Inverted, as Adobe writes it.
    Cmyk,
    /// Inverted CMYK whose first three inks are as YCbCr, each turned about.
    Ycck,
}

impl Colour {
    pub(super) fn channels(self) -> Channels {
        match self {
            Self::Grey => Channels::Grey,
            Self::YCbCr | Self::Rgb => Channels::Rgb,
            Self::Cmyk | Self::Ycck => Channels::InvertedCmyk,
        }
    }

    /// Writes pixels into `row` from as many samples of each component; components that are not there are empty.
    pub(super) fn row(self, components: [&[u8]; 4], row: &mut [u8]) {
        let [first, second, third, fourth] = components;
        match self {
            Self::Grey => {
                for (sample, grey) in row.iter_mut().zip(first) {
                    *sample = *grey;
                }
            }
            Self::YCbCr => three(row, components, colours),
            Self::Rgb => three(row, components, |samples| samples),
            Self::Cmyk | Self::Ycck => {
                let (pixels, _none) = row.as_chunks_mut::<4>();
                let samples = first.iter().zip(second).zip(third).zip(fourth);
                for (pixel, (((first, second), third), black)) in pixels.iter_mut().zip(samples) {
                    let samples = [*first, *second, *third];
                    let [cyan, magenta, yellow] = match self {
                        Self::Ycck => colours(samples).map(|light| !light),
                        Self::Grey | Self::YCbCr | Self::Rgb | Self::Cmyk => samples,
                    };
                    *pixel = [cyan, magenta, yellow, *black];
                }
            }
        }
    }
}

#[inline(always)]
fn three(
    row: &mut [u8],
    [first, second, third, _]: [&[u8]; 4],
    convert: impl Fn([u8; 3]) -> [u8; 3],
) {
    let (pixels, _none) = row.as_chunks_mut::<3>();
    for (((pixel, first), second), third) in pixels.iter_mut().zip(first).zip(second).zip(third) {
        *pixel = convert([*first, *second, *third]);
    }
}

/// T.871 §7 with sixteen fractional bits.
#[inline(always)]
fn colours([y, cb, cr]: [u8; 3]) -> [u8; 3] {
    let blue_difference = i32::from(cb).wrapping_sub(128);
    let red_difference = i32::from(cr).wrapping_sub(128);
    let red = red_difference.wrapping_mul(91_881); // 1.402 × 2¹⁶
    let green = blue_difference
        .wrapping_mul(-22_554) // 0.344136 × 2¹⁶
        .wrapping_sub(red_difference.wrapping_mul(46_802)); // 0.714136 × 2¹⁶
    let blue = blue_difference.wrapping_mul(116_130); // 1.772 × 2¹⁶
    [red, green, blue].map(|difference| level(y, difference))
}

/// `y` with a `difference` of sixteen fractional bits.
#[inline(always)]
fn level(y: u8, difference: i32) -> u8 {
    let rounded = difference.wrapping_add(1 << 15) >> 16;
    let level = i32::from(y).wrapping_add(rounded).clamp(0, 255);
    u8::try_from(level).unwrap_or(u8::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn white_black_and_red_ycck_have_the_inks_of_their_colours() {
        // White, black by black ink, red (T.871 §7: 76, 85, 255), inverted as Adobe does.
        let components: [&[u8]; 4] = [
            &[0, 0, 179],
            &[128, 128, 171],
            &[128, 128, 0],
            &[255, 0, 255],
        ];
        let mut row = [0; 12];
        Colour::Ycck.row(components, &mut row);
        assert_eq!(row[..4], [255, 255, 255, 255]);
        assert_eq!(row[4..8], [255, 255, 255, 0]);
        let [cyan, magenta, yellow, black] = [row[8], row[9], row[10], row[11]];
        assert!(cyan >= 253 && magenta <= 2 && yellow <= 2 && black == 255);
    }
}
