//! PackBits (TIFF 6.0 §9): runs of octets.

use crate::image::octets::Octets;
use crate::refusal::Refusal;

/// Fills `output` with what `input` says.
///
/// # Errors
/// [`Refusal::Damaged`] when that is less. A last run that is too long is cut: there are programs that write it.
pub(super) fn decode(input: &[u8], output: &mut [u8]) -> Result<(), Refusal> {
    let mut input = Octets::of(input);
    let mut left = output;
    while !left.is_empty() {
        let count = input.octet()?;
        let len = match count {
            0..=127 => usize::from(count).saturating_add(1),
            128 => continue, // nothing
            129..=255 => 257_usize.saturating_sub(count.into()),
        };
        let (run, rest) = left.split_at_mut(len.min(left.len()));
        if count < 128 {
            run.copy_from_slice(input.take(run.len())?);
        } else {
            run.fill(input.octet()?);
        }
        left = rest;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The example of TIFF 6.0 §9, page 42.
    #[test]
    fn the_example_of_the_specification_comes_back() {
        let packed = [
            0xfe, 0xaa, 0x02, 0x80, 0x00, 0x2a, 0xfd, 0xaa, 0x03, 0x80, 0x00, 0x2a, 0x22, 0xf7,
            0xaa,
        ];
        let unpacked = [
            0xaa, 0xaa, 0xaa, 0x80, 0x00, 0x2a, 0xaa, 0xaa, 0xaa, 0xaa, 0x80, 0x00, 0x2a, 0x22,
            0xaa, 0xaa, 0xaa, 0xaa, 0xaa, 0xaa, 0xaa, 0xaa, 0xaa, 0xaa,
        ];
        let mut octets = [0; 24];
        decode(&packed, &mut octets).unwrap();
        assert_eq!(octets, unpacked);
        for cut in 0..packed.len() {
            assert_eq!(decode(&packed[..cut], &mut octets), Err(Refusal::Damaged));
        }
        decode(&[&[0x80, 0x80][..], &packed].concat(), &mut octets).unwrap();
        assert_eq!(octets, unpacked);
        let mut short = [0; 20];
        decode(&packed, &mut short).unwrap();
        assert_eq!(short, unpacked[..20]);
    }
}
