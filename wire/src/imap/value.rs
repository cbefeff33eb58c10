//! Any IMAP syntax as a tree: what has no type of its own, such as extension data and unknown response parameters.

use std::borrow::Cow;

use super::cursor::{Cursor, Parsed};
use super::encode::{Encoder, Literals};

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

    /// The value as it stands on the wire, strings quoted or as a server's literals.
    #[must_use]
    pub fn encode(&self) -> Vec<u8> {
        let mut out = Encoder::new(Literals::Server);
        self.write(&mut out);
        out.unended().into_octets()
    }

    /// Reads one value. Lists may also be packed, without spaces between parentheses, as THREAD and BODY have them.
    pub(crate) fn read(cursor: &mut Cursor<'a>) -> Parsed<Self> {
        match cursor.peek() {
            Some(b'(') => cursor.packed(Self::read).map(Self::List),
            Some(b'"' | b'{') => cursor.string().map(Self::String),
            Some(b'~') if cursor.peek_second() == Some(b'{') => cursor
                .nstring8()
                .map(|string| string.map_or(Self::Nil, Self::String)),
            _ if cursor.eat_word(b"NIL") => Ok(Self::Nil),
            _ => cursor.take_some(is_value_atom).map(Self::Atom),
        }
    }

    pub(crate) fn write(&self, out: &mut Encoder) {
        match self {
            Self::Nil => out.raw(b"NIL"),
            Self::Atom(octets) => out.raw(octets),
            Self::String(octets) => out.string8(octets),
            Self::List(values) => out.list(values, |out, value| value.write(out)),
        };
    }
}

/// What atoms of extensions are made of: more than an atom's octets, such as flags' backslashes and sections' brackets.
fn is_value_atom(octet: u8) -> bool {
    octet.is_ascii_graphic() && !matches!(octet, b'(' | b')' | b'{' | b'"')
}

#[cfg(test)]
mod tests {
    use super::super::cursor::{DEPTH, Fault, NODES};
    use super::*;
    use proptest::prelude::*;

    fn fault(raw: &[u8]) -> Option<Fault> {
        Value::parse(raw).err().map(|error| error.fault)
    }

    #[test]
    fn strings_are_unescaped_and_literals_are_not() {
        let raw = b"(\"a\\\"b\\\\c\" {5}\r\n\\\"(\r\n ~{2}\r\n\0) NIL \"NIL\" nil \\Seen)";
        let Ok(Value::List(values)) = Value::parse(raw) else {
            panic!()
        };
        let string = |octets: &'static [u8]| Value::String(Cow::Borrowed(octets));
        let expected = vec![
            string(b"a\"b\\c"),
            string(b"\\\"(\r\n"),
            string(b"\0)"),
            Value::Nil,
            string(b"NIL"),
            Value::Nil,
            Value::Atom(b"\\Seen"),
        ];
        assert_eq!(values, expected);
    }

    #[test]
    fn only_quote_and_backslash_are_escaped() {
        for raw in [
            &b"\"a\\n\""[..],
            b"\"a",
            b"\"a\\",
            b"\"a\rb\"",
            b"\"a\nb\"",
            b"\"a\0b\"",
        ] {
            assert_eq!(fault(raw), Some(Fault::Syntax), "{raw:?}");
        }
    }

    #[test]
    fn a_literal_ends_within_the_response() {
        for raw in [&b"{5}\r\nabc"[..], b"{5}abcde", b"{}\r\n", b"{5"] {
            assert_eq!(fault(raw), Some(Fault::Syntax), "{raw:?}");
        }
        assert_eq!(fault(b"{99999999999999999999}\r\na"), Some(Fault::Number));
    }

    #[test]
    fn nesting_has_a_budget() {
        let nested = |depth: usize| [b"(".repeat(depth), b")".repeat(depth)].concat();
        assert_eq!(fault(&nested(DEPTH.into())), None);
        assert_eq!(fault(&nested(usize::from(DEPTH) + 1)), Some(Fault::TooDeep));
        assert_eq!(fault(&b"(".repeat(1 << 20)), Some(Fault::TooDeep));
    }

    #[test]
    fn elements_have_a_budget() {
        let many = |count: usize| [b"(".to_vec(), b"() ".repeat(count), b")".to_vec()].concat();
        assert_eq!(fault(&many(1000)), None);
        assert_eq!(
            fault(&many(usize::try_from(NODES).unwrap() + 1)),
            Some(Fault::TooMany)
        );
    }

    fn value() -> impl Strategy<Value = Value<'static>> {
        let leaf = prop_oneof![
            Just(Value::Nil),
            Just(Value::Atom(b"abc")),
            Just(Value::Atom(b"17")),
            proptest::collection::vec(any::<u8>(), 0..40)
                .prop_map(|octets| Value::String(Cow::Owned(octets))),
        ];
        leaf.prop_recursive(4, 40, 6, |inner| {
            proptest::collection::vec(inner, 0..6).prop_map(Value::List)
        })
    }

    proptest! {
        /// Whatever octets a string has, what is written reads as the same value.
        #[test]
        fn values_survive_the_wire(value in value()) {
            let raw = value.encode();
            prop_assert_eq!(Value::parse(&raw), Ok(value));
        }
    }
}
