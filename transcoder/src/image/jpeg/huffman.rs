//! Huffman codes (T.81 §C, §F.2.2.3): as a file gives them, and as tables by which they are looked up.

use zeroize::Zeroizing;

use super::bits::Bits;
use crate::budget::{Budget, Exceeded};
use crate::image::octets::Octets;
use crate::refusal::Refusal;

/// The longest code.
pub(super) const LONGEST: u32 = 16;

/// Codes that are no longer are found by one look-up.
const WINDOW: u32 = 10;
const ENTRIES: usize = 1 << WINDOW;

/// A code book as DHT gives it, checked. Wiped on drop.
#[derive(Clone)]
pub(super) struct Codes {
    /// How many codes have 1, 2, .. 16 bits.
    counts: [u8; 16],
    /// What they mean, in the order of the codes.
    symbols: Zeroizing<[u8; 256]>,
}

/// A code: its bits at the top of sixteen, how many they are, and what it means.
#[derive(Clone, Copy)]
pub(super) struct Code {
    pub(super) bits: u32,
    pub(super) len: u32,
    pub(super) symbol: u8,
}

impl Codes {
    /// T.81 §B.2.4.2: counts and symbols.
    ///
    /// # Errors
    /// [`Refusal::Damaged`] where the counts make no code.
    pub(super) fn read(octets: &mut Octets<'_>) -> Result<Self, Refusal> {
        let counts: [u8; 16] = octets.array()?;
        let given = octets.take(counts.iter().map(|count| usize::from(*count)).sum())?;
        let mut symbols = Zeroizing::new([0; 256]);
        let places = symbols.get_mut(..given.len()).ok_or(Refusal::Damaged)?;
        places.copy_from_slice(given);
        let room = (1_u32..)
            .zip(counts)
            .try_fold(1_u32 << LONGEST, |room, (len, count)| {
                room.checked_sub(u32::from(count) << LONGEST.saturating_sub(len))
            });
        room.ok_or(Refusal::Damaged)?;
        Ok(Self { counts, symbols })
    }

    /// All codes, shorter ones first, as T.81 §C.2 assigns them.
    pub(super) fn iter(&self) -> impl Iterator<Item = Code> {
        let lens = (1_u32..).zip(self.counts);
        let lens = lens.flat_map(|(len, count)| (0..count).map(move |_| len));
        let mut next = 0_u32;
        lens.zip(self.symbols.iter()).map(move |(len, symbol)| {
            let bits = next;
            next = next.wrapping_add(1 << LONGEST.wrapping_sub(len));
            Code {
                bits,
                len,
                symbol: *symbol,
            }
        })
    }

    /// The codes that do not fit into the window.
    fn longer(&self) -> [Longer; 6] {
        let mut longer = [Longer::default(); 6];
        let first = WINDOW.saturating_add(1);
        for (place, len) in longer.iter_mut().zip(first..) {
            let shorter = || self.iter().take_while(|code| code.len < len);
            let end = |code: Code| {
                code.bits
                    .saturating_add(1 << LONGEST.saturating_sub(code.len))
            };
            let upto = self.iter().take_while(|code| code.len <= len);
            *place = Longer {
                from: shorter().last().map_or(0, end),
                end: upto.last().map_or(0, end),
                symbol: shorter().count(),
            };
        }
        longer
    }

    /// Calls `put` with each code that `window` bits hold, and the range of numbers of so many bits which begin with it.
    pub(super) fn spread(&self, window: u32, mut put: impl FnMut(Code, std::ops::Range<usize>)) {
        for code in self.iter().take_while(|code| code.len <= window) {
            let from = code.bits >> LONGEST.saturating_sub(window);
            let to = from.saturating_add(1 << window.saturating_sub(code.len));
            let at = |number: u32| usize::try_from(number).unwrap_or(usize::MAX);
            put(code, at(from)..at(to));
        }
    }
}

/// What a code means whose bits come next.
#[derive(Clone, Copy)]
pub(super) struct Symbol {
    /// How many bits the code has; zero where none begins like this.
    pub(super) len: u32,
    pub(super) value: u8,
}

/// None.
const NO_SYMBOL: Symbol = Symbol { len: 0, value: 0 };

impl Symbol {
    /// How many bits of a number come behind the code (SSSS).
    #[inline(always)]
    pub(super) fn size(self) -> u32 {
        u32::from(self.value & 15)
    }

    /// How many zeros come before that number (RRRR).
    #[inline(always)]
    pub(super) fn run(self) -> u32 {
        u32::from(self.value >> 4)
    }
}

/// Symbols by the bits that come next. Wiped on drop.
pub(super) struct Symbols {
    /// The symbol above the length of its code; zero where the code is longer than the window.
    entries: Box<Zeroizing<[u16; ENTRIES]>>,
    /// The codes of 11, 12, .. 16 bits.
    longer: [Longer; 6],
    codes: Codes,
}

/// The codes of one length.
#[derive(Clone, Copy, Default)]
struct Longer {
    /// The first one's bits, at the top of sixteen.
    from: u32,
    /// What is beyond the last one's.
    end: u32,
    /// Where what they mean begins among the symbols.
    symbol: usize,
}

impl Symbols {
    /// # Errors
    /// [`Exceeded`] where the table does not fit into `budget`.
    pub(super) fn of(codes: &Codes, budget: &mut Budget) -> Result<Self, Exceeded> {
        budget.take_memory(u64::try_from(size_of::<[u16; ENTRIES]>()).unwrap_or(u64::MAX))?;
        let mut entries = Box::new(Zeroizing::new([0; ENTRIES]));
        codes.spread(WINDOW, |code, places| {
            let len = u16::try_from(code.len).unwrap_or(0);
            let places = entries.get_mut(places).unwrap_or_default();
            places.fill(u16::from(code.symbol) << 8 | len);
        });
        Ok(Self {
            entries,
            longer: codes.longer(),
            codes: codes.clone(),
        })
    }

    /// The symbol that comes next; nothing is consumed. Of the bits, sixteen must be there.
    #[inline(always)]
    pub(super) fn peek(&self, bits: &Bits<'_>) -> Symbol {
        let entry = self.entries.get(bits.peek::<WINDOW>()).copied();
        let [len, value] = entry.unwrap_or(0).to_le_bytes();
        if len == 0 {
            return self.longer(bits.peek::<LONGEST>());
        }
        Symbol {
            len: len.into(),
            value,
        }
    }

    /// Takes the next symbol and the signed number behind it (T.81 §F.2.2.2). Of the bits, 25 must be there; of 56, so
    /// many are left. The symbol has no length where no code begins like this.
    #[inline(always)]
    pub(super) fn valued(&self, bits: &mut Bits<'_>) -> (Symbol, i16) {
        let entry = self.entries.get(bits.peek::<WINDOW>()).copied();
        let [len, value] = entry.unwrap_or(0).to_le_bytes();
        let mut symbol = Symbol {
            len: len.into(),
            value,
        };
        if len == 0 {
            bits.refill();
            symbol = self.longer(bits.peek::<LONGEST>());
        }
        let value = bits.signed(symbol.len, symbol.size());
        bits.consume(symbol.len.wrapping_add(symbol.size()));
        (symbol, value)
    }

    #[cold]
    #[inline(never)]
    fn longer(&self, next: usize) -> Symbol {
        let next = u32::try_from(next).unwrap_or(u32::MAX);
        let lens = (WINDOW.saturating_add(1)..).zip(&self.longer);
        for (len, longer) in lens {
            if next < longer.end {
                let nth = next.saturating_sub(longer.from) >> LONGEST.saturating_sub(len);
                let symbol = usize::try_from(nth)
                    .ok()
                    .and_then(|nth| self.codes.symbols.get(longer.symbol.saturating_add(nth)));
                return symbol.map_or(NO_SYMBOL, |value| Symbol { len, value: *value });
            }
        }
        NO_SYMBOL
    }

    /// Takes the next symbol, refilling before.
    ///
    /// # Errors
    /// [`Refusal::Damaged`] where no code begins like this.
    #[inline(always)]
    pub(super) fn next(&self, bits: &mut Bits<'_>) -> Result<Symbol, Refusal> {
        bits.need();
        let symbol = self.peek(bits);
        if symbol.len == 0 {
            return Err(Refusal::Damaged);
        }
        bits.consume(symbol.len);
        Ok(symbol)
    }

    /// Takes a code and the signed number behind it: a difference of DC coefficients (T.81 §F.2.2.1). Of the bits, 31
    /// must be there; of 56, 31 are left.
    ///
    /// # Errors
    /// [`Refusal::Damaged`] where no code begins like this, or for a number longer than fifteen bits.
    #[inline(always)]
    pub(super) fn difference(&self, bits: &mut Bits<'_>) -> Result<i16, Refusal> {
        let entry = self.entries.get(bits.peek::<WINDOW>()).copied();
        let [len, value] = entry.unwrap_or(0).to_le_bytes();
        if len == 0 || value > 15 {
            let symbol = self.longer(bits.peek::<LONGEST>());
            if symbol.len == 0 || symbol.value > 15 {
                return Err(Refusal::Damaged);
            }
            let difference = bits.signed(symbol.len, symbol.size());
            bits.consume(symbol.len.wrapping_add(symbol.size()));
            bits.refill();
            return Ok(difference);
        }
        let symbol = Symbol {
            len: len.into(),
            value,
        };
        let difference = bits.signed(symbol.len, symbol.size());
        bits.consume(symbol.len.wrapping_add(symbol.size()));
        Ok(difference)
    }
}
