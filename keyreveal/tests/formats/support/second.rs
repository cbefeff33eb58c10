//! The exchange once more, written from RFC 9180, RFC 9458 and RFC 9052 with other crates than `hpke`, `hkdf`, `aes-gcm`, `coset`
//! and `ed25519-dalek`: what both agree on is what the documents say.

use aws_lc_rs::aead::{AES_128_GCM, AES_256_GCM, Aad, Algorithm, LessSafeKey, Nonce, UnboundKey};
use hmac::{Hmac, KeyInit, Mac};
use sha2::{Digest, Sha256};
use x25519_dalek::{PublicKey, StaticSecret};

fn hmac(key: &[u8], parts: &[&[u8]]) -> Vec<u8> {
    let mut mac = Hmac::<Sha256>::new_from_slice(key).unwrap();
    parts.iter().for_each(|part| mac.update(part));
    mac.finalize().into_bytes().to_vec()
}

/// HKDF-Extract (RFC 5869 §2.2).
pub(crate) fn extract(salt: &[u8], ikm: &[u8]) -> Vec<u8> {
    hmac(salt, &[ikm])
}

/// HKDF-Expand (RFC 5869 §2.3).
pub(crate) fn expand(prk: &[u8], info: &[u8], len: usize) -> Vec<u8> {
    let (mut out, mut block) = (Vec::new(), Vec::new());
    for counter in 1_u8.. {
        block = hmac(prk, &[&block, info, &[counter]]);
        out.extend_from_slice(&block);
        if out.len() >= len {
            break;
        }
    }
    out.truncate(len);
    out
}

/// RFC 9180 §4, with the suite identifier.
struct Labeled(Vec<u8>);

impl Labeled {
    fn extract(&self, salt: &[u8], label: &str, ikm: &[u8]) -> Vec<u8> {
        extract(
            salt,
            &[b"HPKE-v1", &self.0[..], label.as_bytes(), ikm].concat(),
        )
    }

    fn expand(&self, prk: &[u8], label: &str, info: &[u8], len: u16) -> Vec<u8> {
        let labeled = [
            &len.to_be_bytes()[..],
            b"HPKE-v1",
            &self.0,
            label.as_bytes(),
            info,
        ];
        expand(prk, &labeled.concat(), len.into())
    }
}

fn kem() -> Labeled {
    Labeled(b"KEM\x00\x20".to_vec())
}

/// `DeriveKeyPair` for X25519 (RFC 9180 §7.1.3): private and public key.
pub(crate) fn derive_key_pair(ikm: &[u8]) -> ([u8; 32], [u8; 32]) {
    let private = kem().expand(&kem().extract(b"", "dkp_prk", ikm), "sk", b"", 32);
    let private: [u8; 32] = private.try_into().unwrap();
    (private, public_of(private))
}

pub(crate) fn public_of(private: [u8; 32]) -> [u8; 32] {
    PublicKey::from(&StaticSecret::from(private)).to_bytes()
}

/// The shared secret (RFC 9180 §4.1), the same from either side.
pub(crate) fn shared_secret(
    ours: [u8; 32],
    theirs: [u8; 32],
    enc: [u8; 32],
    recipient: [u8; 32],
) -> Vec<u8> {
    let dh = StaticSecret::from(ours).diffie_hellman(&PublicKey::from(theirs));
    let prk = kem().extract(b"", "eae_prk", dh.as_bytes());
    kem().expand(&prk, "shared_secret", &[enc, recipient].concat(), 32)
}

/// An HPKE context in base mode, before its first message.
pub(crate) struct Hpke {
    suite: Labeled,
    algorithm: &'static Algorithm,
    pub(crate) key: Vec<u8>,
    pub(crate) base_nonce: Vec<u8>,
    pub(crate) exporter_secret: Vec<u8>,
}

impl Hpke {
    /// The key schedule (RFC 9180 §5.1) for AEAD 1 or 2.
    pub(crate) fn new(aead: u8, shared_secret: &[u8], info: &[u8]) -> Self {
        let suite = Labeled([&b"HPKE\x00\x20\x00\x01\x00"[..], &[aead]].concat());
        let (algorithm, key_len) = match aead {
            1 => (&AES_128_GCM, 16),
            2 => (&AES_256_GCM, 32),
            _ => unreachable!("no such AEAD here"),
        };
        let psk_id_hash = suite.extract(b"", "psk_id_hash", b"");
        let info_hash = suite.extract(b"", "info_hash", info);
        let context = [&[0][..], &psk_id_hash, &info_hash].concat();
        let secret = suite.extract(shared_secret, "secret", b"");
        Self {
            key: suite.expand(&secret, "key", &context, key_len),
            base_nonce: suite.expand(&secret, "base_nonce", &context, 12),
            exporter_secret: suite.expand(&secret, "exp", &context, 32),
            algorithm,
            suite,
        }
    }

    /// The first message; later ones have other nonces.
    pub(crate) fn seal(&self, aad: &[u8], plaintext: &[u8]) -> Vec<u8> {
        seal(self.algorithm, &self.key, &self.base_nonce, aad, plaintext)
    }

    pub(crate) fn export(&self, context: &[u8]) -> Vec<u8> {
        self.suite.expand(&self.exporter_secret, "sec", context, 32)
    }
}

pub(crate) fn seal(
    algorithm: &'static Algorithm,
    key: &[u8],
    nonce: &[u8],
    aad: &[u8],
    plaintext: &[u8],
) -> Vec<u8> {
    let key = LessSafeKey::new(UnboundKey::new(algorithm, key).unwrap());
    let nonce = Nonce::try_assume_unique_for_key(nonce).unwrap();
    let mut octets = plaintext.to_vec();
    key.seal_in_place_append_tag(nonce, Aad::from(aad), &mut octets)
        .unwrap();
    octets
}

/// HPKE's `info` for a reveal.
pub(crate) fn info(statement_payload: &[u8]) -> Vec<u8> {
    [&b"keyhole reveal 1"[..], &Sha256::digest(statement_payload)].concat()
}

/// A result's key and nonce (RFC 9458 §4.4).
pub(crate) fn result_keys(secret: &[u8], enc: &[u8], response_nonce: &[u8]) -> (Vec<u8>, Vec<u8>) {
    let prk = extract(&[enc, response_nonce].concat(), secret);
    (expand(&prk, b"key", 32), expand(&prk, b"nonce", 12))
}

/// A sealed result.
pub(crate) fn seal_result(
    secret: &[u8],
    enc: &[u8],
    response_nonce: &[u8],
    plaintext: &[u8],
) -> Vec<u8> {
    let (key, nonce) = result_keys(secret, enc, response_nonce);
    let ct = seal(&AES_256_GCM, &key, &nonce, b"", plaintext);
    [response_nonce, &ct].concat()
}

/// A byte string as CBOR, for lengths below 65536.
pub(crate) fn bstr(octets: &[u8]) -> Vec<u8> {
    let head = match u16::try_from(octets.len()).unwrap() {
        len @ 0..=23 => vec![0x40 + u8::try_from(len).unwrap()],
        len @ 24..=255 => vec![0x58, u8::try_from(len).unwrap()],
        len => [&[0x59][..], &len.to_be_bytes()].concat(),
    };
    [&head, octets].concat()
}

/// The protected header {alg: EdDSA, kid: signer}.
pub(crate) fn protected(signer: &[u8]) -> Vec<u8> {
    [&[0xa2, 0x01, 0x27, 0x04][..], &bstr(signer)].concat()
}

/// What is signed: `Sig_structure` (RFC 9052 §4.4).
pub(crate) fn to_be_signed(signer: &[u8], payload: &[u8]) -> Vec<u8> {
    [
        &b"\x84\x6aSignature1"[..],
        &bstr(&protected(signer)),
        &bstr(b"keyhole statement 1"),
        &bstr(payload),
    ]
    .concat()
}

/// An untagged `COSE_Sign1` (RFC 9052 §4.2).
pub(crate) fn cose_sign1(signer: &[u8], payload: &[u8], signature: &[u8]) -> Vec<u8> {
    [
        &[0x84][..],
        &bstr(&protected(signer)),
        &[0xa0],
        &bstr(payload),
        &bstr(signature),
    ]
    .concat()
}

/// Seals octets of the test's choice as a reveal: the encoding of `SealedReveal`, and the result's secret.
pub(crate) fn seal_as_reveal(
    key_id: &[u8],
    recipient: [u8; 32],
    statement_payload: &[u8],
    plaintext: &[u8],
) -> (Vec<u8>, Vec<u8>) {
    let (ephemeral, enc) = derive_key_pair(&[0xee; 32]);
    let shared = shared_secret(ephemeral, recipient, enc, recipient);
    let hpke = Hpke::new(2, &shared, &info(statement_payload));
    let ct = hpke.seal(b"", plaintext);
    let sealed = [&[0x84, 0x01][..], &bstr(key_id), &bstr(&enc), &bstr(&ct)].concat();
    (sealed, hpke.export(b"keyhole result 1"))
}
