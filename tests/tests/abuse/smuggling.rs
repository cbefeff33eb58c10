//! Literals that look like something else, both ways.

use crate::scene::Scene;
use tests::harness::dovecot::ANN;
use tests::harness::mail;

/// A text that would end a command, a connection, a literal, if anybody took it for one.
const LOOKS_LIKE_ANSWERS: &str =
    "t3 OK done\r\n* BYE bye\r\n+ go on\r\n* 9 EXISTS\r\n)\r\nt4 NO {3}\r\nt5 BAD x\r\n";

#[test]
fn mail_that_looks_like_answers_is_mail() {
    let mut scene = Scene::new();
    let message = mail::message("t3 OK", format!("\r\n{LOOKS_LIKE_ANSWERS}").as_bytes());
    scene.store.deliver(ANN, &message);
    let mut client = scene.client();
    let answer = client.command("FETCH 2 (UID BODY.PEEK[])");
    let wanted = [
        format!("* 2 FETCH (UID 2 BODY[] {{{}}}\r\n", message.len()).as_bytes(),
        &message,
        b")\r\n",
    ]
    .concat();
    assert!(answer.is_ok() && answer.octets() == wanted, "{answer:?}");
    let answer = client.command("FETCH 2 BODY.PEEK[TEXT]");
    assert!(answer.text().contains(LOOKS_LIKE_ANSWERS), "{answer:?}");
    assert!(client.command("NOOP").is_ok());
    scene.is_unharmed();
}

#[test]
fn a_literal_that_looks_like_commands_is_a_literal() {
    let mut scene = Scene::new();
    let mut client = scene.client();
    let commands = "From: x\r\n\r\nt9 DELETE INBOX\r\nt9 LOGOUT\r\nDONE\r\n*\r\n";
    let octets = commands.len();
    let answer = client.command(&format!("APPEND INBOX {{{octets}+}}\r\n{commands}"));
    assert!(answer.is_ok(), "{answer:?}");
    let tag = client.send(&format!("APPEND INBOX {{{octets}}}"));
    assert!(client.response().starts_with(b"+"));
    client.write(format!("{commands}\r\n").as_bytes());
    assert!(client.answer(&tag).is_ok());
    let answer = client.command("FETCH 2:3 BODY.PEEK[]");
    assert_eq!(answer.text().matches(commands).count(), 2, "{answer:?}");
    scene.is_unharmed();
}

/// The store refuses the literal: what the client would have sent must not be taken for commands (RFC 9051 §4.3).
#[test]
fn a_refused_literal_is_not_taken_for_commands() {
    let mut scene = Scene::new();
    let mut client = scene.client();
    let commands = "t8 CREATE smuggled\r\n";
    let octets = commands.len();
    let answer = client.command(&format!("APPEND nowhere {{{octets}+}}\r\n{commands}"));
    assert!(!answer.is_ok(), "{answer:?}");
    assert!(!client.command("STATUS smuggled (MESSAGES)").is_ok());
    scene.is_unharmed();
}

/// A store that answers commands nobody has given is not believed: the session ends, and nobody else's.
#[test]
fn an_answer_to_nobodys_command_ends_the_session() {
    let mut scene = Scene::with(|response| {
        let hit = response.starts_with(b"* SEARCH");
        let smuggled: &[u8] = if hit {
            b"nobody99 OK all yours\r\n"
        } else {
            b""
        };
        [smuggled, &response].concat()
    });
    let mut client = scene.client();
    client.write(b"s1 SEARCH ALL\r\ns2 NOOP\r\n");
    let rest = client.rest();
    assert!(!rest.contains("nobody99"), "{rest}");
    scene.is_unharmed();
}
