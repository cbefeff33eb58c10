//! One part's key.

use std::marker::PhantomData;

use static_assertions::assert_not_impl_any;

use crate::{Pages, SecretBytes};

/// Where a session key's octets are.
enum Place {
    Heap(SecretBytes),
    Pages { pages: Pages, len: usize },
}

/// One part's key: born, used and wiped on one thread.
pub struct SessionKey {
    place: Place,
    one_thread: PhantomData<*const ()>,
}

assert_not_impl_any!(SessionKey: Clone, PartialEq, std::fmt::Debug, std::fmt::Display, Send, Sync);

impl SessionKey {
    /// Lets `write` fill `len` octets on the heap, where they stay.
    ///
    /// # Errors
    /// Whatever `write` returns.
    pub fn fill<E>(len: usize, write: impl FnOnce(&mut [u8]) -> Result<(), E>) -> Result<Self, E> {
        Ok(Self::at(Place::Heap(SecretBytes::fill(len, write)?)))
    }

    /// Lets `write` fill the first `len` octets of `pages`, memory that no dump and no swap holds.
    /// Where `pages` is too small the heap serves.
    ///
    /// # Errors
    /// Whatever `write` returns.
    pub fn fill_in<E>(
        mut pages: Pages,
        len: usize,
        write: impl FnOnce(&mut [u8]) -> Result<(), E>,
    ) -> Result<Self, E> {
        let Some(room) = pages.expose_mut().get_mut(..len) else {
            return Self::fill(len, write);
        };
        write(room)?;
        Ok(Self::at(Place::Pages { pages, len }))
    }

    fn at(place: Place) -> Self {
        Self {
            place,
            one_thread: PhantomData,
        }
    }

    /// The key octets.
    #[must_use]
    pub fn expose(&self) -> &[u8] {
        match &self.place {
            Place::Heap(bytes) => bytes.expose(),
            Place::Pages { pages, len } => pages.expose().get(..*len).unwrap_or_default(),
        }
    }

    /// How many octets the key has.
    #[must_use]
    pub fn len(&self) -> usize {
        self.expose().len()
    }

    /// Whether the key has no octets.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_in_pages_reads_as_it_was_written() {
        let pages = Pages::new(32).unwrap();
        let key = SessionKey::fill_in(pages, 32, |b| {
            b.fill(7);
            Ok::<_, ()>(())
        })
        .unwrap();
        assert_eq!(key.expose(), [7; 32]);
    }

    #[test]
    fn a_key_larger_than_its_pages_still_has_a_place() {
        let pages = Pages::new(1).unwrap();
        let len = pages.expose().len() + 1;
        let key = SessionKey::fill_in(pages, len, |_| Ok::<_, ()>(())).unwrap();
        assert_eq!(key.len(), len);
    }
}
