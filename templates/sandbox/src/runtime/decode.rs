//! From a request to the arguments of its operation.

use http::HeaderMap;
use serde::de::DeserializeOwned;
use serde::{Deserialize, Deserializer};
use serde_json::{Map, Value};

use super::body::{Body, Upload};
use super::failure::Failure;
use super::family;
use super::operation::{BodyKind, Input, Location, Operation};
use super::service::{Service as _, Verdict};
use super::shape::{Checker, Field, Presence, Rule, Shape, Violation, default};
use crate::behaviour::App;

/// A request whose path, query and body are parsed.
#[derive(Debug)]
pub(crate) struct Request<'a> {
    /// The parameters of the path.
    pub(crate) parameters: Vec<(&'static str, String)>,
    /// The parameters of the query string.
    pub(crate) query: &'a [(String, String)],
    /// The headers.
    pub(crate) headers: &'a HeaderMap,
    /// The body.
    pub(crate) body: Body,
}

impl Request<'_> {
    /// Returns a parameter of the path.
    pub(crate) fn parameter(&self, key: &str) -> Option<&str> {
        let found = self.parameters.iter().find(|(of, _)| *of == key);
        found.map(|(_, text)| text.as_str())
    }

    /// Returns `true` if the request has a value.
    pub(crate) fn has(&self, location: Location, key: &str) -> bool {
        match (location, &self.body) {
            (Location::Body, Body::Json(Value::Object(object))) => object.contains_key(key),
            (Location::Body, Body::Multipart(parts)) => parts.iter().any(|(of, _)| of == key),
            _ => self.text(location, key).is_some(),
        }
    }

    /// Returns a value that is a text.
    pub(crate) fn text(&self, location: Location, key: &str) -> Option<String> {
        let in_pairs = |pairs: &[(String, String)]| {
            let found = pairs.iter().find(|(of, _)| of == key);
            found.map(|(_, text)| text.clone())
        };
        match location {
            Location::Path => self.parameter(key).map(str::to_owned),
            Location::Query => in_pairs(self.query),
            Location::Header => self
                .headers
                .get(key)
                .map(|value| String::from_utf8_lossy(value.as_bytes()).into_owned()),
            Location::Body => match &self.body {
                Body::Json(document) => document.get(key)?.as_str().map(str::to_owned),
                Body::Form(fields) => in_pairs(fields),
                Body::Multipart(parts) => {
                    let (_, part) = parts.iter().find(|(of, _)| of == key)?;
                    String::from_utf8(part.content.to_vec()).ok()
                }
                Body::None => None,
            },
        }
    }
}

/// The arguments of an operation, checked.
#[derive(Debug)]
pub struct Received {
    arguments: Map<String, Value>,
    files: Vec<(String, Upload)>,
}

impl Received {
    /// Returns the arguments as a struct.
    ///
    /// # Errors
    ///
    /// Fails if `judge` accepted a value that the type cannot hold.
    pub fn arguments<T: DeserializeOwned>(&mut self) -> Result<T, Failure> {
        let arguments = Value::Object(std::mem::take(&mut self.arguments));
        serde_json::from_value(arguments).map_err(|error| {
            let known = App::general_error(super::Condition::MalformedBody, &[]);
            Failure::new(known, error.to_string())
        })
    }

    /// Returns a file.
    pub fn file(&mut self, key: &str) -> Option<Upload> {
        let at = self.files.iter().position(|(of, _)| of == key)?;
        Some(self.files.swap_remove(at).1)
    }

    /// Returns the number of elements of a list among the arguments, or 1.
    pub(crate) fn length(&self, name: &str) -> u64 {
        match self.arguments.get(name) {
            Some(Value::Array(elements)) => elements.len() as u64,
            _ => 1,
        }
    }
}

/// Reads a value that is present, even if it is `null`. For fields that can also be absent.
///
/// # Errors
///
/// Fails if the type is wrong.
pub fn present<'de, T: Deserialize<'de>, D: Deserializer<'de>>(deserializer: D) -> Result<Option<T>, D::Error> {
    T::deserialize(deserializer).map(Some)
}

/// Reads and checks the arguments of an operation.
pub(crate) fn receive(operation: &'static Operation, mut request: Request<'_>) -> Result<Received, Failure> {
    let judge = |location: Location, place: &str, rule: Rule, message: &str| {
        let violation = Violation {
            operation: operation.id,
            documented: operation.errors,
            location,
            place,
            rule,
            message,
        };
        match App::judge(&violation) {
            Verdict::Reject(known) => Err(Failure::new(known, message)),
            Verdict::Clamp => Ok(true),
            Verdict::Accept => Ok(false),
        }
    };
    let of_body = |place: &str, rule: Rule, message: &str| judge(Location::Body, place, rule, message);
    if operation.body == BodyKind::Json && !matches!(request.body, Body::Json(Value::Object(_)) | Body::None) {
        Checker::new(&of_body, None).report(Rule::Type, "must be an object")?;
    }
    for key in unknown_keys(operation, &request.body) {
        Checker::new(&of_body, Some(key)).report(Rule::UnknownKey, "is not a field of this operation")?;
    }
    let mut arguments = Map::new();
    // A value in the path names something that exists or does not, which is checked last.
    let (path, others): (Vec<_>, Vec<_>) = operation
        .inputs
        .iter()
        .partition(|input| input.location == Location::Path);
    for input in others.into_iter().chain(path) {
        if let Some(value) = read(operation, input, &mut request, &judge)? {
            arguments.insert(input.name.to_owned(), value);
        }
    }
    let files = match request.body {
        Body::Multipart(parts) => parts,
        _ => Vec::new(),
    };
    Ok(Received { arguments, files })
}

type Judge<'a> = &'a dyn Fn(Location, &str, Rule, &str) -> Result<bool, Failure>;

/// Reads and checks an argument. Returns `None` if it is absent.
fn read(
    operation: &Operation,
    input: &'static Input,
    request: &mut Request<'_>,
    judge: Judge<'_>,
) -> Result<Option<Value>, Failure> {
    let Field {
        wire,
        shape,
        presence,
        flatten,
    } = &input.field;
    let is_document =
        matches!(operation.body, BodyKind::JsonValue | BodyKind::FormMap) && input.location == Location::Body;
    let value = match input.location {
        Location::Body if is_document => document(&mut request.body),
        Location::Body if *flatten => flattened(&request.body),
        Location::Body if matches!(shape, Shape::File) => {
            if request.has(Location::Body, wire) {
                return Ok(None);
            }
            None
        }
        Location::Body => body_field(&mut request.body, wire, shape),
        location => request.text(location, wire).map(|text| shape.parse(&text)),
    };
    let key = (!is_document && !flatten).then_some(*wire);
    let judge = |place: &str, rule: Rule, message: &str| judge(input.location, place, rule, message);
    let mut checker = Checker::new(&judge, key);
    match (value, presence) {
        (Some(value), Presence::Constant(word)) if value == *word => Ok(None),
        (Some(_), Presence::Constant(_)) => {
            checker.report(Rule::UnknownValue, "is not one of the known values")?;
            Ok(None)
        }
        (Some(mut value), _) => {
            checker.check(shape, &mut value)?;
            if let (Shape::Family { prefix, .. }, Value::Object(object)) = (shape, &mut value) {
                value = family::strip(prefix, std::mem::take(object)).collect();
            }
            Ok(Some(value))
        }
        (None, Presence::Default(json)) => Ok(Some(default(json))),
        (None, Presence::Optional) => Ok(None),
        (None, Presence::Required | Presence::Constant(_)) => {
            checker.report(Rule::Missing, "is missing")?;
            Ok(None)
        }
    }
}

/// Returns the body as one value.
fn document(body: &mut Body) -> Option<Value> {
    match body {
        Body::Json(value) => Some(value.take()),
        Body::Form(fields) => {
            let entries = fields.drain(..).map(|(key, text)| (key, Value::String(text)));
            Some(Value::Object(entries.collect()))
        }
        _ => None,
    }
}

/// Returns the object that contains the keys of a flattened value.
fn flattened(body: &Body) -> Option<Value> {
    match body {
        Body::Json(value @ Value::Object(_)) => Some(value.clone()),
        _ => None,
    }
}

fn body_field(body: &mut Body, key: &str, shape: &Shape) -> Option<Value> {
    match body {
        // A flattened value may have the same key, so the value stays.
        Body::Json(Value::Object(object)) => object.get(key).cloned(),
        Body::Form(fields) => {
            let found = fields.iter().find(|(of, _)| of == key);
            found.map(|(_, text)| shape.parse(text))
        }
        Body::Multipart(parts) => {
            let (_, part) = parts.iter().find(|(of, _)| of == key)?;
            Some(shape.parse(&String::from_utf8_lossy(&part.content)))
        }
        _ => None,
    }
}

/// Returns the keys of a JSON body that the operation does not have.
pub(crate) fn unknown_keys<'b>(operation: &'static Operation, body: &'b Body) -> impl Iterator<Item = &'b String> {
    let inputs = || operation.inputs_in(Location::Body);
    let object = match body {
        // A flattened value has keys that are not listed.
        Body::Json(Value::Object(object)) if operation.body == BodyKind::Json => {
            (!inputs().any(|input| input.field.flatten)).then_some(object)
        }
        _ => None,
    };
    let keys = object.into_iter().flat_map(Map::keys);
    keys.filter(move |key| inputs().all(|input| input.field.wire != *key))
}
