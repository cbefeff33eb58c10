//! The client fails: goes away at any moment, does not read, says nothing, comes in crowds.

use std::io::{Read as _, Write as _};
use std::net::TcpStream;

use tests::harness::dovecot::ANN;
use tests::harness::keyhole::Settings;

use tests::harness::wait;

use crate::saboteur::Act;
use crate::scene::{LONG, PHOTO, Scene, next_event, short, within_part};

/// Octets of a part that the vault has when its client goes.
const SOME: usize = 10_000;

#[test]
fn a_client_that_vanishes_in_a_command_or_an_answer_leaves_nothing() {
    let mut scene = Scene::new();
    let half: [&[u8]; 4] = [
        b"t9 UID FET",
        b"t9 APPEND INBOX {1000}\r\n",
        b"t9 UID CONVERT 1 (\"application/vnd.keyhole.sealed\" (",
        b"t9 IDLE\r\n",
    ];
    for octets in half {
        let mut client = scene.client();
        client.write(octets);
        drop(client);
        scene.is_as_before();
    }
    let mut client = scene.client();
    client.send(&format!("UID FETCH {LONG} BODY.PEEK[]"));
    client.read_some();
    drop(client);
    scene.is_as_before();
    let mut visit = scene.visit();
    let _unused = visit.prepare(PHOTO, "2");
    drop(visit);
    scene.is_as_before();
}

#[test]
fn a_client_that_vanishes_while_a_vault_works_takes_the_vault_with_it() {
    let mut scene = Scene::new();
    let mut visit = scene.visit();
    let prepared = visit.prepare(PHOTO, "2");
    scene.saboteur.arm(within_part(&prepared, SOME, Act::Hold));
    visit.abandon(&prepared, || scene.saboteur.has_happened());
    // The store still holds the part back: nothing of that keeps the vault.
    let ended = next_event(&scene.keyhole, "vault_ended", 0);
    assert_eq!(ended["exit"], "status 4", "alone");
    scene.is_as_before();
    scene.still_works();
}

#[test]
fn a_client_that_never_reads_is_given_up_and_holds_nobody_up() {
    let mut scene = Scene::with(&Settings {
        listen: "unread_seconds = 1\n".to_owned(),
        ..short()
    });
    let mut deaf = scene.client();
    deaf.send(&format!("UID FETCH {LONG} BODY.PEEK[]"));
    scene.bystander.is_unharmed();
    let late = next_event(&scene.keyhole, "client_timed_out", 0);
    assert_eq!(late["reason"], "answers are left unread");
    // Its end of the connection is still open: nothing of the server's is.
    scene.is_as_before();
    drop(deaf);
}

#[test]
fn slow_clients_are_ended_and_an_honest_one_gets_in_meanwhile() {
    const EACH: usize = 20;
    let mut scene = Scene::with(&Settings {
        listen: "handshake_seconds = 2\nlogin_seconds = 3\n".to_owned(),
        ..short()
    });
    let address = scene.keyhole.address;
    let connect = || TcpStream::connect(address).unwrap();
    let silent: Vec<_> = (0..EACH).map(|_| connect()).collect();
    let hello: Vec<_> = (0..EACH)
        .map(|_| {
            let mut socket = connect();
            socket.write_all(&[0x16, 0x03, 0x01]).unwrap();
            socket
        })
        .collect();
    let nobody: Vec<_> = (0..EACH)
        .map(|_| {
            let mut client = scene.stranger();
            client.write(b"t1 LOGIN ann ");
            client
        })
        .collect();
    let begun = wait::now();
    let mut honest = scene.stranger();
    honest.login(ANN);
    println!("an honest login took {:?}", begun.elapsed());
    scene.bystander.is_unharmed();
    for mut socket in silent.into_iter().chain(hello) {
        // Reset or closed: over.
        socket.read_to_end(&mut Vec::new()).ok();
    }
    for client in nobody {
        let came = client.rest();
        assert!(came.starts_with("* BYE"), "{came}");
    }
    assert!(honest.command("NOOP").is_ok());
    drop(honest);
    scene.is_as_before();
}

#[test]
fn a_flood_is_refused_at_the_limit_and_the_places_come_free_again() {
    const PLACES: usize = 6;
    let mut scene = Scene::with(&Settings {
        listen: format!("[imap.admission]\nconnections_per_address = {PLACES}\n"),
        ..short()
    });
    let mut clients: Vec<_> = (1..PLACES).map(|_| scene.client()).collect();
    let mut flood: Vec<_> = (0..100)
        .map(|_| TcpStream::connect(scene.keyhole.address).unwrap())
        .collect();
    for socket in &mut flood {
        // Reset or closed: over, without a word.
        let mut came = Vec::new();
        socket.read_to_end(&mut came).ok();
        assert!(came.is_empty(), "{came:?}");
    }
    next_event(&scene.keyhole, "connection_refused", flood.len() - 1);
    for client in &mut clients {
        assert!(client.command("NOOP").is_ok());
    }
    let closed = scene.keyhole.events("connection_closed").len() + clients.len();
    drop(clients);
    next_event(&scene.keyhole, "connection_closed", closed - 1);
    scene.is_as_before();
    scene.still_works();
}

#[test]
fn starttls_inside_tls_is_refused_and_nothing_else_changes() {
    let mut scene = Scene::new();
    let mut client = scene.stranger();
    let refused = client.command("STARTTLS");
    assert!(
        !refused.is_ok() && refused.untagged.is_empty(),
        "{refused:?}"
    );
    client.login(ANN);
    assert!(!client.command("STARTTLS").is_ok());
    assert!(client.command("NOOP").is_ok());
    drop(client);
    scene.is_as_before();
}

#[test]
fn what_is_no_imap_ends_in_a_bye() {
    let mut scene = Scene::new();
    let endless = vec![b'x'; 70_000];
    let cases: [&[u8]; 4] = [
        b"a\0b NOOP\r\n",
        b"t9 NOOP\nt10 NOOP\r\n",
        &endless,
        b"t9 APPEND INBOX {99999999999999999999999}\r\n",
    ];
    for octets in cases {
        let mut client = scene.client();
        client.write(octets);
        let came = client.rest();
        assert!(came.starts_with("* BYE ["), "{came}");
        scene.is_as_before();
    }
}
