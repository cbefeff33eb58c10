//! How much an entity is, and of which kind, told from its first octets alone.

use secret::Plaintext;

use super::field::ContentType;
use super::{Unsaid, content_type, encoding, field, image_type, signed};
use crate::cms::signed::SignedReader;
use crate::transfer::{Decoder, TransferEncoding};

/// How much a key opens.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Extent {
    /// One leaf part.
    OnePart(Leaf),
    /// A multipart or a whole message: everything in it has this one key.
    SeveralParts,
    /// The first octets do not say.
    Unknown,
}

/// What a leaf says that it is, or shows: no more than is needed to tell whether it is worth a reveal.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Leaf {
    /// A picture.
    Picture,
    /// Sound.
    Sound,
    /// Anything else: texts, documents, what says nothing of itself.
    Other,
}

/// How many signatures are looked through.
const MAX_LAYERS: usize = 4;

/// What the first octets of an entity say of its extent. Nothing of them is given out.
pub(crate) fn extent(first_octets: &[u8]) -> Extent {
    look(first_octets, MAX_LAYERS)
}

fn look(first_octets: &[u8], layers: usize) -> Extent {
    if !field::begins_with_field(first_octets) {
        let picture = Extent::OnePart(Leaf::Picture);
        return image_type(first_octets).map_or(Extent::Unknown, |_| picture);
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
        (_, Some(_)) => Extent::OnePart(leaf(&content_type, body, encoding)),
    }
}

/// By its type; where that says nothing (RFC 2046 §4.5.1), by its first octets.
fn leaf(content_type: &ContentType, body: &[u8], encoding: TransferEncoding) -> Leaf {
    match (content_type.top_level(), content_type.essence()) {
        ("image", _) => Leaf::Picture,
        ("audio", _) | (_, "application/ogg") => Leaf::Sound,
        (_, "application/octet-stream") => untold(body, encoding),
        (_, _) => Leaf::Other,
    }
}

fn untold(body: &[u8], encoding: TransferEncoding) -> Leaf {
    let mut first = Plaintext::with_limit(body.len());
    let read = Decoder::new(encoding).decode(body, |octets| {
        first.extend(octets)?;
        Ok::<_, super::EntityError>(())
    });
    let picture = read.ok().and(image_type(first.expose()));
    picture.map_or(Leaf::Other, |_| Leaf::Picture)
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
                Extent::OnePart(Leaf::Picture),
            ),
            (
                b"Content-Type: IMAGE/heic\r\n\r\n.",
                Extent::OnePart(Leaf::Picture),
            ),
            (
                b"Content-Type: audio/mpeg\r\n\r\n.",
                Extent::OnePart(Leaf::Sound),
            ),
            (
                b"Content-Type: application/octet-stream\r\nContent-Transfer-Encoding: base64\r\n\r\n/9j/4AAQ",
                Extent::OnePart(Leaf::Picture),
            ),
            (
                b"Content-Type: application/octet-stream\r\n\r\nMZ",
                Extent::OnePart(Leaf::Other),
            ),
            (b"\xff\xd8\xff\xe0", Extent::OnePart(Leaf::Picture)),
            (b"\r\ntext", Extent::OnePart(Leaf::Other)),
            (b"X-A: b\r\n\r\ntext", Extent::OnePart(Leaf::Other)),
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
