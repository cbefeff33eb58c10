//! The one place where an [`Error`] becomes words. Everything a stranger contributed is [`crate::Said`], fit for a terminal.

use std::fmt::{self, Display, Formatter};

use keyreveal::StatementError;

use crate::error::{
    Error, Lacking, Mismatch, Missing, NoConversion, NotOpenable, ProtocolFault, RequestFault,
    Scope, Step, Unverified,
};
use crate::pin::KnownError;
use crate::tls::TrustError;

impl std::error::Error for Error {}

impl Display for Error {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        match self {
            Self::Network(error) => write!(f, "network: {error}"),
            Self::Tls(error) => write!(f, "TLS: {error}"),
            Self::ServerName => f.write_str("the server's name cannot stand in a certificate"),
            Self::Deadline(step) => write!(f, "the server took too long {step}"),
            Self::Closed(said) => write!(f, "the server closed the connection: {said}"),
            Self::Protocol(fault) => write!(f, "the server breaks the protocol: {fault}"),
            Self::Login(said) => write!(f, "login refused: {said}"),
            Self::Credentials => f.write_str("the user name or password cannot be sent"),
            Self::Lacks(lacking) => write!(f, "the server {lacking}"),
            Self::NotFound(missing) => missing.fmt(f),
            Self::Refused(said) => write!(f, "the server refused: {said}"),
            Self::NotOpenable(why) => write!(f, "the part {why}"),
            Self::NoKey => f.write_str("the part is encrypted, but not to this key"),
            Self::WouldRevealWholeMessage(scope) => write!(f, "{scope}. Nothing was revealed"),
            Self::OtherKind => {
                f.write_str("the part is of another kind than is wanted; its key was not revealed")
            }
            Self::NoStatement(said) => write!(f, "the proxy gave no key to reveal to: {said}"),
            Self::OtherIdentity(mismatch) => mismatch.fmt(f),
            Self::Statement(error) => statement(*error, f),
            Self::Request(fault) => fault.fmt(f),
            Self::RevealRefused(said) => write!(f, "the reveal was refused: {said}"),
            Self::NoConversion(why) => why.fmt(f),
            Self::Unverified(why) => write!(f, "{why}; the result was thrown away"),
        }
    }
}

impl Display for Mismatch {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        let Self { expected, claimed } = self;
        if expected == claimed {
            return f.write_str(
                "the key statement claims the proxy's identity and is not signed by it: somebody may be on the way. \
                 Nothing was revealed",
            );
        }
        write!(
            f,
            "THE PROXY HAS ANOTHER IDENTITY: {expected} ({}) is known, {claimed} ({}) came. Somebody may be on the way. \
             Nothing was revealed",
            expected.fingerprint(),
            claimed.fingerprint()
        )
    }
}

fn statement(error: StatementError, f: &mut Formatter<'_>) -> fmt::Result {
    let why = match error {
        StatementError::Malformed => "cannot be read",
        StatementError::Signature => "is not signed by the proxy's identity",
        StatementError::UnknownSuite => "is for algorithms that are not known here",
        StatementError::Expired => "has expired; is this device's clock right?",
        StatementError::ChannelBinding => "was made for another connection: somebody is on the way",
    };
    write!(f, "the key statement {why}; nothing was revealed")
}

impl Display for Step {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Connect => "to connect",
            Self::Send => "to take a command",
            Self::Silence => "to say anything",
            Self::Answer => "to finish its answer",
        })
    }
}

impl Display for ProtocolFault {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Framing | Self::Syntax => "an answer that IMAP does not have",
            Self::TooLarge => "an answer larger than what was asked for can be",
            Self::TooMany => "more answers than one command can have",
            Self::Incomplete => "an answer without what was asked for",
            Self::Preauth => "somebody is logged in already",
        })
    }
}

impl Display for Lacking {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Conversion => "offers no conversion with key reveal",
            Self::UidValidity => {
                "gives no UIDVALIDITY, so that no reveal can be bound to a message"
            }
        })
    }
}

impl Display for Missing {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        match self {
            Self::Mailbox(said) => write!(f, "the mailbox cannot be opened: {said}"),
            Self::Message => f.write_str("there is no such message"),
            Self::Section => f.write_str("the message has no such part"),
        }
    }
}

impl Display for NotOpenable {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        match self {
            Self::NotEncrypted => {
                f.write_str("is not S/MIME-encrypted: nothing needs to be revealed to read it")
            }
            Self::Malformed => f.write_str("is marked as S/MIME and cannot be read as such"),
            Self::Unsupported(what) => {
                write!(f, "is encrypted in a way that is not supported: {what}")
            }
        }
    }
}

impl Display for Scope {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Part => "the key opens this part alone",
            Self::WholeMessage => {
                "the message was encrypted whole: the key of this part opens everything in it"
            }
            Self::Neighbours => {
                "the encrypted part holds several parts, and its key opens all of them"
            }
            Self::Unknown => "nothing says how much the key of this part opens",
        })
    }
}

impl Display for RequestFault {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Context => "the user name, mailbox or section cannot be put into a reveal",
            Self::Seal => {
                "the reveal cannot be sealed to the key that the proxy stated; nothing was revealed"
            }
        })
    }
}

impl Display for NoConversion {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        match self {
            Self::Later {
                said,
                minutes: Some(minutes),
            } => write!(f, "not now, but perhaps in {minutes} minutes: {said}"),
            Self::Later {
                said,
                minutes: None,
            } => write!(f, "not now, but perhaps later: {said}"),
            Self::Impossible(said) => write!(f, "the part cannot be converted so: {said}"),
        }
    }
}

impl Display for Unverified {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Sealed => {
                "the result was not made by the vault that was asked, or was altered on the way"
            }
            Self::Size => "the result has another size than announced",
            Self::MediaType => "the result is of another format than asked for",
            Self::Dimensions => "the result is larger than asked for, or not as large as it says",
            Self::Charset => "the text is in another charset than asked for",
            Self::Integrity => "the result claims an integrity that the part does not have",
        })
    }
}

impl std::error::Error for TrustError {}

impl Display for TrustError {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        f.write_str("no certificate in PEM")
    }
}

impl std::error::Error for KnownError {}

impl Display for KnownError {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "line {} is no known identity; correct or remove it",
            self.line
        )
    }
}
