//! What becomes of each command: in which state it may come, what it may have behind its name, and whether it passes.
//!
//! A store that reads no arguments where the grammar has none skips to the end of the line, or sees a literal where there
//! is none to come. So what the grammar does not have is not relayed.

use wire::{
    Ends, Frame,
    imap::{Code, Name, Status, StatusKind, Tag},
};

use super::outstanding::Effect;
use crate::config::UrlAuth;

/// In which state a command may come (RFC 9051 §6), and what becomes of it.
#[derive(Debug)]
pub(super) enum Rule {
    /// In any: this once somebody is known.
    Always(Route),
    /// Before anybody is known; then it is refused.
    BeforeLogin(Refused),
    /// Once somebody is known.
    AfterLogin(Route),
}

/// What becomes of a command.
#[derive(Debug)]
pub(super) enum Route {
    /// It passes as it comes.
    Relay(Effect, Arguments),
    /// It is collected, and understood before anything else.
    Collect,
    /// It is refused.
    Refuse(Refused),
}

/// What a relayed command may have behind its name (RFC 9051 §9 and the grammars of the extensions).
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) enum Arguments {
    None,
    /// Numbers, flags, quoted strings.
    NoLiterals,
    Any,
}

/// Why a command is refused.
#[derive(Clone, Copy, Debug)]
pub(super) enum Refused {
    /// RFC 9051 §6: not in this state.
    NotYet,
    AlreadyIn,
    /// RFC 9051 §6.2.1.
    TlsIsThere,
    /// Its capability is not offered here.
    Hidden,
    /// It takes no arguments, or none that may be literals: a store that does not read them to their end would take the
    /// octets of one for commands.
    Arguments,
    /// RFC 9051 §2.2.1: another command under way has its tag, and whose an answer is would not be plain.
    SameTag,
    /// Nobody here knows it, so nobody knows what it would do to the session.
    Unknown,
}

impl Refused {
    pub(super) fn answer(self, tag: &Tag) -> Vec<u8> {
        let (kind, code, text) = match self {
            Self::NotYet => (StatusKind::Bad, None, "Log in first"),
            Self::AlreadyIn => (StatusKind::Bad, None, "Already logged in"),
            Self::TlsIsThere => (StatusKind::Bad, None, "TLS is in use already"),
            Self::Unknown => (StatusKind::Bad, None, "This command is unknown"),
            Self::Arguments => (StatusKind::Bad, None, "Not with these arguments"),
            Self::SameTag => (
                StatusKind::Bad,
                Some(Code::ClientBug),
                "A command with this tag is under way",
            ),
            Self::Hidden => (
                StatusKind::No,
                Some(Code::Cannot),
                "Not offered by this server",
            ),
        };
        Status::tagged(tag, kind, code, text).encode()
    }

    pub(super) fn reason(self) -> &'static str {
        match self {
            Self::NotYet => "before the login",
            Self::AlreadyIn => "a second login",
            Self::TlsIsThere => "STARTTLS inside TLS",
            Self::Unknown => "an unknown command",
            Self::Hidden => "a capability that is not offered",
            Self::Arguments => "arguments that it does not take",
            Self::SameTag => "a tag that is under way",
        }
    }
}

impl Rule {
    pub(super) fn of(name: Name, urlauth: UrlAuth) -> Self {
        match name {
            Name::Capability | Name::Noop | Name::Logout => {
                Self::Always(Route::Relay(Effect::None, Arguments::None))
            }
            Name::Id => Self::Always(Route::Collect),
            Name::Starttls => Self::BeforeLogin(Refused::TlsIsThere),
            Name::Login | Name::Authenticate => Self::BeforeLogin(Refused::AlreadyIn),
            Name::Select
            | Name::Examine
            | Name::Enable
            | Name::Compress
            | Name::Convert
            | Name::UidConvert
            | Name::Conversions
            | Name::KeyReveal => Self::AfterLogin(Route::Collect),
            Name::Close | Name::Unselect => Self::relayed(Effect::Deselects, Arguments::None),
            Name::Idle => Self::relayed(Effect::Idles, Arguments::None),
            Name::Namespace | Name::Check | Name::Expunge => {
                Self::relayed(Effect::None, Arguments::None)
            }
            Name::Store | Name::UidStore | Name::UidExpunge | Name::CancelUpdate => {
                Self::relayed(Effect::None, Arguments::NoLiterals)
            }
            Name::Append | Name::Replace | Name::UidReplace => {
                Self::relayed(Effect::Appends, Arguments::Any)
            }
            Name::Create
            | Name::Delete
            | Name::Rename
            | Name::Subscribe
            | Name::Unsubscribe
            | Name::List
            | Name::Lsub
            | Name::Status
            | Name::Search
            | Name::UidSearch
            | Name::Fetch
            | Name::UidFetch
            | Name::Copy
            | Name::UidCopy
            | Name::Move
            | Name::UidMove
            | Name::GetQuota
            | Name::GetQuotaRoot
            | Name::SetQuota
            | Name::GetMetadata
            | Name::SetMetadata
            | Name::Sort
            | Name::UidSort
            | Name::Thread
            | Name::UidThread
            | Name::SetAcl
            | Name::DeleteAcl
            | Name::GetAcl
            | Name::ListRights
            | Name::MyRights
            | Name::Esearch
            | Name::Language
            | Name::Comparator
            | Name::Notify => Self::relayed(Effect::None, Arguments::Any),
            Name::GenUrlAuth | Name::ResetKey | Name::UrlFetch => match urlauth {
                UrlAuth::Relayed => Self::relayed(Effect::None, Arguments::Any),
                UrlAuth::Refused => Self::AfterLogin(Route::Refuse(Refused::Hidden)),
            },
            Name::Unauthenticate => Self::AfterLogin(Route::Refuse(Refused::Hidden)),
            Name::Unknown => Self::AfterLogin(Route::Refuse(Refused::Unknown)),
        }
    }

    fn relayed(effect: Effect, arguments: Arguments) -> Self {
        Self::AfterLogin(Route::Relay(effect, arguments))
    }

    /// What becomes of it before anybody is known.
    pub(super) fn before_login(self) -> Route {
        match self {
            Self::Always(_) | Self::BeforeLogin(_) => Route::Collect,
            Self::AfterLogin(_) => Route::Refuse(Refused::NotYet),
        }
    }

    /// What becomes of it once somebody is known.
    pub(super) fn after_login(self) -> Route {
        match self {
            Self::Always(route) | Self::AfterLogin(route) => route,
            Self::BeforeLogin(refused) => Route::Refuse(refused),
        }
    }
}

impl Arguments {
    /// Whether a command that begins with this line has no others.
    pub(super) fn are_met(self, tag: &Tag, frame: &Frame<'_>) -> bool {
        let Frame::Line(line) = frame else {
            return false;
        };
        let stands_alone = line.ends == Ends::Crlf;
        match self {
            Self::None => {
                let name = line.text().get(tag.as_str().len() + 1..);
                stands_alone && name.is_some_and(|name| name.iter().all(u8::is_ascii_alphabetic))
            }
            Self::NoLiterals => stands_alone,
            Self::Any => true,
        }
    }
}
