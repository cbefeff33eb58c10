//! Mailbox names (RFC 9051 §5.1): octets as the client sent them, INBOX in any case being the one INBOX.

use super::cursor::{Cursor, Parsed};

const INBOX: &[u8] = b"INBOX";

/// A mailbox's name. Not decoded: modified UTF-7 or UTF-8, whichever the session speaks.
#[derive(Clone, Debug, Eq, Hash, Ord, PartialEq, PartialOrd)]
pub struct Mailbox(Box<[u8]>);

impl Mailbox {
    /// The mailbox of this name; `inbox` in any case becomes `INBOX`.
    #[must_use]
    pub fn new(name: &[u8]) -> Self {
        if name.eq_ignore_ascii_case(INBOX) {
            Self(INBOX.into())
        } else {
            Self(name.into())
        }
    }

    /// The name's octets.
    #[must_use]
    pub fn as_bytes(&self) -> &[u8] {
        &self.0
    }

    /// Whether this is the INBOX.
    #[must_use]
    pub fn is_inbox(&self) -> bool {
        *self.0 == *INBOX
    }

    pub(crate) fn parse(cursor: &mut Cursor<'_>) -> Parsed<Self> {
        cursor.astring().map(|name| Self::new(&name))
    }
}

#[cfg(test)]
mod tests {
    use super::Mailbox;

    /// RFC 9051 §5.1: INBOX is case-insensitive, and it alone.
    #[test]
    fn inbox_is_one_mailbox_however_it_is_written() {
        assert_eq!(Mailbox::new(b"inBox"), Mailbox::new(b"INBOX"));
        assert_ne!(Mailbox::new(b"sent"), Mailbox::new(b"Sent"));
        assert_ne!(Mailbox::new(b"inbox/x"), Mailbox::new(b"INBOX/x"));
    }
}
