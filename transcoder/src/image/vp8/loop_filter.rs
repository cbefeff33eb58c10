//! The filter over edges of macroblocks and subblocks (RFC 6386 §15).
//!
//! Sixteen samples along an edge are done at once, in loops that compilers make vector code of. Where an edge is
//! upright, columns are made rows first.

use super::edges::{Limits, macroblock, simple, subblock};
use super::strength::{Kind, Strength};
use super::tile::Tile;

/// Whether the edges of subblocks are filtered, too.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) enum Reach {
    /// Only those of the macroblock: it has no coefficients and is predicted as a whole.
    Outside,
    Everywhere,
}

/// What is done to one macroblock.
#[derive(Clone, Copy)]
pub(super) struct Work {
    pub(super) kind: Kind,
    pub(super) strength: Strength,
    pub(super) reach: Reach,
}

impl Work {
    /// Filters the edges at the left and above `tile`, where there is something, and those inside of it.
    pub(super) fn filter(self, tile: &mut Tile, left: Option<&mut Tile>, above: Option<&mut Tile>) {
        let mut turned = turned(tile);
        if let Some(left) = left {
            let mut before = self::turned(left);
            self.outer(&mut before, &mut turned);
            *left = self::turned(&before);
        }
        self.inner(&mut turned);
        *tile = self::turned(&turned);
        if let Some(above) = above {
            self.outer(above, tile);
        }
        self.inner(tile);
    }

    fn limits(self, edge: i16) -> Limits {
        Limits {
            edge: edge.wrapping_mul(2).wrapping_add(1),
            interior: self.strength.interior,
            high: self.strength.high,
        }
    }

    /// The edge between two macroblocks.
    fn outer(self, before: &mut Tile, after: &mut Tile) {
        let limits = self.limits(self.strength.edge.wrapping_add(4));
        let luma = (quarters(&mut before.luma), quarters(&mut after.luma));
        let chroma = (quarters(&mut before.chroma), quarters(&mut after.chroma));
        let ([.., before], [after, ..]) = luma else {
            return;
        };
        match self.kind {
            Kind::Simple => simple(before, after, limits),
            Kind::Normal => {
                macroblock(before, after, limits);
                if let ([.., before], [after, ..]) = chroma {
                    macroblock(before, after, limits);
                }
            }
        }
    }

    /// The edges between subblocks.
    fn inner(self, tile: &mut Tile) {
        if self.reach == Reach::Outside {
            return;
        }
        let limits = self.limits(self.strength.edge);
        let edge = match self.kind {
            Kind::Simple => simple,
            Kind::Normal => subblock,
        };
        if let [first, second, third, fourth] = quarters(&mut tile.luma) {
            edge(first, second, limits);
            edge(second, third, limits);
            edge(third, fourth, limits);
        }
        if let ([upper, lower], Kind::Normal) = (quarters(&mut tile.chroma), self.kind) {
            subblock(upper, lower, limits);
        }
    }
}

/// Rows by four.
fn quarters(rows: &mut [[u8; 16]]) -> &mut [[[u8; 16]; 4]] {
    rows.as_chunks_mut().0
}

/// Columns made rows, of luma and of each chroma.
#[expect(
    clippy::indexing_slicing,
    reason = "sixteen rows of sixteen, and eight of twice eight"
)]
fn turned(tile: &Tile) -> Tile {
    let mut turned = Tile::default();
    for (at, row) in turned.luma.iter_mut().enumerate() {
        for (lane, sample) in row.iter_mut().enumerate() {
            *sample = tile.luma[lane][at];
        }
    }
    for (at, row) in turned.chroma.iter_mut().enumerate() {
        for (lane, sample) in row.iter_mut().enumerate() {
            *sample = tile.chroma[lane & 7][(lane & 8) | at];
        }
    }
    turned
}
