//! Octets of a client's that wait to be looked at. What was looked at is wiped at once and given up later, so that a long
//! line of commands is not moved once for each of them.

use zeroize::{Zeroize, Zeroizing};

#[derive(Debug, Default)]
pub(super) struct Pending {
    octets: Zeroizing<Vec<u8>>,
    /// So many of them were looked at.
    seen: usize,
}

impl Pending {
    pub(super) fn is_empty(&self) -> bool {
        self.len() == 0
    }

    pub(super) fn len(&self) -> usize {
        self.octets.len() - self.seen
    }

    /// What was not looked at.
    pub(super) fn rest(&self) -> &[u8] {
        self.octets.get(self.seen..).unwrap_or_default()
    }

    pub(super) fn push(&mut self, octets: &[u8]) {
        // At most as much is moved as was looked at since the last time.
        if self.seen >= self.len() {
            self.octets.drain(..self.seen);
            self.seen = 0;
        }
        self.octets.extend_from_slice(octets);
    }

    /// All but the last `left` octets were looked at.
    pub(super) fn saw_all_but(&mut self, left: usize) {
        let seen = self.octets.len().saturating_sub(left).max(self.seen);
        if seen == self.octets.len() {
            *self = Self::default(); // an idle session holds no room
            return;
        }
        if let Some(looked_at) = self.octets.get_mut(self.seen..seen) {
            looked_at.zeroize();
        }
        self.seen = seen;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_seen_is_wiped_and_not_seen_again() {
        let mut pending = Pending::default();
        pending.push(b"secret rest");
        pending.saw_all_but(5);
        assert_eq!(pending.rest(), b" rest");
        assert_eq!(&pending.octets[..6], [0; 6]);
        pending.push(b"!");
        assert_eq!((pending.rest(), pending.len()), (&b" rest!"[..], 6));
        pending.saw_all_but(0);
        assert!(pending.is_empty());
        assert_eq!(pending.octets.capacity(), 0);
    }

    /// Sixty thousand octets of short commands, one taken at a time, are not moved sixty thousand times.
    #[test]
    fn what_waits_stays_where_it_is() {
        let mut pending = Pending::default();
        pending.push(&[b'x'; 60_000]);
        let held = pending.octets.as_ptr();
        for left in (1..60_000).rev() {
            pending.saw_all_but(left);
            assert_eq!(pending.octets.as_ptr(), held);
        }
        pending.push(b"y");
        assert_eq!(pending.octets.len(), 2, "and is given up in the end");
    }
}
