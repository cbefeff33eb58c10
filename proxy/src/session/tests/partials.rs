//! Every way to ask for a converted part tells of the same octets.

use proptest::prelude::*;
use vault::frames::{FromVault, MAX_RUN};
use wire::imap::{BodyStructure, Converted, ConvertedAttribute, Response};

use super::{
    Play, Way, conversions,
    convert::{convert_to_vault, say, with_keys},
};

/// A CONVERT for `items` whose result is `sealed`, answered.
fn answered(items: &str, sealed: &[u8]) -> Play {
    let mut play = with_keys();
    convert_to_vault(&mut play, 1, items);
    let octets = u64::try_from(sealed.len()).unwrap();
    say(&mut play, &[FromVault::Result { octets }]);
    for run in sealed.chunks(MAX_RUN) {
        say(&mut play, &[FromVault::Run(run.to_vec())]);
    }
    say(&mut play, &[FromVault::Done]);
    play
}

/// What a CONVERT for `items` is told whose result is `sealed`.
fn converted(items: &str, sealed: &[u8]) -> Converted {
    let mut play = answered(items, sealed);
    let told = play.told();
    let (response, status) = told.split_at(told.find("c OK ").unwrap());
    assert_eq!(status, "c OK Converted\r\n");
    match Response::parse(response.as_bytes()) {
        Ok(Response::Converted(converted)) => converted,
        other => panic!("{other:?}"),
    }
}

/// However often a client asks for a result, this server's memory holds it once.
#[test]
fn a_result_that_is_asked_for_again_and_again_takes_no_memory() {
    const LARGE: usize = 1 << 20;
    let sealed = vec![b'x'; LARGE];
    let again = format!("({})", ["BINARY[2]"; 600].join(" "));
    let play = answered(&again, &sealed);
    let waits = play.session.outbox(Way::ToClient).len();
    assert!((LARGE..LARGE + 200).contains(&waits), "once, not {waits}");
    let ranges: Vec<_> = (0..32).map(|n| format!("BINARY[2]<{n}.9999999>")).collect();
    let mut play = answered(&format!("({})", ranges.join(" ")), &sealed);
    let outbox = play.session.outbox(Way::ToClient);
    assert!(outbox.len() > 31 * LARGE, "all of them: {}", outbox.len());
    assert!(outbox.own() < 16_000, "{} octets of memory", outbox.own());
    let told = play.told();
    assert_eq!(told.matches("BINARY[2]<").count(), 32);
    assert!(told.ends_with("x)\r\nc OK Converted\r\n"));
}

/// RFC 5530 §3: a limit of ours, and told as one.
#[test]
fn more_items_than_are_answered_at_once_are_refused_unseen() {
    let ranges: Vec<_> = (0..33).map(|n| format!("BINARY[2]<{n}.9>")).collect();
    let mut play = with_keys();
    play.client(&format!("c UID CONVERT 4 (NIL) ({})\r\n", ranges.join(" ")));
    assert_eq!(play.told(), "c NO [LIMIT] Too many items at once\r\n");
    assert_eq!(play.sent(), "");
}

/// What a client sends is repeated to it for each item; so of a long value there is a beginning.
#[test]
fn a_value_that_is_long_is_not_repeated_whole() {
    let items: Vec<_> = (0..30).map(|n| format!("BINARY[2]<{n}.9>")).collect();
    let value = format!("{{30000+}}\r\n{}", "v".repeat(30_000));
    let told = conversions::told(&format!("dpi {value}"), &format!("({})", items.join(" ")));
    assert_eq!(
        told.matches(&format!("(dpi {})", "v".repeat(256))).count(),
        30
    );
    assert!(told.len() < 30_000, "{}", told.len());
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    /// RFC 5259 §8.2, §8.3: size, structure, the whole, and any range of it, short or long, text or not.
    #[test]
    fn a_range_the_whole_its_size_and_its_structure_agree(
        sealed in prop::collection::vec(0_u8..128, 1..40),
        times in prop_oneof![Just(1_usize), Just(300)],
        offset in 0_usize..50,
        length in 1_usize..9000,
    ) {
        let sealed = &sealed.repeat(times);
        let items = format!("(BINARY.SIZE[2] BINARY[2]<{offset}.{length}> BINARY[2] BODYPARTSTRUCTURE[2])");
        let told = converted(&items, sealed);
        let end = sealed.len().min(offset + length);
        let range = sealed.get(offset..end).unwrap_or_default();
        let mut asked = 0;
        for attribute in &told.attributes {
            match attribute {
                ConvertedAttribute::Uid(_) => {}
                ConvertedAttribute::Binary { origin: None, outcome, .. } => {
                    prop_assert_eq!(&outcome.clone().unwrap().unwrap(), sealed);
                    asked += 1;
                }
                ConvertedAttribute::Binary { origin, outcome, .. } => {
                    prop_assert_eq!(*origin, u64::try_from(offset).ok());
                    prop_assert_eq!(outcome.clone().unwrap().unwrap(), range);
                    asked += 1;
                }
                ConvertedAttribute::BinarySize { outcome, .. } => {
                    prop_assert_eq!(outcome.clone().ok(), u64::try_from(sealed.len()).ok());
                    asked += 1;
                }
                ConvertedAttribute::BodyPartStructure { outcome, .. } => {
                    let Ok(BodyStructure::Basic(fields)) = outcome else {
                        panic!("{outcome:?}")
                    };
                    prop_assert_eq!(Some(fields.octets), u64::try_from(sealed.len()).ok());
                    asked += 1;
                }
                other => panic!("{other:?}"),
            }
        }
        prop_assert_eq!(asked, 4);
    }
}
