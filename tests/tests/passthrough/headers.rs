//! Who the client is: a PROXY protocol header is believed from whom it should be, and told to Dovecot.

use std::io::{Read as _, Write as _};
use std::net::{SocketAddr, TcpStream};

use tests::harness::dovecot::{ANN, Dovecot};
use tests::harness::imap::Client;
use tests::harness::keyhole::{Behind, Keyhole};
use tests::harness::wait;

use crate::{port, start};

const FIRST: &[u8] = b"PROXY TCP4 203.0.113.7 192.0.2.1 4711 993\r\n";

/// Version 2: PROXY, TCP over IPv4, 203.0.113.7:4711 to 192.0.2.1:993.
fn second() -> Vec<u8> {
    let addresses = [203, 0, 113, 7, 192, 0, 2, 1, 0x12, 0x67, 0x03, 0xe1];
    let start = [0x21, 0x11, 0, 12];
    [
        b"\r\n\r\n\0\r\nQUIT\n".as_slice(),
        start.as_slice(),
        addresses.as_slice(),
    ]
    .concat()
}

/// A port that admits as `admission` says, before a Dovecot that is told by `out`.
fn before(dovecot: &Dovecot, admission: &str, out: &str) -> (SocketAddr, Keyhole) {
    let (address, section) = port(&format!(
        "no_name = \"told\"\nroutes = {{}}\n[passthrough.admission]\n{admission}"
    ));
    let haproxy = dovecot.haproxy_tls.expect("its port");
    let authority = &dovecot.certificate.authority;
    let told = Behind::tls(haproxy, "localhost", authority).section("told");
    let more =
        format!("{section}{told}proxy_protocol = \"{out}\"\n[routing]\ndefault = \"store\"\n");
    (address, start(&Behind::dovecot(dovecot), "", &more))
}

/// Ann logs in behind this header, and Dovecot logs that she came from there.
fn comes_from(dovecot: &Dovecot, address: SocketAddr, header: &[u8], wanted: &str) {
    let authority = &dovecot.certificate.authority;
    let mut client = Client::tls_behind(address, authority, header);
    client.login(ANN);
    wait::until("Dovecot to log where she came from", || {
        let log = dovecot.log();
        log.lines()
            .any(|line| line.contains("user=<ann>") && line.contains(wanted))
            .then_some(())
    });
}

#[test]
fn both_versions_are_taken_and_told() {
    let dovecot = Dovecot::start_with_everything();
    let admission = "proxy_protocol = \"required\"\ntrusted = [\"127.0.0.0/8\"]\n";
    for (header, out) in [(FIRST.to_vec(), "v2"), (second(), "v1")] {
        let (address, _keyhole) = before(&dovecot, admission, out);
        let seen = dovecot.log().matches("rip=203.0.113.7").count();
        comes_from(&dovecot, address, &header, "rip=203.0.113.7, rport=4711");
        assert!(dovecot.log().matches("rip=203.0.113.7").count() > seen);
    }
}

#[test]
fn where_it_is_optional_a_client_may_come_without() {
    let dovecot = Dovecot::start_with_everything();
    let admission = "proxy_protocol = \"optional\"\ntrusted = [\"127.0.0.0/8\"]\n";
    let (address, _keyhole) = before(&dovecot, admission, "v2");
    comes_from(&dovecot, address, b"", "rip=127.0.0.1");
    comes_from(&dovecot, address, &second(), "rip=203.0.113.7, rport=4711");
}

/// The connection ends without an octet.
fn is_closed(address: SocketAddr, octets: &[u8]) {
    let mut stream = TcpStream::connect(address).expect("a connection");
    stream
        .set_read_timeout(Some(wait::PATIENCE))
        .expect("a timeout");
    // It may be closed already.
    stream.write_all(octets).ok();
    let mut said = Vec::new();
    // A reset is an end, too; silence is none.
    match stream.read_to_end(&mut said) {
        Ok(_) => {}
        Err(error) => assert_eq!(error.kind(), std::io::ErrorKind::ConnectionReset),
    }
    assert!(said.is_empty(), "{said:?}");
}

#[test]
fn nobody_else_says_who_a_client_is() {
    let dovecot = Dovecot::start_with_everything();
    for how in ["required", "optional"] {
        let admission = format!("proxy_protocol = \"{how}\"\ntrusted = [\"192.0.2.0/24\"]\n");
        let (address, mut keyhole) = before(&dovecot, &admission, "v2");
        is_closed(address, FIRST);
        is_closed(address, &second());
        let reason = "a PROXY header is not believed from here";
        keyhole.wait_for("proxy_header_refused", |record| record["reason"] == reason);
    }
    assert!(!dovecot.log().contains("203.0.113.7"));
}

#[test]
fn where_it_is_required_nobody_comes_without() {
    let dovecot = Dovecot::start_with_everything();
    let admission = "proxy_protocol = \"required\"\ntrusted = [\"127.0.0.0/8\"]\n";
    let (address, mut keyhole) = before(&dovecot, admission, "v2");
    is_closed(
        address,
        b"\x16\x03\x01\x00\xc8\x01\x00\x00\xc4\x03\x03 and so on",
    );
    keyhole.wait_for("proxy_header_refused", |_| true);
}
