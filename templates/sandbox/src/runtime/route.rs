//! From a request to its operation.

use http::Method;
use serde_json::Value;

use super::body::Body;
use super::decode::{Request, unknown_keys};
use super::operation::{BodyKind, Input, Location, Operation, Route, Segment, is_list};
use super::service::Condition;
use super::shape::Presence;

/// A route and the values of the parameters in its path.
pub(crate) type Matched = (&'static Route, Vec<(&'static str, String)>);

/// Finds the route of a request. `routes` are sorted: literal segments come before parameters.
pub(crate) fn find(routes: &'static [Route], method: &Method, path: &[String]) -> Result<Matched, Condition> {
    let mut condition = Condition::UnknownPath;
    for route in routes {
        if let Some(parameters) = matches(route.path, path) {
            if route.method == *method {
                return Ok((route, parameters));
            }
            condition = Condition::UnknownMethod;
        }
    }
    Err(condition)
}

/// Returns the values of the parameters if a path matches.
fn matches(segments: &'static [Segment], path: &[String]) -> Option<Vec<(&'static str, String)>> {
    if segments.len() != path.len() {
        return None;
    }
    let is_match = segments.iter().zip(path).all(|(segment, text)| match segment {
        Segment::Literal(literal) => literal == text,
        Segment::Param(_) => !text.is_empty(),
    });
    let parameters = segments.iter().zip(path).filter_map(|(segment, text)| match segment {
        Segment::Param(key) => Some((*key, text.clone())),
        Segment::Literal(_) => None,
    });
    is_match.then(|| parameters.collect())
}

/// Returns the operation of a request among those of its route: the first to which the request belongs, or else the one that it
/// misses least.
pub(crate) fn select(operations: &'static [&'static Operation], request: &Request<'_>) -> Option<&'static Operation> {
    let mut best: Option<(&Operation, usize)> = None;
    for &operation in operations {
        let missed = missed(operation, operations, request);
        if best.is_none_or(|(_, least)| missed < least) {
            best = Some((operation, missed));
        }
    }
    best.map(|(operation, _)| operation)
}

/// Returns how many conditions of an operation a request does not meet.
fn missed(operation: &'static Operation, rivals: &[&Operation], request: &Request<'_>) -> usize {
    // The kind of body and a list in the path decide before single fields.
    let structure = [
        !body_fits(operation.body, operation, &request.body),
        !path_fits(operation, rivals, request),
    ];
    let inputs = operation
        .inputs
        .iter()
        .filter(|input| !is_met(input, operation, request));
    // The operations of a route may differ in optional fields only.
    let unknown = unknown_keys(operation, &request.body);
    inputs.count() + unknown.count() + 1000 * structure.iter().filter(|missed| **missed).count()
}

fn body_fits(kind: BodyKind, operation: &Operation, body: &Body) -> bool {
    match (kind, body) {
        (BodyKind::None, Body::None)
        | (BodyKind::Json, Body::Json(Value::Object(_)))
        | (BodyKind::Form | BodyKind::FormMap, Body::Form(_))
        | (BodyKind::Multipart, Body::Multipart(_)) => true,
        (BodyKind::JsonValue, Body::Json(value)) => {
            let mut inputs = operation.inputs_in(Location::Body);
            inputs.any(|input| is_list(input.field.shape) == value.is_array())
        }
        _ => false,
    }
}

/// Returns `false` if a parameter in the path is a list and the request has one element, or the other way round, and another
/// operation takes the other form.
fn path_fits(operation: &Operation, rivals: &[&Operation], request: &Request<'_>) -> bool {
    operation.inputs_in(Location::Path).all(|input| {
        let list = is_list(input.field.shape);
        let is_contested = rivals
            .iter()
            .flat_map(|rival| rival.inputs_in(Location::Path))
            .any(|other| other.field.wire == input.field.wire && is_list(other.field.shape) != list);
        let text = request.parameter(input.field.wire).unwrap_or_default();
        !is_contested || text.contains(',') == list
    })
}

/// Returns `true` if a request has a required value, and the value of a constant.
fn is_met(input: &Input, operation: &Operation, request: &Request<'_>) -> bool {
    if input.field.flatten || input.location == Location::Path {
        return true;
    }
    let key = input.field.wire;
    match input.field.presence {
        Presence::Required if matches!(operation.body, BodyKind::JsonValue | BodyKind::FormMap) => {
            input.location == Location::Body || request.has(input.location, key)
        }
        Presence::Required => request.has(input.location, key),
        Presence::Constant(word) => request.text(input.location, key).as_deref() == Some(word),
        Presence::Optional | Presence::Default(_) => true,
    }
}
