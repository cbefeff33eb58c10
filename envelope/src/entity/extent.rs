//! How much an entity is, told from its first octets alone.

use secret::Plaintext;

use super::{Unsaid, content_type, encoding, field, image_type, signed};
use crate::cms::signed::SignedReader;
use crate::transfer::{Decoder, TransferEncoding};

/// How much a key opens.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Extent {
    /// One leaf part.
    OnePart,
    /// A multipart or a whole message: everything in it has this one key.
    SeveralParts,
    /// The first octets do not say.
    Unknown,
}

/// How many signatures are looked through.
const MAX_LAYERS: usize = 4;

/// What the first octets of an entity say of its extent. Nothing of them is given out.
pub(crate) fn extent(first_octets: &[u8]) -> Extent {
    look(first_octets, MAX_LAYERS)
}

fn look(first_octets: &[u8], layers: usize) -> Extent {
    if !field::begins_with_field(first_octets) {
        return image_type(first_octets).map_or(Extent::Unknown, |_| Extent::OnePart);
    }
    let Ok((fields, body)) = field::split_header(first_octets) else {
        return Extent::Unknown;
    };
    let (Ok(content_type), Some(encoding)) =
        (content_type(&fields, Unsaid::Text), encoding(&fields))
    else {
        return Extent::Unknown;
    };
    // A header that is not over may yet say what the entity is.
    let said = field::find(&fields, "content-type").is_some() || !body.is_empty();
    match (content_type.top_level(), layers.checked_sub(1)) {
        ("multipart" | "message", _) => Extent::SeveralParts,
        _leaf if !said || body.is_empty() => Extent::Unknown,
        (_, Some(left)) if signed::is_signed(&content_type) => look_inside(body, encoding, left),
        (_, None) => Extent::Unknown,
        (_, Some(_)) => Extent::OnePart,
    }
}

/// Through an opaque signature, as far as its octets go.
fn look_inside(body: &[u8], encoding: TransferEncoding, layers: usize) -> Extent {
    let mut reader = SignedReader::new();
    let mut inner = Plaintext::with_limit(body.len());
    let read = Decoder::new(encoding).decode(body, |mut octets| {
        while let Some(run) = reader.next(&mut octets)? {
            inner.extend(run)?;
        }
        Ok::<_, super::EntityError>(())
    });
    read.map_or(Extent::Unknown, |()| look(inner.expose(), layers))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_octets_say_how_much_there_is() {
        for (octets, expected) in [
            (
                &b"Content-Type: multipart/mixed; boundary=b\r\n\r\n--b"[..],
                Extent::SeveralParts,
            ),
            (
                b"Content-Type: message/rfc822\r\n\r\nSubject: x",
                Extent::SeveralParts,
            ),
            (
                b"Content-Type: image/jpeg\r\n\r\n\xff\xd8\xff",
                Extent::OnePart,
            ),
            (b"\xff\xd8\xff\xe0", Extent::OnePart),
            (b"\r\ntext", Extent::OnePart),
            (b"X-A: b\r\n\r\ntext", Extent::OnePart),
            (b"X-A: b\r\n", Extent::Unknown),
            (b"Content-Type: mult", Extent::Unknown),
            (b"Content-Type: image/jpeg\r\n", Extent::Unknown),
            (b"", Extent::Unknown),
            (b"\x00\x01", Extent::Unknown),
        ] {
            assert_eq!(
                extent(octets),
                expected,
                "{}",
                String::from_utf8_lossy(octets)
            );
        }
    }

    #[test]
    fn signatures_are_looked_through() {
        let signed = include_bytes!("../../tests/vectors/signed.eml");
        assert_eq!(extent(signed), Extent::SeveralParts);
        // Cut within the content, at a line's end.
        let cut = signed.windows(2).position(|two| two == b"\n\n").unwrap() + 2 + 4 * 65;
        assert_eq!(extent(&signed[..cut]), Extent::SeveralParts);
    }
}
