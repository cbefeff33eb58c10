//! A picture, encoded as often as it takes to find the coarseness that is wanted.

use zeroize::Zeroizing;

use super::super::SIDE;
use super::super::column::Column;
use super::super::defaults::DEFAULTS;
#[cfg(test)]
use super::super::modes::Luma;
use super::super::tile::Tile;
use super::super::tokens::Probabilities;
use super::choose::FIRST_BITS;
use super::coded::Coded;
use super::costs::Bits;
use super::estimate::{KEPT, Sample, bits_of};
use super::frame::{Frame, HEADER_LEN};
use super::modes::ModeCosts;
use super::quantise::Coarseness;
use super::samples::tiles;
use crate::budget::Budget;
use crate::image::picture::Picture;
use crate::image::size::{Size, length};
use crate::refusal::Refusal;

/// A larger picture is predicted in whole macroblocks alone, which takes half of the time: two seconds for 48 megapixels.
const HASTY_PIXELS: u64 = 16 * 1024 * 1024;

/// Encodes one picture, as often as it takes.
pub(in crate::image) struct Encoder {
    pub(super) size: Size,
    /// Macroblocks in a row.
    pub(super) across: usize,
    pub(super) tiles: Zeroizing<Vec<Tile>>,
    pub(super) coded: Zeroizing<Vec<Coded>>,
    pub(super) columns: Zeroizing<Vec<Column>>,
    pub(super) bits: Bits,
    pub(super) modes: ModeCosts,
    /// Those of the frame before, from which the next one begins.
    pub(super) probabilities: Probabilities,
    pub(super) samples: Zeroizing<Vec<Sample>>,
    /// Bits that all modes together may take.
    pub(super) room: f32,
    last: Option<Last>,
}

/// The last frame.
#[derive(Clone, Copy)]
struct Last {
    /// Octets of tokens and of all else.
    tokens: f32,
    others: f32,
    /// What its tokens take by estimate, of the macroblocks that are kept.
    estimated: f32,
}

impl Encoder {
    /// Takes `picture` in, without its alpha.
    ///
    /// # Errors
    /// [`Refusal::Unsupported`] for inks; [`Refusal::Exceeded`] when there is not the memory.
    pub(in crate::image) fn new(picture: &Picture, budget: &mut Budget) -> Result<Self, Refusal> {
        let size = picture.size();
        let across = length(size.width().div_ceil(SIDE));
        let tiles = tiles(picture, budget)?;
        let mut columns = budget.room(across)?;
        columns.resize(across, Column::of_all());
        let bits = Bits::new();
        Ok(Self {
            size,
            across,
            coded: budget.room(tiles.len())?,
            tiles,
            columns,
            modes: ModeCosts::new(&bits),
            bits,
            probabilities: DEFAULTS,
            samples: budget.room(KEPT)?,
            room: if size.pixels() > HASTY_PIXELS {
                0.0
            } else {
                FIRST_BITS
            },
            last: None,
        })
    }

    /// Encodes at this coarseness, keeping at most `limit` octets.
    pub(in crate::image) fn encode(&mut self, coarseness: Coarseness, limit: usize) -> Frame {
        let counted = self.choose(coarseness, |_tile| ());
        self.probabilities = counted.probabilities(&self.bits);
        let (first, second) = self.write(coarseness, limit);
        self.last = Some(Last {
            tokens: float(second.len()),
            others: float(first.len().saturating_add(HEADER_LEN)),
            estimated: bits_of(&self.samples, coarseness, &self.bits),
        });
        self.frame(first, second)
    }

    /// About how many octets a frame of this coarseness would have, by what the last one had.
    pub(in crate::image) fn estimate(&self, coarseness: Coarseness) -> usize {
        let Some(last) = self.last else {
            return 0;
        };
        let share = bits_of(&self.samples, coarseness, &self.bits) / last.estimated.max(1.0);
        octets(last.others + last.tokens * share)
    }

    /// How many macroblocks of the last frame are predicted by subblocks.
    #[cfg(test)]
    pub(super) fn by_subblocks(&self) -> usize {
        let all = self.coded.iter();
        all.filter(|coded| matches!(coded.luma, Luma::Subblocks(_)))
            .count()
    }
}

#[expect(clippy::as_conversions, reason = "the only way; the nearest will do")]
pub(super) fn float(count: usize) -> f32 {
    count as f32
}

#[expect(
    clippy::as_conversions,
    reason = "the only way from a float; it saturates"
)]
fn octets(octets: f32) -> usize {
    octets as usize
}
