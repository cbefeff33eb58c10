//! Octets of literals that pass unseen: the same octets arrive, however reads are cut and whatever goes straight.

use proptest::prelude::*;

use super::*;

#[test]
fn only_the_inside_of_a_relayed_literal_goes_straight() {
    let mut play = Play::selected();
    let straight = |play: &Play, from| play.session.straight(from);
    play.client("a APPEND m {10}\r\n");
    assert_eq!(
        straight(&play, Neighbour::Client),
        0,
        "the store has not said +"
    );
    assert_eq!(play.sent(), "a APPEND m {10}\r\n");
    play.store("+ go\r\n");
    assert_eq!(straight(&play, Neighbour::Client), 10);
    play.client("012");
    assert_eq!(
        straight(&play, Neighbour::Client),
        0,
        "something waits before it"
    );
    play.sent();
    assert_eq!(straight(&play, Neighbour::Client), 7);
    play.session.passed(Neighbour::Client, 7, play.now);
    assert_eq!(straight(&play, Neighbour::Client), 0);
    play.client("\r\nb FETCH 1 BODY[]\r\n");
    assert_eq!(play.sent(), "\r\nb FETCH 1 BODY[]\r\n");
    play.store("a OK\r\n* 1 FETCH (BODY[] {5}\r\n");
    assert_eq!(straight(&play, Neighbour::Store), 0);
    play.told();
    assert_eq!(straight(&play, Neighbour::Store), 5);
    play.session.passed(Neighbour::Store, 4, play.now);
    play.store("x)\r\nb OK\r\n");
    assert_eq!(play.told(), "x)\r\nb OK\r\n");
}

#[test]
fn what_is_collected_or_for_a_vault_does_not_go_straight() {
    let mut play = super::convert::with_keys();
    play.client("a SELECT {5+}\r\n");
    assert_eq!(play.session.straight(Neighbour::Client), 0);
    play.client("inbox\r\n");
    play.sent();
    play.store("* OK [UIDVALIDITY 7] v\r\na OK\r\n");
    play.told();
    play.client(&super::convert::convert("c", 1, "BINARY[2]"));
    super::convert::locate(&mut play, 1);
    play.sent();
    play.store("* 2 FETCH (UID 4 BODY[2] {10}\r\n");
    play.worked();
    assert_eq!(play.session.straight(Neighbour::Store), 0);
}

/// A stalled neighbour is noticed as before.
#[test]
fn octets_that_pass_unseen_count_as_life() {
    let mut play = Play::selected();
    play.client("a FETCH 1 BODY[]\r\n");
    play.sent();
    play.store("* 1 FETCH (BODY[] {1000}\r\n");
    play.told();
    for _ in 0..10 {
        play.wait(Duration::from_secs(29));
        play.session.passed(Neighbour::Store, 10, play.now);
    }
    assert!(!play.session.is_over());
    play.wait(Duration::from_secs(30));
    assert!(play.session.is_over());
}

const CLIENT: &str = "a APPEND m {9+}\r\n0 OK\r\n{9}\r\nb SELECT {5+}\r\ninbox\r\nc APPEND m ~{4+}\r\nabcd {3+}\r\nxyz\r\nd NOOP\r\n";
const STORE: &str = "* 1 FETCH (BODY[] {12}\r\na OK x\r\n(){5} FLAGS ())\r\na OK\r\n* OK [UIDVALIDITY 7] v\r\nb OK\r\n* 2 FETCH (BODY[1] {3}\r\nabc BODY[2] {0}\r\n)\r\nc OK\r\n* CAPABILITY X IDLE\r\nd OK\r\n";

/// Plays both sides in reads of these sizes; a read goes straight as far as it may where `road` says so.
fn play(cuts: &[usize], road: Road) -> (Vec<u8>, Vec<u8>) {
    let mut play = Play::open();
    let (mut to_store, mut to_client) = (Vec::new(), Vec::new());
    let (mut client, mut store) = (CLIENT.as_bytes(), STORE.as_bytes());
    let mut asks = places();
    let all = pieces(CLIENT).concat().len();
    let mut cuts = cuts.iter().copied().cycle();
    while !client.is_empty() || !store.is_empty() {
        for from in [Neighbour::Client, Neighbour::Store] {
            let cut = cuts.next().unwrap();
            // The store answers no command before it has come.
            if from == Neighbour::Store && to_store.len() < all {
                continue;
            }
            let (input, output) = match from {
                Neighbour::Client => (&mut client, &mut to_store),
                Neighbour::Store => (&mut store, &mut to_client),
            };
            let read;
            (read, *input) = input.split_at(cut.min(input.len()));
            let straight = match road {
                Road::Straight => play.session.straight(from),
                Road::Shown => 0,
            };
            let straight = usize::try_from(straight).unwrap().min(read.len());
            let (unseen, shown) = read.split_at(straight);
            output.extend_from_slice(unseen);
            let count = u64::try_from(unseen.len()).unwrap();
            play.session.passed(from, count, play.now);
            match from {
                Neighbour::Client => play.session.client_octets(shown, play.now),
                Neighbour::Store => play.session.store_octets(shown, play.now),
            }
            if cut % 3 > 0 || straight > 0 || client.is_empty() {
                to_store.extend(play.sent().bytes());
                to_client.extend(play.told().bytes());
            }
            if asks.pop_if(|place| *place == to_store.len()).is_some() {
                play.store("+ go\r\n");
            }
            assert!(!play.session.is_over());
        }
    }
    to_store.extend(play.sent().bytes());
    to_client.extend(play.told().bytes());
    (to_store, to_client)
}

/// Where the store asks for a literal, the last one first.
fn places() -> Vec<usize> {
    let mut end = 0;
    let pieces = pieces(CLIENT);
    let ends = pieces.iter().map(|piece| {
        end += piece.len();
        end
    });
    let mut places: Vec<_> = ends.take(pieces.len() - 1).collect();
    places.reverse();
    places
}

#[derive(Clone, Copy)]
enum Road {
    Straight,
    Shown,
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 400, ..ProptestConfig::default() })]

    #[test]
    fn straight_or_shown_the_same_octets_arrive(cuts in prop::collection::vec(1..20_usize, 1..30)) {
        let straight = play(&cuts, Road::Straight);
        let shown = play(&cuts, Road::Shown);
        prop_assert_eq!(&straight, &shown);
        prop_assert_eq!(String::from_utf8(straight.0).unwrap(), pieces(CLIENT).concat());
    }
}
