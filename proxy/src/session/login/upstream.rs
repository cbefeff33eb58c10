//! What the store says from the moment it is dialled until somebody is logged in. Of all that only its verdict, its
//! challenges and its list of capabilities are looked at, and nothing passes as it is (RFC 9051 §11.3).

use wire::{
    Ends, Frame, Line,
    imap::{
        Capabilities, Code, Response, Status, StatusKind, Tag, response::Kind, sasl::ClientLine,
    },
};

use super::{approach::Pieces, challenge, verdict};
use crate::{
    clock::Moment,
    event::{Event, Record},
    session::{Outcome, Request, Session, Stage, offers::Offered},
};

/// A login that the store has been told.
#[derive(Debug)]
pub(super) struct Upstream {
    /// Our ID's tag, while it is not answered.
    identifies: Option<Tag>,
    /// Our login's tag.
    tag: Tag,
    /// What is still to be sent, each piece after a `+`.
    pieces: Pieces,
    challenges: Challenges,
    user: String,
    turn: Turn,
    /// What the store offers now, if it has said so of its own accord.
    capabilities: Option<Capabilities>,
}

/// Who answers what the store still asks when all is sent.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) enum Challenges {
    /// The client: the exchange is between the two.
    Clients,
    /// There is nothing to ask.
    Nobodys,
}

#[derive(Clone, Copy, Debug, Eq, PartialEq)]
enum Turn {
    Stores,
    Clients,
}

impl Upstream {
    pub(super) fn new(
        identifies: Option<Tag>,
        tag: Tag,
        pieces: Pieces,
        challenges: Challenges,
        user: String,
    ) -> Self {
        Self {
            identifies,
            tag,
            pieces,
            challenges,
            user,
            turn: Turn::Stores,
            capabilities: None,
        }
    }

    /// One that was told nothing.
    pub(super) fn silent(tag: Tag) -> Self {
        Self::new(None, tag, Pieces::new(), Challenges::Nobodys, String::new())
    }

    /// The client has answered a challenge.
    pub(super) fn client_answered(&mut self) {
        self.turn = Turn::Stores;
    }

    pub(super) fn waits_for_client(&self) -> bool {
        self.turn == Turn::Clients
    }
}

impl Session {
    /// A response of the store's before anybody is logged in.
    pub(in crate::session) fn early_response(
        &mut self,
        line: &Line,
        kind: &Kind,
        frame: &Frame<'_>,
        now: Moment,
    ) {
        match kind {
            Kind::Continuation => self.challenged(line, now),
            Kind::Tagged(tag, kind) => self.early_tagged(tag, *kind, line, now),
            Kind::Status(StatusKind::Bye) => self.fail_attempt("the store said BYE", now),
            Kind::Status(StatusKind::PreAuth) => {
                self.fail_attempt("PREAUTH is only a greeting", now);
            }
            Kind::Malformed => self.fail_attempt("the store sent no response", now),
            Kind::Capability => self.collect_capabilities(frame, now),
            Kind::Status(StatusKind::Ok | StatusKind::No | StatusKind::Bad)
            | Kind::Exists(_)
            | Kind::Recent(_)
            | Kind::Expunge(_)
            | Kind::Fetch(_)
            | Kind::Vanished
            | Kind::Conversion
            | Kind::Untagged => self.skip_rest(line),
        }
    }

    /// `+`: the next piece may come, or the client is asked something.
    fn challenged(&mut self, line: &Line, now: Moment) {
        let Some(upstream) = self.entrance().and_then(|entrance| entrance.upstream()) else {
            return self.fail_attempt("a continuation that nobody waits for", now);
        };
        if let Some(piece) = upstream.pieces.pop_front() {
            self.skip_rest(line);
            self.out.send_wiped(piece);
            return;
        }
        let asks = upstream.challenges == Challenges::Clients && upstream.turn == Turn::Stores;
        let text = line.text();
        let text = text.strip_prefix(b"+ ").or(text.strip_prefix(b"+"));
        let read = text
            .filter(|_| line.ends == Ends::Crlf)
            .and_then(ClientLine::parse_challenge);
        match read {
            Some(message) if asks => {
                upstream.turn = Turn::Clients;
                self.out.tell(challenge(message.expose()));
                self.client.challenge();
            }
            Some(_) | None => self.fail_attempt("the store asked what nobody can answer", now),
        }
    }

    fn early_tagged(&mut self, tag: &Tag, kind: StatusKind, line: &Line, now: Moment) {
        let Some(upstream) = self.entrance().and_then(|entrance| entrance.upstream()) else {
            return self.fail_attempt("an answer to a command that was not sent", now);
        };
        if upstream.identifies.as_ref() == Some(tag) {
            upstream.identifies = None;
            self.skip_rest(line);
        } else if upstream.tag == *tag {
            self.skip_rest(line);
            self.judged(kind, line, now);
        } else {
            self.fail_attempt("an answer to a command that was not sent", now);
        }
    }

    fn judged(&mut self, kind: StatusKind, line: &Line, now: Moment) {
        let code = match Response::parse(&line.octets) {
            Ok(Response::Status(status)) if line.ends == Ends::Crlf => status.code,
            Ok(_) | Err(_) => None,
        };
        match kind {
            StatusKind::Ok => self.accepted(code, now),
            StatusKind::No | StatusKind::Bad | StatusKind::Bye | StatusKind::PreAuth => {
                let verdict = verdict::of(code.as_ref());
                self.out.record_reason(Event::LoginRefused, "by the store");
                let code = Some(verdict.code);
                self.end_attempt(StatusKind::No, code, verdict.text, verdict.outcome, now);
            }
        }
    }

    /// Somebody is logged in.
    fn accepted(&mut self, code: Option<Code>, now: Moment) {
        let Some(attempt) = self.entrance().and_then(|entrance| entrance.attempt.take()) else {
            return;
        };
        let super::Phase::Answering(upstream) = attempt.phase else {
            return;
        };
        let Upstream {
            user,
            capabilities,
            identifies,
            ..
        } = *upstream;
        self.client.ask_no_more();
        self.out
            .records
            .push_back(Record::of(Event::LoginAccepted).user(user.as_bytes()));
        self.out.request(Request::LoginOutcome(Outcome::Accepted));
        self.answered_login(Outcome::Accepted, attempt.began, now);
        let mut open = Box::new(crate::session::Open::new(user));
        if let Some(tag) = identifies {
            open.injector.owed(tag, now.plus(self.store.answer()));
        }
        self.stage = Stage::Open(open);
        let list = match code {
            Some(Code::Capability(list)) => Some(list),
            Some(_) | None => capabilities,
        };
        self.store.offers(Offered::Unknown, Offered::Unknown);
        let code = list
            .as_ref()
            .map(|list| Code::Capability(self.hear_capabilities(list)));
        let told = Status::tagged(&attempt.tag, StatusKind::Ok, code, "Logged in");
        self.out.tell(told.encode());
        if let Some(list) = list {
            self.compress_store(&list, now);
        }
    }

    /// A whole CAPABILITY response before the login is over: it counts if it is.
    pub(in crate::session) fn early_capabilities(&mut self, list: Capabilities) {
        if let Some(upstream) = self.entrance().and_then(|entrance| entrance.upstream()) {
            upstream.capabilities = Some(list);
        }
    }
}
