//! Messages full of canaries, sealed by our own sealer, whose random numbers are remembered: the content key is among them.

use std::collections::HashSet;
use std::fs;

use envelope::TransferEncoding;
use envelope::cms::read_header;
use envelope::recipient::{Certificate, Holder, PrivateKey};
use envelope::sealer::{SealAlgorithm, seal};
use rand_core::Rng as _;
use tests::harness::dovecot::ANN;
use tests::harness::embedded::Embedded;
use tests::harness::mail::{entity, message_with_parts, smime_part};
use tests::harness::openssl::{Cipher, KeyKind, Recipient};
use tests::harness::photograph;
use tests::harness::scratch::Scratch;
use tests::randomness::Recorded;
use tests::residue::{Form, Wanted};
use tests::secrets::key_and_rounds;

/// Octets of one canary.
const CANARY: usize = 64;
/// How many places of a picture are looked for, and how much of each.
const SAMPLES: usize = 32;
const SAMPLE: usize = 48;
/// Octets at the beginning of a picture that other pictures may have too: tables, and so our own program.
const TABLES: usize = 4096;

/// A mailbox with encrypted photographs, section 2 of each message; its owner's key; all that is secret in it.
pub(crate) struct Mailbox {
    /// The store.
    pub(crate) store: Embedded,
    /// The owner's key.
    pub(crate) holder: Holder,
    /// Its messages are 1 to this.
    pub(crate) messages: u32,
    /// What is to be looked for.
    pub(crate) wanted: Vec<Wanted>,
    /// The messages as the store has them.
    pub(crate) octets: Vec<Vec<u8>>,
}

impl Mailbox {
    /// Delivers a large photograph and two small ones, encrypted in the three ways that seal with AES-256.
    pub(crate) fn new() -> Self {
        let folder = Scratch::new();
        let mut mailbox = Self {
            store: Embedded::start(),
            holder: holder(&Recipient::make(folder.path(), "ann", KeyKind::P256)),
            messages: 0,
            wanted: Vec::new(),
            octets: Vec::new(),
        };
        let (large, small) = (photograph::progressive(), photograph::small());
        mailbox.deliver(&large.octets, SealAlgorithm::Aes256Gcm);
        mailbox.deliver(&small.octets, SealAlgorithm::Aes256GcmHkdf);
        mailbox.deliver(&small.octets, SealAlgorithm::Aes256Cbc);
        mailbox
    }

    fn deliver(&mut self, photograph: &[u8], algorithm: SealAlgorithm) {
        let picture = random();
        let photograph = with_comment(photograph, &picture);
        let header = Form::Hex.write(&random());
        let entity = [
            b"X-Canary: ".as_slice(),
            &header,
            b"\r\n",
            &entity("image/jpeg", "photograph.jpg", &photograph),
        ]
        .concat();
        self.wanted.extend([
            Wanted::new("canary in the header", &header),
            Wanted::new("canary in the picture", &picture),
        ]);
        self.wanted.extend(samples("photograph", &photograph));
        let cms = self.sealed(&entity, algorithm);
        let message = message_with_parts("a photo", &[smime_part(&cms, cipher(algorithm))]);
        self.store.deliver(ANN, &message);
        self.octets.push(message);
        self.messages += 1;
    }

    /// Seals, and notes the keys: the one that the content is encrypted with, and what else was drawn and is not public.
    fn sealed(&mut self, entity: &[u8], algorithm: SealAlgorithm) -> Vec<u8> {
        let mut rng = Recorded::default();
        let to = [self.holder.certificate().clone()];
        let cms = seal(entity, &to, algorithm, &mut rng).expect("sealed");
        let header = read_header(&cms, TransferEncoding::Identity).expect("a header");
        let content = self.holder.unwrap(&header, &mut rng).expect("a key").key;
        let drawn = rng.fillings.iter().filter(|drawn| drawn.len() == 32);
        let secret = drawn.filter(|drawn| !cms.windows(32).any(|public| public == **drawn));
        let known: Vec<&Vec<u8>> = secret.collect();
        let derived = matches!(algorithm, SealAlgorithm::Aes256GcmHkdf);
        assert_eq!(
            known.iter().any(|drawn| **drawn == content.expose()),
            !derived,
            "RFC 9709: only a derived key is not the one that was drawn"
        );
        self.wanted.extend(
            known
                .iter()
                .map(|drawn| Wanted::new("what the sealer drew", drawn)),
        );
        self.wanted
            .extend(key_and_rounds("content key", content.expose()));
        cms
    }
}

/// Places of a picture: coded octets, not the tables at its beginning and between its scans, which are in any JPEG file.
pub(crate) fn samples(name: &str, picture: &[u8]) -> Vec<Wanted> {
    let from = TABLES.min(picture.len() / 2);
    let step = (picture.len() - from - SAMPLE) / SAMPLES;
    let places = (0..SAMPLES).map(|number| from + number * step);
    let samples: Vec<Wanted> = places
        .filter_map(|at| {
            picture[at..]
                .windows(SAMPLE)
                .find(|sample| is_its_own(sample))
        })
        .map(|sample| Wanted::new(name, sample))
        .collect();
    assert!(
        samples.len() > SAMPLES / 2,
        "coded octets are most of a picture"
    );
    samples
}

/// Whether any eight octets of `sample` are found by chance nowhere else.
fn is_its_own(sample: &[u8]) -> bool {
    let differ = |octets: &[u8]| octets.iter().collect::<HashSet<_>>().len() > 5;
    sample.windows(8).all(differ)
}

fn holder(recipient: &Recipient) -> Holder {
    let key = fs::read_to_string(&recipient.key).expect("the key");
    let certificate = fs::read_to_string(&recipient.certificate).expect("the certificate");
    Holder::new(
        PrivateKey::from_pem(&key, None).expect("a key"),
        Certificate::from_pem(&certificate).expect("a certificate"),
    )
    .expect("a pair")
}

fn random() -> [u8; CANARY] {
    let mut octets = [0; CANARY];
    Recorded::default().fill_bytes(&mut octets);
    octets
}

/// A JPEG with a comment (ITU T.81 §B.2.4.5) right after its start.
fn with_comment(jpeg: &[u8], comment: &[u8]) -> Vec<u8> {
    let (start, rest) = jpeg.split_at(2);
    let len = u16::try_from(comment.len() + 2).expect("a short comment");
    [start, &[0xff, 0xfe], &len.to_be_bytes(), comment, rest].concat()
}

fn cipher(algorithm: SealAlgorithm) -> Cipher {
    match algorithm {
        SealAlgorithm::Aes256Gcm | SealAlgorithm::Aes256GcmHkdf => Cipher::Aes256Gcm,
        SealAlgorithm::Aes256Cbc => Cipher::Aes256Cbc,
    }
}
