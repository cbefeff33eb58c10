//! The store fails at every stage: the client is told that the store failed, or ends without an answer that looks whole; what a
//! vault was given by such a store never yields a picture.

use tests::harness::dovecot::ANN;
use tests::harness::imap::Client;
use tests::harness::keyhole::{Behind, Keyhole};

use tests::harness::program::free_address;
use tests::harness::wait;

use crate::saboteur::{Act, Fault};
use crate::scene::{
    LONG, PHOTO, Scene, Told, announcement, goes_on, is_over, next_event, told, within_part,
};

/// Octets of a part or message before something happens in it.
const SOME: usize = 10_000;

/// What the store does while a part is fetched for a vault, and what the client is told.
fn while_converting(octets: u64) -> Vec<(&'static str, Fault, Told)> {
    let place = announcement(octets);
    let within = |after, act| Fault::after(&place, after, act);
    let announced = |octets| {
        let instead = announcement(octets).into_bytes();
        Fault::at(&place, Act::Replace(instead))
    };
    let says = |at, instead: &[u8]| Fault::at(at, Act::Replace(instead.to_vec()));
    let lost = Told::Unavailable;
    vec![
        ("hangs in the part", within(SOME, Act::Hold), lost),
        ("hangs before the part", within(0, Act::Hold), lost),
        (
            "hangs behind the part",
            Fault::at("keyhole2 O", Act::Hold),
            lost,
        ),
        ("closes in the part", within(SOME, Act::Close), lost),
        ("closes before the part", within(0, Act::Close), lost),
        (
            "closes behind the part",
            Fault::at("keyhole2 O", Act::Close),
            lost,
        ),
        (
            "hangs in the structure",
            Fault::at("BODYSTRUCTURE (", Act::Hold),
            lost,
        ),
        (
            "closes in the structure",
            Fault::at("BODYSTRUCTURE (", Act::Close),
            lost,
        ),
        (
            "closes behind the structure",
            Fault::at("keyhole1 OK", Act::Close),
            lost,
        ),
        ("announces 1 GB", announced(1_000_000_000), lost),
        ("announces 30 MB", announced(30_000_000), lost),
        (
            "announces 63 bits",
            announced(i64::MAX.unsigned_abs()),
            lost,
        ),
        ("sends more than it announced", announced(octets - 10), lost),
        ("sends less than it announced", announced(octets + 10), lost),
        (
            "answers in the part",
            within(SOME, Act::Overwrite(b"\r\nkeyhole2 OK done\r\n".to_vec())),
            Told::Refused,
        ),
        (
            "sends garbage in the part",
            within(SOME, Act::Overwrite(vec![0xff; 64])),
            Told::Refused,
        ),
        (
            "sends garbage for an answer",
            says("keyhole2 OK", b"\xff\xfe\x01 nothing\r\nkeyhole2 OK"),
            lost,
        ),
        (
            "answers another command",
            says("keyhole1 OK", b"keyhole7 OK"),
            lost,
        ),
        (
            "sends + to nobody",
            says("keyhole1 OK", b"+ go on\r\nkeyhole1 OK"),
            lost,
        ),
    ]
}

#[test]
fn a_store_that_fails_during_a_conversion_is_told_of_and_hurts_nobody_else() {
    let mut scene = Scene::new();
    let octets = scene.visit().prepare(PHOTO, "2").part_octets;
    for (what, fault, expected) in while_converting(octets) {
        println!("the store {what}");
        let mut visit = scene.visit();
        let prepared = visit.prepare(PHOTO, "2");
        let failures = scene.keyhole.events("store_failed").len();
        let answer = scene.reveal_under(&mut visit, &prepared, fault, |keyhole| {
            if expected == Told::Unavailable {
                next_event(keyhole, "store_failed", failures);
            }
        });
        let answer = answer.unwrap_or_else(|error| panic!("{what}: {error}"));
        assert_eq!(told(&answer), expected, "{what}");
        match expected {
            Told::Unavailable => is_over(&mut visit),
            Told::TempFail | Told::Refused => goes_on(&mut visit),
        }
        drop(visit);
        scene.is_as_before();
    }
    scene.still_works();
}

#[test]
fn a_store_that_fails_during_a_relayed_answer_never_makes_it_look_whole() {
    let mut scene = Scene::new();
    for act in [Act::Hold, Act::Close] {
        let mut client = scene.client();
        let failures = scene.keyhole.events("store_failed").len();
        scene
            .saboteur
            .arm(Fault::after("BODY[] {", SOME, act.clone()));
        let tag = client.send(&format!("UID FETCH {LONG} BODY.PEEK[]"));
        scene.saboteur.happened();
        scene.bystander.is_unharmed();
        let came = client.rest();
        next_event(&scene.keyhole, "store_failed", failures);
        assert!(came.len() > SOME / 2, "{act:?}: {} octets", came.len());
        assert!(
            !came.contains(&tag) && !came.contains("BYE"),
            "{act:?}: {came}"
        );
        scene.is_as_before();
    }
}

#[test]
fn a_store_that_fails_between_answers_is_told_of_under_every_open_tag() {
    let mut scene = Scene::new();
    let mut client = scene.client();
    scene.saboteur.arm(Fault::at(" UID 2)\r\n", Act::Close));
    client.write(b"a NOOP\r\nb UID STORE 2 +FLAGS (\\Seen)\r\nc NOOP\r\n");
    let came = client.rest();
    let said: Vec<&str> = came.lines().collect();
    assert!(
        said.contains(&"a OK NOOP completed") || came.contains("a OK"),
        "{came}"
    );
    for tag in ["b", "c"] {
        assert!(came.contains(&format!("{tag} NO [UNAVAILABLE]")), "{came}");
    }
    assert!(
        said.last().unwrap().starts_with("* BYE [UNAVAILABLE]"),
        "{came}"
    );
    scene.is_as_before();
}

#[test]
fn a_store_that_fails_before_the_login_is_told_of_and_may_be_tried_again() {
    let mut scene = Scene::new();
    let greeting = "* OK";
    let cases = [
        Fault::at(greeting, Act::Hold),
        Fault::at(greeting, Act::Close),
        Fault::at(greeting, Act::Replace(b"* PREAUTH".to_vec())),
        Fault::at(greeting, Act::Replace(b"* BYE".to_vec())),
        Fault::at(greeting, Act::Replace(b"* NO".to_vec())),
        Fault::at(greeting, Act::Replace(b"\x80\x81garbage\r\n* OK".to_vec())),
        Fault::at(greeting, Act::Replace(b"* LIST () NIL x\r\n* OK".to_vec())),
        Fault::at("keyhole2 O", Act::Hold),
        Fault::at("keyhole2 O", Act::Close),
        Fault::at("keyhole2 OK", Act::Replace(b"keyhole7 OK".to_vec())),
        Fault::at(
            "keyhole2 OK",
            Act::Replace(b"+ go on\r\nkeyhole2 OK".to_vec()),
        ),
    ];
    for fault in cases {
        println!("{fault:?}");
        scene.saboteur.arm(fault);
        let mut client = scene.stranger();
        let refused = client.command("LOGIN ann \"ann's secret\"");
        assert!(
            refused.tagged.starts_with("NO [UNAVAILABLE]") && refused.untagged.is_empty(),
            "{refused:?}"
        );
        scene.saboteur.release();
        client.login(ANN);
        drop(client);
        scene.is_as_before();
    }
    scene.still_works();
}

#[test]
fn a_store_that_is_not_there_costs_the_login_and_then_the_connection() {
    let keyhole = Keyhole::start(&Behind::loopback(free_address()));
    let mut client = Client::tls(keyhole.address, &keyhole.certificate.authority);
    for _ in 0..3 {
        let refused = client.command("LOGIN ann \"ann's secret\"");
        assert!(
            refused.tagged.starts_with("NO [UNAVAILABLE]"),
            "{refused:?}"
        );
    }
    let came = client.rest();
    assert!(came.starts_with("* BYE"), "{came}");
    // The log comes by a pipe, behind the answer.
    wait::until("three refusals in the log", || {
        (keyhole.events("login_refused").len() == 3).then_some(())
    });
    assert!(!keyhole.events("store_unreachable").is_empty());
}

#[test]
fn a_tagged_reply_inside_a_relayed_literal_is_only_text() {
    let mut scene = Scene::new();
    let mut client = scene.client();
    let smuggled = b"\r\nt3 OK done\r\n* BYE\r\n+ x\r\n".to_vec();
    scene.saboteur.arm(Fault::after(
        "BODY[] {",
        SOME,
        Act::Overwrite(smuggled.clone()),
    ));
    let answer = client.command(&format!("UID FETCH {LONG} BODY.PEEK[]"));
    assert!(answer.is_ok(), "{}", answer.tagged);
    let octets = answer.octets();
    assert!(
        octets
            .windows(smuggled.len())
            .any(|window| window == smuggled)
    );
    assert!(client.command("NOOP").is_ok());
    drop(client);
    scene.is_as_before();
}

#[test]
fn a_part_that_is_cut_in_its_last_octet_is_no_part() {
    let mut scene = Scene::new();
    let mut visit = scene.visit();
    let prepared = visit.prepare(PHOTO, "2");
    let last = usize::try_from(prepared.part_octets).unwrap() - 1;
    let fault = within_part(&prepared, last, Act::Close);
    let answer = scene.reveal_under(&mut visit, &prepared, fault, |_| ());
    assert_eq!(told(&answer.expect("an answer")), Told::Unavailable);
    drop(visit);
    scene.is_as_before();
}
