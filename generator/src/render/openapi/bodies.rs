//! Request bodies.

use indexmap::IndexMap;
use serde_json::Map;

use super::document::{Example, MediaType, RequestBody, Schema};
use super::examples::{example, keyed};
use super::fit::alternatives;
use super::lists;
use super::route::RouteOperations;
use super::schemas::Schemas;
use crate::ir::{self, BodyKind, ExampleBody, Json, Location, Operation, Type};

/// Suffix of the names of components.
const REQUEST: &str = "Request";

/// Returns the body of the operations on one route, if any of them has one.
pub(super) fn body(schemas: &mut Schemas<'_>, shared: &RouteOperations<'_>) -> Option<RequestBody> {
    let mut by_media: IndexMap<&'static str, Vec<(String, Schema)>> = IndexMap::new();
    let mut examples: IndexMap<&'static str, IndexMap<String, Example>> = IndexMap::new();
    for &(_, op) in &shared.operations {
        let Some(media) = op.body.media_type() else {
            continue;
        };
        let name = shared.component_of(op, REQUEST);
        let schema = schema(schemas, &name, op);
        let options = by_media.entry(media).or_default();
        if options.iter().all(|(_, known)| known.shape() != schema.shape()) {
            options.push((name, schema));
        }
        let of_media = examples.entry(media).or_default();
        for (key, source) in keyed(op) {
            let value = example_body(op, source);
            let example = value.and_then(|value| example(schemas.plain(&source.title), value));
            of_media.extend(example.map(|example| (key, example)));
        }
    }
    let content: IndexMap<_, _> = by_media
        .into_iter()
        .map(|(media, options)| {
            let schema = merged(schemas, shared, options);
            (
                media,
                MediaType {
                    schema,
                    examples: examples.swap_remove(media).unwrap_or_default(),
                },
            )
        })
        .collect();
    let required = shared.operations.iter().all(|(_, op)| op.body.media_type().is_some());
    (!content.is_empty()).then_some(RequestBody { required, content })
}

/// Returns a single body as it is, and several as alternatives. All are named, since tools invent clashing names otherwise.
fn merged(schemas: &mut Schemas<'_>, shared: &RouteOperations<'_>, options: Vec<(String, Schema)>) -> Schema {
    let name_of_all = shared.component(REQUEST);
    if let [(_, only)] = options.as_slice() {
        let bare = only.reference.is_some() || (only.properties.is_empty() && !is_composed(only));
        return if bare {
            only.clone()
        } else {
            schemas.add(&name_of_all, only.clone())
        };
    }
    let named = options.into_iter().map(|(name, schema)| match schema.reference {
        Some(_) => schema,
        None => schemas.add(&name, schema),
    });
    let named = named.collect();
    let union = alternatives(named, |a, b| schemas.distinct(a, b));
    schemas.add(&name_of_all, union)
}

fn is_composed(schema: &Schema) -> bool {
    !(schema.all_of.is_empty() && schema.one_of.is_empty() && schema.any_of.is_empty())
}

fn schema(schemas: &mut Schemas<'_>, name: &str, op: &Operation) -> Schema {
    let mut fields = op.fields_in(Location::Body);
    match op.body {
        BodyKind::None => Schema::default(),
        BodyKind::Json => schemas.object(name, fields),
        BodyKind::Form | BodyKind::Multipart => form(schemas, name, op),
        BodyKind::JsonValue | BodyKind::FormMap => {
            fields.next().map(|field| schemas.of_field(field)).unwrap_or_default()
        }
    }
}

/// Returns the schema of a form. Tools disagree on the encoding of lists in forms.
fn form(schemas: &mut Schemas<'_>, name: &str, op: &Operation) -> Schema {
    let fields = op.fields_in(Location::Body);
    let mut object = schemas.object(name, fields.clone());
    for field in fields.filter(|field| op.is_list_as_text(Location::Body, field)) {
        if let Some(schema) = object.properties.get_mut(&field.wire) {
            *schema = lists::as_text(schemas, schema, &field.ty);
        }
    }
    object
}

/// Returns the body of an example as the JSON value that matches the schema. A form is an object of its fields.
fn example_body(op: &Operation, example: &ir::Example) -> Option<Json> {
    match (&example.body, &op.body) {
        (ExampleBody::None, _) => None,
        (ExampleBody::Json(value), _) => Some(value.clone()),
        (_, BodyKind::FormMap) => {
            let mut inputs = op.inputs_in(Location::Body);
            inputs.find_map(|(id, _)| example.argument(id)).cloned()
        }
        _ => Some(Json::Object(form_value(op, example))),
    }
}

fn form_value(op: &Operation, example: &ir::Example) -> Map<String, Json> {
    let mut form = Map::new();
    for (id, field) in op.inputs_in(Location::Body) {
        let constant = field.constant().map(Json::from);
        let value = match (&field.ty, example.argument(id)) {
            _ if constant.is_some() => constant,
            (Type::File, Some(file)) => file.get("content").cloned(),
            (_, Some(list)) if op.is_list_as_text(Location::Body, field) => Some(lists::comma_separated(list)),
            (_, value) => value.cloned(),
        };
        form.extend(value.map(|value| (field.wire.clone(), value)));
    }
    form
}
