//! How much smaller a picture is decoded than it is.

use crate::image::size::Size;

/// The sides of a decoded picture as parts of the file's, rounded up.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) enum Scale {
    Whole,
    Half,
    Quarter,
    Eighth,
}

impl Scale {
    /// The largest reduction that leaves `source` with at least one and a half times the sides of `target`: what the
    /// filter needs, by measure, to give what it gives from the whole picture. One pixel for a whole side is an average,
    /// which any reduction leaves as it is.
    pub(super) fn for_target(source: Size, target: Size) -> Self {
        let enough = |scale: &Self| {
            let reaches = |from: u32, to: u32| {
                let left = u64::from(scale.side(from));
                to == 1 || left.saturating_mul(2) >= u64::from(to).saturating_mul(3)
            };
            reaches(source.width(), target.width()) && reaches(source.height(), target.height())
        };
        let reductions = [Self::Eighth, Self::Quarter, Self::Half];
        reductions.into_iter().find(enough).unwrap_or(Self::Whole)
    }

    /// How many samples are left of eight.
    pub(super) const fn samples(self) -> usize {
        match self {
            Self::Whole => 8,
            Self::Half => 4,
            Self::Quarter => 2,
            Self::Eighth => 1,
        }
    }

    /// How many pixels become one, along each side.
    pub(super) const fn divisor(self) -> u32 {
        match self {
            Self::Whole => 1,
            Self::Half => 2,
            Self::Quarter => 4,
            Self::Eighth => 8,
        }
    }

    /// What is left of a side.
    const fn side(self, side: u32) -> u32 {
        side.div_ceil(self.divisor())
    }

    /// What is left of a picture of `size`, not rounded: the last pixel of a row or column may be one in part.
    pub(super) fn extent(self, size: Size) -> (f64, f64) {
        let of = |side: u32| f64::from(side) / f64::from(self.divisor());
        (of(size.width()), of(size.height()))
    }

    /// What is left of a picture of `size`.
    pub(super) fn of(self, size: Size) -> Size {
        // Neither side of a size is zero, so neither of a part of it is.
        Size::declared(self.side(size.width()), self.side(size.height())).unwrap_or(size)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn size(width: u32, height: u32) -> Size {
        Size::declared(width, height).unwrap()
    }

    #[test]
    fn the_filter_is_left_one_and_a_half_times_the_target() {
        let chosen = |from: (u32, u32), to: (u32, u32)| {
            Scale::for_target(size(from.0, from.1), size(to.0, to.1))
        };
        assert_eq!(chosen((4032, 3024), (320, 240)), Scale::Eighth);
        assert_eq!(chosen((3840, 2880), (320, 240)), Scale::Eighth);
        assert_eq!(chosen((3832, 2880), (320, 240)), Scale::Quarter);
        assert_eq!(chosen((1632, 1224), (320, 240)), Scale::Half);
        assert_eq!(chosen((640, 480), (320, 240)), Scale::Whole);
        assert_eq!(chosen((65_535, 1), (320, 1)), Scale::Eighth);
        assert_eq!(chosen((65_535, 17), (640, 2)), Scale::Eighth);
        assert_eq!(chosen((65_535, 2), (65_535, 2)), Scale::Whole);
    }

    #[test]
    fn what_is_left_is_rounded_up() {
        assert_eq!(Scale::Eighth.of(size(9, 8)), size(2, 1));
        assert_eq!(Scale::Quarter.of(size(1, 5)), size(1, 2));
        assert_eq!(Scale::Whole.of(size(3, 7)), size(3, 7));
    }
}
