//! BODY and BODYSTRUCTURE (RFC 9051 §7.5.2, §9 `body`).

use super::cursor::{Cursor, Parsed};
use super::encode::Encoder;
use super::envelope::{Envelope, NString};
use super::section::PartPath;

/// Parameters of a media type or disposition, in their order.
pub type Parameters = Vec<(Vec<u8>, Vec<u8>)>;

/// `Content-Disposition`.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Disposition {
    /// `attachment`, `inline` or another.
    pub kind: Vec<u8>,
    /// `filename` and others.
    pub parameters: Parameters,
}

/// What a BODYSTRUCTURE tells more of a part than a BODY. Further extension data is skipped.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub struct Extension {
    /// `Content-Disposition`.
    pub disposition: Option<Disposition>,
    /// `Content-Language`; empty is NIL on the wire.
    pub language: Vec<Vec<u8>>,
    /// `Content-Location`.
    pub location: NString,
}

/// What every part that is no multipart has.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub struct Fields {
    /// The media type, as written: compare in any case.
    pub media_type: Vec<u8>,
    /// The media subtype, as written: compare in any case.
    pub media_subtype: Vec<u8>,
    /// Parameters of the media type.
    pub parameters: Parameters,
    /// `Content-ID`.
    pub id: NString,
    /// `Content-Description`.
    pub description: NString,
    /// `Content-Transfer-Encoding`.
    pub encoding: Vec<u8>,
    /// The part's size in its transfer encoding.
    pub octets: u64,
    /// `Content-MD5`; only told with an extension.
    pub md5: NString,
    /// In a BODYSTRUCTURE always there; in a BODY never.
    pub extension: Option<Extension>,
}

/// A part that has parts.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Multipart {
    /// Its parts; never none.
    pub parts: Vec<BodyStructure>,
    /// The media subtype, as written: compare in any case.
    pub media_subtype: Vec<u8>,
    /// Parameters of the media type; only told with an extension.
    pub parameters: Parameters,
    /// In a BODYSTRUCTURE always there; in a BODY never.
    pub extension: Option<Extension>,
}

/// A message's or part's structure.
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum BodyStructure {
    /// Any media type but those below.
    Basic(Fields),
    /// `text/*`.
    Text {
        /// What every part has.
        fields: Fields,
        /// The part's lines in its transfer encoding.
        lines: u64,
    },
    /// `message/rfc822` and `message/global`.
    Message {
        /// What every part has.
        fields: Fields,
        /// The enclosed message's envelope.
        envelope: Box<Envelope>,
        /// The enclosed message's structure.
        body: Box<BodyStructure>,
        /// The part's lines.
        lines: u64,
    },
    /// `multipart/*`.
    Multipart(Multipart),
}

impl BodyStructure {
    /// What a part that is no multipart has.
    #[must_use]
    pub fn fields(&self) -> Option<&Fields> {
        todo!()
    }

    /// The structure's extension, if it has one.
    #[must_use]
    pub fn extension(&self) -> Option<&Extension> {
        todo!()
    }

    /// `type/subtype` in lower case.
    #[must_use]
    pub fn media_name(&self) -> String {
        todo!()
    }

    /// The part at `path`; the empty path is this itself. A message that is no multipart is its own part 1
    /// (RFC 9051 §6.4.5), and so is the message in a message/rfc822 part.
    #[must_use]
    pub fn part(&self, path: &PartPath) -> Option<&BodyStructure> {
        todo!()
    }

    /// Every part that is no multipart, with its path, in order; messages in messages are descended into after
    /// themselves.
    #[must_use]
    pub fn leaves(&self) -> Vec<(PartPath, &BodyStructure)> {
        todo!()
    }

    /// Reads all of `raw` as one body.
    ///
    /// # Errors
    /// When it is none.
    pub fn parse(raw: &[u8]) -> Parsed<Self> {
        let mut cursor = Cursor::new(raw);
        let body = Self::read(&mut cursor)?;
        cursor.end()?;
        Ok(body)
    }

    /// The body as it stands in a response.
    #[must_use]
    pub fn encode(&self) -> Vec<u8> {
        todo!()
    }

    pub(crate) fn read(cursor: &mut Cursor<'_>) -> Parsed<Self> {
        todo!()
    }

    pub(crate) fn write(&self, out: &mut Encoder) {
        todo!()
    }
}
