//! Message flags (RFC 9051 §2.3.2).

use super::cursor::{Cursor, Parsed, is_atom};
use super::encode::Encoder;

/// A message flag.
#[derive(Clone, Debug, Eq, Hash, PartialEq)]
pub enum Flag {
    /// `\Answered`
    Answered,
    /// `\Flagged`
    Flagged,
    /// `\Deleted`
    Deleted,
    /// `\Seen`
    Seen,
    /// `\Draft`
    Draft,
    /// `\Recent` (RFC 3501 only)
    Recent,
    /// `\*`, in PERMANENTFLAGS: new keywords can be made.
    New,
    /// A keyword, such as `$Forwarded`.
    Keyword(Keyword),
    /// A system flag that is not known here, without its backslash.
    Extension(Keyword),
}

/// A flag's name: an atom. Names compare in any case.
#[derive(Clone, Debug)]
pub struct Keyword(Box<str>);

impl Keyword {
    /// The keyword `name`, if it is an atom.
    #[must_use]
    pub fn new(name: &str) -> Option<Self> {
        (!name.is_empty() && name.bytes().all(is_atom)).then(|| Self(name.into()))
    }

    pub(crate) fn parse(cursor: &mut Cursor<'_>) -> Parsed<Self> {
        cursor.word().map(|name| Self(name.into()))
    }

    /// The name as it was written.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl PartialEq for Keyword {
    fn eq(&self, other: &Self) -> bool {
        self.0.eq_ignore_ascii_case(&other.0)
    }
}

impl Eq for Keyword {}

impl std::hash::Hash for Keyword {
    fn hash<H: std::hash::Hasher>(&self, state: &mut H) {
        self.0.to_ascii_lowercase().hash(state);
    }
}

const SYSTEM: [(&str, Flag); 6] = [
    ("Answered", Flag::Answered),
    ("Flagged", Flag::Flagged),
    ("Deleted", Flag::Deleted),
    ("Seen", Flag::Seen),
    ("Draft", Flag::Draft),
    ("Recent", Flag::Recent),
];

impl Flag {
    pub(crate) fn parse(cursor: &mut Cursor<'_>) -> Parsed<Self> {
        if !cursor.eat(b'\\') {
            return Keyword::parse(cursor).map(Self::Keyword);
        }
        if cursor.eat(b'*') {
            return Ok(Self::New);
        }
        let name = cursor.word()?;
        let known = SYSTEM
            .into_iter()
            .find(|(system, _)| system.eq_ignore_ascii_case(name));
        Ok(known.map_or_else(|| Self::Extension(Keyword(name.into())), |(_, flag)| flag))
    }

    pub(crate) fn write(&self, out: &mut Encoder) {
        match self {
            Self::Answered => out.raw(b"\\Answered"),
            Self::Flagged => out.raw(b"\\Flagged"),
            Self::Deleted => out.raw(b"\\Deleted"),
            Self::Seen => out.raw(b"\\Seen"),
            Self::Draft => out.raw(b"\\Draft"),
            Self::Recent => out.raw(b"\\Recent"),
            Self::New => out.raw(b"\\*"),
            Self::Keyword(name) => out.raw(name.0.as_bytes()),
            Self::Extension(name) => out.raw(b"\\").raw(name.0.as_bytes()),
        };
    }
}
