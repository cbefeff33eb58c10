//! LOGIN and AUTHENTICATE: what a client says to log in, and whom that names. Each mechanism is followed just so far that
//! the user is known; where the server would have to speak first for that, we do.

use wire::{
    Confidential, Frame,
    imap::{
        Code, Status, StatusKind, Tag,
        sasl::{
            ClientLine, Mechanism, Plain,
            bearer::{oauthbearer_user, xoauth2_user},
            scram::{Binding, ClientFirst},
        },
    },
};
use zeroize::Zeroizing;

use super::{super::client::is_plain, Attempt, Phase, challenge, verdict};
use crate::{
    clock::Moment,
    event::Event,
    metrics,
    session::{Outcome, Session},
};

/// What is known when the store is dialled.
#[derive(Debug)]
pub(super) struct Credentials {
    /// Whom it logs in.
    pub(super) user: String,
    pub(super) proof: Proof,
}

/// How a user is proven to the store.
#[derive(Debug)]
pub(super) enum Proof {
    /// By a password that we were told.
    Password { road: Road, plain: Plain },
    /// By an exchange between client and store of which we know the first message.
    Exchange {
        mechanism: Mechanism,
        initial: Confidential,
        binding: Binding,
    },
    /// By a certificate, to us: the store has to take our word.
    Certificate,
}

/// By which command a password came.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) enum Road {
    Login,
    Authenticate,
}

/// What we have asked the client for.
#[derive(Debug)]
pub(super) enum Asked {
    /// The first message of a mechanism.
    First(Mechanism),
    /// The password for this name, by the mechanism LOGIN.
    Password(String),
}

/// What the obsolete mechanism LOGIN asks.
const ASK_USER: &[u8] = b"Username:";
const ASK_PASSWORD: &[u8] = b"Password:";

/// The most octets of a user's name.
const NAME: usize = 512;

/// The most octets of a password.
const PASSWORD: usize = 1024;

/// The most octets of a mechanism's message, read from its base64.
const MESSAGE: usize = 16 * 1024;

/// Why a login is refused before anything is dialled.
#[derive(Clone, Copy, Debug)]
pub(super) enum Unfit {
    Privacy,
    NotOffered,
    Malformed,
    Unnamed,
    Binds,
    AnotherIdentity,
    TooLong,
}

impl Unfit {
    fn told(self) -> (StatusKind, Option<Code>, &'static str) {
        use StatusKind::{Bad, No};
        match self {
            Self::Privacy => (No, Some(Code::PrivacyRequired), "Begin TLS first"),
            Self::NotOffered => (No, Some(Code::Cannot), "This mechanism is not offered"),
            Self::Malformed => (Bad, None, "This is no message of the mechanism"),
            Self::Unnamed => (Bad, None, "The user's name cannot be used"),
            Self::Binds => (No, Some(Code::Cannot), "Channel binding is not offered"),
            Self::AnotherIdentity => (
                No,
                Some(Code::AuthorizationFailed),
                "The certificate is for somebody else",
            ),
            // Nobody's password: as a wrong one.
            Self::TooLong => (No, Some(Code::AuthenticationFailed), verdict::WRONG),
        }
    }
}

impl Session {
    /// `LOGIN user password`.
    pub(super) fn log_in(&mut self, tag: Tag, user: Vec<u8>, password: Confidential, now: Moment) {
        self.logs_in_by(metrics::Mechanism::LoginCommand);
        let private = self.entrance().map(|entrance| entrance.is_private());
        if private != Some(Private::Yes) {
            return self.refuse_unfit(&tag, Unfit::Privacy, now);
        }
        match String::from_utf8(user) {
            Ok(user) => self.dial_password(tag, Road::Login, by_name(user, password), now),
            Err(_) => self.refuse_unfit(&tag, Unfit::Unnamed, now),
        }
    }

    /// `AUTHENTICATE mechanism [initial]`.
    pub(super) fn authenticate(
        &mut self,
        tag: Tag,
        mechanism: Mechanism,
        initial: Option<Confidential>,
        now: Moment,
    ) {
        self.logs_in_by(label(&mechanism));
        let Some(entrance) = self.entrance() else {
            return;
        };
        if entrance.is_private() == Private::No {
            return self.refuse_unfit(&tag, Unfit::Privacy, now);
        }
        if !entrance.offers(&mechanism) {
            return self.refuse_unfit(&tag, Unfit::NotOffered, now);
        }
        match initial {
            Some(message) if message.expose().len() > MESSAGE => {
                self.refuse_unfit(&tag, Unfit::TooLong, now);
            }
            Some(message) => self.take_first(tag, mechanism, message, now),
            None => {
                let question = match &mechanism {
                    Mechanism::Login => ASK_USER,
                    Mechanism::Plain
                    | Mechanism::ScramSha1
                    | Mechanism::ScramSha256
                    | Mechanism::OAuthBearer
                    | Mechanism::XOAuth2
                    | Mechanism::External
                    | Mechanism::Other(_) => b"",
                };
                self.ask_client(tag, question, Asked::First(mechanism), now);
            }
        }
    }

    fn logs_in_by(&mut self, mechanism: metrics::Mechanism) {
        if let Some(entrance) = self.entrance() {
            entrance.mechanism = mechanism;
        }
    }

    fn ask_client(&mut self, tag: Tag, question: &[u8], asked: Asked, now: Moment) {
        self.out.tell(challenge(question));
        self.begin_attempt(tag, Phase::Asking(asked), now);
        self.client.challenge();
    }

    /// A mechanism's first message names the user; of LOGIN it is the name itself.
    fn take_first(&mut self, tag: Tag, mechanism: Mechanism, message: Confidential, now: Moment) {
        let read = match &mechanism {
            Mechanism::Login => match named(str::from_utf8(message.expose()).ok()) {
                Some(user) => {
                    return self.ask_client(tag, ASK_PASSWORD, Asked::Password(user), now);
                }
                None => Err(Unfit::Unnamed),
            },
            Mechanism::Plain => {
                let plain = Plain::parse(&message).ok_or(Unfit::Malformed);
                match plain {
                    Ok(plain) => return self.dial_password(tag, Road::Authenticate, plain, now),
                    Err(unfit) => Err(unfit),
                }
            }
            Mechanism::ScramSha1 | Mechanism::ScramSha256 => scram(&message),
            Mechanism::OAuthBearer => bearer(oauthbearer_user(&message)),
            Mechanism::XOAuth2 => bearer(xoauth2_user(&message)),
            Mechanism::External => {
                let identity = self
                    .entrance()
                    .and_then(|entrance| entrance.facts.external.clone());
                let read = external(&message, identity).map(|user| Credentials {
                    user,
                    proof: Proof::Certificate,
                });
                return self.dial_or_refuse(tag, read, now);
            }
            Mechanism::Other(_) => Err(Unfit::NotOffered),
        };
        let read = read.map(|(user, binding)| Credentials {
            user,
            proof: Proof::Exchange {
                mechanism,
                initial: message,
                binding,
            },
        });
        self.dial_or_refuse(tag, read, now);
    }

    fn dial_password(&mut self, tag: Tag, road: Road, plain: Plain, now: Moment) {
        // RFC 4616 §2: the identity to act as if one is given, else the one that the password is for.
        let whom = match plain.authorize.as_str() {
            "" => &plain.user,
            authorize => authorize,
        };
        // RFC 4616 §2: NUL ends a field, and no password holds one.
        let whole = !plain.password.expose().contains(&0);
        let read = match (named(Some(whom)), named(Some(&plain.user))) {
            _ if !whole => Err(Unfit::Malformed),
            _ if plain.password.expose().len() > PASSWORD => Err(Unfit::TooLong),
            (Some(user), Some(_)) => Ok(Credentials {
                user,
                proof: Proof::Password { road, plain },
            }),
            (None, _) | (_, None) => Err(Unfit::Unnamed),
        };
        self.dial_or_refuse(tag, read, now);
    }

    fn dial_or_refuse(&mut self, tag: Tag, read: Result<Credentials, Unfit>, now: Moment) {
        match read {
            Ok(credentials) => self.dial(tag, credentials, now),
            Err(unfit) => self.refuse_unfit(&tag, unfit, now),
        }
    }

    fn refuse_unfit(&mut self, tag: &Tag, unfit: Unfit, now: Moment) {
        let (kind, code, text) = unfit.told();
        self.refuse_login(tag, kind, code, text, now);
    }

    /// The client's line after a challenge, ours or the store's.
    pub(in crate::session) fn take_credentials(&mut self, frame: &Frame<'_>, now: Moment) {
        let Frame::Line(line) = frame else { return };
        match ClientLine::parse(line.text()) {
            ClientLine::Response(message) if message.expose().len() > MESSAGE => {
                self.call_off(frame, "No mechanism says so much", now);
            }
            ClientLine::Response(message) if is_plain(line) => self.take_response(message, now),
            ClientLine::Cancel if is_plain(line) => {
                self.call_off(frame, "The login is called off", now)
            }
            ClientLine::Response(_) | ClientLine::Cancel | ClientLine::Malformed => {
                self.call_off(frame, "This is no base64", now);
            }
        }
    }

    fn take_response(&mut self, message: Confidential, now: Moment) {
        let Some(attempt) = self.entrance().and_then(|entrance| entrance.attempt.take()) else {
            return;
        };
        let Attempt { tag, began, phase } = attempt;
        if let Some(entrance) = self.entrance() {
            // Put back at once, so that whatever comes of it knows when it began.
            entrance.attempt = Some(Attempt {
                tag: tag.clone(),
                began,
                phase: Phase::Asking(Asked::First(Mechanism::Login)),
            });
        }
        match phase {
            Phase::Asking(Asked::First(mechanism)) => self.take_first(tag, mechanism, message, now),
            Phase::Asking(Asked::Password(user)) => {
                self.dial_password(tag, Road::Authenticate, by_name(user, message), now);
            }
            phase @ (Phase::Answering(_) | Phase::Dialling(_)) => {
                if let Some(entrance) = self.entrance() {
                    entrance.attempt = Some(Attempt { tag, began, phase });
                }
                self.answer_challenge(&message, now);
            }
        }
    }

    /// RFC 9051 §6.2.2: BAD for `*`, and for what cannot be read.
    fn call_off(&mut self, frame: &Frame<'_>, text: &'static str, now: Moment) {
        let Some(attempt) = self.entrance().and_then(|entrance| entrance.attempt.take()) else {
            return;
        };
        self.out.record_reason(Event::LoginRefused, text);
        if let Phase::Answering(_) = attempt.phase {
            // The store has judged nothing, so nothing is told of its address.
            self.hang_up();
            self.out
                .request(crate::session::Request::LoginOutcome(Outcome::Refused));
        }
        let answer = Status::tagged(&attempt.tag, StatusKind::Bad, None, text).encode();
        self.swallow(answer, frame);
        self.count_failure(Outcome::Refused, attempt.began, now);
    }

    /// The client's answer to the store's challenge.
    fn answer_challenge(&mut self, message: &Confidential, now: Moment) {
        let Some(upstream) = self.entrance().and_then(|entrance| entrance.upstream()) else {
            return;
        };
        upstream.client_answered();
        self.store.resume(now);
        let line = [ClientLine::encode(message.expose()).expose(), b"\r\n"].concat();
        self.out.send_wiped(Zeroizing::new(line));
    }
}

/// Whether nobody on the way reads along.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) enum Private {
    Yes,
    No,
}

impl super::Entrance {
    pub(super) fn is_private(&self) -> Private {
        match self.facts.protection {
            crate::session::Protection::Tls => Private::Yes,
            crate::session::Protection::Clear => Private::No,
        }
    }
}

/// What a mechanism is called where it is counted.
fn label(mechanism: &Mechanism) -> metrics::Mechanism {
    match mechanism {
        Mechanism::Plain => metrics::Mechanism::Plain,
        Mechanism::Login => metrics::Mechanism::Login,
        Mechanism::ScramSha1 => metrics::Mechanism::ScramSha1,
        Mechanism::ScramSha256 => metrics::Mechanism::ScramSha256,
        Mechanism::OAuthBearer => metrics::Mechanism::OauthBearer,
        Mechanism::XOAuth2 => metrics::Mechanism::Xoauth2,
        Mechanism::External => metrics::Mechanism::External,
        Mechanism::Other(_) => metrics::Mechanism::Other,
    }
}

fn by_name(user: String, password: Confidential) -> Plain {
    Plain {
        authorize: String::new(),
        user,
        password,
    }
}

/// A name that can be used: it ends no line and no field of a message.
fn named(name: Option<&str>) -> Option<String> {
    let name = name?;
    let fits = !name.is_empty() && name.len() <= NAME && !name.contains(['\0', '\r', '\n']);
    fits.then(|| name.to_owned())
}

fn scram(message: &Confidential) -> Result<(String, Binding), Unfit> {
    let first = ClientFirst::parse(message).ok_or(Unfit::Malformed)?;
    if first.binding == Binding::Required {
        return Err(Unfit::Binds);
    }
    let user = named(Some(first.identity())).ok_or(Unfit::Unnamed)?;
    Ok((user, first.binding))
}

fn bearer(user: Option<String>) -> Result<(String, Binding), Unfit> {
    let user = user.ok_or(Unfit::Malformed)?;
    let user = named(Some(&user)).ok_or(Unfit::Unnamed)?;
    Ok((user, Binding::Unsupported))
}

/// RFC 4422, appendix A: nothing, or the identity to act as, which must be the proven one.
fn external(message: &Confidential, identity: Option<String>) -> Result<String, Unfit> {
    let identity = identity.ok_or(Unfit::NotOffered)?;
    let wanted = message.expose();
    if wanted.is_empty() || wanted == identity.as_bytes() {
        named(Some(&identity)).ok_or(Unfit::Unnamed)
    } else {
        Err(Unfit::AnotherIdentity)
    }
}
