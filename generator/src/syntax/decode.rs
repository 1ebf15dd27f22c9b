//! Decodes YAML nodes into the raw model without stopping at the first error.
//!
//! A type of the raw model is declared once, with `mapping!`. The macro generates the struct, a decoder that reports unknown and
//! missing keys, and the JSON Schema used by editors for completion.

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

/// A value with its position in the spec.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Spanned<T> {
    /// The value.
    pub value: T,
    /// Position in the spec.
    pub span: Span,
}

/// A string with its position in the spec.
pub type Str = Spanned<String>;

/// A map with arbitrary keys, in the order of the file.
pub type Keyed<T, K = Str> = Vec<(K, T)>;

/// The definitions referenced by a JSON Schema under construction, by name.
pub type Definitions = BTreeMap<&'static str, Json>;

/// The context of decoding: the sources, and the diagnostics reported so far.
pub struct Decoder<'a> {
    /// The sources, used to find positions inside a scalar.
    pub sources: &'a SourceSet,
    /// The diagnostics reported so far.
    pub diagnostics: &'a mut Vec<Diagnostic>,
    /// Keys with a value that was discarded because it is of the wrong kind, so that declarations in it are unknown. The empty
    /// key stands for a whole file.
    pub unread: BTreeSet<&'static str>,
    /// The position of the key whose value is being decoded. Missing keys are reported there.
    owner: Option<Span>,
    /// The innermost known key that encloses the current value.
    within: &'static str,
}

/// A part of the raw model that is decoded from a YAML node.
pub trait Decode: Sized {
    /// Decodes a node and reports all errors in it. Returns `None` if the node cannot be used at all.
    fn decode(node: Node, decoder: &mut Decoder<'_>) -> Option<Self>;

    /// Returns the JSON Schema of the nodes accepted by [`Decode::decode`].
    fn schema(definitions: &mut Definitions) -> Json;
}

/// A part of the raw model that is parsed from a string: a key, or a value in one line.
pub trait FromText: Sized {
    /// Parses a string and reports all errors in it. Returns `None` if the string cannot be used at all.
    fn from_text(text: Str, decoder: &mut Decoder<'_>) -> Option<Self>;
}

/// Implements [`Decode`] in terms of [`FromText`].
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
    /// Creates a decoder that appends to `diagnostics`.
    pub fn new(sources: &'a SourceSet, diagnostics: &'a mut Vec<Diagnostic>) -> Self {
        Self {
            sources,
            diagnostics,
            unread: BTreeSet::new(),
            owner: None,
            within: "",
        }
    }

    /// Adds a diagnostic.
    pub fn report(&mut self, diagnostic: Diagnostic) {
        self.diagnostics.push(diagnostic);
    }

    /// Decodes the value of a key of the notation.
    pub fn value_of<T: Decode>(&mut self, key: &'static str, node: Node) -> Option<T> {
        let enclosing = std::mem::replace(&mut self.within, key);
        let value = T::decode(node, self);
        self.within = enclosing;
        value
    }

    /// Returns a part of a string with its position.
    #[must_use]
    pub fn part(&self, whole: &Str, part: Range<usize>) -> Str {
        Spanned {
            value: whole.value[part.clone()].to_owned(),
            span: span_of_part(self.sources, whole, part),
        }
    }

    /// Splits `VALUE -- description`. The description has the span of the whole line, because it may be missing.
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

    /// Returns the entries of a map and the position at which missing keys are reported. Reports nodes of any other kind.
    pub fn entries(&mut self, node: Node, expected: &str) -> Option<(Span, Vec<super::node::Entry>)> {
        let owner = self.owner.take();
        match node.value {
            Value::Mapping(entries) => Some((owner.unwrap_or(node.span), entries)),
            value => {
                self.report_wrong_kind(&Node { span: node.span, value }, expected);
                None
            }
        }
    }

    /// Reports a node of another kind than expected.
    pub fn report_wrong_kind(&mut self, node: &Node, expected: &str) {
        self.unread.insert(self.within);
        if node.is_rejected() {
            return;
        }
        let message = format!("expected {expected}, found {}", node.kind());
        self.report(Diagnostic::new(Code::WrongKind, node.span, message));
    }

    /// Reports a key that is not one of `known`.
    pub fn report_unknown_key(&mut self, key: &str, span: Span, known: &[&str]) {
        let message = format!("unknown key `{}`", shorten(key));
        let diagnostic = Diagnostic::new(Code::UnknownKey, span, message);
        // Finding a similar name is slow, and diagnostics beyond the limit are not shown.
        let is_shown = self.diagnostics.len() <= MAX_SHOWN;
        self.report(if is_shown {
            diagnostic.suggest(key, known.iter().copied())
        } else {
            diagnostic
        });
    }

    /// Reports a string that contains control characters, which would end up in the outputs. Returns `true` if there are none.
    pub fn check_control_characters(&mut self, text: &str, span: Span) -> bool {
        let is_valid = !text.contains(|c| is_forbidden(c) || c == '\r');
        if !is_valid {
            let diagnostic = Diagnostic::new(Code::ControlCharacter, span, "this text contains a control character");
            self.report(diagnostic.help("remove it"));
        }
        is_valid
    }

    /// Reports a missing required key, unless one of the `unknown` keys is most likely a misspelling of it.
    pub fn report_missing_key(&mut self, key: &str, what: &str, span: Span, unknown: &[String], known: &[&str]) {
        if unknown
            .iter()
            .take(MAX_SHOWN)
            .any(|unknown| closest(unknown, known) == Some(key))
        {
            return;
        }
        let message = format!("{what} requires the key `{key}`");
        self.report(Diagnostic::new(Code::MissingKey, span, message).label(format!("`{key}` is missing here")));
    }
}

/// Declares a map of the notation as a struct. All its fields are `Option`s, so that an error in one key does not hide errors in
/// others. Missing required keys are reported while decoding.
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
            /// Position of the key, or of the whole map if it has none.
            pub span: $crate::source::Span,
            /// Position of the whole map.
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
                let (span, entries) = decoder.entries(node, concat!("a map with the keys of ", $what))?;
                let mut out = Self { span, extent, $($field: None),+ };
                let mut seen = Vec::new();
                let mut unknown = Vec::new();
                for entry in entries {
                    match entry.key.as_str() {
                        $($key => {
                            seen.push($key);
                            out.$field = decoder.value_of($key, entry.value);
                        })+
                        _ => {
                            decoder.report_unknown_key(&entry.key, entry.key_span, Self::KEYS);
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
            $decoder.report_missing_key($key, $what, $span, &$unknown, Self::KEYS);
        }
    };
    (@optional $($rest:tt)*) => {};
}
pub(crate) use mapping;

/// Adds a description to a schema.
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
                decoder.check_control_characters(&scalar.text, node.span);
                Some(Self {
                    value: scalar.text,
                    span: node.span,
                })
            }
            value => {
                decoder.report_wrong_kind(&Node { span: node.span, value }, "a string");
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

/// Keeps an invalid key as `None`, so that lowering knows that a declaration is missing.
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
            _ if node.is_rejected() => None,
            _ => {
                let message = format!("expected `true` or `false`, found {}", found(&node));
                decoder.report(Diagnostic::new(Code::BadValue, span, message));
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
            None if node.is_rejected() => None,
            None => {
                let message = format!("expected an integer, found {}", found(&node));
                decoder.report(Diagnostic::new(Code::BadValue, span, message));
                None
            }
        }
    }

    fn schema(_: &mut Definitions) -> Json {
        json!({ "type": "integer" })
    }
}

/// Describes a node in a message: the text of a scalar, or the kind of any other node.
fn found(node: &Node) -> String {
    match &node.value {
        Value::Scalar(scalar) if scalar.is_null() => node.kind().to_owned(),
        Value::Scalar(scalar) if scalar.plain => format!("`{}`", shorten(&scalar.text)),
        Value::Scalar(scalar) => format!("the string `{}`", shorten(&scalar.text)),
        _ => node.kind().to_owned(),
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
                decoder.report_wrong_kind(&Node { span: node.span, value }, "a list");
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
        let (_, entries) = decoder.entries(node, "a map")?;
        let mut out = Self::new();
        for entry in entries {
            decoder.check_control_characters(&entry.key, entry.key_span);
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

/// Finds the position of a part of a scalar by walking the file and the folded text side by side: a line break with indentation
/// corresponds to one space. Returns the span of the whole scalar if that fails, for example because of escapes.
fn span_of_part(sources: &SourceSet, whole: &Str, part: Range<usize>) -> Span {
    let Spanned { value: text, span } = whole;
    let span = *span;
    let file = &sources.file(span.file).text;
    let raw = file.get(span.start..).unwrap_or_default();
    let first_word = text.split_whitespace().next().unwrap_or_default();
    // Only a quote or a block header precedes the text, so a short search is sufficient.
    let near = &raw.as_bytes()[..raw.len().min(first_word.len() + 256)];
    let lead = near
        .windows(first_word.len().max(1))
        .position(|part| part == first_word.as_bytes());
    let Some(lead) = lead else { return span };
    let walk = |target: usize| -> Option<usize> {
        let mut at = lead;
        let mut walked = text.len() - text.trim_start().len();
        for c in text.trim_start().chars() {
            if walked >= target {
                break;
            }
            if c.is_whitespace() {
                at += raw[at..].len() - raw[at..].trim_start().len();
            } else if raw[at..].starts_with(c) {
                at += c.len_utf8();
            } else {
                return None;
            }
            walked += c.len_utf8();
        }
        Some(span.start + at)
    };
    match (walk(part.start), walk(part.end)) {
        (Some(start), Some(end)) => Span { start, end, ..span },
        _ => span,
    }
}
