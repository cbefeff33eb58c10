//! AC coefficients stepped over: what an eighth needs of them is where they end.
//!
//! For that, neither their values nor their places matter. One table joins as many symbols as lie within a window of
//! bits, with the numbers behind them, so that a look-up steps over two or three; of the last one only the code needs
//! to be within. The table knows nothing of what came before: where what it joins would reach over the end of a block
//! (which has no end-of-block code when its last coefficient is not zero), nothing of it counts, and one symbol is
//! stepped over alone; so are those whose code is longer than the window.

use zeroize::Zeroizing;

use super::bits::Bits;
use super::huffman::{Codes, Symbol, Symbols};
use crate::budget::{Budget, Exceeded};
use crate::refusal::Refusal;

/// By measure: with 12 bits there are more look-ups, with 14 they miss the nearest cache.
const WINDOW: u32 = 13;
const ENTRIES: usize = 1 << WINDOW;

/// Where the count of coefficients begins in an entry, above the count of bits. Bits are 28 at most: a code as long as
/// the window, and a number of fifteen.
const COEFFICIENTS: u32 = 5;
const BITS: u32 = 31;

/// Added to the coefficients of an entry in which the block ends.
const END: u32 = 128;

/// No code begins like this that lies within the window and means anything.
const UNKNOWN: u16 = u16::MAX;

/// Coefficients in a block.
const BLOCK: u32 = 64;

/// Runs of symbols by the bits that come next. Wiped on drop.
pub(super) struct Skips {
    entries: Box<Zeroizing<[u16; ENTRIES]>>,
}

impl Skips {
    /// # Errors
    /// [`Exceeded`] where the table does not fit into `budget`.
    pub(super) fn of(codes: &Codes, budget: &mut Budget) -> Result<Self, Exceeded> {
        budget.take_memory(u64::try_from(size_of::<[u16; ENTRIES]>()).unwrap_or(u64::MAX))?;
        let mut single = Zeroizing::new([(0_u8, 0_u8); ENTRIES]);
        codes.spread(WINDOW, |code, places| {
            let len = u8::try_from(code.len).unwrap_or(0);
            let places = single.get_mut(places).unwrap_or_default();
            places.fill((len, code.symbol));
        });
        let mut entries = Box::new(Zeroizing::new([0; ENTRIES]));
        for (window, entry) in entries.iter_mut().enumerate() {
            *entry = joined(&single, window);
        }
        Ok(Self { entries })
    }

    /// Steps over the AC coefficients of one block. 28 bits must be there; afterwards there may be none.
    ///
    /// # Errors
    /// [`Refusal::Damaged`] for what is no code, and for coefficients beyond the last.
    #[inline(always)]
    pub(super) fn pass(&self, bits: &mut Bits<'_>, symbols: &Symbols) -> Result<(), Refusal> {
        let mut at = 1_u32;
        while at < BLOCK {
            // An entry takes 28 bits at most, so the 56 of a refill do for two.
            let entry = self.entry(bits);
            if at.wrapping_add(entry >> COEFFICIENTS) < BLOCK {
                at = at.wrapping_add(entry >> COEFFICIENTS);
                bits.consume(entry & BITS);
                bits.refill();
                let entry = self.entry(bits);
                if at.wrapping_add(entry >> COEFFICIENTS) < BLOCK {
                    at = at.wrapping_add(entry >> COEFFICIENTS);
                    bits.consume(entry & BITS);
                    continue;
                }
                if ends(at, entry) {
                    bits.consume(entry & BITS);
                    return Ok(());
                }
            } else if ends(at, entry) {
                bits.consume(entry & BITS);
                return Ok(());
            }
            (*bits, at) = single(*bits, symbols, at)?;
        }
        Ok(())
    }

    #[inline(always)]
    fn entry(&self, bits: &Bits<'_>) -> u32 {
        self.entries
            .get(bits.peek::<WINDOW>())
            .copied()
            .unwrap_or(UNKNOWN)
            .into()
    }
}

/// What begins with the bits of `window`, joined.
fn joined(single: &[(u8, u8); ENTRIES], window: usize) -> u16 {
    let (mut used, mut coefficients) = (0_u32, 0_u32);
    while used < WINDOW && coefficients < BLOCK {
        let next = window.wrapping_shl(used) & ENTRIES.wrapping_sub(1);
        let (len, value) = single.get(next).copied().unwrap_or((0, 0));
        let symbol = Symbol {
            len: len.into(),
            value,
        };
        if len == 0 || used.saturating_add(symbol.len) > WINDOW {
            break;
        }
        match (symbol.run(), symbol.size()) {
            (0, 0) => {
                return entry(
                    used.saturating_add(symbol.len),
                    coefficients.saturating_add(END),
                );
            }
            (1..=14, 0) => break, // T.81 §F.1.2.2.1 gives these no meaning
            (run, size) => {
                used = used.saturating_add(symbol.len).saturating_add(size);
                coefficients = coefficients.saturating_add(run).saturating_add(1);
            }
        }
    }
    if used == 0 {
        UNKNOWN
    } else {
        entry(used, coefficients)
    }
}

fn entry(bits: u32, coefficients: u32) -> u16 {
    u16::try_from(coefficients << COEFFICIENTS | bits).unwrap_or(UNKNOWN)
}

/// Whether with `entry`, looked up where the coefficient of `at` comes next, the block ends in good order: with all
/// its coefficients, or with fewer and an end.
#[inline(always)]
fn ends(at: u32, entry: u32) -> bool {
    let next = at.wrapping_add(entry >> COEFFICIENTS);
    let fewer = next.wrapping_sub(END.wrapping_add(1)) < BLOCK.wrapping_sub(1);
    (fewer && entry >> COEFFICIENTS >= END) || next == BLOCK
}

/// Steps over one symbol. Says which coefficient comes next, [`BLOCK`] where none does, and leaves 56 bits.
#[cold]
#[inline(never)]
fn single<'a>(mut bits: Bits<'a>, symbols: &Symbols, at: u32) -> Result<(Bits<'a>, u32), Refusal> {
    let symbol = symbols.next(&mut bits)?;
    let next = match (symbol.run(), symbol.size()) {
        (0, 0) => BLOCK,
        (1..=14, 0) => return Err(Refusal::Damaged),
        (run, size) => {
            bits.consume(size);
            at.wrapping_add(run).wrapping_add(1)
        }
    };
    if next > BLOCK {
        return Err(Refusal::Damaged);
    }
    bits.refill();
    Ok((bits, next))
}
