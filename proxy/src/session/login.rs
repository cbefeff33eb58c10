//! Before anybody is known: the greeting is ours, and so is every answer until the user's name is; then the store is
//! dialled, and told the login in words of ours.
//!
//! | module | holds |
//! | --- | --- |
//! | [`credentials`] | LOGIN and the mechanisms: what a client says to log in, and whom that names |
//! | [`identity`] | ID: what the client, a trusted proxy in front, and we say of the connection |
//! | [`approach`] | the same credentials in words for the store that was dialled |
//! | [`upstream`] | the store's answers up to the login |
//! | [`verdict`] | what the store's refusal is to the client |
//!
//! No name of a user that the store has not accepted leaves this module but as [`Request::Dial`].

mod approach;
mod credentials;
mod identity;
mod upstream;
mod verdict;

use wire::{
    Confidential,
    imap::{
        Capabilities, Code, CommandBody, Response, Status, StatusKind, Tag, capability,
        command::IdFields, sasl::Mechanism,
    },
};

use super::{
    Answered, Facts, Handshake, Outcome, Protection, Request, Session, Stage, Unreachable,
    facts::SESSION_ID, farewell,
};
use crate::{clock::Moment, event::Event, metrics};
use credentials::{Asked, Credentials};
pub(super) use identity::{Limits, client_fields, limits};
use upstream::Upstream;

/// How many logins may fail on one connection.
const FAILURES: u8 = 3;

/// How many commands may be refused on a connection of somebody unknown.
const REFUSALS: u8 = 10;

/// What a client may use before it has logged in, beside what depends on TLS and the mechanisms. What of it is still
/// there afterwards, the store's own list says then.
const BEFORE_LOGIN: [&str; 6] = [
    capability::IMAP4REV1,
    capability::IMAP4REV2,
    capability::SASL_IR,
    capability::LITERAL_PLUS,
    "ID",
    "ENABLE",
];

/// A connection of somebody unknown.
#[derive(Debug)]
pub(super) struct Entrance {
    pub(super) facts: Facts,
    /// What the client said of itself by ID.
    fields: IdFields,
    failures: u8,
    refusals: u8,
    /// How the client means to log in, this time.
    mechanism: metrics::Mechanism,
    /// Since when the client has had the time that a login may take.
    pub(super) began: Moment,
    attempt: Option<Attempt>,
}

/// A login under way.
#[derive(Debug)]
struct Attempt {
    /// The client's.
    tag: Tag,
    began: Moment,
    phase: Phase,
}

/// Who has to say something.
#[derive(Debug)]
enum Phase {
    /// The client: we have asked for what names the user.
    Asking(Asked),
    /// The shell.
    Dialling(Box<Credentials>),
    /// The store, or by its challenge the client.
    Answering(Box<Upstream>),
}

impl Entrance {
    pub(super) fn new(mut facts: Facts, now: Moment) -> Self {
        // It goes into a line to the store.
        facts.session_id.retain(|sign| sign.is_ascii_graphic());
        facts.session_id.truncate(SESSION_ID);
        Self {
            facts,
            fields: IdFields::new(),
            failures: 0,
            refusals: 0,
            mechanism: metrics::Mechanism::LoginCommand,
            began: now,
            attempt: None,
        }
    }

    /// Whether a login is under way.
    pub(super) fn is_busy(&self) -> bool {
        self.attempt.is_some()
    }

    /// Whether the shell or the store, not the client, is who everybody waits for.
    pub(super) fn is_served(&self) -> bool {
        match self.attempt.as_ref().map(|attempt| &attempt.phase) {
            Some(Phase::Dialling(_)) => true,
            Some(Phase::Answering(upstream)) => !upstream.waits_for_client(),
            Some(Phase::Asking(_)) | None => false,
        }
    }

    /// Whether the store has been dialled and owes an answer.
    pub(super) fn owes(&self) -> bool {
        match self.attempt.as_ref().map(|attempt| &attempt.phase) {
            Some(Phase::Answering(upstream)) => !upstream.waits_for_client(),
            Some(Phase::Asking(_) | Phase::Dialling(_)) | None => false,
        }
    }

    fn upstream(&mut self) -> Option<&mut Upstream> {
        match self.attempt.as_mut().map(|attempt| &mut attempt.phase) {
            Some(Phase::Answering(upstream)) => Some(upstream),
            Some(Phase::Asking(_) | Phase::Dialling(_)) | None => None,
        }
    }

    fn offers(&self, mechanism: &Mechanism) -> bool {
        let usable = *mechanism != Mechanism::External || self.facts.external.is_some();
        usable
            && self.facts.protection == Protection::Tls
            && self.facts.mechanisms.contains(mechanism)
    }

    /// What is offered now.
    fn capabilities(&self) -> Capabilities {
        let mut list = Capabilities::of(&BEFORE_LOGIN);
        match self.facts.protection {
            Protection::Clear => {
                list.add(capability::STARTTLS);
                list.add(capability::LOGINDISABLED);
            }
            Protection::Tls => {
                for mechanism in &self.facts.mechanisms {
                    if self.offers(mechanism) {
                        list.add(&mechanism.capability());
                    }
                }
            }
        }
        list
    }
}

impl Session {
    pub(super) fn greet(&mut self) {
        if let Stage::Login(entrance) = &self.stage {
            let code = Some(Code::Capability(entrance.capabilities()));
            self.out.remark(StatusKind::Ok, code, "Keyhole is ready");
        }
    }

    pub(super) fn entrance(&mut self) -> Option<&mut Entrance> {
        match &mut self.stage {
            Stage::Login(entrance) => Some(entrance),
            Stage::Open(_) | Stage::Over => None,
        }
    }

    /// A command of somebody unknown, understood.
    pub(super) fn answer_stranger(&mut self, tag: Tag, body: CommandBody, now: Moment) {
        match body {
            CommandBody::Capability => self.tell_capabilities(&tag),
            CommandBody::Noop => self.out.complete(&tag, StatusKind::Ok, None, "Nothing new"),
            CommandBody::Logout => self.log_out(&tag),
            CommandBody::Starttls => self.start_tls(&tag),
            CommandBody::Id(fields) => self.take_id(&tag, fields),
            CommandBody::Login { user, password } => self.log_in(tag, user, password, now),
            CommandBody::Authenticate { mechanism, initial } => {
                self.authenticate(tag, mechanism, initial, now);
            }
            CommandBody::Enable(_)
            | CommandBody::Select(_)
            | CommandBody::Examine(_)
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
            | CommandBody::Convert(..)
            | CommandBody::Conversions(_)
            | CommandBody::KeyReveal(_)
            | CommandBody::Compress(_)
            | CommandBody::Unknown(_) => self.misread(&tag),
        }
    }

    /// A command was refused and logged: of somebody unknown only so many are, so that nobody fills the log.
    pub(super) fn count_refusal(&mut self) {
        let Some(entrance) = self.entrance() else {
            return;
        };
        entrance.refusals = entrance.refusals.saturating_add(1);
        if entrance.refusals >= REFUSALS {
            self.bid_farewell(farewell::too_many_refusals());
        }
    }

    fn tell_capabilities(&mut self, tag: &Tag) {
        let Some(list) = self.entrance().map(|entrance| entrance.capabilities()) else {
            return;
        };
        self.out.tell(Response::Capability(list).encode());
        self.out
            .complete(tag, StatusKind::Ok, None, "These are all");
    }

    fn log_out(&mut self, tag: &Tag) {
        self.out.tell(farewell::logout());
        self.out.complete(tag, StatusKind::Ok, None, "Goodbye");
        self.over();
    }

    fn start_tls(&mut self, tag: &Tag) {
        let protection = self.entrance().map(|entrance| entrance.facts.protection);
        if protection == Some(Protection::Clear) {
            self.out
                .complete(tag, StatusKind::Ok, None, "Begin TLS now");
            self.client.begin_tls();
        } else {
            // RFC 9051 §6.2.1: not a second time.
            let text = "TLS is in use already";
            self.out.record_reason(Event::CommandRefused, text);
            self.out.complete(tag, StatusKind::Bad, None, text);
            self.count_refusal();
        }
    }

    /// RFC 9051 §6.2.1: what was known in clear is known no more.
    pub(super) fn take_tls(&mut self, handshake: Handshake, now: Moment) {
        self.client.has_tls(now);
        if let Some(entrance) = self.entrance() {
            entrance.facts.protection = Protection::Tls;
            entrance.facts.external = handshake.external;
            entrance.facts.peer.name = handshake.name;
            entrance.fields.clear();
        }
    }

    /// The user is known: its store is wanted.
    fn dial(&mut self, tag: Tag, credentials: Credentials, now: Moment) {
        let user = credentials.user.clone();
        let phase = Phase::Dialling(Box::new(credentials));
        self.begin_attempt(tag, phase, now);
        self.out.request(Request::Dial { user });
    }

    fn begin_attempt(&mut self, tag: Tag, phase: Phase, now: Moment) {
        if let Some(entrance) = self.entrance() {
            // One that goes on has begun before.
            let began = entrance
                .attempt
                .as_ref()
                .map_or(now, |attempt| attempt.began);
            entrance.attempt = Some(Attempt { tag, began, phase });
        }
    }

    pub(super) fn take_dialled(
        &mut self,
        reached: Result<super::Greeted, Unreachable>,
        now: Moment,
    ) {
        let attempt = self.entrance().and_then(|entrance| entrance.attempt.take());
        match (attempt, reached) {
            (
                Some(Attempt {
                    tag,
                    began,
                    phase: Phase::Dialling(credentials),
                }),
                reached,
            ) => match reached {
                Ok(greeted) => self.approach(tag, began, *credentials, greeted, now),
                Err(unreachable) => self.told_unreachable(&tag, began, unreachable, now),
            },
            (attempt, reached) => {
                // Nobody waits for it any more.
                if let Some(entrance) = self.entrance() {
                    entrance.attempt = attempt;
                }
                if reached.is_ok() {
                    self.out.request(Request::HangUp);
                }
            }
        }
    }

    fn told_unreachable(&mut self, tag: &Tag, began: Moment, why: Unreachable, now: Moment) {
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
    fn count_failure(&mut self, outcome: Outcome, began: Moment, now: Moment) {
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
    fn end_attempt(
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
    fn end_unjudged(
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
    fn answered_login(&mut self, outcome: Outcome, began: Moment, now: Moment) {
        if let Some(mechanism) = self.entrance().map(|entrance| entrance.mechanism) {
            self.out.request(Request::LoginAnswered(Answered {
                mechanism,
                outcome,
                took: now.since(began),
            }));
        }
    }

    fn hang_up(&mut self) {
        self.store.hang_up();
        self.out.request(Request::HangUp);
    }

    /// The store broke off, hung, or said what it must not, before anybody was logged in.
    pub(super) fn fail_attempt(&mut self, reason: &'static str, now: Moment) {
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
    fn refuse_login(
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

/// `+` and base64, for the client.
fn challenge(message: &[u8]) -> Vec<u8> {
    use wire::imap::sasl::ClientLine;
    let text: Confidential = ClientLine::encode(message);
    Response::Continuation(text.expose().to_vec()).encode()
}
