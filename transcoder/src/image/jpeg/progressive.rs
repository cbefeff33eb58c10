//! Blocks of progressive scans (T.81 §G.1.2): each scan brings bits of some coefficients.

use super::bits::Bits;
use super::coders::Coders;
use super::coefficients::{Block, Coefficients};
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
        run.each_block(into, |unit, coders, block| {
            self.block(bits, memory, unit.member, coders, block)
        })
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

    /// Reads what comes of one block.
    #[inline(always)]
    fn block(
        self,
        bits: &mut Bits<'_>,
        memory: &mut Memory,
        member: usize,
        coders: &Coders,
        block: &mut Block,
    ) -> Result<(), Refusal> {
        match (self.band, self.turn) {
            (Band::First, _) => match block.first_mut() {
                Some(first) => self.first(bits, memory, member, coders, first),
                None => Ok(()),
            },
            (Band::Others(..), _) if memory.end_of_band > 0 && self.turn == Turn::Initial => {
                memory.end_of_band = memory.end_of_band.wrapping_sub(1);
                Ok(())
            }
            (Band::Others(from, to), Turn::Initial) => {
                self.initial(from..to.wrapping_add(1), bits, memory, coders, block)
            }
            (Band::Others(from, to), Turn::Refining) => {
                self.refining(from..to.wrapping_add(1), bits, memory, coders, block)
            }
        }
    }

    /// T.81 §G.1.2.2.
    fn initial(
        self,
        band: std::ops::Range<usize>,
        bits: &mut Bits<'_>,
        memory: &mut Memory,
        coders: &Coders,
        block: &mut Block,
    ) -> Result<(), Refusal> {
        let symbols = coders.ac()?;
        let mut at = band.start;
        while at < band.end {
            let symbol = symbols.next(bits)?;
            match (symbol.run(), symbol.size()) {
                (run @ 0..=14, 0) => {
                    // This block, and those to come.
                    let more = u32::from(bits.number(run));
                    memory.end_of_band = more.wrapping_add(1_u32.wrapping_shl(run)).wrapping_sub(1);
                    return Ok(());
                }
                (run, size) => {
                    let value = bits.signed(0, size);
                    bits.consume(size);
                    at = at.wrapping_add(usize::try_from(run).unwrap_or(0));
                    if at >= band.end {
                        return Err(Refusal::Damaged);
                    }
                    if let Some(place) = place(block, at) {
                        *place = value.wrapping_shl(self.low.into());
                    }
                    at = at.wrapping_add(1);
                }
            }
        }
        Ok(())
    }

    /// T.81 §G.1.2.3: coefficients that are not zero get a bit each where a run passes over them.
    fn refining(
        self,
        band: std::ops::Range<usize>,
        bits: &mut Bits<'_>,
        memory: &mut Memory,
        coders: &Coders,
        block: &mut Block,
    ) -> Result<(), Refusal> {
        let symbols = coders.ac()?;
        let mut at = band.start;
        while at < band.end && memory.end_of_band == 0 {
            let symbol = symbols.next(bits)?;
            let new = match (symbol.run(), symbol.size()) {
                (run @ 0..=14, 0) => {
                    let more = u32::from(bits.number(run));
                    memory.end_of_band = more.wrapping_add(1_u32.wrapping_shl(run));
                    break;
                }
                (_, 0) => 0,
                (_, 1) if bits.number(1) == 1 => self.step(),
                (_, 1) => self.step().wrapping_neg(),
                (_, 2..) => return Err(Refusal::Damaged),
            };
            let zeros = usize::try_from(symbol.run()).unwrap_or(0);
            at = self.refined(at..band.end, zeros, bits, block);
            match place(block, at) {
                Some(place) if at < band.end => *place = new,
                Some(_) | None if new != 0 => return Err(Refusal::Damaged),
                Some(_) | None => (),
            }
            at = at.wrapping_add(1);
        }
        if memory.end_of_band > 0 {
            self.refined(at..band.end, usize::MAX, bits, block);
            memory.end_of_band = memory.end_of_band.wrapping_sub(1);
        }
        Ok(())
    }

    /// Reads a bit for each coefficient of `band` that is not zero, and passes over so many `zeros`. Says where the zero
    /// behind them is, or the end of the band.
    fn refined(
        self,
        band: std::ops::Range<usize>,
        mut zeros: usize,
        bits: &mut Bits<'_>,
        block: &mut Block,
    ) -> usize {
        let end = band.end;
        for at in band {
            let Some(place) = place(block, at) else {
                return end;
            };
            match (*place, zeros) {
                (0, 0) => return at,
                (0, _) => zeros = zeros.wrapping_sub(1),
                (known, _) => {
                    bits.need();
                    if bits.number(1) == 1 && known & self.step() == 0 {
                        *place = known.wrapping_add(self.step().wrapping_mul(known.signum()));
                    }
                }
            }
        }
        end
    }

    /// What the lowest bit is worth.
    fn step(self) -> i16 {
        1_i16.wrapping_shl(self.low.into())
    }
}

/// The coefficient that is `at` in the order of coding.
#[inline(always)]
fn place(block: &mut Block, at: usize) -> Option<&mut i16> {
    let natural = ZIGZAG.get(at)?;
    block.get_mut(usize::from(*natural))
}
