use std::time::{Duration, Instant};

use super::*;

#[expect(
    clippy::disallowed_methods,
    reason = "a test that measures how long something took"
)]
fn now() -> Instant {
    Instant::now()
}

async fn refused(greeting: &'static [u8]) -> (Unreachable, Backends) {
    let store = Scripted::saying(greeting).await;
    let backends = one(&[store.address], "");
    let why = backends.dial("joe", &client(1)).await.unwrap_err();
    (why, backends)
}

#[tokio::test]
async fn a_store_that_greets_is_ready_for_a_login() {
    let store = Scripted::saying(GREETING).await;
    let backends = one(&[store.address], "");
    assert_eq!(backends.mechanisms(), None, "nothing was seen yet");
    let task = tokio::spawn({
        let backends = backends.clone();
        async move { backends.dial("joe", &client(1)).await }
    });
    let upstream = task.await.unwrap().unwrap();
    assert!(upstream.capabilities.contains("AUTH=PLAIN"));
    assert!(upstream.surplus.is_empty());
    assert_eq!(upstream.backend.name.as_str(), "one");
    assert_eq!(upstream.ticket.address(), store.address);
    let learned = backends.mechanisms().unwrap();
    assert_eq!(learned.encode(), "AUTH=PLAIN AUTH=XOAUTH2");
    assert_eq!(backends.health().first().unwrap().connections, 1);
    drop(upstream);
    assert_eq!(backends.health().first().unwrap().connections, 0);
}

#[tokio::test]
async fn only_what_every_store_offers_is_offered() {
    let stores = [
        Scripted::saying(GREETING).await,
        Scripted::saying(b"* OK [CAPABILITY IMAP4rev1 auth=plain] hi\r\n").await,
    ];
    let text = section("one", &[stores[0].address], "") + &section("two", &[stores[1].address], "");
    let backends = backends(&format!(
        "{text}[routing]\ndefault = \"one\"\n[routing.users]\n\"@b.example\" = \"two\"\n"
    ));
    for (user, backend) in [("joe", "one"), ("joe@b.example", "two")] {
        let upstream = backends.dial(user, &client(1)).await.unwrap();
        assert_eq!(upstream.backend.name.as_str(), backend);
    }
    assert_eq!(backends.mechanisms().unwrap().encode(), "AUTH=PLAIN");
}

/// Every client's connection looks through what was seen.
#[tokio::test]
async fn what_a_store_offers_in_thousands_is_not_remembered() {
    const GREETING: &[u8] = b"* OK [CAPABILITY IMAP4rev1 AUTH=A AUTH=B auth=plain AUTH=PLAIN AUTH=C AUTH=PLAIN LOGIN] hi\r\n";
    let store = Scripted::saying(GREETING).await;
    let backends = one(&[store.address], "");
    let upstream = backends.dial("joe", &client(1)).await.unwrap();
    assert!(upstream.capabilities.contains("AUTH=B"));
    assert_eq!(backends.mechanisms().unwrap().encode(), "AUTH=PLAIN");
}

#[tokio::test]
async fn a_store_that_greets_with_preauth_or_bye_is_refused() {
    for greeting in [&b"* PREAUTH joe\r\n"[..], b"* BYE busy\r\n"] {
        let (why, backends) = refused(greeting).await;
        assert_eq!(why, Unreachable::Unavailable(Stage::Greeting));
        assert_eq!(counted(&backends, Event::StoreRefused), 1);
    }
}

#[tokio::test]
async fn a_greeting_that_hangs_or_stops_half_way_is_waited_for_so_long_and_no_longer() {
    for greeting in [&b""[..], b"* OK [CAPABILI"] {
        let before = now();
        let (why, _) = refused(greeting).await;
        assert_eq!(why, Unreachable::Unavailable(Stage::Greeting));
        assert!(before.elapsed() < Duration::from_secs(5));
    }
}

#[tokio::test]
async fn a_greeting_without_end_is_not_read_to_its_end() {
    let store = Scripted::new(|mut socket| async move {
        drop(socket.write_all(b"* OK ").await);
        while socket.write_all(&[b'x'; 4096]).await.is_ok() {}
    })
    .await;
    let backends = one(&[store.address], "");
    let why = backends.dial("joe", &client(1)).await.unwrap_err();
    assert_eq!(why, Unreachable::Unavailable(Stage::Greeting));
    assert_eq!(
        counted(&backends, Event::StoreRefused),
        1,
        "by its size, not by time"
    );
}

#[tokio::test]
async fn a_store_that_keeps_its_capabilities_to_itself_is_asked() {
    let store = Scripted::new(|mut socket| async move {
        say(&mut socket, b"* OK hi\r\n").await;
        assert_eq!(line(&mut socket).await, "K0 CAPABILITY\r\n");
        say(&mut socket, b"* CAPABILITY IMAP4rev1 IDLE\r\nK0 O").await;
        say(&mut socket, b"K done\r\n").await;
        wait_for_end(&mut socket).await;
    })
    .await;
    let backends = one(&[store.address], "");
    let upstream = backends.dial("joe", &client(1)).await.unwrap();
    assert_eq!(upstream.capabilities.encode(), "IMAP4rev1 IDLE");
}

#[tokio::test]
async fn a_store_is_told_of_the_client_first_if_it_wants_that() {
    let store = Scripted::new(|mut socket| async move {
        assert_eq!(line(&mut socket).await, "PROXY 192.0.2.7:1\r\n");
        say(&mut socket, GREETING).await;
        wait_for_end(&mut socket).await;
    })
    .await;
    let backends = one(&[store.address], "proxy_protocol = \"v1\"");
    backends.dial("joe", &client(7)).await.unwrap();
}

#[tokio::test]
async fn a_probe_learns_what_is_offered_and_lets_go() {
    let store = Scripted::new(|mut socket| async move {
        assert_eq!(line(&mut socket).await, "PROXY UNKNOWN\r\n");
        say(&mut socket, GREETING).await;
        wait_for_end(&mut socket).await;
    })
    .await;
    let backends = one(&[store.address], "proxy_protocol = \"v1\"");
    backends.probe().await;
    assert!(backends.mechanisms().unwrap().contains("AUTH=XOAUTH2"));
    assert_eq!(backends.health().first().unwrap().connections, 0);
}

#[tokio::test]
async fn a_backend_takes_so_many_connections_and_no_more() {
    let store = Scripted::saying(GREETING).await;
    let backends = one(&[store.address], "connections = 1");
    let first = backends.dial("joe", &client(1)).await.unwrap();
    let second = backends.dial("joe", &client(1)).await.unwrap_err();
    assert_eq!(second, Unreachable::Limit);
    drop(first);
    assert!(backends.dial("joe", &client(1)).await.is_ok());
}

#[tokio::test]
async fn a_connection_to_be_passed_on_is_only_connected() {
    let store = Scripted::saying(GREETING).await;
    let backends = one(&[store.address], "");
    let name = BackendName::try_from("one".to_owned()).unwrap();
    let (mut socket, _ticket) = backends.connect(&name, &client(1)).await.unwrap();
    assert_eq!(line(&mut socket).await.as_bytes(), GREETING);
    assert_eq!(backends.health().first().unwrap().connections, 1);
    let elsewhere = BackendName::try_from("two".to_owned()).unwrap();
    let why = backends.connect(&elsewhere, &client(1)).await.unwrap_err();
    assert_eq!(why, Unreachable::NoRoute);
}
