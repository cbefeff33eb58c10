//! Headers on real sockets: who may send one, and that nothing behind it is taken.

use std::net::Ipv4Addr;

use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::{TcpListener, TcpStream},
};

use super::*;
use crate::{
    config::ProxyProtocolIn,
    peer::{Peer, Word},
};

const SECOND: std::time::Duration = std::time::Duration::from_secs(1);
const LINE: &[u8] = b"PROXY TCP4 192.0.2.9 198.51.100.7 5000 993\r\n";
const BINARY: &[u8] =
    b"\r\n\r\n\0\r\nQUIT\n\x21\x11\0\x0c\xc0\0\x02\x09\xc6\x33\x64\x07\x13\x88\x03\xe1";

async fn pair() -> (TcpStream, TcpStream) {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await.unwrap();
    let address = listener.local_addr().unwrap();
    let (client, accepted) = tokio::join!(TcpStream::connect(address), listener.accept());
    let client = client.unwrap();
    client.set_nodelay(true).unwrap();
    (client, accepted.unwrap().0)
}

fn peer_of(socket: &TcpStream, word: Word) -> Peer {
    let (connected, local) = (socket.peer_addr(), socket.local_addr());
    Peer::direct(connected.unwrap(), local.unwrap(), word)
}

fn trusted() -> [ipnet::IpNet; 2] {
    [
        "127.0.0.0/8".parse().unwrap(),
        "198.51.100.0/24".parse().unwrap(),
    ]
}

/// Sends `pieces` one by one; gives what was admitted and what the socket still holds.
async fn admitted(
    policy: ProxyProtocolIn,
    word: Word,
    pieces: &[&[u8]],
) -> (Result<Peer, Refused>, Vec<u8>) {
    let (mut client, mut socket) = pair().await;
    let peer = peer_of(&socket, word);
    let sending = async {
        for piece in pieces {
            client.write_all(piece).await.unwrap();
            tokio::time::sleep(std::time::Duration::from_millis(2)).await;
        }
        client
    };
    let trusted = trusted();
    let admitting = admit(&socket, policy, &trusted, peer, SECOND);
    let (mut client, peer) = tokio::join!(sending, admitting);
    client.shutdown().await.unwrap();
    let mut rest = Vec::new();
    socket.read_to_end(&mut rest).await.unwrap();
    (peer, rest)
}

#[tokio::test]
async fn exactly_the_header_is_taken_however_it_comes() {
    for header in [LINE, BINARY] {
        let whole = [header, b"\x16\x03\x01"].concat();
        for policy in [ProxyProtocolIn::Required, ProxyProtocolIn::Optional] {
            for cut in [
                1,
                5,
                12,
                15,
                16,
                17,
                header.len() - 1,
                header.len(),
                whole.len(),
            ] {
                let (first, second) = whole.split_at(cut);
                let (peer, rest) = admitted(policy, Word::Trusted, &[first, second]).await;
                let peer = peer.unwrap();
                assert_eq!(peer.client.to_string(), "192.0.2.9:5000");
                assert_eq!(peer.server.to_string(), "198.51.100.7:993");
                assert!(peer.connected.ip().is_loopback());
                assert_eq!(rest, b"\x16\x03\x01", "cut at {cut}");
            }
        }
    }
}

#[tokio::test]
async fn octet_by_octet_it_is_the_same_header() {
    for header in [LINE, BINARY] {
        let pieces: Vec<&[u8]> = header.chunks(1).collect();
        let (peer, _) = admitted(ProxyProtocolIn::Required, Word::Trusted, &pieces).await;
        assert_eq!(peer.unwrap().client.to_string(), "192.0.2.9:5000");
    }
}

#[tokio::test]
async fn a_stranger_is_not_believed() {
    use ProxyProtocolIn::{Off, Optional, Required};
    for header in [LINE, BINARY] {
        for policy in [Optional, Required] {
            let (peer, _) = admitted(policy, Word::Stranger, &[header]).await;
            assert_eq!(peer.unwrap_err(), Refused::Untrusted);
        }
    }
    // Without a header a stranger is itself, where none is required; nothing is taken.
    let (peer, rest) = admitted(Optional, Word::Stranger, &[b"\x16\x03"]).await;
    assert!(peer.unwrap().client.ip().is_loopback());
    assert_eq!(rest, b"\x16\x03");
    let (peer, _) = admitted(Required, Word::Stranger, &[b"\x16\x03"]).await;
    assert_eq!(peer.unwrap_err(), Refused::Untrusted);
    let (peer, rest) = admitted(Off, Word::Trusted, &[LINE]).await;
    assert!(peer.unwrap().client.ip().is_loopback());
    assert_eq!(rest, LINE);
}

#[tokio::test]
async fn a_trusted_proxy_that_sends_something_else_is_refused() {
    use ProxyProtocolIn::{Optional, Required};
    let (peer, _) = admitted(Required, Word::Trusted, &[b"\x16\x03\x01\0\0"]).await;
    assert_eq!(peer.unwrap_err(), Refused::Broken(Fault::Signature));
    let (peer, _) = admitted(Optional, Word::Trusted, &[b"PROXY TCP4 x\r\n"]).await;
    assert_eq!(peer.unwrap_err(), Refused::Broken(Fault::Line));
    let (peer, _) = admitted(Optional, Word::Trusted, &[&b"PROXY UNKNOWN ".repeat(20)]).await;
    assert_eq!(peer.unwrap_err(), Refused::Broken(Fault::TooLong));
    let (peer, rest) = admitted(Required, Word::Trusted, &[b"PROXY UNKNOWN\r\n", b"x"]).await;
    assert!(peer.unwrap().client.ip().is_loopback());
    assert_eq!(rest, b"x");
}

/// What comes behind a header is the client's own words: an ID with fields that begin with `x-` too.
#[tokio::test]
async fn who_is_named_by_a_trusted_proxy_is_not_trusted_for_it() {
    let chained = b"PROXY TCP4 198.51.100.2 198.51.100.7 5000 993\r\n";
    for (header, wanted) in [
        (LINE, Word::Stranger),
        (BINARY, Word::Stranger),
        (chained, Word::Trusted),
        (b"PROXY UNKNOWN\r\n", Word::Trusted),
    ] {
        for policy in [ProxyProtocolIn::Required, ProxyProtocolIn::Optional] {
            let (peer, _) = admitted(policy, Word::Trusted, &[header]).await;
            assert_eq!(peer.unwrap().word, wanted, "{header:?}");
        }
    }
}

/// A header that does not go on costs waiting, not turning in circles.
#[tokio::test]
async fn a_header_that_stays_away_is_waited_for_in_sleep() {
    for part in [&LINE[..20], &BINARY[..14], &BINARY[..20], b"", b"P"] {
        let (mut client, socket) = pair().await;
        client.write_all(part).await.unwrap();
        let peer = peer_of(&socket, Word::Trusted);
        let deadline = std::time::Duration::from_millis(300);
        let mut admitting = std::pin::pin!(admit(
            &socket,
            ProxyProtocolIn::Optional,
            &[],
            peer,
            deadline
        ));
        let mut polls = 0;
        let refused = std::future::poll_fn(|cx| {
            polls += 1;
            admitting.as_mut().poll(cx)
        })
        .await;
        assert_eq!(refused.unwrap_err(), Refused::Late);
        assert!(polls < 8, "{polls} for {} octets", part.len());
    }
    let (client, socket) = pair().await;
    drop(client);
    let peer = peer_of(&socket, Word::Trusted);
    let refused = admit(&socket, ProxyProtocolIn::Required, &[], peer, SECOND).await;
    assert_eq!(refused.unwrap_err(), Refused::Ended);
}

#[test]
fn trust_is_by_network_and_in_ipv4_s_own_form() {
    let trusted = [
        "192.0.2.0/24".parse().unwrap(),
        "2001:db8::/32".parse().unwrap(),
    ];
    for (address, wanted) in [
        ("192.0.2.77", Word::Trusted),
        ("::ffff:192.0.2.77", Word::Trusted),
        ("2001:db8::1", Word::Trusted),
        ("192.0.3.1", Word::Stranger),
        ("::1", Word::Stranger),
    ] {
        assert_eq!(
            word(address.parse().unwrap(), &trusted),
            wanted,
            "{address}"
        );
    }
}
