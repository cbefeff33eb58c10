//! A vault dies or stalls at its work: one ERROR phrase, and the connection goes on. The warden dies: relaying goes on.

use rustix::process::Signal;
use tests::harness::footprint::{is_alive, signal};
use tests::harness::keyhole::Settings;

use tests::harness::wait;
use wire::imap::response::{Code, StatusKind};

use crate::saboteur::Act;
use crate::scene::{
    PHOTO, Scene, Told, goes_on, is_converted, next_event, short, told, within_part,
};

/// Octets of the part that the vault has when it is hit.
const SOME: usize = 10_000;

#[test]
fn a_vault_killed_at_its_work_is_one_error_phrase_and_the_connection_goes_on() {
    let mut scene = Scene::new();
    let mut visit = scene.visit();
    for (number, killer) in [Signal::KILL, Signal::SEGV, Signal::ABORT]
        .into_iter()
        .enumerate()
    {
        let vault = scene.next_vault();
        let prepared = visit.prepare(PHOTO, "2");
        let fault = within_part(&prepared, SOME, Act::Hold);
        let answer = scene.reveal_under(&mut visit, &prepared, fault, |keyhole| {
            signal(vault, killer);
            next_event(keyhole, "vault_failed", number);
        });
        assert_eq!(
            told(&answer.expect("an answer")),
            Told::TempFail,
            "{killer:?}"
        );
        let ended = next_event(&scene.keyhole, "vault_ended", 2 * number);
        assert!(
            ended["exit"].as_str().unwrap().starts_with("signal "),
            "{ended}"
        );
        goes_on(&mut visit);
        is_converted(&mut visit);
    }
    drop(visit);
    scene.is_as_before();
}

#[test]
fn a_vault_that_stalls_is_given_up_at_its_deadline() {
    let mut scene = Scene::with(&Settings {
        vault: "pool = 1\njob_seconds = 1\nlifetime_seconds = 3\n".to_owned(),
        ..short()
    });
    let mut visit = scene.visit();
    let vault = scene.next_vault();
    let prepared = visit.prepare(PHOTO, "2");
    let fault = within_part(&prepared, SOME, Act::Hold);
    let answer = scene.reveal_under(&mut visit, &prepared, fault, |_| {
        signal(vault, Signal::STOP)
    });
    assert_eq!(told(&answer.expect("an answer")), Told::TempFail);
    assert_eq!(
        scene.keyhole.events("vault_failed")[0]["reason"],
        "it took too long"
    );
    goes_on(&mut visit);
    is_converted(&mut visit);
    drop(visit);
    // The warden ends what does not end itself.
    scene.is_as_before();
    assert!(!is_alive(vault));
}

#[test]
fn without_the_warden_mail_is_relayed_and_no_key_is_promised() {
    let mut scene = Scene::new();
    let mut visit = scene.visit();
    let prepared = visit.prepare(PHOTO, "2");
    let below = scene.keyhole.descendants();
    signal(scene.warden(), Signal::KILL);
    next_event(&scene.keyhole, "warden_lost", 0);
    wait::until("the vaults to be gone", || {
        (!below.iter().any(|process| is_alive(*process))).then_some(())
    });
    // Its vault went with the warden, and so did CONVERT.
    let answer = visit.reveal(&prepared).expect("an answer");
    assert_eq!(told(&answer), Told::Unavailable);
    goes_on(&mut visit);
    drop(visit);
    scene.bystander.is_unharmed();
    let refused = scene.bystander.client().command("KEYREVEAL");
    assert!(
        refused.tagged.starts_with("NO [UNAVAILABLE]"),
        "{refused:?}"
    );
    let mut late = scene.client();
    for client in [scene.bystander.client(), &mut late] {
        let offered = client.command("CAPABILITY").text();
        for ours in ["KEYREVEAL", "CONVERT"] {
            assert!(!offered.contains(ours), "{offered}");
        }
        assert!(client.command("NOOP").is_ok());
    }
    assert!(late.command("UID FETCH 1 BODY.PEEK[]").is_ok());
    assert!(scene.keyhole.terminate().success());
}

#[test]
fn a_vault_that_is_never_used_is_gone_when_its_statement_expires() {
    let mut scene = Scene::with(&Settings {
        vault: "pool = 1\nlifetime_seconds = 1\n".to_owned(),
        ..short()
    });
    let mut visit = scene.visit();
    let vault = scene.next_vault();
    let prepared = visit.prepare(PHOTO, "2");
    wait::until("the unused vault to be gone", || {
        (!is_alive(vault)).then_some(())
    });
    let answer = visit.reveal(&prepared).expect("an answer");
    assert_eq!(
        (answer.status.kind, &answer.status.code),
        (StatusKind::No, &Some(Code::Cannot))
    );
    assert_eq!(told(&answer), Told::Refused);
    drop(visit);
    scene.is_as_before();
}
