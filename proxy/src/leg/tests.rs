//! Legs over real sockets: TLS, compression, both, a reader that stalls.

use std::{future::poll_fn, sync::Arc, time::Duration};

use rustls::{ClientConfig, ClientConnection, RootCertStore, ServerConfig, ServerConnection};
use tokio::net::{TcpListener, TcpStream};

use super::*;

async fn sockets() -> (TcpStream, TcpStream) {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let (ours, theirs) = tokio::join!(TcpStream::connect(address), listener.accept());
    (ours.unwrap(), theirs.unwrap().0)
}

/// Two ends of a TLS connection whose handshake is done.
async fn secured() -> (Leg, Leg) {
    let made = rcgen::generate_simple_self_signed(["localhost".to_owned()]).unwrap();
    let provider = Arc::new(rustls::crypto::aws_lc_rs::default_provider());
    let mut roots = RootCertStore::empty();
    roots.add(made.cert.der().clone()).unwrap();
    let server = ServerConfig::builder_with_provider(Arc::clone(&provider))
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_no_client_auth()
        .with_single_cert(
            vec![made.cert.der().clone()],
            made.signing_key.serialize_der().try_into().unwrap(),
        )
        .unwrap();
    let client = ClientConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_root_certificates(roots)
        .with_no_client_auth();
    let client = ClientConnection::new(Arc::new(client), "localhost".try_into().unwrap()).unwrap();
    let server = ServerConnection::new(Arc::new(server)).unwrap();
    let (here, there) = sockets().await;
    let mut here = Leg::secure(here, client.into());
    let mut there = Leg::secure(there, server.into());
    let hands = async {
        tokio::join!(
            async {
                here.shake_hands().await.unwrap();
                here.flush().await.unwrap();
            },
            async {
                there.shake_hands().await.unwrap();
                there.flush().await.unwrap();
            }
        )
    };
    hands.await;
    (here, there)
}

async fn say(leg: &mut Leg, octets: &[u8]) {
    for run in octets.chunks(100_000) {
        leg.push(run).unwrap();
        leg.flush().await.unwrap();
    }
}

async fn hear(leg: &mut Leg, wanted: usize) -> Vec<u8> {
    let mut heard = Vec::new();
    while heard.len() < wanted {
        let run =
            poll_fn(|cx| Room::with(|room| leg.poll_receive(cx, room).map_ok(|run| run.to_vec())));
        let run = run.await.unwrap();
        assert!(!run.is_empty(), "ended after {} of {wanted}", heard.len());
        heard.extend(run);
    }
    heard
}

fn octets(count: usize) -> Vec<u8> {
    (0..count)
        .map(|at| u8::try_from(at * at % 251).unwrap())
        .collect()
}

/// What one end says arrives at the other, both ways at once.
async fn carries(mut here: Leg, mut there: Leg) {
    let much = octets(3_000_000);
    let (_, heard) = tokio::join!(say(&mut here, &much), hear(&mut there, much.len()));
    assert!(heard == much);
    say(&mut there, b"short\r\n").await;
    assert_eq!(hear(&mut here, 7).await, b"short\r\n");
    here.finish().await.unwrap();
    let end = poll_fn(|cx| Room::with(|room| there.poll_receive(cx, room).map_ok(|run| run.len())));
    assert_eq!(end.await.unwrap(), 0);
    assert!(!there.is_sending() && there.unsent.capacity() == 0);
}

#[tokio::test]
async fn a_plain_leg_carries_what_it_is_given() {
    let (here, there) = sockets().await;
    carries(Leg::plain(here), Leg::plain(there)).await;
}

#[tokio::test]
async fn a_secure_leg_carries_what_it_is_given() {
    let (here, there) = secured().await;
    carries(here, there).await;
}

#[tokio::test]
async fn a_compressed_leg_carries_what_it_is_given() {
    let (mut here, mut there) = secured().await;
    here.compress(b"");
    there.compress(b"");
    carries(here, there).await;
}

#[tokio::test]
async fn a_leg_whose_other_end_does_not_read_says_that_it_is_sending() {
    let (here, _there) = sockets().await;
    let mut here = Leg::plain(here);
    let mut pushed = 0;
    while !here.is_sending() && pushed < 100_000_000 {
        here.push(&[b'x'; 65_536]).unwrap();
        pushed += 65_536;
        let flushed = tokio::time::timeout(Duration::from_millis(50), here.flush()).await;
        assert!(flushed.is_err() || !here.is_sending());
    }
    assert!(here.is_sending(), "{pushed} octets were taken by nobody");
}
