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

    /// What the code means with which `next`, sixteen bits, begin.
    fn find(&self, next: u32) -> Option<Code> {
        let ends = |code: &Code| next.wrapping_sub(code.bits) < 1 << LONGEST.wrapping_sub(code.len);
        self.iter().find(ends)
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
    codes: Codes,
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

    #[cold]
    #[inline(never)]
    fn longer(&self, next: usize) -> Symbol {
        let code = u32::try_from(next)
            .ok()
            .and_then(|next| self.codes.find(next));
        code.map_or(Symbol { len: 0, value: 0 }, |code| Symbol {
            len: code.len,
            value: code.symbol,
        })
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
    /// must be there; where the code is a long one, they are refilled.
    ///
    /// # Errors
    /// [`Refusal::Damaged`] where no code begins like this, or for a number longer than fifteen bits.
    #[inline(always)]
    pub(super) fn difference(&self, bits: &mut Bits<'_>) -> Result<i16, Refusal> {
        let symbol = self.peek(bits);
        if symbol.len == 0 || symbol.value > 15 {
            return Err(Refusal::Damaged);
        }
        let difference = bits.signed(symbol.len, symbol.size());
        bits.consume(symbol.len.wrapping_add(symbol.size()));
        if symbol.len > WINDOW {
            bits.refill();
        }
        Ok(difference)
    }
}
