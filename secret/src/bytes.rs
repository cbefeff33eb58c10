//! Key octets on the heap, written where they stay.

use static_assertions::assert_not_impl_any;
use zeroize::Zeroizing;

/// Key octets, wiped on drop.
pub struct SecretBytes(Zeroizing<Box<[u8]>>);

assert_not_impl_any!(SecretBytes: Clone, PartialEq, std::fmt::Debug, std::fmt::Display);

impl SecretBytes {
    /// Lets `write` fill `len` octets where they will stay, so no earlier copy is left behind.
    ///
    /// # Errors
    /// Whatever `write` returns; the octets are wiped in that case too.
    pub fn fill<E>(len: usize, write: impl FnOnce(&mut [u8]) -> Result<(), E>) -> Result<Self, E> {
        let mut bytes = Zeroizing::new(vec![0; len].into_boxed_slice());
        write(&mut bytes)?;
        Ok(Self(bytes))
    }

    /// Copies `octets`. The caller still owns, and wipes, the original.
    #[must_use]
    pub fn copied_from(octets: &[u8]) -> Self {
        Self(Zeroizing::new(octets.into()))
    }

    /// The octets. The one searchable name under which a secret is read.
    #[must_use]
    pub fn expose(&self) -> &[u8] {
        &self.0
    }

    /// How many octets there are.
    #[must_use]
    pub fn len(&self) -> usize {
        self.0.len()
    }

    /// Whether there are no octets.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_failed_fill_gives_nothing_out() {
        assert_eq!(SecretBytes::fill(4, |_| Err("no")).err(), Some("no"));
    }

    #[test]
    fn what_was_written_is_what_is_exposed() {
        let key = SecretBytes::fill(3, |b| {
            b.copy_from_slice(b"abc");
            Ok::<_, ()>(())
        })
        .unwrap();
        assert_eq!(key.expose(), b"abc");
        assert_eq!(key.len(), 3);
    }
}
