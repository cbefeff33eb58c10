//! Much, for slow readers: nothing is collected here, and nothing is lost.

use std::sync::atomic::{AtomicUsize, Ordering};

use super::*;

const MUCH: usize = 96 << 20;

/// What may be under way to somebody who does not read: the kernel's buffers of two connections, and a little of ours.
const UNDER_WAY: usize = 48 << 20;

/// A run whose place in the whole shows: no two of the first thousand are the same.
fn run(nth: usize) -> Vec<u8> {
    let start = nth * 65_537;
    (start..start + (1 << 16))
        .map(|at| u8::try_from((at / 7 + at % 251) % 251).unwrap())
        .collect()
}

#[tokio::test]
async fn a_large_literal_waits_for_a_slow_client_and_arrives_whole() {
    let (mut bench, mut store) = Bench::open(Setup::default()).await;
    bench.client.says("f FETCH 1 BODY[]\r\n").await;
    store.hears("f FETCH 1 BODY[]\r\n").await;
    let begin = format!("* 1 FETCH (BODY[] {{{MUCH}}}\r\n");
    let sent = Arc::new(AtomicUsize::new(0));
    let (counted, first) = (Arc::clone(&sent), begin.clone());
    let sending = tokio::spawn(async move {
        store.says(&first).await;
        for nth in 0..MUCH >> 16 {
            store.sends(&run(nth)).await.unwrap();
            counted.fetch_add(1 << 16, Ordering::SeqCst);
        }
        store.says(")\r\nf OK done\r\n").await;
        store
    });
    let stopped = stands_still(&sent).await;
    assert!(
        stopped < UNDER_WAY,
        "{stopped} octets were taken for nobody"
    );
    bench.client.hears(&begin).await;
    for nth in 0..MUCH >> 16 {
        let heard = soon(bench.client.exactly(1 << 16)).await;
        assert!(heard == run(nth), "run {nth}");
    }
    bench.client.hears(")\r\nf OK done\r\n").await;
    let mut store = sending.await.unwrap();
    bench.passes(&mut store, "n NOOP\r\n", "n OK\r\n").await;
}

/// The store, which is not read while the client reads nothing, is not to be blamed for it.
#[tokio::test]
async fn a_client_that_stalls_for_longer_than_the_store_may_be_silent_loses_nothing() {
    let setup = Setup {
        backend: "answer_seconds = 1",
        ..Setup::default()
    };
    let (mut bench, mut store) = Bench::open(setup).await;
    bench.client.says("f FETCH 1 BODY[]\r\n").await;
    store.hears("f FETCH 1 BODY[]\r\n").await;
    let begin = format!("* 1 FETCH (BODY[] {{{MUCH}}}\r\n");
    let first = begin.clone();
    let sending = tokio::spawn(async move {
        store.says(&first).await;
        for nth in 0..MUCH >> 16 {
            store.sends(&run(nth)).await.unwrap();
        }
        store.says(")\r\nf OK done\r\n").await;
        store
    });
    tokio::time::sleep(Duration::from_secs(3)).await;
    bench.client.hears(&begin).await;
    for nth in 0..MUCH >> 16 {
        let heard = soon(bench.client.exactly(1 << 16)).await;
        assert!(heard == run(nth), "run {nth}");
    }
    bench.client.hears(")\r\nf OK done\r\n").await;
    drop(sending.await.unwrap());
}

#[tokio::test]
async fn a_large_append_waits_for_a_slow_store_and_arrives_whole() {
    let (bench, mut store) = Bench::open(Setup::default()).await;
    let Bench {
        mut client,
        relay: _relay,
        warden: _warden,
        stop: _stop,
        ..
    } = bench;
    let begin = format!("a APPEND inbox {{{MUCH}+}}\r\n");
    let sent = Arc::new(AtomicUsize::new(0));
    let (counted, first) = (Arc::clone(&sent), begin.clone());
    let sending = tokio::spawn(async move {
        client.says(&first).await;
        for nth in 0..MUCH >> 16 {
            client.sends(&run(nth)).await.unwrap();
            counted.fetch_add(1 << 16, Ordering::SeqCst);
        }
        client.says("\r\n").await;
        client
    });
    let stopped = stands_still(&sent).await;
    assert!(
        stopped < UNDER_WAY,
        "{stopped} octets were taken for nobody"
    );
    store.hears(&format!("a APPEND inbox {{{MUCH}}}\r\n")).await;
    store.says("+ go on\r\n").await;
    let stopped = stands_still(&sent).await;
    assert!(
        stopped < UNDER_WAY,
        "{stopped} octets were taken for nobody"
    );
    for nth in 0..MUCH >> 16 {
        let heard = soon(store.exactly(1 << 16)).await;
        assert!(heard == run(nth), "run {nth}");
    }
    store.hears("\r\n").await;
    store.says("a OK there\r\n").await;
    sending.await.unwrap().hears("a OK there\r\n").await;
}

/// Where a count stops for half a second.
async fn stands_still(count: &AtomicUsize) -> usize {
    loop {
        let before = count.load(Ordering::SeqCst);
        tokio::time::sleep(Duration::from_millis(500)).await;
        if count.load(Ordering::SeqCst) == before {
            return before;
        }
    }
}
