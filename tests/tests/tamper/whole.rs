//! A key that opens more than one part is revealed on the user's word for this message, and not one octet of it before.

use handset::{Consent, Error, FetchRequest, PartPath, Scope};
use tests::harness::dovecot::ANN;
use tests::harness::mail;
use tests::harness::openssl::Cipher;
use tests::harness::phone::request;
use tests::harness::scene::{Scene, canary, is_canary};

const FIRST: [u8; 3] = [20, 60, 200];
const SECOND: [u8; 3] = [220, 180, 20];

/// UID 1: a message encrypted whole; UID 2: the same with a list's footer beside it; UID 3: a part of its own.
fn scene() -> Scene {
    let scene = Scene::new();
    let text = b"Content-Type: text/plain\r\n\r\nA secret text.\r\n".to_vec();
    let inside = mail::multipart(&[text, canary(FIRST), canary(SECOND)], "inside");
    let encrypted = |entity: &[u8]| {
        mail::smime_part(&scene.encrypt(entity, Cipher::Aes256Gcm), Cipher::Aes256Gcm)
    };
    let messages = [
        mail::message("whole", &encrypted(&inside)),
        mail::message_with_parts("by a list", &[encrypted(&inside)]),
        mail::message_with_parts("one part", &[encrypted(&canary(FIRST))]),
    ];
    for message in messages {
        scene.store.deliver(ANN, &message);
    }
    scene
}

fn has(sent: &[u8], word: &str) -> bool {
    sent.windows(word.len())
        .any(|window| window.eq_ignore_ascii_case(word.as_bytes()))
}

#[test]
fn no_octet_of_a_reveal_leaves_without_the_users_word() {
    let scene = scene();
    let with_inner = FetchRequest {
        inner: PartPath::new("2"),
        ..request(3, "2")
    };
    let cases = [
        (request(1, "1"), Scope::WholeMessage),
        (request(2, "2"), Scope::Neighbours),
        (with_inner, Scope::Neighbours),
    ];
    for (request, expected) in cases {
        let mut phone = scene.phone();
        let error = phone.prepare(&request).err().expect("a refusal");
        let found = matches!(error, Error::WouldRevealWholeMessage(scope) if scope == expected);
        assert!(found, "{request:?}: {error}");
        // The tape has what was sent before, so it would have this as well.
        let sent = phone.tape.sent();
        assert!(has(&sent, "FETCH") || has(&sent, "EXAMINE"));
        assert!(
            !has(&sent, "KEYREVEAL") && !has(&sent, "CONVERT"),
            "{request:?}"
        );
    }
    assert!(scene.keyhole.events("statements_issued").is_empty());
}

#[test]
fn with_the_users_word_any_part_inside_can_be_had() {
    let scene = scene();
    let mut phone = scene.phone();
    for (uid, section) in [(1, "1"), (2, "2")] {
        for (inner, colour) in [(None, FIRST), (Some("2"), FIRST), (Some("3"), SECOND)] {
            let request = FetchRequest {
                consent: Consent::WholeMessage,
                inner: inner.and_then(PartPath::new),
                ..request(uid, section)
            };
            let prepared = phone.prepare(&request).expect("a reveal");
            let fetched = phone.fetch(&prepared).expect("the picture");
            assert!(
                is_canary(fetched.content.expose(), colour),
                "{uid} {inner:?}"
            );
        }
    }
    let prepared = phone.prepare(&request(3, "2")).expect("a reveal");
    assert!(
        phone.fetch(&prepared).is_ok(),
        "one part needs no such word"
    );
    assert!(has(&phone.tape.sent(), "CONVERT"));
}
