//! The result as a MIME entity (RFC 2045), which an *smime* result carries inside its CMS object: a standard client shows it as the picture it is.

use secret::Plaintext;

use crate::{ResultError, ResultPart};

impl ResultPart {
    /// The entity, padded; this is the content that the vault seals to the certificate.
    #[must_use]
    pub fn to_entity(&self) -> Plaintext {
        todo!()
    }

    /// Reads the entity that the opened CMS object holds.
    ///
    /// # Errors
    /// [`ResultError`] for anything that [`ResultPart::to_entity`] would not write.
    pub fn from_entity(_entity: &[u8]) -> Result<Self, ResultError> {
        todo!()
    }
}
