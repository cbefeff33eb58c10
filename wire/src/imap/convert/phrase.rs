//! The ERROR phrase that stands in place of a result (RFC 5259 §9).

use std::num::NonZeroU32;

use super::super::cursor::{Cursor, Fault, Parsed};
use super::super::encode::Encoder;
use super::super::envelope::spaced;
use super::super::media::MediaType;
use super::super::search::astring;
use super::request::{ParameterName, Parameters, parse_names, parse_parameters, write_parameters};

/// `(ERROR text code ..)`.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct ErrorPhrase {
    /// For people.
    pub text: Vec<u8>,
    /// For programs.
    pub code: ErrorCode,
}

/// Why a conversion failed.
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum ErrorCode {
    /// It may work later, after so many minutes if any are told (RFC 5259 §10: `"TEMPFAIL" [SP nz-number]`). A zero is read as none.
    TempFail(Option<NonZeroU32>),
    /// It will never work so; never an empty list.
    BadParameters(Vec<BadParameters>),
    /// Something must be said that was not; never an empty list.
    MissingParameters(Vec<MissingParameters>),
}

/// A pair of types and the parameters that do not fit it.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct BadParameters {
    /// From what; `None`: there is no such part.
    pub from: Option<MediaType>,
    /// Into what.
    pub to: MediaType,
    /// All that do not fit; empty: the pair itself cannot be converted.
    pub parameters: Parameters,
}

/// A pair of types and the parameters that it needs.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct MissingParameters {
    /// From what.
    pub from: MediaType,
    /// Into what.
    pub to: MediaType,
    /// What is missing; never empty.
    pub parameters: Vec<ParameterName>,
}

/// What stands for a media type that RFC 5259 §9's own examples leave out, though its §10 demands it.
const OMITTED: &str = "application/octet-stream";

impl ErrorPhrase {
    /// A phrase with text for people and a code.
    #[must_use]
    pub fn new(text: &str, code: ErrorCode) -> Self {
        Self {
            text: text.into(),
            code,
        }
    }

    /// Reads a phrase if one is next: `(` and then the atom ERROR, where data would begin with a string or another `(`.
    pub(super) fn parse(cursor: &mut Cursor<'_>) -> Parsed<Option<Self>> {
        let mut ahead = cursor.clone();
        if !(ahead.eat(b'(') && ahead.eat_word(b"ERROR")) {
            return Ok(None);
        }
        ahead.space()?;
        let text = astring(&mut ahead)?;
        ahead.space()?;
        let code = ErrorCode::parse(&mut ahead)?;
        ahead.expect(b')')?;
        *cursor = ahead;
        Ok(Some(Self { text, code }))
    }

    pub(super) fn write(&self, out: &mut Encoder) {
        out.raw(b"(ERROR ").string(&self.text).space();
        self.code.write(out);
        out.raw(b")");
    }
}

impl ErrorCode {
    fn parse(cursor: &mut Cursor<'_>) -> Parsed<Self> {
        let error = cursor.error(Fault::Syntax);
        match cursor.atom()?.to_ascii_uppercase().as_slice() {
            b"TEMPFAIL" => {
                let minutes = if cursor.eat(b' ') {
                    NonZeroU32::new(cursor.number()?)
                } else {
                    None
                };
                Ok(Self::TempFail(minutes))
            }
            b"BADPARAMETERS" => groups(cursor, BadParameters::parse).map(Self::BadParameters),
            b"MISSINGPARAMETERS" => {
                groups(cursor, MissingParameters::parse).map(Self::MissingParameters)
            }
            _ => Err(error),
        }
    }

    fn write(&self, out: &mut Encoder) {
        match self {
            Self::TempFail(minutes) => {
                out.raw(b"TEMPFAIL");
                if let Some(minutes) = minutes {
                    out.space().number(minutes.get().into());
                }
            }
            Self::BadParameters(groups) => {
                out.raw(b"BADPARAMETERS ")
                    .spaced(groups, |out, group| group.write(out));
            }
            Self::MissingParameters(groups) => {
                out.raw(b"MISSINGPARAMETERS ")
                    .spaced(groups, |out, group| group.write(out));
            }
        }
    }
}

/// Reads groups, each behind a space; at least one.
fn groups<T>(
    cursor: &mut Cursor<'_>,
    group: impl Fn(&mut Cursor<'_>) -> Parsed<T>,
) -> Parsed<Vec<T>> {
    let mut groups = Vec::new();
    loop {
        cursor.node()?;
        cursor.space()?;
        groups.push(group(cursor)?);
        if cursor.peek() != Some(b' ') {
            return Ok(groups);
        }
    }
}

/// The types of a group, as far as they are there.
struct Pair {
    from: Option<MediaType>,
    to: MediaType,
}

impl Pair {
    /// Reads the types of a group. RFC 5259 §9's examples begin with the parameters; then there is no pair.
    fn parse(cursor: &mut Cursor<'_>) -> Parsed<Self> {
        if cursor.peek() == Some(b'(') {
            let to = MediaType::new(OMITTED).ok_or(cursor.error(Fault::Syntax))?;
            return Ok(Self { from: None, to });
        }
        let from = if cursor.eat_word(b"NIL") {
            None
        } else {
            Some(MediaType::parse(cursor)?)
        };
        let to = spaced(cursor, MediaType::parse)?;
        Ok(Self { from, to })
    }

    fn write(from: Option<&MediaType>, to: &MediaType, out: &mut Encoder) {
        match from {
            Some(media) => media.write(out),
            None => {
                out.raw(b"NIL");
            }
        }
        to.write(out.space());
    }
}

/// Goes to a group's list of parameters, if it has one: behind a space, or (RFC 5259 §10 to the letter) behind nothing.
fn at_list(cursor: &mut Cursor<'_>) -> bool {
    match (cursor.peek(), cursor.peek_second()) {
        (Some(b'('), _) => true,
        (Some(b' '), Some(b'(')) => cursor.eat(b' '),
        _ => false,
    }
}

impl BadParameters {
    fn parse(cursor: &mut Cursor<'_>) -> Parsed<Self> {
        let Pair { from, to } = Pair::parse(cursor)?;
        let parameters = if at_list(cursor) {
            parse_parameters(cursor)?
        } else {
            Vec::new()
        };
        Ok(Self {
            from,
            to,
            parameters,
        })
    }

    fn write(&self, out: &mut Encoder) {
        Pair::write(self.from.as_ref(), &self.to, out);
        if !self.parameters.is_empty() {
            write_parameters(&self.parameters, out.space());
        }
    }
}

impl MissingParameters {
    fn parse(cursor: &mut Cursor<'_>) -> Parsed<Self> {
        let Pair { from, to } = Pair::parse(cursor)?;
        let from = from
            .or_else(|| MediaType::new(OMITTED))
            .ok_or(cursor.error(Fault::Syntax))?;
        if !at_list(cursor) {
            return cursor.unexpected();
        }
        Ok(Self {
            from,
            to,
            parameters: parse_names(cursor)?,
        })
    }

    fn write(&self, out: &mut Encoder) {
        Pair::write(Some(&self.from), &self.to, out);
        out.space()
            .list(&self.parameters, |out, name| name.write(out));
    }
}
