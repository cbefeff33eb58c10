//! Responses (RFC 9051 §7, RFC 3501 §7), both ways.
//!
//! A relay reads kinds alone ([`Kind::of_line`]) and passes on octets; whoever must understand a response collects it
//! and calls [`Response::parse`].

mod code;
mod encode;
mod kind;
mod parse;

pub use code::Code;
pub use kind::Kind;

use super::capability::Capabilities;
use super::command::{IdFields, StatusItem};
use super::convert::{Conversion, Converted};
use super::cursor::ParseError;
use super::fetch::FetchResponse;
use super::flag::{Flag, Keyword};
use super::mailbox::Mailbox;
use super::search::Esearch;
use super::sequence::SeqNum;
use super::tag::Tag;

/// A response.
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum Response {
    /// `OK`, `NO`, `BAD`, `BYE`, `PREAUTH`, tagged or not
    Status(Status),
    /// `+`: go on; the text may be base64 (RFC 9051 §7.6)
    Continuation(Vec<u8>),
    /// `* CAPABILITY`
    Capability(Capabilities),
    /// `* ENABLED`
    Enabled(Capabilities),
    /// `* ID`
    Id(IdFields),
    /// `* FLAGS`
    Flags(Vec<Flag>),
    /// `* LIST`
    List(Listed),
    /// `* LSUB`
    Lsub(Listed),
    /// `* NAMESPACE`, its value as written
    Namespace(Vec<u8>),
    /// `* STATUS`
    MailboxStatus(MailboxStatus),
    /// `* SEARCH`, or `* SORT`, with the highest mod-sequence if it is told
    Search(Vec<u32>, Option<u64>),
    /// `* ESEARCH`
    Esearch(Esearch),
    /// `* n EXISTS`
    Exists(u32),
    /// `* n RECENT`
    Recent(u32),
    /// `* n EXPUNGE`
    Expunge(SeqNum),
    /// `* n FETCH`
    Fetch(FetchResponse),
    /// `* n CONVERTED` (RFC 5259)
    Converted(Converted),
    /// `* CONVERSION` (RFC 5259)
    Conversion(Conversion),
    /// `* KEYREVEAL`: a key statement in base64 (`docs/protocol.md`)
    KeyReveal(Vec<u8>),
    /// An untagged response that is not known here: all after `* `
    Unknown(Vec<u8>),
}

/// Whom a status response answers.
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum Answers {
    /// Nobody: `*`.
    Untagged,
    /// The command of this tag.
    Command(Tag),
}

/// The word of a status response.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum StatusKind {
    /// `OK`
    Ok,
    /// `NO`
    No,
    /// `BAD`
    Bad,
    /// `BYE`, never tagged
    Bye,
    /// `PREAUTH`, never tagged
    PreAuth,
}

/// A status response.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Status {
    /// Whom it answers.
    pub answers: Answers,
    /// Its word.
    pub kind: StatusKind,
    /// Its code.
    pub code: Option<Code>,
    /// Its text, for people.
    pub text: Vec<u8>,
}

/// One mailbox of LIST or LSUB.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Listed {
    /// Attributes, without the backslash, such as `Noselect`.
    pub attributes: Vec<Keyword>,
    /// The hierarchy delimiter.
    pub delimiter: Option<u8>,
    /// The mailbox.
    pub mailbox: Mailbox,
}

/// `* STATUS`.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct MailboxStatus {
    /// The mailbox.
    pub mailbox: Mailbox,
    /// What is told of it.
    pub items: Vec<(StatusItem, u64)>,
}

impl Status {
    /// A tagged status.
    #[must_use]
    pub fn tagged(tag: &Tag, kind: StatusKind, code: Option<Code>, text: &str) -> Self {
        Self {
            answers: Answers::Command(tag.clone()),
            kind,
            code,
            text: text.into(),
        }
    }

    /// An untagged status.
    #[must_use]
    pub fn untagged(kind: StatusKind, code: Option<Code>, text: &str) -> Self {
        Self {
            answers: Answers::Untagged,
            kind,
            code,
            text: text.into(),
        }
    }

    /// The tag of the command that this ends.
    #[must_use]
    pub fn tag(&self) -> Option<&Tag> {
        match &self.answers {
            Answers::Untagged => None,
            Answers::Command(tag) => Some(tag),
        }
    }

    /// The response as it stands on the wire, CRLF included.
    #[must_use]
    pub fn encode(&self) -> Vec<u8> {
        Response::Status(self.clone()).encode()
    }
}

impl Response {
    /// Reads a whole response, as [`crate::Collector`] gives it, literals inline.
    ///
    /// # Errors
    /// When it is none. An untagged response of unknown name is [`Response::Unknown`], not an error.
    pub fn parse(raw: &[u8]) -> Result<Self, ParseError> {
        parse::response(raw)
    }

    /// The response as it stands on the wire, CRLF included.
    #[must_use]
    pub fn encode(&self) -> Vec<u8> {
        encode::response(self)
    }
}
