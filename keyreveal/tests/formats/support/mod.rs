//! What the tests of this crate share: fixed randomness, one exchange ready to be spoilt, and a second implementation.

pub(crate) mod second;
pub(crate) mod spoil;

use std::convert::Infallible;
use std::num::NonZeroU32;

use keyreveal::{
    Asked, ChannelBinding, ContentAlgorithm, Context, Identity, Integrity, KeyId, Measure,
    OneTimeKey, Promises, ResultPart, Retention, Reveal, SandboxLevel, Seal, SignedStatement,
    Statement, StatementError, Suite, TransferEncoding, Verified, names, sign,
};
use rand_core::{TryCryptoRng, TryRng};
use secret::{Pages, Plaintext, SecretBytes, SessionKey};
use sha2::{Digest, Sha256};

/// Gives out exactly these octets, and panics when more are asked for.
pub(crate) struct Script(pub(crate) Vec<u8>);

impl TryRng for Script {
    type Error = Infallible;

    fn try_next_u32(&mut self) -> Result<u32, Infallible> {
        unreachable!("only octets are asked for")
    }

    fn try_next_u64(&mut self) -> Result<u64, Infallible> {
        unreachable!("only octets are asked for")
    }

    fn try_fill_bytes(&mut self, dst: &mut [u8]) -> Result<(), Infallible> {
        let rest = self.0.split_off(dst.len());
        dst.copy_from_slice(&self.0);
        self.0 = rest;
        Ok(())
    }
}

impl TryCryptoRng for Script {}

/// 32 octets that look random: the SHA-256 of a name.
pub(crate) fn seed(name: &str) -> [u8; 32] {
    Sha256::digest(name).into()
}

pub(crate) fn script(name: &str) -> Script {
    Script(seed(name).to_vec())
}

pub(crate) const NOW: u64 = 1_795_000_000;
pub(crate) const CHANNEL: ChannelBinding = ChannelBinding([0xcb; 32]);
pub(crate) const JPEG: (&str, &str) = (names::PARAM_TYPE, "image/jpeg");

pub(crate) fn identity() -> Identity {
    Identity::from_seed(&SecretBytes::copied_from(&seed("identity"))).unwrap()
}

pub(crate) fn one_time_key() -> OneTimeKey {
    OneTimeKey::generate(Suite::X25519Aes256Gcm, &mut script("one-time key"))
}

pub(crate) fn statement() -> Statement {
    Statement {
        key_id: KeyId(*seed("key id").first_chunk().unwrap()),
        suite: Suite::X25519Aes256Gcm,
        public_key: one_time_key().public_key(),
        expires: NOW + 120,
        channel_binding: CHANNEL,
        promises: Promises {
            sandbox: SandboxLevel::Full,
            retention: Retention::None,
        },
        program: seed("program"),
    }
}

pub(crate) fn verify(statement: &Statement) -> Result<Verified, StatementError> {
    let signed = sign(statement, &identity());
    SignedStatement::verify(&signed, &identity().public(), &CHANNEL, NOW)
}

pub(crate) fn number(value: u32) -> NonZeroU32 {
    NonZeroU32::new(value).unwrap()
}

pub(crate) fn asked() -> Asked<'static> {
    Asked {
        user: "ann@example.org",
        mailbox: b"INBOX",
        uid_validity: number(1_700_000_001),
        uid: number(42),
        section: "2",
        container: names::CONTAINER_SEALED,
        parameters: &[JPEG, ("pix-x", "320"), ("pix-y", "240")],
    }
}

pub(crate) fn context() -> Context {
    Context::new(asked()).unwrap()
}

pub(crate) fn session_key(len: usize) -> SessionKey {
    SessionKey::fill(len, |key| {
        key.copy_from_slice(&seed("content key")[..len]);
        Ok::<_, Infallible>(())
    })
    .unwrap()
}

pub(crate) fn reveal_of(algorithm: ContentAlgorithm, seal: Seal, context: Context) -> Reveal {
    Reveal {
        key: session_key(algorithm.key_len()),
        algorithm,
        nonce: seed("nonce")[..algorithm.nonce_len()].to_vec(),
        encoding: TransferEncoding::Base64,
        prefix_len: 8192,
        prefix_digest: seed("prefix"),
        total_octets: 3_456_789,
        seal,
        context,
    }
}

pub(crate) fn reveal() -> Reveal {
    reveal_of(ContentAlgorithm::Aes256Gcm, Seal::Session, context())
}

pub(crate) fn pages() -> Pages {
    Pages::new(64).unwrap()
}

pub(crate) fn result_part() -> ResultPart {
    ResultPart {
        media_type: "image/jpeg".into(),
        measure: Measure::Picture {
            width: 320,
            height: 240,
        },
        integrity: Integrity::Authenticated,
        source_type: "image/png".into(),
        source_octets: 2_500_000,
        octets: Plaintext::adopt(b"\xff\xd8\xff\xe0 not really a picture \xff\xd9".to_vec()),
    }
}

pub(crate) fn hex(octets: &[u8]) -> String {
    octets.iter().map(|octet| format!("{octet:02x}")).collect()
}

pub(crate) fn unhex(text: &str) -> Vec<u8> {
    (0..text.len())
        .step_by(2)
        .map(|at| u8::from_str_radix(&text[at..at + 2], 16).unwrap())
        .collect()
}

/// Every octet string that differs from `octets` in one bit.
pub(crate) fn one_bit_flipped(octets: &[u8]) -> impl Iterator<Item = Vec<u8>> {
    (0..octets.len() * 8).map(move |bit| {
        let mut flipped = octets.to_vec();
        flipped[bit / 8] ^= 1 << (bit % 8);
        flipped
    })
}
