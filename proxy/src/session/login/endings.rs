//! How an attempt ends without a user: what the client is told, what the shell counts, and how many more may follow.

use wire::imap::{Code, Status, StatusKind, Tag};

use super::verdict;
use crate::{
    clock::Moment,
    event::Event,
    session::{Answered, Outcome, Request, Session, Unreachable, farewell},
};

/// How many logins may fail on one connection.
const FAILURES: u8 = 3;

impl Session {
    pub(super) fn told_unreachable(
        &mut self,
        tag: &Tag,
        began: Moment,
        why: Unreachable,
        now: Moment,
    ) {
        let (code, text, reason) = match why {
            // Whether there is such a user is nobody's business: as for a wrong password.
            Unreachable::NoRoute => (Code::AuthenticationFailed, verdict::WRONG, "no route"),
            Unreachable::Unavailable | Unreachable::Refused => (
                Code::Unavailable,
                "The mail store cannot be reached; try again later",
                "the store is unavailable",
            ),
            Unreachable::Limit => (
                Code::Limit,
                "Too many connections of this user",
                "too many connections",
            ),
        };
        let outcome = match why {
            Unreachable::NoRoute => Outcome::Refused,
            Unreachable::Unavailable | Unreachable::Refused | Unreachable::Limit => Outcome::Failed,
        };
        self.out.record_reason(Event::LoginRefused, reason);
        self.out.complete(tag, StatusKind::No, Some(code), text);
        self.count_failure(outcome, began, now);
    }

    /// A login has failed: so many more may, and what it took was not the client's time.
    pub(super) fn count_failure(&mut self, outcome: Outcome, began: Moment, now: Moment) {
        self.client.ask_no_more();
        self.answered_login(outcome, began, now);
        let Some(entrance) = self.entrance() else {
            return;
        };
        entrance.attempt = None;
        entrance.failures = entrance.failures.saturating_add(1);
        entrance.began = entrance.began.plus(now.since(began));
        if entrance.failures >= FAILURES {
            self.bid_farewell(farewell::too_many_failures());
        }
    }

    /// The attempt ends without a user, after the store was dialled.
    pub(super) fn end_attempt(
        &mut self,
        kind: StatusKind,
        code: Option<Code>,
        text: &str,
        outcome: Outcome,
        now: Moment,
    ) {
        let Some(attempt) = self.entrance().and_then(|entrance| entrance.attempt.take()) else {
            return;
        };
        // While the store is there, so that it counts for its address too.
        self.out.request(Request::LoginOutcome(outcome));
        self.hang_up();
        self.out.complete(&attempt.tag, kind, code, text);
        self.count_failure(outcome, attempt.began, now);
    }

    /// The same, where the store was not asked: what it came to says nothing of its address.
    pub(super) fn end_unjudged(
        &mut self,
        kind: StatusKind,
        code: Option<Code>,
        text: &str,
        outcome: Outcome,
        now: Moment,
    ) {
        let Some(attempt) = self.entrance().and_then(|entrance| entrance.attempt.take()) else {
            return;
        };
        self.hang_up();
        self.out.request(Request::LoginOutcome(outcome));
        self.out.complete(&attempt.tag, kind, code, text);
        self.count_failure(outcome, attempt.began, now);
    }

    /// Tells the shell of an answer, for what it counts.
    pub(super) fn answered_login(&mut self, outcome: Outcome, began: Moment, now: Moment) {
        if let Some(mechanism) = self.entrance().map(|entrance| entrance.mechanism) {
            self.out.request(Request::LoginAnswered(Answered {
                mechanism,
                outcome,
                took: now.since(began),
            }));
        }
    }

    pub(super) fn hang_up(&mut self) {
        self.store.hang_up();
        self.out.request(Request::HangUp);
    }

    /// The store broke off, hung, or said what it must not, before anybody was logged in.
    pub(in crate::session) fn fail_attempt(&mut self, reason: &'static str, now: Moment) {
        self.out.record_reason(Event::StoreFailed, reason);
        let text = "The mail store failed; try again later";
        self.end_attempt(
            StatusKind::No,
            Some(Code::Unavailable),
            text,
            Outcome::Failed,
            now,
        );
    }

    /// Refuses a login before anything was dialled.
    pub(super) fn refuse_login(
        &mut self,
        tag: &Tag,
        kind: StatusKind,
        code: Option<Code>,
        text: &'static str,
        now: Moment,
    ) {
        self.out.record_reason(Event::LoginRefused, text);
        self.out
            .tell(Status::tagged(tag, kind, code, text).encode());
        let attempt = self.entrance().and_then(|entrance| entrance.attempt.take());
        let began = attempt.map_or(now, |attempt| attempt.began);
        self.count_failure(Outcome::Refused, began, now);
    }
}
