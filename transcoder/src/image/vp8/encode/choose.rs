//! How each macroblock is coded, chosen one after the other.

use super::super::column::{Column, Filled, right_of};
use super::super::modes::Subblock;
use super::super::predict::{Above, Left, Place, Side};
use super::super::tile::Tile;
use super::coded::Coded;
use super::costs::Costs;
use super::encoder::{Encoder, float};
use super::estimate::{KEPT, Sample};
use super::frame::FIRST_LEN;
use super::quantise::Coarseness;
use super::statistics::Statistics;
use super::trial::{Beside, By, Scales, Trial};

/// Costs follow what was counted after so many macroblocks.
const CURRENT: usize = 32;

/// Bits for all modes: the header takes fewer octets than are left.
#[expect(clippy::as_conversions, reason = "an exact number of a constant")]
pub(super) const FIRST_BITS: f32 = 8.0 * (FIRST_LEN as f32 - 4096.0);

/// No macroblock takes more of them: by subblocks, as a whole, and what either has besides luma's modes.
const MOST_BITS: [f32; 2] = [800.0, 18.0];
const REST_BITS: f32 = 12.0;

/// What is known at one point of a frame.
struct Progress {
    scales: Scales,
    costs: Costs,
    counted: Statistics,
    /// Bits that modes took so far.
    header: f32,
}

/// What lies at the left.
struct Before {
    left: Left,
    modes: [Subblock; 4],
    filled: Filled,
    place: Place,
}

impl Encoder {
    /// Chooses how each macroblock is coded, and shows what a decoder makes of it, before its filter.
    pub(super) fn choose(
        &mut self,
        coarseness: Coarseness,
        mut show: impl FnMut(&Tile),
    ) -> Statistics {
        let mut progress = Progress {
            scales: Scales::new(coarseness),
            costs: Costs::new(&self.probabilities, &self.bits),
            counted: Statistics::new(),
            header: 0.0,
        };
        self.coded.clear();
        self.samples.clear();
        self.columns.fill(Column::of_all());
        let across = self.across.max(1);
        for begin in (0..self.tiles.len()).step_by(across) {
            let down = match begin {
                0 => Side::Edge,
                1.. => Side::Inside,
            };
            let mut before = Before {
                left: Left::of_all(down),
                modes: [Subblock::Dc; 4],
                filled: Filled::default(),
                place: Place {
                    across: Side::Edge,
                    down,
                },
            };
            for column in 0..across {
                let at = begin.saturating_add(column);
                if let Some(tile) = self.next(at, column, &mut before, &mut progress) {
                    show(&tile);
                }
            }
        }
        progress.counted
    }

    /// Chooses for macroblock `at`; answers what a decoder makes of it.
    fn next(
        &mut self,
        at: usize,
        column: usize,
        before: &mut Before,
        progress: &mut Progress,
    ) -> Option<Tile> {
        let source = self.tiles.get(at)?;
        let right = self.columns.get(column.saturating_add(1)).copied();
        let column = self.columns.get_mut(column)?;
        let trial = Trial {
            scales: &progress.scales,
            costs: &progress.costs,
            modes: &self.modes,
            source,
            beside: Beside {
                above: &column.above,
                right: right_of(&column.above, right.as_ref()),
                left: &before.left,
                place: before.place,
                filled: [column.filled, before.filled],
                modes: [column.modes, before.modes],
            },
        };
        let left = self.tiles.len().saturating_sub(at);
        let light = trial.light(progress.by(left, self.room));
        let colour = trial.colour();
        progress.header += light.bits + REST_BITS;
        let tile = Tile {
            luma: light.rows,
            chroma: colour.rows,
        };
        let levels = (light.second, light.blocks, colour.blocks);
        let coded = Coded::new(light.modes, colour.mode, levels);
        let filled = (&mut column.filled, &mut before.filled);
        coded.show(filled, &mut progress.counted);
        [column.modes, before.modes] = coded.luma.borders();
        before.left = Left::beside(&tile, &column.above);
        before.place.across = Side::Inside;
        column.above = Above::below(&tile);
        if at.is_multiple_of(self.tiles.len().div_ceil(KEPT)) {
            let sample = Sample::of(source, &tile, &coded, &progress.scales.steps);
            self.samples.push(sample);
        }
        self.coded.push(coded);
        if self.coded.len().is_multiple_of(CURRENT) {
            let probabilities = progress.counted.probabilities(&self.bits);
            progress.costs = Costs::new(&probabilities, &self.bits);
        }
        Some(tile)
    }
}

impl Progress {
    /// How the next macroblock may be predicted, of `left` that are to come, that all modes have `room`.
    fn by(&self, left: usize, room: f32) -> By {
        let [by_subblocks, whole] = MOST_BITS;
        if self.header + by_subblocks + float(left) * whole < room {
            By::WholeOrSubblocks
        } else {
            By::Whole
        }
    }
}
