//! Parts made by hand, in every form that BER allows and some that it does not.

use aes_gcm::Aes128Gcm;
use aes_gcm::aead::{AeadInOut, KeyInit};
use proptest::prelude::*;
use secret::SessionKey;

use super::*;
use crate::algorithm::ContentAlgorithm;
use crate::cms::collect::length;

const KEY: [u8; 16] = [0x11; 16];
const NONCE: [u8; 12] = [0x22; 12];
const PLAINTEXT: &[u8] =
    b"Content-Type: text/plain\r\n\r\nThe quick brown fox jumps over the lazy dog.";

const DATA: &[u8] = &[
    0x06, 0x09, 0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x07, 0x01,
];
const AUTH_ENVELOPED: &[u8] = &[
    0x06, 0x0b, 0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x09, 0x10, 0x01, 0x17,
];
const ENVELOPED: &[u8] = &[
    0x06, 0x09, 0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x07, 0x03,
];
const AES128_GCM: &[u8] = &[
    0x06, 0x09, 0x60, 0x86, 0x48, 0x01, 0x65, 0x03, 0x04, 0x01, 0x06,
];
const AES128_CBC: &[u8] = &[
    0x06, 0x09, 0x60, 0x86, 0x48, 0x01, 0x65, 0x03, 0x04, 0x01, 0x02,
];
const INTEGER_0: &[u8] = &[0x02, 0x01, 0x00];
/// A recipient that nobody reads.
const RECIPIENTS: &[u8] = &[0x31, 0x04, 0xa4, 0x02, 0x05, 0x00];
/// authAttrs with a content-type of id-data.
const ATTRIBUTES: &[u8] = &[
    0x30, 0x18, 0x06, 0x09, 0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x09, 0x03, 0x31, 0x0b, 0x06,
    0x09, 0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x07, 0x01,
];

fn tlv(tag: u8, parts: &[&[u8]]) -> Vec<u8> {
    let content = parts.concat();
    [&[tag][..], &length(content.len()), &content].concat()
}

fn indefinite(tag: u8, parts: &[&[u8]]) -> Vec<u8> {
    [&[tag, 0x80][..], &parts.concat(), &[0, 0]].concat()
}

/// How an element is framed.
type Framing = fn(u8, &[&[u8]]) -> Vec<u8>;

/// A GCM part, field by field.
#[derive(Clone)]
struct Gcm {
    framing: Framing,
    version: Vec<u8>,
    before_recipients: Vec<u8>,
    inner_type: Vec<u8>,
    icv_len: Option<u8>,
    content: Vec<u8>,
    authenticated: Vec<u8>,
    mac: Vec<u8>,
    after: Vec<u8>,
}

impl Gcm {
    fn new() -> Self {
        Self::authenticating(b"", b"")
    }

    /// `attributes` as they stand in the message, and what the tag covers of them.
    fn authenticating(attributes: &[u8], covered: &[u8]) -> Self {
        let mut content = PLAINTEXT.to_vec();
        let tag = Aes128Gcm::new(&KEY.into())
            .encrypt_inout_detached(&NONCE.into(), covered, content.as_mut_slice().into())
            .unwrap();
        Self {
            framing: tlv,
            version: INTEGER_0.to_vec(),
            before_recipients: Vec::new(),
            inner_type: DATA.to_vec(),
            icv_len: Some(16),
            content: tlv(0x80, &[&content]),
            authenticated: attributes.to_vec(),
            mac: tag.to_vec(),
            after: Vec::new(),
        }
    }

    fn part(&self) -> Vec<u8> {
        let framed = self.framing;
        let icv_len = self
            .icv_len
            .map(|len| tlv(0x02, &[&[len]]))
            .unwrap_or_default();
        let parameters = tlv(0x30, &[&tlv(0x04, &[&NONCE]), &icv_len]);
        let identifier = tlv(0x30, &[AES128_GCM, &parameters]);
        let encrypted = framed(0x30, &[&self.inner_type, &identifier, &self.content]);
        let mac = tlv(0x04, &[&self.mac]);
        let enveloped = framed(
            0x30,
            &[
                &self.version,
                &self.before_recipients,
                RECIPIENTS,
                &encrypted,
                &self.authenticated,
                &mac,
                &self.after,
            ],
        );
        framed(0x30, &[AUTH_ENVELOPED, &framed(0xa0, &[&enveloped])])
    }

    fn ciphertext(&self) -> Vec<u8> {
        self.content[2..].to_vec()
    }
}

fn key(algorithm: ContentAlgorithm) -> ContentKey {
    ContentKey {
        key: SessionKey::fill(algorithm.key_len(), |room| {
            room.copy_from_slice(&KEY);
            Ok::<_, ()>(())
        })
        .unwrap(),
        algorithm,
        nonce: match algorithm.integrity() {
            Integrity::Authenticated => NONCE.to_vec(),
            Integrity::None => vec![0x22; 16],
        },
    }
}

fn open_runs(runs: &[&[u8]], encoding: TransferEncoding, limit: usize) -> Result<Vec<u8>, Refusal> {
    let mut opener = Opener::new(key(ContentAlgorithm::Aes128Gcm), encoding, limit);
    for run in runs {
        opener.take(run)?;
    }
    opener
        .finish()
        .map(|proven| proven.plaintext().expose().to_vec())
}

fn open(part: &[u8]) -> Result<Vec<u8>, Refusal> {
    open_runs(&[part], TransferEncoding::Identity, 1000)
}

fn opened() -> Result<Vec<u8>, Refusal> {
    Ok(PLAINTEXT.to_vec())
}

#[test]
fn definite_and_indefinite_parts_open() {
    let mut part = Gcm::new();
    assert_eq!(open(&part.part()), opened());
    part.framing = indefinite;
    assert_eq!(open(&part.part()), opened());
}

#[test]
fn constructed_nested_and_empty_strings_open() {
    let mut part = Gcm::new();
    let octets = part.ciphertext();
    let (first, second) = octets.split_at(10);
    let empty = tlv(0x04, &[]);
    let nested = indefinite(
        0x24,
        &[
            &tlv(0x04, &[&second[..7]]),
            &empty,
            &tlv(0x24, &[&tlv(0x04, &[&second[7..]])]),
        ],
    );
    for framing in [tlv, indefinite] {
        part.content = framing(0xa0, &[&empty, &tlv(0x04, &[first]), &nested]);
        assert_eq!(open(&part.part()), opened());
    }
    part.content = tlv(0xa0, &[&tlv(0x04, &[first]), &tlv(0x0c, &[second])]);
    assert_eq!(open(&part.part()), Err(Refusal), "not an octet string");
    part.content = Vec::new();
    assert_eq!(open(&part.part()), Err(Refusal), "no content");
}

#[test]
fn what_is_not_needed_is_passed_over() {
    let mut part = Gcm::new();
    part.before_recipients = tlv(0xa0, &[&tlv(0xa0, &[&tlv(0x30, &[&[0x05, 0x00]])])]);
    part.after = tlv(0xa2, &[ATTRIBUTES]);
    assert_eq!(open(&part.part()), opened());
}

#[test]
fn the_tag_covers_the_attributes_as_a_set() {
    let covered = tlv(0x31, &[ATTRIBUTES]);
    let sent = tlv(0xa1, &[ATTRIBUTES]);
    assert_eq!(open(&Gcm::authenticating(&sent, &covered).part()), opened());
    assert_eq!(
        open(&Gcm::authenticating(&indefinite(0xa1, &[ATTRIBUTES]), &covered).part()),
        opened()
    );
    assert_eq!(
        open(&Gcm::authenticating(&sent, &sent).part()),
        Err(Refusal)
    );
    assert_eq!(open(&Gcm::authenticating(&sent, b"").part()), Err(Refusal));
    assert_eq!(
        open(&Gcm::authenticating(b"", &covered).part()),
        Err(Refusal)
    );
    assert_eq!(
        open(&Gcm::authenticating(&[&sent[..], &sent].concat(), &covered).part()),
        Err(Refusal)
    );
}

#[test]
fn the_tag_has_the_length_that_is_stated() {
    for (icv_len, mac_len, opens) in [
        (Some(16), 16, true),
        (Some(16), 12, false),
        (Some(12), 16, false),
        (Some(12), 12, true),
        (Some(13), 13, true),
        (Some(15), 14, false),
        (None, 12, true),
        (None, 16, true),
        (None, 14, false),
        (Some(11), 11, false),
        (Some(17), 16, false),
        (Some(16), 0, false),
    ] {
        let mut part = Gcm::new();
        part.icv_len = icv_len;
        part.mac.truncate(mac_len);
        assert_eq!(open(&part.part()).is_ok(), opens, "{icv_len:?} {mac_len}");
    }
}

#[test]
fn only_what_the_key_is_for_opens() {
    let part = Gcm::new().part();
    let mut other = key(ContentAlgorithm::Aes128Gcm);
    other.nonce[0] ^= 1;
    let mut opener = Opener::new(other, TransferEncoding::Identity, 1000);
    assert_eq!(opener.take(&part), Err(Refusal));
    assert_eq!(opener.take(b""), Err(Refusal), "a refusal is for good");
    assert_eq!(opener.finish().err(), Some(Refusal));
    let mut opener = Opener::new(
        key(ContentAlgorithm::Aes128Cbc),
        TransferEncoding::Identity,
        1000,
    );
    assert_eq!(opener.take(&part), Err(Refusal));
}

/// RFC 9709 §1: the downgrade. The ciphertext of a GCM part, sold as CBC, to whoever has the GCM key.
#[test]
fn a_gcm_part_relabelled_as_cbc_is_refused() {
    let vector = tlv(0x04, &[&[0x22; 16]]);
    let content = tlv(0x80, &[&Gcm::new().ciphertext()[..64]]);
    let encrypted = tlv(0x30, &[DATA, &tlv(0x30, &[AES128_CBC, &vector]), &content]);
    let enveloped = tlv(0x30, &[INTEGER_0, RECIPIENTS, &encrypted]);
    let part = tlv(0x30, &[ENVELOPED, &tlv(0xa0, &[&enveloped])]);
    assert_eq!(open(&part), Err(Refusal));
}

#[test]
fn wrong_versions_types_and_neighbours_are_refused() {
    let alter = |alter: fn(&mut Gcm)| {
        let mut part = Gcm::new();
        alter(&mut part);
        open(&part.part())
    };
    assert_eq!(
        alter(|part| part.version = vec![0x02, 0x01, 0x01]),
        Err(Refusal)
    );
    assert_eq!(alter(|part| part.inner_type[10] = 0x02), Err(Refusal));
    assert_eq!(
        alter(|part| part.before_recipients = INTEGER_0.to_vec()),
        Err(Refusal)
    );
    assert_eq!(alter(|part| part.after = INTEGER_0.to_vec()), Err(Refusal));
    assert_eq!(alter(|part| part.mac.clear()), Err(Refusal));
}

#[test]
fn no_more_than_the_limit_is_held() {
    let part = Gcm::new().part();
    let limit = PLAINTEXT.len();
    assert_eq!(
        open_runs(&[&part], TransferEncoding::Identity, limit),
        opened()
    );
    assert_eq!(
        open_runs(&[&part], TransferEncoding::Identity, limit - 1),
        Err(Refusal)
    );
}

#[test]
fn every_flipped_bit_is_refused_or_changes_nothing() {
    for framing in [tlv, indefinite] {
        let mut made = Gcm::new();
        made.framing = framing;
        let part = made.part();
        let recipients = part
            .windows(RECIPIENTS.len())
            .position(|octets| octets == RECIPIENTS)
            .unwrap();
        for at in 0..part.len() {
            for bit in 0..8 {
                let mut flipped = part.clone();
                flipped[at] ^= 1 << bit;
                let found = open(&flipped);
                // The recipients are nobody's concern here (the reveal has a digest of them); all else is refused.
                let is_recipient = (recipients..recipients + RECIPIENTS.len()).contains(&at);
                assert!(
                    found == Err(Refusal) || (is_recipient && found == opened()),
                    "{at} {bit}"
                );
            }
        }
    }
}

#[test]
fn every_truncation_and_every_addition_is_refused() {
    for framing in [tlv, indefinite] {
        let mut made = Gcm::new();
        made.framing = framing;
        let part = made.part();
        for len in 0..part.len() {
            assert_eq!(open(&part[..len]), Err(Refusal), "{len}");
        }
        for more in [&[0_u8][..], &[0, 0], b"\n"] {
            assert_eq!(open(&[&part, more].concat()), Err(Refusal));
        }
    }
}

fn base64(octets: &[u8]) -> Vec<u8> {
    use base64::Engine as _;
    let text = base64::engine::general_purpose::STANDARD.encode(octets);
    text.as_bytes()
        .chunks(64)
        .flat_map(|line| [line, b"\r\n"].concat())
        .collect()
}

#[test]
fn white_space_may_follow_base64_and_nothing_else_may() {
    let part = base64(&Gcm::new().part());
    let with = |more: &[u8]| open_runs(&[&part, more], TransferEncoding::Base64, 1000);
    assert_eq!(with(b"\r\n \t\r\n"), opened());
    for more in [&b"="[..], b"AAAA", b"--"] {
        assert_eq!(with(more), Err(Refusal));
    }
    for len in 0..part.len() - 2 {
        assert_eq!(
            open_runs(&[&part[..len]], TransferEncoding::Base64, 1000),
            Err(Refusal),
            "{len}"
        );
    }
}

proptest! {
    #[test]
    fn parts_open_alike_however_they_are_cut(
        cuts in proptest::collection::vec(any::<prop::sample::Index>(), 0..20),
        form in 0..4_u8,
    ) {
        let mut made = Gcm::new();
        if form & 1 == 1 {
            made.framing = indefinite;
            made.content = indefinite(0xa0, &[&tlv(0x04, &[&made.ciphertext()[..20]]), &tlv(0x04, &[&made.ciphertext()[20..]])]);
        }
        let (part, encoding) = match form {
            0 | 1 => (made.part(), TransferEncoding::Identity),
            _base64 => (base64(&made.part()), TransferEncoding::Base64),
        };
        let mut places: Vec<usize> = cuts.iter().map(|cut| cut.index(part.len())).collect();
        places.extend([0, part.len()]);
        places.sort_unstable();
        let runs: Vec<&[u8]> = places.windows(2).map(|two| &part[two[0]..two[1]]).collect();
        prop_assert_eq!(open_runs(&runs, encoding, 1000), opened());
    }

    #[test]
    fn quoted_printable_parts_open(seed in any::<u8>()) {
        let part = Gcm::new().part();
        let text: String = part.iter().enumerate().map(|(at, octet)| {
            let soft = if (at + usize::from(seed)) % 25 == 0 { "=\r\n" } else { "" };
            format!("{soft}={octet:02X}")
        }).collect();
        prop_assert_eq!(open_runs(&[text.as_bytes()], TransferEncoding::QuotedPrintable, 1000), opened());
    }
}
