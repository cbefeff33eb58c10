//! SIGHUP: what changes, what stays, and who notices.

use std::{
    fs,
    net::TcpListener,
    sync::atomic::{AtomicBool, AtomicU32, Ordering},
};

use rustix::process::Signal;

use crate::{
    client::Client,
    scene::{Scene, free_address, is_alive, replace, send, wait_until},
};

#[test]
fn a_new_certificate_is_shown_to_new_clients_and_open_sessions_go_on() {
    let mut scene = Scene::start();
    let mut before = scene.client();
    let new = scene.certify("own", "localhost");
    assert_ne!(scene.client().shown(), new);
    assert_eq!(scene.reload()["event"], "config_reloaded");
    assert_eq!(scene.client().shown(), new);
    before.command("NOOP").unwrap();
}

#[test]
fn a_certificate_is_chosen_by_the_name_that_a_client_asks_for() {
    let mut scene = Scene::start();
    let other = scene.certify("other", "mail.example.org");
    let folder = scene.folder.display();
    scene.configure(
        &format!(
            "[[imap.certificates]]\nnames = [\"*.example.org\"]\ncertificate = \"{folder}/other.pem\"\n\
             key = \"{folder}/other.key\"\n"
        ),
        "",
    );
    assert_eq!(scene.reload()["event"], "config_reloaded");
    let named = Client::connect(scene.address, "mail.example.org", &scene.trusted).unwrap();
    assert_eq!(named.shown(), other);
    assert_eq!(scene.client().shown(), scene.trusted[0]);
}

#[test]
fn listeners_come_and_go_and_their_sessions_stay() {
    let mut scene = Scene::start();
    let more = free_address();
    scene.configure("", &scene.listener(more));
    assert_eq!(scene.reload()["event"], "config_reloaded");
    let mut there = scene.client_at(more).unwrap();
    scene.configure("", "");
    assert_eq!(scene.reload()["event"], "config_reloaded");
    scene.wait_for("listener_closed", 1);
    assert!(scene.client_at(more).is_err());
    there.command("NOOP").unwrap();
    scene.client().command("NOOP").unwrap();
}

#[test]
fn whatever_is_wrong_the_old_configuration_stays_whole() {
    let mut scene = Scene::start();
    let mut open = scene.client();
    let taken = TcpListener::bind("127.0.0.1:0").unwrap();
    let taken_address = taken.local_addr().unwrap();
    let new = free_address();
    let folder = scene.folder.display().to_string();
    let wrong = [
        ("nonsense\n".to_owned(), String::new(), "line "),
        (
            String::new(),
            format!("{}{}", scene.listener(new), scene.listener(taken_address)),
            "in use",
        ),
        (
            format!("client_ca = \"{folder}/nowhere.pem\"\n"),
            scene.listener(new),
            "imap.client_ca",
        ),
        (
            String::new(),
            format!("[metrics]\naddress = \"{new}\"\n"),
            "restart",
        ),
    ];
    for (in_listener, more, wanted) in wrong {
        scene.configure(&in_listener, &more);
        let outcome = scene.reload();
        assert_eq!(outcome["event"], "config_refused", "{wanted}");
        assert!(
            outcome["reason"].as_str().unwrap().contains(wanted),
            "{outcome}"
        );
        assert!(scene.client_at(new).is_err(), "nothing of it holds");
        scene.client().command("NOOP").unwrap();
    }
    fs::remove_file(scene.configuration()).unwrap();
    assert_eq!(scene.reload()["event"], "config_refused");
    open.command("NOOP").unwrap();
    scene.configure("", "");
    assert_eq!(scene.reload()["event"], "config_reloaded");
}

#[test]
fn no_client_is_refused_and_none_dropped_while_everything_is_reloaded() {
    const CLIENTS: usize = 50;
    const RELOADS: usize = 12;
    let mut scene = Scene::start();
    let (over, done) = (AtomicBool::new(false), AtomicU32::new(0));
    let mut long = scene.client();
    // The certificates of all reloads are known before.
    for _ in 0..2 {
        scene.certify("own", "localhost");
    }
    let (address, trusted) = (scene.address, scene.trusted.clone());
    let come_and_go = || {
        while !over.load(Ordering::Relaxed) {
            let mut client = Client::connect(address, "localhost", &trusted).expect("a greeting");
            client.log_in().expect("a login");
            client.command("NOOP").expect("an answer");
            client.command("LOGOUT").expect("a farewell");
            done.fetch_add(1, Ordering::Relaxed);
        }
    };
    std::thread::scope(|scope| {
        let clients: Vec<_> = (0..CLIENTS).map(|_| scope.spawn(come_and_go)).collect();
        for number in 0..RELOADS {
            let more = free_address();
            let listener = scene.listener(more);
            scene.configure("", if number % 2 == 0 { &listener } else { "" });
            assert_eq!(scene.reload()["event"], "config_reloaded");
            long.command("NOOP").expect("the long session goes on");
        }
        over.store(true, Ordering::Relaxed);
        for client in clients {
            client.join().expect("a client that was always served");
        }
    });
    assert!(done.load(Ordering::Relaxed) > 50, "clients came meanwhile");
}

#[test]
fn the_users_map_is_read_again_when_it_changes() {
    let mut scene = Scene::files();
    let map = scene.folder.join("users.map");
    replace(&map, b"ann store\n");
    scene.configure("", &format!("[routing]\nmap = \"{}\"\n", map.display()));
    scene.run(&mut scene.command());
    replace(&map, b"ann store\nbob store\n");
    assert_eq!(scene.wait_for("map_reloaded", 1)["count"], 2);
    replace(&map, b"ann nowhere\n");
    let refused = scene.wait_for("map_refused", 1);
    assert_eq!(refused["count"], 1, "the line that is wrong");
    replace(&map, b"ann store\n");
    scene.wait_for("map_reloaded", 2);
    assert_eq!(scene.events("map_reloaded").len(), 2);
}

#[test]
fn without_its_loader_the_server_serves_on_and_refuses_reloads() {
    let mut scene = Scene::start();
    let mut open = scene.client();
    send(scene.loader(), Signal::KILL);
    scene.wait_for("loader_lost", 1);
    let outcome = scene.reload();
    assert_eq!(outcome["event"], "config_refused");
    assert!(outcome["reason"].as_str().unwrap().contains("loader"));
    open.command("NOOP").unwrap();
    scene.client().command("NOOP").unwrap();
}

#[test]
fn the_loader_ends_with_its_server() {
    let scene = Scene::start();
    let loader = scene.loader();
    assert!(is_alive(loader));
    scene.signal(Signal::KILL);
    wait_until("the loader's end", || (!is_alive(loader)).then_some(()));
}
