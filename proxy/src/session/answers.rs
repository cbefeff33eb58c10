//! The store's statuses and continuations: which command is done, and what they say of user, mailbox and capabilities.

use wire::{
    Ends, Line,
    imap::{Code, Response, Status, StatusKind, Tag},
};

use super::{
    Session, Stage,
    client::{Half, Waiting},
    inject::Taken,
    outstanding::Effect,
    selected::Change,
};
use crate::clock::Moment;

impl Session {
    /// `+` goes to whoever waits for it; nobody may be sent one out of turn.
    pub(super) fn continuation(&mut self, line: &Line, now: Moment) {
        self.late_done_is_over();
        if self.idle_resumed(line, now) == Taken::Yes {
            return;
        }
        match self.client.waiting() {
            Some(Waiting::Literal(_)) => self.relay_line(line),
            Some(Waiting::Unasked(_)) => self.skip_rest(line),
            Some(Waiting::Idle(tag)) => {
                self.client.idle(tag);
                if let Some(injector) = self.injector() {
                    injector.idle_begun(now);
                }
                self.relay_line(line);
            }
            Some(Waiting::Replay(tag, pieces)) => {
                self.skip_rest(line);
                self.replay_on(tag, pieces);
            }
            None => self.fail_store("a continuation that nobody waits for", now),
        }
    }

    pub(super) fn tagged(&mut self, tag: &Tag, kind: StatusKind, line: &Line, now: Moment) {
        if self.take_late_done(Some(tag), kind) == Taken::Yes {
            return self.skip_rest(line);
        }
        if self.take_tagged(tag, kind, line, now) == Taken::Yes {
            return;
        }
        let Some(effect) = self.outstanding.completed(tag) else {
            self.fail_store("an answer to a command that was not sent", now);
            return;
        };
        self.client.answered(tag);
        let goes_on = effect == Effect::Appends && kind == StatusKind::No;
        let half = self.client.half_of(tag);
        self.completed(effect, kind);
        self.relay_status(line);
        match half {
            Some(Half::Line) => self.cut_off(),
            // Whether the store reads the rest, or takes it for commands, nobody knows.
            Some(Half::Literal) if !goes_on => {
                self.fail_store("the store answered half a command", now);
            }
            Some(Half::Literal) | None => {}
        }
    }

    fn completed(&mut self, effect: Effect, kind: StatusKind) {
        let Stage::Open(open) = &mut self.stage else {
            return;
        };
        if open.selection.completed(effect, kind) == Change::Left {
            open.own.left_mailbox();
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
                let code = Some(Code::Capability(self.hear_capabilities(&list)));
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
            // RFC 9585: of a command that the client does not know.
            Some(Code::InProgress(tag)) if self.injected_tag() == Some(&tag) => {}
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
