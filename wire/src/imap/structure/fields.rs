//! What every part has in its structure: fields, and the extension of a BODYSTRUCTURE.

use super::super::cursor::{Cursor, Parsed};
use super::super::encode::Encoder;
use super::super::envelope::{NString, nstring, spaced};

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

impl Fields {
    pub(super) fn read(cursor: &mut Cursor<'_>) -> Parsed<Self> {
        Ok(Self {
            media_type: string(cursor)?,
            media_subtype: spaced(cursor, string)?,
            parameters: spaced(cursor, parameters)?,
            id: spaced(cursor, nstring)?,
            description: spaced(cursor, nstring)?,
            encoding: spaced(cursor, string)?,
            octets: spaced(cursor, Cursor::number64)?,
            md5: None,
            extension: None,
        })
    }

    pub(super) fn read_extension(&mut self, cursor: &mut Cursor<'_>) -> Parsed<()> {
        if cursor.eat(b' ') {
            self.md5 = nstring(cursor)?;
            self.extension = Some(Extension::read(cursor)?);
        }
        Ok(())
    }

    pub(super) fn write(&self, out: &mut Encoder) {
        out.string(&self.media_type)
            .space()
            .string(&self.media_subtype);
        write_parameters(out.space(), &self.parameters);
        out.space()
            .nstring(self.id.as_deref())
            .space()
            .nstring(self.description.as_deref());
        out.space()
            .string(&self.encoding)
            .space()
            .number(self.octets);
    }

    pub(super) fn write_extension(&self, out: &mut Encoder) {
        if let Some(extension) = &self.extension {
            out.space().nstring(self.md5.as_deref());
            extension.write(out);
        }
    }
}

impl Extension {
    /// Reads as much as there is: a store may end it anywhere (RFC 9051 §7.5.2).
    pub(super) fn read(cursor: &mut Cursor<'_>) -> Parsed<Self> {
        let mut extension = Self::default();
        if cursor.eat(b' ') {
            extension.disposition = Disposition::read(cursor)?;
            if cursor.eat(b' ') {
                extension.language = languages(cursor)?;
                if cursor.eat(b' ') {
                    extension.location = nstring(cursor)?;
                }
            }
        }
        Ok(extension)
    }

    pub(super) fn write(&self, out: &mut Encoder) {
        match &self.disposition {
            None => out.raw(b" NIL"),
            Some(disposition) => {
                out.raw(b" (").string(&disposition.kind);
                write_parameters(out.space(), &disposition.parameters);
                out.raw(b")")
            }
        };
        match self.language.as_slice() {
            [] => out.raw(b" NIL"),
            [one] => out.space().string(one),
            several => out.space().list(several, |out, language| {
                out.string(language);
            }),
        };
        out.space().nstring(self.location.as_deref());
    }
}

impl Disposition {
    pub(super) fn read(cursor: &mut Cursor<'_>) -> Parsed<Option<Self>> {
        if cursor.eat_word(b"NIL") {
            return Ok(None);
        }
        cursor.expect(b'(')?;
        let kind = string(cursor)?;
        let parameters = spaced(cursor, parameters)?;
        cursor.expect(b')')?;
        Ok(Some(Self { kind, parameters }))
    }
}

pub(super) fn string(cursor: &mut Cursor<'_>) -> Parsed<Vec<u8>> {
    cursor.string().map(|octets| octets.into_owned())
}

pub(super) fn parameters(cursor: &mut Cursor<'_>) -> Parsed<Parameters> {
    if cursor.eat_word(b"NIL") {
        return Ok(Vec::new());
    }
    cursor.list(|cursor| Ok((string(cursor)?, spaced(cursor, string)?)))
}

pub(super) fn write_parameters(out: &mut Encoder, parameters: &Parameters) {
    if parameters.is_empty() {
        out.raw(b"NIL");
        return;
    }
    out.list(parameters, |out, (name, value)| {
        out.string(name).space().string(value);
    });
}

pub(super) fn languages(cursor: &mut Cursor<'_>) -> Parsed<Vec<Vec<u8>>> {
    match cursor.peek() {
        Some(b'(') => cursor.list(string),
        _ => nstring(cursor).map(|language| language.into_iter().collect()),
    }
}
