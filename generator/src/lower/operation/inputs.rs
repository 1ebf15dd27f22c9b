//! The inputs of an operation in the order of its arguments, and how its request can be split.

use super::facts::is_list;
use crate::ir::{BodyKind, Field, Input, InputId, Location, Method, OperationResult, Split, Type};

/// A body and its fields, before they become inputs.
pub enum Body {
    None,
    Json(Vec<Field>),
    JsonValue(Field),
    Form(Vec<Field>),
    FormMap(Field),
    Multipart(Vec<Field>),
}

impl Body {
    pub fn kind(&self) -> BodyKind {
        match self {
            Self::None => BodyKind::None,
            Self::Json(_) => BodyKind::Json,
            Self::JsonValue(_) => BodyKind::JsonValue,
            Self::Form(_) => BodyKind::Form,
            Self::FormMap(_) => BodyKind::FormMap,
            Self::Multipart(_) => BodyKind::Multipart,
        }
    }

    pub fn into_fields(self) -> Vec<Field> {
        match self {
            Self::None => Vec::new(),
            Self::Json(fields) | Self::Form(fields) | Self::Multipart(fields) => fields,
            Self::JsonValue(field) | Self::FormMap(field) => vec![field],
        }
    }
}

/// Returns all inputs in the order of arguments: path, query, headers, body.
pub fn in_order(path: Vec<Field>, query: Vec<Field>, headers: Vec<Field>, body: Vec<Field>) -> Vec<Input> {
    let of = |location, fields: Vec<Field>| fields.into_iter().map(move |field| Input { location, field });
    of(Location::Path, path)
        .chain(of(Location::Query, query))
        .chain(of(Location::Header, headers))
        .chain(of(Location::Body, body))
        .collect()
}

/// Returns the list at which a request can be split: the only required list, which must have a maximum number of elements. The
/// API must process each element independently: the list is the whole body, or the response has an entry for each element.
pub fn split(method: Method, inputs: &[Input], body: BodyKind, result: &OperationResult) -> Option<Split> {
    let is_whole = body == BodyKind::JsonValue;
    let has_entries = match result {
        OperationResult::Value(_) | OperationResult::Parts { .. } => matches!(
            result.parts(),
            [part] if is_list(&part.field.ty) || matches!(part.field.ty, Type::Map(..))
        ),
        OperationResult::None | OperationResult::Bytes(_) | OperationResult::Done(_) => false,
    };
    // A PUT replaces the result of the previous one.
    if method == Method::Put || !(is_whole || has_entries) {
        return None;
    }
    let mut lists = inputs
        .iter()
        .enumerate()
        .filter_map(|(index, input)| match input.field.ty {
            Type::List(_, count) if input.field.is_required() => Some((InputId(index), count)),
            _ => None,
        });
    let (list, count) = lists.next().filter(|_| lists.next().is_none())?;
    let most = count.max.filter(|_| count.min.is_none_or(|min| min <= 1))?;
    Some(Split { list, most })
}
