//! How long a result is made, so that its length tells little.

/// Results shorter than this are made this long: thumbnails then look alike.
const FLOOR: usize = 4096;

/// The padded length of a result of `len` octets: Padmé (Nikitin et al., "Reducing Metadata Leakage from Encrypted Files and
/// Communication with PURBs", 2019, §4) over a floor of 4096 octets. At most 6.2 % more than the larger of `len` and the floor.
#[must_use]
pub fn padded_len(len: usize) -> usize {
    let len = len.max(FLOOR);
    // A length of E+1 bits keeps its first S bits, S being the bit length of E: the rest is rounded up to zeros.
    let exponent = len.ilog2();
    let kept = u32::BITS.saturating_sub(exponent.leading_zeros());
    let step = 1_usize.checked_shl(exponent.saturating_sub(kept));
    step.and_then(|step| len.checked_next_multiple_of(step))
        .unwrap_or(len)
}

#[cfg(test)]
mod tests {
    use super::{FLOOR, padded_len};

    #[test]
    fn lengths_are_those_of_padme_over_the_floor() {
        for (len, padded) in [
            (0, 4096),
            (4096, 4096),
            (4097, 4352),
            (65_537, 67_584),
            (1_000_000, 1_015_808),
            (1_000_000_000, 1_006_632_960),
        ] {
            assert_eq!(padded_len(len), padded, "{len}");
        }
    }

    #[test]
    fn padding_costs_little_and_loses_nothing() {
        for len in (0..1_000_000).step_by(997).chain([usize::MAX - 1]) {
            let padded = padded_len(len);
            assert!(padded >= len);
            assert!(padded - len.max(FLOOR) <= padded / 16, "{len}");
            assert_eq!(padded_len(padded), padded, "padding twice changes nothing");
        }
    }

    #[test]
    fn few_lengths_are_left() {
        let lengths: std::collections::BTreeSet<_> = (0..=1 << 20).map(padded_len).collect();
        assert!(lengths.len() <= 200, "{}", lengths.len());
    }
}
