//! How a connection that is passed on ends: one half after the other, with its store, or with the server.

use std::io::{ErrorKind, Read as _, Write as _};
use std::net::{Ipv4Addr, Shutdown, SocketAddr, TcpListener, TcpStream};
use std::sync::mpsc;
use std::thread;

use rustix::process::Signal;
use rustls::ClientConnection;
use rustls::pki_types::ServerName;

use tests::harness::certificate;
use tests::harness::dovecot::{ANN, Dovecot};
use tests::harness::footprint;
use tests::harness::imap::{Client, trusting};
use tests::harness::keyhole::{Behind, Keyhole};
use tests::harness::scratch::Scratch;
use tests::harness::wait;

use crate::{port, start};

const ROUTES: &str = "no_name = \"store\"\nroutes = { \"localhost\" = \"store\" }\n";
/// More than any buffer on the way.
const MUCH: usize = 3 * 1024 * 1024;

fn before(behind: &Behind, server: &str) -> (SocketAddr, Keyhole) {
    let (address, section) = port(ROUTES);
    (address, start(behind, server, &section))
}

/// A ClientHello for `localhost`, as rustls writes it.
fn hello() -> Vec<u8> {
    let folder = Scratch::new();
    let certificate = certificate::make(folder.path());
    let name = ServerName::try_from("localhost").expect("a name");
    let config = trusting(&certificate.authority);
    let mut connection = ClientConnection::new(config, name).expect("a TLS client");
    let mut hello = Vec::new();
    connection.write_tls(&mut hello).expect("a hello");
    hello
}

/// Which half is ended first.
#[derive(Clone, Copy)]
enum First {
    Client,
    Store,
}

/// Sends what it has, ends its half, and gives what came until the other half ended.
fn speaks_first(stream: &mut TcpStream, octets: &[u8]) -> Vec<u8> {
    stream.write_all(octets).expect("octets are sent");
    stream.shutdown(Shutdown::Write).expect("half an end");
    let mut came = Vec::new();
    stream.read_to_end(&mut came).expect("the other half");
    came
}

/// Takes what comes until that half ends, and only then answers.
fn speaks_last(stream: &mut TcpStream, octets: &[u8]) -> Vec<u8> {
    let mut came = Vec::new();
    stream.read_to_end(&mut came).expect("the first half");
    stream.write_all(octets).expect("octets are sent");
    stream.shutdown(Shutdown::Write).expect("the other end");
    came
}

/// Each half ends by itself, and not an octet of the other is lost.
fn ends_by_halves(first: First) {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).expect("a listener");
    let behind = Behind::loopback(listener.local_addr().expect("its address"));
    let (address, _keyhole) = before(&behind, "");
    let hello = hello();
    let wanted = hello.clone();
    let answer = vec![b's'; MUCH];
    let said = answer.clone();
    let (asked, store) = mpsc::channel();
    let serve = move |mut stream: TcpStream| {
        let mut began = vec![0; wanted.len()];
        // The server itself came once, when it started, and says nothing.
        if stream.read_exact(&mut began).is_ok() {
            assert_eq!(began, wanted, "the very octets");
            let heard = match first {
                First::Client => speaks_last(&mut stream, &said),
                First::Store => speaks_first(&mut stream, &said),
            };
            asked.send(heard).expect("the test waits");
        }
    };
    thread::spawn(move || {
        for stream in listener.incoming().map_while(Result::ok) {
            let serve = serve.clone();
            thread::spawn(move || serve(stream));
        }
    });
    let mut client = TcpStream::connect(address).expect("a connection");
    client
        .set_read_timeout(Some(wait::PATIENCE))
        .expect("a timeout");
    client.write_all(&hello).expect("the hello");
    let question = vec![b'c'; MUCH];
    let came = match first {
        First::Client => speaks_first(&mut client, &question),
        First::Store => speaks_last(&mut client, &question),
    };
    assert!(came == answer, "{} octets came", came.len());
    let asked = store.recv_timeout(wait::PATIENCE).expect("the store");
    assert!(asked == question, "{} octets were asked", asked.len());
}

#[test]
fn a_client_that_has_said_all_still_gets_its_answer() {
    ends_by_halves(First::Client);
}

#[test]
fn a_store_that_has_said_all_is_still_told_the_rest() {
    ends_by_halves(First::Store);
}

#[test]
fn a_killed_store_ends_its_clients_and_is_missed_by_new_ones() {
    let dovecot = Dovecot::start();
    let (address, mut keyhole) = before(&Behind::dovecot(&dovecot), "");
    let mut client = Client::tls(address, &dovecot.certificate.authority);
    client.login(ANN);
    dovecot.signal(Signal::KILL);
    assert_eq!(client.rest(), "");
    keyhole.wait_for("connection_closed", |_| true);
    // A fatal alert of TLS (RFC 8446 §6.2): internal_error.
    let mut late = TcpStream::connect(address).expect("a connection");
    late.set_read_timeout(Some(wait::PATIENCE))
        .expect("a timeout");
    late.write_all(&hello()).expect("the hello");
    let mut said = [0; 7];
    late.read_exact(&mut said).expect("an alert");
    assert_eq!(said, [21, 3, 3, 0, 2, 2, 80]);
    let reason = "the store cannot be reached";
    keyhole.wait_for("passthrough_refused", |record| record["reason"] == reason);
}

#[test]
fn a_drain_lets_clients_finish_and_then_cuts_them_off() {
    let dovecot = Dovecot::start();
    let (address, mut keyhole) = before(&Behind::dovecot(&dovecot), "drain_seconds = 3\n");
    let authority = &dovecot.certificate.authority;
    let mut finishes = Client::tls(address, authority);
    let mut stays = Client::tls(address, authority);
    finishes.login(ANN);
    stays.login(ANN);
    footprint::signal(keyhole.process(), Signal::TERM);
    keyhole.wait_for("draining", |_| true);
    wait::until("the port to be closed", || {
        match TcpStream::connect(address) {
            Ok(_) => None,
            Err(error) => (error.kind() == ErrorKind::ConnectionRefused).then_some(()),
        }
    });
    // Nobody tells them: it is the store that they speak with.
    assert!(finishes.command("NOOP").is_ok());
    assert!(finishes.command("LOGOUT").is_ok());
    assert!(stays.command("NOOP").is_ok());
    let begun = wait::now();
    assert_eq!(stays.rest(), "");
    assert!(begun.elapsed().as_secs() < 10);
    assert!(keyhole.terminate().success());
}
