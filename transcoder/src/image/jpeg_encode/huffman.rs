//! The shortest codes for given frequencies, none of more than sixteen bits (T.81 annex K.2 and C).

use std::cmp::Reverse;
use std::collections::BinaryHeap;

/// The longest code that there may be.
const LONGEST: usize = 16;

/// How deep a tree of 257 leaves can be.
const DEEPEST: usize = 257;

/// How often each symbol comes.
pub(super) struct Frequencies([u32; 256]);

impl Default for Frequencies {
    fn default() -> Self {
        Self([0; 256])
    }
}

impl Frequencies {
    #[inline]
    pub(super) fn count(&mut self, symbol: u8) {
        if let Some(count) = self.0.get_mut(usize::from(symbol)) {
            *count = count.wrapping_add(1); // there are not so many coefficients
        }
    }

    /// The best table.
    pub(super) fn table(&self) -> Table {
        let used = (0..=u8::MAX).zip(self.0).filter(|(_, count)| *count > 0);
        let mut used: Vec<(u8, u32)> = used.collect();
        used.sort_by_key(|(symbol, count)| (Reverse(*count), *symbol));
        let lengths = lengths(&used);
        let symbols = used.iter().map(|(symbol, _)| *symbol).collect();
        Table::new(lengths, symbols)
    }

    /// How many bits all symbols take with `table`.
    pub(super) fn bits(&self, table: &Table) -> u64 {
        let lens = self.0.iter().zip(&table.codes);
        lens.fold(0, |bits, (count, code)| {
            bits.saturating_add(u64::from(*count).saturating_mul(code.len.into()))
        })
    }
}

/// How many codes there are of one bit, two, and so on.
type Lengths = [u8; LONGEST];

/// T.81 figures K.1 to K.3. One more symbol takes part, the rarest of all, so that no code is all ones.
fn lengths(used: &[(u8, u32)]) -> Lengths {
    let depths = depths(used);
    let mut counts = [0_u32; DEEPEST];
    for depth in depths {
        if let Some(count) = counts.get_mut(depth) {
            *count = count.saturating_add(1);
        }
    }
    shorten(&mut counts);
    // The symbol that stands for all ones has one of the longest codes.
    if let Some(longest) = counts.iter_mut().rfind(|count| **count > 0) {
        *longest = longest.saturating_sub(1);
    }
    let mut lengths = [0; LONGEST];
    for (length, count) in lengths.iter_mut().zip(counts.iter().skip(1)) {
        *length = u8::try_from(*count).unwrap_or(u8::MAX);
    }
    lengths
}

/// How deep each leaf lies when the two rarest nodes are always joined.
fn depths(used: &[(u8, u32)]) -> Vec<usize> {
    let leaves = used.iter().map(|(_, count)| u64::from(*count));
    let leaves = leaves.chain(std::iter::once(0)).enumerate();
    let mut heap: BinaryHeap<_> = leaves.map(|(at, count)| Reverse((count, at))).collect();
    let count = heap.len();
    let mut parents = vec![0; count.saturating_mul(2)];
    let mut next = count;
    while let (Some(Reverse(one)), Some(Reverse(other))) = (heap.pop(), heap.pop()) {
        for (_, node) in [one, other] {
            if let Some(parent) = parents.get_mut(node) {
                *parent = next;
            }
        }
        heap.push(Reverse((one.0.saturating_add(other.0), next)));
        next = next.saturating_add(1);
        if heap.len() == 1 {
            break;
        }
    }
    let root = next.saturating_sub(1);
    let depth = |leaf: usize| {
        let up = |node: &usize| parents.get(*node).copied();
        std::iter::successors(Some(leaf), up)
            .position(|node| node == root)
            .unwrap_or(0)
    };
    (0..count).map(depth).collect()
}

/// T.81 figure K.3: two of the longest codes become one a bit shorter, and a shorter one becomes two.
fn shorten(counts: &mut [u32; DEEPEST]) {
    for length in (LONGEST.saturating_add(1)..DEEPEST).rev() {
        while counts.get(length).is_some_and(|count| *count > 0) {
            let shorter = (1..length.saturating_sub(1)).rev();
            let mut shorter = shorter.filter(|at| counts.get(*at).is_some_and(|count| *count > 0));
            let Some(split) = shorter.next() else {
                return;
            };
            add(counts, length, -2);
            add(counts, length.saturating_sub(1), 1);
            add(counts, split.saturating_add(1), 2);
            add(counts, split, -1);
        }
    }
}

fn add(counts: &mut [u32; DEEPEST], at: usize, change: i32) {
    if let Some(count) = counts.get_mut(at) {
        *count = count.saturating_add_signed(change);
    }
}

/// A symbol's code.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub(super) struct Code {
    pub(super) bits: u32,
    /// Zero where there is no such symbol.
    pub(super) len: u32,
}

/// Codes for symbols.
pub(super) struct Table {
    pub(super) lengths: Lengths,
    /// By the length of their codes, then as codes are counted.
    pub(super) symbols: Vec<u8>,
    codes: [Code; 256],
}

impl Table {
    /// T.81 §C.2: codes of one length follow one another.
    fn new(lengths: Lengths, symbols: Vec<u8>) -> Self {
        let mut codes = [Code::default(); 256];
        let mut left = symbols.iter();
        let mut bits = 0_u32;
        for (len, count) in (1..).zip(lengths) {
            for symbol in left.by_ref().take(count.into()) {
                if let Some(code) = codes.get_mut(usize::from(*symbol)) {
                    *code = Code { bits, len };
                }
                bits = bits.wrapping_add(1);
            }
            bits = bits.wrapping_shl(1);
        }
        Self {
            lengths,
            symbols,
            codes,
        }
    }

    #[inline]
    pub(super) fn code(&self, symbol: u8) -> Code {
        let code = self.codes.get(usize::from(symbol));
        code.copied().unwrap_or_default()
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        /// Every symbol has a code, none begins another, none is all ones, none is longer than sixteen bits.
        #[test]
        fn codes_can_be_told_apart(counts in proptest::collection::vec(0_u32..2_000_000, 256), few in 0_u32..31) {
            let mut frequencies = Frequencies::default();
            for (place, count) in frequencies.0.iter_mut().zip(counts) {
                *place = count >> few;
            }
            check(&frequencies);
        }
    }

    fn check(frequencies: &Frequencies) {
        let table = frequencies.table();
        let mut room = 0_u64;
        let (mut last, mut last_len) = (0, 0);
        for symbol in &table.symbols {
            let code = table.code(*symbol);
            assert!((1..=16).contains(&code.len) && code.len >= last_len);
            assert!(room == 0 || u64::from(code.bits) << (16 - code.len) > last);
            assert_ne!(code.bits, (1 << code.len) - 1);
            room += 1 << (16 - code.len);
            (last, last_len) = (u64::from(code.bits) << (16 - code.len), code.len);
        }
        assert!(room < 1 << 16);
        let used = frequencies.0.iter().filter(|count| **count > 0).count();
        assert_eq!(table.symbols.len(), used);
    }

    /// Fibonacci's numbers make the deepest tree.
    #[test]
    fn the_deepest_tree_is_made_flat_enough() {
        let mut frequencies = Frequencies::default();
        let (mut one, mut two) = (1_u32, 1_u32);
        for place in frequencies.0.iter_mut().take(44) {
            *place = one;
            (one, two) = (two, one.saturating_add(two));
        }
        check(&frequencies);
    }

    #[test]
    fn common_symbols_have_short_codes() {
        let mut frequencies = Frequencies::default();
        frequencies.0[7] = 1000;
        frequencies.0[3] = 10;
        frequencies.0[9] = 9;
        let table = frequencies.table();
        assert_eq!(table.code(7).len, 1);
        assert_eq!(table.code(3).len, 2);
        assert_eq!(frequencies.bits(&table), 1000 + 20 + 27);
    }
}
