//! Examples of calls.

use std::collections::BTreeMap;

use serde::Serialize;

use super::{InputId, Json, Text};

/// A request and its response, as they are on the wire.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Example {
    /// Title. May be empty if it is the only example of the operation.
    pub title: Text,
    /// Name of its test, unique in the test module of the section.
    pub rust_test: String,
    /// Key in the OpenAPI documents, unique in the API.
    pub key: String,
    /// Arguments of the request.
    pub arguments: Vec<Argument>,
    /// Path below the base path with the query string, percent-encoded.
    pub target: String,
    /// Headers by wire name, except those of the token and the content type.
    pub headers: BTreeMap<String, String>,
    /// Request body.
    pub body: ExampleBody,
    /// Status of the response.
    pub status: u16,
    /// Response body.
    pub response: ExampleResponse,
    /// Records of the file that the response links to. Empty if the operation has no records.
    pub records: Vec<Json>,
}

/// An argument of an example.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Argument {
    /// The input.
    pub input: InputId,
    /// Value in the wire format of its type. A file is a JSON object `{filename, type, content}`.
    pub value: Json,
}

impl Example {
    /// Returns the value of an input.
    #[must_use]
    pub fn argument(&self, input: InputId) -> Option<&Json> {
        let mut arguments = self.arguments.iter();
        arguments
            .find(|argument| argument.input == input)
            .map(|argument| &argument.value)
    }
}

/// The request body of an example on the wire.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub enum ExampleBody {
    /// None.
    None,
    /// JSON with keys in the order of the spec.
    Json(Json),
    /// A form, percent-encoded.
    Form(String),
    /// Names and values of the parts of a multipart form, in order. A file is `{filename, type, content}`.
    Multipart(Vec<(String, Json)>),
}

/// The response body of an example on the wire.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub enum ExampleResponse {
    /// JSON.
    Json(Json),
    /// Content of a file, as text.
    Bytes(String),
}
