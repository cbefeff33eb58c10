//! How the command ends: one table from what went wrong to an exit code, a stable name and words for a person.

use std::io;
use std::path::Path;
use std::process::ExitCode;

use handset::{
    Error, Lacking, Missing, NoConversion, NotOpenable, RequestFault, Scope, Unverified,
};

/// Exit codes, as `docs/handset.md` lists them.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Exit {
    Usage = 2,
    Network = 3,
    Login = 4,
    NotFound = 5,
    NoKey = 6,
    WouldRevealWhole = 7,
    OtherIdentity = 8,
    RevealRefused = 9,
    NoConversion = 10,
    Unverified = 11,
    OutputFile = 12,
    OurFile = 13,
    ServerLacks = 14,
}

impl Exit {
    /// The name that `--json` shows.
    fn name(self) -> &'static str {
        match self {
            Self::Usage => "usage",
            Self::Network => "network",
            Self::Login => "login",
            Self::NotFound => "not-found",
            Self::NoKey => "no-key",
            Self::WouldRevealWhole => "would-reveal-whole-message",
            Self::OtherIdentity => "other-identity",
            Self::RevealRefused => "reveal-refused",
            Self::NoConversion => "no-conversion",
            Self::Unverified => "unverified",
            Self::OutputFile => "output-file",
            Self::OurFile => "our-file",
            Self::ServerLacks => "server-lacks",
        }
    }

    #[expect(
        clippy::as_conversions,
        reason = "the one place where a variant becomes its number"
    )]
    fn number(self) -> u8 {
        self as u8
    }
}

/// Why the command did not do what it was told.
#[derive(Debug)]
pub(crate) struct Failure {
    exit: Exit,
    words: String,
}

impl Failure {
    pub(crate) fn new(exit: Exit, words: impl Into<String>) -> Self {
        Self {
            exit,
            words: words.into(),
        }
    }

    /// A file of ours that cannot be read or written.
    pub(crate) fn file(path: &Path, error: &io::Error) -> Self {
        Self::new(Exit::OurFile, format!("{}: {error}", path.display()))
    }

    /// Settings that cannot be used.
    pub(crate) fn settings(path: &Path, error: &toml::de::Error) -> Self {
        Self::new(Exit::OurFile, format!("{}: {error}", path.display()))
    }

    /// The output file.
    pub(crate) fn output(path: &Path, error: &io::Error) -> Self {
        let remedy = match error.kind() {
            io::ErrorKind::AlreadyExists => "it exists; --force overwrites it".to_owned(),
            _ => error.to_string(),
        };
        Self::new(Exit::OutputFile, format!("{}: {remedy}", path.display()))
    }

    pub(crate) fn code(&self) -> ExitCode {
        ExitCode::from(self.exit.number())
    }

    pub(crate) fn words(&self) -> &str {
        &self.words
    }

    /// The JSON object that `--json` prints.
    pub(crate) fn to_json(&self) -> serde_json::Value {
        serde_json::json!({
            "error": self.exit.name(),
            "exit": self.exit.number(),
            "message": self.words,
        })
    }
}

impl From<Error> for Failure {
    fn from(error: Error) -> Self {
        Self::new(exit_of(&error), words_of(&error))
    }
}

fn exit_of(error: &Error) -> Exit {
    match error {
        Error::Network(_)
        | Error::Tls(_)
        | Error::Deadline(_)
        | Error::Closed(_)
        | Error::Protocol(_)
        | Error::Refused(_) => Exit::Network,
        Error::ServerName | Error::Credentials | Error::Request(_) => Exit::Usage,
        Error::Login(_) => Exit::Login,
        Error::Lacks(_) | Error::NoStatement(_) => Exit::ServerLacks,
        Error::NotFound(_) | Error::NotOpenable(_) => Exit::NotFound,
        Error::NoKey => Exit::NoKey,
        Error::WouldRevealWholeMessage(_) => Exit::WouldRevealWhole,
        Error::OtherIdentity { .. } | Error::Statement(_) => Exit::OtherIdentity,
        Error::RevealRefused(_) => Exit::RevealRefused,
        Error::NoConversion(_) => Exit::NoConversion,
        Error::Unverified(_) => Exit::Unverified,
    }
}

fn words_of(error: &Error) -> String {
    match error {
        Error::Network(error) => format!("network: {error}"),
        Error::Tls(error) => format!("TLS: {error}"),
        Error::ServerName => "the server's name cannot stand in a certificate".into(),
        Error::Deadline(step) => format!("the server took too long ({step:?})"),
        Error::Closed(said) => format!("the server closed the connection: {said}"),
        Error::Protocol(fault) => format!("the server's answer breaks the protocol ({fault:?})"),
        Error::Login(said) => format!("login refused: {said}"),
        Error::Credentials => "the user name or password has characters that cannot be sent".into(),
        Error::Lacks(lacking) => lacking_words(*lacking).into(),
        Error::NotFound(missing) => missing_words(missing),
        Error::Refused(said) => format!("the server refused: {said}"),
        Error::NotOpenable(why) => not_openable_words(why),
        Error::NoKey => {
            "the part is encrypted, but not to this key; `structure` shows to whom".into()
        }
        Error::WouldRevealWholeMessage(scope) => scope_words(*scope).into(),
        Error::NoStatement(said) => format!("the proxy gave no key to reveal to: {said}"),
        Error::OtherIdentity { expected, claimed } => format!(
            "THE PROXY HAS ANOTHER IDENTITY. Known: {expected} ({}). Claimed now: {claimed} ({}). Somebody may be on the way. \
             Nothing was revealed. If its operator confirms the new one: handset identity pin IDENTITY",
            expected.fingerprint(),
            claimed.fingerprint()
        ),
        Error::Statement(why) => {
            format!("the key statement is not to be used ({why:?}); nothing was revealed")
        }
        Error::Request(fault) => request_words(*fault).into(),
        Error::RevealRefused(said) => {
            format!("the reveal was refused: {said}; its one-time key is spent, ask again")
        }
        Error::NoConversion(why) => no_conversion_words(why),
        Error::Unverified(why) => format!("{}; the result was thrown away", unverified_words(*why)),
    }
}

fn lacking_words(lacking: Lacking) -> &'static str {
    match lacking {
        Lacking::Conversion => "the server offers no conversion with key reveal",
        Lacking::UidValidity => {
            "the server gives no UIDVALIDITY, so a reveal cannot be bound to a message"
        }
    }
}

fn missing_words(missing: &Missing) -> String {
    match missing {
        Missing::Mailbox(said) => format!("the mailbox cannot be opened: {said}"),
        Missing::Message => "there is no such message; `list` shows the UIDs".into(),
        Missing::Section => "the message has no such part; `structure` shows the sections".into(),
    }
}

fn not_openable_words(why: &NotOpenable) -> String {
    match why {
        NotOpenable::NotEncrypted => {
            "the part is not S/MIME-encrypted; nothing needs to be revealed to read it".into()
        }
        NotOpenable::Malformed => "the part is marked as S/MIME, and cannot be read as such".into(),
        NotOpenable::Unsupported(said) => {
            format!("the part is S/MIME of a kind that is not supported: {said}")
        }
    }
}

fn scope_words(scope: Scope) -> &'static str {
    match scope {
        Scope::Part => "the key opens one part",
        Scope::WholeMessage => {
            "the message was encrypted whole: the key of this part opens everything in it. Nothing was revealed. \
             If the proxy may read the whole message: --reveal-whole-message"
        }
        Scope::Neighbours => {
            "the encrypted part holds several parts, and its key opens all of them. Nothing was revealed. \
             If the proxy may read all of them: --reveal-whole-message"
        }
    }
}

fn request_words(fault: RequestFault) -> &'static str {
    match fault {
        RequestFault::Context => "the user name or mailbox cannot be put into a reveal",
        RequestFault::Seal => {
            "the reveal cannot be sealed to the key that the proxy stated; nothing was revealed"
        }
        RequestFault::Recipient => "an S/MIME result needs a certificate that this key can open",
    }
}

fn no_conversion_words(why: &NoConversion) -> String {
    match why {
        NoConversion::Later {
            said,
            minutes: Some(minutes),
        } => format!("not now, try again in {minutes} minutes: {said}"),
        NoConversion::Later {
            said,
            minutes: None,
        } => format!("not now, try again later: {said}"),
        NoConversion::Impossible(said) => format!("the part cannot be converted so: {said}"),
    }
}

fn unverified_words(why: Unverified) -> &'static str {
    match why {
        Unverified::Sealed => {
            "the result was not made by the vault that was asked, or was altered on the way"
        }
        Unverified::Size => "the result has another size than announced",
        Unverified::MediaType => "the result is of another format than asked for",
        Unverified::Dimensions => "the result is larger than asked for, or not as large as it says",
        Unverified::Integrity => "the result claims an integrity that the part does not have",
    }
}

#[cfg(test)]
mod tests {
    use handset::Said;

    use super::*;

    #[test]
    fn every_exit_code_is_documented() {
        let guide = include_str!("../../../../docs/handset.md");
        for exit in [
            Exit::Usage,
            Exit::Network,
            Exit::Login,
            Exit::NotFound,
            Exit::NoKey,
            Exit::WouldRevealWhole,
            Exit::OtherIdentity,
            Exit::RevealRefused,
            Exit::NoConversion,
            Exit::Unverified,
            Exit::OutputFile,
            Exit::OurFile,
            Exit::ServerLacks,
        ] {
            let row = format!("| {} | `{}` |", exit.number(), exit.name());
            assert!(guide.contains(&row), "docs/handset.md lacks {row}");
        }
    }

    #[test]
    fn what_a_server_says_cannot_steer_the_terminal() {
        let failure = Failure::from(Error::Login(Said::new(
            b"\x1b[2J\x1b]0;x\x07no\r\nfake line",
        )));
        assert!(!failure.words().chars().any(char::is_control));
        assert_eq!(failure.to_json()["exit"], 4);
    }
}
