//! The stores behind: their addresses, how they are proven, what they are told.

use std::{num::NonZeroU32, path::PathBuf};

use serde::Deserialize;
use toml::Spanned;

use super::{Seconds, StoreAddress, defaults};

/// One store, at one address or several.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Backend {
    /// `host:port` each. Names are looked up again while the server runs. They are tried in turn, those that failed last.
    pub addresses: Vec<StoreAddress>,
    /// How the connection is protected.
    pub security: Spanned<Security>,
    /// The name in the store's certificate, where it is not the host of the address.
    pub name: Option<String>,
    /// Whom to believe about that name.
    #[serde(default)]
    pub ca: Authorities,
    /// SHA-256 of the public keys (SubjectPublicKeyInfo) that the store's certificate may have, in base64 (RFC 7469 §2.4);
    /// none: any that an authority vouches for.
    #[serde(default)]
    pub pins: Vec<Pin>,
    /// PEM files with a certificate to show to the store, and its private key.
    pub client_certificate: Option<ClientCertificate>,
    /// A PROXY protocol header to send first.
    #[serde(default)]
    pub proxy_protocol: ProxyProtocolOut,
    /// Whether the store is told who the client is, by ID (RFC 2971) in Dovecot's terms.
    #[serde(default)]
    pub identify: Identify,
    /// Logging in to the store with a login of the proxy's own, as the user. Without it the client's own credentials are
    /// relayed, and EXTERNAL is not offered.
    pub master: Option<Master>,
    /// Whether COMPRESS=DEFLATE (RFC 4978) is used to the store, if it offers that.
    #[serde(default)]
    pub compress: CompressStore,
    /// Whether URLAUTH (RFC 4467) is passed on. A URL made by a thief is a copy of the mail: off unless wanted.
    #[serde(default)]
    pub urlauth: UrlAuth,
    /// How long connecting to one address may take, TLS included.
    #[serde(default = "defaults::connect")]
    pub connect_seconds: Seconds,
    /// How long the greeting may take, once connected.
    #[serde(default = "defaults::greeting")]
    pub greeting_seconds: Seconds,
    /// How long the store may be silent while it owes an answer to a command of ours, or inside a response.
    #[serde(default = "defaults::answer")]
    pub answer_seconds: Seconds,
    /// How often an IDLE is renewed at the store, unseen by the client (RFC 2177 §3: within 29 minutes).
    #[serde(default = "defaults::renew_idle")]
    pub renew_idle_seconds: Seconds,
    /// When an address is left alone for a while.
    #[serde(default)]
    pub breaker: Breaker,
    /// The most connections to this backend at one time; none: as many as there are clients.
    pub connections: Option<NonZeroU32>,
}

/// How the connection to a store is protected.
#[derive(Clone, Copy, Debug, Deserialize, Eq, PartialEq)]
#[serde(rename_all = "kebab-case")]
pub enum Security {
    /// Implicit TLS with a verified name.
    Tls,
    /// STARTTLS, required, with a verified name.
    Starttls,
    /// None; only ever to this machine's loopback.
    Loopback,
}

/// Whom to believe about a store's name.
#[derive(Clone, Debug, Default, Deserialize, Eq, PartialEq)]
#[serde(rename_all = "kebab-case")]
pub enum Authorities {
    /// The public ones, compiled in (Mozilla's list).
    #[default]
    Public,
    /// The system's.
    System,
    /// Those in this PEM file.
    #[serde(untagged)]
    File(PathBuf),
}

/// The SHA-256 of a SubjectPublicKeyInfo.
#[derive(Clone, Copy, Debug, Deserialize, Eq, PartialEq)]
#[serde(try_from = "String")]
pub struct Pin(pub [u8; 32]);

impl TryFrom<String> for Pin {
    type Error = &'static str;

    fn try_from(text: String) -> Result<Self, Self::Error> {
        use base64::{Engine as _, engine::general_purpose::STANDARD};
        const WANTED: &str = "expected \"sha256:\" and 32 octets in base64";
        let text = text.strip_prefix("sha256:").ok_or(WANTED)?;
        let octets = STANDARD.decode(text).map_err(|_| WANTED)?;
        octets.try_into().map(Self).map_err(|_| WANTED)
    }
}

/// What the proxy shows to a store that asks for a certificate.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ClientCertificate {
    /// PEM file with the certificate and its chain.
    pub certificate: PathBuf,
    /// PEM file with its private key.
    pub key: PathBuf,
}

/// A PROXY protocol header for a backend.
#[derive(Clone, Copy, Debug, Default, Deserialize, Eq, PartialEq)]
#[serde(rename_all = "kebab-case")]
pub enum ProxyProtocolOut {
    /// None.
    #[default]
    Off,
    /// Version 1: a line of text.
    V1,
    /// Version 2: octets, with the name that the client asked for.
    V2,
}

/// Whether a store is told who the client is.
#[derive(Clone, Copy, Debug, Default, Deserialize, Eq, PartialEq)]
#[serde(rename_all = "kebab-case")]
pub enum Identify {
    /// If it offers ID.
    #[default]
    Yes,
    /// Never: it is somebody else's.
    No,
}

/// A login of the proxy's own (the store's "master user").
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Master {
    /// The master's name.
    pub user: String,
    /// File with its password, and nothing else but one line end; not for others (0600).
    pub password: PathBuf,
    /// How the store is told for whom.
    #[serde(default)]
    pub form: MasterForm,
}

/// How a store is told for whom the master logs in.
#[derive(Clone, Copy, Debug, Default, Deserialize, Eq, PartialEq)]
#[serde(rename_all = "kebab-case")]
pub enum MasterForm {
    /// By PLAIN's authorization identity (RFC 4616 §2).
    #[default]
    Authzid,
    /// By the name `user*master`.
    Asterisk,
}

/// Whether the way to a store is compressed.
#[derive(Clone, Copy, Debug, Default, Deserialize, Eq, PartialEq)]
#[serde(rename_all = "kebab-case")]
pub enum CompressStore {
    /// It is not.
    #[default]
    Never,
    /// If the store offers it.
    WhereOffered,
}

/// Whether URLAUTH is passed on.
#[derive(Clone, Copy, Debug, Default, Deserialize, Eq, PartialEq)]
#[serde(rename_all = "kebab-case")]
pub enum UrlAuth {
    /// It is hidden and refused.
    #[default]
    Refused,
    /// It is relayed.
    Relayed,
}

/// When an address is left alone for a while.
#[derive(Clone, Copy, Debug, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Breaker {
    /// After so many failures in a row ..
    pub failures: NonZeroU32,
    /// .. seen by at least so many clients: one alone never closes the road to all.
    pub clients: NonZeroU32,
    /// For so long. Then one connection tries.
    pub cool_seconds: Seconds,
}

impl Default for Breaker {
    fn default() -> Self {
        Self {
            failures: defaults::breaker_failures(),
            clients: defaults::breaker_clients(),
            cool_seconds: Seconds(30),
        }
    }
}
