//! The store's side: what is relayed as it is, what is rewritten, and what belongs to a command of ours.

use wire::{
    Collected, Collector, Ends, Frame, Framer, Line, Side,
    imap::{Response, StatusKind, response::Kind},
};

use super::{
    Session, Settings, Stage, farewell,
    offers::{self, Offered},
    output::Boundary,
    own::Theirs,
    settings::RESPONSE,
};
use crate::{clock::Moment, event::Event};

/// The store's side of a session.
#[derive(Debug)]
pub(super) struct Store {
    framer: Framer,
    reading: Reading,
    /// Since when it is the store that everybody waits for.
    waited_for: Moment,
    binary: Offered,
    bye: Bye,
}

/// Whether the store has said that it will close.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) enum Bye {
    NotSaid,
    Said,
}

/// Where the next frame stands.
#[derive(Debug)]
enum Reading {
    /// It begins a response.
    Between,
    /// It goes on a response that passes.
    Relaying,
    /// It goes on a response that must be understood.
    Collecting(Collector, Purpose),
    /// It goes on a response that nobody gets.
    Swallowing,
    /// It goes on a FETCH response that the part's reader follows.
    Part,
}

/// What a response is collected for.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
enum Purpose {
    /// To be rewritten.
    Capability,
    /// To be passed on if it may be said before the login.
    BeforeLogin,
    /// To find the message that is to be converted.
    Locating,
}

impl Store {
    pub(super) fn new(settings: &Settings, now: Moment) -> Self {
        Self {
            framer: Framer::new(Side::Store, settings.store()),
            reading: Reading::Between,
            waited_for: now,
            binary: Offered::Unknown,
            bye: Bye::NotSaid,
        }
    }

    /// From now on it is the store's turn again: somebody else had kept everybody waiting.
    pub(super) fn resume(&mut self, now: Moment) {
        self.waited_for = now;
    }

    pub(super) fn waited_for(&self) -> Moment {
        self.waited_for
    }

    pub(super) fn has_said_bye(&self) -> Bye {
        self.bye
    }

    /// What its last list says of BINARY.
    pub(super) fn offers(&mut self, binary: Offered) {
        self.binary = binary;
    }

    pub(super) fn binary(&self) -> Offered {
        self.binary
    }

    /// Whether it stopped in the middle of a response.
    pub(super) fn is_inside_response(&self) -> bool {
        !matches!(self.reading, Reading::Between) || !self.framer.is_at_boundary()
    }
}

impl Session {
    pub(super) fn take_store_octets(&mut self, octets: &[u8], now: Moment) {
        self.store.resume(now);
        self.out.count_unread_from(now);
        let mut input = octets;
        while !self.is_over() {
            match self.store.framer.next(&mut input) {
                Ok(Some(frame)) => self.take_store_frame(&frame, now),
                Ok(None) => break,
                Err(_) => self.fail_store("the store broke the framing"),
            }
        }
    }

    fn take_store_frame(&mut self, frame: &Frame<'_>, now: Moment) {
        match std::mem::replace(&mut self.store.reading, Reading::Between) {
            Reading::Between => self.begin_response(frame, now),
            Reading::Relaying => self.relay_response(frame),
            Reading::Collecting(collector, purpose) => {
                self.collect_response(collector, purpose, frame)
            }
            Reading::Swallowing => self.go_on(frame, Reading::Swallowing),
            Reading::Part => self.part_frame(frame, now),
        }
    }

    /// The next frame is read in the same way, if this one does not end the response.
    fn go_on(&mut self, frame: &Frame<'_>, reading: Reading) {
        if !is_last(frame) {
            self.store.reading = reading;
        }
    }

    /// Passes a frame on as it is.
    pub(super) fn relay_response(&mut self, frame: &Frame<'_>) {
        match frame {
            Frame::Line(line) => self.relay_line(line),
            Frame::Octets { run, .. } => {
                self.out.relay(run, Boundary::Inside);
                self.store.reading = Reading::Relaying;
            }
        }
    }

    pub(super) fn relay_line(&mut self, line: &Line) {
        match line.ends {
            Ends::Crlf => self.out.relay(&line.octets, Boundary::Between),
            Ends::Literal(_) | Ends::Unfinished => {
                self.out.relay(&line.octets, Boundary::Inside);
                self.store.reading = Reading::Relaying;
            }
        }
    }

    fn begin_response(&mut self, frame: &Frame<'_>, now: Moment) {
        let Frame::Line(line) = frame else { return };
        let kind = Kind::of_line(line.text());
        match &self.stage {
            Stage::Greeting => self.greeting(line, &kind, now),
            Stage::Login | Stage::Open(_) => self.response(line, kind, frame, now),
            Stage::Over => {}
        }
    }

    /// RFC 9051 §7.1: OK, PREAUTH or BYE, and nothing before it.
    fn greeting(&mut self, line: &Line, kind: &Kind, now: Moment) {
        match kind {
            Kind::Status(StatusKind::Ok) => {
                self.stage = Stage::Login;
                self.began = now;
                self.relay_status(line);
            }
            Kind::Status(StatusKind::Bye) => {
                self.out.record_reason(Event::StoreRefused, "BYE");
                self.relay_status(line);
                self.over();
            }
            // Somebody unknown is logged in already (RFC 9051 §7.1.4): nobody here can have asked for that.
            Kind::Status(StatusKind::PreAuth) => {
                self.out.record_reason(Event::StoreRefused, "PREAUTH");
                self.bid_farewell(farewell::store_refused());
            }
            Kind::Status(StatusKind::No | StatusKind::Bad)
            | Kind::Continuation
            | Kind::Tagged(..)
            | Kind::Capability
            | Kind::Exists(_)
            | Kind::Recent(_)
            | Kind::Expunge(_)
            | Kind::Fetch(_)
            | Kind::Untagged
            | Kind::Malformed => self.fail_store("the store greeted in no known way"),
        }
    }

    fn response(&mut self, line: &Line, kind: Kind, frame: &Frame<'_>, now: Moment) {
        match kind {
            Kind::Continuation => self.continuation(line),
            Kind::Tagged(tag, kind) => self.tagged(&tag, kind, line, now),
            Kind::Status(StatusKind::PreAuth) => self.fail_store("PREAUTH is only a greeting"),
            Kind::Status(StatusKind::Bye) => {
                self.store.bye = Bye::Said;
                self.relay_status(line);
            }
            Kind::Status(StatusKind::Ok | StatusKind::No | StatusKind::Bad) => {
                self.relay_status(line)
            }
            Kind::Capability => self.collect_now(Purpose::Capability, frame),
            Kind::Malformed => self.fail_store("the store sent no response"),
            Kind::Exists(_)
            | Kind::Recent(_)
            | Kind::Expunge(_)
            | Kind::Fetch(_)
            | Kind::Untagged => {
                self.data(&kind, frame, now);
            }
        }
    }

    fn data(&mut self, kind: &Kind, frame: &Frame<'_>, now: Moment) {
        let Stage::Open(open) = &mut self.stage else {
            // RFC 9051 §11.3: before the login nothing is believed but capabilities and statuses.
            self.collect_now(Purpose::BeforeLogin, frame);
            return;
        };
        if let Kind::Expunge(number) = kind {
            open.own.expunged(*number);
        }
        match (kind, open.own.wants_fetch()) {
            (Kind::Fetch(_), Theirs::Location) => self.collect_now(Purpose::Locating, frame),
            (Kind::Fetch(_), Theirs::Part) => self.part_frame(frame, now),
            (_, Theirs::Location | Theirs::Part | Theirs::Nothing) => self.relay_response(frame),
        }
    }

    fn collect_now(&mut self, purpose: Purpose, frame: &Frame<'_>) {
        self.collect_response(Collector::new(RESPONSE), purpose, frame);
    }

    fn collect_response(&mut self, mut collector: Collector, purpose: Purpose, frame: &Frame<'_>) {
        match (collector.take(frame), purpose) {
            (Collected::More, _) => self.store.reading = Reading::Collecting(collector, purpose),
            (Collected::Whole(raw), Purpose::Capability) => self.rewrite_capability(&raw),
            (Collected::Whole(raw), Purpose::BeforeLogin) => self.pass_id(raw),
            (Collected::Whole(raw), Purpose::Locating) => self.located(raw),
            (Collected::Overlong(_), Purpose::Capability) => {
                self.fail_store("a CAPABILITY list without end")
            }
            (Collected::Overlong(_), Purpose::BeforeLogin) => {}
            (Collected::Overlong(_), Purpose::Locating) => self.structure_too_large(),
        }
    }

    /// A status longer than a line is read to its end.
    pub(super) fn skip_rest(&mut self, line: &Line) {
        if line.ends != Ends::Crlf {
            self.store.reading = Reading::Swallowing;
        }
    }

    /// The part's reader says of each frame whether it is the client's.
    fn part_frame(&mut self, frame: &Frame<'_>, now: Moment) {
        match self.read_part(frame, now) {
            Theirs::Nothing => {
                self.relay_response(frame);
                self.go_on(frame, Reading::Part);
            }
            Theirs::Location | Theirs::Part => self.go_on(frame, Reading::Part),
        }
    }

    fn rewrite_capability(&mut self, raw: &[u8]) {
        let Ok(Response::Capability(list)) = Response::parse(raw) else {
            self.fail_store("a CAPABILITY list that is none");
            return;
        };
        self.store.binary = offers::offers_binary(&list);
        let list = offers::for_client(&list, self.warden);
        self.out.tell(Response::Capability(list).encode());
    }

    fn pass_id(&mut self, raw: Vec<u8>) {
        // Everything else that a store may say is ignored before the login.
        if let Ok(Response::Id(_)) = Response::parse(&raw) {
            self.out.tell(raw);
        }
    }
}

/// Whether a frame ends its response.
fn is_last(frame: &Frame<'_>) -> bool {
    match frame {
        Frame::Line(line) => line.ends == Ends::Crlf,
        Frame::Octets { .. } => false,
    }
}
