//! What a session is allowed: the configuration, brought down to one connection.

use std::time::Duration;

use wire::frame;

use crate::config::{Compress, Config, Imap, Presets, VaultBudget};

/// How much may wait in an outbox before its source is not read any more.
pub(super) const HIGH_WATER: usize = 64 * 1024;

/// How many octets of a client may wait to be looked at while a command of ours runs.
pub(super) const PENDING: usize = 64 * 1024;

/// The most octets of a command that is collected rather than relayed, literals included.
pub(super) const COLLECTED: usize = 64 * 1024;

/// The most literals of such a command before which the client waits for a `+`.
pub(super) const LITERALS: usize = 16;

/// The most octets of a response that is collected: a capability list, a BODYSTRUCTURE.
pub(super) const RESPONSE: usize = 256 * 1024;

/// How often a slow conversion says that it goes on (RFC 9585 §3 leaves the interval to the server).
pub(super) const PROGRESS: Duration = Duration::from_secs(5);

/// How much longer than its own deadline a vault is waited for: it should be the one to say that time is over.
pub(super) const VAULT_GRACE: Duration = Duration::from_secs(2);

/// How long the warden may take to hand out vaults.
pub(super) const WARDEN: Duration = Duration::from_secs(5);

/// How long the store may be silent while it owes an answer to a client's own command.
pub(super) const SILENCE: Duration = Duration::from_secs(300);

/// How long a client that has stopped sending is still served what it asked for.
pub(super) const HALF_CLOSED: Duration = Duration::from_secs(10);

/// Pixels over all frames of a picture.
pub(super) const PIXELS: u64 = 50_000_000;

/// Octets of memory that one conversion may take, counted as if nothing were given back: a 50 MP picture with a budget in
/// octets is within it. The vault's address space (2 GiB) is the hard bound.
pub(super) const DECODER_MEMORY: u64 = 768 * 1024 * 1024;

/// What one connection may use.
#[derive(Clone, Debug)]
pub struct Settings {
    /// Longest line, largest literal from a client.
    pub client: frame::Limits,
    /// Key statements held unused.
    pub statements: usize,
    /// How long a statement is good for.
    pub lifetime: Duration,
    /// Sealed results kept.
    pub kept_results: usize,
    /// Octets of all of them, and of each.
    pub kept_octets: usize,
    /// The largest part that is converted.
    pub part_octets: u64,
    /// What a conversion falls back on where a request is silent.
    pub presets: Presets,
    /// How long a conversion may take in its vault.
    pub job: Duration,
    /// How long logging in may take.
    pub login: Duration,
    /// How long a client may say nothing.
    pub idle: Duration,
    /// How long a client may leave answers unread.
    pub unread: Duration,
    /// Whether the client may have its connection compressed.
    pub compress: Compress,
}

impl Settings {
    /// What `config` allows each connection to the listener `imap`.
    #[must_use]
    pub fn of(config: &Config, imap: &Imap) -> Self {
        let limits = &config.limits;
        let vault = config.vault.as_ref().map(VaultBudget::of);
        let vault = vault.unwrap_or_default();
        Self {
            client: frame::Limits {
                line: limits.line_octets.number(),
                literal: limits.literal_octets.get(),
            },
            statements: limits.statements.number().into(),
            lifetime: vault.lifetime,
            kept_results: limits.kept_results.number(),
            kept_octets: usize::try_from(limits.kept_octets.get()).unwrap_or(usize::MAX),
            part_octets: vault.part_octets,
            presets: config.convert.clone(),
            job: vault.job,
            login: imap.login_seconds.duration(),
            idle: imap.idle_seconds.duration(),
            unread: imap.unread_seconds.duration(),
            compress: imap.compress,
        }
    }

    /// How a store's octets are framed: it may send literals of any size, which pass without being held.
    pub(super) fn store(&self) -> frame::Limits {
        frame::Limits {
            line: self.client.line,
            literal: u64::MAX,
        }
    }
}
