//! Reload and drain while clients work: none is lost, none refused, no octet missing; then everybody is told BYE.
//!
//! Stands on SIGHUP, which reads the configuration again.

#![cfg(test)]

use std::fs;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::thread;

use tests::harness::dovecot::{ANN, BOB};
use tests::harness::embedded::Embedded;
use tests::harness::imap::Client;
use tests::harness::keyhole::{Behind, Keyhole, Settings};
use tests::harness::mail;

/// Clients that work all the time.
const CLIENTS: usize = 50;
/// How often the configuration is read again meanwhile.
const RELOADS: usize = 5;
/// Tells the clients that it is over when it is dropped.
struct Ended<'a>(&'a AtomicBool);

impl Drop for Ended<'_> {
    fn drop(&mut self) {
        self.0.store(true, Ordering::Relaxed);
    }
}

const LOOK: &str = "UID FETCH 1 (RFC822.SIZE BODY.PEEK[])";

fn store() -> Embedded {
    let store = Embedded::start();
    let line = format!("{}\r\n", "=".repeat(76));
    let text = format!("\r\n{}", line.repeat(2000));
    for user in [ANN, BOB] {
        store.deliver(user, &mail::message("long", text.as_bytes()));
    }
    store
}

fn start(store: &Embedded) -> Keyhole {
    let settings = Settings {
        vault: "pool = 1\n".to_owned(),
        limits: "connections_per_user = 500\n".to_owned(),
        ..Settings::default()
    };
    Keyhole::start_with(&Behind::embedded(store), &settings)
}

fn connected(keyhole: &Keyhole, number: usize) -> Client {
    let mut client = Client::tls(keyhole.address, &keyhole.certificate.authority);
    client.login(if number.is_multiple_of(2) { ANN } else { BOB });
    assert!(client.command("EXAMINE INBOX").is_ok());
    client
}

#[test]
fn a_reload_under_load_loses_nobody_and_refuses_nobody() {
    let store = store();
    let mut keyhole = start(&store);
    let wanted = connected(&keyhole, 0).command(LOOK).octets();
    let done = AtomicBool::new(false);
    let rounds = AtomicUsize::new(0);
    thread::scope(|scope| {
        // However this ends, they end too: else the test would hang where it should fail.
        let _ended = Ended(&done);
        let work = |number| {
            let mut client = connected(&keyhole, number);
            while !done.load(Ordering::Relaxed) {
                let answer = client.command(LOOK);
                assert!(answer.is_ok() && answer.octets() == wanted);
                // Every tenth comes anew each time.
                if number.is_multiple_of(10) {
                    client = connected(&keyhole, number);
                }
                rounds.fetch_add(1, Ordering::Relaxed);
            }
        };
        let workers: Vec<_> = (0..CLIENTS)
            .map(|number| scope.spawn(move || work(number)))
            .collect();
        for reload in 1..=RELOADS {
            let before = rounds.load(Ordering::Relaxed);
            keyhole.reload();
            tests::harness::wait::until("the reload, and work after it", || {
                let reloaded = keyhole.events("config_reloaded").len() >= reload;
                let refused = keyhole.events("config_refused");
                assert!(refused.is_empty(), "{refused:?}");
                let worked = rounds.load(Ordering::Relaxed) > before + CLIENTS;
                (reloaded && worked).then_some(())
            });
        }
        done.store(true, Ordering::Relaxed);
        for worker in workers {
            worker.join().expect("a client that was served");
        }
    });
    assert!(keyhole.events("connection_refused").is_empty());
    assert!(keyhole.terminate().success());
}

#[test]
fn a_configuration_that_is_wrong_changes_nothing() {
    let store = store();
    let mut keyhole = start(&store);
    let mut client = connected(&keyhole, 0);
    let text = fs::read_to_string(&keyhole.configuration).expect("the configuration");
    fs::write(&keyhole.configuration, format!("nonsense = 1\n{text}")).expect("nonsense");
    keyhole.reload();
    keyhole.wait_for("config_refused", |_| true);
    assert!(client.command("NOOP").is_ok());
    drop(connected(&keyhole, 1));
}

#[test]
fn whoever_works_is_told_bye_when_the_server_stops() {
    let store = store();
    let mut keyhole = start(&store);
    let clients: Vec<Client> = (0..CLIENTS)
        .map(|number| connected(&keyhole, number))
        .collect();
    let waiting: Vec<_> = clients
        .into_iter()
        .map(|client| thread::spawn(move || client.rest()))
        .collect();
    assert!(keyhole.terminate().success());
    for client in waiting {
        let said = client.join().expect("a client");
        assert!(said.contains("* BYE"), "{said}");
    }
}
