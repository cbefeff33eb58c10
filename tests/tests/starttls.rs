//! STARTTLS on an IMAP listener: nothing secret before it, nothing carried over it (RFC 9051 §6.2.1).
//!
//! Stands on `tls = "starttls"`.

#![cfg(test)]

use std::io::{BufRead as _, BufReader, Write as _};
use std::net::TcpStream;

use tests::harness::dovecot::ANN;
use tests::harness::embedded::Embedded;
use tests::harness::imap::Client;
use tests::harness::keyhole::{Behind, Keyhole, Settings};

fn start(store: &Embedded) -> Keyhole {
    let settings = Settings {
        listen: "tls = \"starttls\"\n".to_owned(),
        vault: "pool = 1\n".to_owned(),
        ..Settings::default()
    };
    Keyhole::start_with(&Behind::embedded(store), &settings)
}

#[test]
fn before_tls_nobody_logs_in() {
    let store = Embedded::start();
    let keyhole = start(&store);
    let stream = TcpStream::connect(keyhole.address).expect("a connection");
    let mut reader = BufReader::new(stream.try_clone().expect("a second handle"));
    let mut writer = stream;
    let mut next = move || {
        let mut line = String::new();
        reader.read_line(&mut line).expect("a line");
        line
    };
    let greeting = next();
    assert!(
        greeting.contains("STARTTLS") && greeting.contains("LOGINDISABLED"),
        "{greeting}"
    );
    assert!(!greeting.contains("AUTH="), "{greeting}");
    for command in [
        "LOGIN ann \"ann's secret\"",
        "AUTHENTICATE PLAIN AGFubgBhbm4ncyBzZWNyZXQ=",
        "SELECT INBOX",
        "COMPRESS DEFLATE",
    ] {
        writer
            .write_all(format!("a {command}\r\n").as_bytes())
            .expect("a command");
        let answer = next();
        assert!(
            answer.starts_with("a NO") || answer.starts_with("a BAD"),
            "{command}: {answer}"
        );
    }
}

#[test]
fn what_comes_in_clear_behind_starttls_is_thrown_away() {
    let store = Embedded::start();
    let mut keyhole = start(&store);
    let authority = keyhole.certificate.authority.clone();
    let injected = b"i1 LOGIN ann \"ann's secret\"\r\ni2 NOOP\r\n";
    let (mut client, _greeting) = Client::starttls(keyhole.address, &authority, injected);
    // Nobody is logged in, and the first answer is that to the first command.
    let answer = client.command("NOOP");
    assert!(answer.is_ok() && answer.untagged.is_empty(), "{answer:?}");
    assert!(!client.command("SELECT INBOX").is_ok());
    client.login(ANN);
    assert!(!client.command("STARTTLS").is_ok());
    keyhole.wait_for("starttls_injection", |_| true);
}

#[test]
fn after_tls_everything_is_as_with_implicit_tls() {
    let store = Embedded::start();
    let keyhole = start(&store);
    let authority = &keyhole.certificate.authority;
    let (mut client, _greeting) = Client::starttls(keyhole.address, authority, b"");
    let offered = client.command("CAPABILITY").text();
    assert!(
        !offered.contains("STARTTLS") && !offered.contains("LOGINDISABLED"),
        "{offered}"
    );
    assert!(offered.contains("AUTH=PLAIN"), "{offered}");
    assert!(client.command("STARTTLS").tagged.starts_with("BAD"));
    client.login(ANN);
    assert!(client.command("SELECT INBOX").is_ok());
}
