//! Stores that fail: what the client is told, which event is logged, and that another address takes over. And which store is whose.
//!
//! | module | shows |
//! | --- | --- |
//! | here | stores that are not there, or play foul |
//! | [`dovecot`] | a real one, killed and stopped |
//! | [`routes`] | each user at the right store |
//! | [`breaker`] | when an address is left alone; what failed logins cost |

#![cfg(test)]

mod actor;
mod breaker;
mod dovecot;
mod routes;

use std::net::SocketAddr;
use std::time::Duration;

use tests::harness::certificate;
use tests::harness::dovecot::{ANN, Dovecot};
use tests::harness::embedded::Embedded;
use tests::harness::imap::Client;
use tests::harness::keyhole::{Behind, Keyhole, Settings};
use tests::harness::program::free_address;
use tests::harness::scratch::Scratch;
use tests::harness::{mail, wait};

use actor::{Actor, Part};

/// Deadlines short enough to be waited for.
pub(crate) fn settings() -> Settings {
    Settings {
        store: "connect_seconds = 2\ngreeting_seconds = 2\nanswer_seconds = 2\n".to_owned(),
        vault: "pool = 1\n".to_owned(),
        ..Settings::default()
    }
}

pub(crate) fn stranger(keyhole: &Keyhole) -> Client {
    Client::tls(keyhole.address, &keyhole.certificate.authority)
}

/// Whoever comes is told that the store is not there, at once or when it logs in, within the deadline, and the log says why.
///
/// `store_refused` says what it did wrong, `store_unreachable` how far it came.
fn is_unavailable(behind: &Behind, stage: &str, refused: Option<&str>) {
    let mut keyhole = Keyhole::start_with(behind, &settings());
    let begun = wait::now();
    let told = what_is_told(&keyhole);
    assert!(
        told.starts_with("t1 NO [UNAVAILABLE]") || told.starts_with("* BYE"),
        "{told}"
    );
    assert!(begun.elapsed() < Duration::from_secs(15));
    let record = keyhole.wait_for("store_unreachable", |record| record["reason"] == stage);
    assert!(!record.to_string().contains("ann"), "{record}");
    // The server itself has tried once, when it started.
    let said = keyhole.events("store_refused");
    assert_eq!(said.is_empty(), refused.is_none(), "{said:?}");
    let same = said.iter().all(|one| one["reason"].as_str() == refused);
    assert!(same, "{said:?}");
}

fn what_is_told(keyhole: &Keyhole) -> String {
    let authority = &keyhole.certificate.authority;
    let mut client = Client::ungreeted(keyhole.address, authority);
    let greeting = String::from_utf8_lossy(&client.response()).into_owned();
    if greeting.starts_with("* BYE") {
        return greeting;
    }
    let tag = client.send("LOGIN ann x");
    loop {
        let response = client.response();
        let told = String::from_utf8_lossy(&response).into_owned();
        if told.starts_with(&tag) || told.starts_with("* BYE") {
            return told;
        }
    }
}

#[test]
fn a_store_that_is_not_there() {
    is_unavailable(&Behind::loopback(free_address()), "connect", None);
}

#[test]
fn a_store_that_does_not_greet() {
    let actor = Actor::playing(Part::Mute);
    is_unavailable(&Behind::loopback(actor.address), "greeting", None);
}

#[test]
fn a_store_that_greets_by_half() {
    let actor = Actor::playing(Part::Says(b"* OK [CAPABILITY IMA"));
    is_unavailable(&Behind::loopback(actor.address), "greeting", None);
}

#[test]
fn a_store_that_hangs_up_at_once() {
    let actor = Actor::playing(Part::Says(b""));
    is_unavailable(&Behind::loopback(actor.address), "greeting", None);
}

#[test]
fn a_store_that_takes_anybody_without_login() {
    let actor = Actor::playing(Part::Says(b"* PREAUTH welcome\r\n"));
    is_unavailable(
        &Behind::loopback(actor.address),
        "greeting",
        Some("PREAUTH"),
    );
}

#[test]
fn a_store_that_says_bye() {
    let actor = Actor::playing(Part::Says(b"* BYE not today\r\n"));
    is_unavailable(&Behind::loopback(actor.address), "greeting", Some("BYE"));
}

#[test]
fn a_store_that_speaks_no_imap() {
    let actor = Actor::playing(Part::Says(b"220 mail.example.org ESMTP\r\n"));
    is_unavailable(
        &Behind::loopback(actor.address),
        "greeting",
        Some("it greeted in no known way"),
    );
}

#[test]
fn a_store_whose_certificate_nobody_vouches_for() {
    let dovecot = Dovecot::start();
    let other = Scratch::new();
    let certificate = certificate::make(other.path());
    is_unavailable(
        &Behind::tls(dovecot.tls, "localhost", &certificate.authority),
        "tls",
        None,
    );
}

#[test]
fn a_store_whose_certificate_is_for_another_name() {
    let dovecot = Dovecot::start();
    is_unavailable(
        &Behind::tls(
            dovecot.tls,
            "mail.example.org",
            &dovecot.certificate.authority,
        ),
        "tls",
        None,
    );
}

#[test]
fn a_dead_address_costs_nobody_a_login() {
    let store = Embedded::start();
    store.deliver(ANN, &mail::message("hello", b"\r\nhello\r\n"));
    let mute = Actor::playing(Part::Mute);
    let addresses: [SocketAddr; 3] = [free_address(), mute.address, store.address];
    let keyhole = Keyhole::start_with(&Behind::any_of(&addresses), &settings());
    for _ in 0..4 {
        let mut client = stranger(&keyhole);
        client.login(ANN);
        let answer = client.command("STATUS INBOX (MESSAGES)");
        assert!(answer.text().contains("(MESSAGES 1)"), "{answer:?}");
    }
}

#[test]
fn a_store_that_ends_in_the_middle_is_told_by_bye() {
    let mut store = Embedded::start();
    let mut keyhole = Keyhole::start_with(&Behind::embedded(&store), &settings());
    let mut client = stranger(&keyhole);
    client.login(ANN);
    assert!(client.command("SELECT INBOX").is_ok());
    store.restart();
    client.write(b"x1 NOOP\r\n");
    let rest = client.rest();
    assert!(rest.contains("* BYE"), "{rest}");
    keyhole.wait_for("store_failed", |_| true);
}
