//! How macroblocks are predicted, as bools (RFC 6386 §11), and what these cost.

use super::super::modes::{Luma, Subblock, Whole, place};
use super::super::subblock_modes::KNOWN;
use super::bools::BoolWriter;
use super::costs::Bits;

/// All ways to predict a whole macroblock.
pub(super) const WHOLES: [Whole; 4] = [
    Whole::Dc,
    Whole::TrueMotion,
    Whole::Vertical,
    Whole::Horizontal,
];

/// All ways to predict a subblock.
pub(super) const SUBBLOCKS: [Subblock; 10] = [
    Subblock::Dc,
    Subblock::TrueMotion,
    Subblock::Vertical,
    Subblock::Horizontal,
    Subblock::LeftDown,
    Subblock::RightDown,
    Subblock::VerticalRight,
    Subblock::VerticalLeft,
    Subblock::HorizontalDown,
    Subblock::HorizontalUp,
];

/// A branch by its probability, and which way.
type Step = (u8, u32);

/// RFC 6386 §11.2: whether luma is predicted as a whole.
const BY_SUBBLOCKS: Step = (145, 0);
const AS_A_WHOLE: Step = (145, 1);

/// RFC 6386 §11.2, kf_ymode_tree behind its first branch.
fn luma(mode: Whole) -> [Step; 2] {
    match mode {
        Whole::Dc => [(156, 0), (163, 0)],
        Whole::Vertical => [(156, 0), (163, 1)],
        Whole::Horizontal => [(156, 1), (128, 0)],
        Whole::TrueMotion => [(156, 1), (128, 1)],
    }
}

/// RFC 6386 §11.2, uv_mode_tree.
fn chroma(mode: Whole) -> &'static [Step] {
    match mode {
        Whole::Dc => &[(142, 0)],
        Whole::Vertical => &[(142, 1), (114, 0)],
        Whole::Horizontal => &[(142, 1), (114, 1), (183, 0)],
        Whole::TrueMotion => &[(142, 1), (114, 1), (183, 1)],
    }
}

/// RFC 6386 §11.2, bmode_tree: nodes and ways.
fn subblock(mode: Subblock) -> &'static [(usize, u32)] {
    match mode {
        Subblock::Dc => &[(0, 0)],
        Subblock::TrueMotion => &[(0, 1), (1, 0)],
        Subblock::Vertical => &[(0, 1), (1, 1), (2, 0)],
        Subblock::Horizontal => &[(0, 1), (1, 1), (2, 1), (3, 0), (4, 0)],
        Subblock::RightDown => &[(0, 1), (1, 1), (2, 1), (3, 0), (4, 1), (5, 0)],
        Subblock::VerticalRight => &[(0, 1), (1, 1), (2, 1), (3, 0), (4, 1), (5, 1)],
        Subblock::LeftDown => &[(0, 1), (1, 1), (2, 1), (3, 1), (6, 0)],
        Subblock::VerticalLeft => &[(0, 1), (1, 1), (2, 1), (3, 1), (6, 1), (7, 0)],
        Subblock::HorizontalDown => &[(0, 1), (1, 1), (2, 1), (3, 1), (6, 1), (7, 1), (8, 0)],
        Subblock::HorizontalUp => &[(0, 1), (1, 1), (2, 1), (3, 1), (6, 1), (7, 1), (8, 1)],
    }
}

/// The branches to a subblock's mode, by those of the ones above and at the left.
fn steps(mode: Subblock, above: Subblock, left: Subblock) -> impl Iterator<Item = Step> {
    let known = KNOWN.get(place(above)).and_then(|row| row.get(place(left)));
    let known = known.copied().unwrap_or_default();
    let step = move |(node, bit): &(usize, u32)| (known.get(*node).copied().unwrap_or(128), *bit);
    subblock(mode).iter().map(step)
}

/// What modes cost.
pub(super) struct ModeCosts {
    luma: [f32; WHOLES.len()],
    chroma: [f32; WHOLES.len()],
    pub(super) by_subblocks: f32,
    /// By the mode above, at the left, and its own, in the order of [`SUBBLOCKS`].
    subblocks: [[[f32; 10]; 10]; 10],
}

impl ModeCosts {
    pub(super) fn new(bits: &Bits) -> Self {
        let cost = |(probability, bit): &Step| bits.of(*probability, *bit);
        let whole = |mode| cost(&AS_A_WHOLE) + luma(mode).iter().map(cost).sum::<f32>();
        let row = |above, left| {
            SUBBLOCKS.map(|mode| steps(mode, above, left).map(|step| cost(&step)).sum())
        };
        Self {
            luma: WHOLES.map(whole),
            chroma: WHOLES.map(|mode| chroma(mode).iter().map(cost).sum()),
            by_subblocks: cost(&BY_SUBBLOCKS),
            subblocks: SUBBLOCKS.map(|above| SUBBLOCKS.map(|left| row(above, left))),
        }
    }

    /// All ways to predict luma as a whole, in the order of [`WHOLES`].
    pub(super) fn luma(&self) -> [f32; WHOLES.len()] {
        self.luma
    }

    /// All ways to predict chroma.
    pub(super) fn chroma(&self) -> impl Iterator<Item = (Whole, f32)> {
        WHOLES.into_iter().zip(self.chroma)
    }

    /// All ways to predict a subblock, in the order of [`SUBBLOCKS`].
    pub(super) fn subblock(&self, above: Subblock, left: Subblock) -> [f32; 10] {
        let row = self.subblocks.get(place(above));
        let costs = row.and_then(|row| row.get(place(left)));
        costs.copied().unwrap_or_default()
    }
}

/// Writes a macroblock's modes. `above` and `left` are the modes of the subblocks beside it; they become its own.
pub(super) fn write(
    modes: (&Luma, Whole),
    above: &mut [Subblock; 4],
    left: &mut [Subblock; 4],
    to: &mut BoolWriter,
) {
    let mut put = |(probability, bit): Step| to.write(probability, bit);
    match modes.0 {
        Luma::Whole(mode) => {
            put(AS_A_WHOLE);
            luma(*mode).into_iter().for_each(&mut put);
        }
        Luma::Subblocks(rows) => {
            put(BY_SUBBLOCKS);
            for (row, left) in rows.iter().zip(left.iter()) {
                let mut left = *left;
                for (mode, above) in row.iter().zip(above.iter_mut()) {
                    steps(*mode, *above, left).for_each(&mut put);
                    (left, *above) = (*mode, *mode);
                }
            }
        }
    }
    chroma(modes.1).iter().copied().for_each(&mut put);
    [*above, *left] = modes.0.borders();
}
