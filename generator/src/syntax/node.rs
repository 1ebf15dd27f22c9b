//! YAML as a tree in which every key and value knows its place.
//!
//! `serde` cannot carry positions, so files are read from the parser's events. What the notation refuses (anchors, tags,
//! merge keys, several documents) is diagnosed here, and nothing after this sees it.

use std::collections::BTreeMap;

use saphyr_parser::{Event, Parser, ScalarStyle, ScanError, Span as YamlSpan};

use crate::{
    diagnostic::{Code, Diagnostic, shorten},
    ir::Step,
    source::{FileId, Flaw, MAX_FILE_BYTES, SourceFile, Span},
};

/// How deep mappings and lists may be nested.
const MAX_DEPTH: usize = 48;

/// A value and its place.
#[derive(Debug, Clone)]
pub struct Node {
    /// Where it stands.
    pub span: Span,
    /// What it is.
    pub value: Value,
}

/// What a YAML value is.
#[derive(Debug, Clone)]
pub enum Value {
    /// A scalar.
    Scalar(Scalar),
    /// A list.
    Sequence(Vec<Node>),
    /// A mapping, in the order of the file.
    Mapping(Vec<Entry>),
    /// What the notation refuses, which is reported already.
    Refused,
}

/// A scalar as it was written.
#[derive(Debug, Clone)]
pub struct Scalar {
    /// Its text after folding and unescaping.
    pub text: String,
    /// Whether it stands without quotes and on no block style, so that `true` and `1` are no strings.
    pub plain: bool,
}

/// A key and its value.
#[derive(Debug, Clone)]
pub struct Entry {
    /// The key.
    pub key: String,
    /// Where the key stands.
    pub key_span: Span,
    /// The value.
    pub value: Node,
}

impl Node {
    /// What the node is, for a message.
    #[must_use]
    pub fn kind(&self) -> &'static str {
        match &self.value {
            Value::Scalar(scalar) if scalar.is_null() => "nothing",
            Value::Scalar(_) => "a single value",
            Value::Sequence(_) => "a list",
            Value::Mapping(_) => "a mapping",
            Value::Refused => "something else",
        }
    }

    /// Whether there is no value.
    #[must_use]
    pub fn is_null(&self) -> bool {
        matches!(&self.value, Value::Scalar(scalar) if scalar.is_null())
    }

    /// The value under a key of a mapping.
    #[must_use]
    pub fn get(&self, key: &str) -> Option<&Self> {
        match &self.value {
            Value::Mapping(entries) => find(entries, key).map(|entry| &entry.value),
            _ => None,
        }
    }

    /// The value at a path.
    #[must_use]
    pub fn at(&self, path: &[Step]) -> Option<&Self> {
        path.iter().try_fold(self, |node, step| match (step, &node.value) {
            (Step::Key(key), _) => node.get(key),
            (Step::Index(index), Value::Sequence(items)) => items.get(*index),
            _ => None,
        })
    }

    /// Whether the notation refuses it.
    #[must_use]
    pub fn is_refused(&self) -> bool {
        matches!(self.value, Value::Refused)
    }
}

/// The entry under a key.
#[must_use]
pub fn find<'n>(entries: &'n [Entry], key: &str) -> Option<&'n Entry> {
    entries.iter().find(|entry| entry.key == key)
}

impl Scalar {
    /// Whether there is no value.
    #[must_use]
    pub fn is_null(&self) -> bool {
        self.plain && matches!(self.text.as_str(), "" | "~" | "null")
    }

    /// The scalar as JSON, by the rules of YAML 1.2's core schema.
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

/// Decimal numbers only; other spellings of numbers stay strings.
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

/// The tree as JSON, for the free-form values of examples.
#[must_use]
pub fn to_json(node: &Node) -> serde_json::Value {
    match &node.value {
        Value::Scalar(scalar) => scalar.to_json(),
        Value::Refused => serde_json::Value::Null,
        Value::Sequence(items) => items.iter().map(to_json).collect(),
        Value::Mapping(entries) => entries
            .iter()
            .map(|entry| (entry.key.clone(), to_json(&entry.value)))
            .collect::<serde_json::Map<_, _>>()
            .into(),
    }
}

/// Reads one file. `None` where there is nothing to go on with; mistakes are added to `diagnostics`.
pub fn parse(id: FileId, file: &SourceFile, diagnostics: &mut Vec<Diagnostic>) -> Option<Node> {
    if let Some(flaw) = file.flaw {
        diagnostics.push(flaw_diagnostic(id, flaw));
        return None;
    }
    let mut builder = Builder {
        file: id,
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
                builder.refuse(span, "a second document in one file", "write one file per document");
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
            Diagnostic::new(Code::WrongKind, span, "this file is empty").help("write its keys, or remove the file"),
        );
    }
    builder.root
}

/// The report of a file whose content cannot be used.
#[must_use]
pub fn flaw_diagnostic(file: FileId, flaw: Flaw) -> Diagnostic {
    let at = |offset| Span {
        file,
        start: offset,
        end: offset,
    };
    match flaw {
        Flaw::TooLarge => Diagnostic::new(Code::FileTooLarge, at(0), "this file is too large").help(format!(
            "a file of the spec has at most {MAX_FILE_BYTES} bytes; split it"
        )),
        Flaw::NotUtf8(offset) => {
            Diagnostic::new(Code::NotUtf8, at(offset), "this file is not UTF-8").help("save it as UTF-8")
        }
        Flaw::Control(offset) => Diagnostic::new(Code::ControlCharacter, at(offset), "a control character in the spec")
            .help("remove it; a value of an example can hold it as an escape such as `\\u0007`"),
    }
}

/// A mapping or a list that is still open.
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
    offsets: Offsets,
    diagnostics: &'d mut Vec<Diagnostic>,
    stack: Vec<Open>,
    root: Option<Node>,
}

impl Builder<'_> {
    /// Takes one event. `false` where reading cannot go on.
    fn take(&mut self, event: Event<'_>, span: YamlSpan) -> bool {
        match event {
            Event::Scalar(text, style, anchor, tag) => {
                self.refuse_extras(span, anchor, tag.is_some());
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
                self.refuse_extras(span, anchor, tag.is_some());
                let span = self.span(span);
                self.refuse_collection_key(span);
                self.stack.push(Open::Sequence {
                    span,
                    items: Vec::new(),
                });
            }
            Event::MappingStart(anchor, tag) => {
                self.refuse_extras(span, anchor, tag.is_some());
                let span = self.span(span);
                self.refuse_collection_key(span);
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
                self.refuse(
                    span,
                    "an alias",
                    "write the value out, or declare a type or parameter and use its name",
                );
                let span = self.span(span);
                self.push(Node {
                    span,
                    value: Value::Refused,
                });
            }
            _ => {}
        }
        if self.stack.len() > MAX_DEPTH {
            let span = self.span(span);
            let message = format!("nested more than {MAX_DEPTH} levels deep");
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
                        Diagnostic::new(Code::YamlFeature, span, "a merge key is not part of the notation")
                            .help("write the keys out, or share a type or a parameter"),
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
                if let Some(first) = seen.get(&name) {
                    self.diagnostics.push(
                        Diagnostic::new(
                            Code::DuplicateKey,
                            key_span,
                            format!("the key `{}` stands here twice", shorten(&name)),
                        )
                        .label("second time")
                        .related(*first, "first time")
                        .help("remove one of them, or rename it"),
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

    fn refuse_extras(&mut self, span: YamlSpan, anchor: usize, tagged: bool) {
        if anchor != 0 {
            self.refuse(span, "an anchor", "declare a type or parameter and use its name");
        }
        if tagged {
            self.refuse(span, "a tag", "leave it out: types are stated in type expressions");
        }
    }

    fn refuse_collection_key(&mut self, span: Span) {
        if matches!(self.stack.last(), Some(Open::Mapping { key: None, .. })) {
            self.diagnostics.push(
                Diagnostic::new(
                    Code::YamlFeature,
                    span,
                    "a key that is no plain string is not part of the notation",
                )
                .help("a key is a single word; quote the value if it begins with `[`, `{` or `?`"),
            );
        }
    }

    fn refuse(&mut self, span: YamlSpan, what: &str, help: &str) {
        let span = self.span(span);
        let message = format!("{what} is not part of the notation");
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
        let message = format!("this is not YAML: {}", error.info());
        self.diagnostics
            .push(Diagnostic::new(Code::YamlSyntax, span, message).help(
                "a value that holds `: ` or ` #`, or begins with one of `[]{}&*!|>'\"%@` or a backtick, needs quotes",
            ));
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

/// Turns the parser's positions in characters into positions in bytes.
struct Offsets {
    /// The byte offset of every character, and of the end.
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
