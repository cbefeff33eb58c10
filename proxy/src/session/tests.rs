//! The session played by hand: a client, a store, a vault and a warden in one test, without a socket.

mod capabilities;
mod compress;
mod conversions;
mod convert;
mod discovery;
mod faults;
mod hostile;
mod identity;
mod inject;
mod interleave;
mod kept;
mod login;
mod logins;
mod masters;
mod partials;
mod player;
mod reasons;
mod refusals;
mod relay;
mod requests;
mod smuggling;
mod starttls;
mod straight;
mod unconverted;

use std::time::Duration;

use keyreveal::KeyId;
use wire::{
    Confidential, frame,
    imap::{Capabilities, sasl::Mechanism},
};

use super::*;
use crate::{
    config::{Compress, CompressStore, Identify, MasterForm, Presets, UrlAuth},
    peer::Word,
};

/// A session and what came out of it.
pub(super) struct Play {
    pub(super) session: Session,
    pub(super) now: Moment,
    pub(super) requests: Vec<Request>,
    pub(super) events: Vec<Record<'static>>,
    /// Logins that have their answer.
    pub(super) answered: Vec<Answered>,
}

pub(crate) fn settings() -> Settings {
    Settings {
        client: frame::Limits {
            line: 8192,
            literal: 1 << 40,
        },
        statements: 8,
        lifetime: Duration::from_secs(120),
        kept_results: 2,
        kept_octets: 1 << 20,
        part_octets: 1 << 20,
        presets: Presets::default(),
        job: Duration::from_secs(20),
        login: Duration::from_secs(60),
        idle: Duration::from_secs(1860),
        unread: Duration::from_secs(120),
        compress: Compress::UnlessRevealed,
    }
}

pub(crate) fn facts() -> Facts {
    let connected = "192.0.2.7:40000".parse().unwrap();
    let local = "198.51.100.1:993".parse().unwrap();
    Facts {
        protection: Protection::Tls,
        session_id: "s1".to_owned(),
        peer: Peer::direct(connected, local, Word::Stranger),
        mechanisms: vec![
            Mechanism::Plain,
            Mechanism::Login,
            Mechanism::ScramSha1,
            Mechanism::ScramSha256,
            Mechanism::OAuthBearer,
            Mechanism::XOAuth2,
            Mechanism::External,
        ],
        external: None,
        ttl: facts::TTL,
        warden: Warden::Alive,
    }
}

pub(super) fn traits() -> StoreTraits {
    StoreTraits {
        master: None,
        identify: Identify::No,
        urlauth: UrlAuth::Refused,
        compress: CompressStore::Never,
        answer: Duration::from_secs(30),
        renew_idle: Duration::from_secs(1500),
    }
}

pub(super) fn master(form: MasterForm) -> MasterLogin {
    MasterLogin {
        user: "proxy".to_owned(),
        password: Confidential::new(b"secret".to_vec()),
        form,
    }
}

/// A store that offers this much before the login.
pub(super) fn greeted(capabilities: &[&str]) -> Greeted {
    Greeted {
        capabilities: Capabilities::of(capabilities),
        traits: traits(),
    }
}

/// What the client is greeted with.
pub(crate) const GREETING: &str = "* OK [CAPABILITY IMAP4rev1 IMAP4rev2 SASL-IR LITERAL+ ID ENABLE AUTH=PLAIN AUTH=LOGIN AUTH=SCRAM-SHA-1 AUTH=SCRAM-SHA-256 AUTH=OAUTHBEARER AUTH=XOAUTH2] Keyhole is ready\r\n";

/// What a client sends at once, in the pieces in which a store gets it.
pub(super) fn pieces(octets: &str) -> Vec<String> {
    let pieces = octets.split_inclusive("+}\r\n");
    pieces
        .map(|piece| piece.replace("+}\r\n", "}\r\n"))
        .collect()
}

impl Play {
    /// A connection with these facts.
    pub(super) fn with(settings: Settings, facts: Facts) -> Self {
        let now = Moment::at(Duration::from_secs(100));
        Self {
            session: Session::new(settings, facts, now),
            now,
            requests: Vec::new(),
            events: Vec::new(),
            answered: Vec::new(),
        }
    }

    /// One that has just been greeted.
    pub(super) fn new() -> Self {
        let mut play = Self::with(settings(), facts());
        assert_eq!(play.told(), GREETING);
        play
    }

    /// The store is dialled for this user.
    pub(super) fn dialled(&mut self, user: &str, reached: Result<Greeted, Unreachable>) {
        let user = user.to_owned();
        assert_eq!(self.requested(), [Request::Dial { user }]);
        self.session.dialled(reached, self.now);
        self.collect();
    }

    /// One on which `u` has logged in to a store that offers these.
    pub(super) fn open_with(settings: Settings, traits: StoreTraits, offers: &str) -> Self {
        let mut play = Self::with(settings, facts());
        assert_eq!(play.told(), GREETING);
        play.client("l LOGIN u p\r\n");
        let store = Greeted {
            traits,
            ..greeted(&["IMAP4rev1", "ID"])
        };
        play.dialled("u", Ok(store));
        assert!(play.sent().ends_with("keyhole2 LOGIN u \"p\"\r\n"));
        play.store(&format!("keyhole2 OK [CAPABILITY {offers}] in\r\n"));
        assert_eq!(play.requested(), [Request::LoginOutcome(Outcome::Accepted)]);
        play
    }

    /// One on which `u` has logged in to a store with BINARY.
    pub(super) fn open() -> Self {
        let mut play = Self::open_with(settings(), traits(), "IMAP4rev1 BINARY");
        let told = "l OK [CAPABILITY IMAP4rev1 BINARY COMPRESS=DEFLATE KEYREVEAL CONVERT INPROGRESS] Logged in\r\n";
        assert_eq!(play.told(), told);
        play
    }

    /// One on which the INBOX is selected, with UIDVALIDITY 7.
    pub(super) fn selected() -> Self {
        let mut play = Self::open();
        play.client("s SELECT inbox\r\n");
        assert_eq!(play.sent(), "s SELECT inbox\r\n");
        let answer = "* 3 EXISTS\r\n* OK [UIDVALIDITY 7] v\r\ns OK [READ-WRITE] done\r\n";
        play.store(answer);
        assert_eq!(play.told(), answer);
        play
    }

    pub(super) fn client(&mut self, text: &str) {
        self.session.client_octets(text.as_bytes(), self.now);
        self.collect();
    }

    pub(super) fn store(&mut self, text: &str) {
        self.session.store_octets(text.as_bytes(), self.now);
        self.collect();
    }

    pub(super) fn vault(&mut self, octets: &[u8]) {
        self.session.vault_octets(octets, self.now);
        self.collect();
    }

    /// Lets time pass as a shell does: a tick at each deadline.
    pub(super) fn wait(&mut self, time: Duration) {
        let until = self.now.plus(time);
        while let Some(deadline) = self
            .session
            .deadline()
            .filter(|deadline| *deadline <= until)
        {
            self.now = deadline.max(self.now);
            self.session.tick(self.now);
            self.collect();
        }
        self.now = until;
        self.session.tick(self.now);
        self.collect();
    }

    /// The warden hands out vaults with these key ids.
    pub(super) fn hand_out(&mut self, ids: &[u8]) {
        let answers = ids.iter().map(|id| {
            Ok(Handed {
                key_id: KeyId([*id; 16]),
                statement: vec![*id],
            })
        });
        self.session.answered(Some(answers.collect()), self.now);
        self.collect();
    }

    pub(super) fn collect(&mut self) {
        while let Some(request) = self.session.request() {
            match request {
                Request::LoginAnswered(answered) => self.answered.push(answered),
                request => self.requests.push(request),
            }
        }
        while let Some(record) = self.session.record() {
            self.events.push(record);
        }
    }

    fn drain(&mut self, way: Way) -> Vec<u8> {
        let mut octets = Vec::new();
        while !self.session.outbox(way).is_empty() {
            let front = self.session.outbox(way).front().to_vec();
            self.session.wrote(way, front.len(), self.now);
            octets.extend_from_slice(&front);
        }
        self.collect();
        octets
    }

    /// What the client was told since the last look.
    pub(super) fn told(&mut self) -> String {
        String::from_utf8(self.drain(Way::ToClient)).unwrap()
    }

    /// What the store was sent since the last look.
    pub(super) fn sent(&mut self) -> String {
        String::from_utf8(self.drain(Way::ToStore)).unwrap()
    }

    /// What the vault was sent since the last look.
    pub(super) fn worked(&mut self) -> Vec<u8> {
        self.drain(Way::ToVault)
    }

    /// What the shell was asked since the last look.
    pub(super) fn requested(&mut self) -> Vec<Request> {
        std::mem::take(&mut self.requests)
    }

    /// A client's command and what the store says to it: both must pass as they are, each literal once the store has asked
    /// for it.
    pub(super) fn passes(&mut self, command: &str, answer: &str) {
        self.client(command);
        for (nth, piece) in pieces(command).iter().enumerate() {
            if nth > 0 {
                self.store("+ go\r\n");
            }
            assert_eq!(self.sent(), *piece);
        }
        self.store(answer);
        assert_eq!(self.told(), answer);
    }

    /// A client's command that is answered here, and never reaches the store.
    pub(super) fn refused(&mut self, command: &str, answer: &str) {
        self.client(command);
        assert_eq!(self.sent(), "", "{command}");
        assert_eq!(self.told(), answer);
    }
}
