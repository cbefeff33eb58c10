//! Command tags (RFC 9051 §2.2.1).

use std::fmt;

use super::cursor::{Cursor, Parsed, is_astring};

/// A command's tag: ASCII, never empty, safe to write out as it is.
#[derive(Clone, Debug, Eq, Hash, Ord, PartialEq, PartialOrd)]
pub struct Tag(Box<str>);

impl Tag {
    /// A tag, if `text` is one: ASTRING-CHARs except `+`.
    #[must_use]
    pub fn new(text: &str) -> Option<Self> {
        (!text.is_empty() && text.bytes().all(is_tag)).then(|| Self(text.into()))
    }

    /// The tag as text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The tag as it stands on the wire.
    #[must_use]
    pub fn as_bytes(&self) -> &[u8] {
        self.0.as_bytes()
    }

    pub(crate) fn parse(cursor: &mut Cursor<'_>) -> Parsed<Self> {
        let octets = cursor.take_some(is_tag)?;
        Ok(Self(
            octets
                .iter()
                .copied()
                .map(char::from)
                .collect::<String>()
                .into(),
        ))
    }
}

impl fmt::Display for Tag {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str(&self.0)
    }
}

fn is_tag(octet: u8) -> bool {
    is_astring(octet) && octet != b'+'
}

#[cfg(test)]
mod tests {
    use super::Tag;

    #[test]
    fn what_would_end_or_extend_a_line_is_no_tag() {
        for text in ["", "+", "a b", "a\r\nb", "a*", "a{1}", "\"a\"", "ä"] {
            assert_eq!(Tag::new(text), None, "{text:?}");
        }
        assert_eq!(Tag::new("A.1-x]").unwrap().as_str(), "A.1-x]");
    }
}
