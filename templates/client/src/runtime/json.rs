//! Finds a value in a JSON document without decoding the rest.

use std::fmt;
use std::marker::PhantomData;

use serde::Deserialize;
use serde::de::{DeserializeSeed, Deserializer, Error, IgnoredAny, MapAccess, SeqAccess, Visitor};
use serde_json::value::RawValue;

/// One step of a JSON path.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Step {
    /// The value of a key in an object.
    Key(&'static str),
    /// An element of an array.
    Index(usize),
}

/// Formats a path, e.g. `entities[0]`.
pub(crate) fn path(path: &[Step]) -> String {
    path.iter().fold(String::new(), |path, step| match step {
        Step::Key(key) if path.is_empty() => path + key,
        Step::Key(key) => path + "." + key,
        Step::Index(index) => format!("{path}[{index}]"),
    })
}

/// Appends an inner path to a path.
pub(crate) fn join(path: String, inner: &str) -> String {
    match inner {
        "" | "." => path,
        _ if path.is_empty() || inner.starts_with('[') => path + inner,
        _ => path + "." + inner,
    }
}

/// Returns the value at a path; `None` if there is none.
///
/// The rest of the document is checked for valid JSON, but not kept.
pub(crate) fn read<'a, T: Deserialize<'a>>(document: &'a [u8], path: &[Step]) -> Result<Option<T>, serde_json::Error> {
    let mut deserializer = serde_json::Deserializer::from_slice(document);
    let found = Walk::to(path).deserialize(&mut deserializer)?;
    deserializer.end()?;
    Ok(found)
}

/// Returns the JSON text of the value at a path; `None` if there is none.
pub(crate) fn find<'a>(document: &'a [u8], path: &[Step]) -> Result<Option<&'a str>, serde_json::Error> {
    Ok(read::<&RawValue>(document, path)?.map(RawValue::get))
}

/// Returns the string or number at a path as text.
pub(crate) fn text(document: &[u8], path: &[Step]) -> Option<String> {
    let found = find(document, path).ok()??;
    match found.as_bytes().first()? {
        b'"' => serde_json::from_str(found).ok(),
        b'-' | b'0'..=b'9' => Some(found.to_owned()),
        _ => None,
    }
}

/// Deserializes the value at a path.
struct Walk<'p, T> {
    path: &'p [Step],
    value: PhantomData<T>,
}

impl<'p, T> Walk<'p, T> {
    fn to(path: &'p [Step]) -> Self {
        Self {
            path,
            value: PhantomData,
        }
    }
}

impl<'de, T: Deserialize<'de>> DeserializeSeed<'de> for Walk<'_, T> {
    type Value = Option<T>;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Self::Value, D::Error> {
        if self.path.is_empty() {
            return T::deserialize(deserializer).map(Some);
        }
        deserializer.deserialize_option(self)
    }
}

impl<'de, T: Deserialize<'de>> Visitor<'de> for Walk<'_, T> {
    type Value = Option<T>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self.path.first() {
            Some(Step::Index(_)) => "an array",
            _ => "an object",
        })
    }

    fn visit_none<E: Error>(self) -> Result<Self::Value, E> {
        Ok(None)
    }

    fn visit_some<D: Deserializer<'de>>(self, deserializer: D) -> Result<Self::Value, D::Error> {
        match self.path.first() {
            Some(Step::Index(_)) => deserializer.deserialize_seq(self),
            _ => deserializer.deserialize_map(self),
        }
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Self::Value, A::Error> {
        let Some((Step::Key(wanted), rest)) = self.path.split_first() else {
            return Err(A::Error::custom("expected an array, found an object"));
        };
        let mut found = None;
        while let Some(here) = map.next_key_seed(IsKey(wanted))? {
            if here {
                found = map.next_value_seed(Walk::to(rest))?;
            } else {
                map.next_value::<IgnoredAny>()?;
            }
        }
        Ok(found)
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut list: A) -> Result<Self::Value, A::Error> {
        let Some((Step::Index(wanted), rest)) = self.path.split_first() else {
            return Err(A::Error::custom("expected an object, found an array"));
        };
        for _ in 0..*wanted {
            if list.next_element::<IgnoredAny>()?.is_none() {
                return Ok(None);
            }
        }
        let found = list.next_element_seed(Walk::to(rest))?.flatten();
        while list.next_element::<IgnoredAny>()?.is_some() {}
        Ok(found)
    }
}

/// Compares a key without copying it.
struct IsKey<'k>(&'k str);

impl<'de> DeserializeSeed<'de> for IsKey<'_> {
    type Value = bool;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<bool, D::Error> {
        deserializer.deserialize_str(self)
    }
}

impl Visitor<'_> for IsKey<'_> {
    type Value = bool;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a key")
    }

    fn visit_str<E: Error>(self, key: &str) -> Result<bool, E> {
        Ok(key == self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn finds_values_and_absence() {
        let document = br#"{"a": [{"b": 1}, {"b": [2, 3]}], "n": null, "s": "x\"y"}"#;
        let found = |path: &[Step]| find(document, path).ok().flatten();
        assert_eq!(found(&[Step::Key("a"), Step::Index(1), Step::Key("b")]), Some("[2, 3]"));
        assert_eq!(found(&[Step::Key("a"), Step::Index(2), Step::Key("b")]), None);
        assert_eq!(found(&[Step::Key("n"), Step::Key("b")]), None);
        assert_eq!(found(&[Step::Key("n")]), Some("null"));
        assert_eq!(text(document, &[Step::Key("n")]), None);
        assert_eq!(text(document, &[Step::Key("s")]).as_deref(), Some("x\"y"));
        assert!(find(document, &[Step::Key("s"), Step::Key("b")]).is_err());
        assert!(find(b"{\"a\": 1} x", &[Step::Key("a")]).is_err());
        assert!(find(b"<html>", &[]).is_err());
    }
}
