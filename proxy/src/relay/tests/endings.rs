//! Sessions that somebody ends.

use super::*;
use crate::{
    event::Event,
    registry::{State, Whose},
};

#[tokio::test]
async fn a_stopped_server_says_goodbye() {
    let (mut bench, mut store) = Bench::selected().await;
    bench.stop.send_replace(Stop::Yes);
    let told = bench.client.rest().await;
    assert!(told.starts_with("* BYE [UNAVAILABLE]"), "{told}");
    drop(bench.client);
    soon(bench.relay).await.unwrap();
    store.rest().await;
}

#[tokio::test]
async fn whoever_is_kicked_hears_goodbye_and_is_gone_from_the_list() {
    let (mut bench, mut store) = Bench::selected().await;
    assert_eq!(bench.registry.kick(Whose::Number(1)), [1]);
    let told = bench.client.rest().await;
    assert!(told.starts_with("* BYE "), "{told}");
    drop(bench.client);
    soon(bench.relay).await.unwrap();
    store.rest().await;
    assert_eq!(bench.registry.len(), 0);
}

#[tokio::test]
async fn a_store_that_goes_takes_the_session_with_it() {
    let (mut bench, store) = Bench::selected().await;
    drop(store);
    let told = bench.client.rest().await;
    assert!(told.starts_with("* BYE [UNAVAILABLE]"), "{told}");
    drop(bench.client);
    soon(bench.relay).await.unwrap();
    assert_eq!(bench.metrics.counted(Event::StoreFailed), 1);
}

#[tokio::test]
async fn who_logs_out_gets_the_store_s_last_word() {
    let (mut bench, mut store) = Bench::selected().await;
    let answer = "* BYE see you\r\nz OK out\r\n";
    bench.passes(&mut store, "z LOGOUT\r\n", answer).await;
    drop(store);
    assert_eq!(bench.client.rest().await, "");
    soon(bench.relay).await.unwrap();
    assert_eq!(bench.metrics.counted(Event::StoreFailed), 0);
}

/// An answer of any size that nobody takes is not waited for without end, and nobody else is kept.
#[tokio::test]
async fn who_leaves_answers_unread_is_left() {
    let mut setup = Setup::default();
    setup.settings.unread = Duration::from_millis(700);
    let (mut bench, mut store) = Bench::open(setup).await;
    bench.client.says("f FETCH 1 BODY[]\r\n").await;
    store.hears("f FETCH 1 BODY[]\r\n").await;
    let much = 1 << 30;
    store
        .says(&format!("* 1 FETCH (BODY[] {{{much}}}\r\n"))
        .await;
    let run = vec![b'x'; 1 << 16];
    let endless = async { while store.sends(&run).await.is_ok() {} };
    soon(endless).await;
    soon(bench.relay).await.unwrap();
    assert_eq!(bench.metrics.counted(Event::ClientTimedOut), 1);
}

#[tokio::test]
async fn the_list_says_how_much_went_either_way() {
    let (bench, _store) = Bench::selected().await;
    let listed = bench.registry.list(Whose::Everybody, 0, 9);
    assert_eq!(listed.len(), 1);
    let to_client =
        GREETING.len() + WELCOME.len() + "* OK [UIDVALIDITY 7] v\r\nb OK done\r\n".len();
    let to_store = "keyhole2 LOGIN u \"p\"\r\nb SELECT inbox\r\n".len();
    assert_eq!(
        (listed[0].to_store, listed[0].to_client),
        (to_store as u64, to_client as u64)
    );
    assert_ne!(listed[0].state, State::Passthrough);
}
