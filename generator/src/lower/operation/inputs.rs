//! What an operation sends, in the order of its arguments, and how it can be split.

use super::facts::is_list;
use crate::ir::{Body, Input, InputId, Location, Method, OperationResult, Param, Split, Type};

/// Everything that a request carries, in the order of its arguments.
pub fn inputs(path: &[Param], query: &[Param], headers: &[Param], body: &Body) -> Vec<Input> {
    let of_params = |location, params: &[Param]| -> Vec<Input> {
        let inputs = params.iter().map(|param| Input {
            location,
            field: param.to_field(),
        });
        inputs.collect()
    };
    let of_body = body.fields().iter().map(|field| Input {
        location: Location::Body,
        field: field.clone(),
    });
    [
        of_params(Location::Path, path),
        of_params(Location::Query, query),
        of_params(Location::Header, headers),
        of_body.collect(),
    ]
    .concat()
}

/// The list at which a request can be split: the only required one, with a largest number of elements. Each element must be
/// treated by itself, so the list is the whole body, or the answer has an entry for each element.
pub fn split(method: Method, inputs: &[Input], body: &Body, result: &OperationResult) -> Option<Split> {
    let is_whole = matches!(body, Body::JsonValue(_));
    let has_entries = matches!(
        result,
        OperationResult::Value(part) if is_list(&part.field.ty) || matches!(part.field.ty, Type::Map(..))
    );
    // What is put replaces what was put before it.
    if method == Method::Put || !(is_whole || has_entries) {
        return None;
    }
    let mut lists = inputs
        .iter()
        .enumerate()
        .filter_map(|(index, input)| match input.field.ty {
            Type::List(_, count) if input.field.required => Some((InputId(index), count)),
            _ => None,
        });
    let (list, count) = lists.next().filter(|_| lists.next().is_none())?;
    let most = count.max.filter(|_| count.min.is_none_or(|min| min <= 1))?;
    Some(Split { list, most })
}
