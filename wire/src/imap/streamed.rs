//! FETCH and CONVERTED responses whose literals a server sends by itself, because they are too large to be held or copied.

use super::convert::{Converted, ConvertedAttribute};
use super::encode::{Encoder, Literals};
use super::fetch::{FetchAttribute, FetchResponse};
use super::section::{PartPath, Partial};
use super::sequence::SeqNum;
use super::tag::Tag;
use crate::frame::Binary;

impl FetchResponse {
    /// What stands behind the last attribute.
    pub const CLOSE: &[u8] = b")\r\n";

    /// What stands before the first attribute. Attributes are separated by single spaces.
    #[must_use]
    pub fn open(message: SeqNum) -> Vec<u8> {
        let mut out = Encoder::new(Literals::Server);
        out.raw(b"* ")
            .number(message.value().into())
            .raw(b" FETCH (");
        out.unended().into_octets()
    }
}

impl FetchAttribute {
    /// The attribute as it stands between the parentheses.
    #[must_use]
    pub fn encode(&self) -> Vec<u8> {
        let mut out = Encoder::new(Literals::Server);
        self.write(&mut out);
        out.unended().into_octets()
    }

    /// The attribute up to the announcement of a literal: its `octets` octets must follow, its own are not looked at.
    /// An attribute that has no octets is encoded as it is.
    #[must_use]
    pub fn announce(&self, octets: u64, binary: Binary) -> Vec<u8> {
        let mut out = Encoder::new(Literals::Server);
        match self {
            Self::Rfc822(_) => out.raw(b"RFC822 ").announce(octets, binary),
            Self::Rfc822Header(_) => out.raw(b"RFC822.HEADER ").announce(octets, binary),
            Self::Rfc822Text(_) => out.raw(b"RFC822.TEXT ").announce(octets, binary),
            Self::Section {
                section, origin, ..
            } => {
                section.write_bracketed(out.raw(b"BODY"));
                Partial::write_origin(*origin, &mut out);
                out.space().announce(octets, binary)
            }
            Self::Binary { part, origin, .. } => {
                part.write_bracketed(out.raw(b"BINARY"));
                Partial::write_origin(*origin, &mut out);
                out.space().announce(octets, binary)
            }
            Self::Envelope(_)
            | Self::Flags(_)
            | Self::InternalDate(_)
            | Self::Rfc822Size(_)
            | Self::Body(_)
            | Self::BodyStructure(_)
            | Self::Uid(_)
            | Self::ModSeq(_)
            | Self::BinarySize { .. }
            | Self::Unknown(_) => return self.encode(),
        };
        out.unended().into_octets()
    }
}

impl Converted {
    /// What stands behind the last attribute.
    pub const CLOSE: &[u8] = b")\r\n";

    /// What stands before the first attribute. Attributes are separated by single spaces.
    #[must_use]
    pub fn open(message: SeqNum, tag: &Tag) -> Vec<u8> {
        let mut out = Encoder::new(Literals::Server);
        Self::write_head(message, tag, &mut out);
        out.raw(b"(");
        out.unended().into_octets()
    }
}

impl ConvertedAttribute {
    /// The attribute as it stands between the parentheses.
    #[must_use]
    pub fn encode(&self) -> Vec<u8> {
        let mut out = Encoder::new(Literals::Server);
        self.write(&mut out);
        out.unended().into_octets()
    }

    /// `BINARY` of this part up to the announcement of a literal: its `octets` octets must follow.
    #[must_use]
    pub fn announce(part: &PartPath, origin: Option<u64>, octets: u64, binary: Binary) -> Vec<u8> {
        let mut out = Encoder::new(Literals::Server);
        Self::write_binary(part, origin, &mut out);
        out.space().announce(octets, binary);
        out.unended().into_octets()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::imap::section::Section;

    #[test]
    fn pieces_of_a_conversion_are_the_whole() {
        let part = PartPath::new("2").unwrap();
        let (message, tag) = (SeqNum::new(7).unwrap(), Tag::new("c").unwrap());
        let size = ConvertedAttribute::BinarySize {
            part: part.clone(),
            outcome: Ok(3),
        };
        let octets = b"a\0b".to_vec();
        let whole = Converted {
            message,
            tag: tag.clone(),
            attributes: vec![
                size.clone(),
                ConvertedAttribute::Binary {
                    part: part.clone(),
                    origin: Some(1),
                    outcome: Ok(Some(octets.clone())),
                },
            ],
        };
        let mut pieces = Converted::open(message, &tag);
        pieces.extend(size.encode());
        pieces.push(b' ');
        pieces.extend(ConvertedAttribute::announce(&part, Some(1), 3, Binary::Yes));
        pieces.extend(octets);
        pieces.extend(Converted::CLOSE);
        assert_eq!(pieces, whole.encode());
    }

    /// A response that is sent in pieces is the response that would be sent whole.
    #[test]
    fn pieces_are_the_whole() {
        let octets = b"a\r\nb".to_vec();
        let attribute = |octets| FetchAttribute::Section {
            section: Section::default(),
            origin: Some(0),
            octets,
        };
        let message = SeqNum::new(7).unwrap();
        let size = FetchAttribute::Rfc822Size(4);
        let whole = FetchResponse {
            message,
            attributes: vec![size.clone(), attribute(Some(octets.clone()))],
        };
        let mut pieces = FetchResponse::open(message);
        pieces.extend(size.encode());
        pieces.push(b' ');
        pieces.extend(attribute(None).announce(4, Binary::No));
        pieces.extend(octets);
        pieces.extend(FetchResponse::CLOSE);
        assert_eq!(pieces, whole.encode());
    }
}
