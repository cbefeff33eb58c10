//! The one exchange: a [`Verified`] statement seals one reveal, a [`OneTimeKey`] opens it, and both are then gone.
//! The only module that uses HPKE (RFC 9180), always in base mode with one message in a context.

use hpke::aead::{AeadTag, AesGcm256};
use hpke::inout::InOutBuf;
use hpke::kdf::HkdfSha256;
use hpke::kem::X25519HkdfSha256;
use hpke::{Deserializable as _, Kem as _, OpModeR, OpModeS, Serializable as _};
use rand_core::CryptoRng;
use secret::{Pages, SecretBytes};
use sha2::{Digest as _, Sha256};
use static_assertions::assert_not_impl_any;
use zeroize::Zeroizing;

use crate::cbor::Malformed;
use crate::result::SECRET_LEN;
use crate::reveal::Fields;
use crate::{
    Context, KeyId, ResultOpener, ResultSealer, Reveal, SealedReveal, Statement, Suite, Verified,
};

/// What the reveal's key schedule starts with; the digest of the statement follows.
const REVEAL_LABEL: &[u8] = b"keyhole reveal 1";
/// What the result's secret is exported under. Not RFC 9458's label, as that asks (§4.4).
const RESULT_LABEL: &[u8] = b"keyhole result 1";
/// Octets of an AES-256-GCM tag (RFC 9180 §7.3, Nt).
const TAG_LEN: usize = 16;

type Kem = X25519HkdfSha256;
type PrivateKey = <Kem as hpke::Kem>::PrivateKey;
type PublicKey = <Kem as hpke::Kem>::PublicKey;
type EncappedKey = <Kem as hpke::Kem>::EncappedKey;

/// The private half of one statement. No `Clone`: `open` uses it up.
pub struct OneTimeKey {
    private: Private,
    public: Vec<u8>,
}

assert_not_impl_any!(OneTimeKey: Clone, PartialEq, std::fmt::Debug);

/// One variant a suite. On the heap, so that a move of the key leaves no copy on the stack; wiped by the crate that defines it.
enum Private {
    X25519Aes256Gcm(Box<PrivateKey>),
}

/// The reveal was refused. One answer for every reason: a difference would be an oracle.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct Refusal;

impl std::fmt::Display for Refusal {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("the reveal was refused")
    }
}

impl std::error::Error for Refusal {}

impl From<Malformed> for Refusal {
    fn from(_: Malformed) -> Self {
        Self
    }
}

impl From<hpke::HpkeError> for Refusal {
    fn from(_: hpke::HpkeError) -> Self {
        Self
    }
}

/// Why nothing was sealed; no octet left the handset.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum SealError {
    /// The key or the nonce has not the length that the algorithm asks for.
    KeyLength,
    /// The prefix is empty or longer than the part.
    Prefix,
    /// The context's container is not the one that the wanted seal makes.
    Container,
    /// More octets than a reveal may have.
    TooLong,
    /// The stated public key is none.
    PublicKey,
}

impl std::fmt::Display for SealError {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self {
            Self::KeyLength => "the key or its nonce has not the length of its algorithm",
            Self::Prefix => "the prefix is empty or longer than the part",
            Self::Container => "the container does not fit the seal",
            Self::TooLong => "the reveal would be too long",
            Self::PublicKey => "the stated public key is not usable",
        })
    }
}

impl std::error::Error for SealError {}

impl From<hpke::HpkeError> for SealError {
    fn from(_: hpke::HpkeError) -> Self {
        Self::PublicKey
    }
}

/// An opened reveal, whose context is what was asked. Only [`OneTimeKey::open`] makes one.
pub struct Revealed(Reveal);

impl Revealed {
    /// The reveal; its key is in the pages given to [`OneTimeKey::open`].
    #[must_use]
    pub fn into_reveal(self) -> Reveal {
        self.0
    }
}

impl OneTimeKey {
    /// A new key: `DeriveKeyPair` (RFC 9180 §7.1.3) over Nsk octets from `rng`, the only thing it takes from there.
    pub fn generate(suite: Suite, rng: &mut impl CryptoRng) -> Self {
        match suite {
            Suite::X25519Aes256Gcm => {
                let (private, public) = Kem::gen_keypair_with_rng(rng);
                Self {
                    private: Private::X25519Aes256Gcm(Box::new(private)),
                    public: public.to_bytes().to_vec(),
                }
            }
        }
    }

    /// The suite.
    #[must_use]
    pub fn suite(&self) -> Suite {
        match self.private {
            Private::X25519Aes256Gcm(_) => Suite::X25519Aes256Gcm,
        }
    }

    /// The public half, serialised (RFC 9180 §4).
    #[must_use]
    pub fn public_key(&self) -> Vec<u8> {
        self.public.clone()
    }

    /// Opens the one reveal sealed to this key, if it was made for `asked`; the session key is put into `room`. The key is gone
    /// afterwards, whatever came of it. `statement_payload` is [`Statement::payload`] of the statement that was given out.
    ///
    /// # Errors
    /// [`Refusal`], for every reason alike.
    pub fn open(
        self,
        sealed: &SealedReveal,
        statement_payload: &[u8],
        asked: &Context,
        room: Pages,
    ) -> Result<(Revealed, ResultSealer), Refusal> {
        self.is_stated(statement_payload, sealed.key_id())?;
        let (plaintext, secret) = self.decapsulate(sealed, &info(statement_payload))?;
        let reveal = Fields::read(&plaintext)?.for_context(asked, room)?;
        let sealer = ResultSealer::new(secret, sealed.enc().to_vec());
        Ok((Revealed(reveal), sealer))
    }

    /// Whether the statement is about this key, and the reveal names it.
    fn is_stated(&self, payload: &[u8], named: KeyId) -> Result<(), Refusal> {
        let statement = Statement::from_payload(payload).map_err(|_| Refusal)?;
        let ours = statement.suite == self.suite()
            && statement.public_key == self.public
            && statement.key_id == named;
        ours.then_some(()).ok_or(Refusal)
    }

    /// Opens the ciphertext where it lies, and exports the result's secret.
    fn decapsulate(
        self,
        sealed: &SealedReveal,
        info: &[u8],
    ) -> Result<(Zeroizing<Vec<u8>>, SecretBytes), Refusal> {
        let Private::X25519Aes256Gcm(private) = self.private;
        let enc = EncappedKey::from_bytes(sealed.enc())?;
        let (ct, tag) = sealed.ct().split_last_chunk::<TAG_LEN>().ok_or(Refusal)?;
        let tag = AeadTag::<AesGcm256>::from_bytes(tag)?;
        let mut plaintext = Zeroizing::new(ct.to_vec());
        let mut context = hpke::setup_receiver::<AesGcm256, HkdfSha256, Kem>(
            &OpModeR::Base,
            &private,
            &enc,
            info,
        )?;
        context.open_inout_detached(InOutBuf::from(plaintext.as_mut_slice()), &[], &tag)?;
        let secret = SecretBytes::fill(SECRET_LEN, |out| context.export(RESULT_LABEL, out))?;
        Ok((plaintext, secret))
    }
}

impl Verified {
    /// Seals `reveal` to the stated key. The statement is used up.
    ///
    /// # Errors
    /// [`SealError`]; nothing was sealed.
    pub fn seal(
        self,
        reveal: Reveal,
        rng: &mut impl CryptoRng,
    ) -> Result<(SealedReveal, ResultOpener), SealError> {
        let mut octets = reveal.encode(TAG_LEN)?;
        let public = PublicKey::from_bytes(&self.statement.public_key)?;
        // RFC 9180 §7.1.4: a public key that leads to an all-zero shared secret is refused in here.
        let (enc, mut context) = hpke::setup_sender_with_rng::<AesGcm256, HkdfSha256, Kem>(
            &OpModeS::Base,
            &public,
            &info(&self.payload),
            rng,
        )?;
        let enc = enc.to_bytes().to_vec();
        let tag = context.seal_inout_detached(InOutBuf::from(octets.as_mut_slice()), &[])?;
        octets.extend_from_slice(&tag.to_bytes());
        let secret = SecretBytes::fill(SECRET_LEN, |out| context.export(RESULT_LABEL, out))?;
        let opener = ResultOpener::new(secret, enc.clone());
        let sealed = SealedReveal::new(self.statement.key_id, enc, octets.to_vec());
        Ok((sealed, opener))
    }
}

/// HPKE's `info`: short (RFC 9180 §7.2.1), and bound through the statement to version, key id, suite, expiry and connection.
fn info(statement_payload: &[u8]) -> Vec<u8> {
    let mut info = REVEAL_LABEL.to_vec();
    info.extend_from_slice(&Sha256::digest(statement_payload));
    info
}
