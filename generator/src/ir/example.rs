//! Examples of calls.

use std::collections::BTreeMap;

use serde::Serialize;

use super::{InputId, Json, Text};

/// A request and its answer, as they are on the wire.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Example {
    /// What it shows; may be empty where an operation has one example.
    pub title: Text,
    /// The test that runs it, within the module of its section.
    pub rust_test: String,
    /// Its name for outputs that refer to it, unique in the API.
    pub key: String,
    /// The arguments behind the wire form. Values are in the form their types have on the wire.
    pub arguments: Vec<Argument>,
    /// Path below the base path, percent-encoded, with the query string.
    pub target: String,
    /// Headers by wire name, beside the token and the content type.
    pub headers: BTreeMap<String, String>,
    /// The body on the wire.
    pub body: ExampleBody,
    /// Status of the answer.
    pub status: u16,
    /// The answer.
    pub response: ExampleResponse,
    /// Records of the file the answer leads to, where the operation has such a file.
    pub records: Vec<Json>,
}

/// An argument of an example.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Argument {
    /// The input that takes it.
    pub input: InputId,
    /// Its value in wire form; for a file, a JSON object `{filename, type, content}`.
    pub value: Json,
}

impl Example {
    /// The value that it gives to an input.
    #[must_use]
    pub fn argument(&self, input: InputId) -> Option<&Json> {
        let mut arguments = self.arguments.iter();
        arguments
            .find(|argument| argument.input == input)
            .map(|argument| &argument.value)
    }
}

/// The body of an example request on the wire.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub enum ExampleBody {
    /// None.
    None,
    /// JSON, keys in the order of the spec.
    Json(Json),
    /// A form, percent-encoded.
    Form(String),
    /// Parts of a multipart form, in order: name and value; a file is `{filename, type, content}`.
    Multipart(Vec<(String, Json)>),
}

/// The answer of an example on the wire.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub enum ExampleResponse {
    /// JSON.
    Json(Json),
    /// Bytes of a file, given as text.
    Bytes(String),
}
