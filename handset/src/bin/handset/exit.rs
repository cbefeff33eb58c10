//! How the command ends: one table from what went wrong to an exit code, a stable name and words for a person.

use std::io;
use std::path::Path;
use std::process::ExitCode;

use handset::{Error, Missing};

use crate::wanted::put;

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
    reveal: Reveal,
    /// What was done all the same, for `--json`.
    beside: Option<serde_json::Value>,
}

/// Whether a reveal had left the handset.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
enum Reveal {
    NotSent,
    Sent,
}

impl Failure {
    pub(crate) fn new(exit: Exit, words: impl Into<String>) -> Self {
        Self {
            exit,
            words: words.into(),
            reveal: Reveal::NotSent,
            beside: None,
        }
    }

    /// The same, where something was done all the same: `--json` prints that object, and why it is not all.
    pub(crate) fn beside(self, done: serde_json::Value) -> Self {
        Self {
            beside: Some(done),
            ..self
        }
    }

    /// The same, after the reveal was sent: whatever failed then, the key counts as revealed.
    pub(crate) fn after_reveal(self) -> Self {
        Self {
            words: format!("{} (the reveal had been sent)", self.words),
            reveal: Reveal::Sent,
            ..self
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
        let mut value = serde_json::json!({
            "error": self.exit.name(),
            "exit": self.exit.number(),
            "message": self.words,
            "reveal_sent": self.reveal == Reveal::Sent,
        });
        let done = self.beside.iter().filter_map(serde_json::Value::as_object);
        for (name, done) in done.flatten() {
            put(&mut value, name, done.clone());
        }
        value
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
        Error::NotFound(_) | Error::NotOpenable(_) | Error::OtherKind => Exit::NotFound,
        Error::NoKey => Exit::NoKey,
        Error::WouldRevealWholeMessage(_) => Exit::WouldRevealWhole,
        Error::OtherIdentity(_) | Error::Statement(_) => Exit::OtherIdentity,
        Error::RevealRefused(_) => Exit::RevealRefused,
        Error::NoConversion(_) => Exit::NoConversion,
        Error::Unverified(_) => Exit::Unverified,
    }
}

/// The library's words, and what can be done with this command.
fn words_of(error: &Error) -> String {
    let remedy = match error {
        Error::WouldRevealWholeMessage(_) => {
            ". If the proxy may read all of it: --reveal-whole-message"
        }
        Error::OtherIdentity(_) => {
            ". If its operator confirms the new one: handset identity pin IDENTITY"
        }
        Error::NoKey => "; `handset structure` shows to whom",
        Error::NotFound(Missing::Message) => "; `handset list` shows the UIDs",
        Error::NotFound(Missing::Section) => "; `handset structure` shows the sections",
        Error::RevealRefused(_) => ". Its one-time key is spent: try again",
        _ => "",
    };
    format!("{error}{remedy}")
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
