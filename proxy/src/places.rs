//! How many of something there may be, in all and for each one: connections of an address, statements of a user.

use std::{
    collections::HashMap,
    hash::Hash,
    net::{IpAddr, Ipv6Addr},
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

/// Counts the places that are taken.
#[derive(Debug)]
pub(crate) struct Places<Key>(Arc<Mutex<Taken<Key>>>);

/// One place; dropping it frees it.
#[derive(Debug)]
pub(crate) struct Place<Key: Clone + Eq + Hash> {
    /// None: it counts among all, and for nobody.
    key: Option<Key>,
    places: Places<Key>,
}

#[derive(Debug)]
struct Taken<Key> {
    most: u64,
    most_each: u64,
    all: u64,
    each: HashMap<Key, u64>,
}

impl<Key> Clone for Places<Key> {
    fn clone(&self) -> Self {
        Self(Arc::clone(&self.0))
    }
}

impl<Key: Clone + Eq + Hash> Places<Key> {
    pub(crate) fn new(all: u64, each: u64) -> Self {
        Self(Arc::new(Mutex::new(Taken {
            most: all,
            most_each: each,
            all: 0,
            each: HashMap::new(),
        })))
    }

    /// Allows so many from now on. Whoever has a place keeps it.
    pub(crate) fn allow(&self, all: u64, each: u64) {
        let mut taken = self.taken();
        taken.most = all;
        taken.most_each = each;
    }

    /// How many are taken.
    #[cfg(test)]
    pub(crate) fn number(&self) -> u64 {
        self.taken().all
    }

    /// Whether a place for `key` would be free now.
    pub(crate) fn has_room(&self, key: &Key) -> bool {
        let taken = self.taken();
        let each = taken.each.get(key).copied().unwrap_or(0);
        taken.all < taken.most && each < taken.most_each
    }

    /// A place for `key`, if one is free.
    pub(crate) fn take(&self, key: Key) -> Option<Place<Key>> {
        let mut taken = self.taken();
        if taken.all >= taken.most || !taken.add(&key) {
            return None;
        }
        taken.all += 1;
        Some(self.place(Some(key)))
    }

    /// A place for somebody who is not known yet, if one of all is free.
    pub(crate) fn take_unnamed(&self) -> Option<Place<Key>> {
        let mut taken = self.taken();
        if taken.all >= taken.most {
            return None;
        }
        taken.all += 1;
        Some(self.place(None))
    }

    fn place(&self, key: Option<Key>) -> Place<Key> {
        Place {
            key,
            places: self.clone(),
        }
    }

    fn taken(&self) -> MutexGuard<'_, Taken<Key>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl<Key: Clone + Eq + Hash> Place<Key> {
    /// The same place, for `key` from now on; none, and it is free, if that one has too many already.
    pub(crate) fn pass_to(mut self, key: Key) -> Option<Self> {
        let passed = {
            let mut taken = self.places.taken();
            if let Some(before) = self.key.take() {
                taken.remove(&before);
            }
            taken.add(&key)
        };
        passed.then(|| {
            self.key = Some(key);
            self
        })
    }
}

impl<Key: Clone + Eq + Hash> Taken<Key> {
    /// Counts one more for `key`, unless it has as many as it may.
    fn add(&mut self, key: &Key) -> bool {
        let each = self.each.get(key).copied().unwrap_or(0);
        if each >= self.most_each {
            return false;
        }
        self.each.insert(key.clone(), each + 1);
        true
    }

    fn remove(&mut self, key: &Key) {
        if let Some(each) = self.each.get_mut(key) {
            *each = each.saturating_sub(1);
            if *each == 0 {
                self.each.remove(key);
            }
        }
    }
}

impl<Key: Clone + Eq + Hash> Drop for Place<Key> {
    fn drop(&mut self) {
        let mut taken = self.places.taken();
        taken.all = taken.all.saturating_sub(1);
        if let Some(key) = self.key.take() {
            taken.remove(&key);
        }
    }
}

/// An IPv6 user has a /64 and every address in it.
pub(crate) fn network(address: IpAddr) -> IpAddr {
    match address.to_canonical() {
        IpAddr::V4(address) => IpAddr::V4(address),
        IpAddr::V6(address) => IpAddr::V6(Ipv6Addr::from_bits(
            address.to_bits() & !u128::from(u64::MAX),
        )),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_dropped_place_is_free_again() {
        let places = Places::new(3, 2);
        let (here, there) = (IpAddr::from([127, 0, 0, 1]), IpAddr::from([127, 0, 0, 2]));
        let first = places.take(here).unwrap();
        let _second = places.take(here).unwrap();
        assert!(places.take(here).is_none(), "two from one address");
        let _third = places.take(there).unwrap();
        assert!(places.take(there).is_none(), "three in all");
        drop(first);
        assert!(places.take(here).is_some());
    }

    #[test]
    fn one_ipv6_network_is_one_client() {
        let places = Places::new(9, 1);
        let take = |address: &str| places.take(network(address.parse().unwrap()));
        let _first = take("2001:db8::1").unwrap();
        assert!(take("2001:db8::2").is_none());
        assert!(take("2001:db8:0:1::1").is_some());
    }

    #[test]
    fn a_place_that_is_passed_on_counts_for_the_new_one_alone() {
        let places = Places::new(3, 1);
        let place = places.take_unnamed().unwrap().pass_to("client").unwrap();
        assert!(places.take("client").is_none());
        let other = places.take("proxy").unwrap();
        assert!(other.pass_to("client").is_none(), "one each");
        assert!(places.take("proxy").is_some(), "nothing of it is left");
        assert_eq!(places.number(), 1);
        drop(place);
        assert_eq!(places.number(), 0);
    }

    #[test]
    fn fewer_places_take_none_away() {
        let places = Places::new(2, 2);
        let first = places.take(1).unwrap();
        let _second = places.take(1).unwrap();
        places.allow(1, 1);
        drop(first);
        assert!(places.take(1).is_none());
        places.allow(2, 2);
        assert!(places.take(1).is_some());
    }
}
