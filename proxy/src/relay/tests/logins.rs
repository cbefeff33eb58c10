//! The way to the store.

use super::*;
use crate::event::Event;

#[tokio::test]
async fn a_store_that_dies_before_it_greets_is_unavailable_and_the_next_login_is_free() {
    let mut bench = Bench::greeted(Setup::default()).await;
    bench.client.says("a LOGIN u p\r\n").await;
    drop(soon(bench.stores.accept()).await.unwrap());
    let told = bench.client.line().await;
    assert!(told.starts_with("a NO [UNAVAILABLE] "), "{told}");
    assert_eq!(bench.metrics.counted(Event::StoreUnreachable), 1);
    assert!(bench.users.take("u".to_owned()).is_some());
    let mut store = bench.log_in("IMAP4rev1 BINARY").await;
    bench.client.hears(WELCOME).await;
    bench.passes(&mut store, "n NOOP\r\n", "n OK\r\n").await;
}

/// It has the command already: it may or may not have let the user in.
#[tokio::test]
async fn a_store_that_dies_inside_the_login_is_unavailable() {
    let mut bench = Bench::greeted(Setup::default()).await;
    bench.client.says("a LOGIN u p\r\n").await;
    let mut store = bench.store("* OK [CAPABILITY IMAP4rev1] hi\r\n").await;
    store.hears("keyhole2 LOGIN u \"p\"\r\n").await;
    drop(store);
    let told = bench.client.line().await;
    assert!(told.starts_with("a NO [UNAVAILABLE] "), "{told}");
    bench.log_in("IMAP4rev1 BINARY").await;
    bench.client.hears(WELCOME).await;
}

#[tokio::test]
async fn what_a_store_says_behind_its_greeting_is_not_lost() {
    let mut bench = Bench::greeted(Setup::default()).await;
    bench.client.says("l LOGIN u p\r\n").await;
    let greeting = "* OK [CAPABILITY IMAP4rev1] hi\r\n* OK and one thing more\r\n";
    let mut store = bench.store(greeting).await;
    store.hears("keyhole2 LOGIN u \"p\"\r\n").await;
    store
        .says("keyhole2 OK [CAPABILITY IMAP4rev1 BINARY] in\r\n")
        .await;
    bench.client.hears(WELCOME).await;
}

/// Two seconds after the first refusal; all is forgotten once somebody gets in.
#[tokio::test]
async fn who_was_refused_waits_before_the_next_store_is_reached() {
    let mut bench = Bench::greeted(Setup::default()).await;
    let client = facts().peer.client.ip();
    bench.client.says("a LOGIN u p\r\n").await;
    let mut store = bench.store("* OK [CAPABILITY IMAP4rev1] hi\r\n").await;
    store.hears("keyhole2 LOGIN u \"p\"\r\n").await;
    store.says("keyhole2 NO no\r\n").await;
    let told = bench.client.line().await;
    assert!(told.starts_with("a NO "), "{told}");
    let refused = bench.clock.now();
    let mut store = bench.log_in("IMAP4rev1 BINARY").await;
    assert!(bench.clock.now().since(refused) >= Duration::from_millis(1900));
    bench.client.hears(WELCOME).await;
    assert_eq!(bench.metrics.counted(Event::LoginDelayed), 1);
    let delay = bench.penalties.delay(client, bench.clock.now());
    assert!(delay.is_zero());
    bench.passes(&mut store, "n NOOP\r\n", "n OK\r\n").await;
}

/// Silence would tell a wrong password for nothing.
#[tokio::test]
async fn who_hangs_up_before_the_verdict_is_counted_as_refused() {
    let mut bench = Bench::greeted(Setup::default()).await;
    let client = facts().peer.client.ip();
    bench.client.says("a LOGIN u p\r\n").await;
    let mut store = bench.store("* OK [CAPABILITY IMAP4rev1] hi\r\n").await;
    store.hears("keyhole2 LOGIN u \"p\"\r\n").await;
    drop(bench.client);
    soon(bench.relay).await.unwrap();
    let delay = bench.penalties.delay(client, bench.clock.now());
    assert_eq!(delay, Duration::from_secs(2));
}

/// Otherwise a stranger could lock a user out with its name alone.
#[tokio::test]
async fn who_is_not_proven_takes_no_place_from_the_user() {
    let mut bench = Bench::greeted(Setup::default()).await;
    let users = bench.users.clone();
    bench.client.says("a LOGIN u p\r\n").await;
    let mut store = bench.store("* OK [CAPABILITY IMAP4rev1] hi\r\n").await;
    store.hears("keyhole2 LOGIN u \"p\"\r\n").await;
    let (first, second) = (users.take("u".to_owned()), users.take("u".to_owned()));
    assert!(first.is_some() && second.is_some());
    store
        .says("keyhole2 OK [CAPABILITY IMAP4rev1 BINARY] in\r\n")
        .await;
    let told = bench.client.rest().await;
    assert!(told.contains("* BYE "), "too many after all: {told}");
}

#[tokio::test]
async fn a_user_has_so_many_connections_and_not_one_more() {
    let mut bench = Bench::greeted(Setup::default()).await;
    let users = bench.users.clone();
    let elsewhere = || users.take("u".to_owned());
    let (first, second) = (elsewhere().unwrap(), elsewhere().unwrap());
    bench.client.says("a LOGIN u p\r\n").await;
    let told = bench.client.line().await;
    assert!(
        told.starts_with("a NO [LIMIT] Too many connections of this user"),
        "{told}"
    );
    drop(second);
    let _store = bench.log_in("IMAP4rev1 BINARY").await;
    bench.client.hears(WELCOME).await;
    assert!(elsewhere().is_none(), "this one counts");
    drop(bench.client);
    soon(bench.relay).await.unwrap();
    assert!(elsewhere().is_some(), "and then no more");
    drop(first);
}

/// Who gives up while the store is being reached leaves nobody behind there.
#[tokio::test]
async fn a_client_that_goes_while_the_store_is_reached_gives_the_attempt_up() {
    let mut bench = Bench::greeted(Setup::default()).await;
    bench.client.says("a LOGIN u p\r\n").await;
    let (socket, _) = soon(bench.stores.accept()).await.unwrap();
    drop(bench.client);
    soon(bench.relay).await.unwrap();
    assert_eq!(End::new(socket).rest().await, "");
    assert!(bench.users.take("u".to_owned()).is_some());
}
