//! The body of an example.

use super::{
    context::{ExampleContext, missing},
    percent::decode_text,
};
use crate::{
    diagnostic::{Code, Diagnostic},
    ir::{Argument, BodyKind, ExampleBody, Field, InputId, Json, Location, Type},
    lower::scope::{Reporter, shorten},
    source::Span,
    syntax::node::{Node, Value, find, to_json},
};

impl ExampleContext<'_> {
    pub fn body(&self, arguments: &mut Vec<Argument>, reporter: &mut Reporter) -> Option<ExampleBody> {
        let body = &self.operation.body;
        let fields: Vec<_> = self.operation.inputs_in(Location::Body).collect();
        let Some(node) = &self.raw.body else {
            let required = fields.iter().filter(|(_, field)| field.is_required());
            required.for_each(|(_, field)| missing("field", &field.wire, self.raw.span, reporter));
            return Some(match body {
                BodyKind::Json => ExampleBody::Json(Json::Object(serde_json::Map::new())),
                _ => ExampleBody::None,
            });
        };
        match body {
            BodyKind::None => {
                let diagnostic = Diagnostic::new(
                    Code::ExampleUnknown,
                    node.span,
                    format!("`{}` has no request body", self.operation.id),
                );
                reporter.report(diagnostic.help("declare `body` in the operation, or remove `body` from the example"));
                None
            }
            BodyKind::Json => self.json_fields(node, &fields, arguments, reporter),
            BodyKind::JsonValue => {
                for (input, field) in fields {
                    self.checker.check_field(node, field, &field.wire, reporter);
                    let value = to_json(node);
                    arguments.push(Argument { input, value });
                }
                Some(ExampleBody::Json(to_json(node)))
            }
            BodyKind::Form | BodyKind::FormMap => self.form(node, &fields, arguments, reporter),
            BodyKind::Multipart => self.multipart(node, &fields, arguments, reporter),
        }
    }

    fn json_fields(
        &self,
        node: &Node,
        fields: &[(InputId, &Field)],
        arguments: &mut Vec<Argument>,
        reporter: &mut Reporter,
    ) -> Option<ExampleBody> {
        let Value::Mapping(entries) = &node.value else {
            let message = format!("expected a map, found {}", node.kind());
            reporter.report(Diagnostic::new(Code::ExampleType, node.span, message));
            return None;
        };
        self.checker.object(
            entries,
            fields.iter().map(|(_, field)| *field),
            self.raw.body.as_ref().map_or(node.span, |body| body.span),
            reporter,
        );
        for &(input, field) in fields.iter().filter(|(_, field)| !field.is_constant()) {
            let value = if field.flatten {
                let own = to_json(&self.checker.flattened(entries, &field.ty, node.span));
                let is_absent = field
                    .family()
                    .is_some_and(|family| family.entries(&own).next().is_none());
                (!is_absent).then_some(own)
            } else {
                find(entries, &field.wire).map(|entry| to_json(&entry.value))
            };
            arguments.extend(value.map(|value| Argument { input, value }));
        }
        Some(ExampleBody::Json(to_json(node)))
    }

    fn form(
        &self,
        node: &Node,
        fields: &[(InputId, &Field)],
        arguments: &mut Vec<Argument>,
        reporter: &mut Reporter,
    ) -> Option<ExampleBody> {
        let Value::Scalar(scalar) = &node.value else {
            let diagnostic = Diagnostic::new(
                Code::ExampleType,
                node.span,
                "the body of a form must be its encoded string",
            );
            reporter.report(diagnostic.help("for example `name=Alice&city=%E5%8C%97%E4%BA%AC`"));
            return None;
        };
        let mut pairs = serde_json::Map::new();
        for pair in scalar.text.split('&') {
            let (name, value) = pair.split_once('=').unwrap_or((pair, ""));
            let plus = |text: &str| decode_text(&text.replace('+', " "));
            let (Some(name), Some(value)) = (plus(name), plus(value)) else {
                reporter.report(Diagnostic::new(
                    Code::ExampleType,
                    node.span,
                    "invalid percent-encoding",
                ));
                return None;
            };
            if pairs.contains_key(&name) {
                let message = format!("the form contains `{}` twice", shorten(&name));
                let diagnostic = Diagnostic::new(Code::ExampleType, node.span, message);
                reporter
                    .report(diagnostic.help("write each field once, and separate the values of a list with commas"));
                return None;
            }
            pairs.insert(name, Json::String(value));
        }
        match (&self.operation.body, fields) {
            (BodyKind::FormMap, [(input, _)]) => arguments.push(Argument {
                input: *input,
                value: Json::Object(pairs),
            }),
            _ => self.form_fields(&pairs, fields, node.span, arguments, reporter),
        }
        Some(ExampleBody::Form(scalar.text.clone()))
    }

    fn form_fields(
        &self,
        pairs: &serde_json::Map<String, Json>,
        fields: &[(InputId, &Field)],
        span: Span,
        arguments: &mut Vec<Argument>,
        reporter: &mut Reporter,
    ) {
        for name in pairs
            .keys()
            .filter(|name| fields.iter().all(|(_, field)| field.wire != **name))
        {
            self.unknown(
                "field",
                name,
                span,
                fields.iter().map(|(_, field)| field.wire.as_str()),
                reporter,
            );
        }
        for &(input, field) in fields {
            match pairs.get(&field.wire).and_then(Json::as_str) {
                Some(text) => {
                    let value = self.checker.field_text(text, field, span, reporter);
                    arguments.extend(value.map(|value| Argument { input, value }));
                }
                None if field.is_required() => missing("field", &field.wire, span, reporter),
                None => {}
            }
        }
    }

    fn multipart(
        &self,
        node: &Node,
        fields: &[(InputId, &Field)],
        arguments: &mut Vec<Argument>,
        reporter: &mut Reporter,
    ) -> Option<ExampleBody> {
        let Value::Mapping(entries) = &node.value else {
            let diagnostic = Diagnostic::new(Code::ExampleType, node.span, "a multipart body must be a map of parts");
            reporter.report(diagnostic.help("a file is `{filename: …, type: …, content: …}`"));
            return None;
        };
        let mut parts = Vec::new();
        for entry in entries {
            let Some(&(input, field)) = fields.iter().find(|(_, field)| field.wire == entry.key) else {
                self.unknown(
                    "part",
                    &entry.key,
                    entry.key_span,
                    fields.iter().map(|(_, field)| field.wire.as_str()),
                    reporter,
                );
                continue;
            };
            let value = to_json(&entry.value);
            if matches!(field.ty, Type::File) {
                if !is_file(&entry.value, reporter) {
                    continue;
                }
            } else {
                self.checker.check_field(&entry.value, field, &entry.key, reporter);
            }
            parts.push((entry.key.clone(), value.clone()));
            arguments.push(Argument { input, value });
        }
        for (_, field) in fields
            .iter()
            .filter(|(_, field)| field.is_required() && find(entries, &field.wire).is_none())
        {
            missing("part", &field.wire, node.span, reporter);
        }
        Some(ExampleBody::Multipart(parts))
    }
}

/// Returns `true` if a part is a file. Otherwise, reports why it is not.
fn is_file(part: &Node, reporter: &mut Reporter) -> bool {
    const KEYS: [&str; 3] = ["filename", "type", "content"];
    let help =
        "a file is `{filename: …, type: …, content: …}`; all values are strings, and those with a comma are quoted";
    let json = to_json(part);
    let entries = match &part.value {
        Value::Mapping(entries) if KEYS.iter().all(|key| json.get(key).is_some_and(Json::is_string)) => entries,
        _ => {
            let diagnostic = Diagnostic::new(Code::ExampleType, part.span, "this is not a valid file");
            reporter.report(diagnostic.help(help));
            return false;
        }
    };
    let unknown: Vec<_> = entries
        .iter()
        .filter(|entry| !KEYS.contains(&entry.key.as_str()))
        .collect();
    for entry in &unknown {
        let message = format!("a file has no key `{}`", shorten(&entry.key));
        reporter.report(Diagnostic::new(Code::ExampleUnknown, entry.key_span, message).help(help));
    }
    unknown.is_empty()
}
