//! Lenient wire forms: integers that are strings or have a fraction of zero, IDs that are numbers, booleans that are strings,
//! lists that are a single element, and objects that have to be read before the type of their content is known.

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::fmt;
use std::marker::PhantomData;

// @if json_part
use serde::de::DeserializeOwned;
// @end
// @if flatten
use serde::de::DeserializeSeed;
// @end
use serde::de::{Error, IgnoredAny, MapAccess, Unexpected, Visitor};
use serde::{Deserialize, Deserializer};
// @if writer
use serde::{Serialize, Serializer};
// @end
use serde_json::Value;

use super::free_form::Json;
// @if tagged
use super::json::Step;
// @end
use super::json::{self, Key};

/// The JSON text of a value, borrowed from the document if possible, to be decoded with errors of type `E`.
///
/// Decoding from the text needs no buffer, in which `serde` would lose paths and digits of numbers.
pub(crate) struct Text<'de, E>(Cow<'de, str>, PhantomData<E>);

/// The name by which `RawValue` asks serde_json for the text of a value. Other deserializers ignore it.
const RAW_VALUE: &str = "$serde_json::private::RawValue";

/// Takes the text of a value.
pub(crate) fn text<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Text<'de, D::Error>, D::Error> {
    let text = deserializer.deserialize_newtype_struct(RAW_VALUE, TextVisitor)?;
    if text.starts_with(['{', '[']) && json::is_too_deep(&text) {
        return Err(D::Error::custom("nested too deeply"));
    }
    Ok(Text(text, PhantomData))
}

struct TextVisitor;

impl<'de> Visitor<'de> for TextVisitor {
    type Value = Cow<'de, str>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a JSON value")
    }

    /// Takes the text from serde_json.
    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Self::Value, A::Error> {
        let entry: Option<(IgnoredAny, Key<'de>)> = map.next_entry()?;
        entry.map_or_else(|| Err(A::Error::invalid_length(0, &self)), |(_, Key(text))| Ok(text))
    }

    /// Takes the value from another deserializer, e.g. that of a type which flattens one of this crate.
    fn visit_newtype_struct<D: Deserializer<'de>>(self, deserializer: D) -> Result<Self::Value, D::Error> {
        Value::deserialize(deserializer).map(|value| value.to_string().into())
    }
}

impl<E: Error> Text<'_, E> {
    // @if json_part
    /// Decodes the value.
    pub(crate) fn decode<T: DeserializeOwned>(&self) -> Result<T, E> {
        json::part(&self.0, "")
    }
    // @end

    // @if tagged_value
    /// Decodes the value of a key of the object.
    pub(crate) fn value<T: DeserializeOwned>(&self, key: &'static str) -> Result<T, E> {
        match json::find(self.0.as_bytes(), &[Step::Key(key)]) {
            Ok(Some(value)) => json::part(value, key),
            _ => Err(E::missing_field(key)),
        }
    }
    // @end

    // @if tag
    /// Returns the tag of the object; an empty one if there is no tag that is a string.
    pub(crate) fn tag(&self, key: &'static str) -> Result<Cow<'_, str>, E> {
        self.check_object()?;
        let tag = json::find(self.0.as_bytes(), &[Step::Key(key)]).ok().flatten();
        Ok(tag.and_then(string).unwrap_or_default())
    }
    // @end

    // @if one_key
    /// Returns the first key of the object that is one of these; an empty one if none is. The object must not be empty.
    pub(crate) fn key(&self, known: &[&'static str]) -> Result<&'static str, E> {
        self.check_object()?;
        let entries = json::entries(&self.0).map_err(E::custom)?;
        if entries.is_empty() {
            return Err(E::invalid_length(0, &"an object with a key"));
        }
        let mut keys = entries
            .iter()
            .filter_map(|(key, _)| known.iter().find(|known| *known == key));
        Ok(keys.next().copied().unwrap_or_default())
    }
    // @end

    /// Returns the value as it arrived.
    pub(crate) fn to_json(&self) -> Json {
        Json::from_text(&*self.0)
    }

    // @if id
    /// Returns the string, or the digits of the number, since some servers send IDs as numbers.
    pub(crate) fn id(&self) -> Result<String, E> {
        let digits = || integral(&self.0).map(|number| number.to_string());
        let id = string(&self.0).map(Cow::into_owned).or_else(digits);
        id.ok_or_else(|| self.unexpected("a string"))
    }
    // @end

    fn integer(&self) -> Result<i64, E> {
        if let Ok(value) = self.0.parse() {
            return Ok(value);
        }
        let string = string(&self.0);
        let text = string.as_deref().map_or(&*self.0, str::trim);
        let value = text.parse().ok().or_else(|| integral(text)?.try_into().ok());
        value.ok_or_else(|| self.unexpected("an integer, or a string that contains one"))
    }

    fn check_object(&self) -> Result<(), E> {
        if self.0.starts_with('{') {
            return Ok(());
        }
        Err(self.unexpected("an object"))
    }

    #[cold]
    fn unexpected(&self, expected: &str) -> E {
        let string = string(&self.0);
        let found = match (self.0.as_bytes().first(), &string) {
            (_, Some(string)) => Unexpected::Str(string),
            (Some(b'{'), _) => Unexpected::Map,
            (Some(b'['), _) => Unexpected::Seq,
            (Some(b't' | b'f'), _) => Unexpected::Bool(self.0.starts_with('t')),
            (Some(b'n'), _) => Unexpected::Unit,
            _ => Unexpected::Other(&self.0),
        };
        E::invalid_type(found, &expected)
    }
}

/// Returns the string that a JSON text is, if it is one.
fn string(json: &str) -> Option<Cow<'_, str>> {
    let content = json.strip_prefix('"')?.strip_suffix('"')?;
    if content.contains('\\') {
        return serde_json::from_str(json).ok().map(Cow::Owned);
    }
    Some(content.into())
}

/// Returns the value of a number without a fraction, e.g. 1700 for `1.7E3`; `None` if it has a fraction or exceeds `i128`.
fn integral(number: &str) -> Option<i128> {
    let (mantissa, exponent) = number.split_once(['e', 'E']).unwrap_or((number, "0"));
    let (whole, fraction) = mantissa.split_once('.').unwrap_or((mantissa, "0"));
    if fraction.is_empty() || !whole.ends_with(|last: char| last.is_ascii_digit()) {
        return None;
    }
    let fraction = fraction.trim_end_matches('0');
    let digits: i128 = format!("{whole}{fraction}").parse().ok()?;
    let places = i32::try_from(fraction.len()).ok()?;
    let power = exponent.parse::<i32>().ok()?.checked_sub(places)?;
    if digits == 0 {
        return Some(0);
    }
    let factor = 10_i128.checked_pow(power.unsigned_abs())?;
    match power {
        0.. => digits.checked_mul(factor),
        _ => (digits % factor == 0).then_some(digits / factor),
    }
}

/// A type whose wire form differs from its `Deserialize`: a number, a free-form object, or a container of them.
pub(crate) trait Wire: Sized {
    /// Deserializes the wire form.
    fn read<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error>;
}

/// An integer: a number, or a string that contains one.
impl Wire for i64 {
    fn read<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        text(deserializer)?.integer()
    }
}

/// A number, or a string that contains one, rounded correctly whether or not serde_json is set up to do so.
impl Wire for f64 {
    fn read<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = text(deserializer)?;
        let string = string(&text.0);
        let number = string.as_deref().unwrap_or(&text.0).trim().parse().ok();
        let number = number.filter(|number: &f64| number.is_finite());
        number.ok_or_else(|| text.unexpected("a number, or a string that contains one"))
    }
}

/// A free-form object.
impl Wire for Json {
    fn read<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = text(deserializer)?;
        text.check_object().map(|()| text.to_json())
    }
}

impl<T: Wire> Wire for Option<T> {
    fn read<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Option::deserialize(deserializer).map(|value| value.map(|As(value)| value))
    }
}

impl<T: Wire> Wire for Vec<T> {
    fn read<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Vec::deserialize(deserializer).map(|list| list.into_iter().map(|As(item)| item).collect())
    }
}

impl<T: Wire> Wire for BTreeMap<String, T> {
    fn read<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let map = BTreeMap::deserialize(deserializer)?;
        Ok(map.into_iter().map(|(key, As(value))| (key, value)).collect())
    }
}

/// A value that is deserialized from its wire form.
pub(crate) struct As<T>(pub(crate) T);

// @if value
/// Returns a value that was deserialized from its wire form.
pub(crate) fn value<T>(As(value): As<T>) -> T {
    value
}
// @end

impl<'de, T: Wire> Deserialize<'de> for As<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        T::read(deserializer).map(Self)
    }
}

// @if as_text
/// Serializes an integer as a string.
pub(crate) fn as_text<T: Copy + Into<Option<i64>>, S: Serializer>(field: &T, serializer: S) -> Result<S::Ok, S::Error> {
    let value: Option<i64> = (*field).into();
    value.map(|value| value.to_string()).serialize(serializer)
}
// @end

// @if write_family
/// Serializes values under keys that consist of a prefix and their own key.
pub(crate) fn write_family<K: AsRef<str>, V: Serialize, S: Serializer>(
    prefix: &str,
    values: &BTreeMap<K, V>,
    serializer: S,
) -> Result<S::Ok, S::Error> {
    let entries = values.iter();
    serializer.collect_map(entries.map(|(key, value)| (format!("{prefix}{}", key.as_ref()), value)))
}
// @end

// @if family
/// Reads the values of all keys that begin with a prefix, by the rest of the key. A key that is `null` counts as absent.
pub(crate) fn family<K: From<String> + Ord, T: DeserializeOwned, V, E: Error>(
    text: &str,
    prefix: &str,
    convert: impl Fn(T) -> V,
) -> Result<BTreeMap<K, V>, E> {
    let mut values = BTreeMap::new();
    // Most objects have no such key. With a backslash, one could be escaped.
    if !text.contains(prefix) && !text.contains('\\') {
        return Ok(values);
    }
    for (key, text) in json::entries(text).map_err(E::custom)? {
        let Some(rest) = key.strip_prefix(prefix) else { continue };
        let rest = K::from(rest.to_owned());
        match json::part(text.get(), &key)? {
            Some(value) => values.insert(rest, convert(value)),
            None => values.remove(&rest),
        };
    }
    Ok(values)
}
// @end

// @if bool_text
/// A boolean that may be a string on the wire, as its JSON text.
pub(crate) struct BoolText(Box<str>);

impl<'de> Deserialize<'de> for BoolText {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = text(deserializer)?;
        if text.0.starts_with(['t', 'f', '"']) {
            return Ok(Self(text.0.into()));
        }
        Err(text.unexpected("a boolean, or a string that stands for one"))
    }
}
// @end

// @if bool_text
/// Returns the function that returns a boolean, where `word` is the string for true.
pub(crate) fn is(word: &str) -> impl Fn(BoolText) -> bool {
    move |BoolText(text)| &*text == "true" || string(&text).is_some_and(|string| string == word)
}
// @end

// @if one_or_many
/// A list that may be a single element on the wire.
pub(crate) struct OneOrMany<T>(pub(crate) T);

impl<'de, T: DeserializeOwned> Deserialize<'de> for OneOrMany<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = text(deserializer)?;
        let list = if text.0.starts_with('[') || text.0 == "null" {
            text.decode()
        } else {
            json::part(&format!("[{}]", text.0), "")
        };
        list.map(Self)
    }
}
// @end

// @if list
/// Returns a list.
pub(crate) fn list<T>(OneOrMany(list): OneOrMany<T>) -> T {
    list
}
// @end

// @if value_list
/// Returns a list of values with a wire form.
pub(crate) fn value_list<T>(OneOrMany(As(list)): OneOrMany<As<T>>) -> T {
    list
}
// @end

// @if object
/// A struct that is read from an object; implemented by [`object!`](super::macros::object).
pub(crate) trait Object: Sized {
    /// Reads the entries of an object. Its text is only there for [`flattened`].
    fn read<'de, A: MapAccess<'de>>(entries: A, text: &str) -> Result<Self, A::Error>;
}

/// Deserializes a struct.
pub(crate) fn object<'de, T: Object, D: Deserializer<'de>>(deserializer: D) -> Result<T, D::Error> {
    deserializer.deserialize_map(Read("", PhantomData))
}

// @if flatten
/// Deserializes a struct that has flattened fields, which are read from the text of the object.
pub(crate) fn flattened<'de, T: Object, D: Deserializer<'de>>(deserializer: D) -> Result<T, D::Error> {
    let text = text(deserializer)?;
    json::part_of(&text.0, "", Read(&text.0, PhantomData))
}

/// Reads a field that consists of entries of the object.
pub(crate) fn flatten<T: DeserializeOwned, E: Error>(text: &str) -> Result<T, E> {
    json::part(text, "")
}
// @end

struct Read<'t, T>(&'t str, PhantomData<T>);

// @if flatten
impl<'de, T: Object> DeserializeSeed<'de> for Read<'_, T> {
    type Value = T;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<T, D::Error> {
        deserializer.deserialize_map(self)
    }
}
// @end

impl<'de, T: Object> Visitor<'de> for Read<'_, T> {
    type Value = T;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an object")
    }

    fn visit_map<A: MapAccess<'de>>(self, entries: A) -> Result<T, A::Error> {
        T::read(entries, self.0)
    }
}

/// Reads the value of a key of a field, which can be `null`. Of several equal keys, the last counts; of the field's name and its
/// aliases, the first that has a value.
pub(crate) fn put<'de, T: Deserialize<'de>, A: MapAccess<'de>>(
    field: &mut (Option<Option<T>>, usize),
    key: &str,
    aliases: &[&str],
    entries: &mut A,
) -> Result<(), A::Error> {
    let value: Option<T> = entries.next_value()?;
    let rank = aliases.iter().rev().take_while(|alias| **alias != key).count();
    let is_first = rank > field.1 && value.is_some();
    if is_first || rank == field.1 || !matches!(field.0, Some(Some(_))) {
        *field = (Some(value), rank);
    }
    Ok(())
}
// @end

// @if required
/// Returns the value of a required field.
pub(crate) fn required<T, E: Error>(field: Option<Option<T>>, key: &'static str) -> Result<T, E> {
    let value = field.ok_or_else(|| E::missing_field(key))?;
    value.ok_or_else(|| E::custom(format_args!("`{key}` is null")))
}
// @end

#[cfg(test)]
mod tests {
    use super::super::macros;
    use super::*;

    // @if as_text flatten list required value
    #[derive(Debug, PartialEq, Serialize)]
    struct Lenient {
        always: i64,
        #[serde(serialize_with = "as_text", skip_serializing_if = "Option::is_none")]
        maybe: Option<i64>,
        null: Option<i64>,
        #[serde(skip_serializing_if = "Option::is_none")]
        both: Option<Option<i64>>,
        #[serde(skip_serializing_if = "Option::is_none")]
        names: Option<Vec<String>>,
        #[serde(skip_serializing_if = "Option::is_none")]
        note: Option<Option<String>>,
        #[serde(skip_serializing_if = "Option::is_none")]
        by_day: Option<BTreeMap<String, Vec<i64>>>,
        #[serde(skip_serializing_if = "Option::is_none")]
        free: Option<Json>,
    }

    macros::object!(Lenient {
        always: required("always", value),
        maybe: optional("maybe", value),
        null: nullable("null", value),
        both: present("both", value),
        names: optional("names", list),
        note: present("note"),
        by_day: optional("by_day", value),
        free: optional("free", value),
    });

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
                r#"{"always":1.0,"maybe":null,"null":1,"both":"3e0","names":["a","b"],"note":"x"}"#,
                r#"{"always":1,"null":1,"both":3,"names":["a","b"],"note":"x"}"#,
            ),
            (
                r#"{"always":1,"null":1,"by_day":{"mon":[1,"2",3.0]},"free":{"a": 1.10}}"#,
                r#"{"always":1,"null":1,"by_day":{"mon":[1,2,3]},"free":{"a":1.10}}"#,
            ),
        ] {
            assert_eq!(canonical(wire).ok().as_deref(), Some(expected));
            // From other sources than a text, from which nothing can be borrowed.
            let read = serde_json::from_reader::<_, Lenient>(wire.as_bytes()).ok();
            assert_eq!(read, serde_json::from_str(wire).ok());
            // Other deserializers round numbers of free-form JSON.
            if !wire.contains("1.10") {
                let value = serde_json::from_str::<Value>(wire).expect("JSON");
                assert_eq!(serde_json::from_value(value.clone()).ok(), read);
                assert_eq!(serde_json::from_value(value).map(|Flat { inner }| inner).ok(), read);
            }
        }
    }

    struct Flat {
        inner: Lenient,
    }

    macros::object!(Flat {}, Flattened { inner: flatten() });

    #[derive(Debug, PartialEq)]
    struct Several {
        name: String,
        alias: Option<i64>,
        list: Vec<i64>,
    }

    macros::object!(Several {
        name: required("name" | "title" | "text"),
        alias: optional("alias" | "other", value),
        list: or_empty("list" | "items", value),
    });

    #[test]
    fn of_several_keys_the_first_with_a_value_counts_and_of_equal_keys_the_last() {
        let several = |name: &str, alias, list: &[i64]| Several {
            name: name.to_owned(),
            alias,
            list: list.to_vec(),
        };
        for (wire, expected) in [
            (r#"{"name":"a"}"#, Some(several("a", None, &[]))),
            (r#"{"text":"c","title":"b"}"#, Some(several("b", None, &[]))),
            (r#"{"title":"b","text":"c"}"#, Some(several("b", None, &[]))),
            (
                r#"{"text":"c","name":null,"alias":null,"other":1}"#,
                Some(several("c", Some(1), &[])),
            ),
            (
                r#"{"other":2,"alias":1,"name":"a","name":"b"}"#,
                Some(several("b", Some(1), &[])),
            ),
            (
                r#"{"name":"a","list":null,"items":[1,"2"],"x":[{"name":1}]}"#,
                Some(several("a", None, &[1, 2])),
            ),
            (
                r#"{"n\u0061me":"a","list":[],"items":[1]}"#,
                Some(several("a", None, &[])),
            ),
            (r#"{"name":null,"title":null}"#, None),
            (r#"{"name":"a","title":1}"#, None),
        ] {
            assert_eq!(serde_json::from_str(wire).ok(), expected, "{wire}");
        }
        for (wire, message) in [
            ("{}", "missing field `name`"),
            (r#"{"name":null}"#, "`name` is null"),
            (r#"["a",1,[]]"#, "invalid type: sequence, expected an object"),
        ] {
            let error = serde_json::from_str::<Several>(wire).expect_err(wire).to_string();
            assert!(error.starts_with(message), "{error}");
        }
    }

    #[test]
    fn other_forms_are_rejected() {
        for wire in [
            r#"{"always":null,"null":1}"#,
            r#"{"always":true,"null":1}"#,
            r#"{"always":[],"null":1}"#,
            r#"{"null":1}"#,
            r#"{"always":1,"null":1,"names":[1]}"#,
            r#"{"always":1,"null":1,"names":1}"#,
            r#"{"always":1,"null":1,"free":[]}"#,
            r#"{"always":1,"null":1,"free":"{}"}"#,
        ] {
            assert!(canonical(wire).is_err(), "{wire}");
        }
    }
    // @end

    #[test]
    fn integers_are_read_exactly() {
        for (number, expected) in [
            ("0", Some(0)),
            ("-0", Some(0)),
            ("9.0", Some(9)),
            ("-9.000", Some(-9)),
            ("1.7E12", Some(1_700_000_000_000)),
            ("1718323200288.0", Some(1_718_323_200_288)),
            ("1.718323200288e+12", Some(1_718_323_200_288)),
            ("17183232002880e-1", Some(1_718_323_200_288)),
            ("0.05e2", Some(5)),
            ("0.000e7", Some(0)),
            ("0E+50", Some(0)),
            ("-0.0e-60", Some(0)),
            ("9007199254740993.0", Some(9_007_199_254_740_993)),
            ("9223372036854775807", Some(i64::MAX)),
            ("-9.223372036854775808e18", Some(i64::MIN)),
            ("9223372036854775808", None),
            ("1.8e19", None),
            ("0.5", None),
            ("5e-1", None),
            ("0.99999999999999999999", None),
            ("1e400", None),
            ("1e-400", None),
            ("1e99999999999999999999", None),
        ] {
            let value = |text: &str| serde_json::from_str(text).map(|As::<i64>(value)| value).ok();
            assert_eq!(value(number), expected, "{number}");
            assert_eq!(value(&format!("\"{number}\"")), expected, "a string with {number}");
        }
        for string in [
            "", " ", "x", "1.", ".5", ".5e1", "-.5e1", "1e", "0ex", "e1", "--1", "0x1", "1 2", "NaN",
        ] {
            let value = serde_json::from_value::<As<i64>>(string.into());
            assert!(value.is_err(), "{string:?}");
        }
        for (string, expected) in [(" 7 ", 7), ("+7", 7), ("007", 7)] {
            let value = serde_json::from_value(string.into()).map(|As::<i64>(value)| value);
            assert_eq!(value.ok(), Some(expected), "{string:?}");
        }
    }

    #[test]
    fn other_numbers_are_rounded_correctly() {
        for (number, expected) in [
            ("0.1", Some(0.1)),
            ("8.066e-5", Some(8.066e-5)),
            ("-122.02340175925495", Some(-122.023_401_759_254_95)),
            ("5", Some(5.0)),
            ("1e999", None),
            ("\"0.1\"", Some(0.1)),
            ("\" -1e2 \"", Some(-100.0)),
            ("\"\"", None),
            ("\"NaN\"", None),
            ("null", None),
        ] {
            let value = serde_json::from_str(number)
                .map(|As::<f64>(value)| value.to_bits())
                .ok();
            assert_eq!(value, expected.map(f64::to_bits), "{number}");
        }
    }

    // @if id
    #[test]
    fn an_id_may_be_a_number() {
        let id = |wire: &str| text(&mut serde_json::Deserializer::from_str(wire)).and_then(|text| text.id());
        for (wire, expected) in [
            (r#""a\u0062""#, Some("ab")),
            ("251740836921345", Some("251740836921345")),
            ("12345678901234567890123", Some("12345678901234567890123")),
            ("-7", Some("-7")),
            ("1.2345E4", Some("12345")),
            (r#""1.0""#, Some("1.0")),
            ("1.5", None),
            ("true", None),
            ("null", None),
            (r#"["a"]"#, None),
        ] {
            assert_eq!(id(wire).ok().as_deref(), expected, "{wire}");
        }
    }
    // @end

    // @if bool_text
    #[test]
    fn a_boolean_may_be_a_string() {
        let result = |wire: &str| serde_json::from_str(wire).map(is("ok")).ok();
        for (wire, expected) in [
            ("true", Some(true)),
            ("false", Some(false)),
            (r#""ok""#, Some(true)),
            (r#""OK""#, Some(false)),
            (r#"" ""#, Some(false)),
            ("null", None),
            ("1", None),
        ] {
            assert_eq!(result(wire), expected, "{wire}");
        }
    }
    // @end

    // @if one_or_many
    #[test]
    fn a_list_may_be_a_single_element() {
        for (wire, count) in [
            ("[]", 0),
            ("[1,2]", 2),
            ("{\"a\":1}", 1),
            ("\"a\"", 1),
            ("1.5", 1),
            ("-1", 1),
            ("true", 1),
        ] {
            let list = serde_json::from_str(wire).map(|OneOrMany::<Vec<Value>>(list)| list.len());
            assert_eq!(list.ok(), Some(count), "{wire}");
        }
        assert!(serde_json::from_str::<OneOrMany<Vec<Value>>>("null").is_err());
        let numbers = serde_json::from_str("\"7\"").map(|OneOrMany(As::<Vec<i64>>(list))| list);
        assert_eq!(numbers.ok(), Some(vec![7]));
        for (wire, path) in [
            (r#"{"a":true}"#, "[0].a"),
            (r#"[{"a":1},{"a":true}]"#, "[1].a"),
            ("7", "[0]"),
        ] {
            let error = json::locate::<OneOrMany<Vec<BTreeMap<String, As<i64>>>>>(wire).err();
            assert_eq!(error.map(|(path, _)| path).as_deref(), Some(path), "{wire}");
        }
    }
    // @end

    // @if one_key tagged_value
    /// A union that contains itself, so that decoding recurses with a new text at each level.
    #[derive(Debug)]
    enum Wish {
        Then(Vec<Wish>),
        Other(Json),
    }

    impl<'de> Deserialize<'de> for Wish {
        fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
            let text = text(deserializer)?;
            match text.key(&["then"])? {
                "then" => text.value("then").map(Self::Then),
                _ => Ok(Self::Other(text.to_json())),
            }
        }
    }

    #[test]
    fn nesting_is_limited() {
        let nested = |depth| format!("{}{}", "[".repeat(depth), "]".repeat(depth));
        let depths = [json::MAX_DEPTH, json::MAX_DEPTH + 1, 100_000];
        assert_eq!(
            depths.map(|depth| serde_json::from_str::<Json>(&nested(depth)).is_ok()),
            [true, false, false]
        );
        let wishes = |depth, last| format!("{}{last}{}", r#"{"then":["#.repeat(depth), "]}".repeat(depth));
        let other = serde_json::from_str(&wishes(60, r#"{"x":1}"#));
        assert!(matches!(other, Ok(Wish::Then(list)) if list.len() == 1));
        for depth in [64, 100_000] {
            assert!(serde_json::from_str::<Wish>(&wishes(depth, "{}")).is_err(), "{depth}");
        }
        // The time to find the path of an error does not double with each level.
        let path = json::locate::<Wish>(&wishes(60, "7")).err().map(|(path, _)| path);
        assert_eq!(path, Some(["then[0]"; 60].join(".")));
        let other = serde_json::from_str(r#"{"x":1,"then":null}"#)
            .map(|_: Wish| ())
            .is_err();
        assert!(other && matches!(serde_json::from_str(r#"{"x":1}"#), Ok(Wish::Other(json)) if json.is_object()));
    }
    // @end
}
