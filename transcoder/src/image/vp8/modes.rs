//! How macroblocks are predicted (RFC 6386 §8.1, §11).

/// How a whole macroblock's luma, or its chroma, is predicted.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) enum Whole {
    Dc,
    Vertical,
    Horizontal,
    TrueMotion,
}

/// How a subblock of luma is predicted; in the order of RFC 6386 §8.1.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) enum Subblock {
    Dc,
    TrueMotion,
    Vertical,
    Horizontal,
    LeftDown,
    RightDown,
    VerticalRight,
    VerticalLeft,
    HorizontalDown,
    HorizontalUp,
}

/// How luma is predicted.
#[derive(Clone, Copy)]
pub(super) enum Luma {
    Whole(Whole),
    /// Rows of subblocks.
    Subblocks([[Subblock; 4]; 4]),
}

impl Luma {
    /// The modes that subblocks below it, and at its right, take it for.
    pub(super) fn borders(&self) -> [[Subblock; 4]; 2] {
        match self {
            Self::Whole(mode) => [[like(*mode); 4]; 2],
            Self::Subblocks(rows) => {
                let [.., last] = rows;
                [*last, rows.map(|[.., last]| last)]
            }
        }
    }
}

/// RFC 6386 §11.3: what subblocks beside a macroblock that is predicted as a whole take its mode for.
pub(super) fn like(mode: Whole) -> Subblock {
    match mode {
        Whole::Dc => Subblock::Dc,
        Whole::Vertical => Subblock::Vertical,
        Whole::Horizontal => Subblock::Horizontal,
        Whole::TrueMotion => Subblock::TrueMotion,
    }
}

/// Its number in RFC 6386 §8.1.
pub(super) fn place(mode: Subblock) -> usize {
    match mode {
        Subblock::Dc => 0,
        Subblock::TrueMotion => 1,
        Subblock::Vertical => 2,
        Subblock::Horizontal => 3,
        Subblock::LeftDown => 4,
        Subblock::RightDown => 5,
        Subblock::VerticalRight => 6,
        Subblock::VerticalLeft => 7,
        Subblock::HorizontalDown => 8,
        Subblock::HorizontalUp => 9,
    }
}
