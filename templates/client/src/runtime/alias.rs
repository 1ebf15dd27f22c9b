//! Fields with aliases, of which a response may contain several.
//!
//! Of the aliases in a response, the first one in the order of the spec whose value is not null is used. The others are
//! ignored, so a server may add an alias with a different type.

use std::borrow::Cow;
use std::fmt;

use serde::de::value::StrDeserializer;
use serde::de::{DeserializeSeed, Error, IntoDeserializer, MapAccess, Visitor};
use serde::{Deserialize, Deserializer, forward_to_deserialize_any};
use serde_json::Value;
use serde_path_to_error::Track;

use super::json::join;

/// The keys of each field with aliases, in order of preference.
type Fields = &'static [&'static [&'static str]];

/// Wraps a deserializer so that its objects contain only one key of each of these fields.
pub(crate) fn chosen<D>(inner: D, fields: Fields) -> Chosen<D> {
    Chosen { inner, fields }
}

/// A deserializer or visitor of objects whose fields have one key each.
pub(crate) struct Chosen<T> {
    inner: T,
    fields: Fields,
}

impl<'de, D: Deserializer<'de>> Deserializer<'de> for Chosen<D> {
    type Error = D::Error;

    fn deserialize_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, D::Error> {
        let fields = self.fields;
        self.inner.deserialize_any(Chosen { inner: visitor, fields })
    }

    fn deserialize_map<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, D::Error> {
        let fields = self.fields;
        self.inner.deserialize_map(Chosen { inner: visitor, fields })
    }

    fn deserialize_struct<V: Visitor<'de>>(
        self,
        name: &'static str,
        keys: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, D::Error> {
        let fields = self.fields;
        self.inner
            .deserialize_struct(name, keys, Chosen { inner: visitor, fields })
    }

    forward_to_deserialize_any! {
        bool i8 i16 i32 i64 i128 u8 u16 u32 u64 u128 f32 f64 char str string bytes byte_buf option unit unit_struct
        newtype_struct seq tuple tuple_struct enum identifier ignored_any
    }
}

impl<'de, V: Visitor<'de>> Visitor<'de> for Chosen<V> {
    type Value = V::Value;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.inner.expecting(f)
    }

    fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<V::Value, A::Error> {
        self.inner.visit_map(Entries {
            map,
            fields: self.fields,
            held: Vec::new(),
            current: None,
        })
    }
}

/// The entries of an object. Fields with aliases come last, since only at the end it is known which alias to use.
struct Entries<A> {
    map: A,
    fields: Fields,
    held: Vec<Held>,
    current: Option<Held>,
}

/// A key of a field with aliases.
struct Alias {
    field: usize,
    rank: usize,
    key: &'static str,
}

/// The key with its value.
struct Held {
    alias: Alias,
    value: Value,
}

impl Held {
    /// Order of preference; the lowest is used.
    fn order(&self) -> (bool, usize) {
        (self.value.is_null(), self.alias.rank)
    }

    fn read<'de, V: DeserializeSeed<'de>, E: Error>(self, seed: V) -> Result<V::Value, E> {
        let mut track = Track::new();
        let value = serde_path_to_error::Deserializer::new(self.value, &mut track);
        seed.deserialize(value).map_err(|error| {
            let path = join(self.alias.key.to_owned(), &track.path().to_string());
            let (path, reason) = located(path, error.to_string());
            E::custom(format_args!("{AT}{path}{BECAUSE}{reason}"))
        })
    }
}

impl<'de, A: MapAccess<'de>> Entries<A> {
    /// Returns the field that has this key, and the rank of the key.
    fn find(&self, key: &str) -> Option<Alias> {
        let mut fields = self.fields.iter().enumerate();
        fields.find_map(|(field, keys)| {
            let mut keys = keys.iter().enumerate();
            let (rank, key) = keys.find(|(_, known)| **known == key)?;
            Some(Alias { field, rank, key })
        })
    }

    fn hold(&mut self, alias: Alias) -> Result<(), A::Error> {
        let value = self.map.next_value()?;
        let found = Held { alias, value };
        let same_field = |held: &&mut Held| held.alias.field == found.alias.field;
        match self.held.iter_mut().find(same_field) {
            Some(held) if found.order() < held.order() => *held = found,
            Some(_) => {}
            None => self.held.push(found),
        }
        Ok(())
    }
}

impl<'de, A: MapAccess<'de>> MapAccess<'de> for Entries<A> {
    type Error = A::Error;

    fn next_key_seed<K: DeserializeSeed<'de>>(&mut self, seed: K) -> Result<Option<K::Value>, A::Error> {
        while let Some(Key(key)) = self.map.next_key()? {
            match self.find(&key) {
                Some(alias) => self.hold(alias)?,
                None => return seed.deserialize(key.into_deserializer()).map(Some),
            }
        }
        self.current = self.held.pop();
        let key = self.current.as_ref().map(|held| StrDeserializer::new(held.alias.key));
        key.map(|key| seed.deserialize(key)).transpose()
    }

    fn next_value_seed<V: DeserializeSeed<'de>>(&mut self, seed: V) -> Result<V::Value, A::Error> {
        match self.current.take() {
            Some(held) => held.read(seed),
            None => self.map.next_value_seed(seed),
        }
    }
}

/// A key, borrowed if possible.
#[derive(Deserialize)]
#[serde(transparent)]
struct Key<'k>(#[serde(borrow)] Cow<'k, str>);

/// Begins the message of an error in a value that was deserialized late, when the caller no longer knows its path.
const AT: &str = "at `";
const BECAUSE: &str = "`: ";

/// Returns the path and the reason of an error, whose reason may begin with the rest of the path.
pub(crate) fn located(path: String, reason: String) -> (String, String) {
    let late = reason.strip_prefix(AT).and_then(|text| text.split_once(BECAUSE));
    match late {
        Some((inner, reason)) => (join(path, inner), reason.to_owned()),
        None => (path, reason),
    }
}

#[cfg(test)]
mod tests {
    use serde::Serialize;

    use super::super::{macros, wire};
    use super::*;

    #[derive(Debug, PartialEq, Serialize)]
    struct Plant {
        id: i64,
        name: Option<String>,
        beds: Vec<i64>,
        note: Option<wire::Nullable<String>>,
    }

    #[derive(Deserialize)]
    #[serde(remote = "Plant")]
    struct Wire {
        #[serde(alias = "plantId", alias = "plant_id", with = "wire::int")]
        id: i64,
        #[serde(default)]
        name: Option<String>,
        #[serde(alias = "all_beds", with = "wire::list")]
        beds: Vec<i64>,
        #[serde(alias = "remark", default, deserialize_with = "wire::present")]
        note: Option<wire::Nullable<String>>,
    }

    macros::aliases!(
        Plant,
        Wire,
        ["id", "plantId", "plant_id"],
        ["beds", "all_beds"],
        ["note", "remark"]
    );

    /// An object with aliases that flattens another one.
    #[derive(Debug, PartialEq)]
    struct Potted {
        pot: Option<i64>,
        plant: Plant,
    }

    #[derive(Deserialize)]
    #[serde(remote = "Potted")]
    struct PottedWire {
        #[serde(alias = "jar", default)]
        pot: Option<i64>,
        #[serde(flatten)]
        plant: Plant,
    }

    macros::aliases!(Potted, PottedWire, ["pot", "jar"]);

    fn read(text: &str) -> Result<String, serde_json::Error> {
        serde_json::to_string(&serde_json::from_str::<Plant>(text)?)
    }

    #[test]
    fn the_first_alias_that_is_not_null_is_used() {
        for (wire, id) in [
            (r#"{"id":1,"beds":[]}"#, 1),
            (r#"{"plant_id":"3","beds":[]}"#, 3),
            (r#"{"plant_id":3,"beds":[],"id":1,"plantId":2}"#, 1),
            (r#"{"plant_id":3,"plantId":2,"beds":[]}"#, 2),
            (r#"{"id":null,"plant_id":3,"beds":[],"plantId":null}"#, 3),
            (r#"{"plantId":{"any":["thing"]},"id":1,"beds":[]}"#, 1),
            (r#"{"id":1,"beds":[],"id":4}"#, 1),
        ] {
            let expected = format!(r#"{{"id":{id},"name":null,"beds":[],"note":null}}"#);
            assert_eq!(read(wire).ok(), Some(expected), "{wire}");
        }
    }

    #[test]
    fn fields_without_aliases_are_unaffected() {
        let escaped = r#"{"\u0069d":1,"all_beds":7,"name":"\u00e9","other":{"id":2},"remark":"x"}"#;
        let expected = r#"{"id":1,"name":"é","beds":[7],"note":"x"}"#;
        assert_eq!(read(escaped).ok().as_deref(), Some(expected));
        let bytes = serde_json::from_reader::<_, Plant>(escaped.as_bytes());
        assert_eq!(bytes.ok(), serde_json::from_str(escaped).ok());
        let null = serde_json::from_str::<Plant>(r#"{"id":1,"beds":[],"remark":null}"#).map(|plant| plant.note);
        assert_eq!(null.ok(), Some(Some(wire::Nullable::Null)));
        for wire in [
            r#"{"beds":[]}"#,
            r#"{"id":null,"beds":[]}"#,
            r#"{"id":1}"#,
            r#"{"id":1,"beds":[],"name":"a","name":"b"}"#,
            "null",
            "[1]",
            r#"{"id":1,"beds":[]"#,
        ] {
            assert!(read(wire).is_err(), "{wire}");
        }
    }

    #[test]
    fn flattened_objects_have_their_own_aliases() {
        let read = |text: &str| serde_json::from_str::<Potted>(text).ok();
        let potted = |pot, id| Potted {
            pot,
            plant: Plant {
                id,
                name: None,
                beds: vec![2],
                note: None,
            },
        };
        assert_eq!(
            read(r#"{"plantId":5,"jar":2,"id":4,"pot":1,"beds":2,"all_beds":[3]}"#),
            Some(potted(Some(1), 4))
        );
        assert_eq!(read(r#"{"plantId":5,"all_beds":2}"#), Some(potted(None, 5)));
    }

    #[test]
    fn an_error_has_its_path() {
        let path_of = |text: &str| {
            let mut deserializer = serde_json::Deserializer::from_str(text);
            let error = serde_path_to_error::deserialize::<_, Vec<Plant>>(&mut deserializer).err()?;
            let (path, _) = located(error.path().to_string(), error.inner().to_string());
            Some(path)
        };
        for (wire, path) in [
            (r#"[{"id":1,"beds":[]},{"plantId":true,"beds":[]}]"#, "[1].plantId"),
            (r#"[{"id":1,"beds":[1,2,"x"]}]"#, "[0].beds[2]"),
            (r#"[{"id":1,"all_beds":[{}]}]"#, "[0].all_beds[0]"),
            (r#"[{"id":1,"name":2,"beds":[]}]"#, "[0].name"),
            (r#"[{"id":1}]"#, "[0]"),
        ] {
            assert_eq!(path_of(wire).as_deref(), Some(path), "{wire}");
        }
        let error = read(r#"{"remark":[],"id":1,"beds":[]}"#)
            .err()
            .map(|error| error.to_string());
        let expected = "at `remark`: invalid type: sequence, expected a string";
        assert!(error.is_some_and(|error| error.starts_with(expected)));
    }
}
