//! Where clients connect: IMAP with TLS ended here, or TLS passed on unopened.

use std::{collections::BTreeMap, net::SocketAddr, num::NonZeroU64, path::PathBuf};

use ipnet::IpNet;
use serde::Deserialize;
use toml::Spanned;

use super::{BackendName, HostPattern, Seconds, defaults};

/// How many connections there may be, and how the header of a proxy in front is taken.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Admission {
    /// Connections at one time.
    pub connections: NonZeroU64,
    /// Connections at one time from one IPv4 address or one IPv6 /64.
    pub connections_per_address: NonZeroU64,
    /// Whether connections begin with a PROXY protocol header.
    pub proxy_protocol: ProxyProtocolIn,
    /// From where that header, and ID fields that begin with `x-`, are believed.
    pub trusted: Vec<IpNet>,
}

impl Default for Admission {
    fn default() -> Self {
        Self {
            connections: defaults::connections(),
            connections_per_address: defaults::connections_per_address(),
            proxy_protocol: ProxyProtocolIn::Off,
            trusted: Vec::new(),
        }
    }
}

/// Whether connections begin with a PROXY protocol header. One that comes from outside `trusted` is never believed: the
/// connection is closed.
#[derive(Clone, Copy, Debug, Default, Deserialize, Eq, PartialEq)]
#[serde(rename_all = "kebab-case")]
pub enum ProxyProtocolIn {
    /// They do not: one that does is no TLS, and no IMAP.
    #[default]
    Off,
    /// Those from `trusted` may.
    Optional,
    /// All must, and only `trusted` may connect.
    Required,
}

/// IMAP, with TLS ended here.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Imap {
    /// Address and port.
    pub address: SocketAddr,
    /// When TLS begins.
    #[serde(default)]
    pub tls: TlsStart,
    /// PEM file with the certificate and its chain.
    pub certificate: PathBuf,
    /// PEM file with the certificate's private key.
    pub key: PathBuf,
    /// More certificates, chosen by the name that a client asks for (SNI).
    #[serde(default)]
    pub certificates: Vec<NamedCertificate>,
    /// PEM file with the authorities of client certificates, for SASL EXTERNAL.
    pub client_ca: Option<PathBuf>,
    /// How many connections, from where.
    #[serde(default)]
    pub admission: Admission,
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
    /// Whether COMPRESS=DEFLATE (RFC 4978) is offered.
    #[serde(default)]
    pub compress: Compress,
}

/// When TLS begins.
#[derive(Clone, Copy, Debug, Default, Deserialize, Eq, PartialEq)]
#[serde(rename_all = "kebab-case")]
pub enum TlsStart {
    /// With the connection (RFC 8314 §3.3).
    #[default]
    Implicit,
    /// With STARTTLS (RFC 9051 §6.2.1); before it, LOGINDISABLED.
    Starttls,
}

/// A certificate for some names.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct NamedCertificate {
    /// For which names: exact ones, or `*.` and a domain.
    pub names: Vec<HostPattern>,
    /// PEM file with the certificate and its chain.
    pub certificate: PathBuf,
    /// PEM file with the certificate's private key.
    pub key: PathBuf,
}

/// Whether a client may have its connection compressed. Never once a reveal was made on it, nor a reveal once it is:
/// lengths of compressed data tell what is in them.
#[derive(Clone, Copy, Debug, Default, Deserialize, Eq, PartialEq)]
#[serde(rename_all = "kebab-case")]
pub enum Compress {
    /// It may, or it may reveal: whichever it does first.
    #[default]
    UnlessRevealed,
    /// It may, and may reveal too.
    Always,
    /// It may not.
    Never,
}

/// TLS, passed on unopened to the backend that the ClientHello's name stands for.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Passthrough {
    /// Address and port.
    pub address: SocketAddr,
    /// What comes before TLS.
    #[serde(default)]
    pub kind: PassthroughKind,
    /// Which backend each name (SNI) stands for: exact names, `*.` and a domain. The most exact one wins.
    pub routes: BTreeMap<HostPattern, BackendName>,
    /// The backend for names that no route has; without it such a connection is closed.
    pub default: Option<BackendName>,
    /// The backend for clients that ask for no name; without it such a connection is closed.
    pub no_name: Option<BackendName>,
    /// How many connections, from where.
    #[serde(default)]
    pub admission: Admission,
    /// The most octets of a ClientHello.
    #[serde(default = "defaults::hello_octets")]
    pub hello_octets: Spanned<u32>,
    /// How long a ClientHello may take; for a STARTTLS port, what comes before it too.
    #[serde(default = "defaults::handshake")]
    pub hello_seconds: Seconds,
    /// How long nothing may flow either way.
    #[serde(default = "defaults::passthrough_idle")]
    pub idle_seconds: Seconds,
}

/// What comes before TLS on a pass-through port.
#[derive(Clone, Copy, Debug, Default, Deserialize, Eq, PartialEq)]
#[serde(rename_all = "kebab-case")]
pub enum PassthroughKind {
    /// Nothing: IMAPS, submissions.
    #[default]
    Tls,
    /// An IMAP greeting, and STARTTLS (RFC 9051 §6.2.1).
    ImapStarttls,
    /// An SMTP greeting, EHLO and STARTTLS (RFC 3207).
    SmtpStarttls,
}
