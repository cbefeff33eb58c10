//! Up to the hello's being with the store.

use super::*;
use crate::event::Event;

const NARROW: Setup<'_> = Setup {
    listener: "hello_seconds = 1\nhello_octets = 512\n[routes]\n'a.org' = 'store'",
    backend: "",
};

async fn refused(passed: &mut Passed) -> Vec<u8> {
    let last = passed.closed().await;
    assert_eq!(passed.metrics.counted(Event::PassthroughRefused), 1);
    assert_eq!(passed.metrics.counted(Event::PassthroughRouted), 0);
    let nobody = tokio::time::timeout(Duration::from_millis(20), passed.stores.accept()).await;
    assert!(nobody.is_err(), "the store was bothered");
    last
}

#[tokio::test]
async fn a_hello_comes_through_unchanged_wherever_it_is_cut() {
    let hello = hello("a.org");
    for cut in 1..hello.len() {
        let mut passed = pass(NARROW).await;
        passed.client.set_nodelay(true).unwrap();
        let (first, second) = hello.split_at(cut);
        passed.client.write_all(first).await.unwrap();
        tokio::task::yield_now().await;
        tokio::time::sleep(Duration::from_millis(1)).await;
        passed.client.write_all(second).await.unwrap();
        exactly(&mut passed.store().await, &hello).await;
        assert_eq!(passed.metrics.counted(Event::PassthroughRouted), 1);
    }
}

#[tokio::test]
async fn without_a_hello_in_time_the_connection_is_closed() {
    let mut passed = pass(NARROW).await;
    passed
        .client
        .write_all(&hello("a.org")[..20])
        .await
        .unwrap();
    assert_eq!(refused(&mut passed).await, b"");
}

#[tokio::test]
async fn what_is_no_hello_or_too_large_a_one_is_closed() {
    let large = [&[22, 3, 1, 16, 0, 1, 0, 15, 0][..], &[0; 2000]].concat();
    for octets in [b"GET / HTTP/1.1\r\n".to_vec(), large] {
        let mut passed = pass(NARROW).await;
        passed.client.write_all(&octets).await.unwrap();
        assert_eq!(refused(&mut passed).await, b"");
    }
}

/// RFC 6066 §3: unrecognized_name(112), fatal.
#[tokio::test]
async fn a_name_without_a_route_is_told_so_and_closed() {
    for name in ["b.org", "x.a.org", ""] {
        let mut passed = pass(NARROW).await;
        passed.client.write_all(&hello(name)).await.unwrap();
        assert_eq!(refused(&mut passed).await, [21, 3, 3, 0, 2, 2, 112]);
    }
}

#[tokio::test]
async fn a_store_that_is_not_there_ends_the_connection() {
    let stores = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await.unwrap();
    let closed = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await.unwrap();
    let port = closed.local_addr().unwrap().port();
    drop(closed);
    let mut passed = pass_to(ALL, &[("store", port)], stores).await;
    passed.client.write_all(&hello("a.org")).await.unwrap();
    assert_eq!(refused(&mut passed).await, [21, 3, 3, 0, 2, 2, 80]);
}

#[tokio::test]
async fn the_store_is_told_who_the_client_is() {
    for (form, version) in [("v1", 1), ("v2", 2)] {
        let mut passed = pass(Setup {
            backend: &format!("proxy_protocol = '{form}'"),
            ..ALL
        })
        .await;
        let hello = hello("a.org");
        passed.client.write_all(&hello).await.unwrap();
        let client = passed.client.local_addr().unwrap();
        let server = passed.client.peer_addr().unwrap();
        let port = |port: u16| port.to_be_bytes();
        let header = match version {
            1 => format!(
                "PROXY TCP4 127.0.0.1 127.0.0.1 {} {}\r\n",
                client.port(),
                server.port()
            )
            .into_bytes(),
            _ => [
                &b"\r\n\r\n\0\r\nQUIT\n\x21\x11\0\x14\x7f\0\0\x01\x7f\0\0\x01"[..],
                &port(client.port()),
                &port(server.port()),
                b"\x02\0\x05a.org",
            ]
            .concat(),
        };
        exactly(&mut passed.store().await, &[header, hello].concat()).await;
    }
}

#[tokio::test]
async fn nothing_said_in_clear_reaches_the_store_or_the_client() {
    let mut passed = pass(Setup {
        listener: "kind = 'imap-starttls'\ndefault = 'store'",
        backend: "",
    })
    .await;
    passed
        .client
        .write_all(b"a NOOP\r\nb STARTTLS\r\nc LOGIN thief x\r\n")
        .await
        .unwrap();
    let answers = "* OK [CAPABILITY IMAP4rev1 STARTTLS LOGINDISABLED] Ready for STARTTLS\r\n\
        a OK NOOP completed\r\nb OK Begin TLS negotiation now\r\n";
    exactly(&mut passed.client, answers.as_bytes()).await;
    let hello = hello("a.org");
    passed.client.write_all(&hello).await.unwrap();
    let mut store = passed.store().await;
    store
        .write_all(b"* OK [ALERT] the store's own\r\n")
        .await
        .unwrap();
    exactly(&mut store, b"keyhole STARTTLS\r\n").await;
    store.write_all(b"keyhole OK go on\r\n").await.unwrap();
    exactly(&mut store, &hello).await;
    store.write_all(b"opaque").await.unwrap();
    exactly(&mut passed.client, b"opaque").await;
    assert_eq!(passed.metrics.counted(Event::StarttlsInjection), 1);
}

#[tokio::test]
async fn submission_gets_to_tls_on_both_sides() {
    let mut passed = pass(Setup {
        listener: "kind = 'smtp-starttls'\ndefault = 'store'",
        backend: "proxy_protocol = 'v1'",
    })
    .await;
    exactly(
        &mut passed.client,
        b"220 [127.0.0.1] ESMTP ready for STARTTLS\r\n",
    )
    .await;
    passed.client.write_all(b"EHLO me\r\n").await.unwrap();
    exactly(&mut passed.client, b"250-[127.0.0.1]\r\n250 STARTTLS\r\n").await;
    passed.client.write_all(b"STARTTLS\r\n").await.unwrap();
    exactly(&mut passed.client, b"220 2.0.0 Ready to start TLS\r\n").await;
    let hello = hello("a.org");
    passed.client.write_all(&hello).await.unwrap();
    let mut store = passed.store().await;
    exactly(&mut store, b"PROXY TCP4 127.0.0.1 ").await;
    while soon(store.read_u8()).await.unwrap() != b'\n' {}
    store.write_all(b"220 mx\r\n").await.unwrap();
    exactly(&mut store, b"EHLO [127.0.0.1]\r\n").await;
    store
        .write_all(b"250-mx\r\n250 STARTTLS\r\n")
        .await
        .unwrap();
    exactly(&mut store, b"STARTTLS\r\n").await;
    store.write_all(b"220 go\r\n").await.unwrap();
    exactly(&mut store, &hello).await;
    assert_eq!(passed.metrics.counted(Event::StarttlsInjection), 0);
}

#[tokio::test]
async fn a_store_that_puts_octets_behind_its_answer_gets_no_hello() {
    let mut passed = pass(Setup {
        listener: "kind = 'imap-starttls'\ndefault = 'store'",
        backend: "",
    })
    .await;
    passed.client.write_all(b"a STARTTLS\r\n").await.unwrap();
    let mut octets = [0; 256];
    let mut answered = Vec::new();
    while !answered.ends_with(b"now\r\n") {
        let read = soon(passed.client.read(&mut octets)).await.unwrap();
        answered.extend(&octets[..read]);
    }
    passed.client.write_all(&hello("a.org")).await.unwrap();
    let mut store = passed.store().await;
    store.write_all(b"* OK hi\r\n").await.unwrap();
    exactly(&mut store, b"keyhole STARTTLS\r\n").await;
    store
        .write_all(b"keyhole OK go\r\n* BYE x\r\n")
        .await
        .unwrap();
    let mut rest = Vec::new();
    soon(store.read_to_end(&mut rest)).await.unwrap();
    assert_eq!(rest, b"");
    assert_eq!(passed.closed().await, [21, 3, 3, 0, 2, 2, 80]);
}
