//! Lenient wire forms: integers and booleans that may be strings, lists that may be a single element, objects whose only key
//! determines the type of its value, and nulls.

use std::fmt;
use std::marker::PhantomData;

use serde::de::value::{MapAccessDeserializer, SeqAccessDeserializer};
use serde::de::{Error, IgnoredAny, IntoDeserializer, MapAccess, SeqAccess, Visitor};
use serde::{Deserialize, Deserializer, Serialize, Serializer};

/// A value that may be JSON `null`.
///
/// Unlike `Option`, it distinguishes `null` from an absent field: an optional field of this type is an `Option<Nullable<T>>`.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash)]
pub enum Nullable<T> {
    /// JSON `null`.
    #[default]
    Null,
    /// A value.
    Value(T),
}

impl<T> Nullable<T> {
    /// Returns the value; `None` if it is `null`.
    pub fn as_ref(&self) -> Option<&T> {
        match self {
            Self::Null => None,
            Self::Value(value) => Some(value),
        }
    }

    /// Converts to an `Option`; `None` if it is `null`.
    pub fn into_option(self) -> Option<T> {
        match self {
            Self::Null => None,
            Self::Value(value) => Some(value),
        }
    }
}

impl<T> From<T> for Nullable<T> {
    fn from(value: T) -> Self {
        Self::Value(value)
    }
}

impl From<&str> for Nullable<String> {
    fn from(value: &str) -> Self {
        Self::Value(value.to_owned())
    }
}

impl<T: Serialize> Serialize for Nullable<T> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        self.as_ref().serialize(serializer)
    }
}

impl<'de, T: Deserialize<'de>> Deserialize<'de> for Nullable<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Ok(Option::deserialize(deserializer)?.map_or(Self::Null, Self::Value))
    }
}

/// Distinguishes `null` from an absent field. Use as `#[serde(default, deserialize_with = "wire::present")]` on
/// `Option<Nullable<T>>`.
pub(crate) fn present<'de, D: Deserializer<'de>, T: Deserialize<'de>>(deserializer: D) -> Result<Option<T>, D::Error> {
    T::deserialize(deserializer).map(Some)
}

/// A field that contains a value: required, optional, nullable, or both.
pub(crate) trait Slot<V>: Sized {
    /// Returns the value, if there is one.
    fn value(&self) -> Option<&V>;
    /// Makes a field from a value, or from `null` if the field can hold it.
    fn hold(value: Option<V>) -> Option<Self>;
}

impl<V> Slot<V> for V {
    fn value(&self) -> Option<&V> {
        Some(self)
    }
    fn hold(value: Option<V>) -> Option<Self> {
        value
    }
}

impl<V> Slot<V> for Option<V> {
    fn value(&self) -> Option<&V> {
        self.as_ref()
    }
    fn hold(value: Option<V>) -> Option<Self> {
        Some(value)
    }
}

impl<V> Slot<V> for Nullable<V> {
    fn value(&self) -> Option<&V> {
        self.as_ref()
    }
    fn hold(value: Option<V>) -> Option<Self> {
        Some(value.map_or(Self::Null, Self::Value))
    }
}

impl<V> Slot<V> for Option<Nullable<V>> {
    fn value(&self) -> Option<&V> {
        self.as_ref().and_then(Nullable::as_ref)
    }
    fn hold(value: Option<V>) -> Option<Self> {
        Some(Nullable::hold(value))
    }
}

/// An integer that may be a number or a string on the wire; serialized as a number.
pub(crate) mod int {
    use super::{Deserializer, Error, IntVisitor, Serializer, Slot};

    /// Serializes as a number.
    pub(crate) fn serialize<T: Slot<i64>, S: Serializer>(field: &T, serializer: S) -> Result<S::Ok, S::Error> {
        match field.value() {
            Some(value) => serializer.serialize_i64(*value),
            None => serializer.serialize_none(),
        }
    }

    /// Deserializes a number or a string.
    pub(crate) fn deserialize<'de, T: Slot<i64>, D: Deserializer<'de>>(deserializer: D) -> Result<T, D::Error> {
        let value = deserializer.deserialize_any(IntVisitor)?;
        T::hold(value).ok_or_else(|| D::Error::custom("expected an integer, found null"))
    }
}

/// An integer that may be a number or a string on the wire; serialized as a string.
pub(crate) mod int_text {
    pub(crate) use super::int::deserialize;
    use super::{Serializer, Slot};

    /// Serializes as a string.
    pub(crate) fn serialize<T: Slot<i64>, S: Serializer>(field: &T, serializer: S) -> Result<S::Ok, S::Error> {
        match field.value() {
            Some(value) => serializer.collect_str(value),
            None => serializer.serialize_none(),
        }
    }
}

struct IntVisitor;

impl Visitor<'_> for IntVisitor {
    type Value = Option<i64>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an integer, or a string that contains one")
    }

    fn visit_i64<E: Error>(self, value: i64) -> Result<Self::Value, E> {
        Ok(Some(value))
    }

    fn visit_u64<E: Error>(self, value: u64) -> Result<Self::Value, E> {
        i64::try_from(value).map(Some).map_err(E::custom)
    }

    fn visit_str<E: Error>(self, value: &str) -> Result<Self::Value, E> {
        value.trim().parse().map(Some).map_err(E::custom)
    }

    fn visit_unit<E: Error>(self) -> Result<Self::Value, E> {
        Ok(None)
    }

    fn visit_none<E: Error>(self) -> Result<Self::Value, E> {
        Ok(None)
    }
}

/// Deserializes a boolean, or a text that is true if it equals this word.
pub(crate) fn bool_text<'de, T: Slot<bool>, D: Deserializer<'de>>(deserializer: D, word: &str) -> Result<T, D::Error> {
    let value = deserializer.deserialize_any(BoolTextVisitor)?;
    T::hold(value.map(|bool_text| bool_text.is(word))).ok_or_else(|| D::Error::custom("expected a boolean, found null"))
}

/// A boolean as it is on the wire.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum BoolText {
    Bool(bool),
    Text(String),
}

impl BoolText {
    /// Returns the boolean, where `word` is the text for true.
    pub(crate) fn is(&self, word: &str) -> bool {
        match self {
            Self::Bool(value) => *value,
            Self::Text(text) => text == word,
        }
    }
}

impl<'de> Deserialize<'de> for BoolText {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let value = deserializer.deserialize_any(BoolTextVisitor)?;
        value.ok_or_else(|| D::Error::custom("expected a boolean, found null"))
    }
}

struct BoolTextVisitor;

impl Visitor<'_> for BoolTextVisitor {
    type Value = Option<BoolText>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a boolean, or a string that stands for one")
    }

    fn visit_bool<E: Error>(self, value: bool) -> Result<Self::Value, E> {
        Ok(Some(BoolText::Bool(value)))
    }

    fn visit_str<E: Error>(self, text: &str) -> Result<Self::Value, E> {
        Ok(Some(BoolText::Text(text.to_owned())))
    }

    fn visit_unit<E: Error>(self) -> Result<Self::Value, E> {
        Ok(None)
    }

    fn visit_none<E: Error>(self) -> Result<Self::Value, E> {
        Ok(None)
    }
}

/// An object with exactly one key, which determines the type of its value.
pub(crate) trait OneKey<'de>: Sized {
    /// Deserializes the value under a key.
    fn read<A: MapAccess<'de>>(key: &str, map: &mut A) -> Result<Self, A::Error>;
}

/// Deserializes an object with exactly one key.
pub(crate) fn one_key<'de, T: OneKey<'de>, D: Deserializer<'de>>(deserializer: D) -> Result<T, D::Error> {
    deserializer.deserialize_map(OneKeyVisitor(PhantomData))
}

/// Deserializes the value under an unknown key, and returns it with the key.
pub(crate) fn entry<'de, A: MapAccess<'de>>(
    key: &str,
    map: &mut A,
) -> Result<serde_json::Map<String, serde_json::Value>, A::Error> {
    let value = map.next_value()?;
    Ok([(key.to_owned(), value)].into_iter().collect())
}

struct OneKeyVisitor<T>(PhantomData<T>);

impl<'de, T: OneKey<'de>> Visitor<'de> for OneKeyVisitor<T> {
    type Value = T;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an object with exactly one key")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<T, A::Error> {
        let Some(key) = map.next_key::<String>()? else {
            return Err(A::Error::invalid_length(0, &self));
        };
        let value = T::read(&key, &mut map)?;
        let mut count = 1;
        while map.next_entry::<IgnoredAny, IgnoredAny>()?.is_some() {
            count += 1;
        }
        if count > 1 {
            return Err(A::Error::invalid_length(count, &self));
        }
        Ok(value)
    }
}

/// A list that may be a single element on the wire; serialized as a list.
pub(crate) mod list {
    use super::{Deserialize, Deserializer, Error, ListVisitor, PhantomData, Serialize, Serializer, Slot};

    /// Serializes as a list.
    pub(crate) fn serialize<V: Serialize, T: Slot<Vec<V>>, S: Serializer>(
        field: &T,
        serializer: S,
    ) -> Result<S::Ok, S::Error> {
        field.value().serialize(serializer)
    }

    /// Deserializes a list or a single element.
    pub(crate) fn deserialize<'de, V: Deserialize<'de>, T: Slot<Vec<V>>, D: Deserializer<'de>>(
        deserializer: D,
    ) -> Result<T, D::Error> {
        let value = deserializer.deserialize_any(ListVisitor(PhantomData))?;
        T::hold(value).ok_or_else(|| D::Error::custom("expected a list, found null"))
    }
}

/// A list that may be a single element on the wire, as a whole result.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(bound = "T: Deserialize<'de>", transparent)]
pub(crate) struct OneOrMany<T>(#[serde(with = "list")] pub(crate) Vec<T>);

/// An integer that may be a string on the wire, as a whole result.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(transparent)]
pub(crate) struct LenientInt(#[serde(with = "int")] pub(crate) i64);

struct ListVisitor<T>(PhantomData<T>);

impl<'de, T: Deserialize<'de>> Visitor<'de> for ListVisitor<T> {
    type Value = Option<Vec<T>>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a list, or one of its elements")
    }

    fn visit_seq<A: SeqAccess<'de>>(self, list: A) -> Result<Self::Value, A::Error> {
        Vec::deserialize(SeqAccessDeserializer::new(list)).map(Some)
    }

    fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<Self::Value, A::Error> {
        T::deserialize(MapAccessDeserializer::new(map)).map(|one| Some(vec![one]))
    }

    fn visit_bool<E: Error>(self, value: bool) -> Result<Self::Value, E> {
        T::deserialize(value.into_deserializer()).map(|one| Some(vec![one]))
    }

    fn visit_i64<E: Error>(self, value: i64) -> Result<Self::Value, E> {
        T::deserialize(value.into_deserializer()).map(|one| Some(vec![one]))
    }

    fn visit_u64<E: Error>(self, value: u64) -> Result<Self::Value, E> {
        T::deserialize(value.into_deserializer()).map(|one| Some(vec![one]))
    }

    fn visit_f64<E: Error>(self, value: f64) -> Result<Self::Value, E> {
        T::deserialize(value.into_deserializer()).map(|one| Some(vec![one]))
    }

    fn visit_str<E: Error>(self, value: &str) -> Result<Self::Value, E> {
        T::deserialize(value.into_deserializer()).map(|one| Some(vec![one]))
    }

    fn visit_string<E: Error>(self, value: String) -> Result<Self::Value, E> {
        T::deserialize(value.into_deserializer()).map(|one| Some(vec![one]))
    }

    fn visit_unit<E: Error>(self) -> Result<Self::Value, E> {
        Ok(None)
    }

    fn visit_none<E: Error>(self) -> Result<Self::Value, E> {
        Ok(None)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[derive(Debug, PartialEq, Serialize, Deserialize)]
    struct Lenient {
        #[serde(with = "int")]
        always: i64,
        #[serde(default, with = "int_text", skip_serializing_if = "Option::is_none")]
        maybe: Option<i64>,
        #[serde(with = "int")]
        null: Nullable<i64>,
        #[serde(default, with = "int", skip_serializing_if = "Option::is_none")]
        both: Option<Nullable<i64>>,
        #[serde(default, with = "list", skip_serializing_if = "Option::is_none")]
        names: Option<Vec<String>>,
        #[serde(default, deserialize_with = "present", skip_serializing_if = "Option::is_none")]
        note: Option<Nullable<String>>,
    }

    fn canonical(text: &str) -> Result<String, serde_json::Error> {
        serde_json::to_string(&serde_json::from_str::<Lenient>(text)?)
    }

    #[test]
    fn lenient_forms_become_one() {
        for (wire, expected) in [
            (r#"{"always":"7","null":null}"#, r#"{"always":7,"null":null}"#),
            (
                r#"{"always":-1,"maybe":8,"null":"2","both":null,"names":"a","note":null}"#,
                r#"{"always":-1,"maybe":"8","null":2,"both":null,"names":["a"],"note":null}"#,
            ),
            (
                r#"{"always":1,"maybe":null,"null":1,"both":"3","names":["a","b"],"note":"x"}"#,
                r#"{"always":1,"null":1,"both":3,"names":["a","b"],"note":"x"}"#,
            ),
        ] {
            assert_eq!(canonical(wire).ok().as_deref(), Some(expected));
        }
    }

    #[test]
    fn other_forms_are_rejected() {
        for wire in [
            r#"{"always":null,"null":1}"#,
            r#"{"always":"","null":1}"#,
            r#"{"always":1.5,"null":1}"#,
            r#"{"always":9223372036854775808,"null":1}"#,
            r#"{"always":1}"#,
            r#"{"always":1,"null":1,"names":[1]}"#,
        ] {
            assert!(canonical(wire).is_err(), "{wire}");
        }
    }

    #[test]
    fn a_boolean_may_be_a_text() {
        let value = |text: &str| serde_json::from_str::<BoolText>(text).map(|value| value.is("ok")).ok();
        for (wire, expected) in [
            ("true", Some(true)),
            ("false", Some(false)),
            (r#""ok""#, Some(true)),
            (r#""OK""#, Some(false)),
            (r#"" ""#, Some(false)),
            ("null", None),
            ("1", None),
        ] {
            assert_eq!(value(wire), expected, "{wire}");
        }
        let field = |text: &str| bool_text_of::<Option<bool>>(text).ok();
        assert_eq!(field("null"), Some(None));
        assert_eq!(field(r#""ok""#), Some(Some(true)));
        assert!(bool_text_of::<bool>("null").is_err());
    }

    fn bool_text_of<T: Slot<bool>>(text: &str) -> Result<T, serde_json::Error> {
        bool_text(&mut serde_json::Deserializer::from_str(text), "ok")
    }

    #[test]
    fn an_object_with_one_key_has_exactly_one() {
        #[derive(Debug, PartialEq)]
        enum Only {
            Number(i64),
            Other(serde_json::Map<String, serde_json::Value>),
        }

        impl<'de> OneKey<'de> for Only {
            fn read<A: MapAccess<'de>>(key: &str, map: &mut A) -> Result<Self, A::Error> {
                match key {
                    "a" => map.next_value().map(Self::Number),
                    _ => entry(key, map).map(Self::Other),
                }
            }
        }

        let read = |text: &str| one_key::<Only, _>(&mut serde_json::Deserializer::from_str(text));
        assert_eq!(read(r#"{"a":1}"#).ok(), Some(Only::Number(1)));
        let other = serde_json::Map::from_iter([("b".to_owned(), [2, 3].as_slice().into())]);
        assert_eq!(read(r#"{"b":[2,3]}"#).ok(), Some(Only::Other(other)));
        for wire in ["{}", r#"{"a":1,"b":2}"#, r#"{"a":"1"}"#, "null", r#""a""#, "[]"] {
            assert!(read(wire).is_err(), "{wire}");
        }
    }

    #[test]
    fn a_single_element_may_have_any_type() {
        let list = |text: &str| serde_json::from_str::<OneOrMany<serde_json::Value>>(text).map(|list| list.0.len());
        for (wire, count) in [
            ("[]", 0),
            ("[1,2]", 2),
            ("{\"a\":1}", 1),
            ("\"a\"", 1),
            ("1.5", 1),
            ("-1", 1),
            ("true", 1),
        ] {
            assert_eq!(list(wire).ok(), Some(count), "{wire}");
        }
        assert!(list("null").is_err());
    }
}
