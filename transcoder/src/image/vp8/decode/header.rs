//! What a frame says of itself before its macroblocks (RFC 6386 §9 and §19.2).

use super::super::defaults::DEFAULTS;
use super::super::quantiser::{Deltas, Steps};
use super::super::strength::{Filter, Kind};
use super::super::tokens::{Positions, positions};
use super::super::updates::UPDATES;
use super::super::{SEGMENTS, START};
use super::bools::Bools;
use crate::image::octets::Octets;
use crate::image::size::Size;
use crate::refusal::Refusal;

/// The highest version of RFC 6386 §9.1.
const LAST_VERSION: u32 = 3;

/// A key frame's header, and what comes behind it.
pub(super) struct Header<'a> {
    pub(super) size: Size,
    /// Modes of the macroblocks are read from here.
    pub(super) modes: Bools<'a>,
    /// Coefficients are read from these, row by row in turn: one, two, four or eight.
    pub(super) tokens: Vec<Bools<'a>>,
    pub(super) segmentation: Segmentation,
    pub(super) steps: [Steps; SEGMENTS],
    pub(super) filter: Filter,
    /// By kind of block.
    pub(super) positions: [Positions; 4],
    /// The probability that a macroblock has coefficients, where some may have none.
    pub(super) skip: Option<u8>,
}

/// RFC 6386 §9.3.
#[derive(Clone, Copy)]
pub(super) struct Segmentation {
    enabled: bool,
    /// How a macroblock's segment is coded, where it is.
    pub(super) map: Option<[u8; 3]>,
    values: Values,
    quantisers: [i16; SEGMENTS],
    levels: [i16; SEGMENTS],
}

/// How a segment's values are meant.
#[derive(Clone, Copy, Eq, PartialEq)]
enum Values {
    Absolute,
    Deltas,
}

impl<'a> Header<'a> {
    /// Reads `frame`, which is all of a "VP8 " chunk.
    ///
    /// # Errors
    /// [`Refusal::Damaged`] for what is no key frame that is shown, or is cut off.
    pub(super) fn read(frame: &'a [u8]) -> Result<Self, Refusal> {
        let mut octets = Octets::of(frame);
        let tag = octets.u24_le()?;
        let start: [u8; 3] = octets.array()?;
        // Above fourteen bits stands a scale, which is advice for a display.
        let width = u32::from(octets.u16_le()? & 0x3fff);
        let height = u32::from(octets.u16_le()? & 0x3fff);
        let (key_frame, shown) = (tag & 1 == 0, tag & 0x10 != 0);
        let version = (tag >> 1) & 7;
        if !key_frame || !shown || version > LAST_VERSION || start != START {
            return Err(Refusal::Damaged);
        }
        let size = Size::declared(width, height)?;
        let mut bools = Bools::of(octets.take_announced(tag >> 5)?);
        bools.number(2); // a colour space, and a promise not to need clamping: both without effect here
        let segmentation = Segmentation::read(&mut bools);
        let kind = kind(&mut bools);
        let (level, sharpness) = (bools.number(6).cast_signed(), bools.number(3));
        let loop_deltas = loop_deltas(&mut bools);
        let tokens = partitions(&mut bools, octets)?;
        let base = bools.number(7).cast_signed();
        let quantiser = deltas(&mut bools);
        bools.flag(); // whether probabilities outlast the frame
        let positions = probabilities(&mut bools);
        let skip = bools.flag().then(|| bools.number(8).to_le_bytes()[0]);
        bools.check()?;
        Ok(Self {
            size,
            modes: bools,
            tokens,
            steps: segmentation.quantisers(base).map(|q| quantiser.steps(q)),
            filter: Filter::new(kind, segmentation.levels(level), sharpness, loop_deltas),
            segmentation,
            positions,
            skip,
        })
    }
}

impl Segmentation {
    fn read(bools: &mut Bools<'_>) -> Self {
        let mut segmentation = Self {
            enabled: bools.flag(),
            map: None,
            values: Values::Absolute,
            quantisers: [0; SEGMENTS],
            levels: [0; SEGMENTS],
        };
        if !segmentation.enabled {
            return segmentation;
        }
        let has_map = bools.flag();
        if bools.flag() {
            if !bools.flag() {
                segmentation.values = Values::Deltas;
            }
            segmentation.quantisers = [(); SEGMENTS].map(|()| bools.optional(7));
            segmentation.levels = [(); SEGMENTS].map(|()| bools.optional(6));
        }
        if has_map {
            let mut probability = || match bools.flag() {
                true => bools.number(8).to_le_bytes()[0],
                false => u8::MAX,
            };
            segmentation.map = Some([(); 3].map(|()| probability()));
        }
        segmentation
    }

    fn quantisers(&self, base: i16) -> [i16; SEGMENTS] {
        self.values(self.quantisers, base)
    }

    /// Without a level for the frame, none of a segment counts.
    fn levels(&self, base: i16) -> Option<[i16; SEGMENTS]> {
        (base != 0).then(|| self.values(self.levels, base))
    }

    fn values(&self, values: [i16; SEGMENTS], base: i16) -> [i16; SEGMENTS] {
        values.map(|value| match (self.enabled, self.values) {
            (false, _) => base,
            (true, Values::Absolute) => value,
            (true, Values::Deltas) => base.wrapping_add(value),
        })
    }
}

/// RFC 6386 §9.6: which of the two filters.
fn kind(bools: &mut Bools<'_>) -> Kind {
    if bools.flag() {
        Kind::Simple
    } else {
        Kind::Normal
    }
}

/// RFC 6386 §9.6: what is added to the quantiser's index.
fn deltas(bools: &mut Bools<'_>) -> Deltas {
    let [luma_dc, second_dc, second_ac, chroma_dc, chroma_ac] = [(); 5].map(|()| bools.optional(4));
    Deltas {
        luma_dc,
        second: [second_dc, second_ac],
        chroma: [chroma_dc, chroma_ac],
    }
}

/// RFC 6386 §9.6: what a key frame adds to the level of all macroblocks, and of those predicted by subblocks.
fn loop_deltas(bools: &mut Bools<'_>) -> [i16; 2] {
    let enabled = bools.flag();
    if !enabled || !bools.flag() {
        return [0; 2];
    }
    let references = [(); 4].map(|()| bools.optional(6));
    let modes = [(); 4].map(|()| bools.optional(6));
    let ([all, ..], [subblocks, ..]) = (references, modes);
    [all, subblocks]
}

/// RFC 6386 §9.5: all partitions but the last say how long they are.
fn partitions<'a>(
    bools: &mut Bools<'_>,
    mut octets: Octets<'a>,
) -> Result<Vec<Bools<'a>>, Refusal> {
    let all = 1_usize << bools.number(2);
    let mut lens = Vec::with_capacity(all);
    for _ in 1..all {
        lens.push(octets.u24_le()?);
    }
    let mut partitions = Vec::with_capacity(all);
    for len in lens {
        partitions.push(Bools::of(octets.take_announced(len)?));
    }
    let rest = octets.left();
    partitions.push(Bools::of(octets.take(rest)?));
    Ok(partitions)
}

/// RFC 6386 §13.4: each may be replaced.
fn probabilities(bools: &mut Bools<'_>) -> [Positions; 4] {
    let mut all = DEFAULTS;
    let places = all.as_flattened_mut().as_flattened_mut().as_flattened_mut();
    let updates = UPDATES.as_flattened().as_flattened().as_flattened();
    for (probability, update) in places.iter_mut().zip(updates) {
        bools.need();
        if bools.read(*update) {
            [*probability, _] = bools.number(8).to_le_bytes();
        }
    }
    all.map(|bands| positions(&bands))
}
