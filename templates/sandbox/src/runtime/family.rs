//! Families of keys, which consist of a prefix and a value.

use std::collections::BTreeMap;

use serde::de::{Deserialize, DeserializeOwned, Deserializer, Error as _};
use serde::{Serialize, Serializer};
use serde_json::{Map, Value};

/// Returns the values of the keys that begin with a prefix, by the rest of the key. `null` counts as absent.
pub(crate) fn strip(prefix: &str, object: Map<String, Value>) -> impl Iterator<Item = (String, Value)> {
    let entries = object.into_iter().filter(|(_, value)| !value.is_null());
    entries.filter_map(move |(key, value)| Some((key.strip_prefix(prefix)?.to_owned(), value)))
}

/// Reads the keys of an object that begin with a prefix.
pub(crate) fn read<'de, T: DeserializeOwned, D: Deserializer<'de>>(
    prefix: &str,
    deserializer: D,
) -> Result<BTreeMap<String, T>, D::Error> {
    let object = Map::deserialize(deserializer)?;
    let read = |(key, value)| serde_json::from_value(value).map(|value| (key, value));
    let values: Result<_, _> = strip(prefix, object).map(read).collect();
    values.map_err(D::Error::custom)
}

/// Writes each value under the prefix and its own key.
pub(crate) fn write<T: Serialize, S: Serializer>(
    prefix: &str,
    values: &BTreeMap<String, T>,
    serializer: S,
) -> Result<S::Ok, S::Error> {
    let entries = values.iter();
    serializer.collect_map(entries.map(|(key, value)| (format!("{prefix}{key}"), value)))
}
