//! A small IMAP4rev1 store over Maildirs: the embedded backend of `keyhole demo` and of hermetic tests.
//!
//! It serves what a reader needs (FETCH in full, SEARCH, flags, IDLE) and answers everything else with an honest
//! `NO [CANNOT]`. It listens on loopback without TLS: whoever calls [`serve`] gives the listener.

use std::path::PathBuf;
use std::time::Duration;

use tokio::net::TcpListener;

/// Somebody who may log in, and where his mail lies.
#[derive(Clone, PartialEq, Eq)]
pub struct Account {
    /// The login name.
    pub user: String,
    /// The password, in clear: this store is for demos and tests.
    pub password: String,
    /// The Maildir: the folder that holds `new`, `cur` and `tmp`. Maildir++ subfolders (`.Name`) are mailboxes too.
    pub maildir: PathBuf,
}

/// What one connection may cost.
#[derive(Clone, Copy, Debug)]
pub struct Limits {
    /// Longest command, literals included, APPEND's message excepted.
    pub command_octets: usize,
    /// Largest message that APPEND takes.
    pub message_octets: u64,
    /// Longest silence after which the store says BYE (RFC 3501 §5.4 wants 30 minutes at least).
    pub idle: Duration,
    /// Longest silence before the login.
    pub login: Duration,
    /// Connections at one time.
    pub connections: usize,
}

/// The store's configuration.
#[derive(Clone)]
pub struct Config {
    /// Who may log in.
    pub accounts: Vec<Account>,
    /// What one connection may cost.
    pub limits: Limits,
}

/// Serves `listener` until the future is dropped; connections that are open then end with the runtime.
///
/// # Errors
/// Only where the listener itself fails for good.
pub async fn serve(config: Config, listener: TcpListener) -> std::io::Result<()> {
    let _ = (config, listener);
    todo!()
}
