//! SASL in AUTHENTICATE (RFC 9051 §6.2.2, RFC 4959) and the PLAIN mechanism (RFC 4616).

use crate::confidential::Confidential;

/// A mechanism's name.
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum Mechanism {
    /// RFC 4616.
    Plain,
    /// Any other, in upper case.
    Other(Box<str>),
}

/// A client's line during AUTHENTICATE.
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum ClientLine {
    /// `*`: to be answered with a tagged BAD.
    Cancel,
    /// A response, decoded.
    Response(Confidential),
    /// No base64: to be answered with a tagged BAD.
    Malformed,
}

/// A PLAIN message.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Plain {
    /// Whom to act as; empty: the user itself.
    pub authorize: String,
    /// Who logs in.
    pub user: String,
    /// The password.
    pub password: Confidential,
}

impl ClientLine {
    /// Reads a line, without its CRLF.
    #[must_use]
    pub fn parse(text: &[u8]) -> Self {
        todo!()
    }

    /// A response as a line, without CRLF.
    #[must_use]
    pub fn encode(response: &[u8]) -> Confidential {
        todo!()
    }
}

impl Plain {
    /// Reads `[authzid] NUL authcid NUL passwd`; `None` when it is not that.
    #[must_use]
    pub fn parse(message: &Confidential) -> Option<Self> {
        todo!()
    }

    /// The message.
    #[must_use]
    pub fn encode(&self) -> Confidential {
        todo!()
    }
}
