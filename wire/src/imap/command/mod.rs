//! Commands (RFC 9051 §6, RFC 3501 §6), both ways.
//!
//! A relay reads names alone ([`Name::of_line`]) and passes on octets; whoever must understand a command collects it and
//! calls [`Command::parse`].

mod arguments;
mod encode;
mod name;
mod parse;

pub use name::{Name, is_done};

pub(super) use arguments::{STATUS_ITEMS, id};
pub(super) use encode::write_id;

use super::convert::{Conversions, Convert};
use super::cursor::ParseError;
use super::date::DateTime;
use super::encode::{Encoded, Literals};
use super::fetch::FetchItem;
use super::flag::Flag;
use super::mailbox::Mailbox;
use super::sasl::Mechanism;
use super::search::Search;
use super::sequence::SequenceSet;
use super::tag::Tag;
use crate::confidential::Confidential;

/// A command.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Command {
    /// Its tag.
    pub tag: Tag,
    /// What is to be done.
    pub body: CommandBody,
}

/// How messages are named.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Addressing {
    /// By sequence number.
    Sequence,
    /// By unique identifier: the UID form of a command.
    Uid,
}

/// Why a command could not be understood.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct CommandError {
    /// Whom to answer; `None`: with an untagged BAD.
    pub tag: Option<Tag>,
    /// Which command it was, as far as that could be read.
    pub name: Option<Name>,
    /// What was wrong with it.
    pub error: ParseError,
}

/// What is to be done.
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum CommandBody {
    /// `CAPABILITY`
    Capability,
    /// `NOOP`
    Noop,
    /// `LOGOUT`
    Logout,
    /// `ID` (RFC 2971); empty is NIL on the wire
    Id(IdFields),
    /// `STARTTLS`
    Starttls,
    /// `LOGIN user password`
    Login {
        /// The user's name.
        user: Vec<u8>,
        /// The password.
        password: Confidential,
    },
    /// `AUTHENTICATE mechanism [initial]`
    Authenticate {
        /// The SASL mechanism.
        mechanism: Mechanism,
        /// The initial response, decoded (RFC 4959); `=` is the empty one.
        initial: Option<Confidential>,
    },
    /// `ENABLE capability ..`
    Enable(Vec<Box<str>>),
    /// `SELECT mailbox [(parameters)]`
    Select(Opening),
    /// `EXAMINE mailbox [(parameters)]`
    Examine(Opening),
    /// `CREATE mailbox`
    Create(Mailbox),
    /// `DELETE mailbox`
    Delete(Mailbox),
    /// `RENAME from to`
    Rename {
        /// The name that it has.
        from: Mailbox,
        /// The name that it shall have.
        to: Mailbox,
    },
    /// `SUBSCRIBE mailbox`
    Subscribe(Mailbox),
    /// `UNSUBSCRIBE mailbox`
    Unsubscribe(Mailbox),
    /// `LIST`, with the options of RFC 5258 and RFC 5819
    List(List),
    /// `LSUB reference pattern` (RFC 3501)
    Lsub {
        /// What the pattern is relative to.
        reference: Mailbox,
        /// The pattern.
        pattern: Vec<u8>,
    },
    /// `NAMESPACE`
    Namespace,
    /// `STATUS mailbox (items)`
    Status {
        /// The mailbox.
        mailbox: Mailbox,
        /// What to tell of it; never none.
        items: Vec<StatusItem>,
    },
    /// `APPEND`, of one message
    Append(Append),
    /// `IDLE` (RFC 2177)
    Idle,
    /// `CLOSE`
    Close,
    /// `UNSELECT`
    Unselect,
    /// `CHECK` (RFC 3501)
    Check,
    /// `EXPUNGE`, or `UID EXPUNGE set`
    Expunge(Option<SequenceSet>),
    /// `SEARCH` and `UID SEARCH`
    Search(Addressing, Search),
    /// `FETCH` and `UID FETCH`
    Fetch {
        /// How messages are named.
        addressing: Addressing,
        /// Which messages.
        set: SequenceSet,
        /// What to tell of them; never none.
        items: Vec<FetchItem>,
    },
    /// `STORE` and `UID STORE`
    Store(Addressing, Store),
    /// `COPY` and `UID COPY`
    Copy {
        /// How messages are named.
        addressing: Addressing,
        /// Which messages.
        set: SequenceSet,
        /// Where to.
        mailbox: Mailbox,
    },
    /// `MOVE` and `UID MOVE`
    Move {
        /// How messages are named.
        addressing: Addressing,
        /// Which messages.
        set: SequenceSet,
        /// Where to.
        mailbox: Mailbox,
    },
    /// `CONVERT` and `UID CONVERT` (RFC 5259)
    Convert(Addressing, Convert),
    /// `CONVERSIONS` (RFC 5259)
    Conversions(Conversions),
    /// `KEYREVEAL` (`docs/protocol.md`)
    KeyReveal(KeyReveal),
    /// `COMPRESS` (RFC 4978), with the algorithm in upper case
    Compress(Box<str>),
    /// A command that is not known here, in upper case; its arguments are not read.
    Unknown(Box<str>),
}

/// Field names and values of ID, as written.
pub type IdFields = Vec<(Vec<u8>, Option<Vec<u8>>)>;

/// The arguments of SELECT and EXAMINE.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Opening {
    /// The mailbox.
    pub mailbox: Mailbox,
    /// The parameters with their parentheses, as written (RFC 4466 §2.1), such as `(CONDSTORE)`.
    pub parameters: Option<Vec<u8>>,
}

/// The arguments of LIST.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct List {
    /// What to select.
    pub select: Vec<ListSelect>,
    /// What patterns are relative to.
    pub reference: Mailbox,
    /// Patterns with `*` and `%`; never none.
    pub patterns: Vec<Vec<u8>>,
    /// What to tell beside names; `None`: no RETURN given.
    pub returns: Option<Vec<ListReturn>>,
}

/// Selection options of LIST (RFC 9051 §6.3.9.1).
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum ListSelect {
    /// `SUBSCRIBED`
    Subscribed,
    /// `REMOTE`
    Remote,
    /// `RECURSIVEMATCH`
    RecursiveMatch,
    /// `SPECIAL-USE` (RFC 6154)
    SpecialUse,
}

/// Return options of LIST (RFC 9051 §6.3.9.2).
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum ListReturn {
    /// `SUBSCRIBED`
    Subscribed,
    /// `CHILDREN`
    Children,
    /// `SPECIAL-USE` (RFC 6154)
    SpecialUse,
    /// `STATUS (items)` (RFC 5819)
    Status(Vec<StatusItem>),
}

/// What STATUS tells.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum StatusItem {
    /// `MESSAGES`
    Messages,
    /// `RECENT` (RFC 3501)
    Recent,
    /// `UIDNEXT`
    UidNext,
    /// `UIDVALIDITY`
    UidValidity,
    /// `UNSEEN`
    Unseen,
    /// `DELETED`
    Deleted,
    /// `SIZE`
    Size,
    /// `HIGHESTMODSEQ` (RFC 7162)
    HighestModSeq,
}

/// The arguments of APPEND.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Append {
    /// Where to.
    pub mailbox: Mailbox,
    /// The message's flags.
    pub flags: Vec<Flag>,
    /// Its INTERNALDATE.
    pub date: Option<DateTime>,
    /// The message.
    pub message: Vec<u8>,
}

/// The arguments of STORE.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Store {
    /// Which messages.
    pub set: SequenceSet,
    /// What to do with the flags.
    pub action: StoreAction,
    /// Whether to tell of it.
    pub answer: StoreAnswer,
    /// The flags.
    pub flags: Vec<Flag>,
}

/// What STORE does with the flags.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum StoreAction {
    /// `FLAGS`
    Replace,
    /// `+FLAGS`
    Add,
    /// `-FLAGS`
    Remove,
}

/// Whether STORE is answered with FETCH.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum StoreAnswer {
    /// It is.
    Told,
    /// `.SILENT`
    Silent,
}

/// The arguments of KEYREVEAL (`docs/protocol.md`).
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct KeyReveal {
    /// How many key statements; one if it is not written.
    pub count: u32,
    /// Names of suites, the most wanted first; empty: any.
    pub suites: Vec<Box<str>>,
}

impl Command {
    /// Reads a whole command, as [`crate::Collector`] gives it, literals inline.
    ///
    /// # Errors
    /// When it is none; the error has the tag to answer under, if there was one.
    pub fn parse(raw: &[u8]) -> Result<Self, CommandError> {
        parse::command(raw)
    }

    /// Writes the command.
    #[must_use]
    pub fn encode(&self, literals: Literals) -> Encoded {
        encode::command(self, literals)
    }
}
