//! The CAPABILITY list (RFC 9051 §7.2.2): read, changed by a relay, written.

use super::cursor::{Cursor, Parsed};
use super::encode::Encoder;

/// RFC 3501.
pub const IMAP4REV1: &str = "IMAP4rev1";
/// RFC 9051.
pub const IMAP4REV2: &str = "IMAP4rev2";
/// RFC 3516.
pub const BINARY: &str = "BINARY";
/// RFC 5259.
pub const CONVERT: &str = "CONVERT";
/// The key reveal of `docs/protocol.md`.
pub const KEYREVEAL: &str = "KEYREVEAL";
/// RFC 2177.
pub const IDLE: &str = "IDLE";
/// RFC 7888.
pub const LITERAL_PLUS: &str = "LITERAL+";
/// RFC 7888.
pub const LITERAL_MINUS: &str = "LITERAL-";
/// RFC 4959.
pub const SASL_IR: &str = "SASL-IR";
/// RFC 4616.
pub const AUTH_PLAIN: &str = "AUTH=PLAIN";
/// RFC 9051 §6.2.3.
pub const LOGINDISABLED: &str = "LOGINDISABLED";
/// RFC 9051 §6.2.1.
pub const STARTTLS: &str = "STARTTLS";
/// RFC 4978.
pub const COMPRESS_DEFLATE: &str = "COMPRESS=DEFLATE";
/// RFC 4467.
pub const URLAUTH: &str = "URLAUTH";
/// RFC 9586.
pub const UIDONLY: &str = "UIDONLY";
/// RFC 8437.
pub const UNAUTHENTICATE: &str = "UNAUTHENTICATE";
/// RFC 9585.
pub const INPROGRESS: &str = "INPROGRESS";

/// A set of capability names, in the order in which they came; names compare in any case.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub struct Capabilities(Vec<Box<str>>);

impl Capabilities {
    /// The names of `names`, each once.
    #[must_use]
    pub fn of(names: &[&str]) -> Self {
        let mut set = Self::default();
        names.iter().for_each(|name| set.add(name));
        set
    }

    /// Whether `name` is in the list.
    #[must_use]
    pub fn contains(&self, name: &str) -> bool {
        self.0.iter().any(|known| known.eq_ignore_ascii_case(name))
    }

    /// Adds `name` at the end, unless it is there. What is no atom is no capability and is left out.
    pub fn add(&mut self, name: &str) {
        if !name.is_empty() && name.bytes().all(super::cursor::is_atom) && !self.contains(name) {
            self.0.push(name.into());
        }
    }

    /// Removes `name`.
    pub fn remove(&mut self, name: &str) {
        self.0.retain(|known| !known.eq_ignore_ascii_case(name));
    }

    /// Keeps the names that please.
    pub fn retain(&mut self, mut pleases: impl FnMut(&str) -> bool) {
        self.0.retain(|name| pleases(name));
    }

    /// The names in their order.
    pub fn iter(&self) -> impl Iterator<Item = &str> {
        self.0.iter().map(AsRef::as_ref)
    }

    /// The names as they stand in a response or response code, separated by spaces.
    #[must_use]
    pub fn encode(&self) -> String {
        self.0.join(" ")
    }

    /// Reads names up to the end of the response, or up to a response code's `]`.
    pub(crate) fn parse(cursor: &mut Cursor<'_>) -> Parsed<Self> {
        let mut names: Vec<Box<str>> = Vec::new();
        while cursor.eat(b' ') {
            // Some stores end the list with a space, which the grammar has not.
            if cursor.is_at_end() || cursor.peek() == Some(b']') || cursor.peek() == Some(b' ') {
                continue;
            }
            cursor.node()?;
            names.push(cursor.word()?.into());
        }
        Ok(Self(names))
    }

    pub(crate) fn write(&self, out: &mut Encoder) {
        out.spaced(&self.0, |out, name| {
            out.raw(name.as_bytes());
        });
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_is_there_once_in_whatever_case() {
        let mut set = Capabilities::of(&["IMAP4rev1", "idle", "IDLE"]);
        assert_eq!(set.encode(), "IMAP4rev1 idle");
        assert!(set.contains("Idle"));
        set.remove("IDLE");
        set.add(CONVERT);
        assert_eq!(set.encode(), "IMAP4rev1 CONVERT");
    }

    #[test]
    fn what_is_no_name_is_not_added() {
        let mut set = Capabilities::default();
        for name in ["", "a b", "a]", "a\r\nb", "\"a\""] {
            set.add(name);
        }
        assert_eq!(set, Capabilities::default());
    }
}
