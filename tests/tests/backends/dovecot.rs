//! A real Dovecot that is killed, and one that hangs: what who is logged in is told, what who comes is told, what is logged.

use rustix::process::Signal;

use tests::harness::dovecot::{ANN, Dovecot};
use tests::harness::keyhole::{Behind, Keyhole};

use crate::{settings, stranger};

fn start(dovecot: &Dovecot) -> Keyhole {
    Keyhole::start_with(&Behind::dovecot(dovecot), &settings())
}

/// Whoever comes may try again on the same connection.
fn is_told_to_come_later(keyhole: &mut Keyhole, stages: &[&str]) {
    let mut client = stranger(keyhole);
    let answer = client.command("LOGIN ann x");
    assert!(answer.tagged.starts_with("NO [UNAVAILABLE]"), "{answer:?}");
    assert!(client.command("NOOP").is_ok());
    keyhole.wait_for("store_unreachable", |record| {
        record["reason"]
            .as_str()
            .is_some_and(|stage| stages.contains(&stage))
    });
}

#[test]
fn a_dovecot_that_is_killed() {
    let dovecot = Dovecot::start();
    let mut keyhole = start(&dovecot);
    let mut client = stranger(&keyhole);
    client.login(ANN);
    assert!(client.command("SELECT INBOX").is_ok());
    dovecot.signal(Signal::KILL);
    let rest = client.rest();
    assert!(rest.starts_with("* BYE [UNAVAILABLE]"), "{rest}");
    keyhole.wait_for("store_failed", |_| true);
    is_told_to_come_later(&mut keyhole, &["connect"]);
}

#[test]
fn a_dovecot_that_hangs() {
    let dovecot = Dovecot::start();
    let mut keyhole = start(&dovecot);
    let mut client = stranger(&keyhole);
    client.login(ANN);
    assert!(client.command("SELECT INBOX").is_ok());
    dovecot.signal(Signal::STOP);
    let tag = client.send("NOOP");
    is_told_to_come_later(&mut keyhole, &["connect", "tls"]);
    dovecot.signal(Signal::CONT);
    // Nothing was lost meanwhile.
    assert!(client.answer(&tag).is_ok());
    stranger(&keyhole).login(ANN);
}
