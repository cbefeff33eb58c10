//! Which of a client's commands is relayed, which is collected and understood first, and which is refused.

use wire::{
    Frame,
    imap::{
        Capabilities, Code, Command, CommandBody, CommandError, Name, Response, Status, StatusKind,
        Tag, command::IdFields,
    },
};

use super::{
    Session, Stage,
    arguments::is_followed,
    collecting::Whole,
    login::{Limits, client_fields, limits},
    offers::is_carried,
    outstanding::Effect,
    own::Task,
};
use crate::{clock::Moment, config::UrlAuth, event::Event};

/// What becomes of a command.
#[derive(Debug)]
enum Route {
    /// It passes as it comes.
    Relay(Effect),
    /// It is collected, and understood before anything else.
    Collect,
    /// It is refused.
    Refuse(Refused),
}

/// Why a command is refused.
#[derive(Clone, Copy, Debug)]
enum Refused {
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
    fn answer(self, tag: &Tag) -> Vec<u8> {
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

    fn reason(self) -> &'static str {
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

/// Before anybody is known (RFC 9051 §6.1, §6.2).
fn before_login(name: Name) -> Route {
    match name {
        Name::Capability
        | Name::Noop
        | Name::Logout
        | Name::Id
        | Name::Starttls
        | Name::Login
        | Name::Authenticate => Route::Collect,
        Name::Enable
        | Name::Select
        | Name::Examine
        | Name::Create
        | Name::Delete
        | Name::Rename
        | Name::Subscribe
        | Name::Unsubscribe
        | Name::List
        | Name::Lsub
        | Name::Namespace
        | Name::Status
        | Name::Append
        | Name::Idle
        | Name::Close
        | Name::Unselect
        | Name::Check
        | Name::Expunge
        | Name::UidExpunge
        | Name::Search
        | Name::UidSearch
        | Name::Fetch
        | Name::UidFetch
        | Name::Store
        | Name::UidStore
        | Name::Copy
        | Name::UidCopy
        | Name::Move
        | Name::UidMove
        | Name::Convert
        | Name::UidConvert
        | Name::Conversions
        | Name::KeyReveal
        | Name::Compress
        | Name::Notify
        | Name::Unauthenticate
        | Name::GenUrlAuth
        | Name::ResetKey
        | Name::UrlFetch
        | Name::GetQuota
        | Name::GetQuotaRoot
        | Name::SetQuota
        | Name::GetMetadata
        | Name::SetMetadata
        | Name::Sort
        | Name::Thread
        | Name::SetAcl
        | Name::DeleteAcl
        | Name::GetAcl
        | Name::ListRights
        | Name::MyRights
        | Name::CancelUpdate
        | Name::Esearch
        | Name::Replace
        | Name::Language
        | Name::Comparator
        | Name::UidSort
        | Name::UidThread
        | Name::UidReplace
        | Name::Unknown => Route::Refuse(Refused::NotYet),
    }
}

/// Once somebody is known.
fn after_login(name: Name, urlauth: UrlAuth) -> Route {
    match name {
        Name::Select | Name::Examine | Name::Enable | Name::Id | Name::Compress => Route::Collect,
        Name::Convert | Name::UidConvert | Name::Conversions | Name::KeyReveal => Route::Collect,
        Name::Close | Name::Unselect => Route::Relay(Effect::Deselects),
        Name::Idle => Route::Relay(Effect::Idles),
        Name::Login | Name::Authenticate => Route::Refuse(Refused::AlreadyIn),
        Name::Starttls => Route::Refuse(Refused::TlsIsThere),
        Name::Unauthenticate => Route::Refuse(Refused::Hidden),
        Name::GenUrlAuth | Name::ResetKey | Name::UrlFetch => match urlauth {
            UrlAuth::Relayed => Route::Relay(Effect::None),
            UrlAuth::Refused => Route::Refuse(Refused::Hidden),
        },
        Name::Unknown => Route::Refuse(Refused::Unknown),
        Name::Append | Name::Replace | Name::UidReplace => Route::Relay(Effect::Appends),
        Name::Capability
        | Name::Noop
        | Name::Logout
        | Name::Create
        | Name::Delete
        | Name::Rename
        | Name::Subscribe
        | Name::Unsubscribe
        | Name::List
        | Name::Lsub
        | Name::Namespace
        | Name::Status
        | Name::Check
        | Name::Expunge
        | Name::UidExpunge
        | Name::Search
        | Name::UidSearch
        | Name::Fetch
        | Name::UidFetch
        | Name::Store
        | Name::UidStore
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
        | Name::Thread
        | Name::SetAcl
        | Name::DeleteAcl
        | Name::GetAcl
        | Name::ListRights
        | Name::MyRights
        | Name::CancelUpdate
        | Name::Esearch
        | Name::Language
        | Name::Comparator
        | Name::UidSort
        | Name::UidThread
        | Name::Notify => Route::Relay(Effect::None),
    }
}

impl Session {
    /// A command's first line is here.
    pub(super) fn route(&mut self, tag: Tag, name: Name, frame: &Frame<'_>, now: Moment) {
        let route = match &self.stage {
            Stage::Login(_) | Stage::Over => before_login(name),
            Stage::Open(_) if self.outstanding.has(&tag) => Route::Refuse(Refused::SameTag),
            Stage::Open(_) => match after_login(name, self.store.urlauth()) {
                Route::Relay(_) if !is_followed(&tag, name, frame) => {
                    Route::Refuse(Refused::Arguments)
                }
                route => route,
            },
        };
        match route {
            Route::Relay(effect) => self.relay_first(tag, effect, frame),
            Route::Collect => self.collect_first(tag, frame, now),
            Route::Refuse(refused) => {
                self.out
                    .record_reason(Event::CommandRefused, refused.reason());
                self.swallow(refused.answer(&tag), frame);
                self.count_refusal();
            }
        }
    }

    /// A command that had to be understood is whole.
    pub(super) fn collected(&mut self, whole: Whole, now: Moment) {
        match Command::parse(&whole.raw) {
            Ok(command) => self.understood(whole, command.body, now),
            Err(error) => self.not_understood(&whole.tag, &error),
        }
    }

    fn not_understood(&mut self, tag: &Tag, error: &CommandError) {
        self.out
            .record_reason(Event::CommandRefused, "wrong syntax");
        let text = format!("Wrong syntax at octet {}", error.error.at);
        self.out.complete(tag, StatusKind::Bad, None, &text);
        self.count_refusal();
    }

    fn understood(&mut self, whole: Whole, body: CommandBody, now: Moment) {
        if let Stage::Login(_) = self.stage {
            return self.answer_stranger(whole.tag, body, now);
        }
        match body {
            CommandBody::Id(fields) => self.relay_id(whole.tag, fields),
            CommandBody::Compress(algorithm) => {
                self.ask(whole.tag, Task::Compress(algorithm), now);
            }
            CommandBody::Select(opening) | CommandBody::Examine(opening) => {
                self.replay(whole, Effect::Selects(opening.mailbox));
            }
            CommandBody::Enable(names) => self.enable(whole, names),
            CommandBody::Convert(_, convert) if self.is_the_stores(&convert) => {
                self.replay(whole, Effect::None)
            }
            CommandBody::Convert(addressing, convert) => {
                self.ask(whole.tag, Task::Convert(addressing, convert), now);
            }
            CommandBody::Conversions(asked) => self.ask(whole.tag, Task::Conversions(asked), now),
            CommandBody::KeyReveal(asked) => self.ask(whole.tag, Task::KeyReveal(asked), now),
            CommandBody::Capability
            | CommandBody::Noop
            | CommandBody::Logout
            | CommandBody::Starttls
            | CommandBody::Login { .. }
            | CommandBody::Authenticate { .. }
            | CommandBody::Create(_)
            | CommandBody::Delete(_)
            | CommandBody::Rename { .. }
            | CommandBody::Subscribe(_)
            | CommandBody::Unsubscribe(_)
            | CommandBody::List(_)
            | CommandBody::Lsub { .. }
            | CommandBody::Namespace
            | CommandBody::Status { .. }
            | CommandBody::Append(_)
            | CommandBody::Idle
            | CommandBody::Close
            | CommandBody::Unselect
            | CommandBody::Check
            | CommandBody::Expunge(_)
            | CommandBody::Search(..)
            | CommandBody::Fetch { .. }
            | CommandBody::Store(..)
            | CommandBody::Copy { .. }
            | CommandBody::Move { .. }
            | CommandBody::Unknown(_) => self.misread(&whole.tag),
        }
    }

    /// The first line said one thing and the whole another: it is not relayed, for the store may see a third.
    pub(super) fn misread(&mut self, tag: &Tag) {
        self.out
            .record_reason(Event::CommandRefused, "ambiguous syntax");
        self.out
            .complete(tag, StatusKind::Bad, Some(Code::ClientBug), "Ambiguous");
        self.count_refusal();
    }

    /// ENABLE passes without the names that are not carried, as if the store did not know them (RFC 5161 §3.1).
    fn enable(&mut self, whole: Whole, mut names: Vec<Box<str>>) {
        let asked = names.len();
        let urlauth = self.store.urlauth();
        names.retain(|name| is_carried(name, urlauth));
        if names.len() == asked {
            self.replay(whole, Effect::None);
        } else if names.is_empty() {
            self.out
                .tell(Response::Enabled(Capabilities::default()).encode());
            self.out
                .complete(&whole.tag, StatusKind::Ok, None, "Nothing is enabled");
        } else {
            let body = CommandBody::Enable(names);
            self.relay_anew(
                Command {
                    tag: whole.tag,
                    body,
                },
                Effect::None,
            );
        }
    }

    /// ID passes without the fields that are between proxies (RFC 2971).
    fn relay_id(&mut self, tag: Tag, fields: IdFields) {
        if limits(&fields) == Limits::Exceeded {
            return self.refuse_id(&tag);
        }
        let body = CommandBody::Id(client_fields(fields));
        self.relay_anew(Command { tag, body }, Effect::None);
    }
}
