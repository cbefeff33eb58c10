//! A reveal opens one part, once, for whom and for what it was made. Everything else is refused with one answer, compared
//! octet for octet and held to the time bucket.
//!
//! | module | what is altered |
//! | --- | --- |
//! | this one | when and where it is sent: again, elsewhere, later |
//! | [`context`] | what is asked for, on either side |
//! | [`sealed`] | the sealed reveal itself |

#![cfg(test)]

mod context;
mod sealed;

use handset::FetchRequest;
use tests::harness::dovecot::{self, ANN, BOB, Dovecot};
use tests::harness::keyhole::{Behind, Keyhole, Settings};
use tests::harness::openssl::Cipher;
use tests::harness::phone::{Phone, request, rng};
use tests::harness::scene::{Scene, canary, is_canary};
use wire::imap::SequenceSet;

const COLOUR: [u8; 3] = [30, 160, 90];
/// Phones at a time where there are many cases: each waits for the time bucket, most of the time.
const PHONES: usize = 12;

/// Two messages in Ann's INBOX, one in her Archive and one in Bob's INBOX: all the same octets.
fn scene() -> Scene {
    scene_with(&Settings::default())
}

/// The same for as many phones of one user.
fn crowded_scene() -> Scene {
    scene_with(&Settings {
        limits: "statements_per_user = 64\n".to_owned(),
        ..Settings::default()
    })
}

fn scene_with(settings: &Settings) -> Scene {
    let scene = Scene::with(settings);
    let message = scene.message(&canary(COLOUR), Cipher::Aes256Gcm);
    for user in [ANN, ANN, BOB] {
        scene.store.deliver(user, &message);
    }
    let archive = scene.store.maildir(ANN).join(".Archive");
    dovecot::make_maildir(&archive);
    dovecot::deliver(&archive, &message);
    scene
}

fn the_part() -> FetchRequest {
    request(1, "2")
}

/// The same reveal works where it was made for: what was refused elsewhere was neither opened nor used up.
fn assert_works(phone: &mut Phone, prepared: &handset::Prepared) {
    let fetched = phone.fetch(prepared).expect("the picture");
    assert!(is_canary(fetched.content.expose(), COLOUR));
}

#[test]
fn a_reveal_works_once_and_never_again() {
    let scene = scene();
    let mut phone = scene.phone();
    let prepared = phone.prepare(&the_part()).expect("a reveal");
    assert_works(&mut phone, &prepared);
    for turn in 1..=3 {
        let heard = phone.convert(&prepared.command);
        heard.assert_refused(&format!("sent again, turn {turn}"));
    }
    phone.examine("INBOX");
    let heard = phone.convert(&prepared.command);
    heard.assert_refused("sent again to the mailbox opened again");
    scene.assert_refusals(4);
}

#[test]
fn a_refused_reveal_is_used_up() {
    let scene = scene();
    let mut phone = scene.phone();
    let prepared = phone.prepare(&the_part()).expect("a reveal");
    let mut other = prepared.command.clone();
    other.set = SequenceSet::uid(request(2, "2").uid);
    phone.convert(&other).assert_refused("another message");
    phone
        .convert(&prepared.command)
        .assert_refused("the right one, too late");
    scene.assert_refusals(2);
}

#[test]
fn a_reveal_is_of_no_use_on_another_connection() {
    let scene = scene();
    let mut phone = scene.phone();
    let prepared = phone.prepare(&the_part()).expect("a reveal");
    for (case, user) in [("of the same user", ANN), ("of another user", BOB)] {
        let mut other = scene.phone_of(user);
        // It has a statement of its own, and the mailbox open.
        let own = other.prepare(&the_part()).expect("a reveal");
        other.convert(&prepared.command).assert_refused(case);
        assert_works(&mut other, &own);
    }
    assert_works(&mut phone, &prepared);
    let mut late = scene.phone();
    late.examine("INBOX");
    late.convert(&prepared.command)
        .assert_refused("used, on another connection");
    scene.assert_refusals(3);
}

#[test]
fn a_reveal_dies_with_its_connection() {
    let mut scene = scene();
    let mut phone = scene.phone();
    let prepared = phone.prepare(&the_part()).expect("a reveal");
    drop(phone);
    scene.keyhole.wait_for("vault_ended", |_| true);
    let mut other = scene.phone();
    other.examine("INBOX");
    other
        .convert(&prepared.command)
        .assert_refused("after its connection");
    scene.assert_refusals(1);
}

#[test]
fn a_reveal_is_refused_after_its_expiry() {
    let mut scene = scene_with(&Settings {
        vault: "lifetime_seconds = 1\n".to_owned(),
        ..Settings::default()
    });
    let mut phone = scene.phone();
    let gathered = phone.gather(&the_part()).expect("a statement");
    // A handset whose clock stands still: it is the vault that ends.
    let draft = phone.draft_at(&the_part(), &gathered, 0).expect("a draft");
    let prepared = draft.seal(&mut rng()).expect("a reveal");
    scene.keyhole.wait_for("vault_ended", |_| true);
    phone
        .convert(&prepared.command)
        .assert_refused("after its expiry");
    assert!(
        phone.draft(&the_part(), &gathered).is_err(),
        "a handset uses no expired statement"
    );
    scene.assert_refusals(1);
}

#[test]
fn a_reveal_is_refused_after_a_restart() {
    let mut scene = scene();
    let mut phone = scene.phone();
    let gathered = phone.gather(&the_part()).expect("a statement");
    let identity = gathered.statement.claimed_identity().expect("an identity");
    let draft = phone.draft(&the_part(), &gathered).expect("a draft");
    let prepared = draft.seal(&mut rng()).expect("a reveal");
    scene.keyhole.restart();
    let mut phone = scene.phone().pinned(identity);
    let own = phone.prepare(&the_part()).expect("the same identity");
    phone
        .convert(&prepared.command)
        .assert_refused("after a restart");
    assert_works(&mut phone, &own);
    scene.assert_refusals(1);
}

#[test]
fn a_reveal_is_bound_to_its_mailbox() {
    let scene = scene();
    let mut phone = scene.phone();
    let prepared = phone.prepare(&the_part()).expect("a reveal");
    phone.examine("Archive");
    phone
        .convert(&prepared.command)
        .assert_refused("another mailbox with the same message");
    phone.examine("INBOX");
    let back = phone.prepare(&the_part()).expect("a reveal");
    phone.examine("Archive");
    phone.examine("inbox");
    phone
        .convert(&back.command)
        .assert_converted("its own mailbox, by another name of INBOX");
    scene.assert_refusals(1);
}

#[test]
fn a_reveal_is_bound_to_uidvalidity() {
    let scene = scene();
    let mut phone = scene.phone();
    let prepared = phone.prepare(&the_part()).expect("a reveal");
    let before = phone.uid_validity();
    let uids = scene.store.maildir(ANN).join("keyhole-uids");
    let text = std::fs::read_to_string(&uids).expect("the UIDs");
    let next = text.replacen(&before.to_string(), &(before + 1).to_string(), 1);
    assert_ne!(text, next);
    std::fs::write(&uids, next).expect("the UIDs");
    phone.examine("INBOX");
    phone
        .convert(&prepared.command)
        .assert_refused("another UIDVALIDITY");
    scene.assert_refusals(1);
}

/// The same before a store that is not ours.
#[test]
fn a_reveal_is_bound_before_dovecot_as_well() {
    let dovecot = Dovecot::start();
    let scene = Scene::of(
        tests::harness::embedded::Embedded::start(),
        Keyhole::start(&Behind::dovecot(&dovecot)),
    );
    let message = scene.message(&canary(COLOUR), Cipher::Aes256Gcm);
    for user in [ANN, ANN, BOB] {
        dovecot.deliver(user, &message);
    }
    let mut phone = scene.phone();
    let prepared = phone.prepare(&the_part()).expect("a reveal");
    let mut bob = scene.phone_of(BOB);
    bob.examine("INBOX");
    bob.convert(&prepared.command)
        .assert_refused("another user");
    assert_works(&mut phone, &prepared);
    phone
        .convert(&prepared.command)
        .assert_refused("sent again");
    for (case, uid, section) in [("another message", 2, "2"), ("another section", 1, "3")] {
        let mut prepared = phone.prepare(&the_part()).expect("a reveal");
        prepared.command = context::asking(prepared.command, uid, section);
        phone.convert(&prepared.command).assert_refused(case);
    }
    scene.assert_refusals(4);
}
