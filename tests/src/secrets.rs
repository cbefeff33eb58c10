//! The secrets of one reveal, computed a second time from the numbers that a test vault drew. Written after the RFCs and without
//! the code under test; that they are the right ones is shown by what they open.

use aws_lc_rs::aead::{AES_256_GCM, Aad, LessSafeKey, NONCE_LEN, Nonce, UnboundKey};
use hkdf::Hkdf;
use rand_core::TryRng as _;
use sha2::{Digest as _, Sha256};
use x25519_dalek::{PublicKey, StaticSecret};

use crate::key_schedule::round_keys;
use crate::randomness::Seeded;
use crate::residue::Wanted;

/// RFC 9180 §7.1: DHKEM(X25519, HKDF-SHA256).
const KEM: &[u8] = b"KEM\x00\x20";
/// RFC 9180 §5.1: the same with HKDF-SHA256 and AES-256-GCM.
const HPKE: &[u8] = b"HPKE\x00\x20\x00\x01\x00\x02";
const VERSION: &[u8] = b"HPKE-v1";
/// Octets of every secret here but nonces.
const LEN: usize = 32;

/// A test vault's one-time key.
pub struct OneTime {
    seed: [u8; LEN],
    private: [u8; LEN],
    /// The public half, as in the statement.
    pub public: [u8; LEN],
}

/// A reveal as it is sent: what its CBOR holds beside the key id.
pub struct Sent {
    enc: Vec<u8>,
    ct: Vec<u8>,
}

/// What both ends have in common for one reveal.
pub struct Exchange {
    enc: Vec<u8>,
    dh: [u8; LEN],
    shared: [u8; LEN],
    scheduled: [u8; LEN],
    key: [u8; LEN],
    nonce: [u8; NONCE_LEN],
    exporter: [u8; LEN],
    result: [u8; LEN],
}

impl OneTime {
    /// The key of the test vault that runs as this process: `DeriveKeyPair` (RFC 9180 §7.1.3) over its first octets.
    #[must_use]
    pub fn of_vault(process: u32) -> Self {
        let mut seed = [0; LEN];
        let Ok(()) = Seeded::of_vault(process).try_fill_bytes(&mut seed);
        let derived = extract(KEM, &[], b"dkp_prk", &seed);
        let private: [u8; LEN] = expand(KEM, &derived, b"sk", &[]);
        let public = PublicKey::from(&StaticSecret::from(private)).to_bytes();
        Self {
            seed,
            private,
            public,
        }
    }

    /// The exchange that `sent` began, for the statement with this payload.
    ///
    /// # Panics
    /// When `sent` has no public key.
    #[must_use]
    pub fn exchange(&self, sent: &Sent, statement_payload: &[u8]) -> Exchange {
        let theirs: [u8; LEN] = sent.enc.as_slice().try_into().expect("a public key");
        let private = StaticSecret::from(self.private);
        let dh = private.diffie_hellman(&PublicKey::from(theirs)).to_bytes();
        // RFC 9180 §4.1
        let prk = extract(KEM, &[], b"eae_prk", &dh);
        let both = [sent.enc.as_slice(), &self.public].concat();
        let shared: [u8; LEN] = expand(KEM, &prk, b"shared_secret", &both);
        // RFC 9180 §5.1, base mode
        let info = [
            b"keyhole reveal 1".as_slice(),
            &Sha256::digest(statement_payload),
        ]
        .concat();
        let context = [
            [0].as_slice(),
            &extract(HPKE, &[], b"psk_id_hash", &[]),
            &extract(HPKE, &[], b"info_hash", &info),
        ]
        .concat();
        let scheduled = extract(HPKE, &shared, b"secret", &[]);
        let exporter = expand(HPKE, &scheduled, b"exp", &context);
        Exchange {
            enc: sent.enc.clone(),
            dh,
            shared,
            scheduled,
            key: expand(HPKE, &scheduled, b"key", &context),
            nonce: expand(HPKE, &scheduled, b"base_nonce", &context),
            exporter,
            // RFC 9180 §5.3
            result: expand(HPKE, &exporter, b"sec", b"keyhole result 1"),
        }
    }

    /// What is to be looked for.
    #[must_use]
    pub fn wanted(&self) -> Vec<Wanted> {
        vec![
            Wanted::new("one-time key's seed", &self.seed),
            Wanted::new("one-time private key", &self.private),
        ]
    }
}

impl Sent {
    /// Reads `[1, key id, enc, ct]`.
    ///
    /// # Panics
    /// When it is none.
    #[must_use]
    pub fn read(sealed_reveal: &[u8]) -> Self {
        let mut read = minicbor::Decoder::new(sealed_reveal);
        assert_eq!(read.array().expect("an array"), Some(4));
        assert_eq!(read.u8().expect("a version"), 1);
        let _key_id = read.bytes().expect("a key id");
        let mut next = || read.bytes().expect("a byte string").to_vec();
        Self {
            enc: next(),
            ct: next(),
        }
    }
}

impl Exchange {
    /// The reveal, opened: shows that the secrets are the right ones.
    #[must_use]
    pub fn open_reveal(&self, sent: &Sent) -> Option<Vec<u8>> {
        open(&self.key, self.nonce, &sent.ct)
    }

    /// The session-sealed result, opened, and what is to be looked for of it.
    #[must_use]
    pub fn open_result(&self, sealed: &[u8]) -> Option<(Vec<u8>, Vec<Wanted>)> {
        let (response_nonce, sealed) = sealed.split_at_checked(LEN)?;
        let salt = [self.enc.as_slice(), response_nonce].concat();
        let (_, prk) = Hkdf::<Sha256>::extract(Some(&salt), &self.result);
        let (mut key, mut nonce) = ([0; LEN], [0; NONCE_LEN]);
        prk.expand(b"key", &mut key).ok()?;
        prk.expand(b"nonce", &mut nonce).ok()?;
        let opened = open(&key, nonce, sealed)?;
        Some((opened, key_and_rounds("result key", &key)))
    }

    /// What is to be looked for.
    #[must_use]
    pub fn wanted(&self) -> Vec<Wanted> {
        let mut wanted = vec![
            Wanted::new("Diffie-Hellman output", &self.dh),
            Wanted::new("HPKE shared secret", &self.shared),
            Wanted::new("HPKE key schedule's secret", &self.scheduled),
            Wanted::new("HPKE exporter secret", &self.exporter),
            Wanted::new("result's secret", &self.result),
        ];
        wanted.extend(key_and_rounds("HPKE key", &self.key));
        wanted
    }
}

/// An AES-256 key and its round keys.
#[must_use]
pub fn key_and_rounds(name: &str, key: &[u8]) -> Vec<Wanted> {
    let rounds = round_keys(key);
    let rounds = rounds
        .into_iter()
        .map(|(way, octets)| Wanted::new(&format!("{name}'s round keys, {way}"), &octets));
    std::iter::once(Wanted::new(name, key))
        .chain(rounds)
        .collect()
}

/// LabeledExtract (RFC 9180 §4)
fn extract(suite: &[u8], salt: &[u8], label: &[u8], ikm: &[u8]) -> [u8; LEN] {
    let labeled = [VERSION, suite, label, ikm].concat();
    Hkdf::<Sha256>::extract(Some(salt), &labeled).0.into()
}

/// LabeledExpand (RFC 9180 §4)
fn expand<const N: usize>(suite: &[u8], prk: &[u8; LEN], label: &[u8], info: &[u8]) -> [u8; N] {
    let len = u16::try_from(N).expect("a short secret").to_be_bytes();
    let labeled = [len.as_slice(), VERSION, suite, label, info].concat();
    let mut out = [0; N];
    let prk = Hkdf::<Sha256>::from_prk(prk).expect("a key of full length");
    prk.expand(&labeled, &mut out).expect("a short secret");
    out
}

fn open(key: &[u8], nonce: [u8; NONCE_LEN], sealed: &[u8]) -> Option<Vec<u8>> {
    let key = LessSafeKey::new(UnboundKey::new(&AES_256_GCM, key).ok()?);
    let mut room = sealed.to_vec();
    let nonce = Nonce::assume_unique_for_key(nonce);
    let opened = key.open_in_place(nonce, Aad::empty(), &mut room).ok()?;
    Some(opened.to_vec())
}
