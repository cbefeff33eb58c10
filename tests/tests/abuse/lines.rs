//! Clients whose octets are no IMAP, or too much of it.

use crate::scene::Scene;
use tests::harness::imap::Client;

/// Sends `octets`; the client is told BAD, NO or BYE, and no part of them reaches the store as a command of its own.
fn is_told(client: &mut Client, octets: &[u8]) {
    client.write(octets);
    client.write(b"\r\nz1 NOOP\r\n");
    let mut told = false;
    while let Some(response) = client.try_response() {
        let text = String::from_utf8_lossy(&response).into_owned();
        told |= [" BAD", " NO", "* BYE"]
            .iter()
            .any(|word| text.contains(word));
        if text.starts_with("z1 ") {
            break;
        }
    }
    let shown: String = octets.escape_ascii().take(60).map(char::from).collect();
    assert!(told, "{shown}: nothing was said");
}

#[test]
fn lines_that_are_no_imap_are_answered_and_do_not_reach_the_store() {
    let mut scene = Scene::new();
    let cases: Vec<Vec<u8>> = vec![
        b"a1 LO\0GIN marker x".to_vec(),
        b"a2 NOOP\rmarker NOOP".to_vec(),
        b"a3 NOOP marker\nb NOOP".to_vec(),
        b"\xff\xfe marker".to_vec(),
        b"a4 marker".to_vec(),
        b"* marker".to_vec(),
        b"+ marker".to_vec(),
        b"a5 LOGIN marker {4294967296+}".to_vec(),
        b"a6 LOGIN marker {4294967296}".to_vec(),
        b"a7 LOGIN marker {99999999999999999999}".to_vec(),
        b"a8 LOGIN marker {-1}".to_vec(),
        [b"a9 SEARCH marker ".to_vec(), b"(".repeat(10_000)].concat(),
        [b"b1 marker ".to_vec(), b"x".repeat(3_000_000)].concat(),
    ];
    for octets in cases {
        let mut client = scene.stranger();
        // A client that is hung up on while it writes has been told as well as it can be.
        is_told_or_cut(&mut client, &octets);
        scene.is_unharmed();
    }
    assert!(!scene.store_heard("marker"));
}

/// Long lines may be cut off while they are still being written.
fn is_told_or_cut(client: &mut Client, octets: &[u8]) {
    let written = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| {
        is_told(client, octets);
    }));
    if let Err(panic) = written {
        let text = panic.downcast_ref::<String>().cloned().unwrap_or_default();
        assert!(text.contains("octets are sent"), "{text}");
    }
}

#[test]
fn a_logged_in_clients_broken_lines_are_answered() {
    let mut scene = Scene::new();
    let parentheses = [b"a1 SEARCH ".to_vec(), b"(".repeat(10_000)].concat();
    for octets in [
        b"a1 FETCH 1 BODY[]\rb1 STORE 1 +FLAGS (evil)".to_vec(),
        b"a1 STATUS \0".to_vec(),
        b"a1 SELECT \"unended".to_vec(),
        b"a1 APPEND INBOX {4294967296+}".to_vec(),
        b"a1 APPEND INBOX {4294967296}".to_vec(),
        b"a1 APPEND INBOX {18446744073709551616+}".to_vec(),
        parentheses,
        [b"a1 SEARCH ".to_vec(), b"x".repeat(3_000_000)].concat(),
    ] {
        let mut client = scene.client();
        is_told_or_cut(&mut client, &octets);
        scene.is_unharmed();
    }
    assert!(!scene.store_heard("b1 STORE"));
}

#[test]
fn a_session_is_the_same_however_its_octets_are_cut() {
    let scene = Scene::new();
    let session = b"a1 LOGIN {3+}\r\nann {12+}\r\nann's secret\r\na2 SELECT INBOX\r\n\
        a3 UID FETCH 1 (FLAGS BODY.PEEK[])\r\na4 SEARCH SUBJECT {5+}\r\nhello\r\na5 LOGOUT\r\n";
    // The first visit takes what is recent with it.
    drop(scene.client());
    let mut whole = scene.stranger();
    whole.write(session);
    let wanted = whole.rest();
    assert!(wanted.contains("a5 OK"), "{wanted}");
    let mut cut = scene.stranger();
    for octet in session {
        cut.write(&[*octet]);
    }
    assert_eq!(cut.rest(), wanted);
    for at in (1..session.len()).step_by(7) {
        let mut cut = scene.stranger();
        cut.write(&session[..at]);
        cut.write(&session[at..]);
        assert_eq!(cut.rest(), wanted, "cut at {at}");
    }
}
