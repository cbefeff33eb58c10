//! Widths and heights: what fits into what. All of the size arithmetic, in integers.

use std::num::{NonZeroU32, NonZeroU64};

use crate::budget::Resource;
use crate::refusal::Refusal;

/// The longest side that is read: what a JPEG can have. A longer one (1 × 50,000,000, say) is no picture for anybody.
const LONGEST_SIDE: u32 = 65_535;

/// A picture's size; neither side is zero, and neither is longer than [`LONGEST_SIDE`].
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) struct Size {
    width: NonZeroU32,
    height: NonZeroU32,
}

impl Size {
    /// A size that a file declares.
    pub(super) fn declared(width: u32, height: u32) -> Result<Self, Refusal> {
        if width > LONGEST_SIDE || height > LONGEST_SIDE {
            return Err(Refusal::Exceeded(Resource::Pixels));
        }
        let width = NonZeroU32::new(width).ok_or(Refusal::Damaged)?;
        let height = NonZeroU32::new(height).ok_or(Refusal::Damaged)?;
        Ok(Self { width, height })
    }

    /// A square: a box to fit into.
    pub(super) const fn square(side: NonZeroU32) -> Self {
        Self {
            width: side,
            height: side,
        }
    }

    pub(super) fn width(self) -> u32 {
        self.width.get()
    }

    pub(super) fn height(self) -> u32 {
        self.height.get()
    }

    pub(super) fn pixels(self) -> u64 {
        u64::from(self.width()).saturating_mul(u64::from(self.height()))
    }

    /// How many samples a picture of this size has with `channels` a pixel. `None` where no memory could hold them.
    pub(super) fn samples(self, channels: usize) -> Option<usize> {
        let pixels = usize::try_from(self.pixels()).ok()?;
        pixels.checked_mul(channels)
    }

    /// Width and height changed for one another.
    pub(super) fn transposed(self) -> Self {
        Self {
            width: self.height,
            height: self.width,
        }
    }

    /// No wider than `width`, and no higher than `height`; `None` sets no bound.
    pub(super) fn within(self, width: Option<NonZeroU32>, height: Option<NonZeroU32>) -> Self {
        Self {
            width: width.map_or(self.width, |most| most.min(self.width)),
            height: height.map_or(self.height, |most| most.min(self.height)),
        }
    }

    /// The largest size of the same shape inside `bounds`, rounded to whole pixels; never larger than it is.
    pub(super) fn fitted(self, bounds: Self) -> Self {
        let bounds = bounds.within(Some(self.width), Some(self.height));
        let across = u64::from(bounds.width()).saturating_mul(u64::from(self.height()));
        let down = u64::from(bounds.height()).saturating_mul(u64::from(self.width()));
        if across <= down {
            Self {
                width: bounds.width,
                height: of_shape(self.height, bounds.width, self.width).min(bounds.height),
            }
        } else {
            Self {
                width: of_shape(self.width, bounds.height, self.height).min(bounds.width),
                height: bounds.height,
            }
        }
    }

    /// The same shape with its longer side `numerator` / `denominator` as long, but shorter by one pixel at least
    /// and no shorter than one.
    pub(super) fn shrunk(self, numerator: u64, denominator: NonZeroU32) -> Self {
        let longer = self.width.max(self.height);
        let wanted =
            u64::from(longer.get()).saturating_mul(numerator) / NonZeroU64::from(denominator);
        let below = u64::from(longer.get()).saturating_sub(1);
        let side = u32::try_from(wanted.min(below)).unwrap_or(u32::MAX);
        self.fitted(Self::square(
            NonZeroU32::new(side).unwrap_or(NonZeroU32::MIN),
        ))
    }
}

/// A side as the length of something in memory.
pub(super) fn length(side: u32) -> usize {
    usize::try_from(side).unwrap_or(usize::MAX)
}

/// `side` × `to` / `from`, rounded to the nearest, half up; one at least.
fn of_shape(side: NonZeroU32, to: NonZeroU32, from: NonZeroU32) -> NonZeroU32 {
    let from = NonZeroU64::from(from);
    let scaled = u64::from(side.get()).saturating_mul(u64::from(to.get()));
    let rounded = scaled.saturating_add(from.get() / 2) / from;
    let rounded = u32::try_from(rounded).unwrap_or(u32::MAX);
    NonZeroU32::new(rounded).unwrap_or(NonZeroU32::MIN)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn size(width: u32, height: u32) -> Size {
        Size::declared(width, height).unwrap()
    }

    #[test]
    fn known_photographs_fit_as_everybody_expects() {
        let bounds = size(320, 320);
        assert_eq!(size(4000, 3000).fitted(bounds), size(320, 240));
        assert_eq!(size(3000, 4000).fitted(bounds), size(240, 320));
        assert_eq!(size(6028, 3391).fitted(bounds), size(320, 180));
        assert_eq!(size(200, 100).fitted(bounds), size(200, 100));
        assert_eq!(size(1, 65_535).fitted(bounds), size(1, 320));
        assert_eq!(size(65_535, 1).fitted(bounds), size(320, 1));
    }

    #[test]
    fn absurd_sides_are_refused() {
        let refused = Err(Refusal::Exceeded(Resource::Pixels));
        assert_eq!(Size::declared(50_000_000, 1), refused);
        assert_eq!(Size::declared(1, 65_536), refused);
        assert_eq!(Size::declared(0, 7), Err(Refusal::Damaged));
    }

    fn any_size() -> impl Strategy<Value = Size> {
        (1..=LONGEST_SIDE, 1..=LONGEST_SIDE).prop_map(|(width, height)| size(width, height))
    }

    proptest! {
        /// Inside the box, never enlarged, touching the box or itself, and of the shape it was to half a pixel.
        #[test]
        fn what_is_fitted_fits(of in any_size(), bounds in any_size()) {
            let fitted = of.fitted(bounds);
            prop_assert!(fitted.width() <= bounds.width().min(of.width()));
            prop_assert!(fitted.height() <= bounds.height().min(of.height()));
            let touches = fitted == of
                || fitted.width() == bounds.width()
                || fitted.height() == bounds.height();
            prop_assert!(touches);
            let scale = (f64::from(bounds.width()) / f64::from(of.width()))
                .min(f64::from(bounds.height()) / f64::from(of.height()))
                .min(1.0);
            let width = (f64::from(of.width()) * scale).max(1.0);
            let height = (f64::from(of.height()) * scale).max(1.0);
            prop_assert!((f64::from(fitted.width()) - width).abs() <= 0.5 + 1e-6);
            prop_assert!((f64::from(fitted.height()) - height).abs() <= 0.5 + 1e-6);
        }

        /// A turned picture fits a turned box just as it fits the box unturned.
        #[test]
        fn fitting_does_not_care_how_the_picture_lies(of in any_size(), bounds in any_size()) {
            let turned = of.transposed().fitted(bounds.transposed()).transposed();
            prop_assert_eq!(turned, of.fitted(bounds));
        }

        /// Shrinking ends.
        #[test]
        fn what_is_shrunk_is_smaller_until_one_pixel(of in any_size(), numerator in 0_u64..5000) {
            let shrunk = of.shrunk(numerator, NonZeroU32::new(1024).unwrap());
            let longer = |size: Size| size.width().max(size.height());
            prop_assert!(longer(shrunk) < longer(of) || longer(of) == 1);
            prop_assert!(shrunk.width() >= 1 && shrunk.height() >= 1);
        }
    }
}
