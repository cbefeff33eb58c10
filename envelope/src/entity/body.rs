//! A leaf's body, decoded in the memory in which its part was opened: a large part is held once.

use std::ops::Range;

use secret::Plaintext;
use zeroize::Zeroizing;

use super::{Entity, EntityError};
use crate::transfer::{Decoder, TransferEncoding};

/// Encoded octets that are taken out of the way at once.
const RUN: usize = 8 * 1024;

/// Where a body lies in the octets that its entity was parsed from, and how it is encoded.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Place {
    range: Range<usize>,
    encoding: TransferEncoding,
}

/// A decoded body; wiped on drop, with all that was around it.
pub struct Body {
    octets: Plaintext,
    range: Range<usize>,
}

impl Entity<'_> {
    /// Where the body lies in `octets`, which this entity was parsed from.
    ///
    /// # Errors
    /// [`EntityError::UnknownEncoding`]; [`EntityError::NotMime`] for other octets.
    pub fn place(&self, octets: &[u8]) -> Result<Place, EntityError> {
        let encoding = self.encoding()?;
        if self.body.is_empty() {
            let range = 0..0;
            return Ok(Place { range, encoding });
        }
        let start = self
            .body
            .as_ptr()
            .addr()
            .checked_sub(octets.as_ptr().addr());
        let start = start.ok_or(EntityError::NotMime)?;
        let range = start..start.saturating_add(self.body.len());
        if octets.get(range.clone()).is_some() {
            Ok(Place { range, encoding })
        } else {
            Err(EntityError::NotMime)
        }
    }
}

impl Body {
    /// Decodes the body at `place` in `octets`, of at most `limit` octets. What needs no decoding stays where it is; what was
    /// before it is overwritten otherwise.
    ///
    /// # Errors
    /// [`EntityError`]
    pub fn decode(mut octets: Plaintext, place: Place, limit: usize) -> Result<Self, EntityError> {
        let Place { range, encoding } = place;
        let range = match encoding {
            TransferEncoding::Identity => range,
            TransferEncoding::Base64 | TransferEncoding::QuotedPrintable => {
                let len = decode_in_place(octets.expose_mut(), range, encoding, limit)?;
                octets.truncate(len);
                0..len
            }
        };
        let fits = range.len() <= limit;
        fits.then_some(Self { octets, range })
            .ok_or(EntityError::Exceeded)
    }

    /// The octets.
    #[must_use]
    pub fn expose(&self) -> &[u8] {
        self.octets
            .expose()
            .get(self.range.clone())
            .unwrap_or_default()
    }
}

/// Decodes the octets of `range` to the start of `octets` and says how many they became. No encoding makes fewer octets of
/// more, so what is written never overtakes what is read.
fn decode_in_place(
    octets: &mut [u8],
    range: Range<usize>,
    encoding: TransferEncoding,
    limit: usize,
) -> Result<usize, EntityError> {
    let mut decoder = Decoder::new(encoding);
    let mut run = Zeroizing::new([0; RUN]);
    let mut written = 0_usize;
    let mut read = range.start;
    while read < range.end {
        let end = read.saturating_add(RUN).min(range.end);
        let encoded = octets.get(read..end).ok_or(EntityError::Damaged)?;
        let run = run.get_mut(..encoded.len()).ok_or(EntityError::Damaged)?;
        run.copy_from_slice(encoded);
        read = end;
        decoder.decode(run, |decoded| {
            let end = written.saturating_add(decoded.len());
            if end > limit {
                return Err(EntityError::Exceeded);
            }
            let room = octets
                .get_mut(..read)
                .and_then(|room| room.get_mut(written..end));
            room.ok_or(EntityError::Damaged)?.copy_from_slice(decoded);
            written = end;
            Ok(())
        })?;
    }
    decoder.finish()?;
    Ok(written)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn held(text: &[u8]) -> Plaintext {
        Plaintext::adopt(text.to_vec())
    }

    /// The body of the entity `text`, decoded in place, and decoded into room of its own.
    fn both(text: &[u8], limit: usize) -> [Result<Vec<u8>, EntityError>; 2] {
        let octets = held(text);
        let entity = Entity::parse(octets.expose()).unwrap();
        let apart = entity.decode(limit).map(|body| body.expose().to_vec());
        let place = entity.place(octets.expose());
        let within = place.and_then(|place| Body::decode(octets, place, limit));
        [apart, within.map(|body| body.expose().to_vec())]
    }

    fn entity(encoding: &str, body: &[u8]) -> Vec<u8> {
        let header =
            format!("Content-Type: image/png\r\nContent-Transfer-Encoding: {encoding}\r\n\r\n");
        [header.as_bytes(), body].concat()
    }

    #[test]
    fn a_body_decoded_in_place_is_the_body() {
        let lines = |line: &[u8], count: usize| line.repeat(count);
        for (encoding, body) in [
            (
                "base64",
                lines(b"AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8g\r\n", 2000),
            ),
            ("base64", b"aGVsbG8=".to_vec()),
            ("quoted-printable", lines(b"a=3Db=20 \t=\r\nc \r\n", 3000)),
            ("quoted-printable", b"plain".to_vec()),
            ("8bit", lines(b"as it is\n", 5000)),
            ("base64", Vec::new()),
            ("base64", lines(b"AAEC!", 10)),
            ("quoted-printable", b"=zz".to_vec()),
        ] {
            let text = entity(encoding, &body);
            for limit in [usize::MAX, 100] {
                let [apart, within] = both(&text, limit);
                assert_eq!(apart, within, "{encoding}, at most {limit}");
            }
        }
    }

    #[test]
    fn octets_before_the_body_may_be_as_few_as_there_are() {
        // The header is the shortest that there is: what is decoded lies over what was just read.
        let text = b"Content-Transfer-Encoding:base64\n\n".to_vec();
        let text = [text, b"Zm9v".repeat(40_000)].concat();
        let [apart, within] = both(&text, usize::MAX);
        assert_eq!(within.as_deref(), Ok(&*b"foo".repeat(40_000)));
        assert_eq!(apart, within);
    }

    #[test]
    fn other_octets_have_no_place_for_it() {
        let (octets, others) = (held(&entity("8bit", b"x")), held(b"x"));
        let entity = Entity::parse(octets.expose()).unwrap();
        assert_eq!(entity.place(others.expose()), Err(EntityError::NotMime));
        assert!(entity.place(octets.expose()).is_ok());
    }
}
