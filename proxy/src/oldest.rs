//! A table that holds so many entries and no more: the oldest goes when a new one comes.

use std::{
    borrow::Borrow,
    collections::{BTreeMap, HashMap},
    hash::Hash,
};

/// Entries by key, at most so many.
#[derive(Debug)]
pub(crate) struct Oldest<Key, Value> {
    most: usize,
    entries: HashMap<Key, (u64, Value)>,
    /// When each was put in, counted.
    order: BTreeMap<u64, Key>,
    put: u64,
}

impl<Key: Clone + Eq + Hash, Value> Oldest<Key, Value> {
    /// A table for `most` entries. Nothing is reserved.
    pub(crate) fn new(most: usize) -> Self {
        Self {
            most,
            entries: HashMap::new(),
            order: BTreeMap::new(),
            put: 0,
        }
    }

    /// The value of `key`.
    pub(crate) fn find<Q: Eq + Hash + ?Sized>(&self, key: &Q) -> Option<&Value>
    where
        Key: Borrow<Q>,
    {
        self.entries.get(key).map(|(_, value)| value)
    }

    /// Puts `value` in as the newest, in place of what `key` had.
    pub(crate) fn put(&mut self, key: Key, value: Value) {
        self.take(&key);
        while self.entries.len() >= self.most {
            let Some((_, oldest)) = self.order.pop_first() else {
                break;
            };
            self.entries.remove(&oldest);
        }
        self.order.insert(self.put, key.clone());
        self.entries.insert(key, (self.put, value));
        self.put = self.put.saturating_add(1);
    }

    /// Takes `key` and its value out.
    pub(crate) fn take<Q: Eq + Hash + ?Sized>(&mut self, key: &Q) -> Option<Value>
    where
        Key: Borrow<Q>,
    {
        let (put, value) = self.entries.remove(key)?;
        self.order.remove(&put);
        Some(value)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_oldest_makes_room_for_the_newest() {
        let mut table = Oldest::new(2);
        table.put("a", 1);
        table.put("b", 2);
        table.put("a", 3); // newer than b now
        table.put("c", 4);
        assert_eq!(table.find("a"), Some(&3));
        assert_eq!(table.find("b"), None);
        assert_eq!(table.take("c"), Some(4));
        assert_eq!((table.entries.len(), table.order.len()), (1, 1));
    }

    #[test]
    fn one_key_put_for_ever_takes_one_place() {
        let mut table = Oldest::new(9);
        (0..1000).for_each(|number| table.put("a", number));
        assert_eq!((table.entries.len(), table.order.len()), (1, 1));
    }
}
