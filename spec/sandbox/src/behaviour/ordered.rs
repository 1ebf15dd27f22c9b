//! A set that keeps the order of insertion.

use std::collections::{BTreeMap, HashMap};
use std::hash::Hash;
use std::ops::Bound;

use serde::{Deserialize, Deserializer, Serialize, Serializer};

/// A set that keeps the order of insertion. All methods except iteration take logarithmic time or less.
#[derive(Debug, Clone)]
pub(super) struct Ordered<K> {
    next: u64,
    keys: BTreeMap<u64, K>,
    places: HashMap<K, u64>,
}

impl<K> Default for Ordered<K> {
    fn default() -> Self {
        Self {
            next: 0,
            keys: BTreeMap::new(),
            places: HashMap::new(),
        }
    }
}

impl<K: Copy + Eq + Hash> Ordered<K> {
    /// Adds an element at the end. Returns `false` if the set contains it already; its place does not change.
    pub(super) fn insert(&mut self, key: K) -> bool {
        if self.contains(key) {
            return false;
        }
        self.keys.insert(self.next, key);
        self.places.insert(key, self.next);
        self.next += 1;
        true
    }

    /// Removes an element. Returns `false` if the set does not contain it.
    pub(super) fn remove(&mut self, key: K) -> bool {
        let place = self.places.remove(&key);
        place.is_some_and(|place| self.keys.remove(&place).is_some())
    }

    /// Returns `true` if the set contains the element.
    pub(super) fn contains(&self, key: K) -> bool {
        self.places.contains_key(&key)
    }

    /// Returns the number of elements.
    pub(super) fn len(&self) -> usize {
        self.keys.len()
    }

    /// Returns the elements, first inserted first.
    pub(super) fn oldest_first(&self) -> impl DoubleEndedIterator<Item = K> {
        self.keys.values().copied()
    }

    /// Returns the elements, last inserted first.
    pub(super) fn newest_first(&self) -> impl Iterator<Item = K> {
        self.oldest_first().rev()
    }

    /// Returns the elements after a place, first inserted first, with their places.
    pub(super) fn after(&self, place: Option<u64>) -> impl Iterator<Item = (u64, K)> {
        let start = place.map_or(Bound::Unbounded, Bound::Excluded);
        self.keys
            .range((start, Bound::Unbounded))
            .map(|(place, key)| (*place, *key))
    }

    /// Returns the elements before a place, last inserted first, with their places.
    pub(super) fn before(&self, place: Option<u64>) -> impl Iterator<Item = (u64, K)> {
        let end = place.map_or(Bound::Unbounded, Bound::Excluded);
        let range = self.keys.range((Bound::Unbounded, end));
        range.rev().map(|(place, key)| (*place, *key))
    }
}

impl<K: Serialize> Serialize for Ordered<K> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        (self.next, &self.keys).serialize(serializer)
    }
}

impl<'de, K: Deserialize<'de> + Copy + Eq + Hash> Deserialize<'de> for Ordered<K> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let (next, keys): (u64, BTreeMap<u64, K>) = Deserialize::deserialize(deserializer)?;
        let places = keys.iter().map(|(place, key)| (*key, *place)).collect();
        Ok(Self { next, keys, places })
    }
}
