//! What a reveal may be used for. Both ends build a [`Context`] through [`Context::new`], each from what it knows itself,
//! and the vault compares them whole.

use std::collections::BTreeMap;
use std::num::NonZeroU32;

/// What is asked, in the words of the IMAP command; [`Context::new`] brings it into its normal form.
#[derive(Clone, Copy, Debug)]
pub struct Asked<'a> {
    /// The identity logged in as: LOGIN's user name, or PLAIN's authorisation identity, or else its authentication identity.
    pub user: &'a str,
    /// The selected mailbox's name as sent.
    pub mailbox: &'a [u8],
    /// The selected mailbox's UIDVALIDITY.
    pub uid_validity: NonZeroU32,
    /// The message.
    pub uid: NonZeroU32,
    /// The section in the brackets of BINARY, like `1.2`; empty for the whole message.
    pub section: &'a str,
    /// CONVERT's target type.
    pub container: &'a str,
    /// Every conversion parameter as sent; the reveal itself may be among them and is left out.
    pub parameters: &'a [(&'a str, &'a str)],
}

/// Who asks for what, in normal form. Two contexts are equal only if every field is.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Context {
    user: String,
    mailbox: Vec<u8>,
    uid_validity: NonZeroU32,
    uid: NonZeroU32,
    section: String,
    inner: Option<String>,
    container: String,
    parameters: BTreeMap<String, String>,
}

/// Why no context can be built, or none read.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum ContextError {
    /// A section that is no list of part numbers in plain decimal.
    Section,
    /// The same parameter name twice.
    DuplicateParameter,
    /// More octets than a context may have.
    TooLong,
    /// Not the one permitted encoding of a context.
    Malformed,
}

impl Context {
    /// The normal form of what is asked.
    ///
    /// # Errors
    /// A [`ContextError`] for a section that is none, a parameter given twice, or too many octets.
    pub fn new(_asked: Asked<'_>) -> Result<Self, ContextError> {
        todo!()
    }

    /// The one encoding of this context.
    #[must_use]
    pub fn encode(&self) -> Vec<u8> {
        todo!()
    }

    /// Reads the one encoding.
    ///
    /// # Errors
    /// [`ContextError::Malformed`] for anything else.
    pub fn decode(_octets: &[u8]) -> Result<Self, ContextError> {
        todo!()
    }

    /// The identity logged in as.
    #[must_use]
    pub fn user(&self) -> &str {
        &self.user
    }

    /// The mailbox's name: as sent, but INBOX in upper case.
    #[must_use]
    pub fn mailbox(&self) -> &[u8] {
        &self.mailbox
    }

    /// The mailbox's UIDVALIDITY.
    #[must_use]
    pub fn uid_validity(&self) -> NonZeroU32 {
        self.uid_validity
    }

    /// The message.
    #[must_use]
    pub fn uid(&self) -> NonZeroU32 {
        self.uid
    }

    /// The section of the message.
    #[must_use]
    pub fn section(&self) -> &str {
        &self.section
    }

    /// The section inside the opened entity, where one was asked for.
    #[must_use]
    pub fn inner(&self) -> Option<&str> {
        self.inner.as_deref()
    }

    /// The container's media type, in lower case.
    #[must_use]
    pub fn container(&self) -> &str {
        &self.container
    }

    /// The conversion parameters but the reveal and the inner section: name in lower case, value as sent.
    pub fn parameters(&self) -> impl Iterator<Item = (&str, &str)> {
        self.parameters
            .iter()
            .map(|(name, value)| (name.as_str(), value.as_str()))
    }
}
