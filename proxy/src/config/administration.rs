//! What operators see of a running server: the admin listener, metrics, traces.

use std::{net::SocketAddr, path::PathBuf};

use serde::Deserialize;
use toml::Spanned;

use super::{Seconds, defaults};

/// The admin listener: sessions, backends' health, vaults, metrics.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Admin {
    /// `127.0.0.1:port`, or `unix:/path`. Anything but loopback or a socket file is refused.
    pub address: Spanned<AdminAddress>,
    /// File with the token that callers show (`Authorization: Bearer`), one line of at least 32 characters; not for others
    /// (0600). A socket file may do without: its mode is 0600.
    pub token: Option<PathBuf>,
}

/// Where the admin listener is.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq)]
#[serde(try_from = "String")]
pub enum AdminAddress {
    /// A TCP port.
    Tcp(SocketAddr),
    /// A socket file.
    Unix(PathBuf),
}

impl TryFrom<String> for AdminAddress {
    type Error = &'static str;

    fn try_from(text: String) -> Result<Self, Self::Error> {
        const WANTED: &str = "expected \"127.0.0.1:port\" or \"unix:/path\"";
        match text.strip_prefix("unix:") {
            Some(path) if path.starts_with('/') => Ok(Self::Unix(path.into())),
            Some(_) => Err(WANTED),
            None => text.parse().map(Self::Tcp).map_err(|_| WANTED),
        }
    }
}

/// Metrics without a token, for a Prometheus on this machine.
#[derive(Clone, Copy, Debug, Deserialize, Eq, PartialEq)]
#[serde(deny_unknown_fields)]
pub struct Metrics {
    /// `127.0.0.1:port`: `GET /metrics`.
    pub address: SocketAddr,
}

/// OpenTelemetry traces, by OTLP over HTTP.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq)]
#[serde(deny_unknown_fields)]
pub struct Traces {
    /// The collector: `http://127.0.0.1:4318/v1/traces`.
    pub endpoint: Spanned<String>,
    /// PEM file with the authorities to trust for https; otherwise the public ones.
    pub ca: Option<PathBuf>,
    /// One session of so many is traced.
    #[serde(default = "defaults::trace_one_of")]
    pub one_of: u32,
    /// How long an export may take.
    #[serde(default = "defaults::lookup")]
    pub timeout_seconds: Seconds,
}
