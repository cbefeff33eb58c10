//! Everything that a session gives out: octets for its three neighbours, requests to the shell, records for the log.
//!
//! What the session says itself to the client is held back while a response of the store's is on its way, so that
//! nothing of ours ever stands inside a response of its.

use std::{collections::VecDeque, time::Duration};

use keyreveal::{KeyId, Suite};
use wire::imap::{Code, Response, Status, StatusKind, Tag};
use zeroize::Zeroizing;

use super::{Answered, Neighbour, Outbox, Outcome, outbox::Piece, settings::HIGH_WATER};
use crate::{
    clock::Moment,
    event::{Event, Record},
};

/// What the shell is asked to do, in this order.
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum Request {
    /// Reach the store of this user; the answer goes to [`super::Session::dialled`]. The name is not proven: it belongs into
    /// no log. Whoever dials may take its time over it (penalties), and counts the client by [`super::Session::peer`].
    Dial {
        /// Who logs in.
        user: String,
    },
    /// The connection to the store is of no more use: close it. What waits for it is gone already.
    HangUp,
    /// What came of the login for which the store was dialled.
    LoginOutcome(Outcome),
    /// A login has its answer: nothing but to be counted.
    LoginAnswered(Answered),
    /// Write all that waits for the client, throw away what was read from it, begin TLS, and call
    /// [`super::Session::secured`]. Nothing is read in clear any more.
    StartTls,
    /// Compress what goes to this neighbour and decompress what comes from it (RFC 4978) from here on.
    Compress {
        /// With whom.
        neighbour: Neighbour,
        /// So many octets of what waits in its outbox now are still sent as they are.
        plain: usize,
        /// Octets that were read from it and belong to the compressed stream already.
        early: Vec<u8>,
    },
    /// Ask the warden for vaults; the answer goes to [`super::Session::answered`].
    NewVaults {
        /// How many.
        count: u8,
        /// For which suite.
        suite: Suite,
        /// For whom.
        user: String,
    },
    /// Do not wait for the warden's answer any more; should it come, its vaults are to be dropped.
    StopAsking,
    /// This vault gets the octets for the vault from now on, and its own come to [`super::Session::vault_octets`].
    Employ(KeyId),
    /// Drop the employed vault, and what waits for it.
    Dismiss,
    /// Drop a vault that was never employed.
    Drop(KeyId),
}

/// Whether a response of the store's is half relayed.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) enum Boundary {
    Between,
    Inside,
}

#[derive(Debug)]
pub(super) struct Output {
    pub(super) to_client: Outbox,
    pub(super) to_store: Outbox,
    pub(super) to_vault: Outbox,
    /// Our own responses, while one of the store's is half relayed.
    held: Outbox,
    boundary: Boundary,
    pub(super) requests: VecDeque<Request>,
    pub(super) records: VecDeque<Record<'static>>,
    /// Since when the client has taken nothing of what waits for it.
    unread_since: Moment,
}

impl Output {
    pub(super) fn new(now: Moment) -> Self {
        Self {
            to_client: Outbox::default(),
            to_store: Outbox::default(),
            to_vault: Outbox::default(),
            held: Outbox::default(),
            boundary: Boundary::Between,
            requests: VecDeque::new(),
            records: VecDeque::new(),
            unread_since: now,
        }
    }

    /// A response of our own, whole.
    pub(super) fn tell(&mut self, response: Vec<u8>) {
        match self.boundary {
            Boundary::Between => self.to_client.push_owned(response),
            Boundary::Inside => self.held.push_owned(response),
        }
    }

    /// As [`Self::tell`], in pieces; what they share is not copied.
    pub(super) fn tell_pieces(&mut self, pieces: Vec<Piece>) {
        let out = match self.boundary {
            Boundary::Between => &mut self.to_client,
            Boundary::Inside => &mut self.held,
        };
        for piece in pieces {
            out.push_piece(piece);
        }
    }

    /// A tagged status of our own.
    pub(super) fn complete(&mut self, tag: &Tag, kind: StatusKind, code: Option<Code>, text: &str) {
        self.tell(Status::tagged(tag, kind, code, text).encode());
    }

    /// An untagged status of our own.
    pub(super) fn remark(&mut self, kind: StatusKind, code: Option<Code>, text: &str) {
        self.tell(Status::untagged(kind, code, text).encode());
    }

    /// `+`: the client may go on with its literal.
    pub(super) fn invite(&mut self) {
        self.tell(Response::Continuation(b"go on".to_vec()).encode());
    }

    /// The store's own octets, which leave its response as `boundary` says.
    pub(super) fn relay(&mut self, octets: &[u8], boundary: Boundary) {
        self.to_client.push(octets);
        self.boundary = boundary;
        if boundary == Boundary::Between {
            self.to_client.append_all(&mut self.held);
        }
    }

    /// Whether the client would see a response of ours as one.
    pub(super) fn is_between(&self) -> bool {
        self.boundary == Boundary::Between
    }

    /// Credentials, or any other command, for the store; wiped when written.
    pub(super) fn send_wiped(&mut self, octets: Zeroizing<Vec<u8>>) {
        self.to_store.push_wiped(octets);
    }

    pub(super) fn request(&mut self, request: Request) {
        match request {
            Request::Dismiss => self.to_vault = Outbox::default(),
            Request::HangUp => self.to_store = Outbox::default(),
            Request::Dial { .. }
            | Request::LoginOutcome(_)
            | Request::LoginAnswered(_)
            | Request::StartTls
            | Request::Compress { .. }
            | Request::NewVaults { .. }
            | Request::StopAsking
            | Request::Employ(_)
            | Request::Drop(_) => {}
        }
        self.requests.push_back(request);
    }

    /// The next request; when there is none any more nothing is held for them.
    pub(super) fn next_request(&mut self) -> Option<Request> {
        next(&mut self.requests)
    }

    /// The next record, likewise.
    pub(super) fn next_record(&mut self) -> Option<Record<'static>> {
        next(&mut self.records)
    }

    /// Whether nothing waits for the client.
    pub(super) fn has_nothing_for_client(&self) -> bool {
        self.to_client.is_empty() && self.held.is_empty()
    }

    pub(super) fn record_reason(&mut self, event: Event, reason: &'static str) {
        self.records.push_back(Record::of(event).reason(reason));
    }

    /// The client took octets, at `now`.
    pub(super) fn client_took(&mut self, octets: usize, now: Moment) {
        self.to_client.wrote(octets);
        self.unread_since = now;
    }

    /// When the client has left its answers unread for too long.
    pub(super) fn unread_deadline(&self, unread: Duration) -> Option<Moment> {
        (!self.to_client.is_empty()).then(|| self.unread_since.plus(unread))
    }

    /// Something is about to wait for the client: its time counts from here, if nothing waited before.
    pub(super) fn count_unread_from(&mut self, now: Moment) {
        if self.to_client.is_empty() {
            self.unread_since = now;
        }
    }

    /// Whether neighbours take what they get fast enough for the store to be read.
    pub(super) fn has_room_for_store(&self) -> bool {
        self.to_client.len() < HIGH_WATER && self.to_vault.len() < HIGH_WATER
    }

    /// Whether neighbours take what they get fast enough for the client to be read.
    pub(super) fn has_room_for_client(&self) -> bool {
        self.to_store.len() < HIGH_WATER
            && self.to_client.len() < HIGH_WATER
            && self.held.len() < HIGH_WATER
    }
}

fn next<T>(queue: &mut VecDeque<T>) -> Option<T> {
    let first = queue.pop_front();
    if queue.is_empty() {
        *queue = VecDeque::new(); // an idle session holds no room for what may come
    }
    first
}
