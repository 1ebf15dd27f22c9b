//! Examples of requests and answers.

use super::document::Example;
use crate::ir::{self, Json, Operation};

/// The examples of an operation and their keys.
pub(super) fn keyed(op: &Operation) -> impl Iterator<Item = (String, &ir::Example)> {
    op.examples.iter().map(|example| (example.key.clone(), example))
}

/// A value with a title; `None` for what tools stumble over.
pub(super) fn example(title: &str, value: Json) -> Option<Example> {
    (!holds_reference(&value)).then(|| Example {
        summary: title.to_owned(),
        value,
    })
}

/// Whether a value has a key that tools take for a reference of the document, wherever it stands.
pub(super) fn holds_reference(value: &Json) -> bool {
    match value {
        Json::Object(entries) => entries
            .iter()
            .any(|(key, value)| key == "$ref" || holds_reference(value)),
        Json::Array(items) => items.iter().any(holds_reference),
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::holds_reference;

    #[test]
    fn finds_references_wherever_they_stand() {
        assert!(holds_reference(&json!([{"a": {"$ref": "#/x"}}])));
        assert!(!holds_reference(&json!({"a": "$ref", "ref": ["$ref"]})));
    }
}
