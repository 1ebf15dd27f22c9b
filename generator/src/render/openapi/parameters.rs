//! Path, query and header parameters.

use super::document::{Parameter, Schema};
use super::lists;
use super::route::RouteOperations;
use super::schemas::Schemas;
use crate::ir::{Field, InputId, Json, Location, Operation, Type};

/// Returns the parameters of all operations on one route. A parameter is required if every operation requires it.
pub(super) fn parameters(schemas: &mut Schemas<'_>, shared: &RouteOperations<'_>) -> Vec<Parameter> {
    let mut merged: Vec<Parameter> = Vec::new();
    for location in [Location::Path, Location::Query, Location::Header] {
        for (_, op) in &shared.operations {
            for (id, field) in op.inputs_in(location) {
                let parameter = parameter(schemas, location, id, field, op);
                match merged
                    .iter_mut()
                    .find(|known| known.location == parameter.location && known.name == parameter.name)
                {
                    Some(known) => join(known, parameter),
                    None => merged.push(parameter),
                }
            }
        }
    }
    for parameter in &mut merged {
        parameter.required = shared.operations.iter().all(|(_, op)| is_required(op, parameter));
    }
    merged
}

fn is_required(op: &Operation, parameter: &Parameter) -> bool {
    op.inputs.iter().any(|input| {
        input.location.as_str() == parameter.location && input.field.wire == parameter.name && input.field.is_required()
    })
}

fn parameter(schemas: &mut Schemas<'_>, location: Location, id: InputId, field: &Field, op: &Operation) -> Parameter {
    let mut schema = schemas.of_field(field);
    let as_text = op.is_list_as_text(location, field);
    let is_list_in_query = location == Location::Query && matches!(field.ty, Type::List(..));
    if as_text {
        schema = lists::as_text(schemas, &schema, &field.ty);
    }
    let example = example(op, id);
    Parameter {
        name: field.wire.clone(),
        location: location.as_str(),
        description: std::mem::take(&mut schema.description),
        required: field.is_required(),
        comma_separated: as_text,
        style: is_list_in_query.then_some("form"),
        explode: is_list_in_query.then_some(false),
        schema,
        example: if as_text {
            example.map(lists::comma_separated)
        } else {
            example.cloned()
        },
    }
}

/// Returns the first value of a parameter in the examples of an operation.
fn example(op: &Operation, input: InputId) -> Option<&Json> {
    let mut succeed = op.examples.iter().filter(|example| example.status < 400);
    succeed.find_map(|example| example.argument(input))
}

/// Widens a parameter to the values that another operation of the route accepts.
fn join(known: &mut Parameter, other: Parameter) {
    if other.description.contains(&known.description) {
        known.description = other.description;
    } else if !known.description.contains(&other.description) {
        known.description = format!("{}\n\n{}", known.description, other.description);
    }
    if known.example.is_none() {
        known.example = other.example;
    }
    if known.schema.shape() == other.schema.shape() {
        return;
    }
    if known.comma_separated || other.comma_separated {
        // One value is a list of one element, and tools cannot encode a parameter of several types.
        let list = if known.comma_separated {
            &known.schema
        } else {
            &other.schema
        };
        let takes_one = |pattern: &String| pattern.starts_with(lists::FROM_ONE);
        known.schema = if list.pattern.as_ref().is_none_or(takes_one) {
            list.clone()
        } else {
            Schema::of("string")
        };
        known.comma_separated = true;
        return;
    }
    let same_types = known.schema.types == other.schema.types;
    known.schema = if same_types && known.schema.types == ["string"] {
        // Only the rules that apply to all operations are kept.
        Schema::of("string")
    } else {
        Schema {
            any_of: vec![known.schema.clone(), other.schema],
            ..Schema::default()
        }
    };
}
