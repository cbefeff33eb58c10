//! The client's side: where in a command its frames stand, and what becomes of each.

mod pace;
mod pending;
mod relaying;

use std::collections::VecDeque;

use wire::{
    Ends, Frame, FrameError, Framer, Line, Side,
    imap::{Name, Status, StatusKind, Tag, command::is_done},
};
use zeroize::{Zeroize, Zeroizing};

use super::{
    Session, Settings, Stage, collecting::Collecting, farewell, inject::ToStore, settings::PENDING,
};
use crate::{clock::Moment, event::Event};
use pending::Pending;
pub(super) use relaying::Half;

/// The client's side of a session.
#[derive(Debug)]
pub(super) struct Client {
    framer: Framer,
    /// Octets that were not looked at yet: bounded by [`PENDING`] and one read.
    pending: Pending,
    taking: Taking,
    waiting: Option<Waiting>,
    late_done: LateDone,
    changing: Changing,
    heard: Moment,
    ended: Option<Moment>,
}

/// Whether a DONE may come for an IDLE that the store has ended by itself.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
enum LateDone {
    Impossible,
    Possible,
}

/// Whether what comes next is not IMAP as it came so far.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
enum Changing {
    No,
    /// What comes behind is thrown away (RFC 9051 §6.2.1).
    ToTls,
    /// Nothing is read until TLS is there.
    AwaitingTls,
    /// What comes behind is compressed.
    ToCompressed,
}

/// Where the next frame stands.
#[derive(Debug)]
enum Taking {
    /// It begins a command.
    Command,
    /// It goes on a relayed command.
    Relaying(Tag),
    /// It goes on a command that is understood before anything comes of it.
    Collecting(Collecting),
    /// It goes on a refused command; this is the answer when it ends, if it has not got one.
    Swallowing(Option<Vec<u8>>),
    /// It is the DONE that ends an IDLE (RFC 2177).
    Idling(Tag),
    /// It answers a challenge of an AUTHENTICATE.
    Credentials,
}

/// What the client waits for, so that none of its octets may be looked at before.
#[derive(Debug)]
pub(super) enum Waiting {
    /// The store's `+` for a relayed literal.
    Literal(Tag),
    /// The store's `+`, of which the client does not know, for a relayed literal that the client sends unasked.
    Unasked(Tag),
    /// The store's `+` for IDLE.
    Idle(Tag),
    /// The store's `+`, of which the client does not know, for a literal of a command that was collected.
    Replay(Tag, VecDeque<Zeroizing<Vec<u8>>>),
}

impl Client {
    pub(super) fn new(settings: &Settings, now: Moment) -> Self {
        Self {
            framer: Framer::new(Side::Client, settings.client),
            pending: Pending::default(),
            taking: Taking::Command,
            waiting: None,
            late_done: LateDone::Impossible,
            changing: Changing::No,
            heard: now,
            ended: None,
        }
    }

    pub(super) fn end(&mut self, now: Moment) {
        self.ended = self.ended.or(Some(now));
    }

    /// When it stopped sending, if it did.
    pub(super) fn ended(&self) -> Option<Moment> {
        self.ended
    }

    /// When it last said something.
    pub(super) fn heard(&self) -> Moment {
        self.heard
    }

    pub(super) fn has_room(&self) -> bool {
        let reads = self.ended.is_none() && self.changing == Changing::No;
        reads && self.pending.len() < PENDING
    }

    /// TLS begins behind what waits to be written.
    pub(super) fn begin_tls(&mut self) {
        self.changing = Changing::ToTls;
    }

    /// TLS is there, and whoever speaks inside it begins anew.
    pub(super) fn has_tls(&mut self, now: Moment) {
        self.changing = Changing::No;
        self.heard = now;
    }

    /// What comes next is compressed.
    pub(super) fn compresses(&mut self) {
        self.changing = Changing::ToCompressed;
    }

    /// How many octets of a literal that is being relayed come next, with nothing before them.
    pub(super) fn straight(&self) -> u64 {
        let relaying = matches!(self.taking, Taking::Relaying(_)) && self.waiting.is_none();
        let open = self.ended.is_none() && self.changing == Changing::No && self.pending.is_empty();
        if relaying && open {
            self.framer.literal_left()
        } else {
            0
        }
    }

    /// So many of them went by.
    pub(super) fn passed(&mut self, octets: u64, now: Moment) {
        self.framer.pass(octets);
        self.heard = now;
    }

    /// The IDLE that the client may end, if it is in one.
    pub(super) fn idling(&self) -> Option<&Tag> {
        match &self.taking {
            Taking::Idling(tag) => Some(tag),
            Taking::Command
            | Taking::Relaying(_)
            | Taking::Collecting(_)
            | Taking::Swallowing(_)
            | Taking::Credentials => None,
        }
    }

    pub(super) fn waiting(&mut self) -> Option<Waiting> {
        self.waiting.take()
    }

    pub(super) fn wait_for(&mut self, waiting: Waiting) {
        self.waiting = Some(waiting);
    }

    /// The store wants to be told the end of an IDLE.
    pub(super) fn idle(&mut self, tag: Tag) {
        self.taking = Taking::Idling(tag);
    }

    /// The client is to send its credentials.
    pub(super) fn challenge(&mut self) {
        self.taking = Taking::Credentials;
    }

    /// The login is over, one way or the other: the client's next line is a command like any other.
    pub(super) fn ask_no_more(&mut self) {
        if matches!(self.taking, Taking::Credentials) {
            self.taking = Taking::Command;
        }
    }

    /// A command was answered before it was wholly sent: whoever waited for its `+` waits no more.
    pub(super) fn answered(&mut self, tag: &Tag) {
        if self.idling() == Some(tag) {
            // A DONE may be on its way, which the store would take for a command.
            self.taking = Taking::Command;
            self.late_done = LateDone::Possible;
        }
        let waits = match &self.waiting {
            Some(
                Waiting::Literal(waits)
                | Waiting::Unasked(waits)
                | Waiting::Idle(waits)
                | Waiting::Replay(waits, _),
            ) => waits == tag,
            None => false,
        };
        if !waits {
            return;
        }
        self.taking = match self.waiting.take() {
            Some(Waiting::Literal(_)) => {
                self.refuse_literal();
                Taking::Command
            }
            // RFC 7888 §3: the literal comes in any case, and then the rest of the command.
            Some(Waiting::Unasked(_)) => Taking::Swallowing(None),
            Some(Waiting::Idle(_) | Waiting::Replay(..)) | None => Taking::Command,
        };
    }

    /// RFC 9051 §4.3: the client, told NO or BAD instead of `+`, begins a new command.
    pub(super) fn refuse_literal(&mut self) {
        if self.framer.literal_refused().is_err() {
            // No literal is awaited: the framer is in step already.
        }
    }

    /// A command is being collected.
    pub(super) fn collect(&mut self, collecting: Collecting) {
        self.taking = Taking::Collecting(collecting);
    }

    /// Whether no command is half sent.
    pub(super) fn is_between(&self) -> bool {
        matches!(self.taking, Taking::Command) && self.waiting.is_none()
    }
}

impl Session {
    fn take_client_frame(&mut self, frame: Frame<'_>, now: Moment) {
        // Whatever comes of it, somebody may be logged in.
        let stranger = matches!(self.stage, Stage::Login(_));
        match std::mem::replace(&mut self.client.taking, Taking::Command) {
            Taking::Command => self.begin_command(&frame, now),
            Taking::Relaying(tag) => self.relay_command(tag, &frame),
            Taking::Collecting(collecting) => self.collect(collecting, &frame, now),
            Taking::Swallowing(answer) => self.swallow_on(answer, &frame),
            Taking::Idling(tag) => self.end_idle(&tag, &frame, now),
            Taking::Credentials => self.take_credentials(&frame, now),
        }
        if let (Frame::Line(mut line), true) = (frame, stranger) {
            line.octets.zeroize(); // it may have held a password
        }
    }

    fn begin_command(&mut self, frame: &Frame<'_>, now: Moment) {
        let Frame::Line(line) = frame else { return };
        let late = std::mem::replace(&mut self.client.late_done, LateDone::Impossible);
        if late == LateDone::Possible && is_plain(line) && is_done(line.text()) {
            return;
        }
        match Name::of_line(line.text()) {
            Some((tag, name)) => self.route(tag, name, frame, now),
            None => {
                let text = "That is no command";
                let answer = Status::untagged(StatusKind::Bad, None, text).encode();
                self.out.record_reason(Event::CommandRefused, text);
                self.swallow(answer, frame);
                self.count_refusal();
            }
        }
    }

    fn end_idle(&mut self, tag: &Tag, frame: &Frame<'_>, now: Moment) {
        let Frame::Line(line) = frame else { return };
        if !(is_plain(line) && is_done(line.text())) {
            // RFC 2177 §3: nothing but DONE may be sent. What else it may mean to the store is not for us to guess.
            return self.client_breaks_off();
        }
        if self.idle_done(tag) == ToStore::Yes {
            self.store.resume(now);
            self.out.to_store.push(&line.octets);
        }
    }

    fn client_breaks_off(&mut self) {
        self.out
            .record_reason(Event::ClientFailed, "something else than DONE in IDLE");
        self.bid_farewell(farewell::broken_protocol());
    }

    fn client_broke(&mut self, error: FrameError) {
        let (reason, farewell) = match error {
            FrameError::LineTooLong
            | FrameError::LiteralTooLarge(_)
            | FrameError::LiteralOverflow => {
                ("a line or literal is too large", farewell::too_big())
            }
            FrameError::BareCr
            | FrameError::BareLf
            | FrameError::Nul
            | FrameError::StoreLiteralPlus => {
                ("the client broke the protocol", farewell::broken_protocol())
            }
        };
        self.out.record_reason(Event::ClientFailed, reason);
        self.bid_farewell(farewell);
    }
}

/// How a frame ends a line, if it does.
pub(super) fn ends(frame: &Frame<'_>) -> Option<Ends> {
    match frame {
        Frame::Line(line) => Some(line.ends),
        Frame::Octets { .. } => None,
    }
}

/// Whether a line stands by itself.
pub(super) fn is_plain(line: &Line) -> bool {
    line.ends == Ends::Crlf
}
