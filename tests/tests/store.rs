//! The embedded store: shows what Dovecot shows of the same Maildir, keeps its promises over restarts, and withstands clients
//! that mean no good.

#![cfg(test)]

use std::fs;
use std::io::{Read as _, Write as _};
use std::net::TcpStream;
use std::path::Path;
use std::time::{Duration, UNIX_EPOCH};

use tests::harness::dovecot::{ANN, BOB, Dovecot};
use tests::harness::embedded::Embedded;
use tests::harness::imap::Client;
use tests::harness::mail;
use tests::harness::python::{Road, Writing, see};
use tests::harness::wait;

/// Messages of many shapes, whose structure both stores describe in the same words.
fn corpus() -> Vec<Vec<u8>> {
    let text =
        |text: &str| format!("Content-Type: text/plain; charset=utf-8\r\n\r\n{text}").into_bytes();
    let html = b"Content-Type: text/html; charset=utf-8\r\nContent-Transfer-Encoding: quoted-printable\r\n\r\n\
        <b>caf=C3=A9</b>=\r\n more\r\n"
        .to_vec();
    let photo = mail::entity(
        "image/png",
        "x.png",
        &(0..=255).cycle().take(5000).collect::<Vec<u8>>(),
    );
    let inner = mail::message(
        "an inner photo",
        &mail::multipart(&[text("inner\r\n"), photo.clone()], "inner"),
    );
    let attached = [
        b"Content-Type: message/rfc822\r\nContent-Disposition: inline\r\n\r\n".as_slice(),
        &inner,
    ]
    .concat();
    let described =
        b"Content-Type: image/png; name=\"x y.png\"\r\nContent-Transfer-Encoding: base64\r\n\
        Content-ID: <cid@x>\r\nContent-Description: a picture\r\nContent-MD5: abc==\r\n\
        Content-Language: en, de\r\nContent-Location: http://x/y\r\n\r\nAAEC\r\n"
            .to_vec();
    let bare = mail::message("photo with bare line ends", &text("one\r\ntwo\r\n"));
    vec![
        mail::message("a photo", &text("hello\r\nworld\r\n")),
        mail::message("two photos", &mail::multipart(&[text("See what is attached.\r\n"), photo.clone()], "b")),
        mail::message("nested", &mail::multipart(&[html, attached, photo], "c'()+_,-./:=?")),
        bare.into_iter().filter(|octet| *octet != b'\r').collect(),
        b"Subject: no MIME\r\nFrom: a@b (Comment)\r\nCc: Group: x@y, \"Z, W\" <z@w>;\r\nReply-To: <r@s>\r\n\r\nx".to_vec(),
        mail::message("without parts", b"Content-Type: multipart/alternative; boundary=d\r\n\r\nnothing here\r\n"),
        mail::message("described", &described),
        mail::message("folded\r\n over\r\n lines", &text("")),
        mail::message("never ended", b"Content-Type: multipart/mixed; boundary=e\r\n\r\n--e\r\n\r\ncut"),
    ]
}

/// Leaves out where the two stores differ without either being wrong.
fn comparable(seen: &str) -> String {
    let lines = seen.lines().filter(|line| {
        // Each has its own UIDVALIDITY; Dovecot decodes a message/rfc822 part in BINARY through, and takes a part below a part
        // that has none for that part itself.
        let own = ["STATUS", "EXAMINE", "BINARY", "BODY.PEEK[2.1]"];
        !own.iter().any(|own| line.starts_with(own))
    });
    lines.map(|line| format!("{line}\n")).collect()
}

#[test]
fn the_embedded_store_shows_what_dovecot_shows() {
    let dovecot = Dovecot::start();
    let embedded = Embedded::start();
    for (number, message) in corpus().iter().enumerate() {
        dovecot.deliver(ANN, message);
        embedded.deliver(ANN, message);
        let time = UNIX_EPOCH + Duration::from_secs(1_700_000_000 + number as u64);
        for maildir in [dovecot.maildir(ANN), embedded.maildir(ANN)] {
            stamp_newest(&maildir, time);
        }
    }
    let theirs = comparable(&see(dovecot.clear, Road::Clear, ANN, Writing::Leveled));
    let ours = comparable(&see(embedded.address, Road::Clear, ANN, Writing::Leveled));
    assert!(ours.lines().count() > 500, "{ours}");
    for (ours, theirs) in ours.lines().zip(theirs.lines()) {
        assert_eq!(ours, theirs);
    }
    assert_eq!(ours.len(), theirs.len());
}

fn stamp_newest(maildir: &Path, time: std::time::SystemTime) {
    let paths = fs::read_dir(maildir.join("new"))
        .unwrap()
        .map(|entry| entry.unwrap().path());
    let newest = paths.max().unwrap();
    fs::File::options()
        .append(true)
        .open(newest)
        .unwrap()
        .set_modified(time)
        .unwrap();
}

fn embedded_with(messages: &[Vec<u8>]) -> (Embedded, Client) {
    let embedded = Embedded::start();
    messages
        .iter()
        .for_each(|message| embedded.deliver(ANN, message));
    let client = logged_in(&embedded);
    (embedded, client)
}

fn logged_in(embedded: &Embedded) -> Client {
    let mut client = Client::clear(embedded.address);
    client.login(ANN);
    client
}

#[test]
fn uids_and_flags_survive_a_restart() {
    let (mut embedded, mut client) = embedded_with(&corpus());
    assert!(client.command("SELECT INBOX").is_ok());
    assert!(
        client
            .command("STORE 2 +FLAGS (\\Flagged \\Deleted)")
            .is_ok()
    );
    assert!(client.command("STORE 3 FLAGS (\\Answered \\Draft)").is_ok());
    assert!(client.command("EXPUNGE").is_ok());
    let status = "STATUS INBOX (MESSAGES UIDNEXT UIDVALIDITY)";
    let before = client
        .command("UID FETCH 1:* (FLAGS RFC822.SIZE)")
        .text()
        .replace(" \\Recent", "")
        .replace("\\Recent", "");
    let status_before = client.command(status).text();
    embedded.restart();
    embedded.deliver(ANN, &mail::message("new", b"\r\n"));
    let mut client = logged_in(&embedded);
    assert!(client.command("EXAMINE INBOX").is_ok());
    let after = client.command("UID FETCH 1:9 (FLAGS RFC822.SIZE)").text();
    assert_eq!(before, after);
    assert!(
        after.contains("* 2 FETCH (UID 3 FLAGS (\\Answered \\Draft)"),
        "{after}"
    );
    let validity = |status: &str| status.split("UIDVALIDITY ").nth(1).map(str::to_owned);
    let status_after = client.command(status).text();
    assert_eq!(validity(&status_before), validity(&status_after));
    assert!(status_after.contains("UIDNEXT 11"), "{status_after}");
}

#[test]
fn reading_marks_as_seen_and_peeking_does_not() {
    let (_embedded, mut client) = embedded_with(&corpus());
    assert!(client.command("SELECT INBOX").is_ok());
    assert!(client.command("FETCH 1 BODY.PEEK[]").is_ok());
    assert!(
        client
            .command("UID SEARCH SEEN")
            .text()
            .contains("* SEARCH\r\n")
    );
    let told = client.command("FETCH 1 BODY[TEXT]").text();
    assert!(told.contains("FLAGS (\\Seen \\Recent)"), "{told}");
    assert!(
        client
            .command("UID SEARCH SEEN")
            .text()
            .contains("* SEARCH 1\r\n")
    );
    assert!(client.command("EXAMINE INBOX").is_ok());
    assert!(client.command("FETCH 2 BODY[]").is_ok());
    assert!(
        client
            .command("UID SEARCH SEEN")
            .text()
            .contains("* SEARCH 1\r\n")
    );
    assert!(!client.command("STORE 2 +FLAGS (\\Seen)").is_ok());
}

#[test]
fn binary_is_the_part_decoded_and_its_slices_fit() {
    let octets: Vec<u8> = (0..=255).cycle().take(100_000).collect();
    let message = mail::message_with_parts("photo", &[mail::entity("image/png", "x.png", &octets)]);
    let (_embedded, mut client) = embedded_with(&[message]);
    assert!(client.command("EXAMINE INBOX").is_ok());
    assert!(
        client
            .command("FETCH 1 BINARY.SIZE[2]")
            .text()
            .contains("BINARY.SIZE[2] 100000)")
    );
    let whole = client.command("FETCH 1 BINARY.PEEK[2]").octets();
    let announced = b"* 1 FETCH (BINARY[2] ~{100000}\r\n";
    assert!(whole.starts_with(announced));
    assert!(whole[announced.len()..].starts_with(&octets));
    let slice = client.command("FETCH 1 BINARY.PEEK[2]<99990.100>").octets();
    assert_eq!(
        slice,
        [
            b"* 1 FETCH (BINARY[2]<99990> ~{10}\r\n",
            &octets[99_990..],
            b")\r\n"
        ]
        .concat()
    );
}

#[test]
fn idle_tells_of_a_new_message_and_of_one_that_is_gone() {
    let (embedded, mut client) = embedded_with(&corpus()[..2]);
    assert!(client.command("SELECT INBOX").is_ok());
    let tag = client.send("IDLE");
    assert!(client.response().starts_with(b"+ "));
    embedded.deliver(ANN, &corpus()[0]);
    assert_eq!(client.response(), b"* 3 EXISTS\r\n");
    assert_eq!(client.response(), b"* 3 RECENT\r\n");
    let first = fs::read_dir(embedded.maildir(ANN).join("cur"))
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .min();
    fs::remove_file(first.unwrap()).unwrap();
    assert_eq!(client.response(), b"* 1 EXPUNGE\r\n");
    client.write(b"DONE\r\n");
    assert!(client.answer(&tag).is_ok());
}

#[test]
fn an_appended_message_is_there_octet_for_octet() {
    let (_embedded, mut client) = embedded_with(&[]);
    assert!(client.command("SELECT INBOX").is_ok());
    let message = corpus().remove(1);
    client.write(
        format!(
            "a APPEND INBOX (\\Flagged) \"01-Feb-2020 03:04:05 +0100\" {{{}}}\r\n",
            message.len()
        )
        .as_bytes(),
    );
    assert!(client.response().starts_with(b"+ "));
    client.write(&message);
    client.write(b"\r\n");
    let answer = client.answer("a");
    assert!(answer.tagged.starts_with("OK [APPENDUID "), "{answer:?}");
    assert!(answer.text().contains("* 1 EXISTS"), "{answer:?}");
    let told = client
        .command("UID FETCH 1 (FLAGS INTERNALDATE BODY.PEEK[])")
        .octets();
    let expected = format!(
        "* 1 FETCH (UID 1 FLAGS (\\Flagged) INTERNALDATE \" 1-Feb-2020 02:04:05 +0000\" BODY[] {{{}}}\r\n",
        message.len()
    );
    assert!(
        told == [expected.as_bytes(), &message, b")\r\n"].concat(),
        "{}",
        String::from_utf8_lossy(&told)
    );
}

#[test]
fn what_the_store_does_not_do_it_says() {
    let (_embedded, mut client) = embedded_with(&corpus());
    assert!(client.command("SELECT INBOX").is_ok());
    for command in [
        "CREATE x",
        "DELETE INBOX",
        "RENAME INBOX x",
        "SUBSCRIBE INBOX",
        "COPY 1 INBOX",
        "UID MOVE 1 INBOX",
        "STORE 1 +FLAGS ($Forwarded)",
        "SEARCH RETURN (COUNT) ALL",
        "GETQUOTAROOT INBOX",
        "UID CONVERT 1 (\"image/jpeg\") BINARY[2]",
        "STARTTLS",
    ] {
        let answer = client.command(command);
        assert!(
            answer.tagged.starts_with("NO [CANNOT]") && answer.untagged.is_empty(),
            "{command}: {answer:?}"
        );
    }
    assert!(
        client
            .command("SEARCH CHARSET KOI8-R ALL")
            .tagged
            .starts_with("NO [BADCHARSET ")
    );
    assert!(
        client
            .command("SELECT nothing")
            .tagged
            .starts_with("NO [NONEXISTENT]")
    );
    // RFC 3501 §6.3.1: the failed SELECT has left the mailbox.
    assert!(client.command("FETCH 1 FLAGS").tagged.starts_with("BAD"));
    assert!(client.command("NOOP").is_ok());
}

#[test]
fn nobody_reads_anothers_mail() {
    let (embedded, mut client) = embedded_with(&corpus());
    embedded.deliver(BOB, &corpus()[0]);
    for name in [
        "../bob",
        "/bob",
        "..",
        ".",
        "bob",
        "INBOX/../../bob",
        "&-",
        "%",
    ] {
        assert!(
            !client.command(&format!("SELECT \"{name}\"")).is_ok(),
            "{name}"
        );
    }
    let mut stranger = Client::clear(embedded.address);
    assert!(stranger.command("SELECT INBOX").tagged.starts_with("BAD"));
    for _ in 0..2 {
        assert!(
            stranger
                .command("LOGIN ann wrong")
                .tagged
                .starts_with("NO [AUTHENTICATIONFAILED]")
        );
    }
    // base64 of bob NUL ann NUL ann's secret: acting for another.
    assert!(
        stranger
            .command("AUTHENTICATE PLAIN Ym9iAGFubgBhbm4ncyBzZWNyZXQ=")
            .tagged
            .starts_with("NO")
    );
    assert!(stranger.response().starts_with(b"* BYE"));
    assert_eq!(stranger.try_response(), None);
}

#[test]
fn plain_is_taken_with_and_without_an_initial_response() {
    let embedded = Embedded::start();
    // base64 of NUL ann NUL ann's secret
    let response = "AGFubgBhbm4ncyBzZWNyZXQ=";
    let mut client = Client::clear(embedded.address);
    assert!(
        client
            .command(&format!("AUTHENTICATE PLAIN {response}"))
            .is_ok()
    );
    let mut client = Client::clear(embedded.address);
    let tag = client.send("AUTHENTICATE PLAIN");
    assert!(client.response().starts_with(b"+ "));
    client.write(b"*\r\n");
    assert!(client.answer(&tag).tagged.starts_with("BAD"));
    let tag = client.send("AUTHENTICATE PLAIN");
    assert!(client.response().starts_with(b"+ "));
    client.write(format!("{response}\r\n").as_bytes());
    assert!(client.answer(&tag).is_ok());
}

/// Whatever a client sends, the connection ends or goes on, and the next client is served.
#[test]
fn clients_that_mean_no_good_harm_nobody() {
    let (embedded, _client) = embedded_with(&corpus());
    let login = "a LOGIN ann \"ann's secret\"\r\nb SELECT INBOX\r\n";
    let deep = format!("{login}c SEARCH {}ALL\r\n", "NOT ".repeat(10_000));
    let nested = format!("{login}c SEARCH {}\r\n", "(".repeat(30_000));
    let many = format!(
        "{login}c FETCH 1 ({})\r\n",
        "BODY.PEEK[] ".repeat(4000).trim_end()
    );
    for hostile in [
        "\r\n\r\n\r\n",
        "a\r\n",
        "a LOGIN {99999999999999999999999}\r\n",
        "a LOGIN {4294967296}\r\n",
        "a LOGIN {100000+}\r\nxxx",
        "a LOGIN ann\0 x\r\n",
        "a LOGIN ann x\n",
        "\u{fe}\u{ff}\u{0}\u{1}\r\n",
        "a AUTHENTICATE PLAIN\r\n{10}\r\n",
        "a AUTHENTICATE PLAIN =\r\n",
        "a IDLE\r\nDONE\r\n",
        deep.as_str(),
        nested.as_str(),
        many.as_str(),
        &format!(
            "{login}c FETCH 4294967295:4294967294 BODY[1.2.3.4.5.6.7.8.9.10.11.12]<18446744073709551615.1>\r\n"
        ),
        &format!(
            "{login}c UID FETCH 1:4294967295,*:1 BODY[4294967295]<9223372036854775807.9223372036854775807>\r\n"
        ),
        &format!("{login}c APPEND INBOX {{9000000000000000000}}\r\n"),
        &format!("{login}c APPEND INBOX {{10+}}\r\nx"),
        &format!("{login}c SEARCH BODY {{300+}}\r\n{}\r\n", "a".repeat(300)),
        &format!("{login}c IDLE\r\nnot done {{3}}\r\n"),
        &"x".repeat(1_000_000),
    ] {
        let mut stream = TcpStream::connect(embedded.address).unwrap();
        stream.set_read_timeout(Some(wait::PATIENCE)).unwrap();
        // The store may end the connection before all is sent.
        stream.write_all(hostile.as_bytes()).ok();
        stream.shutdown(std::net::Shutdown::Write).ok();
        let mut said = Vec::new();
        let ended = stream.read_to_end(&mut said);
        assert!(
            ended.is_ok()
                || ended.is_err_and(|error| error.kind() == std::io::ErrorKind::ConnectionReset)
        );
        let mut client = logged_in(&embedded);
        assert!(client.command("NOOP").is_ok());
    }
}

/// A reader that never reads holds up itself alone.
#[test]
fn a_client_that_does_not_read_holds_nobody_up() {
    let large = mail::message(
        "large",
        &[b"\r\n".as_slice(), &vec![b'x'; 30_000_000]].concat(),
    );
    let (embedded, mut client) = embedded_with(&[large]);
    let mut slow = logged_in(&embedded);
    assert!(slow.command("EXAMINE INBOX").is_ok());
    for _ in 0..10 {
        slow.send("FETCH 1 BODY.PEEK[]");
    }
    assert!(client.command("EXAMINE INBOX").is_ok());
    assert_eq!(
        client.command("FETCH 1 BODY.PEEK[TEXT]").octets().len(),
        b"* 1 FETCH (BODY[TEXT] {30000000}\r\n)\r\n".len() + 30_000_000
    );
}
