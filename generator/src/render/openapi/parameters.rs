//! Path, query and header parameters.

use super::document::{Parameter, Schema};
use super::lists;
use super::operations::Shared;
use super::schemas::Schemas;
use crate::ir::{self, ArgumentPlace, Json, Operation, Param, Type};

/// The parameters of the operations on one route: all of theirs, required where every one of them requires it.
pub(super) fn parameters(schemas: &mut Schemas<'_>, shared: &Shared<'_>) -> Vec<Parameter> {
    let mut merged: Vec<Parameter> = Vec::new();
    for place in [Place::Path, Place::Query, Place::Header] {
        for (_, op) in &shared.operations {
            for (position, param) in place.of(op).iter().enumerate() {
                let parameter = parameter(schemas, place, position, param, op);
                match merged
                    .iter_mut()
                    .find(|known| known.place == parameter.place && known.name == parameter.name)
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

#[derive(Debug, Clone, Copy)]
enum Place {
    Path,
    Query,
    Header,
}

impl Place {
    fn of(self, op: &Operation) -> &[Param] {
        match self {
            Self::Path => &op.path_params,
            Self::Query => &op.query,
            Self::Header => &op.headers,
        }
    }

    fn name(self) -> &'static str {
        match self {
            Self::Path => "path",
            Self::Query => "query",
            Self::Header => "header",
        }
    }

    fn argument(self, position: usize) -> ArgumentPlace {
        match self {
            Self::Path => ArgumentPlace::Path(position),
            Self::Query => ArgumentPlace::Query(position),
            Self::Header => ArgumentPlace::Header(position),
        }
    }
}

fn is_required(op: &Operation, parameter: &Parameter) -> bool {
    let of_place = [Place::Path, Place::Query, Place::Header]
        .into_iter()
        .filter(|p| p.name() == parameter.place);
    of_place
        .flat_map(|place| place.of(op))
        .any(|param| param.wire == parameter.name && param.required)
}

fn parameter(schemas: &mut Schemas<'_>, place: Place, position: usize, param: &Param, op: &Operation) -> Parameter {
    let mut schema = schemas.described(&param.ty, &param.doc, param.default.as_ref());
    let is_list = matches!(param.ty, Type::List(..));
    let in_query = matches!(place, Place::Query);
    // Tools build lists in paths and headers wrongly or not at all.
    let as_text = is_list && !in_query;
    if as_text {
        schema = lists::as_text(schemas, &schema, &param.ty);
    }
    let example = example(op, place.argument(position));
    Parameter {
        name: param.wire.clone(),
        place: place.name(),
        description: std::mem::take(&mut schema.description),
        required: param.required,
        comma_separated: as_text,
        style: (is_list && in_query).then_some("form"),
        explode: (is_list && in_query).then_some(false),
        schema,
        example: if as_text {
            example.map(lists::comma_separated)
        } else {
            example.cloned()
        },
    }
}

/// The first value that an example of the operation gives.
fn example(op: &Operation, place: ArgumentPlace) -> Option<&Json> {
    let arguments = op
        .examples
        .iter()
        .filter(|example| example.status < 400)
        .flat_map(|example| &example.arguments);
    let given: Option<&ir::Argument> = arguments.into_iter().find(|argument| argument.place == place);
    given.map(|argument| &argument.value)
}

/// Widens a parameter to what another operation of the route takes under the same name.
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
        // One value is a list of one; and tools make no text of a parameter of several kinds.
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
        // Rules that do not hold for all of them hold for none.
        Schema::of("string")
    } else {
        Schema {
            any_of: vec![known.schema.clone(), other.schema],
            ..Schema::default()
        }
    };
}
