//! The administrator's token. Only its digest is kept, and a token that is shown is compared by its digest, in constant
//! time: neither its octets nor its length can be felt out.

use std::{fmt, path::Path};

use sha2::{Digest, Sha256};
use subtle::ConstantTimeEq;

use crate::config::ConfigError;

/// The fewest characters of a token: 32 hexadecimal digits are 128 bits.
const SHORTEST: usize = 32;

/// The longest token that anybody shows.
const LONGEST: usize = 1024;

/// The digest of the token that callers show.
#[derive(Clone)]
pub struct TokenDigest([u8; 32]);

impl fmt::Debug for TokenDigest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("TokenDigest")
    }
}

/// A token that nobody should have to guess: too short, too long, or with characters that a header cannot carry.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct NotAToken;

impl TokenDigest {
    /// Of a file's text: one line.
    ///
    /// # Errors
    /// [`NotAToken`] where it is shorter than 32 characters, longer than 1024, or not visible ASCII.
    pub fn of(text: &str) -> Result<Self, NotAToken> {
        let token = text.strip_suffix('\n').unwrap_or(text);
        let visible = token.bytes().all(|octet| octet.is_ascii_graphic());
        if !visible || !(SHORTEST..=LONGEST).contains(&token.len()) {
            return Err(NotAToken);
        }
        Ok(Self(Sha256::digest(token).into()))
    }

    /// Of the octets of the file that `admin.token` names.
    ///
    /// # Errors
    /// Where they are no token.
    pub fn of_file(path: &Path, octets: &[u8]) -> Result<Self, ConfigError> {
        let text = std::str::from_utf8(octets).map_err(|_| NotAToken);
        text.and_then(Self::of).map_err(|NotAToken| {
            ConfigError::new(
                format!("admin.token {}: is no token", path.display()),
                "write one line of at least 32 characters into it: head -c 32 /dev/urandom | base64",
            )
        })
    }

    /// Whether `shown` is the token.
    #[must_use]
    pub(super) fn matches(&self, shown: &[u8]) -> bool {
        let shown: [u8; 32] = Sha256::digest(shown).into();
        self.0.ct_eq(&shown).into()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_token_is_a_line_of_32_visible_characters_or_more() {
        let good = "0123456789abcdef0123456789abcdef";
        let digest = TokenDigest::of(&format!("{good}\n")).unwrap();
        assert!(digest.matches(good.as_bytes()));
        for wrong in ["", &good[1..], "0123456789abcdef0123456789abcde", "Z"] {
            assert!(!digest.matches(wrong.as_bytes()), "{wrong}");
            assert_eq!(TokenDigest::of(wrong).err(), Some(NotAToken), "{wrong}");
        }
        for wrong in [" ", "\t", "\r\n", "\n\n", "ä"] {
            let wrong = format!("{good}{wrong}");
            assert_eq!(TokenDigest::of(&wrong).err(), Some(NotAToken), "{wrong:?}");
        }
    }

    #[test]
    fn a_token_is_not_printed() {
        let digest = TokenDigest::of(&"a".repeat(40)).unwrap();
        assert_eq!(format!("{digest:?}"), "TokenDigest");
    }
}
