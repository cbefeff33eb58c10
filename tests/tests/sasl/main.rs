//! SASL through the relay with real stores: each mechanism, with an initial response and without, right, wrong and cancelled.
//!
//! Stands on the relay's own login (all mechanisms) and on a master at the store for EXTERNAL.
//!
//! | module | holds |
//! | --- | --- |
//! | [`mechanism`] | what a client says in each mechanism |
//! | [`scram`] | the client's side of SCRAM |

#![cfg(test)]

mod mechanism;
mod scram;

use std::fs;
use std::os::unix::fs::PermissionsExt as _;

use tests::harness::certificate;
use tests::harness::cyrus::Cyrus;
use tests::harness::dovecot::{ANN, BOB, Dovecot, User};
use tests::harness::imap::Client;
use tests::harness::keyhole::{Behind, Keyhole, Settings};
use tests::harness::offering::KEEPER;
use tests::harness::scratch::Scratch;

use mechanism::{Initial, Mechanism};

const WRONG: User = User {
    name: ANN.name,
    password: "not ann's secret",
};

fn settings() -> Settings {
    Settings {
        vault: "pool = 1\n".to_owned(),
        ..Settings::default()
    }
}

fn stranger(keyhole: &Keyhole) -> Client {
    Client::tls(keyhole.address, &keyhole.certificate.authority)
}

/// With an initial response and without; then a wrong secret, a cancelled exchange, and the right one on that connection.
fn logs_in(behind: &Behind, mechanism: Mechanism) {
    let keyhole = Keyhole::start_with(behind, &settings());
    let offered = stranger(&keyhole).command("CAPABILITY").text();
    let wanted = format!("AUTH={}", mechanism.name());
    assert!(
        offered.split_ascii_whitespace().any(|one| one == wanted),
        "{wanted}: {offered}"
    );
    for initial in [Initial::Sent, Initial::AskedFor] {
        let mut client = stranger(&keyhole);
        let answer = mechanism.speak(&mut client, ANN, initial);
        assert!(answer.is_ok(), "{mechanism:?} {initial:?}: {answer:?}");
        assert!(client.command("SELECT INBOX").is_ok());
    }
    let mut client = stranger(&keyhole);
    let refused = mechanism.speak(&mut client, WRONG, Initial::Sent);
    assert!(refused.tagged.starts_with("NO"), "{refused:?}");
    // RFC 9051 §6.2.2: a lone asterisk, answered BAD.
    let tag = client.send(&format!("AUTHENTICATE {}", mechanism.name()));
    assert!(client.response().starts_with(b"+"));
    client.write(b"*\r\n");
    let cancelled = client.answer(&tag);
    assert!(cancelled.tagged.starts_with("BAD"), "{cancelled:?}");
    let answer = mechanism.speak(&mut client, ANN, Initial::Sent);
    assert!(answer.is_ok(), "{mechanism:?} after both: {answer:?}");
    assert!(client.command("SELECT INBOX").is_ok());
}

fn at_dovecot(mechanism: Mechanism) {
    let dovecot = Dovecot::start_with_everything();
    logs_in(&Behind::dovecot(&dovecot), mechanism);
}

fn at_cyrus(mechanism: Mechanism) {
    let cyrus = Cyrus::start();
    logs_in(&Behind::cyrus(&cyrus), mechanism);
}

#[test]
fn plain_at_dovecot() {
    at_dovecot(Mechanism::Plain);
}

#[test]
fn login_at_dovecot() {
    at_dovecot(Mechanism::Login);
}

#[test]
fn scram_sha_1_at_dovecot() {
    at_dovecot(Mechanism::ScramSha1);
}

#[test]
fn scram_sha_256_at_dovecot() {
    at_dovecot(Mechanism::ScramSha256);
}

#[test]
fn oauthbearer_at_dovecot() {
    at_dovecot(Mechanism::OAuthBearer);
}

#[test]
fn xoauth2_at_dovecot() {
    at_dovecot(Mechanism::XOAuth2);
}

#[test]
fn plain_at_cyrus() {
    at_cyrus(Mechanism::Plain);
}

#[test]
fn login_at_cyrus() {
    at_cyrus(Mechanism::Login);
}

#[test]
fn scram_sha_1_at_cyrus() {
    at_cyrus(Mechanism::ScramSha1);
}

#[test]
fn scram_sha_256_at_cyrus() {
    at_cyrus(Mechanism::ScramSha256);
}

#[test]
fn base64_that_is_none_is_refused_and_the_connection_goes_on() {
    let dovecot = Dovecot::start_with_everything();
    let keyhole = Keyhole::start_with(&Behind::dovecot(&dovecot), &settings());
    for broken in ["!!!!", "AGFubg", "AGFubg==x", "=AAA", "AAAA====", "A"] {
        let mut client = stranger(&keyhole);
        let answer = client.command(&format!("AUTHENTICATE PLAIN {broken}"));
        assert!(answer.tagged.starts_with("BAD"), "{broken}: {answer:?}");
        let tag = client.send("AUTHENTICATE PLAIN");
        assert!(client.response().starts_with(b"+"));
        client.write(format!("{broken}\r\n").as_bytes());
        let answer = client.answer(&tag);
        assert!(answer.tagged.starts_with("BAD"), "{broken}: {answer:?}");
        assert!(client.command("NOOP").is_ok());
    }
}

#[test]
fn a_mechanism_with_channel_binding_is_never_offered() {
    let dovecot = Dovecot::start_with_everything();
    let keyhole = Keyhole::start_with(&Behind::dovecot(&dovecot), &settings());
    let mut client = stranger(&keyhole);
    let offered = client.command("CAPABILITY").text();
    assert!(!offered.contains("-PLUS"), "{offered}");
    let answer = client.command("AUTHENTICATE SCRAM-SHA-256-PLUS");
    assert!(!answer.is_ok(), "{answer:?}");
    client.login(ANN);
}

/// The store is told by a master's login for whom it is.
fn with_master(dovecot: &Dovecot, form: &str) -> (Keyhole, Scratch) {
    let folder = Scratch::new();
    let _authority = certificate::make(folder.path());
    let password = folder.join("master");
    fs::write(&password, KEEPER.password).expect("the master's password");
    fs::set_permissions(&password, fs::Permissions::from_mode(0o600)).expect("its mode");
    let settings = Settings {
        listen: format!(
            "client_ca = \"{}\"\n",
            folder.join("authority.pem").display()
        ),
        store: format!(
            "master = {{ user = \"{}\", password = \"{}\", form = \"{form}\" }}\n",
            KEEPER.name,
            password.display()
        ),
        ..settings()
    };
    (
        Keyhole::start_with(&Behind::dovecot(dovecot), &settings),
        folder,
    )
}

#[test]
fn external_logs_in_whom_the_certificate_names_and_nobody_else() {
    let dovecot = Dovecot::start_with_everything();
    for form in ["authzid", "asterisk"] {
        let (keyhole, folder) = with_master(&dovecot, form);
        let shown = certificate::make_for_client(folder.path(), ANN.name, None);
        let authority = &keyhole.certificate.authority;
        let mut client = Client::tls_as(keyhole.address, authority, &shown);
        let offered = client.command("CAPABILITY").text();
        assert!(offered.contains("AUTH=EXTERNAL"), "{offered}");
        let answer = client.command("AUTHENTICATE EXTERNAL =");
        assert!(answer.is_ok(), "{form}: {answer:?}");
        assert!(client.command("SELECT INBOX").is_ok());
        assert!(
            dovecot.log().contains("user=<ann>"),
            "{form}: {}",
            dovecot.log()
        );
        let mut client = Client::tls_as(keyhole.address, authority, &shown);
        let other = Mechanism::encoded(BOB.name.as_bytes());
        let answer = client.command(&format!("AUTHENTICATE EXTERNAL {other}"));
        assert!(answer.tagged.starts_with("NO"), "{answer:?}");
        // A mail address is who it is, whatever the common name says.
        let mail = Some("ann@example.org");
        let mailed = certificate::make_for_client(folder.path(), BOB.name, mail);
        let mut client = Client::tls_as(keyhole.address, authority, &mailed);
        let answer = client.command("AUTHENTICATE EXTERNAL =");
        assert!(answer.tagged.starts_with("NO"), "{answer:?}");
        assert!(!dovecot.log().contains("user=<bob>"));
    }
}

#[test]
fn external_is_not_offered_without_a_certificate() {
    let dovecot = Dovecot::start_with_everything();
    let (keyhole, _folder) = with_master(&dovecot, "authzid");
    let mut client = stranger(&keyhole);
    let offered = client.command("CAPABILITY").text();
    assert!(!offered.contains("AUTH=EXTERNAL"), "{offered}");
    assert!(!client.command("AUTHENTICATE EXTERNAL =").is_ok());
}
