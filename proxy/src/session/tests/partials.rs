//! Every way to ask for a converted part tells of the same octets.

use proptest::prelude::*;
use vault::frames::FromVault;
use wire::imap::{BodyStructure, Converted, ConvertedAttribute, Response};

use super::convert::{convert_to_vault, say, with_keys};

/// What a CONVERT for `items` is told whose result is `sealed`.
fn converted(items: &str, sealed: &[u8]) -> Converted {
    let mut play = with_keys();
    convert_to_vault(&mut play, 1, items);
    let octets = u64::try_from(sealed.len()).unwrap();
    let frames = [
        FromVault::Result { octets },
        FromVault::Run(sealed.to_vec()),
        FromVault::Done,
    ];
    say(&mut play, &frames);
    let told = play.told();
    let (response, status) = told.split_at(told.find("c OK ").unwrap());
    assert_eq!(status, "c OK Converted\r\n");
    match Response::parse(response.as_bytes()) {
        Ok(Response::Converted(converted)) => converted,
        other => panic!("{other:?}"),
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    /// RFC 5259 §8.2, §8.3: size, structure, the whole, and any range of it.
    #[test]
    fn a_range_the_whole_its_size_and_its_structure_agree(
        sealed in "[ -~]{1,40}",
        offset in 0_usize..50,
        length in 1_usize..50,
    ) {
        let sealed = sealed.as_bytes();
        let items = format!("(BINARY.SIZE[2] BINARY[2]<{offset}.{length}> BINARY[2] BODYPARTSTRUCTURE[2])");
        let told = converted(&items, sealed);
        let end = sealed.len().min(offset + length);
        let range = sealed.get(offset..end).unwrap_or_default();
        let mut asked = 0;
        for attribute in &told.attributes {
            match attribute {
                ConvertedAttribute::Uid(_) => {}
                ConvertedAttribute::Binary { origin: None, outcome, .. } => {
                    prop_assert_eq!(outcome.clone().unwrap().unwrap(), sealed);
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
