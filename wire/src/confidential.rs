//! Octets that a client logs in with: a password, a SASL response. Never printed, wiped when dropped.
//!
//! This is less than `secret::SecretBytes` promises (the line they came in was an ordinary buffer), and says so by its
//! own name: it keeps passwords out of logs and panics, not out of the network-facing process.

use std::fmt;

use zeroize::Zeroizing;

/// A password or SASL response.
#[derive(Clone, Eq, PartialEq)]
pub struct Confidential(Zeroizing<Vec<u8>>);

impl Confidential {
    /// Takes the octets over.
    #[must_use]
    pub fn new(octets: Vec<u8>) -> Self {
        Self(Zeroizing::new(octets))
    }

    /// The octets themselves, for the one line that sends or decodes them.
    #[must_use]
    pub fn expose(&self) -> &[u8] {
        &self.0
    }
}

impl fmt::Debug for Confidential {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str("Confidential(..)")
    }
}

#[cfg(test)]
mod tests {
    use super::Confidential;

    #[test]
    fn a_password_does_not_show_in_debug_output() {
        assert_eq!(
            format!("{:?}", Confidential::new(b"hunter2".to_vec())),
            "Confidential(..)"
        );
    }
}
