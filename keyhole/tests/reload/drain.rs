//! SIGTERM: everybody is told, nobody is waited for too long.

use rustix::process::Signal;

use crate::scene::{Scene, is_alive};

#[test]
fn everybody_gets_a_bye_and_the_server_ends_well() {
    let mut scene = Scene::start();
    let mut clients: Vec<_> = (0..50).map(|_| scene.client()).collect();
    let loader = scene.loader();
    scene.signal(Signal::TERM);
    for client in &mut clients {
        let bye = client.line().unwrap();
        assert!(bye.starts_with("* BYE [UNAVAILABLE]"), "{bye}");
    }
    assert_eq!(scene.ended().code(), Some(0));
    assert_eq!(scene.events("draining")[0]["count"], 50);
    assert_eq!(scene.events("stopped").len(), 1);
    assert!(!is_alive(loader));
}

/// A client in the middle of a command cannot be told anything.
#[test]
fn who_does_not_leave_is_left_at_the_deadline_or_at_the_second_signal() {
    for (signals, drain) in [(1, 1), (2, 60)] {
        let mut scene = Scene::files();
        scene.configure("", &format!("[server]\ndrain_seconds = {drain}\n"));
        scene.run(&mut scene.command());
        let mut client = scene.client();
        client.begin("t APPEND inbox {100}").unwrap();
        assert!(client.line().unwrap().starts_with("+ "));
        for _ in 0..signals {
            scene.signal(Signal::TERM);
            scene.wait_for("draining", 1);
        }
        assert_eq!(scene.ended().code(), Some(0));
        assert!(client.line().is_err());
    }
}
