//! The proxy's long-lived identity: it signs statements, and the handset pins its public half.
//! [`SignedStatement::verify`] is the one function that checks the signature; only it makes a [`Verified`].

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use coset::{CborSerializable as _, CoseSign1, CoseSign1Builder, HeaderBuilder, iana};
use ed25519_dalek::{Signature, Signer as _, SigningKey, VerifyingKey};
use rand_core::CryptoRng;
use secret::SecretBytes;
use sha2::{Digest as _, Sha256};
use static_assertions::assert_not_impl_any;
use zeroize::Zeroizing;

use crate::cbor::Malformed;
use crate::{ChannelBinding, Statement};

/// What the signature covers besides header and payload (RFC 9052 §4.3): no other protocol's signature fits.
const EXTERNAL_AAD: &[u8] = b"keyhole statement 1";

/// More octets than any signed statement of a known suite has, and X-Wing's too.
const MAX_STATEMENT: usize = 4096;

/// The private half: an Ed25519 key (RFC 8032). Lives in the warden alone.
pub struct Identity(Box<SigningKey>);

assert_not_impl_any!(Identity: Clone, PartialEq, std::fmt::Debug, std::fmt::Display);

impl Identity {
    /// The identity of that seed (RFC 8032 §5.1.5). None if it is not 32 octets.
    #[must_use]
    pub fn from_seed(seed: &SecretBytes) -> Option<Self> {
        let seed = <&[u8; 32]>::try_from(seed.expose()).ok()?;
        Some(Self(Box::new(SigningKey::from_bytes(seed))))
    }

    /// A new identity.
    pub fn generate(rng: &mut impl CryptoRng) -> Self {
        let mut seed = Zeroizing::new([0; 32]);
        rng.fill_bytes(&mut *seed);
        Self(Box::new(SigningKey::from_bytes(&seed)))
    }

    /// The seed, to be kept in a file that only the warden reads.
    #[must_use]
    pub fn seed(&self) -> SecretBytes {
        SecretBytes::copied_from(self.0.as_bytes())
    }

    /// The public half.
    #[must_use]
    pub fn public(&self) -> IdentityKey {
        IdentityKey(self.0.verifying_key())
    }
}

/// The public half, which handsets pin.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct IdentityKey(VerifyingKey);

/// Not the 32 octets of a usable Ed25519 public key, or not its base64.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct IdentityKeyError;

impl std::fmt::Display for IdentityKeyError {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("not an Ed25519 public key")
    }
}

impl std::error::Error for IdentityKeyError {}

impl IdentityKey {
    /// Reads 32 octets.
    ///
    /// # Errors
    /// [`IdentityKeyError`] for octets that are no point of the curve, or one of small order.
    pub fn from_octets(octets: &[u8]) -> Result<Self, IdentityKeyError> {
        let octets = octets.try_into().map_err(|_| IdentityKeyError)?;
        let key = VerifyingKey::from_bytes(octets).map_err(|_| IdentityKeyError)?;
        // A point of small order verifies signatures that nobody made.
        if key.is_weak() {
            return Err(IdentityKeyError);
        }
        Ok(Self(key))
    }

    /// The 32 octets.
    #[must_use]
    pub fn octets(&self) -> &[u8; 32] {
        self.0.as_bytes()
    }

    /// A short form for people to compare: the first 16 octets of the key's SHA-256 in hexadecimal, in groups of four digits.
    #[must_use]
    pub fn fingerprint(&self) -> String {
        let digest = Sha256::digest(self.octets());
        let groups: Vec<String> = digest
            .chunks(2)
            .take(8)
            .map(|group| group.iter().map(|octet| format!("{octet:02x}")).collect())
            .collect();
        groups.join(" ")
    }
}

/// The base64 of the 32 octets.
impl std::fmt::Display for IdentityKey {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&STANDARD.encode(self.octets()))
    }
}

impl std::str::FromStr for IdentityKey {
    type Err = IdentityKeyError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let octets = STANDARD.decode(text).map_err(|_| IdentityKeyError)?;
        Self::from_octets(&octets)
    }
}

/// Signs `statement`: the octets of an untagged `COSE_Sign1` (RFC 9052 §4.2).
#[must_use]
pub fn sign(statement: &Statement, identity: &Identity) -> Vec<u8> {
    let unsigned = sign1(statement.payload(), identity.public().octets(), Vec::new());
    let signature = identity.0.sign(&unsigned.tbs_data(EXTERNAL_AAD));
    encoded(CoseSign1 {
        signature: signature.to_vec(),
        ..unsigned
    })
}

/// The one form of a signed statement: RFC 9052 §3.1's alg and kid, both protected, and no other header.
fn sign1(payload: Vec<u8>, signer: &[u8], signature: Vec<u8>) -> CoseSign1 {
    let protected = HeaderBuilder::new()
        .algorithm(iana::Algorithm::EdDSA)
        .key_id(signer.to_vec())
        .build();
    CoseSign1Builder::new()
        .protected(protected)
        .payload(payload)
        .signature(signature)
        .build()
}

fn encoded(sign1: CoseSign1) -> Vec<u8> {
    // Serialising fails only for header values that CBOR cannot carry, and `sign1` sets none.
    sign1
        .to_vec()
        .unwrap_or_else(|_| unreachable!("two headers and two byte strings are CBOR"))
}

/// Why a statement is not to be used.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum StatementError {
    /// Not a statement in the one permitted encoding, or of another version.
    Malformed,
    /// Signed by another identity than the pinned one, or not signed by it at all.
    Signature,
    /// For a suite that this version does not know.
    UnknownSuite,
    /// Its time is over.
    Expired,
    /// Made for another connection.
    ChannelBinding,
}

impl std::fmt::Display for StatementError {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self {
            Self::Malformed => "not a key statement",
            Self::Signature => "not signed by the pinned identity",
            Self::UnknownSuite => "for a suite that this version does not know",
            Self::Expired => "expired",
            Self::ChannelBinding => "made for another connection",
        })
    }
}

impl std::error::Error for StatementError {}

impl From<Malformed> for StatementError {
    fn from(_: Malformed) -> Self {
        Self::Malformed
    }
}

/// A statement as it comes over the wire: in the one permitted encoding, and nothing else is known of it.
pub struct SignedStatement {
    sign1: CoseSign1,
    signer: IdentityKey,
}

impl SignedStatement {
    /// Checks everything: encoding, signature by `identity`, version, suite, that it is not expired at `now_unix`, and that it
    /// was made for the connection `channel`.
    ///
    /// # Errors
    /// What is wrong, as a [`StatementError`].
    pub fn verify(
        octets: &[u8],
        identity: &IdentityKey,
        channel: &ChannelBinding,
        now_unix: u64,
    ) -> Result<Verified, StatementError> {
        let payload = Self::decode(octets)?.signed_by(identity)?;
        let statement = Statement::from_payload(&payload)?;
        if now_unix >= statement.expires {
            return Err(StatementError::Expired);
        }
        if statement.channel_binding != *channel {
            return Err(StatementError::ChannelBinding);
        }
        Ok(Verified { statement, payload })
    }

    /// The identity that the statement names as its signer: for showing it to the user on first use, and for nothing else.
    /// It proves nothing until [`SignedStatement::verify`] succeeds with it.
    ///
    /// # Errors
    /// [`StatementError::Malformed`].
    pub fn claimed_identity(octets: &[u8]) -> Result<IdentityKey, StatementError> {
        Ok(Self::decode(octets)?.signer)
    }

    /// The octets behind the base64 of a KEYREVEAL response.
    ///
    /// # Errors
    /// [`StatementError::Malformed`].
    pub fn from_base64(text: &[u8]) -> Result<Vec<u8>, StatementError> {
        if text.len() / 2 > MAX_STATEMENT {
            return Err(StatementError::Malformed);
        }
        STANDARD.decode(text).map_err(|_| StatementError::Malformed)
    }

    /// The base64 for a KEYREVEAL response.
    #[must_use]
    pub fn to_base64(octets: &[u8]) -> String {
        STANDARD.encode(octets)
    }

    fn decode(octets: &[u8]) -> Result<Self, StatementError> {
        if octets.len() > MAX_STATEMENT {
            return Err(StatementError::Malformed);
        }
        let read = CoseSign1::from_slice(octets).map_err(|_| StatementError::Malformed)?;
        let signer = IdentityKey::from_octets(&read.protected.header.key_id)
            .map_err(|_| StatementError::Malformed)?;
        let payload = read.payload.ok_or(StatementError::Malformed)?;
        // Whatever else the octets held, order, long heads, tags, other headers, is not in `sign1`, and shows as a difference.
        let sign1 = sign1(payload, signer.octets(), read.signature);
        if encoded(sign1.clone()) != octets {
            return Err(StatementError::Malformed);
        }
        Ok(Self { sign1, signer })
    }

    /// The payload, if `identity` signed it. Nothing is read of it before.
    fn signed_by(self, identity: &IdentityKey) -> Result<Vec<u8>, StatementError> {
        if self.signer != *identity {
            return Err(StatementError::Signature);
        }
        // RFC 8032 §5.1.7, and strictly: no malleable S, no point of small order.
        self.sign1
            .verify_signature(EXTERNAL_AAD, |signature, signed| {
                let signature =
                    Signature::from_slice(signature).map_err(|_| StatementError::Signature)?;
                identity
                    .0
                    .verify_strict(signed, &signature)
                    .map_err(|_| StatementError::Signature)
            })?;
        self.sign1.payload.ok_or(StatementError::Malformed)
    }
}

/// A statement whose signature, time and connection were checked. Nothing else can seal a reveal, and it seals one.
pub struct Verified {
    pub(crate) statement: Statement,
    pub(crate) payload: Vec<u8>,
}

assert_not_impl_any!(Verified: Clone);

impl Verified {
    /// What was stated.
    #[must_use]
    pub fn statement(&self) -> &Statement {
        &self.statement
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn identity(seed: u8) -> Identity {
        Identity::from_seed(&SecretBytes::copied_from(&[seed; 32])).unwrap()
    }

    #[test]
    fn a_key_is_printed_and_read() {
        let key = identity(1).public();
        assert_eq!(key.to_string().parse(), Ok(key));
        assert_eq!(IdentityKey::from_octets(key.octets()), Ok(key));
        assert_eq!(key.fingerprint().len(), 39);
    }

    #[test]
    fn a_key_of_small_order_is_refused() {
        let mut neutral = [0; 32];
        neutral[0] = 1;
        for octets in [[0; 32], neutral] {
            assert_eq!(IdentityKey::from_octets(&octets), Err(IdentityKeyError));
        }
        assert_eq!(IdentityKey::from_octets(&[1; 31]), Err(IdentityKeyError));
    }

    #[test]
    fn an_identity_is_its_seed() {
        let seed = identity(7).seed();
        assert_eq!(
            Identity::from_seed(&seed).unwrap().public(),
            identity(7).public()
        );
        assert!(Identity::from_seed(&SecretBytes::copied_from(&[0; 31])).is_none());
    }
}
