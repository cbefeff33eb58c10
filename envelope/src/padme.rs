//! Padmé: sizes that tell little of what they hold (Nikitin et al., "Reducing Metadata Leakage from Encrypted Files and
//! Communication with PURBs", 2019).

/// The length to which `len` octets are padded, so that few distinct lengths exist: at most 12 % more.
///
/// The top bits of the length, as many as its exponent has, are kept; the rest is rounded up. Very small lengths are not
/// padded at all, so callers set a floor. A length whose rounding does not fit stays as it is.
#[must_use]
pub fn padme(len: usize) -> usize {
    let Some(exponent) = len.checked_ilog2().filter(|exponent| *exponent > 0) else {
        return len;
    };
    let kept = exponent.ilog2().saturating_add(1);
    let rounded = exponent.saturating_sub(kept);
    let mask = 1_usize
        .checked_shl(rounded)
        .map_or(0, |unit| unit.saturating_sub(1));
    len.checked_add(mask).map_or(len, |sum| sum & !mask)
}

#[cfg(test)]
mod tests {
    use super::padme;

    #[test]
    fn known_lengths() {
        for (len, padded) in [
            (0, 0),
            (1, 1),
            (2, 2),
            (9, 10),
            (100, 104),
            (1000, 1024),
            (65_537, 67_584),
            (1_000_000, 1_015_808),
            (1_000_000_000, 1_006_632_960),
            (usize::MAX, usize::MAX),
        ] {
            assert_eq!(padme(len), padded, "{len}");
        }
    }

    #[test]
    fn padding_never_shortens_and_costs_at_most_an_eighth() {
        for len in 1..100_000_usize {
            let padded = padme(len);
            assert!(
                padded >= len && (padded - len) * 8 <= len,
                "{len} -> {padded}"
            );
            assert_eq!(padme(padded), padded);
        }
    }
}
