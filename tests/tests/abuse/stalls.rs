//! Neighbours that do not read, and clients that send an octet at a time.

use std::io::{Read as _, Write as _};
use std::net::{Ipv4Addr, TcpListener, TcpStream};
use std::thread;
use std::time::Duration;

use tests::harness::dovecot::{ANN, BOB};
use tests::harness::embedded::Embedded;
use tests::harness::footprint::Memory;
use tests::harness::imap::Client;
use tests::harness::keyhole::{Behind, Keyhole, Settings};
use tests::harness::{mail, wait};

use crate::scene::Scene;

/// What a client does not read, three times: far more than all buffers on the way hold, as long as the embedded store takes.
const UNREAD: usize = 48 * 1024 * 1024;
/// What a store does not read.
const LONG: usize = 100 * 1024 * 1024;
/// Clients that say nothing more.
const SLOW: usize = 150;
/// How long an honest login may take beside them.
const HONEST: Duration = Duration::from_secs(3);

#[test]
fn a_client_that_does_not_read_costs_buffers_and_not_the_message() {
    let mut scene = Scene::new();
    let line = [b"=".repeat(76).as_slice(), b"\r\n"].concat();
    let text = [b"\r\n".as_slice(), &line.repeat(UNREAD / line.len())].concat();
    scene.store.deliver(ANN, &mail::message("long", &text));
    let mut stalled = Vec::new();
    for _ in 0..3 {
        let mut client = scene.client();
        client.send("FETCH 2 BODY.PEEK[]");
        client.read_some();
        stalled.push(client);
    }
    // They have the octets that fit, and do not take them.
    for _ in 0..20 {
        scene.is_unharmed();
    }
    // One of them changes its mind: not an octet is missing.
    let mut client = scene.client();
    let answer = client.command("FETCH 2 BODY.PEEK[TEXT]");
    assert!(answer.octets().len() > text.len(), "{}", answer.tagged);
    scene.is_unharmed();
}

/// A store that greets, takes a login and then reads nothing more.
fn deaf_store() -> std::net::SocketAddr {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).expect("a listener");
    let address = listener.local_addr().expect("its address");
    thread::spawn(move || {
        for proxy in listener.incoming().map_while(Result::ok) {
            thread::spawn(move || deaf(proxy));
        }
    });
    address
}

fn deaf(mut proxy: TcpStream) {
    proxy
        .write_all(b"* OK [CAPABILITY IMAP4rev1 LITERAL+ SASL-IR AUTH=PLAIN] deaf\r\n")
        .expect("a greeting");
    let mut heard = Vec::new();
    let mut run = [0; 512];
    while !heard.windows(7).any(|place| place == b" APPEND") {
        let taken = proxy.read(&mut run).unwrap_or(0);
        if taken == 0 {
            return;
        }
        for line in run[..taken].split_inclusive(|octet| *octet == b'\n') {
            answer(&mut proxy, line);
        }
        heard.extend_from_slice(&run[..taken]);
    }
    thread::park_timeout(wait::PATIENCE);
}

fn answer(proxy: &mut TcpStream, line: &[u8]) {
    let text = String::from_utf8_lossy(line);
    let Some((tag, command)) = text.trim_end().split_once(' ') else {
        return;
    };
    if !command.starts_with("APPEND") {
        let said = format!("{tag} OK done\r\n");
        proxy.write_all(said.as_bytes()).expect("an answer");
    }
}

#[test]
fn a_store_that_does_not_read_costs_buffers_and_not_the_message() {
    let keyhole = Keyhole::start_with(
        &Behind::loopback(deaf_store()),
        &Settings {
            vault: "pool = 1\n".to_owned(),
            ..Settings::default()
        },
    );
    let resident = || Memory::of(keyhole.process()).expect("it runs").resident;
    let mut client = Client::tls(keyhole.address, &keyhole.certificate.authority);
    client.login(ANN);
    let before = resident();
    let writer = thread::spawn(move || {
        client.write(format!("a APPEND INBOX {{{LONG}+}}\r\n").as_bytes());
        let run = vec![b'x'; 64 * 1024];
        let sent = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| {
            (0..LONG / run.len()).for_each(|_| client.write(&run));
        }));
        drop(sent); // it is cut off when the test ends
    });
    let mut last = 0;
    wait::until("memory to stand still", || {
        thread::sleep(Duration::from_millis(300));
        let now = resident();
        let still = now == last;
        last = now;
        still.then_some(())
    });
    assert!(
        last < before + 12 * 1024 * 1024,
        "{before} before, {last} now"
    );
    drop(keyhole);
    writer.join().expect("the writer is told");
}

/// Before login: TLS not begun, half a handshake, and half a command.
#[test]
fn slow_clients_do_not_keep_an_honest_one_waiting() {
    let mut scene = Scene::new();
    let address = scene.keyhole.address;
    let mut slow = Vec::new();
    for number in 0..SLOW {
        let mut stream = TcpStream::connect(address).expect("a connection");
        if number.is_multiple_of(2) {
            stream
                .write_all(b"\x16\x03\x01\x02\x00\x01")
                .expect("half a hello");
        }
        slow.push(stream);
    }
    let mut half = Vec::new();
    for _ in 0..10 {
        let mut client = scene.stranger();
        client.write(b"a LOGIN ann");
        half.push(client);
        let mut client = scene.client();
        client.write(b"a FETCH 1");
        half.push(client);
    }
    let begun = wait::now();
    let mut honest = scene.stranger();
    honest.login(BOB);
    assert!(begun.elapsed() < HONEST, "{:?}", begun.elapsed());
    scene.is_unharmed();
}

#[test]
fn a_client_that_never_logs_in_is_sent_away() {
    let embedded = Embedded::start();
    let settings = Settings {
        listen: "login_seconds = 2\nhandshake_seconds = 2\n".to_owned(),
        vault: "pool = 1\n".to_owned(),
        ..Settings::default()
    };
    let mut keyhole = Keyhole::start_with(&Behind::embedded(&embedded), &settings);
    let mut client = Client::tls(keyhole.address, &keyhole.certificate.authority);
    client.write(b"a LOG");
    let begun = wait::now();
    assert!(client.rest().contains("* BYE"));
    assert!(begun.elapsed() < Duration::from_secs(6));
    keyhole.wait_for("client_timed_out", |_| true);
    let mut mute = TcpStream::connect(keyhole.address).expect("a connection");
    mute.set_read_timeout(Some(wait::PATIENCE))
        .expect("a timeout");
    assert_eq!(mute.read(&mut [0; 9]).unwrap_or(0), 0);
}
