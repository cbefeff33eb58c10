//! Blocks of progressive scans (T.81 §G.1.2): each scan brings bits of some coefficients.

use std::ops::Range;

use super::bits::Bits;
use super::coders::Coders;
use super::coefficients::{Block, Coefficients};
use super::huffman::Symbols;
use super::scan::{Memory, Run};
use super::tables::ZIGZAG;
use crate::refusal::Refusal;

/// T.81 §G.1.1.1: no more low bits are left for later.
const MOST_LOW_BITS: u8 = 13;

/// What one scan brings.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) struct Pass {
    band: Band,
    turn: Turn,
    /// The place of the lowest bit that it brings (Al).
    low: u8,
}

/// Of which coefficients, in the order of coding.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
enum Band {
    First,
    /// From, and up to and with.
    Others(usize, usize),
}

/// Whether it brings all bits down to the lowest, or the lowest alone.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
enum Turn {
    Initial,
    Refining,
}

impl Pass {
    /// By a scan header's Ss, Se, and Ah with Al. `None` for what T.81 table B.3 does not allow.
    pub(super) fn read(from: u8, to: u8, approximation: u8) -> Option<Self> {
        let (high, low) = (approximation >> 4, approximation & 15);
        let band = match (from, to) {
            (0, 0) => Band::First,
            (1..=63, _) if (from..=63).contains(&to) => Band::Others(from.into(), to.into()),
            (0..=u8::MAX, _) => return None,
        };
        let turn = match high {
            0 => Turn::Initial,
            1..=u8::MAX if high == low.saturating_add(1) => Turn::Refining,
            1..=u8::MAX => return None,
        };
        (low <= MOST_LOW_BITS).then_some(Self { band, turn, low })
    }

    /// Whether it brings nothing of first coefficients.
    pub(super) fn is_ac(self) -> bool {
        self.band != Band::First
    }

    /// Whether it has codes; bits that refine first coefficients have none.
    pub(super) fn is_coded(self) -> bool {
        self.is_ac() || self.turn == Turn::Initial
    }

    /// Reads what comes of a run's first coefficients into `into`, where nothing else is kept.
    ///
    /// # Errors
    /// [`Refusal::Damaged`] for what is no code.
    pub(super) fn firsts(
        self,
        bits: &mut Bits<'_>,
        memory: &mut Memory,
        run: &Run<'_>,
        into: &mut Coefficients,
    ) -> Result<(), Refusal> {
        let mut own = *bits;
        run.each_first(into, |unit, coders, first| {
            self.first(&mut own, memory, unit.member, coders, first)
        })?;
        *bits = own;
        Ok(())
    }

    /// Reads what comes of a run's blocks into `into`.
    ///
    /// # Errors
    /// [`Refusal::Damaged`] for what is no code, and for coefficients beyond the band.
    pub(super) fn blocks(
        self,
        bits: &mut Bits<'_>,
        memory: &mut Memory,
        run: &Run<'_>,
        into: &mut Coefficients,
    ) -> Result<(), Refusal> {
        // A copy, which stays in registers.
        let mut own = *bits;
        match self.band {
            Band::First => run.each_block(into, |unit, coders, block| match block.first_mut() {
                Some(first) => self.first(&mut own, memory, unit.member, coders, first),
                None => Ok(()),
            })?,
            Band::Others(from, to) => {
                let band = from..to.wrapping_add(1);
                self.others(&band, &mut own, &mut memory.end_of_band, run, into)?;
            }
        }
        *bits = own;
        Ok(())
    }

    /// Reads what comes of the `band` of a run of blocks, whose component is alone in the scan.
    #[inline(always)]
    fn others(
        self,
        band: &Range<usize>,
        bits: &mut Bits<'_>,
        end_of_band: &mut u32,
        run: &Run<'_>,
        into: &mut Coefficients,
    ) -> Result<(), Refusal> {
        let unit = run.units.first().ok_or(Refusal::Damaged)?;
        let symbols = run.coders.get(unit.member).ok_or(Refusal::Damaged)?.ac()?;
        let (blocks, known) = into.plane_mut(unit.component)?.known_mut(run.row);
        let blocks = blocks.get_mut(run.columns.clone());
        let known = known.get_mut(run.columns.clone()).ok_or(Refusal::Damaged)?;
        let places = mask(band);
        for (block, known) in blocks.ok_or(Refusal::Damaged)?.iter_mut().zip(known) {
            match self.turn {
                Turn::Initial if *end_of_band > 0 => *end_of_band = end_of_band.wrapping_sub(1),
                Turn::Initial => {
                    *end_of_band = self.initial(band, bits, symbols, (block, known))?
                }
                Turn::Refining if *end_of_band > 0 => {
                    self.refined(places & *known, bits, block);
                    *end_of_band = end_of_band.wrapping_sub(1);
                }
                Turn::Refining => {
                    *end_of_band = self.refining(places, bits, symbols, (block, known))?;
                }
            }
        }
        Ok(())
    }

    /// Reads what comes of one first coefficient.
    #[inline(always)]
    fn first(
        self,
        bits: &mut Bits<'_>,
        memory: &mut Memory,
        member: usize,
        coders: &Coders,
        first: &mut i16,
    ) -> Result<(), Refusal> {
        bits.need();
        match self.turn {
            Turn::Initial => {
                let difference = coders.dc()?.difference(bits)?;
                let predicted = memory.predicted(member, difference);
                *first = predicted.wrapping_shl(self.low.into());
            }
            Turn::Refining => *first |= bits.number(1).wrapping_shl(self.low.into()).cast_signed(),
        }
        Ok(())
    }

    /// T.81 §G.1.2.2. Says how many of the blocks to come have nothing in the band.
    #[inline(always)]
    fn initial(
        self,
        band: &Range<usize>,
        bits: &mut Bits<'_>,
        symbols: &Symbols,
        (block, known): (&mut Block, &mut u64),
    ) -> Result<u32, Refusal> {
        let mut at = band.start;
        while at < band.end {
            bits.refill();
            let (symbol, value) = symbols.valued(bits);
            let run = symbol.run();
            if symbol.size() == 0 && run < 15 {
                if symbol.len == 0 {
                    return Err(Refusal::Damaged);
                }
                let more = u32::from(bits.number(run));
                return Ok(more.wrapping_add(1_u32.wrapping_shl(run)).wrapping_sub(1));
            }
            at = at.wrapping_add(usize::try_from(run).unwrap_or(0));
            if at >= band.end {
                return Err(Refusal::Damaged);
            }
            if let Some(place) = place(block, at) {
                *place = value.wrapping_shl(self.low.into());
                let bit = bit(at);
                *known = if *place == 0 {
                    *known & !bit
                } else {
                    *known | bit
                };
            }
            at = at.wrapping_add(1);
        }
        Ok(0)
    }

    /// T.81 §G.1.2.3: coefficients that are `known` get a bit each where a run passes over them. Says how many of the blocks
    /// to come have nothing new in the band, whose `places` these are.
    #[inline(always)]
    fn refining(
        self,
        places: u64,
        bits: &mut Bits<'_>,
        symbols: &Symbols,
        (block, known): (&mut Block, &mut u64),
    ) -> Result<u32, Refusal> {
        let mut left = places;
        while left != 0 {
            let symbol = symbols.next(bits)?;
            let new = match (symbol.run(), symbol.size()) {
                (run @ 0..=14, 0) => {
                    let more = u32::from(bits.number(run));
                    self.refined(left & *known, bits, block);
                    return Ok(more.wrapping_add(1_u32.wrapping_shl(run)).wrapping_sub(1));
                }
                (_, 0) => 0,
                (_, 1) if bits.number(1) == 1 => self.step(),
                (_, 1) => self.step().wrapping_neg(),
                (_, 2..) => return Err(Refusal::Damaged),
            };
            // The zero behind so many, or nothing, below which all is.
            let zero = nth(left & !*known, symbol.run());
            let passed = zero.wrapping_sub(1);
            self.refined(left & passed & *known, bits, block);
            if new != 0 {
                let at = usize::try_from(zero.trailing_zeros()).unwrap_or(usize::MAX);
                *place(block, at).ok_or(Refusal::Damaged)? = new;
                *known |= zero;
            }
            left &= !(passed | zero);
        }
        Ok(0)
    }

    /// Reads a bit for each of the coefficients at `places`, none of which is zero.
    #[inline(always)]
    fn refined(self, mut places: u64, bits: &mut Bits<'_>, block: &mut Block) {
        while places != 0 {
            bits.need();
            let mut word = bits.peek::<AT_ONCE>();
            let mut taken = 0;
            while places != 0 && taken < AT_ONCE {
                let at = usize::try_from(places.trailing_zeros()).unwrap_or(usize::MAX);
                places &= places.wrapping_sub(1);
                if let Some(place) = place(block, at) {
                    *place = self.corrected(*place, word >> (AT_ONCE - 1) & 1);
                }
                word <<= 1;
                taken = taken.wrapping_add(1);
            }
            bits.consume(taken);
        }
    }

    /// `known` with a step more, away from zero, if `bit` says so. Without a branch: nobody foresees these bits.
    #[inline(always)]
    fn corrected(self, known: i16, bit: usize) -> i16 {
        let sign = known >> 15 | 1;
        let wanted = bit != 0 && known & self.step() == 0;
        let step = self.step().wrapping_mul(i16::from(wanted));
        known.wrapping_add(step.wrapping_mul(sign))
    }

    /// What the lowest bit is worth.
    fn step(self) -> i16 {
        1_i16.wrapping_shl(self.low.into())
    }
}

/// Bits that are looked at together; so many there are.
const AT_ONCE: u32 = 32;

/// The bit of the coefficient that is `at` in the order of coding.
#[inline(always)]
fn bit(at: usize) -> u64 {
    1_u64.wrapping_shl(u32::try_from(at).unwrap_or(0))
}

/// The bits of a band's coefficients.
fn mask(band: &Range<usize>) -> u64 {
    band.clone().fold(0, |mask, at| mask | bit(at))
}

/// The bit behind so many others, or none.
#[inline(always)]
fn nth(mut mask: u64, others: u32) -> u64 {
    for _ in 0..others {
        mask &= mask.wrapping_sub(1);
    }
    mask & mask.wrapping_neg()
}

/// The coefficient that is `at` in the order of coding.
#[inline(always)]
fn place(block: &mut Block, at: usize) -> Option<&mut i16> {
    let natural = ZIGZAG.get(at)?;
    block.get_mut(usize::from(*natural))
}
