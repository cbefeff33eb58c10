//! The promises of the exchange: what opens, and that nothing else does.

use crate::support;
use crate::support::*;
use keyreveal::{
    Asked, ChannelBinding, ContentAlgorithm, Context, Identity, IdentityKey, KeyId, OneTimeKey,
    Refusal, ResultOpener, ResultSealer, Reveal, Revealed, Seal, SealError, SealedReveal,
    SignedStatement, SmimeAlgorithm, Statement, StatementError, Suite, TransferEncoding, names,
    padded_len, sign,
};
use proptest::prelude::*;
use secret::SecretBytes;

fn sealed_from(reveal: Reveal) -> (SealedReveal, ResultOpener) {
    verify(&statement())
        .unwrap()
        .seal(reveal, &mut script("ephemeral"))
        .unwrap()
}

fn sealed() -> (SealedReveal, ResultOpener) {
    sealed_from(reveal())
}

fn open_for(sealed: &SealedReveal, asked: &Context) -> Result<(Revealed, ResultSealer), Refusal> {
    one_time_key().open(sealed, &statement().payload(), asked, pages())
}

fn open(sealed: &SealedReveal) -> Result<(Revealed, ResultSealer), Refusal> {
    open_for(sealed, &context())
}

fn certificate(len: usize) -> Seal {
    Seal::Smime {
        certificate: vec![0x30; len],
        algorithm: SmimeAlgorithm::Aes256GcmHkdf,
    }
}

fn smime_context() -> Context {
    Context::new(Asked {
        container: names::CONTAINER_SMIME,
        ..asked()
    })
    .unwrap()
}

#[test]
fn what_was_revealed_is_what_is_opened() {
    for algorithm in ContentAlgorithm::ALL {
        for encoding in [
            TransferEncoding::Identity,
            TransferEncoding::Base64,
            TransferEncoding::QuotedPrintable,
        ] {
            for (seal, context) in [
                (Seal::Session, context()),
                (certificate(1200), smime_context()),
            ] {
                let mut made = reveal_of(algorithm, seal.clone(), context.clone());
                made.encoding = encoding;
                let (sealed, _) = sealed_from(made);
                let sealed = SealedReveal::from_base64(sealed.to_base64().as_bytes()).unwrap();
                let (revealed, _) = open_for(&sealed, &context).unwrap();
                let revealed = revealed.into_reveal();
                let expected = reveal();
                assert_eq!(
                    revealed.key.expose(),
                    session_key(algorithm.key_len()).expose()
                );
                assert_eq!(revealed.algorithm, algorithm);
                assert_eq!(revealed.nonce, seed("nonce")[..algorithm.nonce_len()]);
                assert_eq!(revealed.encoding, encoding);
                assert_eq!(revealed.prefix_len, expected.prefix_len);
                assert_eq!(revealed.prefix_digest, expected.prefix_digest);
                assert_eq!(revealed.total_octets, expected.total_octets);
                assert_eq!(revealed.seal, seal);
                assert_eq!(revealed.context, context);
            }
        }
    }
}

/// T1: a second vault, with whatever key, opens nothing that was sealed to the first.
#[test]
fn another_key_does_not_open_it() {
    let (sealed, _) = sealed();
    let other = OneTimeKey::generate(Suite::X25519Aes256Gcm, &mut script("another key"));
    let mut stated = statement();
    let payload = stated.payload();
    let opened = other.open(&sealed, &payload, &context(), pages());
    assert_eq!(opened.err(), Some(Refusal), "not the stated key");
    let other = OneTimeKey::generate(Suite::X25519Aes256Gcm, &mut script("another key"));
    stated.public_key = other.public_key();
    let opened = other.open(&sealed, &stated.payload(), &context(), pages());
    assert_eq!(opened.err(), Some(Refusal), "stated alike, still another");
}

/// T1: key id, expiry, connection, promises and program are bound by `info`.
#[test]
fn another_statement_of_the_same_key_does_not_open_it() {
    let (sealed, _) = sealed();
    let changes: [fn(&mut Statement); 4] = [
        |s| s.key_id = KeyId([0; 16]),
        |s| s.expires += 1,
        |s| s.channel_binding = ChannelBinding([0; 32]),
        |s| s.program[0] ^= 1,
    ];
    for (at, change) in changes.into_iter().enumerate() {
        let mut other = statement();
        change(&mut other);
        let opened = one_time_key().open(&sealed, &other.payload(), &context(), pages());
        assert_eq!(opened.err(), Some(Refusal), "change {at}");
    }
    let opened = one_time_key().open(&sealed, b"", &context(), pages());
    assert_eq!(opened.err(), Some(Refusal));
}

#[test]
fn any_bit_of_a_sealed_reveal_flipped_is_refused() {
    let (sealed, _) = sealed();
    let octets = sealed.encode();
    assert!(open(&SealedReveal::decode(&octets).unwrap()).is_ok());
    for flipped in one_bit_flipped(&octets) {
        if let Ok(flipped) = SealedReveal::decode(&flipped) {
            assert_eq!(open(&flipped).err(), Some(Refusal));
        }
    }
}

#[test]
fn a_cut_or_lengthened_sealed_reveal_is_refused() {
    let octets = sealed().0.encode();
    for len in 0..octets.len() {
        assert!(SealedReveal::decode(&octets[..len]).is_err(), "{len}");
    }
    assert!(SealedReveal::decode(&[&octets[..], &[0]].concat()).is_err());
}

/// Every way to ask for something else by one field.
fn other_askings() -> Vec<Asked<'static>> {
    let a = asked();
    vec![
        Asked {
            user: "bob@example.org",
            ..a
        },
        Asked {
            user: "Ann@example.org",
            ..a
        },
        Asked {
            mailbox: b"Sent",
            ..a
        },
        Asked {
            mailbox: b"INBOX/a",
            ..a
        },
        Asked {
            uid_validity: number(1_700_000_002),
            ..a
        },
        Asked {
            uid: number(43),
            ..a
        },
        Asked { section: "3", ..a },
        Asked {
            section: "2.1",
            ..a
        },
        Asked { section: "", ..a },
        Asked {
            container: names::CONTAINER_SMIME,
            ..a
        },
        Asked {
            parameters: &[JPEG, ("pix-x", "321"), ("pix-y", "240")],
            ..a
        },
        Asked {
            parameters: &[JPEG, ("pix-x", "240"), ("pix-y", "320")],
            ..a
        },
        Asked {
            parameters: &[JPEG, ("pix-x", "320")],
            ..a
        },
        Asked {
            parameters: &[
                (names::PARAM_TYPE, "image/png"),
                ("pix-x", "320"),
                ("pix-y", "240"),
            ],
            ..a
        },
        Asked {
            parameters: &[
                JPEG,
                ("pix-x", "320"),
                ("pix-y", "240"),
                (names::PARAM_OCTETS, "40960"),
            ],
            ..a
        },
        Asked {
            parameters: &[
                JPEG,
                ("pix-x", "320"),
                ("pix-y", "240"),
                (names::PARAM_INNER, "2"),
            ],
            ..a
        },
    ]
}

/// T2.
#[test]
fn a_reveal_is_refused_for_any_other_context() {
    let (sealed, _) = sealed();
    assert!(open(&sealed).is_ok());
    for other in other_askings() {
        let other = Context::new(other).unwrap();
        assert_eq!(open_for(&sealed, &other).err(), Some(Refusal), "{other:?}");
        // And the other way round: sealed for the other, asked for this.
        if other.container() == names::CONTAINER_SEALED {
            let made = reveal_of(ContentAlgorithm::Aes256Gcm, Seal::Session, other.clone());
            let (sealed, _) = sealed_from(made);
            assert_eq!(open(&sealed).err(), Some(Refusal), "{other:?}");
            assert!(open_for(&sealed, &other).is_ok());
        }
    }
}

#[derive(Clone, Debug, PartialEq)]
struct Fields {
    user: String,
    mailbox: Vec<u8>,
    uid_validity: u32,
    uid: u32,
    section: String,
    parameters: Vec<(String, String)>,
}

impl Fields {
    fn context(&self) -> Context {
        let parameters: Vec<_> = self
            .parameters
            .iter()
            .map(|(name, value)| (name.as_str(), value.as_str()))
            .collect();
        Context::new(Asked {
            user: &self.user,
            mailbox: &self.mailbox,
            uid_validity: number(self.uid_validity),
            uid: number(self.uid),
            section: &self.section,
            container: names::CONTAINER_SEALED,
            parameters: &parameters,
        })
        .unwrap()
    }
}

/// Few values each, so that two of them agree in most fields and differ in one or two.
fn fields() -> impl Strategy<Value = Fields> {
    (
        prop::sample::select(vec!["ann", "bob", "an", "annn", ""]),
        prop::sample::select(vec![&b"INBOX"[..], b"Inbox2", b"\xff", b""]),
        1..3_u32,
        1..3_u32,
        prop::sample::select(vec!["", "1", "11", "1.1"]),
        prop::sample::subsequence(
            vec![
                ("pix-x", "1"),
                ("pix-y", "1"),
                (names::PARAM_TYPE, "image/png"),
                (names::PARAM_INNER, "1"),
            ],
            0..4,
        ),
    )
        .prop_map(
            |(user, mailbox, uid_validity, uid, section, parameters)| Fields {
                user: user.into(),
                mailbox: mailbox.into(),
                uid_validity,
                uid,
                section: section.into(),
                parameters: parameters
                    .into_iter()
                    .map(|(name, value)| (name.to_owned(), value.to_owned()))
                    .collect(),
            },
        )
}

proptest! {
    /// T2, any number of fields changed at once.
    #[test]
    fn a_reveal_opens_for_its_own_context_alone(made in fields(), asked in fields()) {
        let (sealed, _) = sealed_from(reveal_of(
            ContentAlgorithm::Aes128Cbc,
            Seal::Session,
            made.context(),
        ));
        prop_assert_eq!(open_for(&sealed, &asked.context()).is_ok(), made == asked);
        prop_assert!(open_for(&sealed, &made.context()).is_ok());
    }
}

#[test]
fn reveals_have_few_lengths() {
    let mut lengths = std::collections::BTreeSet::new();
    for user in (0..400).step_by(7) {
        let user = "u".repeat(user);
        let context = Context::new(Asked {
            user: &user,
            ..asked()
        })
        .unwrap();
        let (sealed, _) = sealed_from(reveal_of(
            ContentAlgorithm::Aes256Cbc,
            Seal::Session,
            context,
        ));
        lengths.insert(sealed.encode().len());
    }
    assert!(lengths.len() <= 2, "{lengths:?}");
}

#[test]
fn what_no_vault_would_open_is_not_sealed() {
    let refused = |change: fn(&mut Reveal)| {
        let mut reveal = reveal();
        change(&mut reveal);
        let verified = verify(&statement()).unwrap();
        verified.seal(reveal, &mut script("ephemeral")).err()
    };
    assert_eq!(
        refused(|r| r.key = session_key(16)),
        Some(SealError::KeyLength)
    );
    assert_eq!(
        refused(|r| r.nonce = vec![0; 16]),
        Some(SealError::KeyLength)
    );
    assert_eq!(refused(|r| r.prefix_len = 0), Some(SealError::Prefix));
    assert_eq!(refused(|r| r.total_octets = 8191), Some(SealError::Prefix));
    assert_eq!(
        refused(|r| r.seal = certificate(10)),
        Some(SealError::Container)
    );
    let too_long = |r: &mut Reveal| {
        r.seal = certificate(16_000);
        r.context = smime_context();
    };
    assert_eq!(refused(too_long), Some(SealError::TooLong));
}

/// RFC 9180 §7.1.4.
#[test]
fn a_public_key_of_small_order_is_not_sealed_to() {
    let mut stated = statement();
    stated.public_key = vec![0; 32];
    let verified = verify(&stated).unwrap();
    let sealed = verified.seal(reveal(), &mut script("ephemeral"));
    assert_eq!(sealed.err(), Some(SealError::PublicKey));
}

fn verify_octets(octets: &[u8]) -> Option<StatementError> {
    SignedStatement::verify(octets, &identity().public(), &CHANNEL, NOW).err()
}

#[test]
fn a_statement_says_what_was_signed() {
    let verified = verify(&statement()).unwrap();
    assert_eq!(*verified.statement(), statement());
    let signed = sign(&statement(), &identity());
    let claimed = SignedStatement::claimed_identity(&signed);
    assert_eq!(claimed, Ok(identity().public()));
    let text = SignedStatement::to_base64(&signed);
    assert_eq!(SignedStatement::from_base64(text.as_bytes()), Ok(signed));
    let long = vec![b'A'; 10_000];
    assert_eq!(
        SignedStatement::from_base64(&long),
        Err(StatementError::Malformed)
    );
}

/// T3.
#[test]
fn any_bit_of_a_statement_flipped_is_refused() {
    let signed = sign(&statement(), &identity());
    for flipped in one_bit_flipped(&signed) {
        assert!(verify_octets(&flipped).is_some());
    }
    for len in 0..signed.len() {
        assert_eq!(
            verify_octets(&signed[..len]),
            Some(StatementError::Malformed)
        );
    }
    let longer = [&signed[..], &[0]].concat();
    assert_eq!(verify_octets(&longer), Some(StatementError::Malformed));
}

/// T3: another's signature, with its own name on it or with ours.
#[test]
fn a_statement_of_another_identity_is_refused() {
    let other = Identity::from_seed(&SecretBytes::copied_from(&seed("other"))).unwrap();
    let signed = sign(&statement(), &other);
    assert_eq!(verify_octets(&signed), Some(StatementError::Signature));
    let signature = signed.last_chunk::<64>().unwrap();
    let payload = statement().payload();
    let ours = identity().public();
    let renamed = support::second::cose_sign1(ours.octets(), &payload, signature);
    assert_eq!(verify_octets(&renamed), Some(StatementError::Signature));
    let unsigned = support::second::cose_sign1(ours.octets(), &payload, b"");
    assert_eq!(verify_octets(&unsigned), Some(StatementError::Signature));
}

/// The name in the header is under the signature too, and must be the pinned one.
#[test]
fn a_statement_that_names_another_signer_is_refused() {
    let seed = seed("identity");
    let signer = aws_lc_rs::signature::Ed25519KeyPair::from_seed_unchecked(&seed).unwrap();
    let signed_as = |named: &IdentityKey| {
        let (named, payload) = (named.octets(), statement().payload());
        let signature = signer.sign(&support::second::to_be_signed(named, &payload));
        verify_octets(&support::second::cose_sign1(
            named,
            &payload,
            signature.as_ref(),
        ))
    };
    let other = Identity::generate(&mut script("other")).public();
    assert_eq!(signed_as(&identity().public()), None);
    assert_eq!(signed_as(&other), Some(StatementError::Signature));
}

#[test]
fn a_statement_ends_with_its_last_second() {
    let signed = sign(&statement(), &identity());
    let at = |now| SignedStatement::verify(&signed, &identity().public(), &CHANNEL, now).err();
    assert_eq!(at(NOW + 119), None);
    assert_eq!(at(NOW + 120), Some(StatementError::Expired));
    assert_eq!(at(u64::MAX), Some(StatementError::Expired));
}

#[test]
fn a_statement_for_another_connection_is_refused() {
    let signed = sign(&statement(), &identity());
    for flipped in one_bit_flipped(&CHANNEL.0) {
        let other = ChannelBinding(flipped.try_into().unwrap());
        let verified = SignedStatement::verify(&signed, &identity().public(), &other, NOW);
        assert_eq!(verified.err(), Some(StatementError::ChannelBinding));
    }
}

/// A tag, another header, a header of the other kind: signed all the same, and not the one form.
#[test]
fn a_statement_has_one_form() {
    let signed = sign(&statement(), &identity());
    let tagged = [&[0xd2][..], &signed].concat();
    assert_eq!(verify_octets(&tagged), Some(StatementError::Malformed));
    let at = signed.windows(2).position(|w| w == [0xa0, 0x58]).unwrap();
    let mut with_header = signed.clone();
    with_header.splice(at..=at, [0xa1, 0x01, 0x27]);
    assert_eq!(verify_octets(&with_header), Some(StatementError::Malformed));
    let mut long_head = signed;
    long_head.splice(0..1, [0x98, 0x04]);
    assert_eq!(verify_octets(&long_head), Some(StatementError::Malformed));
}

/// A point of small order would verify signatures that nobody made.
#[test]
fn a_weak_identity_is_none() {
    let mut weak = [0; 32];
    weak[0] = 1;
    assert!(IdentityKey::from_octets(&weak).is_err());
    let forged = support::second::cose_sign1(&weak, &statement().payload(), &[0; 64]);
    assert!(SignedStatement::claimed_identity(&forged).is_err());
}

/// A sealed result and what opens it.
fn result() -> (Vec<u8>, ResultOpener) {
    let (sealed, opener) = sealed();
    let (_, sealer) = open(&sealed).unwrap();
    let result = sealer
        .seal(&result_part(), &mut script("response nonce"))
        .unwrap();
    (result, opener)
}

#[test]
fn a_result_reads_as_it_was_sealed() {
    let (result, opener) = result();
    let (opened, expected) = (opener.open(&result).unwrap(), result_part());
    assert_eq!(opened.media_type, expected.media_type);
    assert_eq!(opened.measure, expected.measure);
    assert_eq!(opened.integrity, expected.integrity);
    assert_eq!(opened.source_type, expected.source_type);
    assert_eq!(opened.source_octets, expected.source_octets);
    assert_eq!(opened.octets.expose(), expected.octets.expose());
    assert!(opener.open(&result).is_ok(), "opened again after a retry");
}

#[test]
fn results_of_any_size_are_padded() {
    for len in [0, 1, 4000, 4096, 4097, 65_000, 66_000, 300_000] {
        let (sealed, opener) = sealed();
        let (_, sealer) = open(&sealed).unwrap();
        let mut part = result_part();
        part.octets = secret::Plaintext::adopt(vec![7; len]);
        let result = sealer.seal(&part, &mut script("response nonce")).unwrap();
        let plaintext = result.len() - 32 - 16;
        assert_eq!(plaintext, padded_len(plaintext), "{len}");
        assert_eq!(opener.open(&result).unwrap().octets.len(), len);
    }
}

#[test]
fn any_bit_of_a_result_flipped_is_refused() {
    let (result, opener) = result();
    for flipped in one_bit_flipped(&result) {
        assert!(opener.open(&flipped).is_err());
    }
    for len in (0..result.len()).step_by(13) {
        assert!(opener.open(&result[..len]).is_err());
    }
}

#[test]
fn a_result_of_another_reveal_is_refused() {
    let (result, _) = result();
    let verified = verify(&statement()).unwrap();
    let (_, other) = verified.seal(reveal(), &mut script("another")).unwrap();
    assert!(other.open(&result).is_err());
}

#[test]
fn a_result_that_the_format_cannot_carry_is_not_sealed() {
    for media_type in [
        "",
        "image",
        "image/",
        "image/j peg",
        "image/jpeg\r\n",
        "IMAGE/JPEG",
    ] {
        let (_, sealer) = open(&sealed().0).unwrap();
        let mut part = result_part();
        part.media_type = media_type.into();
        let sealed = sealer.seal(&part, &mut script("response nonce"));
        assert!(sealed.is_err(), "{media_type:?}");
    }
}
