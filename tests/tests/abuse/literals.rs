//! Commands inside literals that a store does not expect, as real stores read them.

use std::net::SocketAddr;

use tests::harness::cyrus::Cyrus;
use tests::harness::dovecot::{ANN, BOB, Dovecot};
use tests::harness::imap::Client;
use tests::harness::keyhole::{Behind, Keyhole, Settings};

/// Commands that go on where the grammar has an end, or have a fault before a literal.
const BROKEN: [&str; 14] = [
    "CREATE box",
    "DELETE nowhere",
    "SUBSCRIBE INBOX",
    "RENAME nowhere there",
    "STATUS INBOX (MESSAGES)",
    "LIST \"\" %",
    "FETCH 1 FLAGS",
    "UID FETCH 1 (FLAGS) (",
    "COPY 1 INBOX",
    "SEARCH ALL )",
    "SELECT INBOX",
    "GETQUOTAROOT INBOX",
    "APPEND INBOX ) (",
    "APPEND nowhere",
];

/// Octets of it are the literal, and what is behind them the end of the broken command.
const SMUGGLED: &str = "z CREATE smuggled";

fn broken(command: &str, announced: &str) -> String {
    let octets = SMUGGLED.len();
    let announced = announced.replace('n', &octets.to_string());
    format!("{command} {announced}\r\n{SMUGGLED}")
}

fn has_smuggled(client: &mut Client) -> bool {
    client.command("STATUS smuggled (MESSAGES)").is_ok()
}

fn is_proof(store: SocketAddr, behind: &Behind) {
    let settings = Settings {
        vault: "pool = 1\n".to_owned(),
        ..Settings::default()
    };
    let keyhole = Keyhole::start_with(behind, &settings);
    let mut client = Client::tls(keyhole.address, &keyhole.certificate.authority);
    client.login(BOB);
    assert!(client.command("SELECT INBOX").is_ok());
    for command in BROKEN {
        for announced in ["{n+}", "~{n+}", "{3+}\r\nabc {n+}"] {
            let command = broken(command, announced);
            let answer = client.command(&command);
            assert!(!answer.text().contains("z "), "{command}: {answer:?}");
            // One answer for each: the next command's is its own.
            let next = client.command("STATUS INBOX (UIDNEXT)");
            assert!(next.is_ok(), "{command}: {next:?}");
            assert!(next.text().contains("UIDNEXT"), "{command}: {next:?}");
            assert!(!has_smuggled(&mut client), "{command}");
        }
    }
    // What is proper passes, sent at once and in pieces.
    let literal = "STATUS {5+}\r\nINBOX (MESSAGES)";
    assert!(client.command(literal).is_ok());
    for place in 0..literal.len() {
        let (first, second) = literal.split_at(place);
        client.write(format!("p{place} {first}").as_bytes());
        client.write(format!("{second}\r\n").as_bytes());
        assert!(client.answer(&format!("p{place}")).is_ok(), "{place}");
    }
    let mut direct = Client::clear(store);
    direct.login(BOB);
    assert!(!has_smuggled(&mut direct));
}

#[test]
fn dovecot_runs_no_command_that_is_inside_a_literal() {
    let dovecot = Dovecot::start_with_everything();
    // It would: that is why no literal is sent to it that it has not asked for.
    let mut direct = Client::clear(dovecot.clear);
    direct.login(ANN);
    direct.command(&broken("CREATE box", "{n+}"));
    assert!(direct.answer("z").is_ok());
    assert!(has_smuggled(&mut direct));
    is_proof(dovecot.clear, &Behind::dovecot(&dovecot));
}

#[test]
fn cyrus_runs_no_command_that_is_inside_a_literal() {
    let cyrus = Cyrus::start();
    is_proof(cyrus.clear, &Behind::cyrus(&cyrus));
}
