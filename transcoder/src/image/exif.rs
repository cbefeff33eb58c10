//! EXIF metadata (CIPA DC-008): of all that it says, how the picture is to be turned.

use image::metadata::Orientation;

use super::survey;

/// Before the TIFF header in JPEG's segment, and by habit of some programs in WebP's and PNG's chunks too.
const PREFIX: &[u8] = b"Exif\0\0";

/// How a picture with this metadata is to be turned; what cannot be read turns nothing.
pub(super) fn orientation(metadata: &[u8]) -> Orientation {
    let file = metadata.strip_prefix(PREFIX).unwrap_or(metadata);
    survey::tiff_orientation(file)
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
            assert_eq!(orientation(&plain), Orientation::Rotate90, "{kind}");
            let prefixed = [PREFIX, &plain].concat();
            assert_eq!(orientation(&prefixed), Orientation::Rotate90, "{kind}");
        }
        let big = b"MM\0*\0\0\0\x08\0\x01\x01\x12\0\x03\0\0\0\x01\0\x03\0\0\0\0\0\0";
        assert_eq!(orientation(big), Orientation::Rotate180);
    }

    #[test]
    fn what_cannot_be_read_turns_nothing() {
        let whole = metadata(3, [6, 0, 0, 0]);
        for len in 0..whole.len() - 4 {
            assert_eq!(orientation(&whole[..len]), Orientation::NoTransforms);
        }
        for wrong in [metadata(3, [9, 0, 0, 0]), metadata(2, [6, 0, 0, 0])] {
            assert_eq!(orientation(&wrong), Orientation::NoTransforms);
        }
    }
}
