//! A response's kind, read off its first line alone: all that a relay needs.

use super::super::tag::Tag;
use super::StatusKind;

/// What a response is.
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum Kind {
    /// `+`
    Continuation,
    /// A tagged status: a command is done.
    Tagged(Tag, StatusKind),
    /// An untagged status.
    Status(StatusKind),
    /// `* CAPABILITY`
    Capability,
    /// `* n EXISTS`
    Exists(u32),
    /// `* n RECENT`
    Recent(u32),
    /// `* n EXPUNGE`
    Expunge(u32),
    /// `* n FETCH`
    Fetch(u32),
    /// Any other untagged response.
    Untagged,
    /// Nothing that a store may say.
    Malformed,
}

impl Kind {
    /// The kind of the response that begins with this line (or the first piece of it).
    #[must_use]
    pub fn of_line(text: &[u8]) -> Self {
        todo!()
    }
}
