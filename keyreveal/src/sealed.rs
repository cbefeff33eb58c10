//! A sealed reveal on the wire.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

use crate::KeyId;
use crate::cbor::{Malformed, Reader, Writer};
use crate::reveal::MAX_REVEAL;

/// The version of this format.
const VERSION: u64 = 1;

/// The longest encapsulated key that a suite of this version or a reserved one has (X-Wing, 1120 octets).
const MAX_ENC: usize = 1120;

/// More octets than any sealed reveal has: the reveal, its tag, the encapsulated key, the key id, heads.
const MAX_SEALED: usize = MAX_REVEAL + 16 + MAX_ENC + 64;

/// Sealed to one one-time key: of no use to anybody but the vault that holds it.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct SealedReveal {
    key_id: KeyId,
    enc: Vec<u8>,
    ct: Vec<u8>,
}

/// Not the one permitted encoding of a sealed reveal.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct SealedRevealError;

impl std::fmt::Display for SealedRevealError {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("not a sealed reveal")
    }
}

impl std::error::Error for SealedRevealError {}

impl From<Malformed> for SealedRevealError {
    fn from(_: Malformed) -> Self {
        Self
    }
}

impl SealedReveal {
    pub(crate) fn new(key_id: KeyId, enc: Vec<u8>, ct: Vec<u8>) -> Self {
        Self { key_id, enc, ct }
    }

    /// The key that it names: which vault to hand it to.
    #[must_use]
    pub fn key_id(&self) -> KeyId {
        self.key_id
    }

    /// The encapsulated key (RFC 9180 §4).
    pub(crate) fn enc(&self) -> &[u8] {
        &self.enc
    }

    /// The ciphertext, its tag last.
    pub(crate) fn ct(&self) -> &[u8] {
        &self.ct
    }

    /// The one encoding.
    #[must_use]
    pub fn encode(&self) -> Vec<u8> {
        Writer::octets(|w| {
            w.array(4).unsigned(VERSION).bytes(&self.key_id.0);
            w.bytes(&self.enc).bytes(&self.ct);
        })
    }

    /// Reads the one encoding.
    ///
    /// # Errors
    /// [`SealedRevealError`] for anything else.
    pub fn decode(octets: &[u8]) -> Result<Self, SealedRevealError> {
        if octets.len() > MAX_SEALED {
            return Err(SealedRevealError);
        }
        let mut r = Reader::new(octets);
        r.array(4)?;
        r.exact_number(VERSION)?;
        let key_id = KeyId(r.exactly()?);
        let enc = r.bytes()?;
        let ct = r.bytes()?;
        r.end()?;
        if enc.len() > MAX_ENC {
            return Err(SealedRevealError);
        }
        Ok(Self::new(key_id, enc.to_vec(), ct.to_vec()))
    }

    /// The value of the conversion parameter.
    #[must_use]
    pub fn to_base64(&self) -> String {
        STANDARD.encode(self.encode())
    }

    /// Reads the value of the conversion parameter.
    ///
    /// # Errors
    /// [`SealedRevealError`].
    pub fn from_base64(text: &[u8]) -> Result<Self, SealedRevealError> {
        if text.len() / 2 > MAX_SEALED {
            return Err(SealedRevealError);
        }
        let octets = STANDARD.decode(text).map_err(|_| SealedRevealError)?;
        Self::decode(&octets)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_sealed_reveal_reads_as_it_was_written() {
        let sealed = SealedReveal::new(KeyId([1; 16]), vec![2; 32], vec![3; 528]);
        assert_eq!(SealedReveal::decode(&sealed.encode()), Ok(sealed.clone()));
        assert_eq!(
            SealedReveal::from_base64(sealed.to_base64().as_bytes()),
            Ok(sealed)
        );
    }

    #[test]
    fn what_is_too_long_is_refused_before_it_is_read() {
        let long = SealedReveal::new(KeyId([1; 16]), vec![2; 32], vec![3; MAX_SEALED]);
        assert_eq!(SealedReveal::decode(&long.encode()), Err(SealedRevealError));
        assert_eq!(
            SealedReveal::from_base64(long.to_base64().as_bytes()),
            Err(SealedRevealError)
        );
        let long = SealedReveal::new(KeyId([1; 16]), vec![2; MAX_ENC + 1], vec![3; 16]);
        assert_eq!(SealedReveal::decode(&long.encode()), Err(SealedRevealError));
    }

    #[test]
    fn another_version_and_loose_base64_are_refused() {
        let sealed = SealedReveal::new(KeyId([1; 16]), vec![2; 32], vec![3; 16]);
        let mut octets = sealed.encode();
        octets[1] = 2;
        assert!(SealedReveal::decode(&octets).is_err());
        let text = sealed.to_base64();
        for loose in [
            text.trim_end_matches('=').to_owned() + "\n",
            format!(" {text}"),
        ] {
            assert!(SealedReveal::from_base64(loose.as_bytes()).is_err());
        }
    }
}
