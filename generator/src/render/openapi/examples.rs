//! Examples of requests and responses.

use super::document::Example;
use crate::ir::{self, ExampleResponse, Json, Operation};

pub(super) const JSON: &str = "application/json";
pub(super) const BYTES: &str = "application/octet-stream";

/// Returns the examples of an operation with their keys.
pub(super) fn keyed(op: &Operation) -> impl Iterator<Item = (String, &ir::Example)> {
    op.examples.iter().map(|example| (example.key.clone(), example))
}

/// Returns a value with a title, or `None` if tools would mishandle the value.
pub(super) fn example(title: &str, value: Json) -> Option<Example> {
    (!holds_reference(&value)).then(|| Example {
        summary: title.to_owned(),
        value,
    })
}

/// Returns `true` if a value contains, at any depth, a key that tools mistake for a reference.
pub(super) fn holds_reference(value: &Json) -> bool {
    match value {
        Json::Object(entries) => entries
            .iter()
            .any(|(key, value)| key == "$ref" || holds_reference(value)),
        Json::Array(items) => items.iter().any(holds_reference),
        _ => false,
    }
}

/// Returns the media type of an example response, and the response as a value.
pub(super) fn response_value(response: &ExampleResponse) -> (&'static str, Json) {
    match response {
        ExampleResponse::Json(value) => (JSON, value.clone()),
        ExampleResponse::Bytes(text) => (BYTES, Json::String(text.clone())),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::holds_reference;

    #[test]
    fn finds_references_at_any_depth() {
        assert!(holds_reference(&json!([{"a": {"$ref": "#/x"}}])));
        assert!(!holds_reference(&json!({"a": "$ref", "ref": ["$ref"]})));
    }
}
