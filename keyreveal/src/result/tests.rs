use super::*;
use proptest::prelude::*;

/// Growth would leave a copy of the picture behind, unwiped.
#[test]
fn the_picture_is_written_into_room_that_does_not_grow() {
    let picture = Measure::Picture {
        width: u32::MAX,
        height: u32::MAX,
    };
    let text = Measure::Text {
        charset: Charset::new(&"c".repeat(40)).unwrap(),
        extent: Extent::Cut,
    };
    let lengths = [0, 4000, 4020, 65_000, 1_000_000];
    let both = |len| [(len, picture.clone()), (len, text.clone())];
    for (len, measure) in lengths.into_iter().flat_map(both) {
        let part = ResultPart {
            media_type: format!("a/{}", "b".repeat(MAX_TYPE_NAME)),
            measure,
            integrity: Integrity::Authenticated,
            source_type: format!("a/{}", "b".repeat(MAX_TYPE_NAME)),
            source_octets: u64::MAX,
            octets: Plaintext::adopt(vec![0; len]),
        };
        let most = RESPONSE_NONCE_LEN + padded_len(LENGTH_LEN + part.room()) + TAG_LEN;
        let written = padded(&part).unwrap();
        assert!(written.capacity() - written.len() >= TAG_LEN, "{len}");
        assert!(written.len() + TAG_LEN <= most, "{len}");
    }
}

proptest! {
    #[test]
    fn a_result_reads_as_it_was_written(
        measure in measures(),
        source_octets: u64,
        octets in proptest::collection::vec(any::<u8>(), 0..300),
    ) {
        let part = ResultPart {
            media_type: "text/plain".into(),
            measure: measure.clone(),
            integrity: Integrity::Authenticated,
            source_type: "application/pdf".into(),
            source_octets,
            octets: Plaintext::adopt(octets.clone()),
        };
        let mut written = Vec::new();
        part.write(&mut written);
        let read = ResultPart::read(&written).unwrap();
        prop_assert_eq!(&read.measure, &measure);
        prop_assert_eq!(read.octets.expose(), &octets);
        let mut again = Vec::new();
        read.write(&mut again);
        prop_assert_eq!(&again, &written);
        let entity = part.to_entity().unwrap();
        let read = ResultPart::from_entity(entity.expose()).unwrap();
        prop_assert_eq!(read.measure, measure);
        prop_assert_eq!(read.source_octets, source_octets);
    }
}

fn measures() -> impl Strategy<Value = Measure> {
    let extent = || prop_oneof![Just(Extent::Whole), Just(Extent::Cut)];
    prop_oneof![
        (any::<u32>(), any::<u32>()).prop_map(|(width, height)| Measure::Picture { width, height }),
        ("[a-z0-9-]{1,40}", extent()).prop_map(|(name, extent)| Measure::Text {
            charset: Charset::new(&name).unwrap(),
            extent
        }),
        (any::<u32>(), extent()).prop_map(|(milliseconds, extent)| Measure::Sound {
            milliseconds,
            extent
        }),
    ]
}
