//! From YAML nodes to the raw model, without stopping at the first mistake.
//!
//! A type of the raw model is declared once, with `mapping!`: the declaration gives the struct, the reader that
//! diagnoses unknown and missing keys, and the JSON Schema that editors complete from.

use std::{
    collections::{BTreeMap, BTreeSet},
    ops::Range,
};

use serde_json::{Value as Json, json};

use super::node::{Node, Value};
use crate::{
    diagnostic::{Code, Diagnostic, MAX_SHOWN, closest, shorten},
    source::{SourceSet, Span, is_forbidden},
};

/// A value and its place.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Spanned<T> {
    /// The value.
    pub value: T,
    /// Where it stands.
    pub span: Span,
}

/// A string and its place.
pub type Str = Spanned<String>;

/// A mapping with free keys, in the order of the file.
pub type Keyed<T, K = Str> = Vec<(K, T)>;

/// A JSON Schema under construction: the definitions that it refers to, by name.
pub type Definitions = BTreeMap<&'static str, Json>;

/// What reading needs besides the node: the sources, and a place for mistakes.
pub struct Decoder<'a> {
    /// The sources, to find places within a scalar.
    pub sources: &'a SourceSet,
    /// The mistakes so far.
    pub diagnostics: &'a mut Vec<Diagnostic>,
    /// Keys of which a value was left out, since it is of the wrong kind: what is declared there is not known. The empty key
    /// stands for a whole file.
    pub unread: BTreeSet<&'static str>,
    /// The key whose value is being read: where a missing key is reported.
    owner: Option<Span>,
    /// The innermost known key around what is being read.
    within: &'static str,
}

/// A part of the raw model.
pub trait Decode: Sized {
    /// Reads a node; reports every mistake in it. `None` where nothing could be made of it.
    fn decode(node: Node, decoder: &mut Decoder<'_>) -> Option<Self>;

    /// The JSON Schema of what [`Decode::decode`] takes.
    fn schema(definitions: &mut Definitions) -> Json;
}

/// A part of the raw model that is written as a text: a key, or a value in one line.
pub trait FromText: Sized {
    /// Reads a text; reports every mistake in it. `None` where nothing could be made of it.
    fn from_text(text: Str, decoder: &mut Decoder<'_>) -> Option<Self>;
}

/// Implements [`Decode`] by [`FromText`].
macro_rules! scalar {
    ($name:ty) => {
        impl $crate::syntax::decode::Decode for $name {
            fn decode(
                node: $crate::syntax::node::Node,
                decoder: &mut $crate::syntax::decode::Decoder<'_>,
            ) -> Option<Self> {
                let text = <$crate::syntax::decode::Str as $crate::syntax::decode::Decode>::decode(node, decoder)?;
                $crate::syntax::decode::FromText::from_text(text, decoder)
            }

            fn schema(definitions: &mut $crate::syntax::decode::Definitions) -> serde_json::Value {
                <$crate::syntax::decode::Str as $crate::syntax::decode::Decode>::schema(definitions)
            }
        }
    };
}
pub(crate) use scalar;

impl<'a> Decoder<'a> {
    /// A decoder that adds mistakes to `diagnostics`.
    pub fn new(sources: &'a SourceSet, diagnostics: &'a mut Vec<Diagnostic>) -> Self {
        Self {
            sources,
            diagnostics,
            unread: BTreeSet::new(),
            owner: None,
            within: "",
        }
    }

    /// Reports a mistake.
    pub fn report(&mut self, diagnostic: Diagnostic) {
        self.diagnostics.push(diagnostic);
    }

    /// Reads the value of a key of the notation.
    pub fn value_of<T: Decode>(&mut self, key: &'static str, node: Node) -> Option<T> {
        let around = std::mem::replace(&mut self.within, key);
        let value = T::decode(node, self);
        self.within = around;
        value
    }

    /// A part of a text, and where it stands.
    #[must_use]
    pub fn part(&self, whole: &Str, part: Range<usize>) -> Str {
        Spanned {
            value: whole.value[part.clone()].to_owned(),
            span: within(self.sources, whole, part),
        }
    }

    /// Splits `VALUE -- meaning`. The meaning stands where all of it stands, since it may be missing.
    #[must_use]
    pub fn value_and_doc(&self, line: &Str) -> (Str, Str) {
        let (value, doc) = line.value.split_once("--").unwrap_or((&line.value, ""));
        let start = value.len() - value.trim_start().len();
        let doc = Spanned {
            value: doc.trim().to_owned(),
            span: line.span,
        };
        (self.part(line, start..start + value.trim().len()), doc)
    }

    /// The entries of a mapping, or a report that it is none.
    pub fn entries(&mut self, node: Node, expected: &str) -> Option<(Span, Vec<super::node::Entry>)> {
        let owner = self.owner.take();
        match node.value {
            Value::Mapping(entries) => Some((owner.unwrap_or(node.span), entries)),
            value => {
                self.wrong_kind(&Node { span: node.span, value }, expected);
                None
            }
        }
    }

    /// Reports that a node is something else than expected.
    pub fn wrong_kind(&mut self, node: &Node, expected: &str) {
        self.unread.insert(self.within);
        if node.is_refused() {
            return;
        }
        let message = format!("expected {expected}, found {}", node.kind());
        self.report(Diagnostic::new(Code::WrongKind, node.span, message));
    }

    /// Reports a key that is not one of `known`.
    pub fn unknown_key(&mut self, key: &str, span: Span, known: &[&str]) {
        let message = format!("unknown key `{}`", shorten(key));
        let diagnostic = Diagnostic::new(Code::UnknownKey, span, message);
        // Comparing names takes its time, and no more mistakes are shown.
        let compare = self.diagnostics.len() <= MAX_SHOWN;
        self.report(if compare {
            diagnostic.suggest(key, known.iter().copied())
        } else {
            diagnostic
        });
    }

    /// Reports a text with a control character, which would end up in every output. Whether it is free of them.
    pub fn is_clean(&mut self, text: &str, span: Span) -> bool {
        let clean = !text.contains(|c| is_forbidden(c) || c == '\r');
        if !clean {
            self.report(
                Diagnostic::new(Code::ControlCharacter, span, "a control character in a text").help("leave it out"),
            );
        }
        clean
    }

    /// Reports a required key that is missing, unless one of the keys that are `unknown` is most likely meant to be it.
    pub fn missing_key(&mut self, key: &str, what: &str, span: Span, unknown: &[String], known: &[&str]) {
        if unknown
            .iter()
            .take(MAX_SHOWN)
            .any(|unknown| closest(unknown, known) == Some(key))
        {
            return;
        }
        let message = format!("{what} needs the key `{key}`");
        self.report(Diagnostic::new(Code::MissingKey, span, message).label(format!("`{key}` is missing here")));
    }
}

/// Declares a mapping of the notation: a struct whose every field is an `Option`, since a mistake in one key must not hide
/// the mistakes in the others. A required key that is missing is reported while reading.
macro_rules! mapping {
    (
        $(#[doc = $about:literal])+
        $name:ident, $what:literal {
            $($(#[doc = $doc:literal])+ $need:ident $key:literal => $field:ident: $ty:ty,)+
        }
    ) => {
        $(#[doc = $about])+
        #[derive(Debug, Clone)]
        pub struct $name {
            /// Where it stands: its key where it has one.
            pub span: $crate::source::Span,
            /// All of it.
            pub extent: $crate::source::Span,
            $($(#[doc = $doc])+ pub $field: Option<$ty>,)+
        }

        impl $name {
            const KEYS: &'static [&'static str] = &[$($key),+];
        }

        impl $crate::syntax::decode::Decode for $name {
            fn decode(
                node: $crate::syntax::node::Node,
                decoder: &mut $crate::syntax::decode::Decoder<'_>,
            ) -> Option<Self> {
                let extent = node.span;
                let (span, entries) = decoder.entries(node, concat!("the keys of ", $what))?;
                let mut out = Self { span, extent, $($field: None),+ };
                let (mut seen, mut unknown) = (Vec::new(), Vec::new());
                for entry in entries {
                    match entry.key.as_str() {
                        $($key => {
                            seen.push($key);
                            out.$field = decoder.value_of($key, entry.value);
                        })+
                        _ => {
                            decoder.unknown_key(&entry.key, entry.key_span, Self::KEYS);
                            unknown.push(entry.key);
                        }
                    }
                }
                $($crate::syntax::decode::mapping!(@$need seen, unknown, $key, $what, span, decoder);)+
                Some(out)
            }

            fn schema(
                definitions: &mut $crate::syntax::decode::Definitions,
            ) -> serde_json::Value {
                let name = stringify!($name);
                if !definitions.contains_key(name) {
                    definitions.insert(name, serde_json::Value::Null);
                    let mut properties = serde_json::Map::new();
                    let mut required: Vec<&str> = Vec::new();
                    $(
                        let schema = <$ty as $crate::syntax::decode::Decode>::schema(definitions);
                        properties.insert($key.to_owned(), $crate::syntax::decode::described(schema, concat!($($doc),+)));
                        if stringify!($need) == "required" { required.push($key); }
                    )+
                    definitions.insert(name, serde_json::json!({
                        "description": concat!($($about),+).trim(),
                        "type": "object",
                        "properties": properties,
                        "required": required,
                        "additionalProperties": false,
                    }));
                }
                serde_json::json!({ "$ref": format!("#/$defs/{name}") })
            }
        }
    };
    (@required $seen:ident, $unknown:ident, $key:literal, $what:literal, $span:ident, $decoder:ident) => {
        if !$seen.contains(&$key) {
            $decoder.missing_key($key, $what, $span, &$unknown, Self::KEYS);
        }
    };
    (@optional $($rest:tt)*) => {};
}
pub(crate) use mapping;

/// A schema with a description of what it is for.
#[must_use]
pub fn described(mut schema: Json, doc: &str) -> Json {
    if let Json::Object(object) = &mut schema {
        object.insert("description".to_owned(), doc.trim().into());
    }
    schema
}

impl Decode for Str {
    fn decode(node: Node, decoder: &mut Decoder<'_>) -> Option<Self> {
        match node.value {
            Value::Scalar(scalar) if !scalar.is_null() => {
                decoder.is_clean(&scalar.text, node.span);
                Some(Self {
                    value: scalar.text,
                    span: node.span,
                })
            }
            value => {
                decoder.wrong_kind(&Node { span: node.span, value }, "a text");
                None
            }
        }
    }

    fn schema(_: &mut Definitions) -> Json {
        json!({ "type": "string" })
    }
}

impl FromText for Str {
    fn from_text(text: Str, _: &mut Decoder<'_>) -> Option<Self> {
        Some(text)
    }
}

/// A key that is kept where it could not be read, so that lowering knows that something is missing.
impl<T: FromText> FromText for Option<T> {
    fn from_text(text: Str, decoder: &mut Decoder<'_>) -> Option<Self> {
        Some(T::from_text(text, decoder))
    }
}

impl Decode for Spanned<bool> {
    fn decode(node: Node, decoder: &mut Decoder<'_>) -> Option<Self> {
        let span = node.span;
        match scalar_json(&node) {
            Some(Json::Bool(value)) => Some(Self { value, span }),
            _ if node.is_refused() => None,
            _ => {
                decoder.report(Diagnostic::new(Code::BadValue, span, "expected `true` or `false`"));
                None
            }
        }
    }

    fn schema(_: &mut Definitions) -> Json {
        json!({ "type": "boolean" })
    }
}

impl Decode for Spanned<i64> {
    fn decode(node: Node, decoder: &mut Decoder<'_>) -> Option<Self> {
        let span = node.span;
        match scalar_json(&node).and_then(|json| json.as_i64()) {
            Some(value) => Some(Self { value, span }),
            None if node.is_refused() => None,
            None => {
                decoder.report(Diagnostic::new(Code::BadValue, span, "expected an integer"));
                None
            }
        }
    }

    fn schema(_: &mut Definitions) -> Json {
        json!({ "type": "integer" })
    }
}

fn scalar_json(node: &Node) -> Option<Json> {
    match &node.value {
        Value::Scalar(scalar) => Some(scalar.to_json()),
        _ => None,
    }
}

/// Free-form YAML, such as the body of an example.
impl Decode for Node {
    fn decode(node: Node, _: &mut Decoder<'_>) -> Option<Self> {
        Some(node)
    }

    fn schema(_: &mut Definitions) -> Json {
        json!({})
    }
}

impl<T: Decode> Decode for Vec<T> {
    fn decode(node: Node, decoder: &mut Decoder<'_>) -> Option<Self> {
        match node.value {
            Value::Sequence(items) => Some(items.into_iter().filter_map(|item| T::decode(item, decoder)).collect()),
            value => {
                decoder.wrong_kind(&Node { span: node.span, value }, "a list");
                None
            }
        }
    }

    fn schema(definitions: &mut Definitions) -> Json {
        json!({ "type": "array", "items": T::schema(definitions) })
    }
}

impl<K: FromText, T: Decode> Decode for Keyed<T, K> {
    fn decode(node: Node, decoder: &mut Decoder<'_>) -> Option<Self> {
        let (_, entries) = decoder.entries(node, "a mapping")?;
        let mut out = Self::new();
        for entry in entries {
            decoder.is_clean(&entry.key, entry.key_span);
            decoder.owner = Some(entry.key_span);
            let key = Spanned {
                value: entry.key,
                span: entry.key_span,
            };
            let value = T::decode(entry.value, decoder);
            decoder.owner = None;
            out.extend(K::from_text(key, decoder).zip(value));
        }
        Some(out)
    }

    fn schema(definitions: &mut Definitions) -> Json {
        json!({ "type": "object", "additionalProperties": T::schema(definitions) })
    }
}

/// The place of a part of a scalar: found by walking the file's text and the folded text side by side, where line breaks
/// and indentation stand for one blank. The whole scalar where that fails, as for a text with escapes.
fn within(sources: &SourceSet, whole: &Str, part: Range<usize>) -> Span {
    let Spanned { value: text, span } = whole;
    let span = *span;
    let file = &sources.file(span.file).text;
    let raw = file.get(span.start..).unwrap_or_default();
    let first_word = text.split_whitespace().next().unwrap_or_default();
    // What stands before the text is a quote, or the head of a block; looking further would be for nothing.
    let near = &raw.as_bytes()[..raw.len().min(first_word.len() + 256)];
    let lead = near
        .windows(first_word.len().max(1))
        .position(|part| part == first_word.as_bytes());
    let Some(lead) = lead else { return span };
    let walk = |target: usize| -> Option<usize> {
        let (mut at, mut seen) = (lead, text.len() - text.trim_start().len());
        for c in text.trim_start().chars() {
            if seen >= target {
                break;
            }
            if c.is_whitespace() {
                at += raw[at..].len() - raw[at..].trim_start().len();
            } else if raw[at..].starts_with(c) {
                at += c.len_utf8();
            } else {
                return None;
            }
            seen += c.len_utf8();
        }
        Some(span.start + at)
    };
    match (walk(part.start), walk(part.end)) {
        (Some(start), Some(end)) => Span { start, end, ..span },
        _ => span,
    }
}
