//! Names and patterns of names that the file may hold.

use std::{borrow::Borrow, fmt};

use serde::Deserialize;

/// The name of a `[backend.NAME]`.
#[derive(Clone, Debug, Deserialize, Eq, Hash, Ord, PartialEq, PartialOrd)]
#[serde(try_from = "String")]
pub struct BackendName(String);

impl TryFrom<String> for BackendName {
    type Error = &'static str;

    fn try_from(text: String) -> Result<Self, Self::Error> {
        let plain =
            |octet: u8| octet.is_ascii_alphanumeric() || matches!(octet, b'-' | b'_' | b'.');
        if text.is_empty() || text.len() > 64 || !text.bytes().all(plain) {
            return Err("expected a backend's name: letters, digits, `-`, `_`, `.`, at most 64");
        }
        Ok(Self(text))
    }
}

impl BackendName {
    /// The name.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl Borrow<str> for BackendName {
    fn borrow(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for BackendName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// `name` or `*.domain`, in lower case. A wildcard stands for one label or more, never for none.
#[derive(Clone, Debug, Deserialize, Eq, Hash, Ord, PartialEq, PartialOrd)]
#[serde(try_from = "String")]
pub enum HostPattern {
    /// This name.
    Exact(String),
    /// Any name below this domain, which is kept with its leading dot.
    Below(String),
}

impl TryFrom<String> for HostPattern {
    type Error = &'static str;

    fn try_from(text: String) -> Result<Self, Self::Error> {
        let text = text.to_ascii_lowercase();
        let (name, below) = match text.strip_prefix('*') {
            Some(rest) => (rest.strip_prefix('.').unwrap_or_default(), true),
            None => (text.as_str(), false),
        };
        if !is_host_name(name) {
            return Err("expected a host name, like \"imap.example.org\" or \"*.example.org\"");
        }
        Ok(if below {
            Self::Below(format!(".{name}"))
        } else {
            Self::Exact(name.to_owned())
        })
    }
}

fn is_host_name(name: &str) -> bool {
    let label = |label: &str| {
        !label.is_empty()
            && label.len() <= 63
            && label
                .bytes()
                .all(|octet| octet.is_ascii_alphanumeric() || matches!(octet, b'-' | b'_'))
    };
    name.len() <= 253 && name.split('.').all(label)
}

/// `user`, `user@domain`, `@domain`, `@*.domain`, or `*` for everybody. Domains are compared without regard to case.
#[derive(Clone, Debug, Deserialize, Eq, Hash, Ord, PartialEq, PartialOrd)]
#[serde(try_from = "String")]
pub enum UserPattern {
    /// This login name; its domain, if it has one, in lower case.
    User(String),
    /// Any user of this domain, in lower case.
    Domain(String),
    /// Any user of a domain below this one, which is kept with its leading dot, in lower case.
    Below(String),
    /// Everybody.
    All,
}

impl TryFrom<String> for UserPattern {
    type Error = &'static str;

    fn try_from(text: String) -> Result<Self, Self::Error> {
        const WANTED: &str = "expected a login name, \"@domain\", \"@*.domain\" or \"*\"";
        if text == "*" {
            return Ok(Self::All);
        }
        match text.rsplit_once('@') {
            None if text.is_empty() => Err(WANTED),
            None => Ok(Self::User(text)),
            Some(("", domain)) => {
                match HostPattern::try_from(domain.to_owned()).map_err(|_| WANTED)? {
                    HostPattern::Exact(domain) => Ok(Self::Domain(domain)),
                    HostPattern::Below(domain) => Ok(Self::Below(domain)),
                }
            }
            Some((user, domain)) => Ok(Self::User(format!(
                "{user}@{}",
                domain.to_ascii_lowercase()
            ))),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_wildcard_stands_only_for_whole_labels_in_front() {
        let pattern = |text: &str| HostPattern::try_from(text.to_owned());
        assert_eq!(
            pattern("Imap.Example.org"),
            Ok(HostPattern::Exact("imap.example.org".to_owned()))
        );
        assert_eq!(
            pattern("*.Example.org"),
            Ok(HostPattern::Below(".example.org".to_owned()))
        );
        for wrong in [
            "",
            "*",
            "*.",
            "*example.org",
            "a..b",
            "a.*.b",
            ".a",
            "a.",
            "ä.org",
            "a b",
        ] {
            assert!(pattern(wrong).is_err(), "{wrong}");
        }
    }

    #[test]
    fn a_user_keeps_its_case_and_a_domain_does_not() {
        let pattern = |text: &str| UserPattern::try_from(text.to_owned());
        assert_eq!(
            pattern("Bob@Example.ORG"),
            Ok(UserPattern::User("Bob@example.org".to_owned()))
        );
        assert_eq!(
            pattern("@Example.org"),
            Ok(UserPattern::Domain("example.org".to_owned()))
        );
        assert_eq!(
            pattern("@*.example.org"),
            Ok(UserPattern::Below(".example.org".to_owned()))
        );
        assert_eq!(pattern("*"), Ok(UserPattern::All));
        assert!(pattern("").is_err() && pattern("@").is_err());
    }
}
