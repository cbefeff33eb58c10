//! COMPRESS=DEFLATE (RFC 4978), ended at the relay: the compressed session says what the plain, direct one says.
//!
//! Stands on COMPRESS at the relay, on both legs.

#![cfg(test)]

use std::net::SocketAddr;

use tests::harness::cyrus::Cyrus;
use tests::harness::dovecot::{ANN, BOB, Dovecot, User};
use tests::harness::imap::{Answer, Client};
use tests::harness::keyhole::{Behind, Keyhole, Settings};
use tests::harness::mail;

fn keyhole(behind: &Behind, store: &str) -> Keyhole {
    let settings = Settings {
        store: store.to_owned(),
        vault: "pool = 1\n".to_owned(),
        ..Settings::default()
    };
    Keyhole::start_with(behind, &settings)
}

fn compressed(keyhole: &Keyhole, user: User) -> Client {
    let mut client = Client::tls(keyhole.address, &keyhole.certificate.authority);
    client.login(user);
    let offered = client.command("CAPABILITY").text();
    assert!(offered.contains("COMPRESS=DEFLATE"), "{offered}");
    client.compressed()
}

fn messages() -> Vec<Vec<u8>> {
    let noise: Vec<u8> = (0..400_000_u32)
        .flat_map(|n| n.wrapping_mul(2_654_435_761).to_be_bytes())
        .collect();
    vec![
        mail::message("short", b"\r\nt1 OK\r\n"),
        mail::message_with_parts(
            "noise",
            &[mail::entity("application/octet-stream", "noise", &noise)],
        ),
        mail::message(
            "even",
            format!("\r\n{}\r\n", "a".repeat(900_000)).as_bytes(),
        ),
    ]
}

/// The same session; the answers without what the store tells of time and UIDVALIDITY.
fn session(mut client: Client) -> Vec<Vec<u8>> {
    let mut heard = Vec::new();
    for message in messages() {
        let octets = message.len();
        client.write(format!("a APPEND INBOX (\\Seen) {{{octets}}}\r\n").as_bytes());
        assert!(client.response().starts_with(b"+"));
        client.write(&message);
        client.write(b"\r\n");
        assert!(client.answer("a").is_ok());
    }
    assert!(client.command("EXAMINE INBOX").is_ok());
    let tags: Vec<String> = (1..=3)
        .map(|number| client.send(&format!("UID FETCH {number} (UID RFC822.SIZE BODY.PEEK[])")))
        .collect();
    // Dovecot may answer several commands as one, as they come.
    let mut fetched = Vec::new();
    for tag in tags {
        let answer: Answer = client.answer(&tag);
        assert!(answer.is_ok(), "{}", answer.tagged);
        fetched.extend(answer.octets());
    }
    heard.push(fetched);
    heard.push(client.command("UID SEARCH SUBJECT noise").octets());
    // Nothing waits in a compressor: every answer came although nothing followed it.
    heard
}

/// What is worth showing of much.
fn ends(octets: &[u8]) -> String {
    let (first, last) = (octets.len().min(300), octets.len().saturating_sub(300));
    let text = |part: &[u8]| part.escape_ascii().to_string();
    format!(
        "{} octets: {} .. {}",
        octets.len(),
        text(&octets[..first]),
        text(&octets[last..])
    )
}

fn compare(store: SocketAddr, behind: &Behind) {
    let mut direct = Client::clear(store);
    direct.login(ANN);
    let wanted = session(direct);
    for leg in ["", "compress = \"where-offered\"\n"] {
        let keyhole = keyhole(behind, leg);
        let user = if leg.is_empty() { BOB } else { ANN };
        if leg.is_empty() {
            let heard = session(compressed(&keyhole, user));
            for (heard, wanted) in heard.iter().zip(&wanted) {
                assert!(heard == wanted, "{}\nnot {}", ends(heard), ends(wanted));
            }
            assert_eq!(heard.len(), wanted.len());
        } else {
            let mut client = compressed(&keyhole, user);
            assert!(client.command("EXAMINE INBOX").is_ok());
            let answer = client.command("UID FETCH 2 (UID RFC822.SIZE BODY.PEEK[])");
            let octets = answer.octets();
            assert!(wanted[0].windows(octets.len()).any(|part| part == octets));
        }
    }
}

#[test]
fn a_compressed_session_is_the_plain_one_at_dovecot() {
    let dovecot = Dovecot::start_with_everything();
    compare(dovecot.clear, &Behind::dovecot(&dovecot));
}

#[test]
fn a_compressed_session_is_the_plain_one_at_cyrus() {
    let cyrus = Cyrus::start();
    compare(cyrus.clear, &Behind::cyrus(&cyrus));
}

#[test]
fn new_mail_comes_through_a_compressed_idle_at_once() {
    let dovecot = Dovecot::start_with_everything();
    let keyhole = keyhole(&Behind::dovecot(&dovecot), "");
    let mut client = compressed(&keyhole, ANN);
    assert!(client.command("SELECT INBOX").is_ok());
    let tag = client.send("IDLE");
    assert!(client.response().starts_with(b"+"));
    dovecot.deliver(ANN, &messages()[0]);
    assert!(client.response().starts_with(b"* 1 EXISTS"));
    client.write(b"DONE\r\n");
    assert!(client.answer(&tag).is_ok());
}

#[test]
fn a_second_compress_is_refused_and_a_revealing_session_is_not_compressed() {
    let dovecot = Dovecot::start_with_everything();
    let keyhole = keyhole(&Behind::dovecot(&dovecot), "");
    let mut client = compressed(&keyhole, ANN);
    assert!(!client.command("COMPRESS DEFLATE").is_ok());
    assert!(client.command("NOOP").is_ok());
    let offered = client.command("CAPABILITY").text();
    assert!(!offered.contains("KEYREVEAL"), "{offered}");
    let mut client = Client::tls(keyhole.address, &keyhole.certificate.authority);
    client.login(ANN);
    assert!(client.command("KEYREVEAL").is_ok());
    assert!(!client.command("COMPRESS DEFLATE").is_ok());
    assert!(client.command("NOOP").is_ok());
}
