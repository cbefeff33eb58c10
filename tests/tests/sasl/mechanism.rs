//! What a client says in each mechanism.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use tests::harness::dovecot::{ANN, User};
use tests::harness::imap::{Answer, Client};
use tests::harness::offering;

use crate::scram::{Hash, Scram};

/// Whether the first response goes with the command (RFC 4959).
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Initial {
    Sent,
    AskedFor,
}

#[derive(Clone, Copy, Debug)]
pub(crate) enum Mechanism {
    Plain,
    Login,
    ScramSha1,
    ScramSha256,
    OAuthBearer,
    XOAuth2,
}

impl Mechanism {
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Plain => "PLAIN",
            Self::Login => "LOGIN",
            Self::ScramSha1 => "SCRAM-SHA-1",
            Self::ScramSha256 => "SCRAM-SHA-256",
            Self::OAuthBearer => "OAUTHBEARER",
            Self::XOAuth2 => "XOAUTH2",
        }
    }

    pub(crate) fn encoded(octets: &[u8]) -> String {
        STANDARD.encode(octets)
    }

    /// Authenticates as `user`.
    pub(crate) fn speak(self, client: &mut Client, user: User, initial: Initial) -> Answer {
        let mut exchange = Exchange::of(self, user);
        // LOGIN has no first response of the client's: it is asked for the name.
        let first = match self {
            Self::Login => None,
            Self::Plain
            | Self::ScramSha1
            | Self::ScramSha256
            | Self::OAuthBearer
            | Self::XOAuth2 => Some(exchange.first()),
        };
        let name = self.name();
        let (tag, mut unsent) = match (first, initial) {
            (Some(first), Initial::Sent) => {
                let first = Self::encoded(&first);
                (client.send(&format!("AUTHENTICATE {name} {first}")), None)
            }
            (first, Initial::Sent | Initial::AskedFor) => {
                (client.send(&format!("AUTHENTICATE {name}")), first)
            }
        };
        loop {
            let response = client.response();
            let line = response.strip_suffix(b"\r\n").expect("a line");
            let Some(challenge) = line.strip_prefix(b"+") else {
                return tagged(line, &tag, client);
            };
            let challenge = STANDARD.decode(challenge.trim_ascii()).expect("base64");
            let said = unsent.take().unwrap_or_else(|| exchange.next(&challenge));
            client.write(format!("{}\r\n", Self::encoded(&said)).as_bytes());
        }
    }
}

/// The tagged answer; capabilities may come before it.
fn tagged(line: &[u8], tag: &str, client: &mut Client) -> Answer {
    let text = String::from_utf8_lossy(line);
    match text.strip_prefix(&format!("{tag} ")) {
        Some(tagged) => Answer {
            untagged: Vec::new(),
            tagged: tagged.to_owned(),
        },
        None => client.answer(tag),
    }
}

struct Exchange {
    mechanism: Mechanism,
    user: User,
    scram: Scram,
    asked: usize,
}

impl Exchange {
    fn of(mechanism: Mechanism, user: User) -> Self {
        let hash = match mechanism {
            Mechanism::ScramSha1 => Hash::Sha1,
            Mechanism::ScramSha256
            | Mechanism::Plain
            | Mechanism::Login
            | Mechanism::OAuthBearer
            | Mechanism::XOAuth2 => Hash::Sha256,
        };
        Self {
            mechanism,
            user,
            scram: Scram::new(hash, user),
            asked: 0,
        }
    }

    fn first(&self) -> Vec<u8> {
        let User { name, password } = self.user;
        match self.mechanism {
            Mechanism::Plain => format!("\0{name}\0{password}").into_bytes(),
            Mechanism::Login => Vec::new(),
            Mechanism::ScramSha1 | Mechanism::ScramSha256 => self.scram.first(),
            Mechanism::OAuthBearer => {
                format!("n,a={name},\x01auth=Bearer {}\x01\x01", self.token()).into_bytes()
            }
            Mechanism::XOAuth2 => {
                format!("user={name}\x01auth=Bearer {}\x01\x01", self.token()).into_bytes()
            }
        }
    }

    /// A token that is good, if the password is.
    fn token(&self) -> String {
        let token = offering::token(self.user);
        if self.user.password == ANN.password {
            token
        } else {
            format!("{token}x")
        }
    }

    fn next(&mut self, challenge: &[u8]) -> Vec<u8> {
        self.asked += 1;
        match (self.mechanism, self.asked) {
            (Mechanism::Login, 1) => self.user.name.as_bytes().to_vec(),
            (Mechanism::Login, _) => self.user.password.as_bytes().to_vec(),
            (Mechanism::ScramSha1 | Mechanism::ScramSha256, 1) => self.scram.proof(challenge),
            (Mechanism::ScramSha1 | Mechanism::ScramSha256, _) => {
                self.scram.verify(challenge);
                Vec::new()
            }
            // OAUTHBEARER: the error was read.
            (Mechanism::OAuthBearer, _) => vec![1],
            (Mechanism::XOAuth2 | Mechanism::Plain, _) => Vec::new(),
        }
    }
}
