//! Media types as CONVERT names them (RFC 5259 §10): concrete, or with wildcards in CONVERSIONS.

use std::fmt;

use super::cursor::{Cursor, Fault, Parsed};
use super::encode::Encoder;

/// A concrete media type, `type/subtype`, in lower case.
#[derive(Clone, Debug, Eq, Hash, Ord, PartialEq, PartialOrd)]
pub struct MediaType {
    name: Box<str>,
    slash: usize,
}

/// What a CONVERSIONS command asks about.
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum MediaPattern {
    /// `*`, or the longer form of it that RFC 5259 §10 also knows: any type.
    Any,
    /// `image/*`: any subtype of this type, which is in lower case.
    Top(Box<str>),
    /// Just this.
    Exact(MediaType),
}

impl MediaType {
    /// The media type that `name` is, if it is concrete and well formed (RFC 6838 §4.2).
    #[must_use]
    pub fn new(name: &str) -> Option<Self> {
        let (top, sub) = name.split_once('/')?;
        (is_restricted_name(top) && is_restricted_name(sub)).then(|| Self {
            name: name.to_ascii_lowercase().into(),
            slash: top.len(),
        })
    }

    /// `type/subtype`.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.name
    }

    /// The part before the slash.
    #[must_use]
    pub fn top(&self) -> &str {
        self.name.get(..self.slash).unwrap_or_default()
    }

    pub(crate) fn from_octets(octets: &[u8]) -> Option<Self> {
        Self::new(str::from_utf8(octets).ok()?)
    }

    /// Reads a quoted media type; leniently also an atom or a literal.
    pub(crate) fn parse(cursor: &mut Cursor<'_>) -> Parsed<Self> {
        let error = cursor.error(Fault::Syntax);
        Self::from_octets(&cursor.astring()?).ok_or(error)
    }

    pub(crate) fn write(&self, out: &mut Encoder) {
        out.string(self.name.as_bytes());
    }
}

impl fmt::Display for MediaType {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str(&self.name)
    }
}

impl MediaPattern {
    /// The pattern that `name` is.
    #[must_use]
    pub fn new(name: &str) -> Option<Self> {
        match name.split_once('/') {
            None if name == "*" => Some(Self::Any),
            None => None,
            Some(("*", "*")) => Some(Self::Any),
            Some((top, "*")) => {
                is_restricted_name(top).then(|| Self::Top(top.to_ascii_lowercase().into()))
            }
            Some(_) => MediaType::new(name).map(Self::Exact),
        }
    }

    /// Whether `media` is meant.
    #[must_use]
    pub fn matches(&self, media: &MediaType) -> bool {
        match self {
            Self::Any => true,
            Self::Top(top) => **top == *media.top(),
            Self::Exact(exact) => exact == media,
        }
    }

    pub(crate) fn parse(cursor: &mut Cursor<'_>) -> Parsed<Self> {
        let error = cursor.error(Fault::Syntax);
        str::from_utf8(&cursor.astring()?)
            .ok()
            .and_then(Self::new)
            .ok_or(error)
    }

    /// Always as a string: `*` is no atom octet (RFC 5259 §10).
    pub(crate) fn write(&self, out: &mut Encoder) {
        match self {
            Self::Any => out.string(b"*"),
            Self::Top(top) => out.string(format!("{top}/*").as_bytes()),
            Self::Exact(media) => out.string(media.name().as_bytes()),
        };
    }
}

/// RFC 6838 §4.2, `restricted-name`.
fn is_restricted_name(name: &str) -> bool {
    let first = name
        .bytes()
        .next()
        .is_some_and(|octet| octet.is_ascii_alphanumeric());
    let rest = |octet: u8| octet.is_ascii_alphanumeric() || b"!#$&-^_.+".contains(&octet);
    first && name.len() <= 127 && name.bytes().all(rest)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_concrete_type_has_no_wildcards() {
        assert_eq!(
            MediaType::new("Image/SVG+xml").unwrap().name(),
            "image/svg+xml"
        );
        for name in [
            "", "/", "a/", "/b", "a", "*/*", "a/*", "a/b/c", "a b/c", "a/b;c", "ä/b",
        ] {
            assert_eq!(MediaType::new(name), None, "{name}");
        }
    }

    #[test]
    fn patterns_match_what_they_say() {
        let png = MediaType::new("image/png").unwrap();
        for (pattern, matches) in [
            ("*", true),
            ("*/*", true),
            ("IMAGE/*", true),
            ("image/PNG", true),
            ("image/gif", false),
        ] {
            assert_eq!(
                MediaPattern::new(pattern).unwrap().matches(&png),
                matches,
                "{pattern}"
            );
        }
        for pattern in ["", "image", "*/png", "im*/png", "image/p*"] {
            assert_eq!(MediaPattern::new(pattern), None, "{pattern}");
        }
    }
}
