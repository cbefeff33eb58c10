//! Pass-through with the real program: which store a name leads to, what comes before TLS, who the client is, and how it ends.
//!
//! | module | shows |
//! | --- | --- |
//! | [`names`] | routes by name with curl and imaplib |
//! | [`starttls`] | IMAP and SMTP ports on which TLS begins later |
//! | [`headers`] | the PROXY protocol, in and out |
//! | [`ends`] | half-close, a backend killed, drain |

#![cfg(test)]

mod ends;
mod headers;
mod names;
mod starttls;

use std::net::SocketAddr;

use tests::harness::keyhole::{Behind, Keyhole, Settings};
use tests::harness::program::free_address;

/// A server with an IMAP listener that nobody uses here, and ports that pass TLS on to `behind`, or where `more` says.
pub(crate) fn start(behind: &Behind, server: &str, more: &str) -> Keyhole {
    let settings = Settings {
        vault: "pool = 1\n".to_owned(),
        server: server.to_owned(),
        more: more.to_owned(),
        ..Settings::default()
    };
    Keyhole::start_with(behind, &settings)
}

/// A pass-through port: its address, and its section with `lines`.
pub(crate) fn port(lines: &str) -> (SocketAddr, String) {
    let address = free_address();
    let section = format!("[[passthrough]]\naddress = \"{address}\"\n{lines}\n");
    (address, section)
}
