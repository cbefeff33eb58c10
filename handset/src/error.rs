//! What can go wrong, by whose fault it is; `words.rs` has the words. Server text is carried as [`Said`], which is fit for a terminal by construction.

use std::fmt;

use keyreveal::{IdentityKey, StatementError};

use crate::printable::printable_octets;

/// The most characters of a server's text that are kept.
const LONGEST_TEXT: usize = 200;

/// What a server said, made fit for a terminal.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub struct Said(String);

impl Said {
    /// Takes a stranger's text.
    #[must_use]
    pub fn new(text: &[u8]) -> Self {
        Self(printable_octets(text, LONGEST_TEXT))
    }

    /// The text, fit for a terminal.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for Said {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// Why something did not happen. Unless a variant says otherwise, nothing was revealed.
#[derive(Debug)]
pub enum Error {
    /// No connection, or it broke. May have been after a reveal: [`crate::Client::send`] tells.
    Network(std::io::Error),
    /// TLS: a certificate that is not trusted, an old version, a broken record.
    Tls(rustls::Error),
    /// The host name cannot stand in a certificate.
    ServerName,
    /// The server was silent, or slow, for longer than the deadlines allow.
    Deadline(Step),
    /// The server said goodbye.
    Closed(Said),
    /// The server's answer is none that IMAP has, or is larger than it may be.
    Protocol(ProtocolFault),
    /// The user name or password was refused, or no way to log in is offered that is spoken here.
    Login(Said),
    /// A user name or password that cannot be sent.
    Credentials,
    /// The server lacks what is needed.
    Lacks(Lacking),
    /// There is no such mailbox, message or part.
    NotFound(Missing),
    /// A command was refused for a reason that has no variant of its own.
    Refused(Said),
    /// The part is not encrypted CMS that is understood here.
    NotOpenable(NotOpenable),
    /// The part is encrypted, but to none of the keys given.
    NoKey,
    /// Its key would open the whole message, and only one part was allowed to be revealed.
    WouldRevealWholeMessage(Scope),
    /// The part's beginning says that it is not of the kind that alone was wanted.
    OtherKind,
    /// The proxy did not hand out a key statement.
    NoStatement(Said),
    /// The proxy has another identity than it must have. Somebody may be on the way.
    OtherIdentity(Box<Mismatch>),
    /// The key statement is not to be used.
    Statement(StatementError),
    /// The request cannot be put into the protocol's words, or sealed.
    Request(RequestFault),
    /// The reveal was refused. It was sent: its one-time key is spent.
    RevealRefused(Said),
    /// The part opened, and was not converted. The key was revealed.
    NoConversion(NoConversion),
    /// What came back is not what the vault was asked for. The key was revealed; the result was thrown away.
    Unverified(Unverified),
}

/// Two identities that should be one.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct Mismatch {
    /// The identity that the proxy must have.
    pub expected: IdentityKey,
    /// The identity that its statement claims; the same where just the signature is not its own.
    pub claimed: IdentityKey,
}

/// Where a deadline was missed.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Step {
    /// Connecting and the TLS handshake.
    Connect,
    /// Sending a command.
    Send,
    /// No octet came.
    Silence,
    /// Octets came, but the answer was not whole in time.
    Answer,
}

/// How an answer broke the rules.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum ProtocolFault {
    /// It cannot be cut into lines and literals.
    Framing,
    /// It cannot be parsed.
    Syntax,
    /// It is larger than what was asked for can be.
    TooLarge,
    /// There are more responses than one command may bring.
    TooMany,
    /// What was asked for is not in it.
    Incomplete,
    /// The server was logged in before anybody logged in (RFC 9051 §7.1.4); nothing binds that session to this user.
    Preauth,
}

/// What a server lacks.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Lacking {
    /// CONVERT (RFC 5259) or the key reveal.
    Conversion,
    /// UIDVALIDITY, without which a reveal cannot be bound to a message.
    UidValidity,
}

/// What is not there.
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum Missing {
    /// The mailbox; what the server said of it.
    Mailbox(Said),
    /// The message.
    Message,
    /// The part.
    Section,
}

/// Why a part cannot be opened by anybody's key here.
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum NotOpenable {
    /// It is not CMS.
    NotEncrypted,
    /// It is CMS, and damaged; or its header is longer than is read.
    Malformed,
    /// It is CMS of a kind that is not spoken here.
    Unsupported(Said),
}

/// How much one content key opens.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Scope {
    /// One part of a message that has others beside it.
    Part,
    /// The part is all that the message, or the message forwarded inside it, consists of: one key opens everything.
    WholeMessage,
    /// The encrypted part holds several parts: the key opens all of them.
    Neighbours,
    /// What can be read of the part does not say.
    Unknown,
}

/// A request that cannot be made.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum RequestFault {
    /// A user name that is no UTF-8, or too many octets somewhere.
    Context,
    /// The reveal cannot be sealed: a key or nonce of the wrong length, or a stated key that is none.
    Seal,
}

/// Why there is no conversion.
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum NoConversion {
    /// Later it may work; after so many minutes, if the server said.
    Later {
        /// What the server said.
        said: Said,
        /// RFC 5259 §9: how long to wait.
        minutes: Option<u32>,
    },
    /// This part cannot be converted so.
    Impossible(Said),
}

/// What a result failed.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Unverified {
    /// It does not open: not made by the vault that was asked, or altered.
    Sealed,
    /// Its size is not what was announced.
    Size,
    /// Another media type than was asked for, by its label or by its octets.
    MediaType,
    /// Larger, longer or more octets than was asked for, or not as wide and high as it says.
    Dimensions,
    /// A text in another charset than was asked for, or not in the one that it says.
    Charset,
    /// It claims another integrity than the part's own format has.
    Integrity,
}
