//! How macroblocks are predicted, as it is read (RFC 6386 §11).

use super::super::modes::{Luma, Subblock, Whole, like, place};
use super::super::subblock_modes::KNOWN;
use super::bools::Bools;

/// What is said of one macroblock.
pub(super) struct Modes {
    pub(super) segment: usize,
    /// Whether it has no coefficients.
    pub(super) skipped: bool,
    pub(super) luma: Luma,
    pub(super) chroma: Whole,
}

impl Modes {
    /// Reads the next macroblock's. `above` and `left` are the modes of the subblocks beside it; they become those of
    /// its own last row and last column.
    pub(super) fn read(
        bools: &mut Bools<'_>,
        segment_map: Option<[u8; 3]>,
        skip: Option<u8>,
        above: &mut [Subblock; 4],
        left: &mut [Subblock; 4],
    ) -> Self {
        bools.need();
        let segment = segment_map.map_or(0, |map| segment(bools, map));
        let skipped = skip.is_some_and(|probability| bools.read(probability));
        bools.need();
        let luma = if bools.read(145) {
            let mode = whole_luma(bools);
            *above = [like(mode); 4];
            *left = [like(mode); 4];
            Luma::Whole(mode)
        } else {
            Luma::Subblocks(left.each_mut().map(|left| {
                above.each_mut().map(|above| {
                    let mode = subblock(bools, *above, *left);
                    *above = mode;
                    *left = mode;
                    mode
                })
            }))
        };
        bools.need();
        Self {
            segment,
            skipped,
            luma,
            chroma: chroma(bools),
        }
    }
}

/// RFC 6386 §10.
fn segment(bools: &mut Bools<'_>, [first, low, high]: [u8; 3]) -> usize {
    if bools.read(first) {
        2_usize.wrapping_add(bools.read(high).into())
    } else {
        bools.read(low).into()
    }
}

/// RFC 6386 §11.2, kf_ymode_tree.
fn whole_luma(bools: &mut Bools<'_>) -> Whole {
    match bools.read(156) {
        false if !bools.read(163) => Whole::Dc,
        false => Whole::Vertical,
        true if !bools.read(128) => Whole::Horizontal,
        true => Whole::TrueMotion,
    }
}

/// RFC 6386 §11.2, uv_mode_tree.
fn chroma(bools: &mut Bools<'_>) -> Whole {
    if !bools.read(142) {
        Whole::Dc
    } else if !bools.read(114) {
        Whole::Vertical
    } else if !bools.read(183) {
        Whole::Horizontal
    } else {
        Whole::TrueMotion
    }
}

/// RFC 6386 §11.2, bmode_tree.
fn subblock(bools: &mut Bools<'_>, above: Subblock, left: Subblock) -> Subblock {
    let known = KNOWN.get(place(above)).and_then(|row| row.get(place(left)));
    let [p0, p1, p2, p3, p4, p5, p6, p7, p8] = known.copied().unwrap_or_default();
    bools.need();
    if !bools.read(p0) {
        return Subblock::Dc;
    }
    if !bools.read(p1) {
        return Subblock::TrueMotion;
    }
    if !bools.read(p2) {
        return Subblock::Vertical;
    }
    if !bools.read(p3) {
        if !bools.read(p4) {
            return Subblock::Horizontal;
        }
        return match bools.read(p5) {
            false => Subblock::RightDown,
            true => Subblock::VerticalRight,
        };
    }
    if !bools.read(p6) {
        return Subblock::LeftDown;
    }
    if !bools.read(p7) {
        return Subblock::VerticalLeft;
    }
    match bools.read(p8) {
        false => Subblock::HorizontalDown,
        true => Subblock::HorizontalUp,
    }
}
