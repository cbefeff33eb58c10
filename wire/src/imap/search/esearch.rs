//! ESEARCH: the response (RFC 9051 §7.3.4, RFC 4731).

use super::super::cursor::{Cursor, Fault, Parsed};
use super::super::encode::Encoder;
use super::super::sequence::SequenceSet;
use super::super::tag::Tag;
use super::super::value::Value;

/// `* ESEARCH` (RFC 4731).
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub struct Esearch {
    /// The command's tag.
    pub tag: Option<Tag>,
    /// Whether the numbers are UIDs.
    pub numbers: Numbers,
    /// The lowest.
    pub min: Option<u32>,
    /// The highest.
    pub max: Option<u32>,
    /// How many.
    pub count: Option<u32>,
    /// All of them.
    pub all: Option<SequenceSet>,
}

/// What numbers stand for.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub enum Numbers {
    /// Message sequence numbers.
    #[default]
    Messages,
    /// Unique identifiers.
    Uids,
}

impl Esearch {
    /// Reads what follows `* ESEARCH`. Return data that is not known here is skipped (RFC 4466 §2.6.2).
    pub(crate) fn parse(cursor: &mut Cursor<'_>) -> Parsed<Self> {
        let mut esearch = Self::default();
        while cursor.eat(b' ') {
            cursor.node()?;
            match cursor.peek() {
                Some(b'(') => esearch.tag = Some(correlator(cursor)?),
                _ => esearch.parse_item(cursor)?,
            }
        }
        Ok(esearch)
    }

    fn parse_item(&mut self, cursor: &mut Cursor<'_>) -> Parsed<()> {
        let name = cursor.atom()?.to_ascii_uppercase();
        if name == b"UID" {
            self.numbers = Numbers::Uids;
            return Ok(());
        }
        cursor.space()?;
        match name.as_slice() {
            b"MIN" => self.min = Some(cursor.number()?),
            b"MAX" => self.max = Some(cursor.number()?),
            b"COUNT" => self.count = Some(cursor.number()?),
            b"ALL" => self.all = Some(SequenceSet::parse(cursor)?),
            _ => {
                Value::read(cursor)?;
            }
        }
        Ok(())
    }

    pub(crate) fn write(&self, out: &mut Encoder) {
        if let Some(tag) = &self.tag {
            out.raw(b" (TAG ").string(tag.as_bytes()).raw(b")");
        }
        match self.numbers {
            Numbers::Messages => {}
            Numbers::Uids => {
                out.raw(b" UID");
            }
        }
        let numbers = [
            (&b" MIN "[..], self.min),
            (b" MAX ", self.max),
            (b" COUNT ", self.count),
        ];
        for (name, number) in numbers
            .into_iter()
            .filter_map(|(name, number)| Some((name, number?)))
        {
            out.raw(name).number(number.into());
        }
        if let Some(all) = &self.all {
            all.write(out.raw(b" ALL "));
        }
    }
}

/// Reads `(TAG "tag")`: RFC 4466 §2.6.2, and RFC 5259 §10.
pub(crate) fn correlator(cursor: &mut Cursor<'_>) -> Parsed<Tag> {
    cursor.expect(b'(')?;
    if !cursor.eat_word(b"TAG") {
        return cursor.unexpected();
    }
    cursor.space()?;
    let error = cursor.error(Fault::Syntax);
    let text = cursor.astring()?;
    let tag = str::from_utf8(&text).ok().and_then(Tag::new).ok_or(error)?;
    cursor.expect(b')')?;
    Ok(tag)
}
