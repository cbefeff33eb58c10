//! SEARCH: its keys (RFC 9051 §6.4.4, RFC 3501 §6.4.4) and its responses (RFC 9051 §7.3.4, RFC 3501 §7.2.5).

use super::cursor::{Cursor, Parsed};
use super::date::Date;
use super::encode::Encoder;
use super::flag::Keyword;
use super::sequence::SequenceSet;
use super::tag::Tag;

/// A search key.
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum SearchKey {
    /// `ALL`
    All,
    /// `ANSWERED`
    Answered,
    /// `DELETED`
    Deleted,
    /// `DRAFT`
    Draft,
    /// `FLAGGED`
    Flagged,
    /// `NEW` (RFC 3501): recent and not seen
    New,
    /// `OLD` (RFC 3501): not recent
    Old,
    /// `RECENT` (RFC 3501)
    Recent,
    /// `SEEN`
    Seen,
    /// `UNANSWERED`
    Unanswered,
    /// `UNDELETED`
    Undeleted,
    /// `UNDRAFT`
    Undraft,
    /// `UNFLAGGED`
    Unflagged,
    /// `UNSEEN`
    Unseen,
    /// `KEYWORD flag`
    Keyword(Keyword),
    /// `UNKEYWORD flag`
    Unkeyword(Keyword),
    /// `BCC string`
    Bcc(Vec<u8>),
    /// `BODY string`
    Body(Vec<u8>),
    /// `CC string`
    Cc(Vec<u8>),
    /// `FROM string`
    From(Vec<u8>),
    /// `SUBJECT string`
    Subject(Vec<u8>),
    /// `TEXT string`
    Text(Vec<u8>),
    /// `TO string`
    To(Vec<u8>),
    /// `HEADER field string`
    Header {
        /// The field's name.
        field: Vec<u8>,
        /// What it must hold; empty: that the field is there.
        value: Vec<u8>,
    },
    /// `BEFORE date`
    Before(Date),
    /// `ON date`
    On(Date),
    /// `SINCE date`
    Since(Date),
    /// `SENTBEFORE date`
    SentBefore(Date),
    /// `SENTON date`
    SentOn(Date),
    /// `SENTSINCE date`
    SentSince(Date),
    /// `LARGER n`
    Larger(u64),
    /// `SMALLER n`
    Smaller(u64),
    /// `UID set`
    Uid(SequenceSet),
    /// A sequence set
    Messages(SequenceSet),
    /// `NOT key`
    Not(Box<SearchKey>),
    /// `OR key key`
    Or(Box<SearchKey>, Box<SearchKey>),
    /// `(key ...)`, or the keys of a command one after another
    And(Vec<SearchKey>),
}

/// What a SEARCH asks to be told (RFC 4731, RFC 5182).
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum SearchReturn {
    /// `MIN`
    Min,
    /// `MAX`
    Max,
    /// `ALL`
    All,
    /// `COUNT`
    Count,
    /// `SAVE`
    Save,
}

/// The arguments of SEARCH and UID SEARCH.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Search {
    /// What to return; `None`: no RETURN given, so (in IMAP4rev1) the plain SEARCH response.
    pub returns: Option<Vec<SearchReturn>>,
    /// The charset of the strings, as written.
    pub charset: Option<Vec<u8>>,
    /// All of these; never none.
    pub keys: Vec<SearchKey>,
}

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
