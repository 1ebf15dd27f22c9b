//! The response of an example.

use super::context::{ExampleContext, missing};
use crate::{
    diagnostic::{Code, Diagnostic},
    ir::{ExampleResponse, Json, OperationResult, PagingKind, Reads, ResultPart, Type},
    lower::scope::Reporter,
    syntax::node::{Node, Value, to_json},
};

impl ExampleContext<'_> {
    pub fn status(&self, reporter: &mut Reporter) -> u16 {
        let Some(status) = &self.raw.status else { return 200 };
        match u16::try_from(status.value) {
            Ok(status @ (200..=299 | 400..=599)) => status,
            _ => {
                let message = "the status of an example must be 200 to 299, or 400 to 599 for an error";
                let diagnostic = Diagnostic::new(Code::BadValue, status.span, message);
                reporter.report(
                    diagnostic.help("examples of redirects are not supported: the client treats them as errors"),
                );
                200
            }
        }
    }

    pub fn response(&self, node: &Node, status: u16, reporter: &mut Reporter) -> Option<ExampleResponse> {
        if status >= 400 {
            self.error_response(node, reporter);
            return Some(ExampleResponse::Json(to_json(node)));
        }
        if matches!(self.operation.result, OperationResult::Bytes(_)) {
            let Value::Scalar(scalar) = &node.value else {
                let diagnostic = Diagnostic::new(
                    Code::ExampleType,
                    node.span,
                    "the response is a file: expected its content as a string",
                );
                reporter.report(diagnostic);
                return None;
            };
            return Some(ExampleResponse::Bytes(scalar.text.clone()));
        }
        if self.operation.result.has_envelope() {
            self.envelope(node, reporter);
        }
        for part in self.operation.result.parts() {
            self.result_part(node, part, reporter);
        }
        if let OperationResult::Done(part) = &self.operation.result {
            Self::check_done(node, part, reporter);
        }
        Some(ExampleResponse::Json(to_json(node)))
    }

    /// Checks a part of the result under its name and its aliases.
    fn result_part(&self, node: &Node, part: &ResultPart, reporter: &mut Reporter) {
        let found: Vec<_> = part
            .paths()
            .filter_map(|path| Some((node.at(&path)?, path.to_string())))
            .collect();
        for (value, path) in &found {
            if !value.is_null() || part.field.is_always_present() {
                let name = if path.is_empty() { "result" } else { path };
                self.reader.check_field(value, &part.field, name, reporter);
            }
        }
        if found.is_empty() && part.field.is_always_present() {
            missing("result", &part.path.to_string(), node.span, reporter);
        }
    }

    /// Checks that the flags say that the operation was done. The client treats any other response as an error.
    fn check_done(node: &Node, part: &ResultPart, reporter: &mut Reporter) {
        let Some(flag) = node.at(&part.path) else { return };
        let json = to_json(flag);
        let is_done = |value: &Json| match (&part.field.reads, value) {
            (Reads::TextForTrue(word), Json::String(text)) => text == word,
            (_, value) => value.as_bool().unwrap_or(true),
        };
        let all_done = match &json {
            Json::Object(flags) => flags.values().all(is_done),
            value => is_done(value),
        };
        if !all_done {
            let message = format!("`{}` says that the operation was not done", part.path);
            let diagnostic = Diagnostic::new(Code::ExampleType, flag.span, message);
            reporter.report(diagnostic.help("an example with a success status shows an operation that was done"));
        }
    }

    /// Checks the fields of the envelope.
    fn envelope(&self, node: &Node, reporter: &mut Reporter) {
        let Value::Mapping(entries) = &node.value else {
            let message = format!("expected a map, found {}", node.kind());
            reporter.report(Diagnostic::new(Code::ExampleType, node.span, message));
            return;
        };
        let parts = self.operation.result.parts().iter();
        let payload: Vec<_> = parts.flat_map(ResultPart::paths).collect();
        let in_payload = |key: &str| payload.iter().any(|path| path.first_key() == Some(key));
        let cursor = self.operation.paging.as_ref().and_then(|paging| match &paging.kind {
            PagingKind::Cursor { next, .. } => next.first_key(),
            PagingKind::Page { .. } => None,
        });
        for entry in entries.iter().filter(|entry| !in_payload(&entry.key)) {
            if let Some(field) = self
                .shared
                .envelope
                .iter()
                .find(|field| field.keys().any(|key| key == entry.key))
            {
                self.reader.check_field(&entry.value, field, &field.wire, reporter);
            } else if !self.open && cursor != Some(entry.key.as_str()) {
                let known = self.shared.envelope.iter().map(|field| field.wire.as_str());
                self.unknown("response key", &entry.key, entry.key_span, known, reporter);
            }
        }
    }

    fn error_response(&self, node: &Node, reporter: &mut Reporter) {
        let Value::Mapping(entries) = &node.value else {
            let message = format!("expected a map, found {}", node.kind());
            let diagnostic = Diagnostic::new(Code::ExampleType, node.span, message);
            reporter.report(diagnostic.help("an error response is a JSON object with the `fields` of `errors`"));
            return;
        };
        let fields = &self.shared.errors.fields;
        for entry in entries {
            match fields.iter().find(|field| field.wire == entry.key) {
                Some(field) => self.reader.check_field(&entry.value, field, &field.wire, reporter),
                None => {
                    let known = fields.iter().map(|field| field.wire.as_str());
                    self.unknown("error field", &entry.key, entry.key_span, known, reporter);
                }
            }
        }
    }

    pub fn records(&self, reporter: &mut Reporter) -> Vec<Json> {
        let nodes = self.raw.records.iter().flatten();
        match &self.operation.records {
            Some(records) => nodes
                .map(|node| {
                    self.reader.check(node, &Type::Named(records.ty), "record", reporter);
                    to_json(node)
                })
                .collect(),
            None => {
                if let Some(node) = nodes.into_iter().next() {
                    let diagnostic =
                        Diagnostic::new(Code::ExampleUnknown, node.span, "this operation has no `records`");
                    reporter.report(
                        diagnostic.help("declare `records` in the operation, or remove `records` from the example"),
                    );
                }
                Vec::new()
            }
        }
    }
}
