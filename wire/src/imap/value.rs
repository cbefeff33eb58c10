//! Any IMAP syntax as a tree: what has no type of its own, such as extension data and unknown response parameters.

use std::borrow::Cow;

use super::cursor::{Cursor, Parsed};
use super::encode::Encoder;

/// A value.
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum Value<'a> {
    /// `NIL`.
    Nil,
    /// An atom or number, with whatever brackets and flags' backslashes cling to it.
    Atom(&'a [u8]),
    /// A quoted string or a literal, unescaped.
    String(Cow<'a, [u8]>),
    /// A parenthesised list.
    List(Vec<Value<'a>>),
}

impl<'a> Value<'a> {
    /// Reads all of `raw` as one value.
    ///
    /// # Errors
    /// When it is none, or nested too deep, or too large.
    pub fn parse(raw: &'a [u8]) -> Parsed<Self> {
        let mut cursor = Cursor::new(raw);
        let value = Self::read(&mut cursor)?;
        cursor.end()?;
        Ok(value)
    }

    /// The value as it is written, for tests and for what is not known better.
    pub(crate) fn write(&self, out: &mut Encoder) {
        todo!()
    }

    pub(crate) fn read(cursor: &mut Cursor<'a>) -> Parsed<Self> {
        todo!()
    }
}
