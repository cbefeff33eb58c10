//! Two files of one picture, between which the finest is that fits: one too long, one not.

use crate::image::jpeg_encode::{Coarseness, Counted};

/// How near to the room a file is near enough: one in so many octets is left.
const NEAR: u64 = 200;

/// What is too fine and what fits.
pub(super) struct Bracket {
    fine: Counted,
    coarse: Counted,
    room: u64,
    step: Step,
}

/// How the next coarseness is found.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
enum Step {
    /// As octets go by the inverse of coarseness, more or less.
    Interpolate,
    /// Where that did not bring much.
    Halve,
}

impl Bracket {
    /// `fine` has more octets than there is `room` for, `coarse` has not.
    pub(super) fn new(fine: Counted, coarse: Counted, room: u64) -> Self {
        Self {
            fine,
            coarse,
            room,
            step: Step::Interpolate,
        }
    }

    /// The best that fits.
    pub(super) fn fitting(self) -> Counted {
        self.coarse
    }

    /// Which coarseness to count next. `None` where the one that fits is the finest, or nearly so.
    pub(super) fn next(&self) -> Option<Coarseness> {
        let near = self.room.saturating_sub(self.room / NEAR);
        let (Coarseness(fine), Coarseness(coarse)) = self.sides();
        if self.coarse.octets >= near || coarse.saturating_sub(fine) <= 1 {
            return None;
        }
        Some(match self.step {
            Step::Interpolate => self.interpolated(),
            Step::Halve => Coarseness(fine.midpoint(coarse)),
        })
    }

    /// Takes in what was counted between the two.
    pub(super) fn narrow(&mut self, counted: Counted) {
        let before = self.width();
        if counted.octets > self.room {
            self.fine = counted;
        } else {
            self.coarse = counted;
        }
        self.step = if self.width() > before / 2 {
            Step::Halve
        } else {
            Step::Interpolate
        };
    }

    fn sides(&self) -> (Coarseness, Coarseness) {
        (self.fine.coarseness, self.coarse.coarseness)
    }

    fn width(&self) -> u16 {
        let (Coarseness(fine), Coarseness(coarse)) = self.sides();
        coarse.saturating_sub(fine)
    }

    /// A little below the room, on the line through both in octets over the inverse of coarseness.
    fn interpolated(&self) -> Coarseness {
        let (Coarseness(fine), Coarseness(coarse)) = self.sides();
        let aim = self.room.saturating_sub(self.room / NEAR / 2);
        let all = self.fine.octets.saturating_sub(self.coarse.octets);
        let wanted = aim.saturating_sub(self.coarse.octets).min(all);
        let (from, to) = (u64::from(fine), u64::from(coarse));
        let above = from.saturating_mul(to).saturating_mul(all);
        let left = from.saturating_mul(all.saturating_sub(wanted));
        let below = left.saturating_add(to.saturating_mul(wanted));
        let found = above.div_ceil(below.max(1));
        let found = u16::try_from(found).unwrap_or(u16::MAX);
        Coarseness(found.clamp(fine.saturating_add(1), coarse.saturating_sub(1)))
    }
}
