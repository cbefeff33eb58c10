//! Once octets flow.

use super::*;
use crate::event::Event;

const MUCH: usize = 10 << 20;

fn pattern(length: usize) -> Vec<u8> {
    (0_u32..)
        .map(|n| u8::try_from(n * 7 % 251).unwrap())
        .take(length)
        .collect()
}

/// `done` ends its side; then much comes the other way, whole, and the connection ends with it.
async fn half_closed(mut done: TcpStream, mut going_on: TcpStream) {
    done.write_all(b"last words").await.unwrap();
    done.shutdown().await.unwrap();
    let mut heard = Vec::new();
    soon(going_on.read_to_end(&mut heard)).await.unwrap();
    assert_eq!(heard, b"last words");
    let much = pattern(MUCH);
    let sending = async {
        going_on.write_all(&much).await.unwrap();
        going_on.shutdown().await.unwrap();
    };
    let mut got = Vec::new();
    let (_, read) = soon(async { tokio::join!(sending, done.read_to_end(&mut got)) }).await;
    read.unwrap();
    assert!(got == pattern(MUCH), "{} octets", got.len());
}

#[tokio::test]
async fn a_client_that_is_done_still_gets_its_answer() {
    let (passed, store) = flowing(ALL).await;
    half_closed(passed.client, store).await;
    let carried = soon(passed.passing).await.unwrap();
    assert_eq!(
        carried,
        Carried {
            to_store: 10,
            to_client: MUCH as u64
        }
    );
    let counted: Vec<_> = passed
        .metrics
        .all()
        .filter(|(name, _)| name.starts_with("octets_to_"))
        .collect();
    assert_eq!(
        counted[..2],
        [("octets_to_store", 10), ("octets_to_client", MUCH as u64)]
    );
    assert_eq!(passed.entry.octets(Way::ToStore), 10);
    assert_eq!(passed.entry.octets(Way::ToClient), MUCH as u64);
}

#[tokio::test]
async fn a_store_that_is_done_still_hears_the_client() {
    let (passed, store) = flowing(ALL).await;
    half_closed(store, passed.client).await;
    let carried = soon(passed.passing).await.unwrap();
    assert_eq!(
        carried,
        Carried {
            to_store: MUCH as u64,
            to_client: 10
        }
    );
}

/// What nobody reads stays with its sender: the kernel's buffers and one of ours, then it stops.
#[tokio::test]
async fn a_reader_that_stalls_stops_the_writer() {
    let (mut passed, store) = flowing(ALL).await;
    let block = pattern(64 * 1024);
    let mut sent = 0_usize;
    let blocked = loop {
        let writing = async {
            store.writable().await.unwrap();
            store.try_write(&block)
        };
        match tokio::time::timeout(Duration::from_millis(500), writing).await {
            Ok(Ok(octets)) => sent += octets,
            Ok(Err(e)) => assert_eq!(e.kind(), std::io::ErrorKind::WouldBlock),
            Err(_) => break sent,
        }
        assert!(sent < 256 << 20, "nothing stops the writer");
    };
    // Then it goes on where it stopped, and nothing is lost.
    let mut got = vec![0; blocked];
    soon(passed.client.read_exact(&mut got)).await.unwrap();
    assert!(got.chunks(1 << 16).all(|chunk| !chunk.is_empty()));
}

#[tokio::test]
async fn both_ways_flow_at_once_and_whole() {
    let (passed, store) = flowing(ALL).await;
    let much = pattern(MUCH);
    let side = |socket: TcpStream| {
        let much = &much;
        async move {
            let (mut reader, mut writer) = socket.into_split();
            let sending = async {
                writer.write_all(much).await.unwrap();
                writer.shutdown().await.unwrap();
            };
            let mut got = Vec::new();
            let (_, read) = tokio::join!(sending, reader.read_to_end(&mut got));
            read.unwrap();
            assert!(got == *much, "{} octets", got.len());
        }
    };
    soon(async { tokio::join!(side(passed.client), side(store)) }).await;
    let both = MUCH as u64;
    assert_eq!(
        soon(passed.passing).await.unwrap(),
        Carried {
            to_store: both,
            to_client: both
        }
    );
}

#[tokio::test]
async fn a_reset_of_one_side_closes_the_other() {
    let (mut passed, store) = flowing(ALL).await;
    rustix::net::sockopt::set_socket_linger(&store, Some(Duration::ZERO)).unwrap();
    drop(store);
    assert_eq!(passed.closed().await, b"");
    soon(passed.passing).await.unwrap();
}

#[tokio::test]
async fn where_nothing_flows_for_too_long_both_sides_are_closed() {
    let idle = Setup {
        listener: "default = 'store'\nidle_seconds = 1",
        ..ALL
    };
    let (mut passed, mut store) = flowing(idle).await;
    // Something that flows keeps it open beyond its time.
    for _ in 0..4 {
        tokio::time::sleep(Duration::from_millis(400)).await;
        store.write_all(b"x").await.unwrap();
        exactly(&mut passed.client, b"x").await;
    }
    assert_eq!(passed.metrics.counted(Event::ClientTimedOut), 0);
    assert_eq!(passed.closed().await, b"");
    assert_eq!(passed.metrics.counted(Event::ClientTimedOut), 1);
}

/// Five figures of these wait in a server: what one holds is counted in hundreds of octets.
#[tokio::test]
async fn a_connection_that_waits_is_small() {
    assert!(size_of::<Passing>() <= 320, "{}", size_of::<Passing>());
}
