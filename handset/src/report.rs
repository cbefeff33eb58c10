//! What a fetch gave, and what it gave away.

use envelope::ContentAlgorithm;
use keyreveal::{IdentityKey, Integrity, Measure, Promises};
use secret::Plaintext;
use wire::imap::{Mailbox, PartPath, Uid, UidValidity};

use crate::air::Air;
use crate::error::Scope;
use crate::request::Format;

/// Exactly what is, or was, revealed: one content key.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Revealed {
    /// The mailbox.
    pub mailbox: Mailbox,
    /// What makes its UIDs unique.
    pub uid_validity: UidValidity,
    /// The message.
    pub uid: Uid,
    /// The encrypted part.
    pub section: PartPath,
    /// What the key is for.
    pub algorithm: ContentAlgorithm,
    /// Whether the key is of use with that algorithm alone.
    pub binding: KeyBinding,
    /// How much it opens.
    pub scope: Scope,
}

/// What else a revealed key could be used for.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum KeyBinding {
    /// It is the key of RFC 9709, derived for this algorithm and nonce; the key that the recipients share stays unknown.
    Derived,
    /// It is the very key that the recipients were sent.
    Direct,
}

/// How the proxy's identity was known.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Acquaintance {
    /// It was pinned, and it is the one.
    Pinned,
    /// It was believed on first use: keep it, and compare its fingerprint with the operator's word.
    FirstUse,
}

/// To whom something is, or was, revealed.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct Recipient {
    /// The proxy's identity, whose signature was checked.
    pub identity: IdentityKey,
    /// How it was known.
    pub acquaintance: Acquaintance,
    /// What it says of the vault.
    pub promises: Promises,
    /// SHA-256 of the program that the vault runs, by the proxy's own word.
    pub program: [u8; 32],
}

/// What a fetch cost.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Report {
    /// What was revealed.
    pub revealed: Revealed,
    /// To whom.
    pub recipient: Recipient,
    /// Octets of the encrypted part, which would have come whole otherwise.
    pub part_octets: u64,
    /// Octets of the sealed result.
    pub sealed_octets: u64,
    /// What the conversion itself moved over the air, TLS included; [`crate::Meter`] has the whole connection.
    pub air: Air,
}

/// Who can have made the result.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Origin {
    /// Only the vault that opened this reveal.
    Vault,
    /// Anybody who knows the certificate: CMS encryption does not tell who encrypted.
    AnybodyWithTheCertificate,
}

/// A converted part, opened, checked, and what was given for it.
pub struct Fetched {
    /// Its file.
    pub content: Plaintext,
    /// Its format, by its label and by its own octets.
    pub format: Format,
    /// How large it is: a picture's size by its label and by its own header, a text's charset, a sound's time by its label.
    pub measure: Measure,
    /// Media type of the source, as the vault found it. A stranger's text.
    pub source_type: String,
    /// Octets of the source, as the vault found it.
    pub source_octets: u64,
    /// Whether the encrypted part could have been altered unseen.
    pub integrity: Integrity,
    /// Who can have made this result.
    pub origin: Origin,
    /// What it cost.
    pub report: Report,
}
