//! Python's `imaplib`, a client that is not ours: reads all it can of a mailbox and writes down what it saw.

use std::net::SocketAddr;
use std::path::Path;
use std::process::Command;

use super::dovecot::User;
use super::program::run;

/// How to reach a server.
#[derive(Clone, Copy, Debug)]
pub enum Road<'a> {
    /// In clear.
    Clear,
    /// Over TLS, trusting this authority.
    Tls(&'a Path),
}

/// How exactly to write down what was seen.
#[derive(Clone, Copy, Debug)]
pub enum Writing {
    /// As it came: for two roads to one server.
    Exact,
    /// Literals as quoted strings, nothing as an empty string: for two servers with the same mail.
    Leveled,
}

/// What `imaplib` sees of a user's INBOX, as text: one line a thing, octets as Python writes them.
///
/// # Panics
/// When it fails anywhere.
#[must_use]
pub fn see(address: SocketAddr, road: Road<'_>, user: User, writing: Writing) -> String {
    let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("clients/see.py");
    let mut command = Command::new("python3");
    command
        .arg(script)
        .arg(address.ip().to_string())
        .arg(address.port().to_string());
    command.arg(user.name).arg(user.password);
    match road {
        Road::Clear => command.arg("-"),
        Road::Tls(authority) => command.arg(authority),
    };
    command.arg(match writing {
        Writing::Exact => "exact",
        Writing::Leveled => "leveled",
    });
    String::from_utf8_lossy(&run(&mut command).stdout).into_owned()
}
