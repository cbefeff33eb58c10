//! RIFF/WAVE, chunk by chunk, to the end of its samples.

use super::super::decode::MOST_CHANNELS;
use super::{Octets, length};
use crate::refusal::Refusal;

/// What a program writes as a length that it does not know, because it writes to a pipe.
const UNKNOWN: u32 = u32::MAX;

/// "RIFF", its length, "WAVE". The length is not believed: programs that write to a pipe leave it wrong.
const HEADER: usize = 12;

pub(super) fn whole(input: &[u8]) -> Result<(), Refusal> {
    let mut octets = Octets::new(input);
    octets.take(HEADER)?;
    loop {
        let kind: [u8; 4] = octets.array()?;
        let len = octets.u32_le()?;
        if &kind == b"data" {
            let there = len == UNKNOWN || octets.take(length(len)?).is_ok();
            return there.then_some(()).ok_or(Refusal::Damaged);
        }
        // A chunk of odd length is followed by one octet that does not count.
        let chunk = octets.take(length(len)?.saturating_add(usize::from(len % 2 == 1)))?;
        if &kind == b"fmt " {
            format(chunk)?;
        }
    }
}

/// The decoder multiplies channels by octets in 16 bits.
fn format(chunk: &[u8]) -> Result<(), Refusal> {
    let [_, _, low, high, ..] = *chunk else {
        return Err(Refusal::Damaged);
    };
    let channels = usize::from(u16::from_le_bytes([low, high]));
    let few = (1..=MOST_CHANNELS).contains(&channels);
    few.then_some(()).ok_or(Refusal::Unsupported)
}
