//! The one way in which secrets, tags and tokens are compared: in time that depends on lengths only.

use subtle::ConstantTimeEq;

/// Whether `a` and `b` are the same octets. Takes the same time wherever they differ; a difference in length shows at once.
#[must_use]
pub fn equal(a: &[u8], b: &[u8]) -> bool {
    a.ct_eq(b).into()
}

#[cfg(test)]
mod tests {
    use super::equal;

    #[test]
    fn only_equal_octets_are_equal() {
        assert!(equal(b"", b""));
        assert!(equal(b"abc", b"abc"));
        assert!(!equal(b"abc", b"abd"));
        assert!(!equal(b"abc", b"ab"));
    }
}
