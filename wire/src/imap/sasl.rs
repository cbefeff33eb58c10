//! SASL in AUTHENTICATE (RFC 9051 §6.2.2, RFC 4959): mechanisms, lines, and of each mechanism what tells who logs in.
//!
//! | module | holds |
//! | --- | --- |
//! | [`scram`] | the first message of SCRAM (RFC 5802) |
//! | [`bearer`] | OAUTHBEARER (RFC 7628) and XOAUTH2 |

pub mod bearer;
pub mod scram;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;

use crate::confidential::Confidential;

/// A mechanism's name.
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum Mechanism {
    /// RFC 4616.
    Plain,
    /// The obsolete one that asks for the user's name and then for the password.
    Login,
    /// RFC 5802.
    ScramSha1,
    /// RFC 7677.
    ScramSha256,
    /// RFC 7628.
    OAuthBearer,
    /// The older form of it.
    XOAuth2,
    /// RFC 4422, appendix A.
    External,
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

impl Mechanism {
    /// The mechanism of this name, in any case.
    #[must_use]
    pub fn new(name: &str) -> Self {
        let known = KNOWN
            .iter()
            .find(|(known, _)| known.eq_ignore_ascii_case(name));
        known.map_or_else(
            || Self::Other(name.to_ascii_uppercase().into()),
            |(_, mechanism)| mechanism.clone(),
        )
    }

    /// The mechanism's name.
    #[must_use]
    pub fn name(&self) -> &str {
        match self {
            Self::Plain => "PLAIN",
            Self::Login => "LOGIN",
            Self::ScramSha1 => "SCRAM-SHA-1",
            Self::ScramSha256 => "SCRAM-SHA-256",
            Self::OAuthBearer => "OAUTHBEARER",
            Self::XOAuth2 => "XOAUTH2",
            Self::External => "EXTERNAL",
            Self::Other(name) => name,
        }
    }

    /// The name of the capability that offers it (RFC 9051 §6.2.2).
    #[must_use]
    pub fn capability(&self) -> String {
        ["AUTH=", self.name()].concat()
    }
}

const KNOWN: [(&str, Mechanism); 7] = [
    ("PLAIN", Mechanism::Plain),
    ("LOGIN", Mechanism::Login),
    ("SCRAM-SHA-1", Mechanism::ScramSha1),
    ("SCRAM-SHA-256", Mechanism::ScramSha256),
    ("OAUTHBEARER", Mechanism::OAuthBearer),
    ("XOAUTH2", Mechanism::XOAuth2),
    ("EXTERNAL", Mechanism::External),
];

impl ClientLine {
    /// Reads a line, without its CRLF.
    #[must_use]
    pub fn parse(text: &[u8]) -> Self {
        if text == b"*" {
            return Self::Cancel;
        }
        decode(text).map_or(Self::Malformed, Self::Response)
    }

    /// Reads the text of a server's challenge, which is base64 or nothing (RFC 9051 §6.2.2).
    #[must_use]
    pub fn parse_challenge(text: &[u8]) -> Option<Confidential> {
        decode(text)
    }

    /// A response as a line, without CRLF.
    #[must_use]
    pub fn encode(response: &[u8]) -> Confidential {
        Confidential::new(STANDARD.encode(response).into_bytes())
    }
}

/// RFC 4959 §3: base64 to the letter, padding only at its end.
pub(crate) fn decode(text: &[u8]) -> Option<Confidential> {
    STANDARD.decode(text).ok().map(Confidential::new)
}

impl Plain {
    /// Reads `[authzid] NUL authcid NUL passwd`; `None` when it is not that.
    #[must_use]
    pub fn parse(message: &Confidential) -> Option<Self> {
        let text = str::from_utf8(message.expose()).ok()?;
        let (authorize, rest) = text.split_once('\0')?;
        let (user, password) = rest.split_once('\0')?;
        // RFC 4616 §2: neither is empty, and NUL is in none.
        let well_formed = !user.is_empty() && !password.is_empty() && !password.contains('\0');
        well_formed.then(|| Self {
            authorize: authorize.to_owned(),
            user: user.to_owned(),
            password: Confidential::new(password.as_bytes().to_vec()),
        })
    }

    /// The message.
    #[must_use]
    pub fn encode(&self) -> Confidential {
        let fields = [
            self.authorize.as_bytes(),
            self.user.as_bytes(),
            self.password.expose(),
        ];
        Confidential::new(fields.join(&0))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_plain_message_survives_the_wire() {
        let plain = Plain {
            authorize: String::new(),
            user: "tim@example.org".into(),
            password: Confidential::new("tänstaaf tänstaaf".into()),
        };
        let ClientLine::Response(message) =
            ClientLine::parse(ClientLine::encode(plain.encode().expose()).expose())
        else {
            panic!()
        };
        assert_eq!(Plain::parse(&message), Some(plain));
    }

    #[test]
    fn what_is_no_plain_message_is_refused() {
        for message in [
            &b""[..],
            b"u\0",
            b"\0\0p",
            b"\0u\0",
            b"\0u\0p\0x",
            b"\0u\0\xff",
            b"u p",
        ] {
            assert_eq!(
                Plain::parse(&Confidential::new(message.to_vec())),
                None,
                "{message:?}"
            );
        }
    }

    #[test]
    fn base64_is_read_to_the_letter() {
        assert_eq!(ClientLine::parse(b"*"), ClientLine::Cancel);
        assert_eq!(
            ClientLine::parse(b""),
            ClientLine::Response(Confidential::new(Vec::new()))
        );
        for text in [
            &b"AA"[..],
            b"A",
            b"AA==AA==",
            b"AA= =",
            b"**",
            b" AA==",
            b"AB==",
        ] {
            assert_eq!(ClientLine::parse(text), ClientLine::Malformed, "{text:?}");
        }
    }
}
