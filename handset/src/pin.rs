//! Which identity a proxy must have: given by the user, or remembered from the first use. The text of the file of known
//! identities is read and written here; the file itself is the command's business.

use std::collections::BTreeMap;

use keyreveal::IdentityKey;

/// What is known of the proxy's identity before its first statement arrives.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Pin {
    /// It must be this one. Anything else is refused, and nothing is revealed.
    Known(IdentityKey),
    /// Nothing is known: the first identity that shows itself is believed, and [`crate::Report`] says which it was.
    /// Whoever is on the way at that moment could show one of their own: give the identity where you can.
    FirstUse,
}

/// A line that is none, in the text of known identities.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct KnownError {
    /// Which line, counted from one.
    pub line: usize,
}

/// The identities that were seen before, by server. As a text: one `host:port identity` a line, `#` begins a comment.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub struct KnownIdentities(BTreeMap<String, IdentityKey>);

impl KnownIdentities {
    /// Reads the text.
    ///
    /// # Errors
    /// [`KnownError`] at the first line that is none: a pin that cannot be read must not become a first use.
    pub fn parse(text: &str) -> Result<Self, KnownError> {
        let mut known = BTreeMap::new();
        for (line, content) in (1..).zip(text.lines()) {
            let content = content.trim();
            if content.is_empty() || content.starts_with('#') {
                continue;
            }
            let (server, identity) = entry(content).ok_or(KnownError { line })?;
            if known.insert(server, identity).is_some() {
                return Err(KnownError { line });
            }
        }
        Ok(Self(known))
    }

    /// What is known of `server`, a `host:port`.
    #[must_use]
    pub fn pin(&self, server: &str) -> Pin {
        let known = self.0.get(&server.to_ascii_lowercase());
        known.map_or(Pin::FirstUse, |identity| Pin::Known(*identity))
    }

    /// Remembers that `server` has `identity`, in place of what was known.
    pub fn remember(&mut self, server: &str, identity: IdentityKey) {
        self.0.insert(server.to_ascii_lowercase(), identity);
    }

    /// The text that [`Self::parse`] reads.
    #[must_use]
    pub fn to_text(&self) -> String {
        let lines = self
            .0
            .iter()
            .map(|(server, key)| format!("{server} {key}\n"));
        lines.collect()
    }
}

fn entry(content: &str) -> Option<(String, IdentityKey)> {
    let mut words = content.split_whitespace();
    let (server, identity) = (words.next()?, words.next()?);
    if words.next().is_some() {
        return None;
    }
    Some((server.to_ascii_lowercase(), identity.parse().ok()?))
}

#[cfg(test)]
mod tests {
    use keyreveal::Identity;
    use proptest::prelude::*;
    use secret::SecretBytes;

    use super::*;

    fn identity(seed: u8) -> IdentityKey {
        let seed = SecretBytes::copied_from(&[seed; 32]);
        Identity::from_seed(&seed).unwrap().public()
    }

    #[test]
    fn what_is_remembered_is_read_again() {
        let mut known = KnownIdentities::default();
        known.remember("Mail.Example:993", identity(1));
        known.remember("other.example:993", identity(2));
        let again = KnownIdentities::parse(&known.to_text()).unwrap();
        assert_eq!(again, known);
        assert_eq!(again.pin("mail.example:993"), Pin::Known(identity(1)));
        assert_eq!(again.pin("mail.example:994"), Pin::FirstUse);
    }

    #[test]
    fn a_damaged_pin_is_an_error_and_not_a_first_use() {
        let text = format!("# mine\n\nmail.example:993 {}x\n", identity(1));
        assert_eq!(KnownIdentities::parse(&text), Err(KnownError { line: 3 }));
        let twice = format!("a:1 {0}\nA:1 {0}\n", identity(1));
        assert_eq!(KnownIdentities::parse(&twice), Err(KnownError { line: 2 }));
    }

    proptest! {
        #[test]
        fn no_text_makes_it_panic(text in "\\PC{0,200}") {
            let _known = KnownIdentities::parse(&text);
        }
    }
}
