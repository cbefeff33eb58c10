//! The revealed key and everything it is bound to: the plaintext of a sealed reveal. It is read where it was opened and written
//! into room taken beforehand, so that the key is in one place at a time.

use secret::{Pages, SessionKey, compare};
use static_assertions::assert_not_impl_any;
use zeroize::Zeroizing;

use crate::cbor::{Malformed, Reader, Writer, head_len};
use crate::names::{CONTAINER_SEALED, CONTAINER_SMIME};
use crate::{Context, SealError};

/// The version of this format.
const VERSION: u64 = 1;

/// Every reveal is a multiple of this long, so that its length tells little.
const STEP: usize = 512;

/// The longest reveal: a context (4096), a certificate and the rest fit well.
pub(crate) const MAX_REVEAL: usize = 16_384;

/// How the part's content is encrypted.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum ContentAlgorithm {
    /// AES-128-GCM (RFC 5084).
    Aes128Gcm,
    /// AES-256-GCM (RFC 5084).
    Aes256Gcm,
    /// AES-128-CBC (RFC 3565).
    Aes128Cbc,
    /// AES-192-CBC (RFC 3565).
    Aes192Cbc,
    /// AES-256-CBC (RFC 3565).
    Aes256Cbc,
}

impl ContentAlgorithm {
    /// Every algorithm.
    pub const ALL: [Self; 5] = [
        Self::Aes128Gcm,
        Self::Aes256Gcm,
        Self::Aes128Cbc,
        Self::Aes192Cbc,
        Self::Aes256Cbc,
    ];

    /// The COSE algorithm number (RFC 9053 §4.1 for GCM, RFC 9459 for CBC).
    #[must_use]
    pub fn cose(self) -> i64 {
        match self {
            Self::Aes128Gcm => 1,
            Self::Aes256Gcm => 3,
            Self::Aes128Cbc => -65_531,
            Self::Aes192Cbc => -65_530,
            Self::Aes256Cbc => -65_529,
        }
    }

    /// The algorithm of that COSE number.
    #[must_use]
    pub fn from_cose(number: i64) -> Option<Self> {
        Self::ALL
            .into_iter()
            .find(|algorithm| algorithm.cose() == number)
    }

    /// Octets of a key.
    #[must_use]
    pub fn key_len(self) -> usize {
        match self {
            Self::Aes128Gcm | Self::Aes128Cbc => 16,
            Self::Aes192Cbc => 24,
            Self::Aes256Gcm | Self::Aes256Cbc => 32,
        }
    }

    /// Octets of the nonce (RFC 5084 §3.2, the recommended twelve) or initialisation vector (RFC 3565).
    #[must_use]
    pub fn nonce_len(self) -> usize {
        match self {
            Self::Aes128Gcm | Self::Aes256Gcm => 12,
            Self::Aes128Cbc | Self::Aes192Cbc | Self::Aes256Cbc => 16,
        }
    }
}

/// How the part's octets are encoded for transfer (RFC 2045 §6).
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum TransferEncoding {
    /// 7bit, 8bit or binary: as they are.
    Identity,
    /// base64.
    Base64,
    /// quoted-printable.
    QuotedPrintable,
}

impl TransferEncoding {
    const ALL: [Self; 3] = [Self::Identity, Self::Base64, Self::QuotedPrintable];

    fn number(self) -> u8 {
        match self {
            Self::Identity => 0,
            Self::Base64 => 1,
            Self::QuotedPrintable => 2,
        }
    }
}

/// How content is sealed in an *smime* result.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum SmimeAlgorithm {
    /// AuthEnvelopedData with AES-256-GCM (RFC 5083, RFC 5084).
    Aes256Gcm,
    /// The same with the key bound to the algorithm (RFC 9709).
    Aes256GcmHkdf,
    /// EnvelopedData with AES-256-CBC (RFC 5652 §6).
    Aes256Cbc,
}

impl SmimeAlgorithm {
    const ALL: [Self; 3] = [Self::Aes256Gcm, Self::Aes256GcmHkdf, Self::Aes256Cbc];

    fn number(self) -> u8 {
        match self {
            Self::Aes256Gcm => 0,
            Self::Aes256GcmHkdf => 1,
            Self::Aes256Cbc => 2,
        }
    }
}

/// How the result is to be sealed.
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum Seal {
    /// Under a key exported from the reveal's own HPKE context.
    Session,
    /// As CMS to a certificate.
    Smime {
        /// The certificate, DER.
        certificate: Vec<u8>,
        /// How the content is sealed.
        algorithm: SmimeAlgorithm,
    },
}

impl Seal {
    /// The container that a result sealed so is in.
    #[must_use]
    pub fn container(&self) -> &'static str {
        match self {
            Self::Session => CONTAINER_SEALED,
            Self::Smime { .. } => CONTAINER_SMIME,
        }
    }
}

/// One part's key, what it opens, and what for.
pub struct Reveal {
    /// The content key; under RFC 9709 the derived CEK', never the one that was wrapped.
    pub key: SessionKey,
    /// The content encryption algorithm.
    pub algorithm: ContentAlgorithm,
    /// Its nonce or initialisation vector.
    pub nonce: Vec<u8>,
    /// The part's transfer encoding.
    pub encoding: TransferEncoding,
    /// How many octets of BODY\[section] the handset read to find the key: at least one.
    pub prefix_len: u64,
    /// SHA-256 of them, as fetched.
    pub prefix_digest: [u8; 32],
    /// How many octets BODY\[section] has.
    pub total_octets: u64,
    /// How the result is to be sealed.
    pub seal: Seal,
    /// What the key may be used for.
    pub context: Context,
}

assert_not_impl_any!(Reveal: Clone, PartialEq, std::fmt::Debug, Send, Sync);

impl Reveal {
    /// The plaintext of the sealed reveal, padded, with room left for the tag.
    pub(crate) fn encode(&self, tag_len: usize) -> Result<Zeroizing<Vec<u8>>, SealError> {
        self.check()?;
        let context = self.context.encode();
        let certificate = match &self.seal {
            Seal::Session => 0,
            Seal::Smime { certificate, .. } => certificate.len(),
        };
        // Heads, numbers, key, nonce and digest take fewer than 256 octets.
        let unpadded = context
            .len()
            .saturating_add(certificate)
            .saturating_add(256);
        if unpadded.saturating_add(2 * STEP) > MAX_REVEAL {
            return Err(SealError::TooLong);
        }
        let mut plaintext = Zeroizing::new(Vec::with_capacity(MAX_REVEAL.saturating_add(tag_len)));
        self.write(&context, &mut plaintext);
        Ok(plaintext)
    }

    /// What would make a reveal that no vault opens.
    fn check(&self) -> Result<(), SealError> {
        let lengths = (self.algorithm.key_len(), self.algorithm.nonce_len());
        if (self.key.len(), self.nonce.len()) != lengths {
            return Err(SealError::KeyLength);
        }
        if self.prefix_len == 0 || self.prefix_len > self.total_octets {
            return Err(SealError::Prefix);
        }
        if self.seal.container() != self.context.container() {
            return Err(SealError::Container);
        }
        Ok(())
    }

    fn write(&self, context: &[u8], plaintext: &mut Vec<u8>) {
        let mut w = Writer::new(plaintext);
        w.map(11).unsigned(1_u64).unsigned(VERSION);
        w.unsigned(2_u64).bytes(self.key.expose());
        w.unsigned(3_u64).integer(self.algorithm.cose());
        w.unsigned(4_u64).bytes(&self.nonce);
        w.unsigned(5_u64).unsigned(self.encoding.number());
        w.unsigned(6_u64).unsigned(self.prefix_len);
        w.unsigned(7_u64).bytes(&self.prefix_digest);
        w.unsigned(8_u64).unsigned(self.total_octets);
        w.unsigned(9_u64);
        write_seal(&self.seal, &mut w);
        w.unsigned(10_u64).bytes(context).unsigned(11_u64);
        let filler = vec![0; filler_len(plaintext.len())];
        Writer::new(plaintext).bytes(&filler);
    }
}

fn write_seal(seal: &Seal, w: &mut Writer<'_>) {
    match seal {
        Seal::Session => w.array(1).unsigned(0_u64),
        Seal::Smime {
            certificate,
            algorithm,
        } => {
            w.array(3).unsigned(1_u64).bytes(certificate);
            w.unsigned(algorithm.number())
        }
    };
}

/// How many zeros follow `used` octets, so that with their own head the whole is a multiple of [`STEP`]. Some lengths of a byte
/// string with its head do not exist (25 octets is none); the next multiple serves then.
fn filler_len(used: usize) -> usize {
    let next = used.checked_next_multiple_of(STEP).unwrap_or(used);
    [next, next.saturating_add(STEP)]
        .into_iter()
        .find_map(|whole| string_of(whole.checked_sub(used)?))
        .unwrap_or(0)
}

/// The length of the byte string that takes `item` octets with its head.
fn string_of(item: usize) -> Option<usize> {
    [1, 2, 3].into_iter().find_map(|head| {
        let len = item.checked_sub(head)?;
        (head_len(u64::try_from(len).ok()?) == head).then_some(len)
    })
}

/// A reveal's fields where they were opened; not yet compared with what is asked.
pub(crate) struct Fields<'a> {
    key: &'a [u8],
    algorithm: ContentAlgorithm,
    nonce: &'a [u8],
    encoding: TransferEncoding,
    prefix_len: u64,
    prefix_digest: [u8; 32],
    total_octets: u64,
    seal: Seal,
    context: &'a [u8],
}

impl<'a> Fields<'a> {
    /// Reads the one permitted form.
    pub(crate) fn read(plaintext: &'a [u8]) -> Result<Self, Malformed> {
        if plaintext.len() > MAX_REVEAL || !plaintext.len().is_multiple_of(STEP) {
            return Err(Malformed);
        }
        let mut r = Reader::new(plaintext);
        r.map(11)?;
        r.key(1)?.exact_number(VERSION)?;
        let key = r.key(2)?.bytes()?;
        let algorithm = ContentAlgorithm::from_cose(r.key(3)?.integer()?).ok_or(Malformed)?;
        let nonce = r.key(4)?.bytes()?;
        let encoding = read_encoding(r.key(5)?)?;
        let prefix_len = r.key(6)?.unsigned()?;
        let prefix_digest = r.key(7)?.exactly()?;
        let total_octets = r.key(8)?.unsigned()?;
        let seal = read_seal(r.key(9)?)?;
        let context = r.key(10)?.bytes()?;
        let filler = r.key(11)?.bytes()?;
        r.end()?;
        let lengths = (algorithm.key_len(), algorithm.nonce_len());
        if (key.len(), nonce.len()) != lengths
            || prefix_len == 0
            || prefix_len > total_octets
            || filler.iter().any(|octet| *octet != 0)
        {
            return Err(Malformed);
        }
        Ok(Self {
            key,
            algorithm,
            nonce,
            encoding,
            prefix_len,
            prefix_digest,
            total_octets,
            seal,
            context,
        })
    }

    /// The reveal, if it was made for `asked`: every field of the two contexts is equal, since a context has one encoding.
    pub(crate) fn for_context(self, asked: &Context, room: Pages) -> Result<Reveal, Malformed> {
        let for_this = compare::equal(self.context, &asked.encode());
        if !for_this || self.seal.container() != asked.container() {
            return Err(Malformed);
        }
        let key = SessionKey::fill_in(room, self.key.len(), |place| {
            place.copy_from_slice(self.key);
            Ok::<_, Malformed>(())
        })?;
        Ok(Reveal {
            key,
            algorithm: self.algorithm,
            nonce: self.nonce.to_vec(),
            encoding: self.encoding,
            prefix_len: self.prefix_len,
            prefix_digest: self.prefix_digest,
            total_octets: self.total_octets,
            seal: self.seal,
            context: asked.clone(),
        })
    }
}

fn read_encoding(r: &mut Reader<'_>) -> Result<TransferEncoding, Malformed> {
    let number = r.unsigned()?;
    TransferEncoding::ALL
        .into_iter()
        .find(|encoding| u64::from(encoding.number()) == number)
        .ok_or(Malformed)
}

fn read_seal(r: &mut Reader<'_>) -> Result<Seal, Malformed> {
    match (r.array_of_any()?, r.unsigned()?) {
        (1, 0) => Ok(Seal::Session),
        (3, 1) => {
            let certificate = r.bytes()?.to_vec();
            let number = r.unsigned()?;
            let algorithm = SmimeAlgorithm::ALL
                .into_iter()
                .find(|algorithm| u64::from(algorithm.number()) == number)
                .ok_or(Malformed)?;
            Ok(Seal::Smime {
                certificate,
                algorithm,
            })
        }
        _ => Err(Malformed),
    }
}

#[cfg(test)]
mod tests;
