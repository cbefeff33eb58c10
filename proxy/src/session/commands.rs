//! Which of a client's commands is relayed, which is collected and understood first, and which is refused.

use wire::{
    Frame,
    imap::{
        Capabilities, Code, Command, CommandBody, CommandError, Name, Response, StatusKind, Tag,
        command::IdFields,
    },
};

use super::{
    Session, Stage,
    collecting::Whole,
    login::{Limits, client_fields, limits},
    offers::is_carried,
    outstanding::Effect,
    own::Task,
    rules::{Refused, Route, Rule},
};
use crate::{clock::Moment, event::Event};

impl Session {
    /// A command's first line is here.
    pub(super) fn route(&mut self, tag: Tag, name: Name, frame: &Frame<'_>, now: Moment) {
        let rule = Rule::of(name, self.store.urlauth());
        let route = match &self.stage {
            Stage::Login(_) | Stage::Over => rule.before_login(),
            Stage::Open(_) if self.outstanding.has(&tag) => Route::Refuse(Refused::SameTag),
            Stage::Open(_) => rule.after_login(),
        };
        match route {
            Route::Relay(_, arguments) if !arguments.are_met(&tag, frame) => {
                self.refuse(Refused::Arguments, &tag, frame);
            }
            Route::Relay(effect, _) => self.relay_first(tag, effect, frame),
            Route::Collect => self.collect_first(tag, frame, now),
            Route::Refuse(refused) => self.refuse(refused, &tag, frame),
        }
    }

    fn refuse(&mut self, refused: Refused, tag: &Tag, frame: &Frame<'_>) {
        self.out
            .record_reason(Event::CommandRefused, refused.reason());
        self.swallow(refused.answer(tag), frame);
        self.count_refusal();
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
