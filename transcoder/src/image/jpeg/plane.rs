//! Samples of one component: three bands of them, a band being what a row of MCUs brings, so that rows above and below
//! the one that is given out are at hand.

use zeroize::Zeroizing;

use super::coefficients::{Block, Plane as Blocks};
use super::frame::{Component, Frame};
use super::idct;
use super::scale::Scale;
use super::tables::Steps;
use crate::budget::{Budget, Resource};
use crate::refusal::Refusal;

/// The band that is given out, the one before, and the one after.
const BANDS: usize = 3;

/// The samples of one component.
pub(super) struct Plane {
    samples: Zeroizing<Vec<u8>>,
    /// Samples in a row, those outside of the picture with them.
    stride: usize,
    /// Rows of blocks in a band.
    blocks: usize,
    /// Samples along a block.
    side: usize,
    /// What of it is picture.
    width: usize,
    height: usize,
}

impl Plane {
    /// # Errors
    /// [`Refusal::Exceeded`] where it does not fit into `budget`.
    pub(super) fn of(
        frame: &Frame,
        component: Component,
        scale: Scale,
        budget: &mut Budget,
    ) -> Result<Self, Refusal> {
        let side = scale.samples();
        let stride = frame.padded(component).across.saturating_mul(side);
        let rows = component.down.saturating_mul(side).saturating_mul(BANDS);
        let picture = frame.scaled(component, side);
        let len = stride.checked_mul(rows);
        let len = len.ok_or(Refusal::Exceeded(Resource::Memory))?;
        let mut samples = budget.room(len)?;
        samples.resize(len, 0);
        Ok(Self {
            samples,
            stride,
            blocks: component.down,
            side,
            width: picture.across,
            height: picture.down,
        })
    }

    pub(super) fn width(&self) -> usize {
        self.width
    }

    /// Row `at`, or the last one where there are not so many. Its band must be one of the last three that were filled.
    pub(super) fn row(&self, at: usize) -> &[u8] {
        let at = at.min(self.height.saturating_sub(1));
        let kept = self.rows().saturating_mul(BANDS);
        let from = at
            .checked_rem(kept)
            .unwrap_or(0)
            .saturating_mul(self.stride);
        let to = from.saturating_add(self.width);
        self.samples.get(from..to).unwrap_or_default()
    }

    /// Fills `band` from its rows of blocks.
    pub(super) fn fill(&mut self, band: usize, blocks: &Blocks, steps: &Steps, scale: Scale) {
        let slot = band % BANDS;
        let from = slot.saturating_mul(self.rows()).saturating_mul(self.stride);
        let band = self.samples.get_mut(from..).unwrap_or_default();
        let tall = self.stride.saturating_mul(self.side).max(1);
        let strips = band.chunks_exact_mut(tall).take(self.blocks);
        for (row, strip) in strips.enumerate() {
            match scale {
                Scale::Eighth => averages(strip, blocks.firsts(row), steps),
                Scale::Quarter => {
                    each(strip, self.stride, blocks.blocks(row), steps, idct::quarter)
                }
                Scale::Half => each(strip, self.stride, blocks.blocks(row), steps, idct::half),
                Scale::Whole => each(strip, self.stride, blocks.blocks(row), steps, idct::whole),
            }
        }
    }

    /// Rows in a band.
    fn rows(&self) -> usize {
        self.blocks.saturating_mul(self.side)
    }
}

fn averages(strip: &mut [u8], firsts: &[i16], steps: &Steps) {
    let [step, ..] = steps;
    for (sample, first) in strip.iter_mut().zip(firsts) {
        *sample = idct::eighth(*first, *step);
    }
}

/// Transforms a row of blocks into `strip`, which is as many rows high as a block has samples.
#[inline(always)]
fn each<const SIDE: usize>(
    strip: &mut [u8],
    stride: usize,
    blocks: &[Block],
    steps: &Steps,
    transform: impl Fn(&Block, &Steps) -> [[u8; SIDE]; SIDE],
) {
    for (column, block) in blocks.iter().enumerate() {
        let samples = transform(block, steps);
        let mut at = column.wrapping_mul(SIDE);
        for row in samples {
            let place = strip.get_mut(at..).and_then(<[u8]>::first_chunk_mut);
            if let Some(place) = place {
                *place = row;
            }
            at = at.wrapping_add(stride);
        }
    }
}
