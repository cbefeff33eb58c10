//! Which of a client's commands is relayed, which is collected and understood first, and which is refused.

use wire::{
    Frame,
    imap::{Code, Command, CommandBody, CommandError, Name, Status, StatusKind, Tag},
};

use super::{Session, Stage, collecting::Whole, outstanding::Effect, own::Task};
use crate::{clock::Moment, event::Event};

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
}

impl Refused {
    fn answer(self, tag: &Tag) -> Vec<u8> {
        let (kind, code, text) = match self {
            Self::NotYet => (StatusKind::Bad, None, "Log in first"),
            Self::AlreadyIn => (StatusKind::Bad, None, "Already logged in"),
            Self::TlsIsThere => (StatusKind::Bad, None, "TLS is in use already"),
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
            Self::Hidden => "a capability that is not offered",
        }
    }
}

/// Before anybody is known (RFC 9051 §6.1, §6.2).
fn before_login(name: Name) -> Route {
    match name {
        Name::Capability | Name::Noop | Name::Logout => Route::Relay(Effect::None),
        Name::Id | Name::Login | Name::Authenticate => Route::Collect,
        Name::Starttls => Route::Refuse(Refused::TlsIsThere),
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
        | Name::Unknown => Route::Refuse(Refused::NotYet),
    }
}

/// Once somebody is known.
fn after_login(name: Name) -> Route {
    match name {
        Name::Select | Name::Examine | Name::Enable => Route::Collect,
        Name::Convert | Name::UidConvert | Name::Conversions | Name::KeyReveal => Route::Collect,
        Name::Close | Name::Unselect => Route::Relay(Effect::Deselects),
        Name::Idle => Route::Relay(Effect::Idles),
        Name::Login | Name::Authenticate => Route::Refuse(Refused::AlreadyIn),
        Name::Starttls => Route::Refuse(Refused::TlsIsThere),
        Name::Compress
        | Name::Unauthenticate
        | Name::GenUrlAuth
        | Name::ResetKey
        | Name::UrlFetch => Route::Refuse(Refused::Hidden),
        Name::Capability
        | Name::Noop
        | Name::Logout
        | Name::Id
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
        | Name::Notify
        | Name::Unknown => Route::Relay(Effect::None),
    }
}

impl Session {
    /// A command's first line is here.
    pub(super) fn route(&mut self, tag: Tag, name: Name, frame: &Frame<'_>, now: Moment) {
        let route = match &self.stage {
            Stage::Greeting | Stage::Login | Stage::Over => before_login(name),
            Stage::Open(_) => after_login(name),
        };
        match route {
            Route::Relay(effect) => self.relay_first(tag, effect, frame),
            Route::Collect => self.collect_first(tag, frame, now),
            Route::Refuse(refused) => {
                self.out
                    .record_reason(Event::CommandRefused, refused.reason());
                self.swallow(refused.answer(&tag), frame);
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
    }

    fn understood(&mut self, whole: Whole, body: CommandBody, now: Moment) {
        match body {
            CommandBody::Login { user, .. } => self.log_in(whole, user),
            CommandBody::Authenticate { mechanism, initial } => {
                self.authenticate(whole, &mechanism, initial.as_ref());
            }
            CommandBody::Id(fields) => self.identify(whole, &fields),
            CommandBody::Select(opening) | CommandBody::Examine(opening) => {
                self.replay(whole, Effect::Selects(opening.mailbox));
            }
            CommandBody::Enable(names) => self.enable(whole, &names),
            CommandBody::Convert(addressing, convert) => {
                self.ask(whole.tag, Task::Convert(addressing, convert), now);
            }
            CommandBody::Conversions(asked) => self.ask(whole.tag, Task::Conversions(asked), now),
            CommandBody::KeyReveal(asked) => self.ask(whole.tag, Task::KeyReveal(asked), now),
            CommandBody::Capability
            | CommandBody::Noop
            | CommandBody::Logout
            | CommandBody::Starttls
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
    fn misread(&mut self, tag: &Tag) {
        self.out
            .record_reason(Event::CommandRefused, "ambiguous syntax");
        self.out
            .complete(tag, StatusKind::Bad, Some(Code::ClientBug), "Ambiguous");
    }

    /// ENABLE passes unless it names what would change the answers that are understood here.
    fn enable(&mut self, whole: Whole, names: &[Box<str>]) {
        if names.iter().any(|name| super::offers::is_hidden(name)) {
            self.out
                .record_reason(Event::CommandRefused, Refused::Hidden.reason());
            self.out.tell(Refused::Hidden.answer(&whole.tag));
        } else {
            self.replay(whole, Effect::None);
        }
    }
}
