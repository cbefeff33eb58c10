//! FLAC's metadata blocks (RFC 9639 §8). What follows them has its own checksums, and STREAMINFO's count of samples is
//! held against what was decoded.

use super::{Octets, length};
use crate::refusal::Refusal;

/// Set in the header of the last metadata block.
const LAST: u8 = 0x80;

pub(super) fn whole(input: &[u8]) -> Result<(), Refusal> {
    let mut octets = Octets::new(input);
    octets.take(b"fLaC".len())?;
    loop {
        let [kind, high, middle, low] = octets.array()?;
        octets.take(length(u32::from_be_bytes([0, high, middle, low]))?)?;
        if kind & LAST != 0 {
            return Ok(());
        }
    }
}
