//! The store learns who the client is: by ID in Dovecot's terms, and by the PROXY protocol. And what it offers is told truly.
//!
//! Stands on the relay's own ID, `proxy_protocol` of a backend, and the list of capabilities that are carried.

#![cfg(test)]

use tests::harness::cyrus::Cyrus;
use tests::harness::dovecot::{ANN, Dovecot};
use tests::harness::imap::Client;
use tests::harness::keyhole::{Behind, Keyhole, Settings};
use tests::harness::wait;

fn start(behind: &Behind, store: &str) -> Keyhole {
    let settings = Settings {
        store: store.to_owned(),
        vault: "pool = 1\n".to_owned(),
        ..Settings::default()
    };
    Keyhole::start_with(behind, &settings)
}

/// The port that the client comes from is what Dovecot logs as the far end's.
fn is_known(dovecot: &Dovecot, behind: &Behind, store: &str) {
    let mut keyhole = start(behind, store);
    let mut client = Client::tls(keyhole.address, &keyhole.certificate.authority);
    client.command(
        "ID (\"name\" \"test\" \"x-originating-ip\" \"192.0.2.66\" \"x-originating-port\" \"1\")",
    );
    client.login(ANN);
    let opened = keyhole.wait_for("connection_opened", |_| true);
    let address = opened["address"].as_str().expect("an address").to_owned();
    let port = address.rsplit(':').next().expect("a port");
    wait::until("Dovecot to log the login", || {
        let log = dovecot.log();
        let line = log.lines().rfind(|line| line.contains("user=<ann>"))?;
        assert!(line.contains(&format!("rport={port},")), "{port}: {line}");
        assert!(!log.contains("192.0.2.66"), "{log}");
        Some(())
    });
}

#[test]
fn dovecot_learns_by_id_where_the_client_is() {
    let dovecot = Dovecot::start_with_everything();
    is_known(&dovecot, &Behind::dovecot(&dovecot), "");
}

#[test]
fn dovecot_learns_by_the_proxy_protocol_where_the_client_is() {
    let dovecot = Dovecot::start_with_everything();
    let haproxy = dovecot.haproxy.expect("its port");
    for version in ["v1", "v2"] {
        let store = format!("proxy_protocol = \"{version}\"\nidentify = \"no\"\n");
        is_known(&dovecot, &Behind::loopback(haproxy), &store);
    }
}

/// Behind a balancer that is trusted, what follows its header is the client's own words.
#[test]
fn a_client_behind_a_trusted_balancer_is_not_believed() {
    let dovecot = Dovecot::start_with_everything();
    let settings = Settings {
        listen: "[imap.admission]\nproxy_protocol = \"required\"\ntrusted = [\"127.0.0.0/8\"]\n"
            .to_owned(),
        vault: "pool = 1\n".to_owned(),
        ..Settings::default()
    };
    let keyhole = Keyhole::start_with(&Behind::dovecot(&dovecot), &settings);
    let header = b"PROXY TCP4 203.0.113.9 192.0.2.1 4711 993\r\n";
    let mut client = Client::tls_behind(keyhole.address, &keyhole.certificate.authority, header);
    client.command("ID (\"x-originating-ip\" \"192.0.2.66\" \"x-originating-port\" \"1\")");
    client.login(ANN);
    wait::until("Dovecot to log the login", || {
        let log = dovecot.log();
        let line = log.lines().rfind(|line| line.contains("user=<ann>"))?;
        assert!(line.contains("rport=4711,"), "{line}");
        assert!(!log.contains("192.0.2.66"), "{log}");
        Some(())
    });
}

#[test]
fn what_is_not_carried_is_not_offered_and_refused() {
    let cyrus = Cyrus::start();
    let keyhole = start(&Behind::cyrus(&cyrus), "");
    let mut client = Client::tls(keyhole.address, &keyhole.certificate.authority);
    client.login(ANN);
    let offered = client.command("CAPABILITY").text();
    let names: Vec<&str> = offered.split_ascii_whitespace().collect();
    for hidden in [
        "URLAUTH",
        "URLAUTH=BINARY",
        "MAILBOX-REFERRALS",
        "LOGINDISABLED",
        "X-REPLICATION",
        "XMOVE",
        "SCAN",
        "XLIST",
        "STARTTLS",
    ] {
        assert!(!names.contains(&hidden), "{hidden}: {offered}");
    }
    assert!(client.command("SELECT INBOX").is_ok());
    for command in [
        "GENURLAUTH \"imap://ann@localhost/INBOX/;UID=1;URLAUTH=anonymous\" INTERNAL",
        "URLFETCH \"imap://ann@localhost/INBOX/;UID=1;URLAUTH=anonymous:internal:00\"",
        "RESETKEY",
        "XMOVE 1 Trash",
        "SCAN \"\" \"*\" \"x\"",
    ] {
        assert!(!client.command(command).is_ok(), "{command}");
        assert!(client.command("NOOP").is_ok());
    }
}

#[test]
fn urlauth_is_carried_where_it_is_wanted() {
    let cyrus = Cyrus::start();
    let keyhole = start(&Behind::cyrus(&cyrus), "urlauth = \"relayed\"\n");
    let mut client = Client::tls(keyhole.address, &keyhole.certificate.authority);
    client.login(ANN);
    let offered = client.command("CAPABILITY").text();
    assert!(
        offered
            .split_ascii_whitespace()
            .any(|name| name == "URLAUTH"),
        "{offered}"
    );
}
