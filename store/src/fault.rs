//! What can go wrong with a command, and the one function that puts it into IMAP's words.

use std::io;

use wire::imap::response::{Code, StatusKind};

use crate::output::Gone;

/// Why a command was not done.
#[derive(Debug)]
pub(crate) enum Fault {
    /// The connection must end: the client left, or an announced literal could not be filled.
    Broken,
    /// The Maildir's files cannot be read or written now.
    Files,
    /// The command is not allowed in this state.
    WrongState,
    /// This store does not do that.
    Cannot,
    /// No such mailbox.
    NoMailbox,
    /// The mailbox was opened by EXAMINE.
    ReadOnly,
    /// User or password is wrong.
    Login,
    /// A sequence number that no message has.
    NoMessage,
    /// A message was removed meanwhile.
    Vanished,
    /// A part's transfer encoding is not known, so BINARY cannot undo it.
    UnknownEncoding,
    /// SEARCH in a charset that is not known.
    Charset,
    /// More than this store does for one command.
    Limit,
    /// A SASL response was cancelled or is none.
    Sasl,
}

/// What a client is told.
pub(crate) struct Told {
    pub(crate) kind: StatusKind,
    pub(crate) code: Option<Code>,
    pub(crate) text: &'static str,
}

impl Fault {
    /// The tagged answer; `None` where there is nobody to answer.
    pub(crate) fn told(&self) -> Option<Told> {
        let no = |code, text| {
            Some(Told {
                kind: StatusKind::No,
                code: Some(code),
                text,
            })
        };
        match self {
            Self::Broken => None,
            Self::Files => no(Code::Unavailable, "The mailbox cannot be read now"),
            Self::WrongState => Some(Told {
                kind: StatusKind::Bad,
                code: Some(Code::ClientBug),
                text: "Not in this state",
            }),
            Self::Cannot => no(Code::Cannot, "This store does not do that"),
            Self::NoMailbox => no(Code::NonExistent, "No such mailbox"),
            Self::ReadOnly => no(Code::Cannot, "The mailbox is open for reading only"),
            Self::Login => no(Code::AuthenticationFailed, "User or password is wrong"),
            Self::NoMessage => Some(Told {
                kind: StatusKind::Bad,
                code: Some(Code::ClientBug),
                text: "No message has this number",
            }),
            Self::Vanished => no(Code::ExpungeIssued, "Some messages are gone"),
            Self::UnknownEncoding => no(Code::UnknownCte, "The transfer encoding is not known"),
            Self::Charset => no(
                Code::BadCharset(vec![b"US-ASCII".to_vec(), b"UTF-8".to_vec()]),
                "The charset is not known",
            ),
            Self::Limit => no(Code::Limit, "More than this store does at once"),
            Self::Sasl => Some(Told {
                kind: StatusKind::Bad,
                code: None,
                text: "Authentication was cancelled",
            }),
        }
    }
}

impl From<Gone> for Fault {
    fn from(_: Gone) -> Self {
        Self::Broken
    }
}

impl From<io::Error> for Fault {
    fn from(error: io::Error) -> Self {
        match error.kind() {
            io::ErrorKind::NotFound => Self::Vanished,
            _ => Self::Files,
        }
    }
}
