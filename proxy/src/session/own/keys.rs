//! The key statements that a connection holds and has not used. Using one takes it out: there is nothing to use twice.

use keyreveal::KeyId;

use crate::clock::Moment;

/// Unused keys, each with the moment from which it may not be used any more.
#[derive(Debug, Default)]
pub(super) struct Keys(Vec<(KeyId, Moment)>);

impl Keys {
    pub(super) fn len(&self) -> usize {
        self.0.len()
    }

    pub(super) fn add(&mut self, key_id: KeyId, expires: Moment) {
        self.0.push((key_id, expires));
    }

    /// Uses a key up; none if it is unknown, used or expired.
    pub(super) fn take(&mut self, key_id: KeyId, now: Moment) -> Option<KeyId> {
        let at = self
            .0
            .iter()
            .position(|(known, expires)| *known == key_id && now < *expires)?;
        Some(self.0.remove(at).0)
    }

    /// Takes out those that have expired.
    pub(super) fn expired(&mut self, now: Moment) -> Vec<KeyId> {
        let (expired, left) = std::mem::take(&mut self.0)
            .into_iter()
            .partition(|(_, expires)| *expires <= now);
        self.0 = left;
        let expired: Vec<_> = expired;
        expired.into_iter().map(|(key_id, _)| key_id).collect()
    }

    pub(super) fn next_expiry(&self) -> Option<Moment> {
        self.0.iter().map(|(_, expires)| *expires).min()
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    #[test]
    fn a_key_is_used_once_and_never_after_its_time() {
        let at = |seconds| Moment::at(Duration::from_secs(seconds));
        let mut keys = Keys::default();
        keys.add(KeyId([1; 16]), at(10));
        keys.add(KeyId([2; 16]), at(10));
        assert_eq!(keys.take(KeyId([1; 16]), at(9)), Some(KeyId([1; 16])));
        assert_eq!(keys.take(KeyId([1; 16]), at(9)), None);
        assert_eq!(keys.take(KeyId([2; 16]), at(10)), None);
        assert_eq!(keys.expired(at(10)), [KeyId([2; 16])]);
        assert_eq!(keys.len(), 0);
    }
}
