//! How many of something there may be, in all and for each one: connections of an address, statements of a user.

use std::{
    collections::HashMap,
    hash::Hash,
    net::{IpAddr, Ipv6Addr},
    sync::{Arc, Mutex, PoisonError},
};

/// Counts the places that are taken.
#[derive(Clone, Debug)]
pub(crate) struct Places<Key> {
    all: u64,
    each: u64,
    taken: Arc<Mutex<HashMap<Key, u64>>>,
}

/// One place; dropping it frees it.
#[derive(Debug)]
pub(crate) struct Place<Key: Eq + Hash> {
    key: Key,
    taken: Arc<Mutex<HashMap<Key, u64>>>,
}

impl<Key: Clone + Eq + Hash> Places<Key> {
    pub(crate) fn new(all: u64, each: u64) -> Self {
        Self {
            all,
            each,
            taken: Arc::default(),
        }
    }

    /// A place for `key`, if one is free.
    pub(crate) fn take(&self, key: Key) -> Option<Place<Key>> {
        let mut taken = self.taken.lock().unwrap_or_else(PoisonError::into_inner);
        let all: u64 = taken.values().sum();
        let each = taken.entry(key.clone()).or_default();
        if all >= self.all || *each >= self.each {
            if *each == 0 {
                taken.remove(&key);
            }
            return None;
        }
        *each += 1;
        Some(Place {
            key,
            taken: Arc::clone(&self.taken),
        })
    }
}

impl<Key: Eq + Hash> Drop for Place<Key> {
    fn drop(&mut self) {
        let mut taken = self.taken.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(each) = taken.get_mut(&self.key) {
            *each = each.saturating_sub(1);
            if *each == 0 {
                taken.remove(&self.key);
            }
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
}
