//! The proxy's long-lived identity: it signs statements, and the handset pins its public half.
//! [`SignedStatement::verify`] is the one function that checks the signature; only it makes a [`Verified`].

use rand_core::CryptoRng;
use secret::SecretBytes;

use crate::{ChannelBinding, Statement};

/// The private half: an Ed25519 key (RFC 8032). Lives in the warden alone.
pub struct Identity(Box<ed25519_dalek::SigningKey>);

/// The public half, which handsets pin.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct IdentityKey([u8; 32]);

impl Identity {
    /// The identity of that seed (RFC 8032 §5.1.5). None if it is not 32 octets.
    #[must_use]
    pub fn from_seed(_seed: &SecretBytes) -> Option<Self> {
        todo!()
    }

    /// A new identity.
    pub fn generate(_rng: &mut impl CryptoRng) -> Self {
        todo!()
    }

    /// The seed, to be kept in a file that only the warden reads.
    #[must_use]
    pub fn seed(&self) -> SecretBytes {
        todo!()
    }

    /// The public half.
    #[must_use]
    pub fn public(&self) -> IdentityKey {
        todo!()
    }
}

/// Not the 32 octets of a usable Ed25519 public key, or not its base64.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct IdentityKeyError;

impl IdentityKey {
    /// Reads 32 octets.
    ///
    /// # Errors
    /// [`IdentityKeyError`] for octets that are no point of the curve, or one of small order.
    pub fn from_octets(_octets: &[u8]) -> Result<Self, IdentityKeyError> {
        todo!()
    }

    /// The 32 octets.
    #[must_use]
    pub fn octets(&self) -> &[u8; 32] {
        &self.0
    }

    /// A short form for people to compare: the first 16 octets of the key's SHA-256 in hexadecimal, in groups of four digits.
    #[must_use]
    pub fn fingerprint(&self) -> String {
        todo!()
    }
}

/// The base64 of the 32 octets.
impl std::fmt::Display for IdentityKey {
    fn fmt(&self, _f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        todo!()
    }
}

impl std::str::FromStr for IdentityKey {
    type Err = IdentityKeyError;

    fn from_str(_text: &str) -> Result<Self, Self::Err> {
        todo!()
    }
}

/// Signs `statement`: the octets of a `COSE_Sign1` (RFC 9052 §4.2).
#[must_use]
pub fn sign(_statement: &Statement, _identity: &Identity) -> Vec<u8> {
    todo!()
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

/// A statement as it comes over the wire, not checked.
pub struct SignedStatement;

impl SignedStatement {
    /// Checks everything: encoding, signature by `identity`, version, suite, that it is not expired at `now_unix`, and that it
    /// was made for the connection `channel`.
    ///
    /// # Errors
    /// What is wrong, as a [`StatementError`].
    pub fn verify(
        _octets: &[u8],
        _identity: &IdentityKey,
        _channel: &ChannelBinding,
        _now_unix: u64,
    ) -> Result<Verified, StatementError> {
        todo!()
    }

    /// The identity that the statement names as its signer: for showing it to the user on first use, and for nothing else.
    /// It proves nothing until [`SignedStatement::verify`] succeeds with it.
    ///
    /// # Errors
    /// [`StatementError::Malformed`].
    pub fn claimed_identity(_octets: &[u8]) -> Result<IdentityKey, StatementError> {
        todo!()
    }

    /// The octets behind the base64 of a KEYREVEAL response.
    ///
    /// # Errors
    /// [`StatementError::Malformed`].
    pub fn from_base64(_text: &[u8]) -> Result<Vec<u8>, StatementError> {
        todo!()
    }

    /// The base64 for a KEYREVEAL response.
    #[must_use]
    pub fn to_base64(_octets: &[u8]) -> String {
        todo!()
    }
}

/// A statement whose signature, time and connection were checked. Nothing else can seal a reveal, and it seals one.
pub struct Verified {
    pub(crate) statement: Statement,
    pub(crate) payload: Vec<u8>,
}

impl Verified {
    /// What was stated.
    #[must_use]
    pub fn statement(&self) -> &Statement {
        &self.statement
    }
}
