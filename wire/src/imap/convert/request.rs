//! What is asked: CONVERT's arguments (RFC 5259 §6), CONVERSIONS and its CONVERSION response (RFC 5259 §5).

use super::super::cursor::{Cursor, Fault, Parsed};
use super::super::encode::Encoder;
use super::super::envelope::spaced;
use super::super::fetch::{label, write_partial};
use super::super::media::{MediaPattern, MediaType};
use super::super::search::astring;
use super::super::section::{PartPath, Partial, Section, SectionText};
use super::super::sequence::SequenceSet;

/// A conversion parameter's name in lower case: a media feature tag (RFC 2506), which compares in any case.
#[derive(Clone, Debug, Eq, Hash, Ord, PartialEq, PartialOrd)]
pub struct ParameterName(Box<str>);

/// Conversion parameters in their order.
pub type Parameters = Vec<(ParameterName, Vec<u8>)>;

/// The arguments of CONVERT and UID CONVERT.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Convert {
    /// Which messages.
    pub set: SequenceSet,
    /// Into what; `None`: NIL, the server's default.
    pub target: Option<MediaType>,
    /// How.
    pub parameters: Parameters,
    /// What to tell of the result; never none.
    pub items: Vec<ConvertItem>,
}

/// What a CONVERT asks for.
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum ConvertItem {
    /// `UID`
    Uid,
    /// `BINARY[part]<partial>`: the converted part, or a range of it
    Binary {
        /// Which part.
        part: PartPath,
        /// Which octets of the result.
        partial: Option<Partial>,
    },
    /// `BINARY.SIZE[part]`: the converted part's size
    BinarySize(PartPath),
    /// `BODYPARTSTRUCTURE[part]`: the converted part's structure
    BodyPartStructure(PartPath),
    /// `AVAILABLECONVERSIONS[part]`: into what it can be converted
    AvailableConversions(PartPath),
    /// `BODY[HEADER]`, `BODY[n.HEADER]`, `BODY[n.MIME]`: a header in another charset
    Header(Section),
}

/// The arguments of CONVERSIONS.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Conversions {
    /// From what.
    pub from: MediaPattern,
    /// Into what.
    pub to: MediaPattern,
}

/// `* CONVERSION`: one pair that can be converted.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Conversion {
    /// From what.
    pub from: MediaType,
    /// Into what.
    pub to: MediaType,
    /// Which parameters are known; none: no list is written.
    pub parameters: Vec<ParameterName>,
}

impl ParameterName {
    /// The parameter of this name, if it is a media feature tag: RFC 2506 §3.1.1 and §4.1, in whichever tree.
    #[must_use]
    pub fn new(name: &str) -> Option<Self> {
        let first = name
            .bytes()
            .next()
            .is_some_and(|octet| octet.is_ascii_alphabetic());
        let fits = |octet: u8| {
            octet.is_ascii_graphic() && !matches!(octet, b'"' | b'\\' | b'(' | b')' | b'<' | b'>')
        };
        (first && name.len() <= NAME && name.bytes().all(fits))
            .then(|| Self(name.to_ascii_lowercase().into()))
    }

    /// The name in lower case.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    pub(super) fn parse(cursor: &mut Cursor<'_>) -> Parsed<Self> {
        let error = cursor.error(Fault::Syntax);
        str::from_utf8(&cursor.astring()?)
            .ok()
            .and_then(Self::new)
            .ok_or(error)
    }

    pub(super) fn write(&self, out: &mut Encoder) {
        out.astring(self.0.as_bytes());
    }
}

/// The longest parameter name that is read. RFC 2506 sets no limit; names are written back in errors, so we do.
const NAME: usize = 256;

/// Reads `(name value ..)`.
pub(super) fn parse_parameters(cursor: &mut Cursor<'_>) -> Parsed<Parameters> {
    cursor.list(|cursor| {
        let name = ParameterName::parse(cursor)?;
        Ok((name, spaced(cursor, astring)?))
    })
}

/// Writes `(name value ..)`.
pub(super) fn write_parameters(parameters: &Parameters, out: &mut Encoder) {
    out.list(parameters, |out, (name, value)| {
        name.write(out);
        out.space().astring(value);
    });
}

/// Reads `(name ..)`.
pub(super) fn parse_names(cursor: &mut Cursor<'_>) -> Parsed<Vec<ParameterName>> {
    cursor.list(ParameterName::parse)
}

impl Convert {
    /// The value of a parameter.
    #[must_use]
    pub fn parameter(&self, name: &str) -> Option<&[u8]> {
        let found = self
            .parameters
            .iter()
            .find(|(known, _)| known.as_str().eq_ignore_ascii_case(name));
        found.map(|(_, value)| value.as_slice())
    }

    /// Reads CONVERT's arguments.
    pub(crate) fn parse(cursor: &mut Cursor<'_>) -> Parsed<Self> {
        let set = SequenceSet::parse(cursor)?;
        cursor.space()?;
        cursor.expect(b'(')?;
        let target = if cursor.eat_word(b"NIL") {
            None
        } else {
            Some(MediaType::parse(cursor)?)
        };
        let parameters = if cursor.eat(b' ') {
            Self::parse_parameters(cursor)?
        } else {
            Vec::new()
        };
        cursor.expect(b')')?;
        cursor.space()?;
        Ok(Self {
            set,
            target,
            parameters,
            items: ConvertItem::parse_all(cursor)?,
        })
    }

    /// At least one, and each once: of two values none could be respected (RFC 5259 §6, §10).
    fn parse_parameters(cursor: &mut Cursor<'_>) -> Parsed<Parameters> {
        let parameters = parse_parameters(cursor)?;
        let mut names: Vec<&ParameterName> = parameters.iter().map(|(name, _)| name).collect();
        names.sort_unstable();
        names.dedup();
        if names.len() == parameters.len() && !names.is_empty() {
            Ok(parameters)
        } else {
            cursor.unexpected()
        }
    }

    pub(crate) fn write(&self, out: &mut Encoder) {
        self.set.write(out);
        out.raw(b" (");
        match &self.target {
            Some(media) => media.write(out),
            None => {
                out.raw(b"NIL");
            }
        }
        if !self.parameters.is_empty() {
            write_parameters(&self.parameters, out.space());
        }
        out.raw(b") ");
        match self.items.as_slice() {
            [item] => item.write(out),
            items => {
                out.list(items, |out, item| item.write(out));
            }
        }
    }
}

impl ConvertItem {
    fn parse_all(cursor: &mut Cursor<'_>) -> Parsed<Vec<Self>> {
        if cursor.peek() != Some(b'(') {
            return Self::parse(cursor).map(|item| vec![item]);
        }
        let items = cursor.list(Self::parse)?;
        if items.is_empty() {
            cursor.unexpected()
        } else {
            Ok(items)
        }
    }

    fn parse(cursor: &mut Cursor<'_>) -> Parsed<Self> {
        let error = cursor.error(Fault::Syntax);
        match label(cursor)?.to_ascii_uppercase().as_slice() {
            b"UID" => Ok(Self::Uid),
            b"BINARY" => {
                let part = PartPath::parse_bracketed(cursor)?;
                Ok(Self::Binary {
                    part,
                    partial: Partial::parse(cursor)?,
                })
            }
            b"BINARY.SIZE" => PartPath::parse_bracketed(cursor).map(Self::BinarySize),
            b"BODYPARTSTRUCTURE" => PartPath::parse_bracketed(cursor).map(Self::BodyPartStructure),
            b"AVAILABLECONVERSIONS" => {
                PartPath::parse_bracketed(cursor).map(Self::AvailableConversions)
            }
            b"BODY" => parse_header(cursor).map(Self::Header),
            _ => Err(error),
        }
    }

    fn write(&self, out: &mut Encoder) {
        match self {
            Self::Uid => {
                out.raw(b"UID");
            }
            Self::Binary { part, partial } => {
                part.write_bracketed(out.raw(b"BINARY"));
                write_partial(*partial, out);
            }
            Self::BinarySize(part) => part.write_bracketed(out.raw(b"BINARY.SIZE")),
            Self::BodyPartStructure(part) => part.write_bracketed(out.raw(b"BODYPARTSTRUCTURE")),
            Self::AvailableConversions(part) => {
                part.write_bracketed(out.raw(b"AVAILABLECONVERSIONS"))
            }
            Self::Header(section) => section.write_bracketed(out.raw(b"BODY")),
        }
    }
}

/// Reads `[HEADER]`, `[n.HEADER]` or `[n.MIME]`: RFC 5259 §10 converts no other section's text.
pub(super) fn parse_header(cursor: &mut Cursor<'_>) -> Parsed<Section> {
    let error = cursor.error(Fault::Syntax);
    let section = Section::parse_bracketed(cursor)?;
    match section.text {
        Some(SectionText::Header | SectionText::Mime) => Ok(section),
        Some(
            SectionText::HeaderFields(_) | SectionText::HeaderFieldsNot(_) | SectionText::Text,
        )
        | None => Err(error),
    }
}

impl Conversions {
    pub(crate) fn parse(cursor: &mut Cursor<'_>) -> Parsed<Self> {
        Ok(Self {
            from: MediaPattern::parse(cursor)?,
            to: spaced(cursor, MediaPattern::parse)?,
        })
    }

    pub(crate) fn write(&self, out: &mut Encoder) {
        self.from.write(out);
        self.to.write(out.space());
    }
}

impl Conversion {
    /// Reads what follows `* CONVERSION `.
    pub(crate) fn parse(cursor: &mut Cursor<'_>) -> Parsed<Self> {
        let (from, to) = (MediaType::parse(cursor)?, spaced(cursor, MediaType::parse)?);
        let parameters = if cursor.eat(b' ') {
            parse_names(cursor)?
        } else {
            Vec::new()
        };
        Ok(Self {
            from,
            to,
            parameters,
        })
    }

    pub(crate) fn write(&self, out: &mut Encoder) {
        self.from.write(out);
        self.to.write(out.space());
        if !self.parameters.is_empty() {
            out.space()
                .list(&self.parameters, |out, name| name.write(out));
        }
    }
}
