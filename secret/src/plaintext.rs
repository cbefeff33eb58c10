//! An opened part, or one about to be opened in place: it grows without leaving copies and is wiped when dropped.

use static_assertions::assert_not_impl_any;
use zeroize::Zeroize;

use crate::pages;

/// More octets were offered than the limit allows, or than there is memory for.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct Exceeded;

impl std::fmt::Display for Exceeded {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("more octets than the budget allows")
    }
}

impl std::error::Error for Exceeded {}

/// Octets of a part. Never printed, never cloned; a larger room is filled and the smaller one wiped.
pub struct Plaintext {
    octets: Vec<u8>,
    limit: usize,
    /// The first room that is taken.
    expected: usize,
}

assert_not_impl_any!(Plaintext: Clone, PartialEq, std::fmt::Debug, std::fmt::Display);

/// The first room taken where nobody said how many octets will come.
const FIRST_ROOM: usize = 16 * 1024;

/// From how many octets on the room is asked for in large pages.
const LARGE: usize = 2 << 20;

impl Plaintext {
    /// Room for at most `limit` octets; nothing is allocated yet.
    #[must_use]
    pub fn with_limit(limit: usize) -> Self {
        Self {
            octets: Vec::new(),
            limit,
            expected: FIRST_ROOM,
        }
    }

    /// Room for at most `limit` octets, of which `expected` are thought to come: so much is asked of the allocator at the first
    /// of them, and so nothing needs to move. What does not come costs no memory but addresses.
    #[must_use]
    pub fn with_expectation(limit: usize, expected: usize) -> Self {
        Self {
            octets: Vec::new(),
            limit,
            expected: expected.min(limit),
        }
    }

    /// Takes over `octets` without copying them; they are wiped on drop. The limit is their length.
    #[must_use]
    pub fn adopt(octets: Vec<u8>) -> Self {
        Self {
            limit: octets.len(),
            expected: octets.len(),
            octets,
        }
    }

    /// Appends `run`.
    ///
    /// # Errors
    /// [`Exceeded`] when the limit or the memory does not allow it; what was held before is still held.
    pub fn extend(&mut self, run: &[u8]) -> Result<(), Exceeded> {
        let wanted = self.octets.len().checked_add(run.len()).ok_or(Exceeded)?;
        if wanted > self.limit {
            return Err(Exceeded);
        }
        if wanted > self.octets.capacity() {
            self.move_to_larger_room(wanted)?;
        }
        self.octets.extend_from_slice(run);
        Ok(())
    }

    fn move_to_larger_room(&mut self, wanted: usize) -> Result<(), Exceeded> {
        let room = wanted
            .max(self.expected)
            .max(self.octets.capacity().saturating_mul(2))
            .min(self.limit);
        let mut larger = Vec::new();
        larger.try_reserve_exact(room).map_err(|_| Exceeded)?;
        if room >= LARGE {
            pages::prefer_large(larger.spare_capacity_mut());
        }
        larger.extend_from_slice(&self.octets);
        self.wipe();
        self.octets = larger;
        Ok(())
    }

    /// Wipes what is held, as a slice: room that was never written holds nothing, and [`Self::truncate`] wipes what it cuts off.
    fn wipe(&mut self) {
        self.octets.as_mut_slice().zeroize();
    }

    /// The octets.
    #[must_use]
    pub fn expose(&self) -> &[u8] {
        &self.octets
    }

    /// The octets, to be opened or decoded in place.
    #[must_use]
    pub fn expose_mut(&mut self) -> &mut [u8] {
        &mut self.octets
    }

    /// Keeps the first `len` octets and wipes the rest.
    pub fn truncate(&mut self, len: usize) {
        if let Some(rest) = self.octets.get_mut(len..) {
            rest.zeroize();
        }
        self.octets.truncate(len);
    }

    /// How many octets may be held.
    #[must_use]
    pub fn limit(&self) -> usize {
        self.limit
    }

    /// How many octets are held.
    #[must_use]
    pub fn len(&self) -> usize {
        self.octets.len()
    }

    /// Whether nothing is held.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.octets.is_empty()
    }
}

impl Drop for Plaintext {
    fn drop(&mut self) {
        self.wipe();
    }
}

/// Encoders write into a plaintext; past the limit they get an error.
impl std::io::Write for Plaintext {
    fn write(&mut self, run: &[u8]) -> std::io::Result<usize> {
        self.extend(run)
            .map_err(|_| std::io::ErrorKind::FileTooLarge)?;
        Ok(run.len())
    }

    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn growth_keeps_the_octets_and_stops_at_the_limit() {
        let mut held = Plaintext::with_limit(100_000);
        let mut expected = Vec::new();
        for run in 0..100_u8 {
            held.extend(&[run; 1000]).unwrap();
            expected.extend_from_slice(&[run; 1000]);
        }
        assert_eq!(held.expose(), expected);
        assert_eq!(held.extend(b"x"), Err(Exceeded));
        assert_eq!(held.len(), 100_000);
    }

    #[test]
    fn an_announced_limit_takes_no_memory() {
        let held = Plaintext::with_expectation(usize::MAX, 1 << 40);
        assert_eq!(held.octets.capacity(), 0);
    }

    #[test]
    fn what_was_expected_does_not_move_and_more_still_fits() {
        let mut held = Plaintext::with_expectation(100_000, 60_000);
        held.extend(&[1; 1000]).unwrap();
        let place = held.expose().as_ptr();
        held.extend(&[2; 59_000]).unwrap();
        assert_eq!(held.expose().as_ptr(), place);
        held.extend(&[3; 40_000]).unwrap();
        assert_eq!(held.len(), 100_000);
        assert!(
            Plaintext::with_expectation(10, 20)
                .extend(&[0; 11])
                .is_err()
        );
    }

    #[test]
    fn large_rooms_hold_what_small_ones_hold() {
        let mut held = Plaintext::with_expectation(LARGE * 4, LARGE + 12_345);
        let mut expected = Vec::new();
        for run in 0..=255_u8 {
            held.extend(&[run; 20_000]).unwrap();
            expected.extend_from_slice(&[run; 20_000]);
        }
        assert!(held.expose() == expected);
    }

    #[test]
    fn truncate_keeps_the_start() {
        let mut held = Plaintext::adopt(b"abcdef".to_vec());
        held.truncate(2);
        assert_eq!(held.expose(), b"ab");
        held.truncate(5);
        assert_eq!(held.expose(), b"ab");
    }
}
