//! Which HPKE algorithms seal a reveal. A new suite is a new variant here and a new arm in [`crate::exchange`].

/// An HPKE suite (RFC 9180 §7), always in base mode.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
pub enum Suite {
    /// DHKEM(X25519, HKDF-SHA256), HKDF-SHA256, AES-256-GCM.
    X25519Aes256Gcm,
}

impl Suite {
    /// Every suite of this version, best first.
    pub const ALL: [Self; 1] = [Self::X25519Aes256Gcm];

    /// The name in the KEYREVEAL command.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::X25519Aes256Gcm => "X25519-AES256GCM",
        }
    }

    /// The suite of that name, in any case; none for a name that this version does not know.
    #[must_use]
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL
            .into_iter()
            .find(|suite| suite.name().eq_ignore_ascii_case(name))
    }

    /// KEM, KDF and AEAD as RFC 9180 §7 numbers them.
    #[must_use]
    pub fn code_points(self) -> [u16; 3] {
        match self {
            Self::X25519Aes256Gcm => [0x0020, 0x0001, 0x0002],
        }
    }

    /// The suite of these numbers; none if this version does not know it.
    #[must_use]
    pub fn from_code_points(code_points: [u16; 3]) -> Option<Self> {
        Self::ALL
            .into_iter()
            .find(|suite| suite.code_points() == code_points)
    }

    /// Octets of a public key (RFC 9180 §7.1, Npk).
    #[must_use]
    pub fn public_key_len(self) -> usize {
        match self {
            Self::X25519Aes256Gcm => 32,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::Suite;

    #[test]
    fn a_suite_is_found_by_its_name_and_by_its_numbers() {
        for suite in Suite::ALL {
            assert_eq!(Suite::from_name(suite.name()), Some(suite));
            assert_eq!(
                Suite::from_name(&suite.name().to_ascii_lowercase()),
                Some(suite)
            );
            assert_eq!(Suite::from_code_points(suite.code_points()), Some(suite));
        }
        assert_eq!(Suite::from_name("XWING-AES256GCM"), None);
        assert_eq!(Suite::from_code_points([0x647a, 1, 2]), None);
    }
}
