//! Rows of macroblocks, decoded one after the other; the last three are kept.

use zeroize::Zeroizing;

use super::super::SIDE;
use super::super::column::{Column, Filled, right_of};
use super::super::loop_filter::{Reach, Work};
use super::super::modes::{Luma, Subblock};
use super::super::predict::{Above, Left, Place, Side};
use super::super::strength::Filter;
use super::super::tile::Tile;
use super::header::Header;
use super::macroblock::Coefficients;
use super::modes::Modes;
use crate::budget::Budget;
use crate::image::size::length;
use crate::refusal::Refusal;

/// How many rows of macroblocks are kept.
const KEPT: usize = 3;

/// Whether edges are filtered.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) enum Edges {
    Filtered,
    AsTheyAre,
}

/// The decoder up to samples.
pub(super) struct Bands<'a> {
    header: Header<'a>,
    edges: Edges,
    columns: Zeroizing<Vec<Column>>,
    /// The newest is the last.
    bands: [Zeroizing<Vec<Tile>>; KEPT],
    /// What the filter has to do in the newest band.
    work: Vec<Option<Work>>,
    /// How many bands were decoded, of how many.
    decoded: usize,
    all: usize,
}

impl<'a> Bands<'a> {
    pub(super) fn new(
        header: Header<'a>,
        edges: Edges,
        budget: &mut Budget,
    ) -> Result<Self, Refusal> {
        let across = length(header.size.width().div_ceil(SIDE));
        let all = length(header.size.height().div_ceil(SIDE));
        let mut columns = budget.room(across)?;
        columns.resize(across, Column::of_all());
        let mut band = || -> Result<_, Refusal> {
            let mut tiles = budget.room(across)?;
            tiles.resize(across, Tile::default());
            Ok(tiles)
        };
        let bands = [band()?, band()?, band()?];
        let work = across.saturating_mul(size_of::<Option<Work>>());
        budget.take_memory(u64::try_from(work).unwrap_or(u64::MAX))?;
        Ok(Self {
            header,
            edges,
            columns,
            bands,
            work: vec![None; across],
            decoded: 0,
            all,
        })
    }

    /// Band `at`, once no filter changes it any more; it must be one of the last two that were asked for, or the next.
    pub(super) fn band(&mut self, at: usize) -> Result<&[Tile], Refusal> {
        let needed = at.saturating_add(2).min(self.all);
        while self.decoded < needed {
            self.decode()?;
        }
        let age = self.decoded.saturating_sub(1).saturating_sub(at);
        let place = KEPT.saturating_sub(1).checked_sub(age);
        let band = place.and_then(|place| self.bands.get(place));
        band.map(|band| band.as_slice()).ok_or(Refusal::Damaged)
    }

    /// Decodes the next band.
    fn decode(&mut self) -> Result<(), Refusal> {
        self.bands.rotate_left(1);
        let down = match self.decoded {
            0 => Side::Edge,
            1.. => Side::Inside,
        };
        self.read(down)?;
        if self.edges == Edges::Filtered {
            self.filter(down);
        }
        self.decoded = self.decoded.saturating_add(1);
        Ok(())
    }

    /// Reads all macroblocks of a row and makes their samples.
    fn read(&mut self, down: Side) -> Result<(), Refusal> {
        let header = &mut self.header;
        let partition = header.tokens.len().saturating_sub(1) & self.decoded;
        let tokens = header.tokens.get_mut(partition).ok_or(Refusal::Damaged)?;
        let mut coefficients = Coefficients::EMPTY;
        let mut left = Left::of_all(down);
        let (mut left_modes, mut left_filled) = ([Subblock::Dc; 4], Filled::default());
        let mut across = Side::Edge;
        let [.., tiles] = &mut self.bands;
        let mut rest = self.columns.as_mut_slice();
        for (tile, work) in tiles.iter_mut().zip(&mut self.work) {
            let Some((column, after)) = rest.split_first_mut() else {
                break;
            };
            let modes = Modes::read(
                &mut header.modes,
                header.segmentation.map,
                header.skip,
                &mut column.modes,
                &mut left_modes,
            );
            if modes.skipped {
                column.filled.clear(&modes.luma);
                left_filled.clear(&modes.luma);
            } else {
                let steps = header.steps.get(modes.segment).ok_or(Refusal::Damaged)?;
                let beside = (&mut column.filled, &mut left_filled);
                coefficients.read(tokens, &header.positions, steps, &modes, beside);
            }
            *work = self::work(&header.filter, &modes, &coefficients);
            let right = right_of(&column.above, after.first());
            *tile =
                coefficients.samples(&modes, &column.above, right, &left, Place { across, down });
            left = Left::beside(tile, &column.above);
            column.above = Above::below(tile);
            across = Side::Inside;
            rest = after;
        }
        tokens.check()?;
        header.modes.check()
    }

    /// Filters the newest band, and the edge to the one above.
    fn filter(&mut self, down: Side) {
        let [_, above, tiles] = &mut self.bands;
        let mut above = above.iter_mut();
        let mut left: Option<&mut Tile> = None;
        for (tile, work) in tiles.iter_mut().zip(&self.work) {
            let above = above.next().filter(|_| down == Side::Inside);
            if let Some(work) = work {
                work.filter(tile, left, above);
            }
            left = Some(tile);
        }
    }
}

fn work(filter: &Filter, modes: &Modes, coefficients: &Coefficients) -> Option<Work> {
    let by_subblocks = matches!(modes.luma, Luma::Subblocks(_));
    let strength = filter.strength(modes.segment, by_subblocks.into())?;
    let reach = if by_subblocks || !coefficients.is_empty() {
        Reach::Everywhere
    } else {
        Reach::Outside
    };
    Some(Work {
        kind: filter.kind,
        strength,
        reach,
    })
}
