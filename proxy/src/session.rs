//! One connection as a state machine without I/O: octets and events go in, octets and requests come out.
//!
//! | module | holds |
//! | --- | --- |
//! | [`facts`] | what the shell tells of the client and of the store |
//! | [`client`] | the client's frames: where in a command they stand |
//! | [`collecting`] | commands that are understood before anything comes of them |
//! | [`rules`] | which command is relayed, collected, refused, and what arguments it may have |
//! | [`commands`] | what is made of those that are collected |
//! | [`login`] | before anybody is known: greeting, STARTTLS, ID, LOGIN, AUTHENTICATE, the dialled store |
//! | [`store`] | the store's frames: what is relayed, rewritten, taken |
//! | [`answers`] | the store's statuses: which command is done, what they say of mailbox and capabilities |
//! | [`inject`] | commands of ours among the client's, its IDLE ended and resumed unseen |
//! | [`own`] | KEYREVEAL, CONVERSIONS, CONVERT: the commands that are answered here |
//! | [`compress`] | COMPRESS, with either neighbour |
//! | [`straight`] | octets of literals that pass without being looked at |
//! | [`offers`], [`outstanding`], [`selected`] | capability lists, commands under way, the selected mailbox |
//! | [`output`], [`outbox`], [`farewell`] | what goes out |
//! | [`timing`] | every deadline |
//! | [`settings`] | what a connection may use |
//!
//! Relayed octets are the very octets that came, but that a store is asked before each literal. A command of ours runs only while no relayed one is under way, and
//! while it runs no further one is begun; what the store says meanwhile about other things passes.

mod answers;
mod client;
mod collecting;
mod commands;
mod compress;
pub mod facts;
pub mod farewell;
mod inject;
mod login;
mod offers;
mod outbox;
mod output;
mod outstanding;
mod own;
mod rules;
mod selected;
mod settings;
mod store;
mod straight;
mod timing;

use keyreveal::KeyId;
use vault::frames::NoVault;
use wire::imap::{Code, StatusKind};

use crate::{
    clock::Moment,
    event::{Event, Record},
    metrics::Way,
    peer::Peer,
};
use client::Client;
use inject::Injector;
use login::Entrance;
use outstanding::Outstanding;
use own::Own;
use selected::Selection;
use store::Store;

pub use facts::{
    Answered, Facts, Greeted, Handshake, MasterLogin, Neighbour, Outcome, Protection, StoreTraits,
    Unreachable, Warden,
};
pub use outbox::Outbox;
use output::Output;
pub use output::Request;
pub use settings::Settings;

/// One connection.
#[derive(Debug)]
pub struct Session {
    settings: Settings,
    warden: Warden,
    client: Client,
    store: Store,
    outstanding: Outstanding,
    out: Output,
    stage: Stage,
    draining: Draining,
}

/// How far a connection has come.
#[derive(Debug)]
enum Stage {
    /// Nobody has logged in yet.
    Login(Box<Entrance>),
    /// Somebody has.
    Open(Box<Open>),
    /// All is said; what waits is sent, and then everything is closed.
    Over,
}

/// What is known once somebody has logged in.
#[derive(Debug)]
struct Open {
    /// LOGIN's user name, or the identity that AUTHENTICATE asks to act as.
    user: String,
    selection: Selection,
    own: Own,
    injector: Injector,
    compression: compress::Compression,
}

/// Whether the server is being stopped.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
enum Draining {
    No,
    Yes,
}

/// A vault that the warden handed out for this connection, or why it did not.
pub type Answer = Result<Handed, NoVault>;

/// What the session is told of a vault; its socket stays with the shell.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Handed {
    /// Names it.
    pub key_id: KeyId,
    /// Its signed statement.
    pub statement: Vec<u8>,
}

impl Open {
    fn new(user: String) -> Self {
        Self {
            user,
            selection: Selection::default(),
            own: Own::default(),
            injector: Injector::default(),
            compression: compress::Compression::default(),
        }
    }
}

impl Session {
    /// A client that has just connected. Its greeting waits to be written.
    #[must_use]
    pub fn new(settings: Settings, facts: Facts, now: Moment) -> Self {
        let mut session = Self {
            warden: facts.warden,
            client: Client::new(&settings, now),
            store: Store::new(&settings, now),
            settings,
            outstanding: Outstanding::default(),
            out: Output::new(now),
            stage: Stage::Login(Box::new(Entrance::new(facts, now))),
            draining: Draining::No,
        };
        session.greet();
        session
    }

    /// The warden is gone: what needs it is not offered any more.
    pub fn warden_gone(&mut self) {
        self.warden = Warden::Gone;
    }

    /// Octets of the client's. To be called only while [`Self::wants_client`].
    pub fn client_octets(&mut self, octets: &[u8], now: Moment) {
        self.out.count_unread_from(now);
        self.hear(octets, now);
    }

    /// The client will send no more.
    pub fn client_ended(&mut self, now: Moment) {
        self.client.end(now);
        if self.own_runs() {
            // Nobody is left to take the answer: the vault must not work for nobody.
            self.over();
        }
        self.work(now);
    }

    /// TLS is there, after [`Request::StartTls`].
    pub fn secured(&mut self, handshake: Handshake, now: Moment) {
        self.take_tls(handshake, now);
        self.work(now);
    }

    /// The answer to [`Request::Dial`]: the store is there, or why it is not.
    pub fn dialled(&mut self, reached: Result<Greeted, Unreachable>, now: Moment) {
        self.out.count_unread_from(now);
        self.take_dialled(reached, now);
        self.work(now);
    }

    /// Octets of the store's. To be called only while [`Self::wants_store`].
    pub fn store_octets(&mut self, octets: &[u8], now: Moment) {
        self.take_store_octets(octets, now);
        self.work(now);
    }

    /// The store will send no more.
    pub fn store_ended(&mut self, now: Moment) {
        self.out.count_unread_from(now);
        self.take_store_end(now);
        self.work(now);
    }

    /// Octets of the employed vault's.
    pub fn vault_octets(&mut self, octets: &[u8], now: Moment) {
        self.out.count_unread_from(now);
        self.take_vault_octets(octets, now);
        self.work(now);
    }

    /// The employed vault will send no more.
    pub fn vault_ended(&mut self, now: Moment) {
        self.out.count_unread_from(now);
        self.take_vault_end(now);
        self.work(now);
    }

    /// The employed vault takes no more; what it has said may still come.
    pub fn vault_deaf(&mut self, now: Moment) {
        self.out.to_vault = Outbox::default();
        self.work(now);
    }

    /// The warden's answers to [`Request::NewVaults`]; none: it could not be asked. Only [`Self::warden_gone`] says that it
    /// is gone for good.
    pub fn answered(&mut self, answers: Option<Vec<Answer>>, now: Moment) {
        self.out.count_unread_from(now);
        self.take_answers(answers, now);
        self.work(now);
    }

    /// Time has passed: to be called when [`Self::deadline`] comes.
    pub fn tick(&mut self, now: Moment) {
        self.out.count_unread_from(now);
        self.pass_time(now);
        self.work(now);
    }

    /// The server is being stopped: the connection ends at the next good moment, with a BYE.
    pub fn drain(&mut self, now: Moment) {
        self.out.count_unread_from(now);
        self.draining = Draining::Yes;
        self.work(now);
    }

    /// An administrator ends the session, now.
    pub fn kick(&mut self, now: Moment) {
        self.out.count_unread_from(now);
        if !self.is_over() {
            self.out.records.push_back(Record::of(Event::SessionKicked));
            self.bid_farewell(farewell::kicked());
        }
    }

    /// Octets were written out of an outbox.
    pub fn wrote(&mut self, way: Way, octets: usize, now: Moment) {
        match way {
            Way::ToClient => self.out.client_took(octets, now),
            Way::ToStore => self.out.to_store.wrote(octets),
            Way::ToVault => self.out.to_vault.wrote(octets),
        }
        self.store.resume(now);
        self.work(now);
    }

    /// It is the client that everybody waits for: it does not take what it was sent, and the store is not read meanwhile.
    /// Whoever sends it knows when it is too slow.
    pub fn client_is_slow(&mut self, now: Moment) {
        self.out.client_took(0, now);
        self.store.resume(now);
    }

    /// Octets were written out of an outbox after the session was over.
    pub fn sent_last(&mut self, way: Way, octets: usize) {
        match way {
            Way::ToClient => self.out.to_client.wrote(octets),
            Way::ToStore => self.out.to_store.wrote(octets),
            Way::ToVault => self.out.to_vault.wrote(octets),
        }
    }

    /// What this connection may use.
    #[must_use]
    pub fn settings(&self) -> &Settings {
        &self.settings
    }

    /// Who the client is, as the network and trusted proxies in front say; known until it has logged in.
    #[must_use]
    pub fn peer(&self) -> Option<&Peer> {
        match &self.stage {
            Stage::Login(entrance) => Some(&entrance.facts.peer),
            Stage::Open(_) | Stage::Over => None,
        }
    }

    /// How the session is called from proxy to proxy; known until the client has logged in.
    #[must_use]
    pub fn session_id(&self) -> Option<&str> {
        match &self.stage {
            Stage::Login(entrance) => Some(&entrance.facts.session_id),
            Stage::Open(_) | Stage::Over => None,
        }
    }

    /// Who has logged in.
    #[must_use]
    pub fn user(&self) -> Option<&str> {
        match &self.stage {
            Stage::Open(open) => Some(&open.user),
            Stage::Login(_) | Stage::Over => None,
        }
    }

    /// Whether the client waits in IDLE (RFC 2177).
    #[must_use]
    pub fn is_idling(&self) -> bool {
        self.client.idling().is_some()
    }

    /// What waits to be written.
    #[must_use]
    pub fn outbox(&self, way: Way) -> &Outbox {
        match way {
            Way::ToClient => &self.out.to_client,
            Way::ToStore => &self.out.to_store,
            Way::ToVault => &self.out.to_vault,
        }
    }

    /// What the shell is asked to do next.
    pub fn request(&mut self) -> Option<Request> {
        self.out.next_request()
    }

    /// What is to be logged next.
    pub fn record(&mut self) -> Option<Record<'static>> {
        self.out.next_record()
    }

    /// Whether the client should be read.
    #[must_use]
    pub fn wants_client(&self) -> bool {
        !self.is_over() && self.client.has_room()
    }

    /// Whether the store should be read.
    #[must_use]
    pub fn wants_store(&self) -> bool {
        !self.is_over() && self.store.is_connected() && self.out.has_room_for_store()
    }

    /// How many of the next octets of this neighbour's are the inside of a literal that is being relayed, and may be
    /// passed on to the other one as they are, without being shown here; 0: none, they must be shown. Whatever of them
    /// was passed on is to be told to [`Self::passed`], before anything else is; what the other one does not take at once is
    /// to be shown, so that it is known who keeps whom waiting.
    #[must_use]
    pub fn straight(&self, from: Neighbour) -> u64 {
        self.straight_octets(from)
    }

    /// So many octets of this neighbour's, at most [`Self::straight`], went to the other one.
    pub fn passed(&mut self, from: Neighbour, octets: u64, now: Moment) {
        self.take_passed(from, octets, now);
    }

    /// Whether nothing more will come but what waits for the client.
    #[must_use]
    pub fn is_over(&self) -> bool {
        matches!(self.stage, Stage::Over)
    }

    /// Ends the session: every vault goes, nothing more is read.
    fn over(&mut self) {
        self.stage = Stage::Over;
        self.out.request(Request::Dismiss);
    }

    /// Ends the session with last words of ours, where they can be understood.
    fn bid_farewell(&mut self, farewell: Vec<u8>) {
        if self.out.is_between() {
            self.out.tell(farewell);
        }
        self.over();
    }

    /// Ends what the store's connection was for, because the store broke off, hung, or said what it must not: before the
    /// login only the attempt, then the session.
    fn fail_store(&mut self, reason: &'static str, now: Moment) {
        match &self.stage {
            Stage::Over => {}
            Stage::Login(_) => self.fail_attempt(reason, now),
            Stage::Open(_) => self.lose_store(reason),
        }
    }

    fn lose_store(&mut self, reason: &'static str) {
        self.out.record_reason(Event::StoreFailed, reason);
        if self.out.is_between() {
            let own = self.own_tag();
            let relayed: Vec<_> = self.outstanding.drain().collect();
            for tag in own.iter().chain(&relayed) {
                // RFC 5530 §3: the client may try again later.
                let code = Some(Code::Unavailable);
                self.out
                    .complete(tag, StatusKind::No, code, "The mail store failed");
            }
        }
        self.bid_farewell(farewell::store_lost());
    }
}

#[cfg(test)]
pub(crate) mod tests;
