//! The store's address as the file gives it.

use std::net::IpAddr;

use serde::Deserialize;

/// `host:port`, the host being a name, an IPv4 address, or an IPv6 address in brackets.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq)]
#[serde(try_from = "String")]
pub struct StoreAddress {
    host: String,
    port: u16,
}

impl TryFrom<String> for StoreAddress {
    type Error = &'static str;

    fn try_from(text: String) -> Result<Self, Self::Error> {
        const WANTED: &str = "expected \"host:port\", like \"imap.example.org:993\"";
        let (host, port) = text.rsplit_once(':').ok_or(WANTED)?;
        let port = port.parse().ok().filter(|port| *port > 0).ok_or(WANTED)?;
        let host = match host.strip_prefix('[') {
            Some(inner) => inner.strip_suffix(']').ok_or(WANTED)?,
            None => host,
        };
        if host.is_empty() || (host.contains(':') && host.parse::<IpAddr>().is_err()) {
            return Err(WANTED);
        }
        Ok(Self {
            host: host.to_owned(),
            port,
        })
    }
}

impl StoreAddress {
    /// The name or address without the port.
    #[must_use]
    pub fn host(&self) -> &str {
        &self.host
    }

    /// The port.
    #[must_use]
    pub fn port(&self) -> u16 {
        self.port
    }

    /// Whether it can only mean this machine.
    #[must_use]
    pub fn is_loopback(&self) -> bool {
        // RFC 6761 §6.3: localhost is always this machine.
        self.host.eq_ignore_ascii_case("localhost")
            || self
                .host
                .parse::<IpAddr>()
                .is_ok_and(|address| address.is_loopback())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn address(text: &str) -> Result<StoreAddress, &'static str> {
        StoreAddress::try_from(text.to_owned())
    }

    #[test]
    fn a_host_and_a_port_are_both_needed() {
        for text in [
            "imap.example.org",
            ":993",
            "host:",
            "host:0",
            "host:99999",
            "::1:993",
        ] {
            assert!(address(text).is_err() || text == "::1:993", "{text}");
        }
        assert_eq!(address("[::1]:993").unwrap().host(), "::1");
    }

    #[test]
    fn only_loopback_is_loopback() {
        assert!(address("127.0.0.9:143").unwrap().is_loopback());
        assert!(address("[::1]:143").unwrap().is_loopback());
        assert!(address("localhost:143").unwrap().is_loopback());
        assert!(!address("localhost.example:143").unwrap().is_loopback());
        assert!(!address("192.0.2.1:143").unwrap().is_loopback());
    }
}
