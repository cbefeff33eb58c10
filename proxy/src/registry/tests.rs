//! What the registry promises, and what an entry costs.

use std::{mem::size_of, time::Duration};

use super::*;
use crate::peer::Word;

fn peer(address: &str) -> Peer {
    let here = "127.0.0.1:993".parse().unwrap();
    Peer::direct(address.parse().unwrap(), here, Word::Stranger)
}

fn enter(registry: &Registry, number: u64) -> Entry {
    registry.enter(
        number,
        "imap 127.0.0.1:993",
        &peer("192.0.2.7:1024"),
        Moment::default(),
    )
}

fn numbers(listed: &[Listed]) -> Vec<u64> {
    listed.iter().map(|listed| listed.number).collect()
}

/// The entry, what it points to with its two counts, its place in the list, and a login name of 24 octets.
#[test]
fn an_entry_costs_at_most_200_octets() {
    let counts = 2 * size_of::<usize>();
    let cost = size_of::<Entry>() + counts + size_of::<Live>() + size_of::<usize>() + 24;
    assert!(cost <= 200, "{cost}");
}

#[test]
fn a_session_is_listed_until_its_entry_is_dropped() {
    let registry = Registry::new();
    let entry = enter(&registry, 1);
    entry.user("bob");
    entry.backend(&BackendName::try_from("north".to_owned()).unwrap());
    entry.state(State::Idle);
    entry.add_octets(Way::ToStore, 3);
    entry.add_octets(Way::ToClient, 5);
    entry.add_octets(Way::ToVault, 7);
    let [listed] = &registry.list(Whose::Everybody, 0, 9)[..] else {
        panic!("one session");
    };
    assert_eq!(&*listed.listener, "imap 127.0.0.1:993");
    assert_eq!(listed.user.as_deref(), Some("bob"));
    assert_eq!(listed.backend.as_deref(), Some("north"));
    assert_eq!(listed.state, State::Idle);
    assert_eq!((listed.to_store, listed.to_client), (3, 5));
    drop(entry);
    assert!(registry.list(Whose::Everybody, 0, 9).is_empty());
    assert!(registry.is_empty());
}

#[test]
fn every_state_is_listed_as_it_was_told() {
    let registry = Registry::new();
    let entry = enter(&registry, 1);
    for state in State::ALL {
        entry.state(state);
        assert_eq!(registry.list(Whose::Everybody, 0, 1)[0].state, state);
    }
}

#[test]
fn pages_are_in_order_and_lose_nobody() {
    let registry = Registry::new();
    let entries: Vec<_> = (1..=50).rev().map(|n| enter(&registry, n)).collect();
    let mut seen = Vec::new();
    while let page = registry.list(Whose::Everybody, seen.last().copied().unwrap_or(0), 7)
        && !page.is_empty()
    {
        assert!(page.len() <= 7);
        seen.extend(numbers(&page));
    }
    assert_eq!(seen, (1..=50).collect::<Vec<_>>());
    drop(entries);
}

#[test]
fn a_filter_names_one_user_exactly() {
    let registry = Registry::new();
    let (bob, bobby) = (enter(&registry, 1), enter(&registry, 2));
    bob.user("bob");
    bobby.user("bobby");
    assert_eq!(numbers(&registry.list(Whose::User("bob"), 0, 9)), [1]);
    assert_eq!(numbers(&registry.list(Whose::Number(2), 0, 9)), [2]);
    assert!(registry.list(Whose::User(""), 0, 9).is_empty());
}

#[test]
fn a_place_that_is_free_again_is_used_again() {
    let registry = Registry::new();
    let step = SHARDS as u64;
    let kept = enter(&registry, step);
    for turn in 2..100 {
        drop(enter(&registry, turn * step));
    }
    assert_eq!(lock(&registry.0.shards[0]).places.len(), 2);
    drop(kept);
    assert_eq!(lock(&registry.0.shards[0]).places.capacity(), 0);
}

#[tokio::test]
async fn a_kick_wakes_the_session_that_waits_and_only_that() {
    let registry = Registry::new();
    let (bob, eve) = (enter(&registry, 1), enter(&registry, 2));
    bob.user("bob");
    let waiting = tokio::spawn(async move { bob.kicked().await });
    tokio::task::yield_now().await;
    assert_eq!(registry.kick(Whose::User("bob")), [1]);
    tokio::time::timeout(Duration::from_secs(5), waiting)
        .await
        .expect("woken")
        .unwrap();
    assert!(!eve.is_kicked());
}

#[tokio::test]
async fn a_session_that_is_kicked_before_it_waits_ends_at_once_and_is_told_once() {
    let registry = Registry::new();
    let entry = enter(&registry, 7);
    assert_eq!(registry.kick(Whose::Number(7)), [7]);
    assert!(registry.kick(Whose::Number(7)).is_empty());
    assert!(entry.is_kicked());
    entry.kicked().await;
}

#[test]
fn numbers_are_given_once() {
    let registry = Registry::new();
    assert_ne!(registry.next_number(), registry.clone().next_number());
}
