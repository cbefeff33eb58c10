//! The store's side: what is relayed as it is, what is rewritten, and what belongs to a command of ours.

use std::time::Duration;

use wire::{
    Collected, Collector, Ends, Frame, Framer, Line, Side,
    imap::{Capabilities, Response, SequenceSet, StatusKind, response::Kind},
};

use super::{
    Neighbour, Session, Settings, Stage, StoreTraits,
    inject::{Errand, Taken},
    offers::{self, Offered},
    output::Boundary,
    own::Theirs,
    settings::RESPONSE,
};
use crate::{
    clock::Moment,
    config::{CompressStore, UrlAuth},
};

/// The store's side of a session.
#[derive(Debug)]
pub(super) struct Store {
    connected: Connected,
    framer: Framer,
    reading: Reading,
    /// Since when it is the store that everybody waits for.
    waited_for: Moment,
    binary: Offered,
    convert: Offered,
    bye: Bye,
    urlauth: UrlAuth,
    compress: CompressStore,
    answer: Duration,
    renew_idle: Duration,
    stream: Stream,
}

/// Whether there is a store.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
enum Connected {
    No,
    Yes,
}

/// Whether what comes next is what came so far.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
enum Stream {
    Goes,
    /// What comes behind this response is compressed.
    Changes,
}

/// Whether the store has said that it will close.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
enum Bye {
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
    /// To correct the number of the message that is being converted, and then to be passed on.
    Vanished,
    /// To find the message that is to be converted.
    Locating,
    /// To leave out what is told beside it.
    Conversion,
}

impl Store {
    /// No store yet.
    pub(super) fn new(settings: &Settings, now: Moment) -> Self {
        Self {
            connected: Connected::No,
            framer: Framer::new(Side::Store, settings.store()),
            reading: Reading::Between,
            waited_for: now,
            binary: Offered::Unknown,
            convert: Offered::Unknown,
            bye: Bye::NotSaid,
            urlauth: UrlAuth::Refused,
            compress: CompressStore::Never,
            answer: Duration::ZERO,
            renew_idle: Duration::ZERO,
            stream: Stream::Goes,
        }
    }

    /// One that has just greeted.
    pub(super) fn connect(&mut self, settings: &Settings, traits: &StoreTraits, now: Moment) {
        *self = Self {
            connected: Connected::Yes,
            urlauth: traits.urlauth,
            compress: traits.compress,
            answer: traits.answer,
            renew_idle: traits.renew_idle,
            ..Self::new(settings, now)
        };
    }

    /// It is of no more use.
    pub(super) fn hang_up(&mut self) {
        self.connected = Connected::No;
        self.reading = Reading::Between;
    }

    pub(super) fn is_connected(&self) -> bool {
        self.connected == Connected::Yes
    }

    pub(super) fn urlauth(&self) -> UrlAuth {
        self.urlauth
    }

    pub(super) fn compress(&self) -> CompressStore {
        self.compress
    }

    /// How long it may be silent in the middle of an answer, or while it owes one to us.
    pub(super) fn answer(&self) -> Duration {
        self.answer
    }

    pub(super) fn renew_idle(&self) -> Duration {
        self.renew_idle
    }

    /// What comes behind this response is compressed.
    pub(super) fn compresses(&mut self) {
        self.stream = Stream::Changes;
    }

    /// How many octets of a literal that is being relayed come next.
    pub(super) fn straight(&self) -> u64 {
        match self.reading {
            Reading::Relaying => self.framer.literal_left(),
            Reading::Between | Reading::Collecting(..) | Reading::Swallowing | Reading::Part => 0,
        }
    }

    /// So many of them went by.
    pub(super) fn passed(&mut self, octets: u64) {
        self.framer.pass(octets);
    }

    /// From now on it is the store's turn again: somebody else had kept everybody waiting.
    pub(super) fn resume(&mut self, now: Moment) {
        self.waited_for = now;
    }

    pub(super) fn waited_for(&self) -> Moment {
        self.waited_for
    }

    /// What its last list says of BINARY and of CONVERT.
    pub(super) fn offers(&mut self, binary: Offered, convert: Offered) {
        self.binary = binary;
        self.convert = convert;
    }

    /// Whether it converts by itself. RFC 5259 §3: not without BINARY.
    pub(super) fn convert(&self) -> Offered {
        self.convert
    }

    pub(super) fn binary(&self) -> Offered {
        self.binary
    }

    /// Whether it stopped in the middle of a response.
    pub(super) fn is_inside_response(&self) -> bool {
        !self.is_between() || !self.framer.is_at_boundary()
    }

    fn is_between(&self) -> bool {
        matches!(self.reading, Reading::Between)
    }
}

impl Session {
    pub(super) fn take_store_octets(&mut self, octets: &[u8], now: Moment) {
        self.store.resume(now);
        self.out.count_unread_from(now);
        let mut input = octets;
        while !self.is_over() && self.store.is_connected() {
            match self.store.framer.next(&mut input) {
                Ok(Some(frame)) => self.take_store_frame(&frame, now),
                Ok(None) => break,
                Err(_) => self.fail_store("the store broke the framing", now),
            }
            if self.store.stream == Stream::Changes && self.store.is_between() {
                self.store.stream = Stream::Goes;
                self.begin_compression(Neighbour::Store, input);
                break;
            }
        }
    }

    /// The store will send no more.
    pub(super) fn take_store_end(&mut self, now: Moment) {
        if !self.store.is_connected() {
            return;
        }
        match (self.store.bye, &self.stage) {
            (Bye::Said, Stage::Open(_)) => self.over(),
            (Bye::Said | Bye::NotSaid, _) => {
                self.fail_store("the store closed the connection", now)
            }
        }
    }

    fn take_store_frame(&mut self, frame: &Frame<'_>, now: Moment) {
        match std::mem::replace(&mut self.store.reading, Reading::Between) {
            Reading::Between => self.begin_response(frame, now),
            Reading::Relaying => self.relay_response(frame),
            Reading::Collecting(collector, purpose) => {
                self.collect_response(collector, purpose, frame, now)
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
            Stage::Login(_) => self.early_response(line, &kind, frame, now),
            Stage::Open(_) => self.response(line, kind, frame, now),
            Stage::Over => {}
        }
    }

    fn response(&mut self, line: &Line, kind: Kind, frame: &Frame<'_>, now: Moment) {
        match kind {
            Kind::Continuation => self.continuation(line, now),
            Kind::Tagged(tag, kind) => self.tagged(&tag, kind, line, now),
            Kind::Status(StatusKind::PreAuth) => self.fail_store("PREAUTH is only a greeting", now),
            Kind::Status(StatusKind::Bye) => {
                self.store.bye = Bye::Said;
                self.relay_status(line);
            }
            Kind::Status(StatusKind::Bad)
                if self.take_late_done(None, StatusKind::Bad) == Taken::Yes =>
            {
                self.skip_rest(line);
            }
            Kind::Status(StatusKind::Ok | StatusKind::No | StatusKind::Bad) => {
                self.relay_status(line)
            }
            Kind::Capability => self.collect_capabilities(frame, now),
            Kind::Malformed => self.fail_store("the store sent no response", now),
            Kind::Exists(_)
            | Kind::Recent(_)
            | Kind::Expunge(_)
            | Kind::Fetch(_)
            | Kind::Vanished
            | Kind::Conversion
            | Kind::Untagged => {
                self.data(&kind, frame, now);
            }
        }
    }

    fn data(&mut self, kind: &Kind, frame: &Frame<'_>, now: Moment) {
        let Stage::Open(open) = &mut self.stage else {
            return;
        };
        if let Kind::Expunge(number) = kind {
            open.own.expunged(*number);
        }
        let errand = open.injector.errand();
        let ours = match errand {
            Some(Errand::Conversion) => open.own.wants_fetch(),
            Some(_) | None => Theirs::Nothing,
        };
        match (kind, ours) {
            (Kind::Fetch(_), Theirs::Location) => self.collect_now(Purpose::Locating, frame, now),
            (Kind::Fetch(_), Theirs::Part) => self.part_frame(frame, now),
            (Kind::Conversion, _) if errand == Some(Errand::Conversions) => {
                self.collect_now(Purpose::Conversion, frame, now);
            }
            (Kind::Vanished, _) if open.own.has_place() => {
                self.collect_now(Purpose::Vanished, frame, now);
            }
            (_, Theirs::Location | Theirs::Part | Theirs::Nothing) => self.relay_response(frame),
        }
    }

    /// A list of capabilities is to be rewritten, or before the login to be heard.
    pub(super) fn collect_capabilities(&mut self, frame: &Frame<'_>, now: Moment) {
        self.collect_now(Purpose::Capability, frame, now);
    }

    fn collect_now(&mut self, purpose: Purpose, frame: &Frame<'_>, now: Moment) {
        self.collect_response(Collector::new(RESPONSE), purpose, frame, now);
    }

    fn collect_response(
        &mut self,
        mut collector: Collector,
        purpose: Purpose,
        frame: &Frame<'_>,
        now: Moment,
    ) {
        match (collector.take(frame), purpose) {
            (Collected::More, _) => self.store.reading = Reading::Collecting(collector, purpose),
            (Collected::Whole(raw), Purpose::Capability) => self.rewrite_capability(&raw, now),
            (Collected::Whole(raw), Purpose::Vanished) => self.vanished(raw),
            (Collected::Whole(raw), Purpose::Locating) => self.located(raw),
            (Collected::Whole(raw), Purpose::Conversion) => self.hear_conversion(raw),
            (Collected::Overlong(_), Purpose::Capability) => {
                self.fail_store("a CAPABILITY list without end", now)
            }
            (Collected::Overlong(_), Purpose::Vanished) => {
                self.fail_store("a VANISHED response without end", now)
            }
            (Collected::Overlong(_), Purpose::Locating) => self.structure_too_large(),
            (Collected::Overlong(_), Purpose::Conversion) => {
                self.fail_store("a CONVERSION response without end", now)
            }
        }
    }

    /// RFC 7162 §3.2.10: messages go, by their UIDs, and those behind them have another number.
    fn vanished(&mut self, raw: Vec<u8>) {
        if let (Some(set), Stage::Open(open)) = (SequenceSet::vanished(&raw), &mut self.stage) {
            open.own.vanished(&set);
        }
        self.out.tell(raw);
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

    fn rewrite_capability(&mut self, raw: &[u8], now: Moment) {
        let Ok(Response::Capability(list)) = Response::parse(raw) else {
            self.fail_store("a CAPABILITY list that is none", now);
            return;
        };
        match &self.stage {
            Stage::Login(_) => self.early_capabilities(list),
            Stage::Open(_) | Stage::Over => {
                let list = self.hear_capabilities(&list);
                self.out.tell(Response::Capability(list).encode());
            }
        }
    }

    /// What the store offers, as the client is told it.
    pub(super) fn hear_capabilities(&mut self, list: &Capabilities) -> Capabilities {
        self.store
            .offers(offers::offers_binary(list), offers::offers_convert(list));
        offers::for_client(list, &self.terms())
    }
}

/// Whether a frame ends its response.
fn is_last(frame: &Frame<'_>) -> bool {
    match frame {
        Frame::Line(line) => line.ends == Ends::Crlf,
        Frame::Octets { .. } => false,
    }
}
