//! EXIF metadata (CIPA DC-008): of all that it says, how the picture is to be turned.

use image::metadata::Orientation;

use super::octets::Octets;
use super::survey;
use crate::refusal::Refusal;

/// Before the TIFF header in JPEG's segment, and by habit of some programs in WebP's and PNG's chunks too.
const PREFIX: &[u8] = b"Exif\0\0";

/// TIFF 6.0 §8: the field.
const ORIENTATION: u16 = 274;

/// How a picture with this metadata is to be turned; `None` where that is not said. What cannot be read turns nothing.
pub(super) fn orientation(metadata: &[u8]) -> Option<Orientation> {
    let file = metadata.strip_prefix(PREFIX).unwrap_or(metadata);
    let said = is_said(file).unwrap_or(false);
    said.then(|| survey::tiff_orientation(file))
}

/// Whether the field is in the first directory (TIFF 6.0 §2), whatever it says.
fn is_said(file: &[u8]) -> Result<bool, Refusal> {
    let little = file.starts_with(b"II");
    let short = |octets: &mut Octets<'_>| {
        if little {
            octets.u16_le()
        } else {
            octets.u16_be()
        }
    };
    let mut octets = Octets::of(file);
    octets.take(4)?;
    let at = if little {
        octets.u32_le()?
    } else {
        octets.u32_be()?
    };
    let mut octets = Octets::of(file);
    octets.take_announced(at)?;
    for _ in 0..short(&mut octets)? {
        if short(&mut octets)? == ORIENTATION {
            return Ok(true);
        }
        octets.take(10)?;
    }
    Ok(false)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Metadata with one field, of type `kind` and value `value`.
    fn metadata(kind: u8, value: [u8; 4]) -> Vec<u8> {
        let field = [&[0x12, 1, kind, 0, 1, 0, 0, 0], &value[..]].concat();
        [&b"II*\0\x08\0\0\0\x01\0"[..], &field, &[0; 4]].concat()
    }

    #[test]
    fn the_orientation_is_read_whatever_number_it_is_written_as() {
        for kind in [1, 3, 4, 9] {
            let plain = metadata(kind, [6, 0, 0, 0]);
            assert_eq!(orientation(&plain), Some(Orientation::Rotate90), "{kind}");
            let prefixed = [PREFIX, &plain].concat();
            assert_eq!(orientation(&prefixed), orientation(&plain), "{kind}");
        }
        let big = b"MM\0*\0\0\0\x08\0\x01\x01\x12\0\x03\0\0\0\x01\0\x03\0\0\0\0\0\0";
        assert_eq!(orientation(big), Some(Orientation::Rotate180));
    }

    #[test]
    fn what_cannot_be_read_turns_nothing() {
        let whole = metadata(3, [6, 0, 0, 0]);
        for len in 0..whole.len() - 4 {
            let cut = orientation(&whole[..len]);
            assert_eq!(
                cut.unwrap_or(Orientation::NoTransforms),
                Orientation::NoTransforms
            );
        }
        for wrong in [metadata(3, [9, 0, 0, 0]), metadata(2, [6, 0, 0, 0])] {
            assert_eq!(orientation(&wrong), Some(Orientation::NoTransforms));
        }
    }

    #[test]
    fn metadata_without_the_field_says_nothing() {
        let mut other = metadata(3, [6, 0, 0, 0]);
        other[10] = 0x13;
        assert_eq!(orientation(&other), None);
        assert_eq!(orientation(b""), None);
        assert_eq!(orientation(b"II*\0\xff\xff\xff\xff"), None);
    }
}
