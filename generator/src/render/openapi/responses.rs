//! Success responses: the payload at its JSON path, within the envelope.

use std::collections::BTreeMap;

use indexmap::IndexMap;

use super::document::{Additional, MediaType, OrRef, Response, Schema};
use super::examples::{BYTES, JSON, example, keyed, response_value};
use super::fit::alternatives;
use super::route::RouteOperations;
use super::schemas::{Schemas, list};
use crate::ir::{CountRule, OperationResult, Step, Type};

/// Suffix of the names of components.
const RESPONSE: &str = "Response";

/// Adds the success responses of the operations of one route, by status.
pub(super) fn success_responses(
    schemas: &mut Schemas<'_>,
    shared: &RouteOperations<'_>,
    envelope: Option<&Schema>,
    to: &mut BTreeMap<String, OrRef<Response>>,
) {
    let content = content(schemas, shared, envelope);
    for status in statuses(shared) {
        let mut content: IndexMap<&'static str, MediaType> = content
            .iter()
            .map(|(media, schema)| {
                (
                    *media,
                    MediaType {
                        schema: schema.clone(),
                        ..MediaType::default()
                    },
                )
            })
            .collect();
        for (_, op) in &shared.operations {
            for (key, source) in keyed(op).filter(|(_, source)| source.status == status) {
                let (media, value) = response_value(&source.response);
                let example = example(schemas.plain(&source.title), value);
                if let (Some(content), Some(example)) = (content.get_mut(media), example) {
                    content.examples.insert(key, example);
                }
            }
        }
        let response = Response {
            description: description(schemas, shared),
            content,
            codes: Vec::new(),
        };
        to.insert(status.to_string(), OrRef::Inline(response));
    }
}

/// Returns the success statuses of the examples, or 200 if there are none.
fn statuses(shared: &RouteOperations<'_>) -> Vec<u16> {
    let examples = shared.operations.iter().flat_map(|(_, op)| &op.examples);
    let mut statuses: Vec<u16> = examples
        .map(|example| example.status)
        .filter(|status| *status < 400)
        .collect();
    statuses.sort_unstable();
    statuses.dedup();
    if statuses.is_empty() { vec![200] } else { statuses }
}

fn description(schemas: &Schemas<'_>, shared: &RouteOperations<'_>) -> String {
    let doc = match shared.operations.as_slice() {
        [(_, operation)] => operation.result.doc(),
        _ => None,
    };
    doc.filter(|doc| !doc.is_empty())
        .map_or_else(|| schemas.words.success.clone(), |doc| schemas.text(doc))
}

fn content(
    schemas: &mut Schemas<'_>,
    shared: &RouteOperations<'_>,
    envelope: Option<&Schema>,
) -> IndexMap<&'static str, Schema> {
    let mut options: Vec<(String, Schema)> = Vec::new();
    let mut without_result = None;
    let mut content = IndexMap::new();
    for &(_, op) in &shared.operations {
        let schema = match &op.result {
            OperationResult::None => envelope.cloned(),
            OperationResult::Bytes(_) => {
                // As for files in requests: no tool rejects this construct.
                content.insert(
                    BYTES,
                    Schema {
                        format: Some("binary"),
                        ..Schema::of("string")
                    },
                );
                None
            }
            result => Some(payload(schemas, result, envelope)),
        };
        let name = shared.component_of(op, RESPONSE);
        match schema {
            Some(schema) if options.iter().all(|(_, known)| known.shape() != schema.shape()) => {
                options.push((name, schema));
            }
            None if matches!(op.result, OperationResult::None) => without_result = Some((name, Schema::of("object"))),
            _ => {}
        }
    }
    // If one operation has no result and others do, any response must be valid.
    options.extend(without_result.filter(|_| !options.is_empty()));
    let name_of_all = shared.component(RESPONSE);
    if let [(name, _)] = options.as_mut_slice() {
        name.clone_from(&name_of_all);
    }
    let mut named: Vec<Schema> = options
        .into_iter()
        .map(|(name, schema)| {
            if schema.reference.is_some() {
                schema
            } else {
                schemas.add(&name, schema)
            }
        })
        .collect();
    if named.len() > 1 {
        let union = alternatives(named, |a, b| schemas.disjoint(a, b));
        named = vec![schemas.add(&name_of_all, union)];
    }
    content.extend(named.pop().map(|schema| (JSON, schema)));
    content
}

/// Returns the schema of the document that contains the parts of a result.
fn payload(schemas: &mut Schemas<'_>, result: &OperationResult, envelope: Option<&Schema>) -> Schema {
    let mut root = Node::default();
    for part in result.parts() {
        let schema = if part.path.is_empty() {
            schemas.of_values(&part.field)
        } else {
            schemas.of_field(&part.field)
        };
        // With aliases, no single key is always present.
        let required = part.field.is_always_present() && part.field.aliases.is_empty();
        root.insert(&part.path.0, schema, required);
        for path in part.paths().skip(1) {
            let schema = schemas.of_alias(&part.field);
            root.insert(&path.0, schema, false);
        }
    }
    if let Some(path) = reason(schemas, result) {
        let schema = Schema {
            description: schemas.words.not_done_reason.clone(),
            ..Schema::of("string")
        };
        root.insert(&path, schema, false);
    }
    let whole = root.value.is_some();
    let keys: Vec<String> = root.keys.keys().cloned().collect();
    let mut payload = root.into_schema();
    if !whole {
        // The envelope describes the rest of the document.
        payload.additional_properties = None;
    }
    match envelope {
        // The payload is the whole document.
        _ if whole => payload,
        None => payload,
        Some(envelope) if schemas.api.envelope.iter().any(|field| keys.contains(&field.wire)) => {
            merge_envelope(schemas, envelope, payload)
        }
        Some(envelope) => Schema {
            all_of: vec![envelope.clone(), payload],
            ..Schema::default()
        },
    }
}

/// Returns the path to the reason why an operation was not done, beside the flag that says so.
fn reason(schemas: &Schemas<'_>, result: &OperationResult) -> Option<Vec<Step>> {
    let OperationResult::Done(part) = result else {
        return None;
    };
    let (flag, object) = part.path.0.split_last()?;
    let key = Step::Key(schemas.api.errors.reason_key.clone()?);
    let has_keys = matches!(flag, Step::Key(_)) && !matches!(part.field.ty, Type::Map(..));
    (has_keys && key != *flag).then(|| [object, &[key]].concat())
}

/// Returns the schema of a response whose payload replaces a field of the envelope.
fn merge_envelope(schemas: &Schemas<'_>, envelope: &Schema, mut payload: Schema) -> Schema {
    let fields = envelope.component_name().and_then(|name| schemas.component(name));
    for (key, schema) in fields.into_iter().flat_map(|schema| &schema.properties) {
        payload.properties.entry(key.clone()).or_insert_with(|| schema.clone());
    }
    payload
}

/// The content at one JSON path of the response.
#[derive(Debug, Default)]
struct Node {
    value: Option<Schema>,
    required: bool,
    keys: IndexMap<String, Node>,
    elements: BTreeMap<usize, Node>,
}

impl Node {
    fn insert(&mut self, path: &[Step], schema: Schema, required: bool) {
        self.required |= required;
        match path.split_first() {
            None => self.value = Some(schema),
            Some((Step::Key(key), rest)) => self.keys.entry(key.clone()).or_default().insert(rest, schema, required),
            Some((Step::Index(index), rest)) => {
                self.elements.entry(*index).or_default().insert(rest, schema, required);
            }
        }
    }

    fn into_schema(self) -> Schema {
        let mut parts: Vec<Schema> = self.value.into_iter().collect();
        if !self.keys.is_empty() {
            parts.push(object(self.keys));
        }
        if !self.elements.is_empty() {
            parts.push(array(self.elements));
        }
        match (parts.pop(), parts.is_empty()) {
            (None, _) => Schema::default(),
            (Some(only), true) => only,
            (Some(last), false) => {
                parts.push(last);
                Schema {
                    all_of: parts,
                    ..Schema::default()
                }
            }
        }
    }
}

/// Returns the schema of an object on the path to the payload. Its other keys are unknown.
fn object(keys: IndexMap<String, Node>) -> Schema {
    let mut schema = Schema {
        additional_properties: Some(Additional::Any(true)),
        ..Schema::of("object")
    };
    for (key, node) in keys {
        if node.required {
            schema.required.push(key.clone());
        }
        schema.properties.insert(key, node.into_schema());
    }
    schema
}

/// Returns the schema of an array whose elements are on the path to the payload.
///
/// `prefixItems` would be exact, but too few tools support it.
fn array(elements: BTreeMap<usize, Node>) -> Schema {
    let needed = elements
        .iter()
        .filter(|(_, node)| node.required)
        .map(|(index, _)| *index as u64 + 1)
        .max();
    let mut kinds: Vec<Schema> = Vec::new();
    for node in elements.into_values() {
        let schema = node.into_schema();
        if kinds.iter().all(|known| known.shape() != schema.shape()) {
            kinds.push(schema);
        }
    }
    let mut items = match (kinds.pop(), kinds.is_empty()) {
        (Some(only), true) => only,
        (Some(last), false) => {
            kinds.push(last);
            Schema {
                any_of: kinds,
                ..Schema::default()
            }
        }
        (None, _) => Schema::default(),
    };
    // Client generators would invent a type for a reference with a description.
    let description = std::mem::take(&mut items.description);
    Schema {
        description,
        ..list(items, CountRule { min: needed, max: None })
    }
}
