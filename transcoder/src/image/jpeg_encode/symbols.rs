//! Quantised blocks as symbols and the bits behind them, as a sequential scan has them (T.81 §F.1.2).

use super::huffman::{Frequencies, Table};
use super::levels::{Levels, index, places};
use super::{Kind, SIDE};

/// Sixteen zeros, and more to come.
pub(super) const ZEROS: u8 = 0xf0;

/// Nothing but zeros to the end.
const END: u8 = 0;

/// All but the first coefficient.
pub(super) const OTHERS: u64 = !1;

/// Which table a symbol is of.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) enum Class {
    /// Of first coefficients, as differences from one block to the next.
    Dc,
    /// Of all others, as runs of zeros and what ends them.
    Ac,
}

/// Somebody who is shown symbols.
pub(super) trait Symbols {
    /// A symbol, and `len` more bits.
    fn symbol(&mut self, class: Class, kind: Kind, symbol: u8, bits: u32, len: u32);

    /// Bits without a symbol.
    fn bits(&mut self, bits: u32, len: u32);
}

/// Shows a first coefficient. `last` is that of the component's block before.
#[inline]
pub(super) fn show_first(first: i32, last: &mut i32, kind: Kind, symbols: &mut impl Symbols) {
    let (len, bits) = magnitude(first.wrapping_sub(*last));
    *last = first;
    symbols.symbol(Class::Dc, kind, symbol(0, len), bits, len);
}

/// Shows all other coefficients of a block.
#[inline]
pub(super) fn show_others(levels: &Levels, kind: Kind, symbols: &mut impl Symbols) {
    let mut next = 1;
    for at in places(levels.significant(0) & OTHERS) {
        let mut run = at.wrapping_sub(next);
        while run > 15 {
            symbols.symbol(Class::Ac, kind, ZEROS, 0, 0);
            run = run.wrapping_sub(16);
        }
        let (len, bits) = magnitude(levels.at(index(at)));
        symbols.symbol(Class::Ac, kind, symbol(run, len), bits, len);
        next = at.wrapping_add(1);
    }
    if index(next) < SIDE * SIDE {
        symbols.symbol(Class::Ac, kind, END, 0, 0);
    }
}

/// T.81 §F.1.2.1.1: how many bits a value takes, and these bits; those of a negative one are one less.
#[inline]
pub(super) fn magnitude(value: i32) -> (u32, u32) {
    let len = 32_u32.wrapping_sub(value.unsigned_abs().leading_zeros());
    let bits = value.wrapping_add(value >> 31).cast_unsigned();
    let mask = 1_u32.wrapping_shl(len).wrapping_sub(1);
    (len, bits & mask)
}

/// A run of up to fifteen and a length of up to fourteen in one octet.
#[inline]
pub(super) fn symbol(run: u32, len: u32) -> u8 {
    u8::try_from((run << 4) | len).unwrap_or(u8::MAX)
}

/// The tables of a scan; those that it needs not have no symbols.
pub(super) struct Tables {
    pub(super) dc: [Table; 2],
    pub(super) ac: [Table; 2],
}

impl Tables {
    #[inline]
    pub(super) fn of(&self, class: Class, kind: Kind) -> &Table {
        let [light, colour] = match class {
            Class::Dc => &self.dc,
            Class::Ac => &self.ac,
        };
        match kind {
            Kind::Light => light,
            Kind::Colour => colour,
        }
    }

    /// Those that have symbols, with their class and place as DHT says them (T.81 §B.2.4.2).
    pub(super) fn used(&self) -> impl Iterator<Item = (u8, &Table)> {
        let dc = (0..).zip(&self.dc);
        let ac = (0x10..).zip(&self.ac);
        dc.chain(ac).filter(|(_, table)| !table.symbols.is_empty())
    }
}

/// How often each symbol of a scan comes.
#[derive(Default)]
pub(super) struct Counts {
    dc: [Frequencies; 2],
    ac: [Frequencies; 2],
    /// Bits behind the symbols.
    bits: u64,
}

impl Counts {
    pub(super) fn tables(&self) -> Tables {
        Tables {
            dc: self.dc.each_ref().map(Frequencies::table),
            ac: self.ac.each_ref().map(Frequencies::table),
        }
    }

    /// How many bits the scan has with these tables.
    pub(super) fn len(&self, tables: &Tables) -> u64 {
        let frequencies = self.dc.iter().chain(&self.ac);
        let pairs = frequencies.zip(tables.dc.iter().chain(&tables.ac));
        let symbols = pairs.map(|(frequencies, table)| frequencies.bits(table));
        symbols.fold(self.bits, u64::saturating_add)
    }
}

impl Symbols for Counts {
    #[inline]
    fn symbol(&mut self, class: Class, kind: Kind, symbol: u8, bits: u32, len: u32) {
        let [light, colour] = match class {
            Class::Dc => &mut self.dc,
            Class::Ac => &mut self.ac,
        };
        match kind {
            Kind::Light => light.count(symbol),
            Kind::Colour => colour.count(symbol),
        }
        self.bits(bits, len);
    }

    #[inline]
    fn bits(&mut self, _bits: u32, len: u32) {
        self.bits = self.bits.wrapping_add(len.into());
    }
}
