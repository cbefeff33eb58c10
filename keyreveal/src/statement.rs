//! What a vault says of its one-time key. Unsigned here: [`crate::identity`] signs and checks.

use rand_core::CryptoRng;

use crate::cbor::{Malformed, Reader, Writer};
use crate::{StatementError, Suite};

/// Names one one-time key: random, never used twice.
#[derive(Clone, Copy, Debug, Eq, Hash, Ord, PartialEq, PartialOrd)]
pub struct KeyId(pub [u8; 16]);

impl KeyId {
    /// A new name.
    pub fn generate(rng: &mut impl CryptoRng) -> Self {
        let mut octets = [0; 16];
        rng.fill_bytes(&mut octets);
        Self(octets)
    }
}

/// In hexadecimal, as in the log.
impl std::fmt::Display for KeyId {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        self.0.iter().try_for_each(|octet| write!(f, "{octet:02x}"))
    }
}

/// The TLS exporter value of one connection (RFC 9266): the same at both its ends and nowhere else.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct ChannelBinding(pub [u8; 32]);

/// How far the vault is shut in.
#[derive(Clone, Copy, Debug, Eq, Ord, PartialEq, PartialOrd)]
pub enum SandboxLevel {
    /// Not at all.
    None,
    /// What the kernel gives; a layer is missing.
    BestEffort,
    /// Every layer of the vault's table.
    Full,
}

impl SandboxLevel {
    /// The number in a statement.
    #[must_use]
    pub fn number(self) -> u8 {
        match self {
            Self::None => 0,
            Self::BestEffort => 1,
            Self::Full => 2,
        }
    }

    /// The level of that number.
    #[must_use]
    pub fn from_number(number: u64) -> Option<Self> {
        [Self::None, Self::BestEffort, Self::Full]
            .into_iter()
            .find(|level| u64::from(level.number()) == number)
    }
}

/// What the vault keeps of a reveal after its answer.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Retention {
    /// Nothing: it ends.
    None,
}

impl Retention {
    fn number(self) -> u8 {
        match self {
            Self::None => 0,
        }
    }
}

/// What the signer says of the vault. Nothing but the signer's word stands behind it.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct Promises {
    /// How far the vault is shut in.
    pub sandbox: SandboxLevel,
    /// What it keeps.
    pub retention: Retention,
}

/// A one-time public key and all that a handset must know before it seals to it.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Statement {
    /// Names the key.
    pub key_id: KeyId,
    /// What the key is for.
    pub suite: Suite,
    /// The public key, as RFC 9180 §4 serialises it.
    pub public_key: Vec<u8>,
    /// First second, in Unix time, at which the key may not be used any more.
    pub expires: u64,
    /// The connection on which it may be used.
    pub channel_binding: ChannelBinding,
    /// What the vault promises.
    pub promises: Promises,
    /// SHA-256 of the program that the vault runs.
    pub program: [u8; 32],
}

/// The version of this format.
const VERSION: u64 = 1;

impl Statement {
    /// The payload that is signed, and whose digest a reveal is bound to.
    #[must_use]
    pub fn payload(&self) -> Vec<u8> {
        Writer::octets(|w| {
            w.map(8).unsigned(1_u64).unsigned(VERSION);
            w.unsigned(2_u64).bytes(&self.key_id.0);
            w.unsigned(3_u64).array(3);
            for code_point in self.suite.code_points() {
                w.unsigned(code_point);
            }
            w.unsigned(4_u64).bytes(&self.public_key);
            w.unsigned(5_u64).unsigned(self.expires);
            w.unsigned(6_u64).bytes(&self.channel_binding.0);
            w.unsigned(7_u64).map(2);
            w.unsigned(1_u64).unsigned(self.promises.sandbox.number());
            w.unsigned(2_u64).unsigned(self.promises.retention.number());
            w.unsigned(8_u64).bytes(&self.program);
        })
    }

    /// Reads a payload. What it says is proven by nobody: a handset uses [`crate::SignedStatement::verify`] instead.
    ///
    /// # Errors
    /// [`StatementError::Malformed`], or [`StatementError::UnknownSuite`].
    pub fn from_payload(payload: &[u8]) -> Result<Self, StatementError> {
        let mut r = Reader::new(payload);
        r.map(8)?;
        r.key(1)?.exact_number(VERSION)?;
        let key_id = KeyId(r.key(2)?.exactly()?);
        let code_points = code_points(r.key(3)?)?;
        let public_key = r.key(4)?.bytes()?;
        let expires = r.key(5)?.unsigned()?;
        let channel_binding = ChannelBinding(r.key(6)?.exactly()?);
        let promises = promises(r.key(7)?)?;
        let program = r.key(8)?.exactly()?;
        r.end()?;
        let suite = Suite::from_code_points(code_points).ok_or(StatementError::UnknownSuite)?;
        (public_key.len() == suite.public_key_len())
            .then_some(())
            .ok_or(Malformed)?;
        Ok(Self {
            key_id,
            suite,
            public_key: public_key.to_vec(),
            expires,
            channel_binding,
            promises,
            program,
        })
    }
}

fn code_points(r: &mut Reader<'_>) -> Result<[u16; 3], Malformed> {
    r.array(3)?;
    Ok([r.narrow()?, r.narrow()?, r.narrow()?])
}

fn promises(r: &mut Reader<'_>) -> Result<Promises, Malformed> {
    r.map(2)?;
    let sandbox = SandboxLevel::from_number(r.key(1)?.unsigned()?).ok_or(Malformed)?;
    let retention = Retention::None;
    r.key(2)?.exact_number(u64::from(retention.number()))?;
    Ok(Promises { sandbox, retention })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn statement() -> Statement {
        Statement {
            key_id: KeyId([1; 16]),
            suite: Suite::X25519Aes256Gcm,
            public_key: vec![2; 32],
            expires: 1_800_000_000,
            channel_binding: ChannelBinding([3; 32]),
            promises: Promises {
                sandbox: SandboxLevel::BestEffort,
                retention: Retention::None,
            },
            program: [4; 32],
        }
    }

    #[test]
    fn a_payload_reads_as_what_was_stated() {
        for sandbox in [
            SandboxLevel::None,
            SandboxLevel::BestEffort,
            SandboxLevel::Full,
        ] {
            let mut stated = statement();
            stated.promises.sandbox = sandbox;
            assert_eq!(Statement::from_payload(&stated.payload()), Ok(stated));
        }
    }

    /// A promise that this version cannot read is not kept by guessing.
    #[test]
    fn an_unknown_promise_version_or_suite_is_refused() {
        let payload = statement().payload();
        let changed = |at: usize, from: u8, to: u8| {
            let mut payload = payload.clone();
            assert_eq!(payload[at], from);
            payload[at] = to;
            Statement::from_payload(&payload)
        };
        assert_eq!(changed(2, 1, 2), Err(StatementError::Malformed), "version");
        let suite = payload.windows(2).position(|w| w == [0x83, 0x18]).unwrap();
        assert_eq!(
            changed(suite + 2, 0x20, 0x21),
            Err(StatementError::UnknownSuite)
        );
        let promises = payload.windows(5).position(|w| w == [7, 0xa2, 1, 1, 2]);
        let promises = promises.unwrap();
        assert_eq!(
            changed(promises + 3, 1, 3),
            Err(StatementError::Malformed),
            "sandbox"
        );
        assert_eq!(
            changed(promises + 5, 0, 1),
            Err(StatementError::Malformed),
            "retention"
        );
    }

    #[test]
    fn a_public_key_of_the_wrong_length_is_refused() {
        let mut stated = statement();
        stated.public_key.push(0);
        assert_eq!(
            Statement::from_payload(&stated.payload()),
            Err(StatementError::Malformed)
        );
    }

    #[test]
    fn a_key_id_is_printed_in_hexadecimal() {
        assert_eq!(KeyId([0x0f; 16]).to_string(), "0f".repeat(16));
    }
}
