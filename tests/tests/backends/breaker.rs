//! When an address is left alone: for two clients' failures, never for one's.

use std::io;
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::thread;

use tests::harness::dovecot::ANN;
use tests::harness::embedded::Embedded;
use tests::harness::imap::Client;
use tests::harness::keyhole::{Behind, Keyhole, Settings};
use tests::harness::program::free_address;
use tests::harness::wait;

const FAILURES: usize = 3;

fn start(store: SocketAddr) -> Keyhole {
    let settings = Settings {
        listen: "[imap.admission]\nproxy_protocol = \"required\"\ntrusted = [\"127.0.0.0/8\"]\n"
            .to_owned(),
        store: format!("[backend.store.breaker]\nfailures = {FAILURES}\ncool_seconds = 2\n"),
        vault: "pool = 1\n".to_owned(),
        ..Settings::default()
    };
    Keyhole::start_with(&Behind::loopback(store), &settings)
}

/// A client at 203.0.113.`host`, as a proxy in front says.
fn at(keyhole: &Keyhole, host: u8) -> Client {
    let header = format!("PROXY TCP4 203.0.113.{host} 192.0.2.1 4711 993\r\n");
    let authority = &keyhole.certificate.authority;
    Client::tls_behind(keyhole.address, authority, header.as_bytes())
}

fn is_told_to_come_later(keyhole: &Keyhole, host: u8) {
    let answer = at(keyhole, host).command("LOGIN ann x");
    assert!(answer.tagged.starts_with("NO [UNAVAILABLE]"), "{answer:?}");
}

/// Passes connections on from `address`.
fn forward(address: SocketAddr, to: SocketAddr) {
    let listener = TcpListener::bind(address).expect("the address is still free");
    thread::spawn(move || {
        for near in listener.incoming().map_while(Result::ok) {
            let far = TcpStream::connect(to).expect("the store");
            for (from, into) in [(&near, &far), (&far, &near)] {
                let (mut from, mut into) = (
                    from.try_clone().expect("a second handle"),
                    into.try_clone().expect("a second handle"),
                );
                thread::spawn(move || {
                    // Whichever side ends.
                    drop(io::copy(&mut from, &mut into));
                    into.shutdown(std::net::Shutdown::Write).ok();
                });
            }
        }
    });
}

#[test]
fn two_clients_failures_open_it_and_a_success_closes_it() {
    let address = free_address();
    let mut keyhole = start(address);
    for _ in 0..2 * FAILURES {
        is_told_to_come_later(&keyhole, 1);
    }
    assert!(
        keyhole.events("backend_down").is_empty(),
        "{}",
        keyhole.log()
    );
    is_told_to_come_later(&keyhole, 2);
    let down = keyhole.wait_for("backend_down", |_| true);
    assert_eq!(down["reason"], "connect", "{down}");
    // While it is open the address is not even tried.
    let tried = |keyhole: &Keyhole| {
        let failures = keyhole.events("store_unreachable");
        let connects = failures.iter().filter(|one| one["address"].is_string());
        connects.count()
    };
    let before = tried(&keyhole);
    is_told_to_come_later(&keyhole, 3);
    assert_eq!(tried(&keyhole), before, "{}", keyhole.log());
    let store = Embedded::start();
    forward(address, store.address);
    wait::until("the store to be tried again", || {
        let login = format!("LOGIN {} \"{}\"", ANN.name, ANN.password);
        let answer = at(&keyhole, 4).command(&login);
        std::thread::sleep(std::time::Duration::from_millis(100));
        answer.is_ok().then_some(())
    });
    keyhole.wait_for("backend_up", |_| true);
}

#[test]
fn wrong_passwords_are_nobodys_failure_but_the_clients() {
    let store = Embedded::start();
    let keyhole = start(store.address);
    for host in 10..20 {
        let answer = at(&keyhole, host).command("LOGIN ann wrong");
        assert!(answer.tagged.starts_with("NO"), "{answer:?}");
    }
    at(&keyhole, 20).login(ANN);
    assert!(keyhole.events("backend_down").is_empty());
}

/// How long a login takes, and whether it is accepted.
fn timed(keyhole: &Keyhole, host: u8, password: &str) -> (f64, bool) {
    let mut client = at(keyhole, host);
    let begun = wait::now();
    let answer = client.command(&format!("LOGIN {} \"{password}\"", ANN.name));
    (begun.elapsed().as_secs_f64(), answer.is_ok())
}

#[test]
fn failed_logins_wait_longer_each_time_until_one_succeeds() {
    let store = Embedded::start();
    let mut keyhole = start(store.address);
    let (first, _) = timed(&keyhole, 30, "wrong");
    assert!(first < 1.9, "{first}");
    let (second, _) = timed(&keyhole, 30, "wrong");
    assert!((1.9..3.9).contains(&second), "{second}\n{}", keyhole.log());
    // Somebody else does not wait.
    let (other, accepted) = timed(&keyhole, 31, ANN.password);
    assert!(accepted && other < 1.9, "{other}");
    let (third, accepted) = timed(&keyhole, 30, ANN.password);
    assert!(accepted && (3.9..7.9).contains(&third), "{third}");
    let (after, accepted) = timed(&keyhole, 30, ANN.password);
    assert!(accepted && after < 1.9, "{after}");
    for milliseconds in [2000, 4000] {
        // The wait is what is left of it since the failure.
        let near = move |record: &serde_json::Value| {
            let waits = record["milliseconds"].as_u64().unwrap_or(0);
            (milliseconds - 500..=milliseconds).contains(&waits)
        };
        keyhole.wait_for("login_delayed", near);
    }
}
