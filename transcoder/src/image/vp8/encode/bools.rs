//! Bools of a known probability, coded into octets (RFC 6386 §7).

use std::io::Write;

use crate::image::encode::{Encoded, Sink};

/// Codes one partition. Nothing that was written is changed any more: an octet waits until no carry can reach it.
pub(super) struct BoolWriter {
    sink: Sink,
    /// What is not written yet: `bits` bits, and eight of the range below them.
    low: u64,
    bits: u32,
    /// 128 to 255.
    range: u32,
    /// The octet that a carry would reach, and how many octets of ones stand behind it.
    held: Option<u8>,
    ones: u64,
}

impl BoolWriter {
    /// Keeps `limit` octets at most, and counts on beyond.
    pub(super) fn new(limit: usize) -> Self {
        Self {
            sink: Sink::new(limit),
            low: 0,
            bits: 0,
            range: 255,
            held: None,
            ones: 0,
        }
    }

    /// Writes `bit`, which is zero with `probability` of 256, and one else.
    #[inline(always)]
    pub(super) fn write(&mut self, probability: u8, bit: u32) {
        let share = self.range.wrapping_sub(1).wrapping_mul(probability.into());
        let split = (share >> 8).wrapping_add(1);
        if bit == 0 {
            self.range = split;
        } else {
            self.low = self.low.wrapping_add(split.into());
            self.range = self.range.wrapping_sub(split);
        }
        let shift = self.range.leading_zeros().wrapping_sub(24);
        self.range = self.range.wrapping_shl(shift);
        self.low = self.low.wrapping_shl(shift);
        self.bits = self.bits.wrapping_add(shift); // to 7 + 7 at most
        if self.bits >= 8 {
            self.octet();
        }
    }

    /// A bit that is as often one as zero.
    pub(super) fn flag(&mut self, bit: u32) {
        self.write(128, bit);
    }

    /// The lowest `bits` bits of `number`, the highest of them first.
    pub(super) fn number(&mut self, bits: u32, number: u32) {
        for at in (0..bits).rev() {
            self.flag(number.wrapping_shr(at) & 1);
        }
    }

    /// Moves the highest eight bits out, and the carry above them.
    fn octet(&mut self) {
        let out = self.low.wrapping_shr(self.bits);
        self.low &= 1_u64.wrapping_shl(self.bits).wrapping_sub(1);
        self.bits = self.bits.wrapping_sub(8);
        let [octet, carry, ..] = out.to_le_bytes();
        if octet == 0xff && carry == 0 {
            self.ones = self.ones.saturating_add(1);
            return;
        }
        self.settle(carry);
        self.held = Some(octet);
    }

    /// Writes what waited, with `carry` added.
    fn settle(&mut self, carry: u8) {
        if let Some(held) = self.held.take() {
            self.put(held.wrapping_add(carry));
        }
        let octet = if carry == 0 { 0xff } else { 0 };
        for _ in 0..self.ones {
            self.put(octet);
        }
        self.ones = 0;
    }

    fn put(&mut self, octet: u8) {
        // A sink that is full counts on, and says so at the end.
        drop(self.sink.write_all(&[octet]));
    }

    /// The partition.
    pub(super) fn finish(mut self) -> Encoded {
        let pad = self.bits.wrapping_neg() & 7;
        self.low = self.low.wrapping_shl(pad);
        self.bits = self.bits.wrapping_add(pad);
        while self.bits > 0 {
            self.octet();
        }
        let [octet, carry, ..] = self.low.to_le_bytes();
        self.settle(carry);
        self.put(octet);
        self.sink.finish()
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::image::vp8::decode;

    fn coded(bools: &[(u8, bool)]) -> Vec<u8> {
        let mut writer = BoolWriter::new(usize::MAX);
        for (probability, bit) in bools {
            writer.write(*probability, (*bit).into());
        }
        match writer.finish() {
            Encoded::Fits(octets) => octets.expose().to_vec(),
            Encoded::TooLong(_) => panic!("no limit"),
        }
    }

    fn same(bools: &[(u8, bool)]) {
        let (probabilities, bits): (Vec<u8>, Vec<bool>) = bools.iter().copied().unzip();
        let read = decode::tests::bools(&coded(bools), &probabilities);
        assert_eq!(read, Some(bits));
    }

    proptest! {
        #[test]
        fn what_is_written_is_read(bools in prop::collection::vec((1..=255_u8, any::<bool>()), 0..2_000)) {
            same(&bools);
        }

        /// Most bits as they are likely, so that octets have many bools and carries go far.
        #[test]
        fn long_carries_are_carried(seldom in prop::collection::vec(0..400_usize, 0..50), probability in 250..=255_u8) {
            let mut bools = Vec::new();
            for run in seldom {
                bools.extend(std::iter::repeat_n((probability, false), run));
                bools.extend([(probability, true), (1, true), (128, true)]);
            }
            same(&bools);
        }
    }

    /// All ones, again and again, and then a carry through all of them.
    #[test]
    fn a_carry_goes_through_octets_of_ones() {
        let mut writer = BoolWriter::new(usize::MAX);
        writer.held = Some(0x7f);
        writer.ones = 3;
        writer.settle(1);
        let Encoded::Fits(octets) = writer.sink.finish() else {
            panic!("no limit");
        };
        assert_eq!(octets.expose(), [0x80, 0, 0, 0]);
    }

    #[test]
    fn what_does_not_fit_is_counted() {
        let bools: Vec<_> = (0..1_000).map(|at| (128, at % 3 == 0)).collect();
        let len = coded(&bools).len();
        let mut writer = BoolWriter::new(len - 1);
        for (probability, bit) in &bools {
            writer.write(*probability, (*bit).into());
        }
        assert!(matches!(writer.finish(), Encoded::TooLong(octets) if octets == len));
    }
}
