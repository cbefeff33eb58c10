//! The octets of the messages in the store's memory: the same for everybody who can count, so that a client can check each.
//!
//! They are mail-like lines, and some of them look like the tagged answers that a proxy waits for.

use std::sync::LazyLock;

/// The octets repeat after so many: a prime number, so that no buffer's size divides it.
const PERIOD: usize = 65_521;

/// How many of the octets lie in memory in one piece.
const HELD: usize = PERIOD * 33;

/// The most octets that one call of [`run`] gives.
pub(crate) const RUN: usize = HELD - PERIOD;

/// Messages in the mailbox.
pub(crate) const MESSAGES: u32 = 1000;

/// The message of 10 MB, and the one of 64 MiB.
pub(crate) const TEN_MEGABYTES: u32 = 1;
const LARGE: u32 = 2;

static OCTETS: LazyLock<Vec<u8>> = LazyLock::new(|| {
    let mut period = Vec::with_capacity(PERIOD + 80);
    let mut state = 1_u32;
    let mut line = 0_u32;
    while period.len() < PERIOD {
        line += 1;
        if line.is_multiple_of(50) {
            period.extend_from_slice(format!("a{line} OK {{{line}}}\r\n").as_bytes());
            continue;
        }
        for _ in 0..74 {
            state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
            period.push(b' ' + u8::try_from((state >> 24) % 95).unwrap_or(0));
        }
        period.extend_from_slice(b"\r\n");
    }
    period.truncate(PERIOD);
    period.repeat(HELD / PERIOD)
});

/// How many octets message `number` has.
pub(crate) fn octets(number: u32) -> u64 {
    match number {
        TEN_MEGABYTES => 10_000_000,
        LARGE => 64 * 1024 * 1024,
        3 => 0,
        4 => 1,
        number if number.is_multiple_of(16) => u64::from(number) * 401,
        number => u64::from(number * 7_919 % 20_011),
    }
}

/// Octets of message `number` from `offset` on, `octets` at most and [`RUN`] at most.
pub(crate) fn run(number: u32, offset: u64, octets: u64) -> &'static [u8] {
    let from = (u64::from(number) * 7_919 + offset) % PERIOD as u64;
    let from = usize::try_from(from).unwrap_or(0);
    let length = usize::try_from(octets).unwrap_or(RUN).min(RUN);
    &OCTETS[from..from + length]
}

/// A number for octets that were received, to be told to whom sent them. Never zero: it serves as a UID.
pub(crate) fn digest(octets: &[u8]) -> u32 {
    let fold = |digest: u32, octet: &u8| (digest ^ u32::from(*octet)).wrapping_mul(16_777_619);
    octets.iter().fold(2_166_136_261, fold).max(1)
}

#[cfg(test)]
mod tests {
    use super::{PERIOD, RUN, digest, octets, run};

    #[test]
    fn a_message_is_the_same_however_it_is_cut() {
        let whole = run(7, 0, 100_000);
        for cut in [1, 80, PERIOD, 99_999] {
            let rest = run(7, cut as u64, (100_000 - cut) as u64);
            assert_eq!([&whole[..cut], rest].concat(), whole, "cut at {cut}");
        }
        assert_eq!(run(1, 0, octets(1)).len(), RUN);
    }

    #[test]
    fn messages_differ_and_so_do_their_digests() {
        assert_ne!(run(7, 0, 1000), run(8, 0, 1000));
        assert_ne!(digest(run(7, 0, 1000)), digest(run(8, 0, 1000)));
    }
}
