//! The configuration file: TOML with no unknown keys. Each error names the line, what is wrong, and the remedy.
//!
//! A value that exists has been checked: the types here refuse what they cannot mean. What only the machine
//! can tell (files, modes, names) is checked by [`crate::check`].

mod address;
mod administration;
mod backend;
mod convert;
mod error;
mod listener;
mod numbers;
mod pattern;
mod routing;

use std::{collections::BTreeMap, net::SocketAddr, num::NonZeroU64, path::PathBuf, time::Duration};

use serde::Deserialize;

pub use address::StoreAddress;
pub use administration::{Admin, AdminAddress, Metrics, Traces};
pub use backend::{
    Authorities, Backend, Breaker, ClientCertificate, CompressStore, Identify, Master, MasterForm,
    Pin, ProxyProtocolOut, Security, UrlAuth,
};
pub use convert::{Presets, UnknownPreset};
pub use error::ConfigError;
pub use listener::{
    Admission, Compress, Imap, NamedCertificate, Passthrough, PassthroughKind, ProxyProtocolIn,
    TlsStart,
};
pub use numbers::{KeptResults, LineOctets, Pool, Seconds, Workers};
pub use pattern::{BackendName, HostPattern, UserPattern};
pub use routing::{Lookup, Routing};

/// Everything that the file says.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Config {
    /// Listeners that end TLS and relay IMAP.
    #[serde(default)]
    pub imap: Vec<Imap>,
    /// Listeners that pass TLS on unopened.
    #[serde(default)]
    pub passthrough: Vec<Passthrough>,
    /// The stores behind, by name.
    pub backend: BTreeMap<BackendName, Backend>,
    /// Which of them a user's mail is at.
    #[serde(default)]
    pub routing: Routing,
    /// Vaults and the warden that starts them; without it there are no reveals.
    pub vault: Option<Vault>,
    /// What a conversion falls back on where a request is silent.
    #[serde(default)]
    pub convert: Presets,
    /// Budgets of a session.
    #[serde(default)]
    pub limits: Limits,
    /// How the server works.
    #[serde(default)]
    pub server: Server,
    /// The admin listener.
    pub admin: Option<Admin>,
    /// A metrics listener.
    pub metrics: Option<Metrics>,
    /// Traces.
    pub traces: Option<Traces>,
    /// The log.
    #[serde(default)]
    pub log: Log,
}

/// How the server works.
#[derive(Clone, Copy, Debug, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Server {
    /// Threads that carry connections; none: one for each processor.
    pub workers: Option<Workers>,
    /// How long open connections have to end after SIGTERM.
    pub drain_seconds: Seconds,
}

impl Default for Server {
    fn default() -> Self {
        Self {
            workers: None,
            drain_seconds: defaults::drain(),
        }
    }
}

/// Vaults and the warden that starts them.
#[derive(Clone, Debug, Deserialize, PartialEq)]
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

/// What one reveal may take.
#[derive(Clone, Copy, Debug)]
pub struct VaultBudget {
    /// How long a key statement is good for.
    pub lifetime: Duration,
    /// How long one conversion may take.
    pub job: Duration,
    /// The largest part that is converted, in octets as the store sends it.
    pub part_octets: u64,
}

impl VaultBudget {
    /// What `vault` allows.
    #[must_use]
    pub fn of(vault: &Vault) -> Self {
        Self {
            lifetime: vault.lifetime_seconds.duration(),
            job: vault.job_seconds.duration(),
            part_octets: vault.part_octets.get(),
        }
    }
}

impl Default for VaultBudget {
    /// Where there are no vaults, nothing comes of it.
    fn default() -> Self {
        Self {
            lifetime: defaults::lifetime().duration(),
            job: defaults::job().duration(),
            part_octets: defaults::part().get(),
        }
    }
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
    /// Connections that a user may have at one time, over all listeners.
    pub connections_per_user: NonZeroU64,
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
            connections_per_user: defaults::connections_per_user(),
            statements: Pool(4),
            statements_per_user: Pool(16),
            kept_results: KeptResults(4),
            kept_octets: defaults::kept(),
        }
    }
}

/// The log.
#[derive(Clone, Copy, Debug, Default, Deserialize, Eq, PartialEq)]
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
    use std::num::NonZeroU32;

    use toml::Spanned;

    use super::{NonZeroU64, Pool, Seconds};

    const fn some(number: u32) -> NonZeroU32 {
        match NonZeroU32::new(number) {
            Some(number) => number,
            None => NonZeroU32::MIN,
        }
    }

    const fn octets(number: u64) -> NonZeroU64 {
        match NonZeroU64::new(number) {
            Some(number) => number,
            None => NonZeroU64::MIN,
        }
    }

    pub(super) fn connections() -> NonZeroU64 {
        octets(16_384)
    }
    pub(super) fn connections_per_user() -> NonZeroU64 {
        octets(64)
    }
    pub(super) fn hello_octets() -> Spanned<u32> {
        Spanned::new(0..0, 16 * 1024) // a hello with post-quantum key shares has about 2 KiB
    }
    pub(super) fn passthrough_idle() -> Seconds {
        Seconds(3600) // past the 30 minutes of RFC 9051 §5.4: the ends of the connection know better
    }
    pub(super) fn greeting() -> Seconds {
        Seconds(10)
    }
    pub(super) fn renew_idle() -> Seconds {
        Seconds(25 * 60) // RFC 2177 §3: at least every 29 minutes
    }
    pub(super) fn breaker_failures() -> NonZeroU32 {
        some(5)
    }
    pub(super) fn breaker_clients() -> NonZeroU32 {
        some(2)
    }
    pub(super) fn lookup() -> Seconds {
        Seconds(5)
    }
    pub(super) fn lookup_cache() -> Seconds {
        Seconds(300)
    }
    pub(super) fn lookup_unknown() -> Seconds {
        Seconds(10)
    }
    pub(super) fn trace_one_of() -> u32 {
        1
    }
    pub(super) fn connections_per_address() -> NonZeroU64 {
        octets(256)
    }
    pub(super) fn handshake() -> Seconds {
        Seconds(10)
    }
    pub(super) fn login() -> Seconds {
        Seconds(30)
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
        config.check_listeners()?;
        for (name, backend) in &config.backend {
            backend.check_security(name, text)?;
        }
        config.check_backend_names()?;
        config.check_administration(text)?;
        Ok(config)
    }

    /// The addresses of all listeners, in the order in which they are counted: `[[imap]]`, `[[passthrough]]`.
    pub fn addresses(&self) -> impl Iterator<Item = SocketAddr> + '_ {
        let imap = self.imap.iter().map(|listener| listener.address);
        imap.chain(self.passthrough.iter().map(|listener| listener.address))
    }

    fn check_listeners(&self) -> Result<(), ConfigError> {
        if self.imap.is_empty() && self.passthrough.is_empty() {
            return Err(ConfigError::new(
                "there is no listener",
                "add an [[imap]] or a [[passthrough]] section; deploy/keyhole.toml shows one",
            ));
        }
        self.check_who_speaks_first()?;
        for passthrough in &self.passthrough {
            let octets = *passthrough.hello_octets.get_ref();
            if !(512..=1 << 20).contains(&octets) {
                return Err(ConfigError::new(
                    format!("passthrough.hello_octets is {octets}"),
                    "write a number of octets from 512 to 1048576",
                ));
            }
        }
        Ok(())
    }

    /// Whether an optional PROXY header comes is told by the client's first octet. Where the client waits for a greeting,
    /// each would wait for the other.
    fn check_who_speaks_first(&self) -> Result<(), ConfigError> {
        let imap = self.imap.iter().map(|imap| {
            let greets = imap.tls == TlsStart::Starttls;
            (&imap.admission, imap.address, greets)
        });
        let passthrough = self.passthrough.iter().map(|passthrough| {
            let greets = passthrough.kind != PassthroughKind::Tls;
            (&passthrough.admission, passthrough.address, greets)
        });
        for (admission, address, greets) in imap.chain(passthrough) {
            if greets && admission.proxy_protocol == ProxyProtocolIn::Optional {
                return Err(ConfigError::new(
                    format!(
                        "proxy_protocol is optional on {address}, where clients wait for a greeting"
                    ),
                    "write \"required\" or \"off\"; who needs both gives each a port of its own",
                ));
            }
        }
        Ok(())
    }

    /// Every backend that is named anywhere is there, and whoever has several says who gets which.
    fn check_backend_names(&self) -> Result<(), ConfigError> {
        let in_passthrough = self.passthrough.iter().flat_map(|passthrough| {
            let named = passthrough.routes.values();
            named
                .chain(&passthrough.default)
                .chain(&passthrough.no_name)
        });
        let routing = &self.routing;
        let in_routing = routing.users.values().chain(&routing.default);
        for name in in_passthrough.chain(in_routing) {
            if !self.backend.contains_key(name) {
                return Err(ConfigError::new(
                    format!("there is no backend {name}"),
                    format!("add a section [backend.{name}], or correct the name"),
                ));
            }
        }
        let unclear =
            routing.default.is_none() && routing.lookup.is_none() && routing.map.is_none();
        if self.backend.is_empty() || (unclear && routing.users.is_empty() && self.several()) {
            return Err(ConfigError::new(
                "nothing says at which backend a user's mail is",
                "add one [backend.NAME], or [routing] with default, users, map or lookup",
            ));
        }
        Ok(())
    }

    /// Whether users have to be told apart.
    fn several(&self) -> bool {
        !self.imap.is_empty() && self.backend.len() > 1
    }

    /// The admin listener and metrics speak without TLS: they never leave the machine.
    fn check_administration(&self, text: &str) -> Result<(), ConfigError> {
        let metrics = self.metrics.map(|metrics| metrics.address);
        if metrics.is_some_and(|address| !address.ip().is_loopback()) {
            return Err(ConfigError::new(
                "metrics.address is not on this machine",
                "write an address like 127.0.0.1:9993, and let a collector on this machine fetch it",
            ));
        }
        let Some(Admin { address, token }) = &self.admin else {
            return Ok(());
        };
        let at = address.span().start;
        match address.get_ref() {
            AdminAddress::Tcp(address) if !address.ip().is_loopback() => Err(ConfigError::at(
                text,
                at,
                "admin.address is not on this machine".to_owned(),
                "write an address like 127.0.0.1:9994, or unix:/run/keyhole/admin".to_owned(),
            )),
            AdminAddress::Tcp(_) if token.is_none() => Err(ConfigError::at(
                text,
                at,
                "admin.token is missing: every user of this machine may connect to a port"
                    .to_owned(),
                "add token = \"FILE\", or use a socket file: unix:/run/keyhole/admin".to_owned(),
            )),
            AdminAddress::Tcp(_) | AdminAddress::Unix(_) => Ok(()),
        }
    }
}

impl Backend {
    /// Cleartext never leaves the machine (RFC 8314 §3).
    fn check_security(&self, name: &BackendName, text: &str) -> Result<(), ConfigError> {
        let security = &self.security;
        if self.addresses.is_empty() {
            return Err(ConfigError::at(
                text,
                security.span().start,
                format!("backend.{name}.addresses is empty"),
                "write one address at least".to_owned(),
            ));
        }
        let here = self.addresses.iter().all(StoreAddress::is_loopback);
        match security.get_ref() {
            Security::Loopback if !here => Err(ConfigError::at(
                text,
                security.span().start,
                format!(
                    "backend.{name}.security is \"loopback\", but not all of its addresses are on this machine"
                ),
                "write security = \"tls\", or an address like 127.0.0.1:143".to_owned(),
            )),
            Security::Loopback | Security::Tls | Security::Starttls => Ok(()),
        }
    }
}

#[cfg(test)]
mod tests;
