use std::{num::NonZeroU32, time::Duration};

use proptest::prelude::*;

use super::*;

fn at(seconds: u64) -> Moment {
    Moment::at(Duration::from_secs(seconds))
}

fn client(number: u8) -> IpAddr {
    IpAddr::from([192, 0, 2, number])
}

fn fail(health: &mut Health, stage: Stage, number: u8, now: u64) -> Change {
    health.failed(
        (Admission::Ordinary, stage),
        client(number),
        &Breaker::default(),
        at(now),
    )
}

/// An address that five failures of two clients have closed, at second 0.
fn down(stage: Stage) -> Health {
    let mut health = Health::default();
    for number in [1, 1, 1, 1] {
        assert_eq!(fail(&mut health, stage, number, 0), Change::Nothing);
    }
    assert_eq!(fail(&mut health, stage, 2, 0), Change::WentDown);
    health
}

#[test]
fn one_client_alone_never_closes_an_address() {
    let mut health = Health::default();
    for _ in 0..1000 {
        assert_eq!(fail(&mut health, Stage::Connect, 1, 0), Change::Nothing);
    }
    assert_eq!(health.state(), State::Up);
    assert_eq!(fail(&mut health, Stage::Connect, 2, 0), Change::WentDown);
}

#[test]
fn what_the_server_tries_of_its_own_accord_is_no_client() {
    let mut health = Health::default();
    for number in 0..10 {
        fail(&mut health, Stage::Connect, 1, number);
        let ourselves = IpAddr::from([0, 0, 0, 0]);
        let outcome = (Admission::Ordinary, Stage::Connect);
        health.failed(outcome, ourselves, &Breaker::default(), at(number));
    }
    assert_eq!(health.state(), State::Up);
}

#[test]
fn the_addresses_of_one_ipv6_network_are_one_client() {
    let mut health = Health::default();
    for number in 0..1000_u16 {
        let client = IpAddr::from([0x2001, 0xdb8, 0, 0, 0, 0, 0, number]);
        health.failed(
            (Admission::Ordinary, Stage::Tls),
            client,
            &Breaker::default(),
            at(0),
        );
    }
    assert_eq!(health.state(), State::Up);
}

#[test]
fn after_cooling_exactly_one_tries() {
    let mut health = down(Stage::Connect);
    assert_eq!(health.admit(at(29)), None);
    assert_eq!(health.admit(at(30)), Some(Admission::Try));
    assert_eq!(health.admit(at(99)), None, "one is trying");
    let again = (Admission::Try, Stage::Tls);
    let change = health.failed(again, client(1), &Breaker::default(), at(100));
    assert_eq!((change, health.state()), (Change::Nothing, State::Down));
    assert_eq!(health.admit(at(129)), None, "it cools again");
    assert_eq!(health.admit(at(130)), Some(Admission::Try));
    assert_eq!(
        health.succeeded(Admission::Try, Stage::Greeting),
        Change::CameUp
    );
    assert_eq!(health.admit(at(130)), Some(Admission::Ordinary));
    assert_eq!(health.failures(), 0);
}

#[test]
fn a_try_that_is_given_up_leaves_room_for_another() {
    let mut health = down(Stage::Connect);
    assert_eq!(health.admit(at(30)), Some(Admission::Try));
    health.gave_up(Admission::Try, at(31));
    assert_eq!(health.admit(at(31)), Some(Admission::Try));
}

#[test]
fn a_greeting_does_not_excuse_failed_logins() {
    let mut health = Health::default();
    for number in 1..=5 {
        health.succeeded(Admission::Ordinary, Stage::Greeting);
        fail(&mut health, Stage::Login, number, 0);
    }
    assert_eq!(health.state(), State::Down);
    assert_eq!(health.admit(at(30)), Some(Admission::Try));
    let greeted = health.succeeded(Admission::Try, Stage::Greeting);
    assert_eq!(greeted, Change::Nothing, "the login is still to come");
    assert_eq!(
        health.succeeded(Admission::Try, Stage::Login),
        Change::CameUp
    );
}

#[test]
fn a_success_ends_the_run() {
    let mut health = Health::default();
    for number in [1, 2, 1, 2] {
        fail(&mut health, Stage::Connect, number, 0);
    }
    health.succeeded(Admission::Ordinary, Stage::Connect);
    assert_eq!(health.failures(), 0);
    assert_eq!(fail(&mut health, Stage::Connect, 1, 0), Change::Nothing);
}

#[test]
fn late_word_of_old_connections_changes_nothing() {
    let mut health = down(Stage::Connect);
    assert_eq!(health.admit(at(30)), Some(Admission::Try));
    assert_eq!(fail(&mut health, Stage::Login, 7, 31), Change::Nothing);
    assert_eq!(
        health.succeeded(Admission::Ordinary, Stage::Login),
        Change::Nothing
    );
    assert_eq!(health.state(), State::Trying);
}

#[test]
fn an_address_that_failed_comes_last_for_a_while_and_not_for_ever() {
    let standing = |health: &Health, now| health.standing(&Breaker::default(), at(now));
    let mut health = Health::default();
    assert_eq!(standing(&health, 0), Standing::Good);
    fail(&mut health, Stage::Connect, 1, 10);
    assert_eq!(standing(&health, 39), Standing::Doubtful);
    assert_eq!(standing(&health, 40), Standing::Good);
    fail(&mut health, Stage::Connect, 1, 50);
    health.succeeded(Admission::Ordinary, Stage::Login);
    assert_eq!(standing(&health, 50), Standing::Good);
}

#[derive(Clone, Debug)]
enum Act {
    Admit,
    Fail(usize, u8),
    Succeed(usize),
    GiveUp(usize),
    Wait(u64),
}

fn act() -> impl Strategy<Value = Act> {
    prop_oneof![
        3 => Just(Act::Admit),
        4 => (0..8_usize, 1..4_u8).prop_map(|(which, client)| Act::Fail(which, client)),
        1 => (0..8_usize).prop_map(Act::Succeed),
        1 => (0..8_usize).prop_map(Act::GiveUp),
        2 => (0..20_u64).prop_map(Act::Wait),
    ]
}

proptest! {
    /// Against a plain account of what has happened: it goes down exactly when enough clients saw enough failures in a
    /// row, stays alone while it cools, and lets one try.
    #[test]
    fn the_breaker_is_its_account(acts in prop::collection::vec(act(), 0..200), failures in 1..5_u32, clients in 1..4_u32) {
        let breaker = Breaker {
            failures: NonZeroU32::new(failures).unwrap(),
            clients: NonZeroU32::new(clients).unwrap(),
            ..Breaker::default()
        };
        let mut health = Health::default();
        let mut held: Vec<Admission> = Vec::new();
        let mut row: Vec<u8> = Vec::new();
        let mut cools_until: Option<u64> = None;
        let mut now = 0;
        for act in acts {
            let trying = held.contains(&Admission::Try);
            match act {
                Act::Wait(seconds) => now += seconds,
                Act::Admit => {
                    let admission = health.admit(at(now));
                    let expected = match cools_until {
                        None => Some(Admission::Ordinary),
                        Some(until) => (now >= until && !trying).then_some(Admission::Try),
                    };
                    prop_assert_eq!(admission, expected);
                    held.extend(admission);
                }
                Act::Fail(which, number) if which < held.len() => {
                    let admission = held.swap_remove(which);
                    let change = health.failed((admission, Stage::Connect), client(number), &breaker, at(now));
                    let mut expected = Change::Nothing;
                    if cools_until.is_none() {
                        row.push(number);
                        let distinct = row.iter().collect::<BTreeSet<_>>().len();
                        if row.len() >= failures as usize && distinct >= clients as usize {
                            cools_until = Some(now + 30);
                            expected = Change::WentDown;
                        }
                    } else if admission == Admission::Try {
                        cools_until = Some(now + 30);
                    }
                    prop_assert_eq!(change, expected);
                }
                Act::Succeed(which) if which < held.len() => {
                    let admission = held.swap_remove(which);
                    let change = health.succeeded(admission, Stage::Greeting);
                    if cools_until.is_none() {
                        row.clear();
                    }
                    if admission == Admission::Try {
                        cools_until = None;
                        row.clear();
                        prop_assert_eq!(change, Change::CameUp);
                    }
                }
                Act::GiveUp(which) if which < held.len() => {
                    health.gave_up(held.swap_remove(which), at(now));
                }
                Act::Fail(..) | Act::Succeed(_) | Act::GiveUp(_) => {}
            }
            prop_assert!(health.run.clients.len() <= clients as usize);
            prop_assert_eq!(health.state() == State::Up, cools_until.is_none());
        }
    }
}
