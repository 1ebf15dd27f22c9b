//! From the result of an operation to the body of the response.

use bytes::Bytes;
use serde::Serialize;
use serde_json::{Map, Value};

use super::failure::Failure;
use super::operation::{Operation, Outcome, Part, Step};

/// The content of a file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Blob {
    /// The content.
    pub content: Bytes,
    /// The media type. Responses of operations are `application/octet-stream` instead, as documented.
    pub media_type: String,
}

/// The success of an operation whose result is only a flag.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Done {
    beside: Vec<(&'static str, Value)>,
}

impl Done {
    /// Adds a value beside the flag.
    #[must_use]
    pub fn with(mut self, key: &'static str, value: impl Into<Value>) -> Self {
        self.beside.push((key, value.into()));
        self
    }
}

/// The result of an operation.
#[derive(Debug)]
pub enum Produced {
    /// A value, and the cursor of the next page.
    Value(Value, Option<String>),
    /// Success without a value.
    Done(Done),
    /// A file.
    Bytes(Blob),
}

/// Converts the result of an operation.
///
/// # Errors
///
/// Returns its error.
pub fn value<T: Serialize>(result: Result<T, Failure>) -> Result<Produced, Failure> {
    Ok(Produced::Value(to_value(result?), None))
}

/// Converts the result of an operation that returns a list page by page.
///
/// # Errors
///
/// Returns its error.
pub fn paged<T: Serialize>(result: Result<super::Paged<T>, Failure>) -> Result<Produced, Failure> {
    let page = result?;
    Ok(Produced::Value(to_value(page.result), page.next))
}

/// Converts the result of an operation that returns a flag.
///
/// # Errors
///
/// Returns its error.
pub fn done(result: Result<Done, Failure>) -> Result<Produced, Failure> {
    result.map(Produced::Done)
}

/// Converts the result of an operation that returns a file.
///
/// # Errors
///
/// Returns its error.
pub fn bytes(result: Result<Blob, Failure>) -> Result<Produced, Failure> {
    result.map(Produced::Bytes)
}

/// Keys of the types in this crate are strings, so that serializing cannot fail.
fn to_value(value: impl Serialize) -> Value {
    serde_json::to_value(value).unwrap_or_default()
}

/// Returns the body of the response without the envelope.
pub(crate) fn document(operation: &Operation, value: Value, next: Option<String>) -> Value {
    let mut document = Value::Null;
    match (&operation.outcome, value) {
        (Outcome::Changed(path), Value::Array(names)) => {
            let flags = names
                .iter()
                .filter_map(|name| Some((name.as_str()?.to_owned(), true.into())));
            place(&mut document, path, Value::Object(flags.collect()));
        }
        (Outcome::Value(part), value) => place_part(&mut document, part, value),
        (Outcome::Parts(parts), Value::Object(mut fields)) => {
            for part in *parts {
                if let Some(value) = fields.remove(part.name) {
                    place_part(&mut document, part, value);
                }
            }
        }
        _ => {}
    }
    if let Some((path, cursor)) = operation.next.zip(next) {
        place(&mut document, path, cursor.into());
    }
    document
}

/// Returns the body of the response to an operation that returns a flag.
pub(crate) fn done_document(operation: &Operation, done: Done) -> Value {
    let mut document = Value::Null;
    if let Outcome::Done(path, word) = &operation.outcome {
        let flag = word.map_or(Value::Bool(true), Value::from);
        place(&mut document, path, flag);
        if let Some((Step::Key(_), parent)) = path.split_last() {
            for (key, value) in done.beside {
                let path: Vec<_> = parent.iter().copied().chain([Step::Key(key)]).collect();
                place(&mut document, &path, value);
            }
        }
    }
    document
}

fn place_part(document: &mut Value, part: &Part, value: Value) {
    let value = match value {
        Value::Array(mut elements) if part.bare_single && elements.len() == 1 => elements.remove(0),
        value => value,
    };
    place(document, part.path, value);
}

/// Puts a value at a path of a document, and adds the objects and arrays on the way.
fn place(document: &mut Value, path: &[Step], value: Value) {
    let mut at = document;
    for step in path {
        at = match step {
            Step::Key(key) => {
                if !at.is_object() {
                    *at = Value::Object(Map::new());
                }
                &mut at[*key]
            }
            Step::Index(index) => {
                if !at.is_array() {
                    *at = Value::Array(Vec::new());
                }
                let Value::Array(elements) = at else { return };
                while elements.len() <= *index {
                    elements.push(Value::Null);
                }
                &mut elements[*index]
            }
        };
    }
    *at = value;
}
