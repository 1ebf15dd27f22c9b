//! Finds and decodes values in JSON documents.
//!
//! Of a key that occurs twice in an object, the last value counts, as in most other languages. If the first cannot be decoded,
//! the document is rewritten without it and decoded again.
//!
//! Nesting is limited to [`MAX_DEPTH`]: by serde_json where it recurses, and by [`is_too_deep`] for text that is kept to be
//! decoded later, since serde_json counts the levels of each text from zero.

use std::borrow::Cow;
use std::cell::RefCell;
use std::collections::BTreeMap;
use std::fmt;
use std::marker::PhantomData;

use serde::Deserialize;
use serde::de::{DeserializeOwned, DeserializeSeed, Deserializer, Error, IgnoredAny, MapAccess, SeqAccess, Visitor};
use serde_json::value::{RawValue, to_raw_value};
use serde_path_to_error::Track;

/// The maximum number of arrays and objects inside one another: that of serde_json.
pub(crate) const MAX_DEPTH: usize = 127;

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

/// Appends an inner path to a path. Either can be `.`, the path of the whole value.
pub(crate) fn join(path: String, inner: &str) -> String {
    match (&*path, inner) {
        (_, "" | ".") if path != "." => path,
        ("" | ".", _) => inner.trim_start_matches('.').to_owned(),
        _ if inner.starts_with('[') => path + inner,
        _ => path + "." + inner,
    }
}

/// Returns the value at a path; `None` if there is none.
///
/// The rest of the document is checked for valid JSON, but not kept.
pub(crate) fn read<'a, T: Deserialize<'a>>(document: &'a [u8], path: &[Step]) -> Result<Option<T>, serde_json::Error> {
    let mut deserializer = serde_json::Deserializer::from_slice(document);
    let mut found = None;
    Walk(path, &mut found).deserialize(&mut deserializer)?;
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

/// Decodes a document. An error is returned with its JSON path.
pub(crate) fn decode<T: DeserializeOwned>(document: &[u8]) -> Result<T, (String, serde_json::Error)> {
    serde_json::from_slice(document).or_else(|error| match canonical(document).map(|text| locate(&text)) {
        Some(Ok(value)) => Ok(value),
        Some(Err((path, _))) => Err((path, error)),
        None => Err((String::new(), error)),
    })
}

/// Decodes a value from its text. An error is returned with its JSON path, which takes time to find.
pub(crate) fn locate<T: DeserializeOwned>(text: &str) -> Result<T, (String, String)> {
    let outer = INNER_PATH.replace(Some(String::new()));
    let decoded = tracked(text, PhantomData);
    let path = INNER_PATH.replace(outer).unwrap_or_default();
    decoded.map_err(|error| (path, error.to_string()))
}

// @if json_part
/// Decodes a value from the text of a part of a document, where it has a key unless that is empty.
pub(crate) fn part<T: DeserializeOwned, E: Error>(text: &str, key: &str) -> Result<T, E> {
    part_of(text, key, PhantomData)
}

/// Like [`part`], with a seed.
pub(crate) fn part_of<'t, S: DeserializeSeed<'t>, E: Error>(text: &'t str, key: &str, seed: S) -> Result<S::Value, E> {
    let decoded = if INNER_PATH.with_borrow(Option::is_some) {
        INNER_PATH.set(Some(String::new()));
        tracked(text, seed)
    } else {
        let mut document = serde_json::Deserializer::from_str(text);
        seed.deserialize(&mut document)
    };
    decoded.map_err(|error| {
        put_before(key);
        // Its position is that in the part.
        let position = format!(" at line {} column {}", error.line(), error.column());
        let reason = error.to_string();
        E::custom(reason.strip_suffix(&position).unwrap_or(&reason))
    })
}
// @end

thread_local! {
    /// While the path of an error is searched: the path within the part of the document that was decoded last. The deserializer
    /// of the document cannot see into it.
    static INNER_PATH: RefCell<Option<String>> = const { RefCell::new(None) };
}

fn put_before(outer: &str) {
    INNER_PATH.with_borrow_mut(|path| {
        if let Some(inner) = path {
            *inner = join(outer.to_owned(), inner);
        }
    });
}

fn tracked<'t, S: DeserializeSeed<'t>>(text: &'t str, seed: S) -> Result<S::Value, serde_json::Error> {
    let mut track = Track::new();
    let mut document = serde_json::Deserializer::from_str(text);
    let decoded = seed.deserialize(serde_path_to_error::Deserializer::new(&mut document, &mut track));
    decoded.inspect_err(|_| put_before(&track.path().to_string()))
}

/// Returns `true` if a valid document nests deeper than [`MAX_DEPTH`].
pub(crate) fn is_too_deep(text: &str) -> bool {
    if text.bytes().filter(|byte| matches!(byte, b'[' | b'{')).count() <= MAX_DEPTH {
        return false;
    }
    let (mut depth, mut in_string, mut is_escaped) = (0_usize, false, false);
    text.bytes().any(|byte| {
        match byte {
            _ if is_escaped => is_escaped = false,
            b'\\' => is_escaped = true,
            b'"' => in_string = !in_string,
            _ if in_string => {}
            b'[' | b'{' => depth += 1,
            b']' | b'}' => depth = depth.saturating_sub(1),
            _ => {}
        }
        depth > MAX_DEPTH
    })
}

/// Returns the entries of an object in valid JSON text in their order, or the error that it is none.
pub(crate) fn entries(object: &str) -> Result<Vec<(Cow<'_, str>, &RawValue)>, serde_json::Error> {
    serde_json::Deserializer::from_str(object).deserialize_map(EntriesVisitor)
}

/// Returns a document without duplicate keys, with sorted keys and without white space; `None` if it is not valid JSON.
pub(crate) fn canonical(document: &[u8]) -> Option<String> {
    let document: &RawValue = serde_json::from_slice(document).ok()?;
    let copied = (!is_too_deep(document.get())).then(|| copy(document))?.ok()?;
    Some(copied.get().to_owned())
}

fn copy(value: &RawValue) -> Result<Box<RawValue>, serde_json::Error> {
    let text = value.get();
    match text.as_bytes() {
        [b'{', ..] => {
            let entries: BTreeMap<String, &RawValue> = serde_json::from_str(text)?;
            let entries = entries.into_iter().map(|(key, value)| Ok((key, copy(value)?)));
            to_raw_value(&entries.collect::<Result<BTreeMap<_, _>, serde_json::Error>>()?)
        }
        [b'[', ..] => {
            let items: Vec<&RawValue> = serde_json::from_str(text)?;
            to_raw_value(&items.into_iter().map(copy).collect::<Result<Vec<_>, _>>()?)
        }
        [b'"', ..] => to_raw_value(&serde_json::from_str::<Key<'_>>(text)?.0),
        _ => Ok(value.to_owned()),
    }
}

/// A string, borrowed if it contains no escapes.
#[derive(Deserialize)]
#[serde(transparent)]
pub(crate) struct Key<'k>(#[serde(borrow)] pub(crate) Cow<'k, str>);

struct EntriesVisitor;

impl<'de> Visitor<'de> for EntriesVisitor {
    type Value = Vec<(Cow<'de, str>, &'de RawValue)>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an object")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Self::Value, A::Error> {
        let mut entries = Vec::new();
        while let Some((Key(key), value)) = map.next_entry()? {
            entries.push((key, value));
        }
        Ok(entries)
    }
}

/// Deserializes the value at a path into a place, so that it is not moved at each level.
struct Walk<'p, T>(&'p [Step], &'p mut Option<T>);

impl<'de, T: Deserialize<'de>> DeserializeSeed<'de> for Walk<'_, T> {
    type Value = ();

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<(), D::Error> {
        if !self.0.is_empty() {
            return deserializer.deserialize_option(self);
        }
        *self.1 = Some(T::deserialize(deserializer)?);
        Ok(())
    }
}

impl<'de, T: Deserialize<'de>> Visitor<'de> for Walk<'_, T> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self.0 {
            [Step::Index(_), ..] => "an array",
            _ => "an object",
        })
    }

    fn visit_none<E: Error>(self) -> Result<(), E> {
        Ok(())
    }

    fn visit_some<D: Deserializer<'de>>(self, deserializer: D) -> Result<(), D::Error> {
        match self.0 {
            [Step::Index(_), ..] => deserializer.deserialize_seq(self),
            _ => deserializer.deserialize_map(self),
        }
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut list: A) -> Result<(), A::Error> {
        let [Step::Index(wanted), rest @ ..] = self.0 else {
            return Ok(());
        };
        for _ in 0..*wanted {
            list.next_element::<IgnoredAny>()?;
        }
        list.next_element_seed(Walk(rest, self.1))?;
        while list.next_element::<IgnoredAny>()?.is_some() {}
        Ok(())
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<(), A::Error> {
        let [Step::Key(wanted), rest @ ..] = self.0 else {
            return Ok(());
        };
        while let Some(Key(key)) = map.next_key()? {
            if key == *wanted {
                *self.1 = None;
                map.next_value_seed(Walk(rest, self.1))?;
            } else {
                map.next_value::<IgnoredAny>()?;
            }
        }
        Ok(())
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

    #[derive(Debug, PartialEq, Deserialize)]
    struct Named {
        name: String,
    }

    #[test]
    fn the_last_of_several_equal_keys_counts() {
        for (document, expected) in [
            (r#"{"a":1,"a":2}"#, Some(r#"{"a":2}"#)),
            (r#"{"a":1,"b":2,"\u0061":1.10}"#, Some(r#"{"a":1.10,"b":2}"#)),
            (
                r#"[[{"x":{"y":1,"y":[]},"x":{"y":"\"","y":null}}]]"#,
                Some(r#"[[{"x":{"y":null}}]]"#),
            ),
            (r#" {"a" : {"k\n": 1, "k\n": "\u0062"}} "#, Some(r#"{"a":{"k\n":"b"}}"#)),
            ("{", None),
        ] {
            assert_eq!(canonical(document.as_bytes()).as_deref(), expected, "{document}");
        }
        assert_eq!(canonical("[".repeat(100_000).as_bytes()), None);
        let decoded = decode::<Vec<Named>>(br#"[{"name":1,"name":"a","name":"b"}]"#).ok();
        assert_eq!(decoded, Some(vec![Named { name: "b".to_owned() }]));
        let error = decode::<Vec<Named>>(br#"[{"name":"a","name":1}]"#).err();
        assert_eq!(error.map(|(path, _)| path).as_deref(), Some("[0].name"));
    }

    // @if json_part
    #[test]
    fn an_error_in_a_part_has_its_whole_path() {
        /// An object that is decoded from its text.
        struct Nested(#[expect(dead_code, reason = "only errors are tested")] BTreeMap<String, Option<Vec<Nested>>>);

        impl<'de> Deserialize<'de> for Nested {
            fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                let text = <&RawValue>::deserialize(deserializer)?;
                part(text.get(), "").map(Self)
            }
        }

        for (text, path) in [
            (r#"{"a":[{},{"b":[{"c":7}]}]}"#, "a[1].b[0].c"),
            (r#"{"a":[{"b":null}],"c":[1]}"#, "c[0]"),
            ("[]", ""),
            (r#"{"a":{}}"#, "a"),
        ] {
            assert_eq!(
                locate::<Nested>(text).err().map(|(path, _)| path).as_deref(),
                Some(path),
                "{text}"
            );
        }
        let reason = serde_json::from_str::<Vec<Nested>>(r#"[{"a":[{"b":[7]}]}]"#).err();
        let reason = reason.map(|error| error.to_string()).unwrap_or_default();
        assert!(
            reason.starts_with("invalid type: integer `7`, expected a map at line 1 "),
            "{reason}"
        );
    }
    // @end

    #[test]
    fn nesting_is_counted_outside_of_strings() {
        let nested = |depth| format!("{}{}", "[".repeat(depth), "]".repeat(depth));
        assert!(!is_too_deep(&nested(MAX_DEPTH)));
        assert!(is_too_deep(&nested(MAX_DEPTH + 1)));
        assert!(serde_json::from_str::<serde_json::Value>(&nested(MAX_DEPTH)).is_ok());
        assert!(serde_json::from_str::<serde_json::Value>(&nested(MAX_DEPTH + 1)).is_err());
        assert!(!is_too_deep(&format!(r#""\"{}\\""#, "[".repeat(200))));
        assert!(!is_too_deep(&"[],".repeat(200)));
    }
}
