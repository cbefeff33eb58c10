//! What a vault says of its one-time key. Unsigned here: [`crate::identity`] signs and checks.

use crate::Suite;

/// Names one one-time key: random, never used twice.
#[derive(Clone, Copy, Debug, Eq, Hash, Ord, PartialEq, PartialOrd)]
pub struct KeyId(pub [u8; 16]);

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

/// What the vault keeps of a reveal after its answer.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Retention {
    /// Nothing: it ends.
    None,
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

impl Statement {
    /// The payload that is signed, and whose digest a reveal is bound to.
    #[must_use]
    pub fn payload(&self) -> Vec<u8> {
        todo!()
    }
}
