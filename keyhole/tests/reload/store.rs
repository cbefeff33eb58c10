//! A store of a few lines: it greets, takes every login, and says OK.

use std::{
    io::{BufRead as _, BufReader, Write as _},
    net::{SocketAddr, TcpListener, TcpStream},
};

/// Where it listens, for as long as the test's process lives.
pub(crate) fn start() -> SocketAddr {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap();
    std::thread::spawn(move || {
        for client in listener.incoming().flatten() {
            std::thread::spawn(move || serve(&client));
        }
    });
    address
}

/// Until the other end has had enough, or is gone.
fn serve(client: &TcpStream) -> Option<()> {
    let mut out = client;
    write!(out, "* OK [CAPABILITY IMAP4rev1] here\r\n").ok()?;
    for line in BufReader::new(client).lines() {
        let line = line.ok()?;
        if line.ends_with('}') {
            write!(out, "+ go on\r\n").ok()?;
            continue;
        }
        let (tag, command) = line.split_once(' ')?;
        let word = command.split(' ').next()?.to_ascii_uppercase();
        match word.as_str() {
            "CAPABILITY" => write!(out, "* CAPABILITY IMAP4rev1\r\n{tag} OK done\r\n").ok()?,
            "LOGOUT" => {
                write!(out, "* BYE then\r\n{tag} OK done\r\n").ok()?;
                return Some(());
            }
            "IDLE" => write!(out, "+ idling\r\n").ok()?,
            _any => write!(out, "{tag} OK done\r\n").ok()?,
        }
    }
    Some(())
}
