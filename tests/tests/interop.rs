//! Clients that are not ours read a mailbox through the proxy and see what they see directly, octet for octet.

#![cfg(test)]

use std::net::SocketAddr;
use std::path::Path;
use std::process::Command;

use tests::harness::dovecot::{ANN, BOB, Dovecot};
use tests::harness::embedded::Embedded;
use tests::harness::imap::{Answer, Client};
use tests::harness::keyhole::{Behind, Keyhole};
use tests::harness::program::run;
use tests::harness::python::{Road, Writing, see};
use tests::harness::{mail, photograph};

/// Ordinary mail, an encrypted-looking part, a real photograph, and a message of awkward octets.
fn messages() -> Vec<Vec<u8>> {
    let photograph = mail::entity("image/jpeg", "photograph.jpg", &photograph::small().octets);
    let inner = mail::message_with_parts("a photo inside", std::slice::from_ref(&photograph));
    let attached = [b"Content-Type: message/rfc822\r\n\r\n".as_slice(), &inner].concat();
    let awkward: Vec<u8> = (1..=255)
        .filter(|octet| !matches!(octet, b'\r' | b'\n'))
        .collect();
    vec![
        mail::message(
            "plain",
            b"Content-Type: text/plain; charset=utf-8\r\n\r\nhello\r\n",
        ),
        mail::message_with_parts("a photo", &[photograph]),
        mail::message_with_parts("a photo in a message", &[attached]),
        mail::message(
            "t99 OK {5}",
            &[
                b"Content-Type: text/plain\r\n\r\nt1 OK done\r\n* BYE\r\n+ {10}\r\n",
                awkward.as_slice(),
                b"\r\n",
            ]
            .concat(),
        ),
    ]
}

/// Dovecot with mail, and a proxy in front of it.
fn dovecot_behind_keyhole() -> (Dovecot, Keyhole) {
    let dovecot = Dovecot::start();
    messages()
        .iter()
        .for_each(|message| dovecot.deliver(ANN, message));
    let keyhole = Keyhole::start(&Behind::dovecot(&dovecot));
    (dovecot, keyhole)
}

fn through(keyhole: &Keyhole) -> Client {
    let mut client = Client::tls(keyhole.address, &keyhole.certificate.authority);
    client.login(ANN);
    client
}

fn directly(dovecot: &Dovecot) -> Client {
    let mut client = Client::tls(dovecot.tls, &dovecot.certificate.authority);
    client.login(ANN);
    client
}

#[test]
fn imaplib_sees_through_the_proxy_what_it_sees_directly() {
    let (dovecot, keyhole) = dovecot_behind_keyhole();
    let direct = see(
        dovecot.tls,
        Road::Tls(&dovecot.certificate.authority),
        ANN,
        Writing::Exact,
    );
    let proxied = see(
        keyhole.address,
        Road::Tls(&keyhole.certificate.authority),
        ANN,
        Writing::Exact,
    );
    assert!(direct.lines().count() > 300);
    for (proxied, direct) in proxied.lines().zip(direct.lines()) {
        assert_eq!(proxied, direct);
    }
    assert_eq!(proxied.len(), direct.len());
}

#[test]
fn imaplib_sees_the_embedded_store_through_the_proxy() {
    let embedded = Embedded::start();
    messages()
        .iter()
        .for_each(|message| embedded.deliver(ANN, message));
    let keyhole = Keyhole::start(&Behind::embedded(&embedded));
    let direct = see(embedded.address, Road::Clear, ANN, Writing::Exact);
    let proxied = see(
        keyhole.address,
        Road::Tls(&keyhole.certificate.authority),
        ANN,
        Writing::Exact,
    );
    for (proxied, direct) in proxied.lines().zip(direct.lines()) {
        assert_eq!(proxied, direct);
    }
    assert_eq!(proxied.len(), direct.len());
}

fn curl(address: SocketAddr, authority: &Path, path: &str, options: &[&str]) -> Vec<u8> {
    let mut command = Command::new("curl");
    command
        .args(["--silent", "--show-error", "--max-time", "60", "--cacert"])
        .arg(authority);
    command.args(["--user", &format!("{}:{}", ANN.name, ANN.password)]);
    run(command
        .args(options)
        .arg(format!("imaps://{address}/{path}")))
    .stdout
}

#[test]
fn curl_sees_through_the_proxy_what_it_sees_directly() {
    let (dovecot, keyhole) = dovecot_behind_keyhole();
    for (path, options) in [
        ("", &[][..]),
        ("INBOX;UID=1", &[]),
        ("INBOX;UID=2", &["--login-options", "AUTH=PLAIN"]),
        ("INBOX;UID=2;SECTION=2", &[]),
        ("INBOX;UID=3;SECTION=2.2.MIME", &[]),
        ("INBOX;UID=4", &[]),
        ("INBOX?ALL", &[]),
        ("INBOX?SUBJECT%20photo", &[]),
        (
            "INBOX",
            &[
                "--request",
                "FETCH 1:* (FLAGS UID RFC822.SIZE BODYSTRUCTURE ENVELOPE)",
            ],
        ),
        ("", &["--request", "STATUS INBOX (MESSAGES UIDNEXT)"]),
    ] {
        let direct = curl(dovecot.tls, &dovecot.certificate.authority, path, options);
        let proxied = curl(
            keyhole.address,
            &keyhole.certificate.authority,
            path,
            options,
        );
        assert!(!direct.is_empty(), "{path}");
        assert!(direct == proxied, "{path} {options:?}");
    }
}

/// Dovecot ends its answers with how long it took.
fn without_time(answer: Answer) -> Answer {
    let tagged = answer
        .tagged
        .split(" (0")
        .next()
        .unwrap_or_default()
        .to_owned();
    Answer { tagged, ..answer }
}

#[test]
fn every_answer_comes_through_octet_for_octet() {
    let (dovecot, keyhole) = dovecot_behind_keyhole();
    let (mut direct, mut proxied) = (directly(&dovecot), through(&keyhole));
    for command in [
        "NOOP",
        "NAMESPACE",
        "LIST \"\" \"*\"",
        "LIST (SUBSCRIBED) \"\" % RETURN (STATUS (MESSAGES))",
        "EXAMINE INBOX (CONDSTORE)",
        "FETCH 1:* (FLAGS UID INTERNALDATE RFC822.SIZE ENVELOPE BODYSTRUCTURE)",
        "UID FETCH 1:* (BODY.PEEK[] BODY.PEEK[HEADER.FIELDS (SUBJECT TO)] BODY.PEEK[2]<7.1000>)",
        "UID FETCH 2 (BINARY.PEEK[2] BINARY.SIZE[2])",
        "FETCH 4 BODY.PEEK[TEXT]",
        "UID SEARCH RETURN (MIN MAX COUNT ALL) ALL",
        "UID SORT (REVERSE DATE) UTF-8 ALL",
        "THREAD REFERENCES UTF-8 ALL",
        "FETCH 99 FLAGS",
        "UID FETCH 1 NONSENSE",
        "GETQUOTAROOT INBOX",
        "SELECT nowhere",
        "CLOSE",
        "UNSELECT",
    ] {
        let (direct, proxied) = (direct.command(command), proxied.command(command));
        assert_eq!(without_time(proxied), without_time(direct), "{command}");
    }
    // What is not known is not carried: it is answered here.
    for client in [&mut direct, &mut proxied] {
        let unknown = client.command("NOSUCHCOMMAND");
        assert!(unknown.tagged.starts_with("BAD"), "{unknown:?}");
    }
}

#[test]
fn what_is_appended_through_the_proxy_is_what_the_store_has() {
    let (dovecot, keyhole) = dovecot_behind_keyhole();
    let mut proxied = through(&keyhole);
    let message = mail::message_with_parts(
        "appended",
        &[mail::entity(
            "image/jpeg",
            "photograph.jpg",
            &photograph::progressive().octets,
        )],
    );
    let octets = message.len();
    proxied.write(format!("a APPEND INBOX (\\Flagged) {{{octets}}}\r\n").as_bytes());
    assert!(proxied.response().starts_with(b"+"));
    proxied.write(&message);
    proxied.write(b"\r\n");
    assert!(proxied.answer("a").is_ok());
    proxied.write(format!("b APPEND INBOX {{{octets}+}}\r\n").as_bytes());
    proxied.write(&message);
    proxied.write(b"\r\n");
    assert!(proxied.answer("b").is_ok());
    let mut direct = directly(&dovecot);
    assert!(direct.command("EXAMINE INBOX").is_ok());
    for number in [5, 6] {
        let stored = direct
            .command(&format!("FETCH {number} BODY.PEEK[]"))
            .octets();
        let expected = format!("* {number} FETCH (BODY[] {{{octets}}}\r\n");
        assert!(
            stored == [expected.as_bytes(), &message, b")\r\n"].concat(),
            "message {number}"
        );
    }
}

#[test]
fn a_literal_that_the_store_refuses_leaves_everybody_in_step() {
    let (_dovecot, keyhole) = dovecot_behind_keyhole();
    let mut client = through(&keyhole);
    let tag = client.send("APPEND nowhere {10}");
    assert!(!client.answer(&tag).is_ok());
    assert!(client.command("NOOP").is_ok());
    let answer = client.command("STATUS {5+}\r\nINBOX (MESSAGES)");
    assert!(
        answer.is_ok() && answer.text().contains("MESSAGES 4"),
        "{answer:?}"
    );
}

#[test]
fn pipelined_commands_are_answered_in_their_order() {
    let (dovecot, keyhole) = dovecot_behind_keyhole();
    for mut client in [directly(&dovecot), through(&keyhole)] {
        assert!(client.command("EXAMINE INBOX").is_ok());
        let uids: Vec<u32> = (0..200).map(|round| round % 4 + 1).collect();
        let commands = uids
            .iter()
            .map(|uid| client.send(&format!("UID FETCH {uid} BODY.PEEK[]")));
        let tags: Vec<String> = commands.collect();
        // Dovecot may say what it found for one command before it says that the one before is done (RFC 3501 §5.5).
        let answers: Vec<Answer> = tags.iter().map(|tag| client.answer(tag)).collect();
        assert!(answers.iter().all(Answer::is_ok));
        let said: Vec<Vec<u8>> = answers
            .into_iter()
            .flat_map(|answer| answer.untagged)
            .collect();
        assert_eq!(said.len(), uids.len());
        for (uid, said) in uids.iter().zip(said) {
            assert!(
                said.starts_with(format!("* {uid} FETCH (UID {uid} ").as_bytes()),
                "{uid}"
            );
        }
    }
}

#[test]
fn idle_passes_both_ways() {
    let (dovecot, keyhole) = dovecot_behind_keyhole();
    let mut client = through(&keyhole);
    assert!(client.command("SELECT INBOX").is_ok());
    let tag = client.send("IDLE");
    assert!(client.response().starts_with(b"+"));
    dovecot.deliver(ANN, &messages()[0]);
    assert_eq!(client.response(), b"* 5 EXISTS\r\n");
    client.write(b"DONE\r\n");
    assert!(client.answer(&tag).is_ok());
}

#[test]
fn the_proxy_announces_what_works_and_nothing_of_before_tls() {
    let (dovecot, keyhole) = dovecot_behind_keyhole();
    let names = |answer: &Answer| -> Vec<String> {
        let text = answer.text();
        let line = text
            .lines()
            .find_map(|line| line.strip_prefix("* CAPABILITY "))
            .unwrap_or_default();
        line.split(' ').map(str::to_owned).collect()
    };
    let direct = names(&directly(&dovecot).command("CAPABILITY"));
    let proxied = names(&through(&keyhole).command("CAPABILITY"));
    // Debian's Dovecot does not compress as it comes: that is the proxy's, as the first two are.
    for added in ["CONVERT", "KEYREVEAL", "COMPRESS=DEFLATE"] {
        assert!(
            !direct.contains(&added.to_owned()) && proxied.contains(&added.to_owned()),
            "{proxied:?}"
        );
    }
    for hidden in ["STARTTLS", "LOGINDISABLED"] {
        assert!(!proxied.contains(&hidden.to_owned()), "{proxied:?}");
    }
    for kept in ["IMAP4rev1", "IDLE", "BINARY", "SORT", "QRESYNC"] {
        assert!(proxied.contains(&kept.to_owned()), "{proxied:?}");
    }
}

#[test]
fn a_wrong_password_is_refused_and_one_user_does_not_see_another() {
    let (dovecot, keyhole) = dovecot_behind_keyhole();
    dovecot.deliver(BOB, &messages()[1]);
    let mut client = Client::tls(keyhole.address, &keyhole.certificate.authority);
    assert!(
        client
            .command("LOGIN ann wrong")
            .tagged
            .starts_with("NO [AUTHENTICATIONFAILED]")
    );
    client.login(BOB);
    assert!(
        client
            .command("STATUS INBOX (MESSAGES)")
            .text()
            .contains("(MESSAGES 1)")
    );
}
