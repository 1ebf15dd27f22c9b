//! Checking example values against types.

use std::borrow::Cow;

use regex_lite::Regex;

use super::{
    flatten::MAX_DEPTH,
    scope::{Reporter, shorten},
    types::{TypeDraft, in_range},
};
use crate::{
    diagnostic::{Code, Diagnostic},
    ir::{
        CountRule, EnumRepr, EnumValue, Field, IntRule, Json, KeyFamily, KeyVariant, Reads, StringRule, Type, TypeId,
        TypeKind, Union,
    },
    source::Span,
    syntax::node::{Entry, Node, Scalar, Value, find},
};

/// A key that an object can have, or what the keys of a family begin with.
#[derive(Debug, Clone, Copy)]
enum Key<'k> {
    One(&'k str),
    Family(&'k str),
}

impl<'k> Key<'k> {
    fn text(self) -> &'k str {
        match self {
            Self::One(text) | Self::Family(text) => text,
        }
    }

    fn matches(self, key: &str) -> bool {
        match self {
            Self::One(text) => text == key,
            Self::Family(prefix) => key.starts_with(prefix),
        }
    }
}

/// Checks values against lowered types.
#[derive(Debug, Clone, Copy)]
pub struct Checker<'a> {
    /// The types.
    pub types: &'a [TypeDraft],
    /// Whether the values are sent, so that only the form and the name that the client sends are valid.
    pub sent: bool,
}

impl Checker<'_> {
    /// Checks a value. `name` is its name in messages.
    pub fn check(&self, node: &Node, ty: &Type, name: &str, reporter: &mut Reporter) {
        if node.is_rejected() {
            return;
        }
        match ty {
            Type::Nullable(_) if node.is_null() => {}
            Type::Nullable(inner) => self.check(node, inner, name, reporter),
            Type::Json => {}
            Type::JsonObject => {
                mapping(node, name, reporter);
            }
            Type::List(inner, rule) => self.list(node, inner, *rule, name, reporter),
            Type::Map(inner, rule) => {
                let Some(entries) = mapping(node, name, reporter) else {
                    return;
                };
                count(entries.len(), *rule, node.span, name, reporter);
                entries
                    .iter()
                    .for_each(|entry| self.check(&entry.value, inner, &entry.key, reporter));
            }
            Type::Named(id) => self.named(node, *id, name, reporter),
            Type::File => wrong_kind(
                node,
                "no value, because files are only allowed in multipart bodies",
                name,
                reporter,
            ),
            scalar => {
                if let Some(json) = scalar_of(node, name, reporter) {
                    self.scalar_value(&json, scalar, node.span, name, reporter);
                }
            }
        }
    }

    /// Checks the value of a field.
    pub fn check_field(&self, node: &Node, field: &Field, name: &str, reporter: &mut Reporter) {
        match field.constant() {
            Some(word) if !node.is_rejected() => {
                if let Some(json) = scalar_of(node, name, reporter) {
                    constant_fits(&json, word, node.span, name, reporter);
                }
            }
            Some(_) => {}
            None if field.is_or_empty() && !self.sent && node.is_null() => {}
            None => self.check_value(node, &field.ty, &field.reads, name, reporter),
        }
    }

    fn check_value(&self, node: &Node, ty: &Type, reads: &Reads, name: &str, reporter: &mut Reporter) {
        match (reads, ty) {
            (Reads::Exact, _) => self.check(node, ty, name, reporter),
            (Reads::OneOrMany, Type::List(inner, _)) if !self.sent && !matches!(node.value, Value::Sequence(_)) => {
                self.check(node, inner, name, reporter);
            }
            (Reads::OneOrMany, _) => self.check(node, ty, name, reporter),
            (Reads::NumberOrText { .. } | Reads::TextForTrue(_), _) if node.is_rejected() => {}
            (Reads::NumberOrText { sent_as }, _) => {
                let Some(json) = scalar_of(node, name, reporter) else {
                    return;
                };
                match self.lenient_int(&json, *sent_as) {
                    Some(value) => {
                        self.scalar_value(&Json::from(value), ty, node.span, name, reporter);
                    }
                    None if self.sent && *sent_as == EnumRepr::String => {
                        mismatch("a string with an integer", &json, node.span, name, reporter);
                    }
                    None => mismatch("an integer", &json, node.span, name, reporter),
                }
            }
            (Reads::TextForTrue(word), _) => match scalar_of(node, name, reporter) {
                Some(Json::String(_)) if !self.sent => {}
                Some(json) if !self.sent && !json.is_boolean() => {
                    let expected = format!("`true`, `false` or a string such as `{word}`");
                    mismatch(&expected, &json, node.span, name, reporter);
                }
                Some(json) => {
                    self.scalar_value(&json, ty, node.span, name, reporter);
                }
                None => {}
            },
        }
    }

    /// Returns the JSON value of the text of a form field, or reports why it is invalid.
    pub fn field_text(&self, text: &str, field: &Field, span: Span, reporter: &mut Reporter) -> Option<Json> {
        match field.constant() {
            Some(word) => {
                constant_fits(&Json::from(text), word, span, &field.wire, reporter);
                None
            }
            None => self.text_value(text, &field.ty, span, &field.wire, reporter),
        }
    }

    fn named(&self, node: &Node, id: TypeId, name: &str, reporter: &mut Reporter) {
        match &self.types[id.0].kind {
            TypeKind::Object(fields) => {
                if let Some(entries) = mapping(node, name, reporter) {
                    self.object(entries, fields, node.span, reporter);
                }
            }
            TypeKind::Union(union) => {
                if let Some(entries) = mapping(node, name, reporter) {
                    unknown_keys(entries, self.union_keys(union, entries, 0), reporter);
                    self.union(entries, union, node.span, reporter);
                }
            }
            TypeKind::OneKey(variants) => {
                if let Some(entries) = mapping(node, name, reporter) {
                    self.one_key(entries, variants, node.span, name, reporter);
                }
            }
            TypeKind::Newtype(_) | TypeKind::Enum { .. } => {
                if let Some(json) = scalar_of(node, name, reporter) {
                    self.scalar_value(&json, &Type::Named(id), node.span, name, reporter);
                }
            }
        }
    }

    /// Checks the fields of an object.
    pub fn object<'f>(
        &'f self,
        entries: &[Entry],
        fields: impl IntoIterator<Item = &'f Field> + Clone,
        span: Span,
        reporter: &mut Reporter,
    ) {
        unknown_keys(entries, self.keys(fields.clone(), entries, 0), reporter);
        self.fields(entries, fields, span, 0, reporter);
    }

    fn fields<'f>(
        &self,
        entries: &[Entry],
        fields: impl IntoIterator<Item = &'f Field>,
        span: Span,
        depth: usize,
        reporter: &mut Reporter,
    ) {
        for field in fields {
            if field.flatten {
                self.flattened_field(entries, field, span, depth, reporter);
                continue;
            }
            let found: Vec<_> = self.keys_of(field).filter_map(|key| find(entries, key)).collect();
            for entry in &found {
                self.check_field(&entry.value, field, &entry.key, reporter);
            }
            if found.is_empty() && (field.is_always_present() || (self.sent && field.is_required())) {
                let message = format!("missing field `{}`", field.wire);
                let help = "add it, or declare the field as optional with `?`";
                reporter.report(Diagnostic::new(Code::ExampleMissing, span, message).help(help));
            }
        }
    }

    /// Returns the keys that a field can have.
    fn keys_of<'f>(&self, field: &'f Field) -> impl Iterator<Item = &'f str> {
        field.keys().take(if self.sent { 1 } else { usize::MAX })
    }

    fn one_key(&self, entries: &[Entry], variants: &[KeyVariant], span: Span, name: &str, reporter: &mut Reporter) {
        let known = variants.iter().map(|variant| variant.key.as_str());
        let [entry] = entries else {
            let message = format!("`{}` expects exactly one key, found {}", shorten(name), entries.len());
            let known: Vec<_> = known.take(12).collect();
            let help = format!("the key is one of the variants, such as `{}`", known.join("`, `"));
            reporter.report(Diagnostic::new(Code::ExampleType, span, message).help(help));
            return;
        };
        match variants.iter().find(|variant| variant.key == entry.key) {
            Some(variant) => self.check(&entry.value, &variant.ty, &variant.key, reporter),
            None => {
                let message = format!("`{}` has no variant `{}`", shorten(name), shorten(&entry.key));
                let diagnostic = Diagnostic::new(Code::ExampleType, entry.key_span, message);
                let diagnostic = reporter.suggest(diagnostic, &entry.key, known);
                reporter.report(diagnostic);
            }
        }
    }

    fn flattened_field(&self, entries: &[Entry], field: &Field, span: Span, depth: usize, reporter: &mut Reporter) {
        if let Some(family) = field.family() {
            self.family(entries, field, family, reporter);
        }
        let Type::Named(id) = &field.ty else { return };
        match &self.types[id.0].kind {
            // Deeper flattening and cycles are reported at the declarations.
            TypeKind::Object(fields) if depth < MAX_DEPTH => self.fields(entries, fields, span, depth + 1, reporter),
            TypeKind::Union(union) => self.union(entries, union, span, reporter),
            _ => {}
        }
    }

    fn family(&self, entries: &[Entry], field: &Field, family: &KeyFamily, reporter: &mut Reporter) {
        for entry in entries {
            let Some(rest) = entry.key.strip_prefix(&family.prefix) else {
                continue;
            };
            if !self.sent && entry.value.is_null() {
                continue;
            }
            let key = Type::Named(family.key);
            self.scalar_value(&Json::from(rest), &key, entry.key_span, &entry.key, reporter);
            self.check_value(&entry.value, &family.value, &field.reads, &entry.key, reporter);
        }
    }

    /// Returns all keys that an object with these fields can have, or `None` if they depend on a missing or unknown tag.
    fn keys<'k>(
        &'k self,
        fields: impl IntoIterator<Item = &'k Field>,
        entries: &[Entry],
        depth: usize,
    ) -> Option<Vec<Key<'k>>> {
        let mut out = Vec::new();
        for field in fields {
            match &field.ty {
                Type::Named(id) if field.flatten => out.extend(self.type_keys(*id, entries, depth)?),
                Type::Family(family) => out.push(Key::Family(&family.prefix)),
                _ => out.extend(self.keys_of(field).map(Key::One)),
            }
        }
        Some(out)
    }

    fn type_keys(&self, id: TypeId, entries: &[Entry], depth: usize) -> Option<Vec<Key<'_>>> {
        match &self.types[id.0].kind {
            TypeKind::Object(fields) if depth < MAX_DEPTH => self.keys(fields, entries, depth + 1),
            TypeKind::Union(union) if depth < MAX_DEPTH => self.union_keys(union, entries, depth),
            _ => None,
        }
    }

    fn union_keys<'k>(&'k self, union: &'k Union, entries: &[Entry], depth: usize) -> Option<Vec<Key<'k>>> {
        let mut out = vec![Key::One(&union.tag)];
        match &union.content {
            Some(content) => out.push(Key::One(content)),
            None => out.extend(self.keys(self.variant_fields(union, entries)?, entries, depth + 1)?),
        }
        Some(out)
    }

    fn variant_fields<'u>(&'u self, union: &'u Union, entries: &[Entry]) -> Option<&'u [Field]> {
        let tag = find(entries, &union.tag)?;
        let Value::Scalar(Scalar { text, .. }) = &tag.value.value else {
            return None;
        };
        let variant = union.variants.iter().find(|variant| variant.tag == *text)?;
        match &self.types[variant.ty.0].kind {
            TypeKind::Object(fields) => Some(fields),
            _ => None,
        }
    }

    fn union(&self, entries: &[Entry], union: &Union, span: Span, reporter: &mut Reporter) {
        let Some(tag) = find(entries, &union.tag) else {
            let message = format!("missing tag `{}`", union.tag);
            reporter.report(Diagnostic::new(Code::ExampleMissing, span, message));
            return;
        };
        let Some(fields) = self.variant_fields(union, entries) else {
            let text = match &tag.value.value {
                Value::Scalar(scalar) => scalar.text.as_str(),
                _ => "",
            };
            let message = format!("`{}` has no variant `{}`", union.tag, shorten(text));
            let known = union.variants.iter().map(|variant| variant.tag.as_str());
            reporter.report(Diagnostic::new(Code::ExampleType, tag.value.span, message).suggest(text, known));
            return;
        };
        let Some(content) = &union.content else {
            self.fields(entries, fields, span, 0, reporter);
            return;
        };
        match find(entries, content) {
            Some(entry) => {
                if let Some(entries) = mapping(&entry.value, content, reporter) {
                    self.object(entries, fields, entry.value.span, reporter);
                }
            }
            None => {
                let message = format!("missing field `{content}`");
                reporter.report(Diagnostic::new(Code::ExampleMissing, span, message));
            }
        }
    }

    /// Returns the entries of an object that belong to a flattened field.
    #[must_use]
    pub fn flattened(&self, entries: &[Entry], ty: &Type, span: Span) -> Node {
        let keys = match ty {
            Type::Named(id) => self.type_keys(*id, entries, 0).unwrap_or_default(),
            Type::Family(family) => vec![Key::Family(&family.prefix)],
            _ => Vec::new(),
        };
        let entries = entries
            .iter()
            .filter(|entry| keys.iter().any(|key| key.matches(&entry.key)))
            .cloned()
            .collect();
        Node {
            span,
            value: Value::Mapping(entries),
        }
    }

    fn list(&self, node: &Node, inner: &Type, rule: CountRule, name: &str, reporter: &mut Reporter) {
        let Value::Sequence(items) = &node.value else {
            wrong_kind(node, "a list", name, reporter);
            return;
        };
        count(items.len(), rule, node.span, name, reporter);
        items.iter().for_each(|item| self.check(item, inner, name, reporter));
    }

    /// Returns the JSON value of a text in a path, query, header or form, or reports why it is invalid. Lists are separated by
    /// commas.
    pub fn text_value(&self, text: &str, ty: &Type, span: Span, name: &str, reporter: &mut Reporter) -> Option<Json> {
        if let Type::List(inner, rule) = ty {
            let items = text
                .split(',')
                .filter_map(|item| self.text_value(item, inner, span, name, reporter));
            let items: Vec<_> = items.collect();
            count(items.len(), *rule, span, name, reporter);
            return Some(items.into());
        }
        let json = match self.wire_repr(ty) {
            Repr::Text => Json::from(text),
            Repr::Integer => text.parse::<i64>().map_or_else(|_| Json::from(text), Json::from),
            Repr::Float => text.parse::<f64>().map_or_else(|_| Json::from(text), Json::from),
            Repr::Bool => text.parse::<bool>().map_or_else(|_| Json::from(text), Json::from),
        };
        self.scalar_value(&json, ty, span, name, reporter).then_some(json)
    }

    fn wire_repr(&self, ty: &Type) -> Repr {
        match ty {
            Type::Bool => Repr::Bool,
            Type::Float => Repr::Float,
            Type::Int(_) | Type::Timestamp(_) | Type::Duration(..) => Repr::Integer,
            Type::Named(id) => match &self.types[id.0].kind {
                TypeKind::Newtype(inner) => self.wire_repr(inner),
                TypeKind::Enum {
                    repr: EnumRepr::Int, ..
                } => Repr::Integer,
                _ => Repr::Text,
            },
            _ => Repr::Text,
        }
    }

    /// Checks a scalar. Returns `true` if it is valid.
    fn scalar_value(&self, json: &Json, ty: &Type, span: Span, name: &str, reporter: &mut Reporter) -> bool {
        let expected: Cow<'static, str> = match (ty, json) {
            (Type::String(rule) | Type::Secret(rule), Json::String(text)) => {
                return string_fits(text, rule, span, name, reporter);
            }
            (Type::Int(rule), Json::Number(number)) if number.is_i64() => {
                return int_fits(number.as_i64().unwrap_or_default(), *rule, span, name, reporter);
            }
            (Type::Bool, Json::Bool(_)) | (Type::Float, Json::Number(_)) => return true,
            (Type::Timestamp(_) | Type::Duration(..), Json::Number(number)) if number.is_i64() => return true,
            (Type::Named(id), json) => return self.named_scalar(json, *id, span, name, reporter),
            (Type::String(_) | Type::Secret(_), _) => "a string".into(),
            (Type::Bool, _) => "`true` or `false`".into(),
            (Type::Float, _) => "a number".into(),
            _ => "an integer".into(),
        };
        let message = format!("`{}` expects {expected}, found {}", shorten(name), describe(json));
        let mut diagnostic = Diagnostic::new(Code::ExampleType, span, message);
        if matches!(ty, Type::String(_) | Type::Secret(_)) && !matches!(json, Json::Null) {
            diagnostic = diagnostic.help(format!("quote it: `\"{json}\"`"));
        }
        reporter.report(diagnostic);
        false
    }

    fn named_scalar(&self, json: &Json, id: TypeId, span: Span, name: &str, reporter: &mut Reporter) -> bool {
        match &self.types[id.0].kind {
            TypeKind::Newtype(inner) => self.scalar_value(json, inner, span, name, reporter),
            TypeKind::Enum { repr, values } => enum_fits(json, *repr, values, span, name, reporter),
            TypeKind::Object(_) | TypeKind::Union(_) | TypeKind::OneKey(_) => false,
        }
    }

    /// Returns the integer in a number or string, in the form that is sent or, in responses, in either form.
    fn lenient_int(&self, json: &Json, sent_as: EnumRepr) -> Option<i64> {
        let text = || json.as_str()?.parse().ok();
        match sent_as {
            _ if !self.sent => json.as_i64().or_else(text),
            EnumRepr::Int => json.as_i64(),
            EnumRepr::String => text(),
        }
    }
}

fn wrong_kind(node: &Node, expected: &str, name: &str, reporter: &mut Reporter) {
    let message = format!("`{}` expects {expected}, found {}", shorten(name), node.kind());
    reporter.report(Diagnostic::new(Code::ExampleType, node.span, message));
}

/// Checks the number of elements.
pub fn count(count: usize, rule: CountRule, span: Span, name: &str, reporter: &mut Reporter) {
    let count = count as u64;
    if rule.min.is_some_and(|min| count < min) || rule.max.is_some_and(|max| count > max) {
        let message = format!(
            "`{}` has {count} elements, which is not allowed by its type",
            shorten(name)
        );
        reporter.report(
            Diagnostic::new(Code::ExampleRule, span, message).help(bounds_help("elements", rule.min, rule.max)),
        );
    }
}

/// Reports unknown keys. If `known` is `None`, the reason is reported elsewhere.
fn unknown_keys(entries: &[Entry], known: Option<Vec<Key<'_>>>, reporter: &mut Reporter) {
    let Some(known) = known else { return };
    let is_known = |entry: &Entry| known.iter().any(|key| key.matches(&entry.key));
    for entry in entries.iter().filter(|entry| !is_known(entry)) {
        let message = format!("unknown field `{}`", shorten(&entry.key));
        let diagnostic = Diagnostic::new(Code::ExampleUnknown, entry.key_span, message);
        let diagnostic = reporter.suggest(diagnostic, &entry.key, known.iter().map(|key| key.text()));
        reporter.report(diagnostic);
    }
}

fn mapping<'n>(node: &'n Node, name: &str, reporter: &mut Reporter) -> Option<&'n [Entry]> {
    match &node.value {
        Value::Mapping(entries) => Some(entries),
        _ => {
            wrong_kind(node, "a map", name, reporter);
            None
        }
    }
}

fn scalar_of(node: &Node, name: &str, reporter: &mut Reporter) -> Option<Json> {
    match &node.value {
        Value::Scalar(scalar) => Some(scalar.to_json()),
        _ => {
            wrong_kind(node, "a single value", name, reporter);
            None
        }
    }
}

#[derive(Clone, Copy)]
enum Repr {
    Text,
    Integer,
    Float,
    Bool,
}

fn enum_fits(
    json: &Json,
    repr: EnumRepr,
    values: &[EnumValue],
    span: Span,
    name: &str,
    reporter: &mut Reporter,
) -> bool {
    let text = match (repr, json) {
        (EnumRepr::String, Json::String(text)) => text.clone(),
        (EnumRepr::Int, Json::Number(number)) if number.is_i64() => number.to_string(),
        _ => {
            let expected = if repr == EnumRepr::Int {
                "an integer"
            } else {
                "a string"
            };
            let message = format!("`{}` expects {expected}, found {}", shorten(name), describe(json));
            reporter.report(Diagnostic::new(Code::ExampleType, span, message));
            return false;
        }
    };
    let known = values.iter().any(|value| value.wire == text);
    if !known {
        let message = format!("`{}` is not a declared value of `{}`", shorten(&text), shorten(name));
        let known = values.iter().map(|value| value.wire.as_str());
        reporter.report(Diagnostic::new(Code::ExampleType, span, message).suggest(&text, known));
    }
    known
}

fn mismatch(expected: &str, json: &Json, span: Span, name: &str, reporter: &mut Reporter) {
    let message = format!("`{}` expects {expected}, found {}", shorten(name), describe(json));
    reporter.report(Diagnostic::new(Code::ExampleType, span, message));
}

fn constant_fits(json: &Json, word: &str, span: Span, name: &str, reporter: &mut Reporter) {
    if json.as_str() != Some(word) {
        mismatch(&format!("the constant `{word}`"), json, span, name, reporter);
    }
}

fn string_fits(text: &str, rule: &StringRule, span: Span, name: &str, reporter: &mut Reporter) -> bool {
    let length = text.chars().count() as u64;
    if rule.min.is_some_and(|min| length < min) || rule.max.is_some_and(|max| length > max) {
        let message = format!(
            "`{}` has {length} characters, which is not allowed by its type",
            shorten(name)
        );
        reporter.report(Diagnostic::new(Code::ExampleRule, span, message).help(bounds_help(
            "characters",
            rule.min,
            rule.max,
        )));
        return false;
    }
    let Some(pattern) = &rule.pattern else { return true };
    // Patterns are validated when their type is resolved.
    let fits = Regex::new(pattern).is_ok_and(|regex| regex.is_match(text));
    if !fits {
        let message = format!("`{}` does not match the pattern of its type", shorten(name));
        reporter.report(Diagnostic::new(Code::ExampleRule, span, message).help(format!("the pattern is `{pattern}`")));
    }
    fits
}

fn int_fits(value: i64, rule: IntRule, span: Span, name: &str, reporter: &mut Reporter) -> bool {
    let fits = in_range(rule, value);
    if !fits {
        let message = format!("`{}` is {value}, which is not allowed by its type", shorten(name));
        reporter.report(Diagnostic::new(Code::ExampleRule, span, message).help(bounds_help("", rule.min, rule.max)));
    }
    fits
}

fn bounds_help<T: std::fmt::Display>(unit: &str, min: Option<T>, max: Option<T>) -> String {
    let range = match (min, max) {
        (Some(min), Some(max)) => format!("{min} to {max}"),
        (Some(min), None) => format!("at least {min}"),
        (None, Some(max)) => format!("at most {max}"),
        (None, None) => String::new(),
    };
    format!("allowed: {range} {unit}").trim_end().to_owned()
}

fn describe(json: &Json) -> String {
    match json {
        Json::Null => "`null`".to_owned(),
        Json::Bool(value) => format!("the boolean `{value}`"),
        Json::Number(number) => format!("the number `{number}`"),
        Json::String(text) => format!("the string `{}`", shorten(text)),
        Json::Array(_) => "a list".to_owned(),
        Json::Object(_) => "a map".to_owned(),
    }
}
