//! The bits of coded octets, the first one uppermost (T.81 §F.2.2.5), and the restarts between them.
//!
//! The hot half of every decoding loop. It holds its state by value so that a loop may keep it in registers; only the
//! slow ways, which are calls, give it back to memory.

use crate::refusal::Refusal;

/// What is left of coded octets.
#[derive(Clone, Copy)]
pub(super) struct Bits<'a> {
    file: &'a [u8],
    /// The next octet that is not in `buffer` yet, or the marker at which the coded octets end.
    at: usize,
    /// The next bits, from the top. What stands below the first `count` is zero or what comes next.
    buffer: u64,
    count: u32,
    /// How many zeros were made up behind the end.
    made_up: u32,
}

impl<'a> Bits<'a> {
    /// The coded octets of `file` from `at` on, up to the next marker.
    pub(super) fn of((file, at): (&'a [u8], usize)) -> Self {
        Self {
            file,
            at,
            buffer: 0,
            count: 0,
            made_up: 0,
        }
    }

    /// Makes sure of 56 bits at least; behind the end they are zeros.
    #[inline(always)]
    pub(super) fn refill(&mut self) {
        let ahead = self.file.get(self.at..).and_then(<[u8]>::first_chunk);
        match ahead.map(|octets| u64::from_be_bytes(*octets)) {
            Some(word) if has_no_marker(word) => {
                self.buffer |= word >> (self.count & 63);
                let taken = (63_u32.wrapping_sub(self.count) >> 3) & 7;
                self.at = self.at.wrapping_add(usize::try_from(taken).unwrap_or(0));
                self.count |= 56;
            }
            Some(_) | None => self.refill_slowly(),
        }
    }

    /// The same octet by octet: beside 0xff, and at the end. Its arguments and its answer are values, lest a loop
    /// keep its bits in memory for the sake of this.
    #[inline(always)]
    fn refill_slowly(&mut self) {
        let made_up;
        (self.at, self.buffer, self.count, made_up) =
            refilled(self.file, self.at, self.buffer, self.count);
        self.made_up = self.made_up.saturating_add(made_up);
    }

    /// The next `COUNT` bits, which stay; 1 to 32.
    #[inline(always)]
    pub(super) fn peek<const COUNT: u32>(&self) -> usize {
        usize::try_from(self.buffer >> (64_u32.wrapping_sub(COUNT) & 63)).unwrap_or(0)
    }

    /// Leaves out `count` bits, of which there must be so many.
    #[inline(always)]
    pub(super) fn consume(&mut self, count: u32) {
        self.buffer = self.buffer.wrapping_shl(count);
        self.count = self.count.wrapping_sub(count);
    }

    /// The number of `size` bits behind the next `after`, made signed as T.81 §F.2.2.1 has it (EXTEND); `size` is 15 at
    /// most. Nothing is consumed.
    #[inline(always)]
    pub(super) fn signed(&self, after: u32, size: u32) -> i16 {
        let rest = self.buffer.wrapping_shl(after);
        let bits = (rest >> 1).wrapping_shr(63_u32.wrapping_sub(size)); // all of 64 do not go at once
        let lowest = 1_u64.wrapping_sub(1_u64.wrapping_shl(size));
        let negative = !((rest.cast_signed() >> 63).cast_unsigned());
        low_half(bits.wrapping_add(lowest & negative)).cast_signed()
    }

    /// Takes the next `count` bits as a number; 16 at most, and as many must be there.
    #[inline(always)]
    pub(super) fn number(&mut self, count: u32) -> u16 {
        let number = (self.buffer >> 1).wrapping_shr(63_u32.wrapping_sub(count));
        self.consume(count);
        low_half(number)
    }

    /// Makes sure of 32 bits at least.
    #[inline(always)]
    pub(super) fn need(&mut self) {
        if self.count < 32 {
            self.refill();
        }
    }

    /// # Errors
    /// [`Refusal::Damaged`] when more was taken than was there.
    pub(super) fn check(&self) -> Result<(), Refusal> {
        if self.made_up > self.count {
            return Err(Refusal::Damaged);
        }
        Ok(())
    }

    /// Goes on behind the next marker, which must be the restart of `number` (T.81 §F.2.1.3.1: they count from 0 to 7
    /// and again). Octets that nobody needed may stand before it.
    pub(super) fn restart(&mut self, number: u8) -> Result<(), Refusal> {
        self.check()?;
        let mut rest = self.file.get(self.at..).unwrap_or_default();
        let code = loop {
            let found = rest.iter().position(|octet| *octet == 0xff);
            let found = found.ok_or(Refusal::Damaged)?;
            rest = rest.get(found.saturating_add(1)..).unwrap_or_default();
            match rest.split_first() {
                Some((0x00, after)) => rest = after,
                Some((0xff, _)) => (),
                Some((code, after)) => {
                    rest = after;
                    break *code;
                }
                None => return Err(Refusal::Damaged),
            }
        };
        if code != 0xd0 | (number & 7) {
            return Err(Refusal::Damaged);
        }
        let at = self.file.len().saturating_sub(rest.len());
        *self = Self::of((self.file, at));
        Ok(())
    }
}

#[cold]
#[inline(never)]
fn refilled(file: &[u8], mut at: usize, mut buffer: u64, mut count: u32) -> (usize, u64, u32, u32) {
    let mut made_up = 0_u32;
    while count < 56 {
        let octet = match file.get(at..) {
            Some([0xff, 0x00, ..]) => {
                at = at.wrapping_add(2); // T.81 §B.1.1.5: a zero is stuffed behind 0xff
                0xff
            }
            Some([0xff, ..] | []) | None => {
                made_up = made_up.wrapping_add(8);
                0
            }
            Some([octet, ..]) => {
                at = at.wrapping_add(1);
                *octet
            }
        };
        buffer |= u64::from(octet) << (56_u32.wrapping_sub(count) & 63);
        count = count.wrapping_add(8);
    }
    (at, buffer, count, made_up)
}

/// Whether none of the octets is 0xff: the usual test for a zero octet, on the complement.
#[inline(always)]
fn has_no_marker(word: u64) -> bool {
    const LOWEST: u64 = u64::from_ne_bytes([0x01; 8]);
    const HIGHEST: u64 = u64::from_ne_bytes([0x80; 8]);
    (!word).wrapping_sub(LOWEST) & word & HIGHEST == 0
}

/// The low sixteen bits.
#[inline(always)]
fn low_half(word: u64) -> u16 {
    let [low, high, ..] = word.to_le_bytes();
    u16::from_le_bytes([low, high])
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// Bit by bit, as T.81 §F.2.2.5 draws it.
    fn plain(file: &[u8]) -> Vec<u8> {
        let mut bits = Vec::new();
        let mut at = 0;
        while at < file.len() {
            let octet = file[at];
            at += 1;
            if octet == 0xff {
                if file.get(at) != Some(&0) {
                    break;
                }
                at += 1;
            }
            bits.extend((0..8).rev().map(|bit| octet >> bit & 1));
        }
        bits
    }

    proptest! {
        /// However it is read, and however many 0xff are in it.
        #[test]
        fn bits_come_in_their_order_and_end_where_the_marker_is(
            file in prop::collection::vec(prop_oneof![any::<u8>(), Just(0xff), Just(0)], 0..80),
            counts in prop::collection::vec(0_u32..=16, 0..200),
        ) {
            let plain = plain(&file);
            let mut bits = Bits::of((&file, 0));
            let mut at = 0;
            for count in counts {
                bits.need();
                let wanted = (0..count as usize).fold(0, |number, bit| {
                    number << 1 | u16::from(plain.get(at + bit).copied().unwrap_or(0))
                });
                prop_assert_eq!(bits.number(count), wanted);
                at += count as usize;
                prop_assert_eq!(bits.check().is_ok(), at <= plain.len());
            }
        }

        #[test]
        fn signed_numbers_are_as_the_standard_extends_them(word: u64, after in 0_u32..16, size in 0_u32..=15) {
            let octets = [word.to_be_bytes(), [0; 8]].concat();
            let mut bits = Bits::of((&octets, 0));
            bits.buffer = word;
            let mut plain = bits;
            plain.consume(after);
            let number = i32::from(plain.number(size));
            let extended = if size > 0 && number < 1 << (size - 1) {
                number - (1 << size) + 1
            } else {
                number
            };
            prop_assert_eq!(i32::from(bits.signed(after, size)), extended);
        }
    }

    #[test]
    fn a_restart_is_found_behind_what_nobody_needed_and_must_be_the_next() {
        let file = [1, 2, 3, 0xff, 0, 4, 0xff, 0xff, 0xd3, 0x80];
        let mut bits = Bits::of((&file, 0));
        assert_eq!(bits.restart(4), Err(Refusal::Damaged));
        bits.restart(3).unwrap();
        bits.need();
        assert_eq!(bits.number(8), 0x80);
        assert_eq!(bits.restart(4), Err(Refusal::Damaged));
    }
}
