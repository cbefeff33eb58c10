//! How strongly the edges of each macroblock are filtered (RFC 6386 §9.6 and §15).

use super::SEGMENTS;

/// Which of the two filters.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) enum Kind {
    /// Luma alone, two samples at each edge.
    Simple,
    Normal,
}

/// What is done at the edges of a macroblock. No level at all: nothing.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) struct Strength {
    /// How far the two samples at an edge may be apart.
    pub(super) edge: i16,
    /// How far samples beside one another may be apart.
    pub(super) interior: i16,
    /// More than this apart, samples beside an edge are taken for a picture's own.
    pub(super) high: i16,
}

/// What a frame says of its filter.
pub(super) struct Filter {
    pub(super) kind: Kind,
    /// For each segment: of macroblocks predicted as a whole, and of those predicted by subblocks.
    strengths: [[Option<Strength>; 2]; SEGMENTS],
}

impl Filter {
    /// For `levels` of segments, where there is a filter at all, to which `deltas` are added: for all macroblocks, and for those predicted by subblocks.
    pub(super) fn new(
        kind: Kind,
        levels: Option<[i16; SEGMENTS]>,
        sharpness: u16,
        [all, subblocks]: [i16; 2],
    ) -> Self {
        let each = |level: i16| {
            let whole = level.wrapping_add(all);
            [whole, whole.wrapping_add(subblocks)].map(|level| strength(level, sharpness))
        };
        let strengths = levels.map(|levels| levels.map(each));
        Self {
            kind,
            strengths: strengths.unwrap_or_default(),
        }
    }

    /// Nothing, where `segment` is not filtered.
    pub(super) fn strength(&self, segment: usize, by_subblocks: usize) -> Option<Strength> {
        *self.strengths.get(segment)?.get(by_subblocks)?
    }

    /// Whether there is anything to do for any macroblock.
    pub(super) fn is_idle(&self) -> bool {
        let mut all = self.strengths.as_flattened().iter();
        all.all(Option::is_none)
    }
}

/// RFC 6386 §15.2 to §15.4.
fn strength(level: i16, sharpness: u16) -> Option<Strength> {
    let level = level.clamp(0, 63);
    if level == 0 {
        return None;
    }
    let interior = match sharpness {
        0 => level,
        1..=4 => (level >> 1).min(9_i16.wrapping_sub(sharpness.cast_signed())),
        5..=u16::MAX => (level >> 2).min(9_i16.wrapping_sub(sharpness.cast_signed())),
    };
    let interior = interior.max(1);
    Some(Strength {
        edge: level.wrapping_mul(2).wrapping_add(interior),
        interior,
        high: match level {
            40.. => 2,
            15.. => 1,
            _low => 0,
        },
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(level: i16, sharpness: u16) -> Strength {
        strength(level, sharpness).unwrap()
    }

    /// RFC 6386 §15.3: key frames have two steps, each from the level that it names on.
    #[test]
    fn variance_is_high_above_more_at_higher_levels() {
        for (level, high) in [(1, 0), (14, 0), (15, 1), (39, 1), (40, 2), (63, 2), (99, 2)] {
            assert_eq!(of(level, 0).high, high, "level {level}");
        }
    }

    /// RFC 6386 §15.2: sharper means that less is smoothed inside, never nothing.
    #[test]
    fn sharpness_lowers_the_interior_limit() {
        let limits = [(0, 40), (1, 8), (4, 5), (5, 4), (7, 2)];
        for (sharpness, interior) in limits {
            let strength = of(40, sharpness);
            assert_eq!(strength.interior, interior, "sharpness {sharpness}");
            assert_eq!(strength.edge, 80 + interior);
        }
        assert_eq!(of(1, 4).interior, 1);
        assert_eq!(of(3, 7).interior, 1);
        assert_eq!(strength(0, 0), None);
        assert_eq!(strength(-9, 0), None);
    }
}
