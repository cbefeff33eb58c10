//! A frame written: its header, its macroblocks' modes, and their tokens (RFC 6386 §9 and §19.2).

use std::io::Write;

use secret::Plaintext;

use super::super::START;
use super::super::column::{Column, Filled};
use super::super::modes::Subblock;
use super::super::tokens::{BANDS, Probabilities};
use super::bools::BoolWriter;
use super::encoder::Encoder;
use super::modes;
use super::quantise::Coarseness;
use super::statistics::{self, share};
use super::tokens::{Branches, Place};
use crate::image::encode::Encoded;

/// RFC 6386 §9.1: the length of the first partition has nineteen bits.
pub(super) const FIRST_LEN: usize = 1 << 19;

/// Octets before the first partition (RFC 6386 §9.1).
pub(super) const HEADER_LEN: usize = 10;

/// A "VP8 " chunk's data.
pub(in crate::image) struct Frame {
    /// How many octets it has.
    pub(in crate::image) len: usize,
    /// Nothing, if it was longer than allowed.
    parts: Option<([u8; HEADER_LEN], [Plaintext; 2])>,
}

impl Frame {
    /// Writes it, if it is there.
    pub(in crate::image) fn write(&self, to: &mut impl Write) -> std::io::Result<()> {
        if let Some((header, parts)) = &self.parts {
            to.write_all(header)?;
            for part in parts {
                to.write_all(part.expose())?;
            }
        }
        Ok(())
    }
}

impl Encoder {
    /// Writes both partitions of what was chosen.
    pub(super) fn write(&mut self, coarseness: Coarseness, limit: usize) -> (Encoded, Encoded) {
        let empty = self.coded.iter().map(|coded| coded.empty).sum::<u32>();
        let all = u32::try_from(self.coded.len()).unwrap_or(u32::MAX);
        let skip = (empty > 0).then(|| share(all.saturating_sub(empty), all));
        let mut first = BoolWriter::new(limit);
        header(coarseness, &self.probabilities, skip, &mut first);
        let mut second = Tokens {
            probabilities: &self.probabilities,
            to: BoolWriter::new(limit),
        };
        self.columns.fill(Column::of_all());
        for row in self.coded.chunks(self.across) {
            let (mut left_modes, mut left_filled) = ([Subblock::Dc; 4], Filled::default());
            for (coded, column) in row.iter().zip(self.columns.iter_mut()) {
                if let Some(skip) = skip {
                    first.write(skip, coded.empty);
                }
                let what = (&coded.luma, coded.chroma);
                modes::write(what, &mut column.modes, &mut left_modes, &mut first);
                if coded.empty == 0 {
                    coded.show((&mut column.filled, &mut left_filled), &mut second);
                } else {
                    column.filled.clear(&coded.luma);
                    left_filled.clear(&coded.luma);
                }
            }
        }
        (first.finish(), second.to.finish())
    }

    /// RFC 6386 §9.1.
    pub(super) fn frame(&self, first: Encoded, second: Encoded) -> Frame {
        let lens = [first.len(), second.len()];
        let len = lens.into_iter().fold(HEADER_LEN, usize::saturating_add);
        if first.len() >= FIRST_LEN {
            // Only of a picture far larger than anybody pays for.
            return Frame {
                len: usize::MAX / 2,
                parts: None,
            };
        }
        let (Encoded::Fits(first), Encoded::Fits(second)) = (first, second) else {
            return Frame { len, parts: None };
        };
        let mut header = [0; HEADER_LEN];
        let shown = 0x10;
        let tag = u32::try_from(first.len()).unwrap_or(u32::MAX) << 5 | shown;
        let [a, b, c, _] = tag.to_le_bytes();
        let sides = [self.size.width(), self.size.height()].map(u32::to_le_bytes);
        let octets = [a, b, c].into_iter().chain(START);
        let octets = octets.chain(sides.into_iter().flat_map(|[low, high, ..]| [low, high]));
        for (to, octet) in header.iter_mut().zip(octets) {
            *to = octet;
        }
        Frame {
            len,
            parts: Some((header, [first, second])),
        }
    }
}

/// Writes tokens.
struct Tokens<'a> {
    probabilities: &'a Probabilities,
    to: BoolWriter,
}

impl Branches for Tokens<'_> {
    #[inline]
    #[expect(
        clippy::indexing_slicing,
        reason = "a place's parts are as many as there are, and a tree has eleven nodes"
    )]
    fn branch(&mut self, place: Place, node: usize, bit: u32) {
        let known = self.probabilities[place.kind][BANDS[place.at]][place.before][node];
        self.to.write(known, bit);
    }

    #[inline]
    fn fixed(&mut self, probability: u8, bit: u32) {
        self.to.write(probability, bit);
    }
}

/// RFC 6386 §9.2 to §9.11 and §19.2.
fn header(
    coarseness: Coarseness,
    probabilities: &Probabilities,
    skip: Option<u8>,
    to: &mut BoolWriter,
) {
    to.number(2, 0); // the one colour space; samples may need to be clamped
    to.flag(0); // no segments
    to.flag(0); // the normal filter
    to.number(6, level(coarseness));
    to.number(3, 0); // as sharp as it is
    to.flag(0); // the same for all macroblocks
    to.number(2, 0); // one partition of tokens
    to.number(7, coarseness.index().into());
    for _ in 0..5 {
        to.flag(0); // the same coarseness for all kinds of blocks
    }
    to.flag(0); // there are no more frames
    statistics::write(probabilities, to);
    match skip {
        None => to.flag(0),
        Some(probability) => {
            to.flag(1);
            to.number(8, probability.into());
        }
    }
}

/// How strong the filter over edges is: by the step of most coefficients.
fn level(coarseness: Coarseness) -> u32 {
    let [_, step] = coarseness.steps().luma;
    u32::try_from(step)
        .unwrap_or(0)
        .wrapping_mul(11)
        .wrapping_div(32)
        .min(63)
}
