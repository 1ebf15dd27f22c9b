//! Free-form JSON.

use std::collections::BTreeMap;
use std::fmt;
use std::str::FromStr;

use serde::de::DeserializeOwned;
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use serde_json::value::RawValue;
use serde_json::{Map, Value};

// @if check
use super::check::{At, Check};
use super::error::{Error, Reason};
// @end
use super::{json, wire};

/// A JSON value of any form, as it arrived: numbers keep all their digits.
///
/// Made from a value of `serde_json` or a pair of key and value for each entry of an object, with [`Json::new`] from any
/// serializable value, and with `parse` from JSON text.
///
/// Two values are equal if they have the same content; white space and the order of keys do not matter, but `1.0` is not `1`.
#[derive(Clone)]
pub struct Json(Box<str>);

impl Json {
    /// Serializes a value.
    ///
    /// # Errors
    ///
    /// Fails if the value cannot be serialized to JSON.
    pub fn new(value: &(impl Serialize + ?Sized)) -> Result<Self, serde_json::Error> {
        serde_json::to_string(value).map(Self::from_text)
    }

    pub(crate) fn from_text(text: impl Into<Box<str>>) -> Self {
        Self(text.into())
    }

    /// Returns the JSON text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Decodes the value, e.g. to a [`Value`].
    ///
    /// # Errors
    ///
    /// Fails if the value does not have the expected form.
    pub fn to<T: DeserializeOwned>(&self) -> Result<T, serde_json::Error> {
        json::decode(self.0.as_bytes()).map_err(|(_, error)| error)
    }

    /// Returns the value of a key; `None` if the value is not an object or does not have the key.
    #[must_use]
    pub fn get(&self, key: &str) -> Option<Self> {
        let entries = json::entries(&self.0).ok()?;
        let (_, value) = entries.into_iter().rev().find(|(known, _)| known == key)?;
        Some(Self::from_text(value.get()))
    }

    /// Returns `true` if the value is an object.
    #[must_use]
    pub fn is_object(&self) -> bool {
        self.0.starts_with('{')
    }
}

/// Parses JSON text.
impl FromStr for Json {
    type Err = serde_json::Error;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        serde_json::from_str(text)
    }
}

/// Writes JSON text.
impl fmt::Display for Json {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// Hides the content, which may contain secrets.
impl fmt::Debug for Json {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Json({} bytes)", self.0.len())
    }
}

impl PartialEq for Json {
    fn eq(&self, other: &Self) -> bool {
        let canonical = |value: &Self| json::canonical(value.0.as_bytes());
        self.0 == other.0 || canonical(self).is_some_and(|text| canonical(other) == Some(text))
    }
}

impl PartialEq<Value> for Json {
    fn eq(&self, other: &Value) -> bool {
        let other = Self::from(other.clone());
        *self == other
    }
}

/// Writes the value as it is. An object is written entry by entry, so that it can be flattened.
impl Serialize for Json {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match json::entries(&self.0) {
            Ok(entries) => serializer.collect_map(entries),
            Err(_) => serde_json::from_str::<&RawValue>(&self.0)
                .map_err(serde::ser::Error::custom)?
                .serialize(serializer),
        }
    }
}

impl<'de> Deserialize<'de> for Json {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        wire::text(deserializer).map(|text| text.to_json())
    }
}

// @if check
/// Checks an argument that must be an object.
impl Check for Json {
    fn check(&self, at: &At<'_>) -> Result<(), Error> {
        if self.is_object() {
            return Ok(());
        }
        Err(at.invalid(Reason::NotJson("not an object".to_owned())))
    }
}
// @end

/// Converts from types that `serde_json` converts to a value. A string becomes a JSON string.
macro_rules! from_value {
    ($($name:ty),+) => {$(
        impl From<$name> for Json {
            fn from(value: $name) -> Self {
                Self::from_text(Value::from(value).to_string())
            }
        }
    )+};
}

from_value!(Value, Map<String, Value>, &str, String, bool, i32, u32, i64, u64, usize, f64);

impl<K: Into<String>, V: Into<Value>> FromIterator<(K, V)> for Json {
    fn from_iter<I: IntoIterator<Item = (K, V)>>(entries: I) -> Self {
        let entries = entries.into_iter().map(|(key, value)| (key.into(), value.into()));
        // Sorted, whatever order the map keeps.
        let sorted: BTreeMap<String, Value> = entries.collect();
        sorted.into_iter().collect::<Map<_, _>>().into()
    }
}

impl<K: Into<String>, V: Into<Value>, const N: usize> From<[(K, V); N]> for Json {
    fn from(entries: [(K, V); N]) -> Self {
        entries.into_iter().collect()
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn text_is_kept() {
        for text in [
            "12345678901234567890123",
            "1.10",
            "-0.0",
            "1E400",
            r#"{"n": 12345678901234567890123, "d":1.10,"a":[1.0]}"#,
            r#""\u0061""#,
            "null",
        ] {
            let value: Json = text.parse().expect("JSON");
            assert_eq!(value.as_str(), text);
            assert_eq!(serde_json::from_slice(text.as_bytes()).ok().as_ref(), Some(&value));
            assert_eq!(serde_json::from_reader(text.as_bytes()).ok().as_ref(), Some(&value));
            let again = serde_json::to_string(&[&value]).expect("JSON");
            assert_eq!(
                again.parse().ok(),
                Some(format!("[{text}]").parse::<Json>().expect("JSON"))
            );
            assert_eq!(
                format!("{value} {value:?}"),
                format!("{text} Json({} bytes)", text.len())
            );
        }
        for text in ["", "{", "1 2", "tru", "01"] {
            assert!(text.parse::<Json>().is_err(), "{text}");
        }
    }

    #[test]
    fn content_decides_equality() {
        let parse = |text: &str| text.parse::<Json>().expect("JSON");
        for (first, second, expected) in [
            (r#"{"a":1,"b":[2]}"#, r#" { "b" : [ 2 ], "a" : 1 } "#, true),
            (r#""\u0061""#, r#""a""#, true),
            (r#"{"a":1,"a":2}"#, r#"{"a":2}"#, true),
            ("12345678901234567890123", "12345678901234567890124", false),
            ("1.0", "1", false),
            ("[1,2]", "[2,1]", false),
            ("{}", "[]", false),
        ] {
            assert_eq!(parse(first) == parse(second), expected, "{first} {second}");
        }
        assert_eq!(parse(r#"{"a": [1, null]}"#), json!({"a": [1, null]}));
        assert_ne!(parse("1"), json!("1"));
    }

    #[test]
    fn values_become_json() {
        for (value, expected) in [
            (Json::from(json!({"order": 7})), r#"{"order":7}"#),
            (
                Json::from([("order", json!(7)), ("kind", json!("vip"))]),
                r#"{"kind":"vip","order":7}"#,
            ),
            (Json::from([("a\"b", 1.5)]), r#"{"a\"b":1.5}"#),
            (
                ["a", "b"].into_iter().zip([true, false]).collect(),
                r#"{"a":true,"b":false}"#,
            ),
            (std::iter::empty::<(&str, i64)>().collect(), "{}"),
            ("a\"".into(), r#""a\"""#),
            (7_i64.into(), "7"),
            (f64::NAN.into(), "null"),
            (Json::new(&vec![Some(1), None]).expect("JSON"), "[1,null]"),
        ] {
            assert_eq!(value.as_str(), expected);
        }
        let unserializable = BTreeMap::from([([1], 1)]);
        assert!(Json::new(&unserializable).is_err());
    }

    #[test]
    fn content_is_read_by_key_and_type() {
        let value: Json = r#"{"a":1,"b":{"c":[12345678901234567890123]},"a":2}"#.parse().expect("JSON");
        assert_eq!(value.get("a").and_then(|a| a.to::<u8>().ok()), Some(2));
        let list = value
            .get("b")
            .and_then(|b| b.get("c"))
            .and_then(|c| c.to::<Vec<Json>>().ok());
        assert_eq!(
            list.map(|list| list[0].as_str().to_owned()).as_deref(),
            Some("12345678901234567890123")
        );
        assert_eq!(value.get("x"), None);
        assert!(value.is_object() && value.get("a").is_some_and(|a| !a.is_object() && a.get("b").is_none()));
        assert!(value.to::<Vec<i64>>().is_err());
    }

    #[test]
    fn an_object_can_be_flattened() {
        #[derive(Serialize, Deserialize)]
        struct Outer {
            id: i64,
            #[serde(flatten)]
            rest: Json,
        }
        let outer = Outer {
            id: 1,
            rest: r#"{"n":12345678901234567890123}"#.parse().expect("JSON"),
        };
        assert_eq!(
            serde_json::to_string(&outer).expect("JSON"),
            r#"{"id":1,"n":12345678901234567890123}"#
        );
        let outer: Outer = serde_json::from_str(r#"{"id":1,"a":[true]}"#).expect("JSON");
        assert_eq!(outer.rest, json!({"a": [true]}));
        assert_eq!(serde_json::to_value(&outer.rest).ok(), Some(json!({"a": [true]})));
    }
}
