//! Descriptions of operations, which the generated code contains as statics.

use http::Method;

use super::answer::Produced;
use super::call::Call;
use super::decode::Received;
use super::failure::Failure;
use super::shape::{Field, Shape};
use crate::behaviour::App;
use crate::errors::Known;

/// An operation.
#[derive(Debug)]
pub struct Operation {
    /// Section and name, e.g. `users.create`.
    pub id: &'static str,
    /// Whether the operation requires a token.
    pub authenticated: bool,
    /// Kind of body.
    pub body: BodyKind,
    /// Values of the request.
    pub inputs: &'static [Input],
    /// The values of the result and their paths in the response.
    pub outcome: Outcome,
    /// The path to the cursor of the next page in the response.
    pub next: Option<&'static [Step]>,
    /// Whether the response contains the envelope.
    pub envelope: bool,
    /// Documented errors.
    pub errors: &'static [Known],
    /// Rate limits.
    pub limits: &'static [Limit],
    /// The keys of fields that must never be shown.
    pub secrets: &'static [&'static str],
    /// Maximum size of the request body in bytes.
    pub max_body: Option<usize>,
    /// Calls the behaviour.
    pub run: fn(&mut App, &Call<'_>, Received) -> Result<Produced, Failure>,
}

impl Operation {
    /// Returns the inputs in a part of the request.
    pub(crate) fn inputs_in(&self, location: Location) -> impl Iterator<Item = &'static Input> + use<> {
        self.inputs.iter().filter(move |input| input.location == location)
    }
}

/// A value of a request.
#[derive(Debug)]
pub struct Input {
    /// Part of the request.
    pub location: Location,
    /// Name in the struct of the arguments.
    pub name: &'static str,
    /// Key, type and presence.
    pub field: Field,
}

impl Input {
    /// A parameter of the path.
    pub(crate) const fn path(name: &'static str, field: Field) -> Self {
        let location = Location::Path;
        Self { location, name, field }
    }

    /// A parameter of the query string.
    pub(crate) const fn query(name: &'static str, field: Field) -> Self {
        let location = Location::Query;
        Self { location, name, field }
    }

    /// A header.
    pub(crate) const fn header(name: &'static str, field: Field) -> Self {
        let location = Location::Header;
        Self { location, name, field }
    }

    /// A value in the body.
    pub(crate) const fn body(name: &'static str, field: Field) -> Self {
        let location = Location::Body;
        Self { location, name, field }
    }
}

/// A part of a request.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Location {
    /// The path.
    Path,
    /// The query string.
    Query,
    /// A header.
    Header,
    /// The body.
    Body,
}

/// The kind of body of a request.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum BodyKind {
    /// None.
    None,
    /// A JSON object whose fields are the inputs.
    Json,
    /// A JSON document that is the only input.
    JsonValue,
    /// A form whose fields are the inputs.
    Form,
    /// A form whose fields are the entries of the only input.
    FormMap,
    /// A multipart form whose parts are the inputs.
    Multipart,
}

impl BodyKind {
    /// Returns the media type of the body.
    pub(crate) fn media_type(self) -> Option<&'static str> {
        match self {
            Self::None => None,
            Self::Json | Self::JsonValue => Some("application/json"),
            Self::Form | Self::FormMap => Some("application/x-www-form-urlencoded"),
            Self::Multipart => Some("multipart/form-data"),
        }
    }
}

/// The form of a result.
#[derive(Debug)]
pub enum Outcome {
    /// No value.
    None,
    /// The bytes of a file.
    Bytes,
    /// A flag that says that the operation was done: `true`, or this text.
    Done(&'static [Step], Option<&'static str>),
    /// An object with `true` for each thing that was done.
    Changed(&'static [Step]),
    /// One value.
    Value(Part),
    /// The fields of a struct.
    Parts(&'static [Part]),
}

/// A value of a result.
#[derive(Debug)]
pub struct Part {
    /// The field of the struct. Empty if the result is the value.
    pub name: &'static str,
    /// The path in the response.
    pub path: &'static [Step],
    /// Whether a list of one element is written as the element.
    pub bare_single: bool,
}

impl Part {
    /// Creates the description of a value.
    pub(crate) const fn new(name: &'static str, path: &'static [Step]) -> Self {
        Self {
            name,
            path,
            bare_single: false,
        }
    }

    /// Creates the description of a list that is written without the array if it has one element.
    pub(crate) const fn bare_if_single(name: &'static str, path: &'static [Step]) -> Self {
        Self {
            name,
            path,
            bare_single: true,
        }
    }
}

/// A step of a path in a JSON document.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Step {
    /// The value under a key of an object.
    Key(&'static str),
    /// An element of an array.
    Index(usize),
}

/// A rate limit.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Limit {
    /// The operations that share the limit count under this name.
    pub key: &'static str,
    /// Number of units per period.
    pub count: u32,
    /// The input whose elements are counted. `None` if calls are counted.
    pub units: Option<&'static str>,
    /// Length of the period in seconds.
    pub seconds: u32,
}

impl Limit {
    /// A limit of calls.
    pub(crate) const fn calls(key: &'static str, count: u32, seconds: u32) -> Self {
        Self {
            key,
            count,
            units: None,
            seconds,
        }
    }

    /// A limit of the elements of an argument.
    pub(crate) const fn units(key: &'static str, count: u32, seconds: u32, units: &'static str) -> Self {
        Self {
            key,
            count,
            units: Some(units),
            seconds,
        }
    }
}

/// A method and path, and the operations that share it.
#[derive(Debug)]
pub struct Route {
    /// HTTP method.
    pub method: Method,
    /// Path below the base path.
    pub path: &'static [Segment],
    /// Operations. Never empty.
    pub operations: &'static [&'static Operation],
}

/// A segment of a path.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Segment {
    /// Fixed text.
    Literal(&'static str),
    /// The parameter with this key.
    Param(&'static str),
}

/// Returns `true` if the shape is a list.
pub(crate) fn is_list(shape: &Shape) -> bool {
    matches!(shape, Shape::List(..))
}
