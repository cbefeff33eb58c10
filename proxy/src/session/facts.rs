//! What a session is told by its shell: of the client when it begins, of the store once that is dialled.

use std::time::Duration;

use wire::{
    Confidential,
    imap::{Capabilities, sasl::Mechanism},
};

use crate::{
    config::{CompressStore, Identify, MasterForm, UrlAuth},
    metrics,
    peer::Peer,
};

/// Hops that a connection may still make when it comes from nobody that we know.
pub const TTL: u8 = 7;

/// The longest session id that is taken over or made.
pub const SESSION_ID: usize = 64;

/// What is known of a client when it has connected.
#[derive(Clone, Debug)]
pub struct Facts {
    /// Whether TLS is there.
    pub protection: Protection,
    /// Names the session to the store and in its log: printable ASCII, at most [`SESSION_ID`] octets.
    pub session_id: String,
    /// Who it is, as far as the network tells.
    pub peer: Peer,
    /// The mechanisms that are offered. [`Mechanism::External`] is, only where `external` is known.
    pub mechanisms: Vec<Mechanism>,
    /// The identity that the client's certificate has proven.
    pub external: Option<String>,
    /// How many more proxies this connection may pass: [`TTL`] to begin with.
    pub ttl: u8,
    /// Whether there is a warden.
    pub warden: Warden,
}

/// What a handshake behind STARTTLS told of the client.
#[derive(Clone, Debug, Default)]
pub struct Handshake {
    /// The identity that its certificate has proven.
    pub external: Option<String>,
    /// The name that it asked for (SNI), in lower case.
    pub name: Option<String>,
}

/// Whether a client's connection is encrypted.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Protection {
    /// Not yet: STARTTLS comes first (RFC 9051 §6.2.1).
    Clear,
    /// It is.
    Tls,
}

/// Whether the warden is there.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Warden {
    /// It is.
    Alive,
    /// It is not, and does not come back.
    Gone,
}

/// A store that was dialled and has greeted; over TLS if it must be, with nothing under way.
#[derive(Clone, Debug)]
pub struct Greeted {
    /// What it offers before a login.
    pub capabilities: Capabilities,
    /// What the configuration says of it.
    pub traits: StoreTraits,
}

/// What the configuration says of a store.
#[derive(Clone, Debug)]
pub struct StoreTraits {
    /// The proxy's own login at it, for users whom EXTERNAL has proven.
    pub master: Option<MasterLogin>,
    /// Whether it is told who the client is.
    pub identify: Identify,
    /// Whether URLAUTH is relayed.
    pub urlauth: UrlAuth,
    /// Whether the way to it is compressed.
    pub compress: CompressStore,
    /// How long it may be silent in the middle of an answer, or while it owes one to us.
    pub answer: Duration,
    /// After how long an IDLE is begun anew.
    pub renew_idle: Duration,
}

/// A login of the proxy's own.
#[derive(Clone, Debug)]
pub struct MasterLogin {
    /// The master's name.
    pub user: String,
    /// Its password.
    pub password: Confidential,
    /// How the store is told for whom it logs in.
    pub form: MasterForm,
}

/// Why no store was reached. The client is told so and stays logged out.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Unreachable {
    /// No route leads from this user to a store. The client is told what a wrong password is told.
    NoRoute,
    /// The store, or who should say which it is, cannot be reached now.
    Unavailable,
    /// The user has too many connections.
    Limit,
    /// The store was reached and does not want us: BYE, PREAUTH, no TLS.
    Refused,
}

/// What came of a login.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Outcome {
    /// Somebody is logged in.
    Accepted,
    /// The client's fault: a wrong password, an expired one, an exchange broken off.
    Refused,
    /// The store's: it is not available, broke off, or was silent.
    Failed,
    /// Neither's: a limit of this user's, a mechanism that this store has not. It proves nothing of the store's address,
    /// and costs the client no more than the attempt.
    Undecided,
}

/// A login that has its answer, whether or not a store was dialled for it.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct Answered {
    /// How the client meant to log in.
    pub mechanism: metrics::Mechanism,
    /// What came of it.
    pub outcome: Outcome,
    /// From its command to its answer.
    pub took: Duration,
}

/// Whose octets these are, or whither they go.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Neighbour {
    /// The client.
    Client,
    /// The store.
    Store,
}
