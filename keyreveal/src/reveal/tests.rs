use super::*;
use std::num::NonZeroU32;

#[test]
fn every_length_is_filled_to_a_multiple() {
    for used in 1..3 * STEP {
        let filler = filler_len(used);
        let whole = used + head_len(u64::try_from(filler).unwrap()) + filler;
        assert!(whole.is_multiple_of(STEP), "{used}");
        assert!(whole - used <= 2 * STEP, "{used}");
    }
}

/// Growth would leave a copy of the key behind, unwiped.
#[test]
fn the_key_is_written_into_room_that_does_not_grow() {
    for certificate in [0, 11_000] {
        let seal = Seal::Smime {
            certificate: vec![0; certificate],
            algorithm: SmimeAlgorithm::Aes256Gcm,
        };
        let asked = crate::Asked {
            user: &"u".repeat(4000),
            mailbox: b"INBOX",
            uid_validity: NonZeroU32::MAX,
            uid: NonZeroU32::MAX,
            section: "1",
            container: seal.container(),
            parameters: &[],
        };
        let reveal = Reveal {
            key: SessionKey::fill(32, |_| Ok::<_, ()>(())).unwrap(),
            algorithm: ContentAlgorithm::Aes256Gcm,
            nonce: vec![0; 12],
            encoding: TransferEncoding::Base64,
            prefix_len: u64::MAX,
            prefix_digest: [0; 32],
            total_octets: u64::MAX,
            seal,
            context: Context::new(asked).unwrap(),
        };
        let octets = reveal.encode(16).ok().unwrap();
        assert!(octets.capacity() - octets.len() >= 16);
        assert!(octets.capacity() < 2 * MAX_REVEAL, "grown");
    }
}

#[test]
fn algorithms_are_found_by_their_cose_numbers() {
    for algorithm in ContentAlgorithm::ALL {
        assert_eq!(
            ContentAlgorithm::from_cose(algorithm.cose()),
            Some(algorithm)
        );
    }
    assert_eq!(ContentAlgorithm::from_cose(2), None, "A192GCM");
}
