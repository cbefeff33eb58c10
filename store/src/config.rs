//! Who may log in, and what a connection may cost.

use std::path::PathBuf;
use std::time::Duration;

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
    /// Longest command, literals included, APPEND excepted.
    pub command_octets: usize,
    /// Largest message that APPEND takes.
    pub message_octets: usize,
    /// Longest silence after which the store says BYE.
    pub idle: Duration,
    /// Longest silence before the login.
    pub login: Duration,
    /// Connections at one time.
    pub connections: usize,
}

impl Limits {
    /// Limits for a demo or a test: a few clients, messages as large as mail servers commonly take.
    #[must_use]
    pub fn modest() -> Self {
        Self {
            command_octets: 64 * 1024,
            message_octets: 64 * 1024 * 1024,
            // RFC 3501 §5.4: at least 30 minutes.
            idle: Duration::from_secs(31 * 60),
            login: Duration::from_secs(60),
            connections: 64,
        }
    }
}

/// The store's configuration.
#[derive(Clone)]
pub struct Config {
    /// Who may log in.
    pub accounts: Vec<Account>,
    /// What one connection may cost.
    pub limits: Limits,
}
