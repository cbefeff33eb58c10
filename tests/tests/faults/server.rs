//! The server itself is stopped or killed: what is under way ends in order, and no process stays.

use std::thread;
use std::time::Duration;

use rustix::process::Signal;
use tests::harness::footprint::{is_alive, signal};
use tests::harness::keyhole::Settings;

use tests::harness::wait;

use crate::saboteur::{Act, Fault};
use crate::scene::{LONG, PHOTO, Scene, next_event, short, within_part};

/// How soon after the server's death its vaults and the warden must be gone.
const SOON: Duration = Duration::from_secs(1);
const SOME: usize = 10_000;

fn are_gone(processes: &[u32]) {
    wait::until("all processes to be gone", || {
        (!processes.iter().any(|process| is_alive(*process))).then_some(())
    });
}

#[test]
fn a_server_that_is_stopped_answers_what_runs_and_says_bye() {
    let mut scene = Scene::new();
    let mut visit = scene.visit();
    let prepared = visit.prepare(PHOTO, "2");
    let below = scene.keyhole.descendants();
    let server = scene.keyhole.process();
    let fault = within_part(&prepared, SOME, Act::Hold);
    let answer = scene.reveal_under(&mut visit, &prepared, fault, |keyhole| {
        signal(server, Signal::TERM);
        next_event(keyhole, "draining", 0);
    });
    let answer = answer.expect("the conversion goes on to its end");
    assert_eq!(answer.status.kind, wire::imap::StatusKind::Ok, "{answer:?}");
    let came = scene.bystander.into_client().rest();
    assert!(came.starts_with("* BYE [UNAVAILABLE]"), "{came}");
    assert!(scene.keyhole.terminate().success());
    are_gone(&below);
}

#[test]
fn a_server_that_is_stopped_waits_no_longer_than_it_was_told() {
    let mut scene = Scene::with(&Settings {
        server: "drain_seconds = 1\n".to_owned(),
        ..short()
    });
    let below = scene.keyhole.descendants();
    let mut client = scene.client();
    let fault = Fault::after("BODY[] {", SOME, Act::Hold);
    scene.saboteur.arm(fault);
    client.send(&format!("UID FETCH {LONG} BODY.PEEK[]"));
    scene.saboteur.happened();
    assert!(scene.keyhole.terminate().success());
    assert_eq!(scene.keyhole.events("stopped").len(), 1);
    are_gone(&below);
}

#[test]
fn when_the_server_is_killed_the_warden_and_every_vault_go_with_it() {
    let scene = Scene::new();
    let mut visit = scene.visit();
    let prepared = visit.prepare(PHOTO, "2");
    scene.saboteur.arm(within_part(&prepared, SOME, Act::Hold));
    // One vault works, one is ready, the warden waits.
    let below = wait::until("another vault", || {
        Some(scene.keyhole.descendants()).filter(|below| below.len() == 3)
    });
    thread::scope(|scope| {
        let revealing = scope.spawn(|| {
            scene.saboteur.happened();
            let begun = wait::now();
            signal(scene.keyhole.process(), Signal::KILL);
            are_gone(&below);
            let taken = begun.elapsed();
            scene.saboteur.release();
            taken
        });
        let answer = visit.reveal(&prepared);
        assert!(answer.is_err(), "{answer:?}");
        let taken = revealing.join().expect("all are gone");
        println!("warden and vaults were gone {taken:?} after the server");
        assert!(taken < SOON, "{taken:?}");
    });
}
