//! JPEG written (ITU-T T.81, baseline, one interleaved scan with Huffman tables of its own).
//!
//! The transform is done once for a picture; how many octets the file has at any coarseness can then be counted from
//! the coefficients without writing it, so a byte budget is met by one file written. Nothing but pixels goes in.

mod huffman;
mod quantise;
mod samples;
mod symbols;
mod transform;
mod writer;

use zeroize::Zeroizing;

pub(super) use self::quantise::Coarseness;
use self::quantise::Steps;
use self::symbols::{Counts, Symbols, Tables};
use super::picture::{Channels, Picture};
use super::size::{Size, length};
use crate::budget::{Budget, Resource};
use crate::refusal::Refusal;

/// Samples along one side of a block (T.81 §A.1.3).
const SIDE: usize = 8;

/// A block's coefficients in zigzag order (T.81 §A.3.6).
type Block = [i16; SIDE * SIDE];

/// Which of the two kinds of tables a component goes by.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
enum Kind {
    Light,
    Colour,
}

/// A picture's coefficients, unquantised.
pub(super) struct Transformed {
    size: Size,
    components: Vec<Component>,
}

/// What a file at one coarseness will be.
pub(super) struct Counted {
    coarseness: Coarseness,
    tables: Tables,
    /// How many octets it has, but for those that are stuffed into its scan (T.81 §B.1.1.5): one in some hundreds.
    pub(super) octets: u64,
}

/// One component: its blocks row by row, as many as whole units take (T.81 §A.2.4).
struct Component {
    kind: Kind,
    /// Blocks along one side of a unit: one or two.
    factor: usize,
    /// Blocks in a row.
    across: usize,
    blocks: Zeroizing<Vec<Block>>,
}

impl Transformed {
    /// Transforms `picture`, which is grey or red, green, blue; colour at half the resolution (4:2:0), as cameras do.
    ///
    /// # Errors
    /// [`Refusal::Unsupported`] for another kind of picture or one longer than a JPEG can say;
    /// [`Refusal::Exceeded`] when there is not the memory.
    pub(super) fn new(picture: &Picture, budget: &mut Budget) -> Result<Self, Refusal> {
        let size = picture.size();
        let factors: &[(Kind, usize)] = match picture.channels() {
            Channels::Grey => &[(Kind::Light, 1)],
            Channels::Rgb => &[(Kind::Light, 2), (Kind::Colour, 1), (Kind::Colour, 1)],
            Channels::GreyAlpha | Channels::Rgba | Channels::InvertedCmyk => {
                return Err(Refusal::Unsupported);
            }
        };
        let unit = factors.first().map_or(1, |(_, factor)| *factor);
        let side = unit.saturating_mul(SIDE);
        let units_across = length(size.width()).div_ceil(side);
        let units_down = length(size.height()).div_ceil(side);
        let units = units_across.saturating_mul(units_down);
        let mut components = Vec::with_capacity(factors.len());
        for (kind, factor) in factors {
            let blocks = units.saturating_mul(*factor).saturating_mul(*factor);
            components.push(Component {
                kind: *kind,
                factor: *factor,
                across: units_across.saturating_mul(*factor),
                blocks: budget.room(blocks)?,
            });
        }
        let mut transformed = Self { size, components };
        samples::transform(picture, unit, &mut transformed.components, budget)?;
        Ok(transformed)
    }

    /// Counts the file at this coarseness.
    pub(super) fn counted(&self, coarseness: Coarseness) -> Counted {
        let mut counts = Counts::default();
        self.visit(coarseness, &mut counts);
        let tables = counts.tables();
        let headers = writer::headers_len(self.components.len(), &tables);
        Counted {
            coarseness,
            octets: counts.bits(&tables).div_ceil(8).saturating_add(headers),
            tables,
        }
    }

    /// Writes the file that was counted.
    ///
    /// # Errors
    /// [`Refusal::Exceeded`] when `sink` takes no more.
    pub(super) fn write(
        &self,
        counted: &Counted,
        sink: &mut impl std::io::Write,
    ) -> Result<(), Refusal> {
        let steps = [Kind::Light, Kind::Colour].map(|kind| Steps::new(kind, counted.coarseness));
        let mut writer = writer::Writer::new(sink, &counted.tables);
        let written = writer.headers(self, &steps).and_then(|()| {
            self.visit(counted.coarseness, &mut writer);
            writer.finish()
        });
        written.map_err(|_| Refusal::Exceeded(Resource::Output))
    }

    /// Shows all symbols of the scan, unit by unit (T.81 §A.2.3).
    fn visit(&self, coarseness: Coarseness, symbols: &mut impl Symbols) {
        let light = Steps::new(Kind::Light, coarseness);
        let colour = Steps::new(Kind::Colour, coarseness);
        let mut last = [0; 3];
        let units = self.components.first().map_or(0, Component::units);
        let across = self.components.first().map_or(0, Component::units_across);
        let (mut row, mut column) = (0_usize, 0_usize);
        for _ in 0..units {
            for (component, last) in self.components.iter().zip(&mut last) {
                let steps = match component.kind {
                    Kind::Light => &light,
                    Kind::Colour => &colour,
                };
                component.unit(row, column, |block| {
                    symbols::show(&steps.quantised(block), last, component.kind, symbols);
                });
            }
            column = column.saturating_add(1);
            if column == across {
                (row, column) = (row.saturating_add(1), 0);
            }
        }
    }
}

impl Component {
    fn units_across(&self) -> usize {
        self.across.checked_div(self.factor).unwrap_or(0)
    }

    fn units(&self) -> usize {
        let blocks = self.factor.saturating_mul(self.factor);
        self.blocks.len().checked_div(blocks).unwrap_or(0)
    }

    /// Shows the blocks of one unit.
    fn unit(&self, row: usize, column: usize, mut show: impl FnMut(&Block)) {
        let left = column.saturating_mul(self.factor);
        let top = row.saturating_mul(self.factor);
        for row in top..top.saturating_add(self.factor) {
            let begin = row.saturating_mul(self.across).saturating_add(left);
            let end = begin.saturating_add(self.factor);
            for block in self.blocks.get(begin..end).unwrap_or_default() {
                show(block);
            }
        }
    }
}

#[cfg(test)]
mod tests;
