//! YAML as a tree of keys and values with positions.
//!
//! `serde` cannot carry positions, so the tree is built from parser events. Features that are not part of the notation (anchors,
//! tags, merge keys, multiple documents) are reported here, so later stages never see them.

use std::collections::BTreeMap;

use saphyr_parser::{Event, Parser, ScalarStyle, ScanError, Span as YamlSpan};

use crate::{
    diagnostic::{Code, Diagnostic, shorten},
    ir::{JsonPath, Step},
    source::{ContentError, FileId, MAX_FILE_BYTES, SourceFile, Span},
};

/// Maximum nesting depth of maps and lists.
const MAX_DEPTH: usize = 48;

/// A value with its position in the spec.
#[derive(Debug, Clone)]
pub struct Node {
    /// Position in the spec.
    pub span: Span,
    /// The value.
    pub value: Value,
}

/// A YAML value.
#[derive(Debug, Clone)]
pub enum Value {
    /// A scalar.
    Scalar(Scalar),
    /// A list.
    Sequence(Vec<Node>),
    /// A map, in the order of the file.
    Mapping(Vec<Entry>),
    /// A value that is not part of the notation; the error is already reported.
    Rejected,
}

/// A scalar.
#[derive(Debug, Clone)]
pub struct Scalar {
    /// The text after folding and unescaping.
    pub text: String,
    /// Whether it is a plain scalar: neither quoted nor a block, so that `true` and `1` are not strings.
    pub plain: bool,
}

/// A key and its value.
#[derive(Debug, Clone)]
pub struct Entry {
    /// The key.
    pub key: String,
    /// Position of the key.
    pub key_span: Span,
    /// The value.
    pub value: Node,
}

impl Node {
    /// Returns the kind of the node, as shown in messages.
    #[must_use]
    pub fn kind(&self) -> &'static str {
        match &self.value {
            Value::Scalar(scalar) if scalar.is_null() => "nothing",
            Value::Scalar(_) => "a single value",
            Value::Sequence(_) => "a list",
            Value::Mapping(_) => "a map",
            Value::Rejected => "something else",
        }
    }

    /// Returns `true` if the node is null or has no value.
    #[must_use]
    pub fn is_null(&self) -> bool {
        matches!(&self.value, Value::Scalar(scalar) if scalar.is_null())
    }

    /// Returns the value of a key, if the node is a map that contains the key.
    #[must_use]
    pub fn get(&self, key: &str) -> Option<&Self> {
        match &self.value {
            Value::Mapping(entries) => find(entries, key).map(|entry| &entry.value),
            _ => None,
        }
    }

    /// Returns the value at a path.
    #[must_use]
    pub fn at(&self, path: &JsonPath) -> Option<&Self> {
        path.0.iter().try_fold(self, |node, step| match (step, &node.value) {
            (Step::Key(key), _) => node.get(key),
            (Step::Index(index), Value::Sequence(items)) => items.get(*index),
            _ => None,
        })
    }

    /// Returns `true` if the value is not part of the notation; the error is already reported.
    #[must_use]
    pub fn is_rejected(&self) -> bool {
        matches!(self.value, Value::Rejected)
    }
}

/// Returns the entry with a key.
#[must_use]
pub fn find<'n>(entries: &'n [Entry], key: &str) -> Option<&'n Entry> {
    entries.iter().find(|entry| entry.key == key)
}

impl Scalar {
    /// Returns `true` if the scalar is null or empty.
    #[must_use]
    pub fn is_null(&self) -> bool {
        self.plain && matches!(self.text.as_str(), "" | "~" | "null")
    }

    /// Converts the scalar to JSON by the core schema of YAML 1.2.
    #[must_use]
    pub fn to_json(&self) -> serde_json::Value {
        use serde_json::Value as Json;
        if !self.plain {
            return Json::String(self.text.clone());
        }
        match self.text.as_str() {
            "" | "~" | "null" => Json::Null,
            "true" => Json::Bool(true),
            "false" => Json::Bool(false),
            text => parse_number(text).unwrap_or_else(|| Json::String(text.to_owned())),
        }
    }
}

/// Parses a decimal number. Numbers in any other notation stay strings.
fn parse_number(text: &str) -> Option<serde_json::Value> {
    let digits = text.strip_prefix('-').unwrap_or(text);
    if !digits.starts_with(|c: char| c.is_ascii_digit()) {
        return None;
    }
    if digits.bytes().all(|b| b.is_ascii_digit()) {
        return text.parse::<i64>().ok().map(Into::into);
    }
    let number = digits
        .bytes()
        .all(|b| b.is_ascii_digit() || matches!(b, b'.' | b'e' | b'E' | b'-' | b'+'));
    let float = text.parse::<f64>().ok().filter(|_| number)?;
    serde_json::Number::from_f64(float).map(serde_json::Value::Number)
}

/// Converts a node to JSON, for the free-form values of examples.
#[must_use]
pub fn to_json(node: &Node) -> serde_json::Value {
    match &node.value {
        Value::Scalar(scalar) => scalar.to_json(),
        Value::Rejected => serde_json::Value::Null,
        Value::Sequence(items) => items.iter().map(to_json).collect(),
        Value::Mapping(entries) => entries
            .iter()
            .map(|entry| (entry.key.clone(), to_json(&entry.value)))
            .collect::<serde_json::Map<_, _>>()
            .into(),
    }
}

/// Parses one file and appends errors to `diagnostics`. Returns `None` if the file is empty or cannot be parsed.
pub fn parse(id: FileId, file: &SourceFile, diagnostics: &mut Vec<Diagnostic>) -> Option<Node> {
    if let Some(error) = file.error {
        diagnostics.push(content_diagnostic(id, error));
        return None;
    }
    let mut builder = Builder {
        file: id,
        text: &file.text,
        offsets: Offsets::new(&file.text),
        diagnostics,
        stack: Vec::new(),
        root: None,
    };
    let mut documents = 0_usize;
    for event in Parser::new_from_str(&file.text) {
        let (event, span) = match event {
            Ok(event) => event,
            Err(error) => {
                builder.syntax_error(&error);
                return None;
            }
        };
        if matches!(event, Event::DocumentStart(_)) {
            documents += 1;
            if documents > 1 {
                builder.reject(
                    span,
                    "multiple documents in a file",
                    "move this document to another file",
                );
                break;
            }
        }
        if !builder.take(event, span) {
            return None;
        }
    }
    if builder.root.is_none() && builder.diagnostics.is_empty() {
        let span = Span {
            file: id,
            start: 0,
            end: 0,
        };
        builder.diagnostics.push(
            Diagnostic::new(Code::WrongKind, span, "this file is empty").help("add its keys, or remove the file"),
        );
    }
    builder.root
}

/// Creates the diagnostic for a file whose content cannot be used.
#[must_use]
pub fn content_diagnostic(file: FileId, error: ContentError) -> Diagnostic {
    let at = |offset| Span {
        file,
        start: offset,
        end: offset,
    };
    match error {
        ContentError::TooLarge => Diagnostic::new(Code::FileTooLarge, at(0), "this file is too large").help(format!(
            "split it; a file of the spec has at most {MAX_FILE_BYTES} bytes"
        )),
        ContentError::NotUtf8(offset) => {
            Diagnostic::new(Code::NotUtf8, at(offset), "this file is not UTF-8").help("save it as UTF-8")
        }
        ContentError::Control(offset) => Diagnostic::new(
            Code::ControlCharacter,
            at(offset),
            "this file contains a control character",
        )
        .help("remove it; a value of an example can contain it as an escape such as `\\u0007`"),
    }
}

/// A map or list whose end has not been reached.
enum Open {
    Sequence {
        span: Span,
        items: Vec<Node>,
    },
    Mapping {
        span: Span,
        entries: Vec<Entry>,
        seen: BTreeMap<String, Span>,
        key: Option<(String, Span)>,
        valid: bool,
    },
}

struct Builder<'d> {
    file: FileId,
    text: &'d str,
    offsets: Offsets,
    diagnostics: &'d mut Vec<Diagnostic>,
    stack: Vec<Open>,
    root: Option<Node>,
}

impl Builder<'_> {
    /// Adds one event to the tree. Returns `false` if parsing cannot continue.
    fn take(&mut self, event: Event<'_>, span: YamlSpan) -> bool {
        match event {
            Event::Scalar(text, style, anchor, tag) => {
                self.reject_anchor_and_tag(span, anchor, tag.is_some());
                let plain = style == ScalarStyle::Plain;
                let scalar = Scalar {
                    text: text.into_owned(),
                    plain,
                };
                let span = self.span(span);
                self.push(Node {
                    span,
                    value: Value::Scalar(scalar),
                });
            }
            Event::SequenceStart(anchor, tag) => {
                self.reject_anchor_and_tag(span, anchor, tag.is_some());
                let span = self.span(span);
                self.reject_collection_key(span);
                self.stack.push(Open::Sequence {
                    span,
                    items: Vec::new(),
                });
            }
            Event::MappingStart(anchor, tag) => {
                self.reject_anchor_and_tag(span, anchor, tag.is_some());
                let span = self.span(span);
                self.reject_collection_key(span);
                self.stack.push(Open::Mapping {
                    span,
                    entries: Vec::new(),
                    seen: BTreeMap::new(),
                    key: None,
                    valid: true,
                });
            }
            Event::SequenceEnd | Event::MappingEnd => self.close(span),
            Event::Alias(_) => {
                self.reject(
                    span,
                    "YAML aliases",
                    "write out the value, or declare a type or parameter and use its name",
                );
                let span = self.span(span);
                self.push(Node {
                    span,
                    value: Value::Rejected,
                });
            }
            _ => {}
        }
        if self.stack.len() > MAX_DEPTH {
            let span = self.span(span);
            let message = format!("this is nested more than {MAX_DEPTH} levels deep");
            self.diagnostics
                .push(Diagnostic::new(Code::NestedTooDeep, span, message));
            return false;
        }
        true
    }

    fn push(&mut self, node: Node) {
        match self.stack.last_mut() {
            None => self.root = Some(node),
            Some(Open::Sequence { items, .. }) => items.push(node),
            Some(Open::Mapping {
                key: key @ None, valid, ..
            }) => {
                let Node { span, value } = node;
                let Value::Scalar(scalar) = value else {
                    *valid = false;
                    *key = Some((String::new(), span));
                    return;
                };
                let merge = scalar.plain && scalar.text == "<<";
                *key = Some((scalar.text, span));
                if merge {
                    self.diagnostics.push(
                        Diagnostic::new(Code::YamlFeature, span, "merge keys are not allowed")
                            .help("write out the keys, or share a type or a parameter"),
                    );
                }
            }
            Some(Open::Mapping {
                key,
                entries,
                seen,
                valid,
                ..
            }) => {
                let Some((name, key_span)) = key.take() else { return };
                if !std::mem::replace(valid, true) || name == "<<" {
                    return;
                }
                // In a flow map, a comma ends a text.
                if self.text[key_span.end..].trim_start().starts_with([',', '}']) {
                    let message = format!("the key `{}` has no value", shorten(&name));
                    let help = "quote a text that contains a comma; write `: ~` after a key that has no value";
                    self.diagnostics
                        .push(Diagnostic::new(Code::YamlFeature, key_span, message).help(help));
                    return;
                }
                if let Some(first) = seen.get(&name) {
                    self.diagnostics.push(
                        Diagnostic::new(
                            Code::DuplicateKey,
                            key_span,
                            format!("duplicate key `{}`", shorten(&name)),
                        )
                        .label("duplicate")
                        .related(*first, "first definition")
                        .help("remove or rename one of them"),
                    );
                } else {
                    seen.insert(name.clone(), key_span);
                    entries.push(Entry {
                        key: name,
                        key_span,
                        value: node,
                    });
                }
            }
        }
    }

    fn close(&mut self, end: YamlSpan) {
        let end = self.span(end).end;
        let node = match self.stack.pop() {
            None => return,
            Some(Open::Sequence { span, items }) => {
                let end = items.last().map_or(end, |item| item.span.end.max(span.end));
                Node {
                    span: Span { end, ..span },
                    value: Value::Sequence(items),
                }
            }
            Some(Open::Mapping { span, entries, .. }) => {
                let end = entries.last().map_or(end, |entry| entry.value.span.end.max(span.end));
                Node {
                    span: Span { end, ..span },
                    value: Value::Mapping(entries),
                }
            }
        };
        self.push(node);
    }

    fn reject_anchor_and_tag(&mut self, span: YamlSpan, anchor: usize, is_tagged: bool) {
        if anchor != 0 {
            self.reject(span, "YAML anchors", "declare a type or parameter and use its name");
        }
        if is_tagged {
            self.reject(span, "YAML tags", "remove it; types are written as type expressions");
        }
    }

    fn reject_collection_key(&mut self, span: Span) {
        if matches!(self.stack.last(), Some(Open::Mapping { key: None, .. })) {
            self.diagnostics.push(
                Diagnostic::new(Code::YamlFeature, span, "a key must be a plain string")
                    .help("write the key as a single word; quote a value that begins with `[`, `{` or `?`"),
            );
        }
    }

    fn reject(&mut self, span: YamlSpan, what: &str, help: &str) {
        let span = self.span(span);
        let message = format!("{what} are not allowed");
        self.diagnostics
            .push(Diagnostic::new(Code::YamlFeature, span, message).help(help));
    }

    fn syntax_error(&mut self, error: &ScanError) {
        let start = self.offsets.byte(error.marker().index());
        let span = Span {
            file: self.file,
            start,
            end: start + 1,
        };
        let message = format!("invalid YAML: {}", error.info());
        self.diagnostics.push(
            Diagnostic::new(Code::YamlSyntax, span, message)
                .help("quote values that contain `: ` or ` #`, or begin with one of `[]{}&*!|>'\"%@` or a backtick"),
        );
    }

    fn span(&mut self, span: YamlSpan) -> Span {
        let start = self.offsets.byte(span.start.index());
        let end = self.offsets.byte(span.end.index()).max(start);
        Span {
            file: self.file,
            start,
            end,
        }
    }
}

/// Converts character offsets of the parser to byte offsets.
struct Offsets {
    /// The byte offset of each character, and of the end.
    bytes: Vec<usize>,
}

impl Offsets {
    fn new(text: &str) -> Self {
        let starts = text.char_indices().map(|(offset, _)| offset);
        Self {
            bytes: starts.chain([text.len()]).collect(),
        }
    }

    fn byte(&self, character: usize) -> usize {
        self.bytes
            .get(character)
            .or(self.bytes.last())
            .copied()
            .unwrap_or_default()
    }
}
