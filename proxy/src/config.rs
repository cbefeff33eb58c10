//! The configuration file: TOML with no unknown keys. Each error names the line, what is wrong, and the remedy.
//!
//! A value that exists has been checked: the types here refuse what they cannot mean. What only the machine
//! can tell (files, modes, names) is checked by [`crate::check`].

mod address;
mod error;
mod numbers;

use std::{num::NonZeroU64, path::PathBuf};

use serde::Deserialize;
use toml::Spanned;

pub use address::StoreAddress;
pub use error::ConfigError;
pub use numbers::{KeptResults, LineOctets, Pool, Seconds};

/// Everything that the file says.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Config {
    /// Where clients connect.
    pub listen: Listen,
    /// The one store behind.
    pub store: Store,
    /// Vaults and the warden that starts them.
    pub vault: Vault,
    /// Budgets of a session.
    #[serde(default)]
    pub limits: Limits,
    /// The log.
    #[serde(default)]
    pub log: Log,
}

/// Where clients connect.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Listen {
    /// Address and port. Implicit TLS (RFC 8314 §3.3); there is no cleartext listener.
    pub address: std::net::SocketAddr,
    /// PEM file with the certificate and its chain.
    pub certificate: PathBuf,
    /// PEM file with the certificate's private key.
    pub key: PathBuf,
    /// Connections at one time.
    #[serde(default = "defaults::connections")]
    pub connections: NonZeroU64,
    /// Connections at one time from one address.
    #[serde(default = "defaults::connections_per_address")]
    pub connections_per_address: NonZeroU64,
    /// How long the TLS handshake may take.
    #[serde(default = "defaults::handshake")]
    pub handshake_seconds: Seconds,
    /// How long a client may take to log in.
    #[serde(default = "defaults::login")]
    pub login_seconds: Seconds,
    /// How long a logged-in client may say nothing: at least 30 minutes (RFC 9051 §5.4).
    #[serde(default = "defaults::idle")]
    pub idle_seconds: Seconds,
    /// How long a client may leave its answers unread.
    #[serde(default = "defaults::unread")]
    pub unread_seconds: Seconds,
    /// How long open connections have to end after SIGTERM.
    #[serde(default = "defaults::drain")]
    pub drain_seconds: Seconds,
}

/// The one store behind.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Store {
    /// `host:port`. The name is looked up once, at start.
    pub address: StoreAddress,
    /// How the connection is protected.
    pub security: Spanned<Security>,
    /// The name in the store's certificate, where it is not the host of `address`.
    pub name: Option<String>,
    /// PEM file with the certificate authorities to trust; otherwise the public ones.
    pub ca: Option<PathBuf>,
    /// How long connecting, TLS included, may take.
    #[serde(default = "defaults::connect")]
    pub connect_seconds: Seconds,
    /// How long the store may be silent while it owes an answer to a command of ours.
    #[serde(default = "defaults::answer")]
    pub answer_seconds: Seconds,
}

/// How the connection to the store is protected.
#[derive(Clone, Copy, Debug, Deserialize, Eq, PartialEq)]
#[serde(rename_all = "kebab-case")]
pub enum Security {
    /// Implicit TLS with a verified name.
    Tls,
    /// None; only ever to this machine's loopback.
    Loopback,
}

/// Vaults and the warden that starts them.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Vault {
    /// File with the identity key that signs key statements; only the warden reads it.
    pub identity: PathBuf,
    /// Vaults kept ready.
    #[serde(default = "defaults::pool")]
    pub pool: Pool,
    /// Vaults that may live at one time, ready ones included: each is a process.
    #[serde(default = "defaults::live")]
    pub live: Pool,
    /// How long a key statement is good for.
    #[serde(default = "defaults::lifetime")]
    pub lifetime_seconds: Seconds,
    /// How long one conversion may take.
    #[serde(default = "defaults::job")]
    pub job_seconds: Seconds,
    /// The largest part that is converted, in octets as the store sends it.
    #[serde(default = "defaults::part")]
    pub part_octets: NonZeroU64,
    /// Whether session keys live in memory that no other process can read.
    #[serde(default)]
    pub secret_memory: SecretMemory,
    /// What happens where a layer of the sandbox is missing.
    #[serde(default)]
    pub sandbox: Sandbox,
}

/// Where vaults keep session keys.
#[derive(Clone, Copy, Debug, Default, Deserialize, Eq, PartialEq)]
#[serde(rename_all = "kebab-case")]
pub enum SecretMemory {
    /// `memfd_secret` where the kernel has it, else locked pages out of dumps.
    #[default]
    Auto,
    /// Locked pages out of dumps only, so that a memory search can look at them.
    Off,
}

/// What happens where a layer of the sandbox is missing.
#[derive(Clone, Copy, Debug, Default, Deserialize, Eq, PartialEq)]
#[serde(rename_all = "kebab-case")]
pub enum Sandbox {
    /// The server does not start.
    #[default]
    Full,
    /// It starts with what there is, and its key statements say so.
    BestEffort,
}

/// Budgets of a session.
#[derive(Clone, Copy, Debug, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Limits {
    /// The longest line taken from a client, and the longest CAPABILITY answer from a store.
    pub line_octets: LineOctets,
    /// The largest literal relayed from a client to the store.
    pub literal_octets: NonZeroU64,
    /// Key statements that a connection may hold unused.
    pub statements: Pool,
    /// Key statements that a user may hold unused over all connections.
    pub statements_per_user: Pool,
    /// Sealed results kept for partial requests: RFC 5259 §8.3 asks for two at least.
    pub kept_results: KeptResults,
    /// Their octets together, and the most that one sealed result may have.
    pub kept_octets: NonZeroU64,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            line_octets: LineOctets(64 * 1024),
            literal_octets: defaults::literal(),
            statements: Pool(4),
            statements_per_user: Pool(16),
            kept_results: KeptResults(4),
            kept_octets: defaults::kept(),
        }
    }
}

/// The log.
#[derive(Clone, Copy, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Log {
    /// Text or JSON, one line an event.
    pub format: LogFormat,
    /// The least severity written.
    pub level: LogLevel,
}

/// How a line of the log looks.
#[derive(Clone, Copy, Debug, Default, Deserialize, Eq, PartialEq)]
#[serde(rename_all = "kebab-case")]
pub enum LogFormat {
    /// `time LEVEL name=value ..`
    #[default]
    Text,
    /// One JSON object.
    Json,
}

/// The least severity written.
#[derive(Clone, Copy, Debug, Default, Deserialize, Eq, PartialEq)]
#[serde(rename_all = "kebab-case")]
pub enum LogLevel {
    /// Errors only.
    Error,
    /// Errors and refusals.
    Warn,
    /// All events.
    #[default]
    Info,
    /// All there is. Octets of sessions are not logged at any level.
    Trace,
}

/// What holds where the file is silent.
mod defaults {
    use super::{NonZeroU64, Pool, Seconds};

    const fn octets(number: u64) -> NonZeroU64 {
        match NonZeroU64::new(number) {
            Some(number) => number,
            None => NonZeroU64::MIN,
        }
    }

    pub(super) fn connections() -> NonZeroU64 {
        octets(1024)
    }
    pub(super) fn connections_per_address() -> NonZeroU64 {
        octets(256)
    }
    pub(super) fn handshake() -> Seconds {
        Seconds(10)
    }
    pub(super) fn login() -> Seconds {
        Seconds(60)
    }
    pub(super) fn idle() -> Seconds {
        Seconds(1860) // RFC 9051 §5.4: at least 30 minutes
    }
    pub(super) fn unread() -> Seconds {
        Seconds(120)
    }
    pub(super) fn drain() -> Seconds {
        Seconds(10)
    }
    pub(super) fn connect() -> Seconds {
        Seconds(10)
    }
    pub(super) fn answer() -> Seconds {
        Seconds(30)
    }
    pub(super) fn pool() -> Pool {
        Pool(4)
    }
    pub(super) fn live() -> Pool {
        Pool(64)
    }
    pub(super) fn lifetime() -> Seconds {
        Seconds(120)
    }
    pub(super) fn job() -> Seconds {
        Seconds(20)
    }
    pub(super) fn part() -> NonZeroU64 {
        octets(36 * 1024 * 1024) // a photograph of 25 MiB in base64 with line ends
    }
    pub(super) fn literal() -> NonZeroU64 {
        octets(256 * 1024 * 1024)
    }
    pub(super) fn kept() -> NonZeroU64 {
        octets(8 * 1024 * 1024)
    }
}

impl Config {
    /// Reads a configuration from the text of its file.
    ///
    /// # Errors
    /// [`ConfigError`] with the line, what is wrong and the remedy.
    pub fn read(text: &str) -> Result<Self, ConfigError> {
        let config: Self = toml::from_str(text).map_err(|e| ConfigError::from_toml(text, &e))?;
        config.check_store_security(text)?;
        Ok(config)
    }

    /// Cleartext never leaves the machine (RFC 8314 §3).
    fn check_store_security(&self, text: &str) -> Result<(), ConfigError> {
        let security = &self.store.security;
        match security.get_ref() {
            Security::Loopback if !self.store.address.is_loopback() => Err(ConfigError::at(
                text,
                security.span().start,
                "store.security is \"loopback\", but store.address is not on this machine"
                    .to_owned(),
                "write security = \"tls\", or an address like 127.0.0.1:143".to_owned(),
            )),
            Security::Loopback | Security::Tls => Ok(()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    pub(crate) const SMALL: &str = r#"
[listen]
address = "127.0.0.1:1993"
certificate = "cert.pem"
key = "key.pem"

[store]
address = "127.0.0.1:1143"
security = "loopback"

[vault]
identity = "identity.pem"
"#;

    #[test]
    fn the_smallest_file_is_enough() {
        let config = Config::read(SMALL).unwrap();
        assert_eq!(config.vault.pool.number(), 4);
        assert_eq!(config.vault.sandbox, Sandbox::Full);
        assert!(config.listen.idle_seconds.number() >= 1800, "RFC 9051 §5.4");
    }

    /// Replaces a line, reads, and gives the error.
    fn refused(from: &str, to: &str) -> ConfigError {
        assert!(SMALL.contains(from));
        Config::read(&SMALL.replace(from, to)).unwrap_err()
    }

    #[test]
    fn an_unknown_key_is_refused_with_its_line_and_the_known_ones() {
        let error = refused(
            "security = \"loopback\"",
            "security = \"loopback\"\nsecure = 1",
        );
        assert_eq!(error.line(), Some(10));
        assert!(error.to_string().contains("secure"), "{error}");
        assert!(error.remedy().contains("connect_seconds"), "{error}");
    }

    #[test]
    fn cleartext_to_another_machine_is_refused() {
        let error = refused("127.0.0.1:1143", "imap.example.org:143");
        assert_eq!(error.line(), Some(9));
        assert!(error.remedy().contains("security = \"tls\""), "{error}");
    }

    #[test]
    fn a_number_out_of_range_is_refused_where_it_stands() {
        let error = refused("identity = \"identity.pem\"", "identity = \"i\"\npool = 0");
        assert_eq!(error.line(), Some(13));
        assert!(error.to_string().contains("from 1 to 256"), "{error}");
    }

    #[test]
    fn a_missing_section_is_named() {
        let error = Config::read("[listen]\naddress = \"127.0.0.1:1\"\n").unwrap_err();
        assert!(error.to_string().contains("certificate"), "{error}");
        assert!(!error.remedy().is_empty());
    }

    #[test]
    fn the_sample_configuration_is_readable() {
        let config = Config::read(include_str!("../../deploy/keyhole.toml")).unwrap();
        assert_eq!(config.store.security.get_ref(), &Security::Tls);
    }
}
