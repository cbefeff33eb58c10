//! One thing has one encoding: everything else that a tolerant decoder would take for the same is refused. What is sealed is
//! sealed here by the second implementation, since the crate itself would never write it.

use crate::support;
use crate::support::second::{cose_sign1, seal_as_reveal, seal_result};
use crate::support::spoil::{Pairs, bytes, map, spoilings, text, uint};
use crate::support::*;
use coset::cbor::value::Value;
use keyreveal::{
    Context, ContextError, OneTimeKey, ResultOpener, SealedReveal, SignedStatement, Statement,
    StatementError, names,
};

fn keyed(values: impl IntoIterator<Item = Value>) -> Pairs {
    (1..).map(uint).zip(values).collect()
}

fn statement_pairs() -> Pairs {
    let s = statement();
    keyed([
        uint(1),
        bytes(&s.key_id.0),
        Value::Array(vec![uint(0x20), uint(1), uint(2)]),
        bytes(&s.public_key),
        uint(s.expires),
        bytes(&s.channel_binding.0),
        Value::Map(keyed([uint(2), uint(0)])),
        bytes(&s.program),
    ])
}

fn context_pairs() -> Pairs {
    let parameters = [("pix-x", "320"), ("pix-y", "240"), JPEG];
    let mut pairs = keyed([
        text("ann@example.org"),
        bytes(b"INBOX"),
        uint(1_700_000_001),
        uint(42),
        text("2"),
        text("-"),
        text(names::CONTAINER_SEALED),
        Value::Map(
            parameters
                .map(|(name, value)| (text(name), text(value)))
                .into(),
        ),
    ]);
    pairs.remove(5);
    pairs
}

/// The reveal's pairs, with so many zeros of filler.
fn reveal_pairs(filler: usize) -> Pairs {
    let key = session_key(32);
    keyed([
        uint(1),
        bytes(key.expose()),
        uint(3),
        bytes(&seed("nonce")[..12]),
        uint(1),
        uint(8192),
        bytes(&seed("prefix")),
        uint(3_456_789),
        Value::Array(vec![uint(0)]),
        bytes(&map(&context_pairs())),
        bytes(&vec![0; filler]),
    ])
}

fn result_pairs() -> Pairs {
    keyed([
        uint(1),
        text("image/jpeg"),
        uint(320),
        uint(240),
        uint(1),
        text("image/png"),
        uint(2_500_000),
        bytes(b"picture"),
    ])
}

/// The smallest filler that brings what `write` makes of the reveal's pairs to a multiple of 512.
fn padded_reveal(write: impl Fn(&Pairs) -> Vec<u8>) -> Option<Vec<u8>> {
    (0..1100)
        .map(|filler| write(&reveal_pairs(filler)))
        .find(|octets| octets.len() % 512 == 0)
}

/// Whether the vault's key opens this plaintext.
fn opens(plaintext: &[u8]) -> bool {
    let (statement, key) = (statement(), one_time_key());
    let payload = statement.payload();
    let recipient = key.public_key().try_into().unwrap();
    let (sealed, _) = seal_as_reveal(&statement.key_id.0, recipient, &payload, plaintext);
    let sealed = SealedReveal::decode(&sealed).unwrap();
    OneTimeKey::open(key, &sealed, &payload, &context(), pages()).is_ok()
}

#[test]
fn the_crate_writes_what_the_second_writer_writes() {
    assert_eq!(statement().payload(), map(&statement_pairs()));
    assert_eq!(context().encode(), map(&context_pairs()));
    assert!(opens(&padded_reveal(map).unwrap()));
}

#[test]
fn a_statement_payload_has_one_encoding() {
    let seed = seed("identity");
    let signer = aws_lc_rs::signature::Ed25519KeyPair::from_seed_unchecked(&seed).unwrap();
    let ours = identity().public();
    let verify = |payload: &[u8]| {
        let to_be_signed = support::second::to_be_signed(ours.octets(), payload);
        let signature = signer.sign(&to_be_signed);
        let signed = cose_sign1(ours.octets(), payload, signature.as_ref());
        SignedStatement::verify(&signed, &ours, &CHANNEL, NOW).err()
    };
    assert_eq!(verify(&map(&statement_pairs())), None);
    for (name, spoil) in spoilings(8) {
        let payload = spoil(&statement_pairs());
        assert_eq!(verify(&payload), Some(StatementError::Malformed), "{name}");
        assert_eq!(
            Statement::from_payload(&payload),
            Err(StatementError::Malformed),
            "{name}"
        );
    }
}

#[test]
fn a_context_has_one_encoding() {
    assert_eq!(Context::decode(&map(&context_pairs())), Ok(context()));
    for (name, spoil) in spoilings(7) {
        let spoilt = Context::decode(&spoil(&context_pairs()));
        assert_eq!(spoilt, Err(ContextError::Malformed), "{name}");
    }
}

#[test]
fn a_contexts_parameters_are_in_order_and_once() {
    let with = |parameters: &[(&str, &str)]| {
        let mut pairs = context_pairs();
        let parameters = parameters.iter().map(|(n, v)| (text(n), text(v)));
        pairs[6].1 = Value::Map(parameters.collect());
        Context::decode(&map(&pairs)).is_ok()
    };
    assert!(with(&[]));
    // RFC 8949 §4.2.1: by the octets of the encoded key, so a shorter name comes first.
    assert!(with(&[("b", ""), ("aa", "")]));
    assert!(!with(&[("aa", ""), ("b", "")]));
    assert!(!with(&[("b", ""), ("b", "")]));
    assert!(!with(&[("B", "")]));
    assert!(!with(&[(names::PARAM_REVEAL, "")]));
    assert!(!with(&[(names::PARAM_INNER, "1")]), "has a key of its own");
}

#[test]
fn a_reveal_has_one_encoding() {
    for (name, spoil) in spoilings(11) {
        if let Some(plaintext) = padded_reveal(&spoil) {
            assert!(!opens(&plaintext), "{name}");
        }
    }
}

/// Sealed to the vault's key under a statement of another key: nobody honest does that, and the statement is not about this key.
#[test]
fn a_statement_of_another_key_opens_nothing() {
    let (mut stated, key) = (statement(), one_time_key());
    let recipient = key.public_key().try_into().unwrap();
    stated.public_key = vec![9; 32];
    let (payload, plaintext) = (stated.payload(), padded_reveal(map).unwrap());
    let (sealed, _) = seal_as_reveal(&stated.key_id.0, recipient, &payload, &plaintext);
    let sealed = SealedReveal::decode(&sealed).unwrap();
    let opened = key.open(&sealed, &payload, &context(), pages());
    assert!(opened.is_err());
}

/// A field of the reveal set to something else, all else right.
fn opens_with(key: usize, value: Value) -> bool {
    let write = move |pairs: &Pairs| {
        let mut pairs = pairs.clone();
        pairs[key - 1].1 = value.clone();
        map(&pairs)
    };
    opens(&padded_reveal(write).unwrap())
}

#[test]
fn a_reveal_that_contradicts_itself_is_refused() {
    let key = |len| bytes(session_key(len).expose());
    assert!(opens_with(2, key(32)));
    assert!(!opens_with(1, uint(2)), "version");
    assert!(!opens_with(2, key(16)), "a key of another length");
    assert!(
        !opens_with(3, uint(1)),
        "an algorithm of another key length"
    );
    assert!(!opens_with(3, uint(2)), "an algorithm that is not ours");
    assert!(!opens_with(3, Value::from(-65_529)), "CBC with a GCM nonce");
    assert!(!opens_with(4, bytes(&[0; 13])), "a nonce of another length");
    assert!(!opens_with(5, uint(3)), "an unknown transfer encoding");
    assert!(!opens_with(6, uint(0)), "an empty prefix");
    assert!(!opens_with(6, uint(3_456_790)), "a prefix beyond the part");
    assert!(
        !opens_with(7, bytes(&[0; 31])),
        "a digest of another length"
    );
    assert!(!opens_with(8, uint(8191)), "a part shorter than its prefix");
    let seal = |items: &[Value]| Value::Array(items.to_vec());
    assert!(!opens_with(9, seal(&[])), "no seal");
    assert!(!opens_with(9, seal(&[uint(2)])), "an unknown seal");
    assert!(
        !opens_with(9, seal(&[uint(0), uint(0)])),
        "a seal with more"
    );
    let smime = seal(&[uint(1), bytes(b"0"), uint(0)]);
    assert!(!opens_with(9, smime), "a seal for another container");
    let longer = [&context().encode()[..], &[0]].concat();
    assert!(!opens_with(10, bytes(&longer)), "a context with more");
}

#[test]
fn padding_is_zeros_to_a_multiple_of_512() {
    let plaintext = padded_reveal(map).unwrap();
    let mut spoilt = plaintext.clone();
    *spoilt.last_mut().unwrap() = 1;
    assert!(!opens(&spoilt), "a filler that is not zeros");
    assert!(
        !opens(&[&plaintext[..], &[0; 512]].concat()),
        "zeros after the map"
    );
    assert!(!opens(&map(&reveal_pairs(0))), "not padded");
    let more = (513..).map(|filler| map(&reveal_pairs(filler)));
    let more = more.into_iter().find(|octets| octets.len() % 512 == 0);
    assert!(opens(&more.unwrap()), "a sender may pad more");
    let most = (15_000..).map(|filler| map(&reveal_pairs(filler)));
    let mut long = most.filter(|octets| octets.len() % 512 == 0 && octets.len() >= 16_384);
    assert!(opens(&long.next().unwrap()), "16384 octets");
    assert!(!opens(&long.next().unwrap()), "more than that");
}

/// The handset's end of an exchange, and a vault that seals what it likes.
fn rogue_vault() -> (ResultOpener, impl Fn(&[u8]) -> Vec<u8>) {
    let verified = verify(&statement()).unwrap();
    let (sealed, opener) = verified.seal(reveal(), &mut script("ephemeral")).unwrap();
    let (private, public) = support::second::derive_key_pair(&seed("one-time key"));
    let sealed = sealed.encode();
    let enc: [u8; 32] = sealed[21..53].try_into().unwrap();
    let shared = support::second::shared_secret(private, enc, enc, public);
    let info = support::second::info(&statement().payload());
    let secret = support::second::Hpke::new(2, &shared, &info).export(b"keyhole result 1");
    (opener, move |plaintext: &[u8]| {
        seal_result(&secret, &enc, &seed("response nonce"), plaintext)
    })
}

fn padded_result(cbor: &[u8]) -> Vec<u8> {
    let len = u32::try_from(cbor.len()).unwrap();
    let mut plaintext = [&len.to_be_bytes()[..], cbor].concat();
    plaintext.resize(keyreveal::padded_len(plaintext.len()), 0);
    plaintext
}

#[test]
fn a_result_has_one_encoding() {
    let (opener, seal) = rogue_vault();
    let opens = |plaintext: &[u8]| opener.open(&seal(plaintext)).is_ok();
    assert!(opens(&padded_result(&map(&result_pairs()))));
    for (name, spoil) in spoilings(8) {
        assert!(!opens(&padded_result(&spoil(&result_pairs()))), "{name}");
    }
    for (key, value) in [
        (1, uint(2)),
        (2, text("image/JPEG")),
        (2, text("image/jpeg; \u{1b}[2J")),
        (3, uint(1 << 32)),
        (5, uint(2)),
        (6, text("")),
    ] {
        let mut pairs = result_pairs();
        pairs[key - 1].1 = value;
        assert!(!opens(&padded_result(&map(&pairs))), "{key}");
    }
}

#[test]
fn a_result_padded_otherwise_is_refused() {
    let (opener, seal) = rogue_vault();
    let opens = |plaintext: &[u8]| opener.open(&seal(plaintext)).is_ok();
    let plaintext = padded_result(&map(&result_pairs()));
    assert!(opens(&plaintext));
    let mut spoilt = plaintext.clone();
    *spoilt.last_mut().unwrap() = 1;
    assert!(!opens(&spoilt));
    assert!(!opens(&plaintext[..4095]));
    assert!(!opens(&[&plaintext[..], &[0; 256]].concat()));
    assert!(!opens(&[&[0xff; 4][..], &plaintext[4..]].concat()));
    assert!(!opens(&[0, 0, 0]));
    assert!(!opens(&[]));
}
