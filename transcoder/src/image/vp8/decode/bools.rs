//! Bools of a known probability, taken out of coded octets (RFC 6386 §7).
//!
//! The hot half of the decoder. It holds its state by value so that a loop may keep it in registers.

use crate::refusal::Refusal;

/// As many bools as may be taken after one [`Bools::need`]: each takes seven bits at most, and the last looks at eight.
pub(super) const AT_ONCE: u32 = 7;

/// What is left of a partition.
#[derive(Clone, Copy)]
pub(super) struct Bools<'a> {
    octets: &'a [u8],
    /// The next octet that is not in `value` yet.
    at: usize,
    /// The next bits, from the top. What stands below the first `count` is zero or what comes next.
    value: u64,
    count: u32,
    /// 128 to 255.
    range: u32,
    /// How many zero bits were made up behind the end.
    made_up: u32,
}

impl<'a> Bools<'a> {
    pub(super) fn of(octets: &'a [u8]) -> Self {
        Self {
            octets,
            at: 0,
            value: 0,
            count: 0,
            range: 255,
            made_up: 0,
        }
    }

    /// Makes sure of bits for [`AT_ONCE`] bools; behind the end they are zeros.
    #[inline(always)]
    pub(super) fn need(&mut self) {
        if self.count < AT_ONCE.wrapping_mul(7).wrapping_add(1) {
            self.refill();
        }
    }

    #[inline(always)]
    fn refill(&mut self) {
        let ahead = self.octets.get(self.at..).and_then(<[u8]>::first_chunk);
        if let Some(octets) = ahead {
            self.value |= u64::from_be_bytes(*octets) >> (self.count & 63);
            let taken = (63_u32.wrapping_sub(self.count) >> 3) & 7;
            self.at = self.at.wrapping_add(usize::try_from(taken).unwrap_or(0));
            self.count |= 56;
        } else {
            let made_up;
            (self.at, self.value, self.count, made_up) =
                refilled(self.octets, self.at, self.value, self.count);
            self.made_up = self.made_up.saturating_add(made_up);
        }
    }

    /// The next bool, which is false with `probability` of 256.
    #[inline(always)]
    pub(super) fn read(&mut self, probability: u8) -> bool {
        let share = self.range.wrapping_sub(1).wrapping_mul(probability.into());
        let split = (share >> 8).wrapping_add(1);
        let high = u64::from(split) << 56;
        let set = self.value >= high;
        if set {
            self.value = self.value.wrapping_sub(high);
            self.range = self.range.wrapping_sub(split);
        } else {
            self.range = split;
        }
        let shift = self.range.leading_zeros().wrapping_sub(24);
        self.range = self.range.wrapping_shl(shift);
        self.value = self.value.wrapping_shl(shift);
        self.count = self.count.wrapping_sub(shift);
        set
    }

    /// `value` with the next bool of an even chance as its sign; nobody can foresee it, so there is no branch.
    #[inline(always)]
    pub(super) fn signed(&mut self, value: i16) -> i16 {
        let split = self.range.wrapping_add(1) >> 1;
        let high = u64::from(split) << 56;
        let set = u32::from(self.value >= high);
        let mask = set.wrapping_neg();
        self.value = self
            .value
            .wrapping_sub(high & u64::from(set).wrapping_neg());
        self.range = (split & !mask) | (self.range.wrapping_sub(split) & mask);
        let shift = self.range.leading_zeros().wrapping_sub(24);
        self.range = self.range.wrapping_shl(shift);
        self.value = self.value.wrapping_shl(shift);
        self.count = self.count.wrapping_sub(shift);
        let [low, high, ..] = mask.to_le_bytes();
        let mask = i16::from_le_bytes([low, high]);
        (value ^ mask).wrapping_sub(mask)
    }

    /// A bool that comes as seldom as not.
    pub(super) fn flag(&mut self) -> bool {
        self.need();
        self.read(128)
    }

    /// A number of `bits` bits, 16 at most.
    pub(super) fn number(&mut self, bits: u32) -> u16 {
        (0..bits).fold(0, |number: u16, _| (number << 1) | u16::from(self.flag()))
    }

    /// A number of `bits` bits, of eight at most, and its sign behind it.
    pub(super) fn signed_number(&mut self, bits: u32) -> i16 {
        let number = self.number(bits).cast_signed();
        if self.flag() {
            number.wrapping_neg()
        } else {
            number
        }
    }

    /// A number of `bits` bits and its sign, if it is there; else zero.
    pub(super) fn optional(&mut self, bits: u32) -> i16 {
        if self.flag() {
            self.signed_number(bits)
        } else {
            0
        }
    }

    /// # Errors
    /// [`Refusal::Damaged`] when more was taken than was there.
    pub(super) fn check(&self) -> Result<(), Refusal> {
        if self.made_up > 0 && self.made_up >= self.count {
            return Err(Refusal::Damaged);
        }
        Ok(())
    }
}

/// The same octet by octet, at the end. Its arguments and its answer are values, lest a loop keep its bits in memory for
/// the sake of this.
#[cold]
#[inline(never)]
fn refilled(
    octets: &[u8],
    mut at: usize,
    mut value: u64,
    mut count: u32,
) -> (usize, u64, u32, u32) {
    let mut made_up = 0_u32;
    while count < 56 {
        if let Some(octet) = octets.get(at) {
            at = at.wrapping_add(1);
            value |= u64::from(*octet) << (56_u32.wrapping_sub(count) & 63);
        } else {
            made_up = made_up.wrapping_add(8);
        }
        count = count.wrapping_add(8);
    }
    (at, value, count, made_up)
}
