//! BODY and BODYSTRUCTURE (RFC 9051 §7.5.2, §9 `body`).

mod fields;

use std::num::NonZeroU32;

use super::cursor::{Cursor, Parsed};
use super::encode::{Encoder, Literals};
use super::envelope::{Envelope, spaced};
use super::section::PartPath;
use super::value::Value;
pub use fields::{Disposition, Extension, Fields, Parameters};
use fields::{parameters, string, write_parameters};

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
        match self {
            Self::Basic(fields) | Self::Text { fields, .. } | Self::Message { fields, .. } => {
                Some(fields)
            }
            Self::Multipart(_) => None,
        }
    }

    /// The structure's extension, if it has one.
    #[must_use]
    pub fn extension(&self) -> Option<&Extension> {
        match self {
            Self::Basic(fields) | Self::Text { fields, .. } | Self::Message { fields, .. } => {
                fields.extension.as_ref()
            }
            Self::Multipart(multipart) => multipart.extension.as_ref(),
        }
    }

    /// `type/subtype` in lower case, what is no UTF-8 replaced.
    #[must_use]
    pub fn media_name(&self) -> String {
        let (top, sub) = match self {
            Self::Basic(fields) | Self::Text { fields, .. } | Self::Message { fields, .. } => {
                (fields.media_type.as_slice(), &fields.media_subtype)
            }
            Self::Multipart(multipart) => (b"multipart".as_slice(), &multipart.media_subtype),
        };
        format!(
            "{}/{}",
            String::from_utf8_lossy(top),
            String::from_utf8_lossy(sub)
        )
        .to_ascii_lowercase()
    }

    /// A parameter of the media type, its name in any case.
    #[must_use]
    pub fn parameter(&self, name: &str) -> Option<&[u8]> {
        let parameters = match self {
            Self::Basic(fields) | Self::Text { fields, .. } | Self::Message { fields, .. } => {
                &fields.parameters
            }
            Self::Multipart(multipart) => &multipart.parameters,
        };
        let found = parameters
            .iter()
            .find(|(known, _)| known.eq_ignore_ascii_case(name.as_bytes()));
        found.map(|(_, value)| value.as_slice())
    }

    /// The part at `path`; the empty path is this itself. A message that is no multipart is its own part 1
    /// (RFC 9051 §6.4.5), and so is the message in a message/rfc822 part.
    #[must_use]
    pub fn part(&self, path: &PartPath) -> Option<&Self> {
        let mut found = self;
        let mut container = Some(self);
        for number in &path.0 {
            found = container?.numbered(*number)?;
            container = found.container();
        }
        Some(found)
    }

    /// Every part that is no multipart, with its path, in order; messages in messages are descended into after
    /// themselves.
    #[must_use]
    pub fn leaves(&self) -> Vec<(PartPath, &Self)> {
        let mut leaves = Vec::new();
        self.gather(&PartPath::default(), &mut leaves);
        leaves
    }

    /// Part `number` of this, this being a message's content.
    fn numbered(&self, number: NonZeroU32) -> Option<&Self> {
        match self {
            Self::Multipart(multipart) => multipart
                .parts
                .get(usize::try_from(number.get()).ok()?.checked_sub(1)?),
            Self::Basic(_) | Self::Text { .. } | Self::Message { .. } => {
                (number == NonZeroU32::MIN).then_some(self)
            }
        }
    }

    /// What the next number of a path counts in, behind this part.
    fn container(&self) -> Option<&Self> {
        match self {
            Self::Multipart(_) => Some(self),
            Self::Message { body, .. } => Some(body),
            Self::Basic(_) | Self::Text { .. } => None,
        }
    }

    fn gather<'s>(&'s self, path: &PartPath, leaves: &mut Vec<(PartPath, &'s Self)>) {
        for number in (1..).map_while(NonZeroU32::new) {
            let Some(part) = self.numbered(number) else {
                return;
            };
            let path = PartPath(path.0.iter().copied().chain([number]).collect());
            if part.fields().is_some() {
                leaves.push((path.clone(), part));
            }
            if let Some(container) = part.container() {
                container.gather(&path, leaves);
            }
        }
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
        let mut out = Encoder::new(Literals::Server);
        self.write(&mut out);
        out.unended().into_octets()
    }

    pub(crate) fn read(cursor: &mut Cursor<'_>) -> Parsed<Self> {
        cursor.node()?;
        cursor.expect(b'(')?;
        cursor.nested(|cursor| {
            let body = if cursor.peek() == Some(b'(') {
                Self::read_multipart(cursor)
            } else {
                Self::read_single(cursor)
            };
            let body = body?;
            // RFC 9051 §7.5.2: further extension data may follow, and must be ignored.
            while cursor.eat(b' ') {
                Value::read(cursor)?;
            }
            cursor.expect(b')')?;
            Ok(body)
        })
    }

    fn read_multipart(cursor: &mut Cursor<'_>) -> Parsed<Self> {
        let mut parts = Vec::new();
        while cursor.peek() == Some(b'(') {
            parts.push(Self::read(cursor)?);
        }
        let media_subtype = spaced(cursor, string)?;
        if !cursor.eat(b' ') {
            return Ok(Self::Multipart(Multipart {
                parts,
                media_subtype,
                parameters: Vec::new(),
                extension: None,
            }));
        }
        let parameters = parameters(cursor)?;
        let extension = Some(Extension::read(cursor)?);
        Ok(Self::Multipart(Multipart {
            parts,
            media_subtype,
            parameters,
            extension,
        }))
    }

    fn read_single(cursor: &mut Cursor<'_>) -> Parsed<Self> {
        let mut fields = Fields::read(cursor)?;
        let is = |octets: &[u8], name: &str| octets.eq_ignore_ascii_case(name.as_bytes());
        let (top, sub) = (&fields.media_type, &fields.media_subtype);
        if is(top, "text") {
            let lines = spaced(cursor, Cursor::number64)?;
            fields.read_extension(cursor)?;
            Ok(Self::Text { fields, lines })
        } else if is(top, "message") && (is(sub, "rfc822") || is(sub, "global")) {
            let envelope = Box::new(spaced(cursor, Envelope::read)?);
            let body = Box::new(spaced(cursor, Self::read)?);
            let lines = spaced(cursor, Cursor::number64)?;
            fields.read_extension(cursor)?;
            Ok(Self::Message {
                fields,
                envelope,
                body,
                lines,
            })
        } else {
            fields.read_extension(cursor)?;
            Ok(Self::Basic(fields))
        }
    }

    pub(crate) fn write(&self, out: &mut Encoder) {
        out.raw(b"(");
        match self {
            Self::Basic(fields) => {
                fields.write(out);
                fields.write_extension(out);
            }
            Self::Text { fields, lines } => {
                fields.write(out);
                out.space().number(*lines);
                fields.write_extension(out);
            }
            Self::Message {
                fields,
                envelope,
                body,
                lines,
            } => {
                fields.write(out);
                envelope.write(out.space());
                body.write(out.space());
                out.space().number(*lines);
                fields.write_extension(out);
            }
            Self::Multipart(multipart) => multipart.write(out),
        }
        out.raw(b")");
    }
}

impl Multipart {
    /// RFC 9051 §9, `body-type-mpart`: parts stand without spaces between them.
    fn write(&self, out: &mut Encoder) {
        for part in &self.parts {
            part.write(out);
        }
        out.space().string(&self.media_subtype);
        if let Some(extension) = &self.extension {
            write_parameters(out.space(), &self.parameters);
            extension.write(out);
        }
    }
}

#[cfg(test)]
mod tests;
