//! What is wrong with a configuration, where, and what to do about it.

use std::fmt;

/// A configuration that cannot be used.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct ConfigError {
    line: Option<usize>,
    what: String,
    remedy: String,
}

impl ConfigError {
    /// An error that no line of the file shows: a missing file, a wrong mode.
    #[must_use]
    pub fn new(what: impl Into<String>, remedy: impl Into<String>) -> Self {
        Self {
            line: None,
            what: what.into(),
            remedy: remedy.into(),
        }
    }

    /// An error at the octet `offset` of the file's `text`.
    pub(super) fn at(text: &str, offset: usize, what: String, remedy: String) -> Self {
        Self {
            line: Some(line_of(text, offset)),
            what,
            remedy,
        }
    }

    pub(super) fn from_toml(text: &str, error: &toml::de::Error) -> Self {
        let what = error.message().trim().to_owned();
        let remedy = remedy_for(&what);
        match error.span() {
            Some(span) => Self::at(text, span.start, what, remedy),
            None => Self::new(what, remedy),
        }
    }

    /// The line of the file, counted from 1.
    #[must_use]
    pub fn line(&self) -> Option<usize> {
        self.line
    }

    /// What to do about it.
    #[must_use]
    pub fn remedy(&self) -> &str {
        &self.remedy
    }
}

impl fmt::Display for ConfigError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Some(line) = self.line {
            write!(f, "line {line}: ")?;
        }
        write!(f, "{}\n  remedy: {}", self.what, self.remedy)
    }
}

impl std::error::Error for ConfigError {}

fn line_of(text: &str, offset: usize) -> usize {
    text.bytes()
        .take(offset)
        .filter(|octet| *octet == b'\n')
        .count()
        + 1
}

/// The remedy for what the TOML reader found. Its messages are for people; an unforeseen one still gets advice.
fn remedy_for(what: &str) -> String {
    if let Some((_, known)) = what.split_once("expected one of ") {
        return format!("remove the line, or use one of {known}");
    }
    if let Some((_, field)) = what.split_once("missing field ") {
        return format!("add a line for {field} to this section; docs/operations.md describes it");
    }
    if what.starts_with("unknown field") {
        return "remove the line; docs/operations.md lists every key".to_owned();
    }
    if let Some(at) = what.find("expected ") {
        return what
            .get(at..)
            .map_or_else(String::new, |wanted| format!("write what is {wanted}"));
    }
    "correct the line; docs/operations.md and deploy/keyhole.toml show how it is written".to_owned()
}
