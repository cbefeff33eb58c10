//! The store's statuses and continuations: which command is done, and what they say of user, mailbox and capabilities.

use wire::{
    Ends, Line,
    imap::{Code, Response, Status, StatusKind, Tag},
};

use super::{
    Open, Session, Stage,
    client::Waiting,
    offers::{self, Offered},
    outstanding::Effect,
    own::Own,
    selected::{Change, Selection},
};
use crate::{
    clock::Moment,
    event::{Event, Record},
};

impl Session {
    /// `+` goes to whoever waits for it; nobody may be sent one out of turn.
    pub(super) fn continuation(&mut self, line: &Line) {
        match self.client.waiting() {
            Some(Waiting::Literal(_)) => self.relay_line(line),
            Some(Waiting::Idle(tag)) => {
                self.client.idle(tag);
                self.relay_line(line);
            }
            Some(Waiting::Challenge(tag)) => {
                self.client.challenge(tag);
                self.relay_line(line);
            }
            Some(Waiting::Replay(tag, pieces)) => self.replay_on(tag, pieces),
            None => self.fail_store("a continuation that nobody waits for"),
        }
    }

    pub(super) fn tagged(&mut self, tag: &Tag, kind: StatusKind, line: &Line, now: Moment) {
        if self.injected_tag() == Some(tag) {
            self.skip_rest(line);
            self.injection_done(kind, now);
            return;
        }
        let Some(effect) = self.outstanding.completed(tag) else {
            self.fail_store("an answer to a command that was not sent");
            return;
        };
        self.client.answered(tag);
        self.completed(effect, kind);
        self.relay_status(line);
    }

    fn completed(&mut self, effect: Effect, kind: StatusKind) {
        match (effect, &mut self.stage) {
            (Effect::LogsIn(user), _) => self.logged_in(user, kind),
            (effect, Stage::Open(open)) => {
                if open.selection.completed(effect, kind) == Change::Left {
                    open.own.left_mailbox();
                }
            }
            (_, Stage::Greeting | Stage::Login | Stage::Over) => {}
        }
    }

    fn logged_in(&mut self, user: Option<String>, kind: StatusKind) {
        match (kind, user) {
            (StatusKind::Ok, Some(user)) => {
                self.out
                    .records
                    .push_back(Record::of(Event::LoginAccepted).user(user.as_bytes()));
                self.store.offers(Offered::Unknown);
                let open = Open {
                    user,
                    selection: Selection::default(),
                    own: Own::default(),
                };
                self.stage = Stage::Open(Box::new(open));
            }
            (StatusKind::Ok, None) => self.fail_store("a login without a user"),
            (StatusKind::No | StatusKind::Bad | StatusKind::Bye | StatusKind::PreAuth, _) => {
                self.out.record_reason(Event::LoginRefused, "by the store");
            }
        }
    }

    /// Passes a status on as it is, unless it carries a capability list.
    pub(super) fn relay_status(&mut self, line: &Line) {
        let parsed = match line.ends {
            Ends::Crlf => Response::parse(&line.octets).ok(),
            Ends::Literal(_) | Ends::Unfinished => None,
        };
        let Some(Response::Status(status)) = parsed else {
            self.relay_line(line);
            return;
        };
        let Status {
            answers,
            kind,
            code,
            text,
        } = status;
        match code {
            Some(Code::Capability(list)) => {
                self.store.offers(offers::offers_binary(&list));
                let code = Some(Code::Capability(offers::for_client(&list, self.warden)));
                self.out.tell(
                    Status {
                        answers,
                        kind,
                        code,
                        text,
                    }
                    .encode(),
                );
            }
            code => {
                self.heed(code.as_ref());
                self.relay_line(line);
            }
        }
    }

    /// What a status says of the selected mailbox.
    fn heed(&mut self, code: Option<&Code>) {
        let Stage::Open(open) = &mut self.stage else {
            return;
        };
        let change = if let Some(Code::UidValidity(validity)) = code {
            open.selection.validity(*validity, &self.outstanding)
        } else if let Some(Code::Closed) = code {
            open.selection.closed()
        } else {
            Change::Same
        };
        if change == Change::Left {
            open.own.left_mailbox();
        }
    }
}
