//! `bench cipher-subject`: how fast a part is opened in the way in which the vault does it, beside aws-lc-rs alone, in one process.

use std::hint::black_box;

use ::tests::harness::openssl::{self, Cipher, KeyKind, Layout, Recipient, Transport};
use ::tests::harness::scratch::Scratch;
use aws_lc_rs::aead::{AES_256_GCM, Aad, LessSafeKey, Nonce, UnboundKey};
use aws_lc_rs::cipher::{
    AES_256, DecryptingKey, DecryptionContext, EncryptingKey, EncryptionContext, UnboundCipherKey,
};
use aws_lc_rs::error::Unspecified;
use aws_lc_rs::iv::FixedLength;
use envelope::cms::read_header;
use envelope::recipient::{Certificate, Holder, PrivateKey};
use envelope::{Opener, TransferEncoding};
use getrandom::SysRng;
use getrandom::rand_core::UnwrapErr;
use serde_json::{Value, json};
use vault::frames::MAX_RUN;

use crate::failure::Failure;
use crate::load;
use crate::program::Role;
use crate::report::{Goal, Row, median};

use super::ours::processor_seconds;
use super::subjects::number;

/// Octets of the content: more than the processor's caches hold, a multiple of the block.
const CONTENT: usize = 16 << 20;
/// How much of a part's start holds its header.
const HEAD: usize = 4096;
const ROUNDS: usize = 15;
const KEY: [u8; 32] = [7; 32];
const NONCE: [u8; 12] = [9; 12];
const VECTOR: [u8; 16] = [5; 16];

impl From<Unspecified> for Failure {
    fn from(_: Unspecified) -> Self {
        Self::System("the cipher refuses".to_owned())
    }
}

/// 10⁹ octets in a second of processor time.
pub(crate) fn rows() -> Vec<Row> {
    let ciphers = ["AES-256-GCM", "AES-256-CBC"];
    let found = Role::start(&["cipher-subject".to_owned()]).and_then(|mut subject| {
        let [gcm, cbc] = [subject.answer(), subject.answer()];
        Ok([gcm?, cbc?])
    });
    let row = |at: usize, cipher: &str, peer: &str, name: &str, goal| {
        let value = |name: &str| match &found {
            Ok(answers) => number(&answers[at], name).map_err(|why| why.to_string()),
            Err(why) => Err(why.to_string()),
        };
        Row {
            name: format!("{cipher} opened in the vault, GB per CPU s, vs {peer}"),
            ours: value("ours"),
            peer: value(name),
            goal,
        }
    };
    let goal = Some(Goal::AtLeast(0.95));
    let both = ciphers.iter().enumerate();
    both.flat_map(|(at, cipher)| {
        [
            row(
                at,
                cipher,
                "aws-lc-rs, octets taken in likewise",
                "taken",
                goal,
            ),
            row(at, cipher, "aws-lc-rs on octets in place", "in_place", None),
        ]
    })
    .collect()
}

/// Measures both ciphers, a line each.
pub(crate) fn serve() -> Result<(), Failure> {
    load::print(&measure(Cipher::Aes256Gcm, &gcm_sealed()?, open_gcm)?)?;
    load::print(&measure(Cipher::Aes256Cbc, &cbc_sealed()?, open_cbc)?)
}

/// All three in turn.
fn measure(
    cipher: Cipher,
    sealed: &[u8],
    open: fn(&mut [u8]) -> Result<(), Unspecified>,
) -> Result<Value, Failure> {
    let part = Part::make(cipher)?;
    let mut seconds: [Vec<f64>; 3] = Default::default();
    let mut in_place = sealed.to_vec();
    for _ in 0..ROUNDS {
        seconds[0].push(part.open()?);
        let before = processor_seconds();
        let mut taken = Vec::with_capacity(sealed.len());
        sealed
            .chunks(MAX_RUN)
            .for_each(|run| taken.extend_from_slice(run));
        open(&mut taken)?;
        seconds[1].push(processor_seconds() - before);
        black_box(taken);
        in_place.copy_from_slice(sealed);
        let before = processor_seconds();
        open(&mut in_place)?;
        seconds[2].push(processor_seconds() - before);
    }
    let rate = |seconds: &[f64]| {
        let middle = median(seconds.to_vec()).unwrap_or(f64::NAN);
        CONTENT as f64 / middle / 1e9
    };
    let [ours, taken, in_place] = seconds.map(|seconds| rate(&seconds));
    Ok(json!({ "ours": ours, "taken": taken, "in_place": in_place }))
}

/// An encrypted part and who it is for.
struct Part {
    octets: Vec<u8>,
    holder: Holder,
}

impl Part {
    fn make(cipher: Cipher) -> Result<Self, Failure> {
        let folder = Scratch::new();
        let recipient = Recipient::make(folder.path(), "holder", KeyKind::P256);
        let content = vec![0x5a; CONTENT];
        let octets = openssl::encrypt(
            &content,
            &recipient,
            cipher,
            Transport::EcdhSha256,
            Layout::Der,
        );
        let certificate = std::fs::read_to_string(&recipient.certificate)?;
        let key = std::fs::read_to_string(&recipient.key)?;
        let holder = PrivateKey::from_pem(&key, None)
            .and_then(|key| Holder::new(key, Certificate::from_pem(&certificate)?));
        let holder = holder.map_err(|why| Failure::Answer(format!("{why:?}")))?;
        Ok(Self { octets, holder })
    }

    /// Seconds from the first run that is taken until the plaintext is proven. Finding the content key is not the cipher's work.
    fn open(&self) -> Result<f64, Failure> {
        let encoding = TransferEncoding::Identity;
        let refused = |why: &dyn std::fmt::Debug| Failure::Answer(format!("{why:?}"));
        let header = read_header(&self.octets[..HEAD], encoding).map_err(|why| refused(&why))?;
        let key = self.holder.unwrap(&header, &mut UnwrapErr(SysRng));
        let key = key.map_err(|why| refused(&why))?;
        let before = processor_seconds();
        let mut opener = Opener::new(key, encoding, 2 * CONTENT);
        for run in self.octets.chunks(MAX_RUN) {
            opener.take(run).map_err(|why| refused(&why))?;
        }
        let proven = opener.finish().map_err(|why| refused(&why))?;
        let spent = processor_seconds() - before;
        let octets = proven.plaintext().len();
        if octets == CONTENT {
            Ok(spent)
        } else {
            Err(Failure::Answer(format!("{octets} octets")))
        }
    }
}

fn gcm_key() -> Result<LessSafeKey, Unspecified> {
    Ok(LessSafeKey::new(UnboundKey::new(&AES_256_GCM, &KEY)?))
}

fn gcm_sealed() -> Result<Vec<u8>, Unspecified> {
    let mut sealed = vec![0x5a; CONTENT];
    let nonce = Nonce::assume_unique_for_key(NONCE);
    gcm_key()?.seal_in_place_append_tag(nonce, Aad::empty(), &mut sealed)?;
    Ok(sealed)
}

fn open_gcm(sealed: &mut [u8]) -> Result<(), Unspecified> {
    let nonce = Nonce::assume_unique_for_key(NONCE);
    gcm_key()?.open_in_place(nonce, Aad::empty(), sealed)?;
    Ok(())
}

fn cbc_sealed() -> Result<Vec<u8>, Unspecified> {
    let mut sealed = vec![0x5a; CONTENT];
    let key = EncryptingKey::cbc(UnboundCipherKey::new(&AES_256, &KEY)?)?;
    let context = EncryptionContext::Iv128(FixedLength::from(VECTOR));
    key.less_safe_encrypt(&mut sealed, context)?;
    Ok(sealed)
}

fn open_cbc(sealed: &mut [u8]) -> Result<(), Unspecified> {
    let key = DecryptingKey::cbc(UnboundCipherKey::new(&AES_256, &KEY)?)?;
    key.decrypt(sealed, DecryptionContext::Iv128(FixedLength::from(VECTOR)))?;
    Ok(())
}
