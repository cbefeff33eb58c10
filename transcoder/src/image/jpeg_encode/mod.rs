//! JPEG written (ITU-T T.81, baseline or progressive, whichever is shorter, with Huffman tables of its own).
//!
//! The transform is done once for a picture; how many octets the file has at any coarseness can then be counted from
//! the coefficients without writing it, so a byte budget is met by one file written. Nothing but pixels goes in.

mod bands;
mod huffman;
mod layout;
mod levels;
mod quantise;
mod samples;
mod sampling;
mod scan;
mod symbols;
mod transform;
mod writer;

use zeroize::Zeroizing;

pub(super) use self::quantise::Coarseness;
use self::quantise::Steps;
use self::sampling::Sampling;
use self::scan::{BothSteps, Pass, Scan};
use self::symbols::Counts;
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

/// Which scans a file has.
pub(super) struct Layout(Vec<Pass>);

/// What a file at one coarseness will be.
pub(super) struct Counted {
    pub(super) coarseness: Coarseness,
    scans: Vec<Scan>,
    /// How many octets it has, but for those that are stuffed into its scans (T.81 §B.1.1.5): one in some hundreds.
    pub(super) octets: u64,
}

/// One component: its blocks row by row, as many as whole units take (T.81 §A.2.4).
struct Component {
    kind: Kind,
    /// Blocks along one side of a unit: one or two.
    factor: usize,
    /// Blocks in a row.
    across: usize,
    /// Blocks in a row and in a column that have something of the picture.
    own: (usize, usize),
    blocks: Zeroizing<Vec<Block>>,
}

impl Counted {
    /// Its scans.
    pub(super) fn layout(&self) -> Layout {
        Layout(self.scans.iter().map(|scan| scan.pass).collect())
    }
}

impl Transformed {
    /// Transforms `picture`, which is grey or red, green, blue. Colour has half the resolution (4:2:0), as cameras have it,
    /// unless too much of it is lost by that.
    ///
    /// # Errors
    /// [`Refusal::Unsupported`] for another kind of picture or one longer than a JPEG can say;
    /// [`Refusal::Exceeded`] when there is not the memory.
    pub(super) fn new(picture: &Picture, budget: &mut Budget) -> Result<Self, Refusal> {
        Self::sampled(picture, Sampling::of(picture), budget)
    }

    fn sampled(
        picture: &Picture,
        sampling: Sampling,
        budget: &mut Budget,
    ) -> Result<Self, Refusal> {
        let size = picture.size();
        let factors: &[(Kind, usize)] = match (picture.channels(), sampling) {
            (Channels::Grey, _) => &[(Kind::Light, 1)],
            (Channels::Rgb, Sampling::Whole) => {
                &[(Kind::Light, 1), (Kind::Colour, 1), (Kind::Colour, 1)]
            }
            (Channels::Rgb, Sampling::Halved) => {
                &[(Kind::Light, 2), (Kind::Colour, 1), (Kind::Colour, 1)]
            }
            (Channels::GreyAlpha | Channels::Rgba | Channels::InvertedCmyk, _) => {
                return Err(Refusal::Unsupported);
            }
        };
        let unit = factors.first().map_or(1, |(_, factor)| *factor);
        let side_of_unit = unit.saturating_mul(SIDE);
        let units_across = length(size.width()).div_ceil(side_of_unit);
        let units_down = length(size.height()).div_ceil(side_of_unit);
        let units = units_across.saturating_mul(units_down);
        let mut components = Vec::with_capacity(factors.len());
        for (kind, factor) in factors {
            let blocks = units.saturating_mul(*factor).saturating_mul(*factor);
            let own = |side: u32| length(side).saturating_mul(*factor).div_ceil(side_of_unit);
            components.push(Component {
                kind: *kind,
                factor: *factor,
                across: units_across.saturating_mul(*factor),
                own: (own(size.width()), own(size.height())),
                blocks: budget.room(blocks)?,
            });
        }
        let mut transformed = Self { size, components };
        samples::transform(picture, unit, &mut transformed.components, budget)?;
        Ok(transformed)
    }

    /// Counts the file at this coarseness, in the scans by which it is shortest.
    pub(super) fn shortest(&self, coarseness: Coarseness) -> Counted {
        let steps = steps(coarseness);
        let sequential = self.counted(coarseness, &Layout(vec![Pass::Whole]));
        let progressive = self.counted(coarseness, &self.progressive(&steps));
        if progressive.octets < sequential.octets {
            progressive
        } else {
            sequential
        }
    }

    /// Counts the file at this coarseness, in these scans.
    pub(super) fn counted(&self, coarseness: Coarseness, Layout(passes): &Layout) -> Counted {
        let steps = steps(coarseness);
        let scans = passes.iter().map(|pass| self.scan(*pass, &steps));
        let scans: Vec<Scan> = scans.collect();
        let headers = writer::headers_len(self.components.len());
        let octets = scans.iter().map(Scan::octets);
        Counted {
            coarseness,
            octets: octets.fold(headers, u64::saturating_add),
            scans,
        }
    }

    fn scan(&self, pass: Pass, steps: &BothSteps) -> Scan {
        let mut counts = Counts::default();
        self.show(pass, steps, &mut counts);
        Scan::of(pass, &counts, self.components.len())
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
        let steps = steps(counted.coarseness);
        let mut writer = writer::Writer::new(sink);
        writer.headers(self, &steps, counted);
        for scan in &counted.scans {
            writer.scan(self, &steps, scan);
        }
        writer
            .finish()
            .map_err(|_| Refusal::Exceeded(Resource::Output))
    }
}

fn steps(coarseness: Coarseness) -> BothSteps {
    BothSteps([Kind::Light, Kind::Colour].map(|kind| Steps::new(kind, coarseness)))
}

#[cfg(test)]
mod tests;
