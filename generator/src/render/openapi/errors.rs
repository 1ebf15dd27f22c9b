//! Error responses: one schema for all of them, one response per status and set of codes.

use std::collections::{BTreeMap, BTreeSet};

use indexmap::IndexMap;
use serde_json::{Map, json};

use super::document::{Example, MediaType, OrRef, Response, Schema};
use super::examples::{example, keyed, response_value};
use super::route::RouteOperations;
use super::schemas::Schemas;
use crate::ir::{EnumRepr, ErrorId, Field, Json, KnownError, Reads, Type};
use crate::names::Namespace;

/// The maximum number of codes in the name of a response.
const CODES_IN_NAME: usize = 3;

/// The keys of the response for all other errors.
///
/// `default` would be shorter, but linters do not count it as an error response, and some client generators treat it as a
/// success response with another type.
const REST: [&str; 2] = ["4XX", "5XX"];

/// The error responses of the document.
#[derive(Debug, Default)]
pub(super) struct ErrorResponses {
    schema: Option<Schema>,
    names: Namespace,
    /// Names of the responses by their errors. The empty list means any other error.
    by_errors: BTreeMap<Vec<ErrorId>, String>,
    components: BTreeMap<String, Response>,
}

impl ErrorResponses {
    pub(super) fn new() -> Self {
        Self {
            names: Namespace::recased(),
            ..Self::default()
        }
    }

    pub(super) fn into_components(self) -> BTreeMap<String, Response> {
        self.components
    }

    /// Adds the responses for the known errors of the operations of one route, and for any other error.
    pub(super) fn add(
        &mut self,
        schemas: &mut Schemas<'_>,
        shared: &RouteOperations<'_>,
        to: &mut BTreeMap<String, OrRef<Response>>,
    ) {
        let known: BTreeSet<ErrorId> = shared
            .operations
            .iter()
            .flat_map(|(_, op)| op.errors.iter().copied())
            .collect();
        let mut by_status: BTreeMap<u16, Vec<ErrorId>> = BTreeMap::new();
        for id in known {
            by_status.entry(schemas.api.error(id).status).or_default().push(id);
        }
        let mut shown = examples(schemas, shared);
        for status in shown.keys() {
            by_status.entry(*status).or_default();
        }
        for (status, errors) in by_status {
            let response = match shown.remove(&status) {
                Some(examples) => {
                    let mut response = self.response(schemas, &errors);
                    for media in response.content.values_mut() {
                        media.examples.clone_from(&examples);
                    }
                    OrRef::Inline(response)
                }
                None => self.reference(schemas, errors),
            };
            to.insert(status.to_string(), response);
        }
        for key in REST {
            to.insert(key.to_owned(), self.reference(schemas, Vec::new()));
        }
    }

    fn reference(&mut self, schemas: &mut Schemas<'_>, errors: Vec<ErrorId>) -> OrRef<Response> {
        let name = if let Some(name) = self.by_errors.get(&errors) {
            name.clone()
        } else {
            let response = self.response(schemas, &errors);
            let name = self.names.unique(&wanted_name(schemas, &errors), "");
            self.components.insert(name.clone(), response);
            self.by_errors.insert(errors, name.clone());
            name
        };
        OrRef::Ref {
            reference: format!("#/components/responses/{name}"),
        }
    }

    fn response(&mut self, schemas: &mut Schemas<'_>, errors: &[ErrorId]) -> Response {
        let known: Vec<&KnownError> = errors.iter().map(|id| schemas.api.error(*id)).collect();
        let mut examples = IndexMap::new();
        for error in &known {
            let example = body(schemas, error).and_then(|value| example("", value));
            examples.extend(example.map(|example| (key(&error.code), example)));
        }
        let content = self
            .schema(schemas)
            .map(|schema| ("application/json", MediaType { schema, examples }));
        Response {
            description: description(schemas, &known),
            content: content.into_iter().collect(),
            codes: known.iter().map(|error| error.code.clone()).collect(),
        }
    }

    /// Returns the schema of all errors. Client generators support only one error type.
    fn schema(&mut self, schemas: &mut Schemas<'_>) -> Option<Schema> {
        let api = schemas.api;
        if self.schema.is_none() && !api.errors.fields.is_empty() {
            let object = schemas.object("ErrorResponse", &api.errors.fields);
            self.schema = Some(schemas.add("ErrorResponse", object));
        }
        self.schema.clone()
    }
}

/// Returns the error responses among the examples of the operations, by status.
fn examples(schemas: &Schemas<'_>, shared: &RouteOperations<'_>) -> BTreeMap<u16, IndexMap<String, Example>> {
    let mut by_status: BTreeMap<u16, IndexMap<String, Example>> = BTreeMap::new();
    for (_, op) in &shared.operations {
        for (key, source) in keyed(op).filter(|(_, source)| source.status >= 400) {
            let of_status = by_status.entry(source.status).or_default();
            let (_, value) = response_value(&source.response);
            let example = example(schemas.plain(&source.title), value);
            of_status.extend(example.map(|example| (key, example)));
        }
    }
    by_status
}

fn wanted_name(schemas: &Schemas<'_>, errors: &[ErrorId]) -> String {
    let known: Vec<&KnownError> = errors.iter().map(|id| schemas.api.error(*id)).collect();
    let Some(first) = known.first() else {
        return "OtherError".to_owned();
    };
    let names: Vec<&str> = known
        .iter()
        .take(CODES_IN_NAME)
        .map(|error| error.rust_variant.as_str())
        .collect();
    format!("Error{}{}", first.status, names.concat())
}

fn description(schemas: &Schemas<'_>, known: &[&KnownError]) -> String {
    let explained = |error: &KnownError| {
        let texts = schemas.sentences(&[&schemas.text(&error.means), &schemas.text(&error.remedy)]);
        format!("`{}`{}{texts}", error.code.replace('`', "'"), schemas.words.colon)
    };
    match known {
        [] => schemas.words.other_error.clone(),
        [only] => explained(only),
        several => {
            let lines: Vec<String> = several.iter().map(|error| format!("- {}", explained(error))).collect();
            lines.join("\n")
        }
    }
}

/// Returns the example body of an error, with the fields whose values are known.
fn body(schemas: &Schemas<'_>, error: &KnownError) -> Option<Json> {
    let errors = &schemas.api.errors;
    let mut body = Map::new();
    for field in &errors.fields {
        if Some(&field.wire) == errors.code_key.as_ref() {
            body.insert(field.wire.clone(), code(field, &error.code));
        } else if Some(&field.wire) == errors.message_key.as_ref() {
            body.insert(field.wire.clone(), json!(schemas.plain(&error.means)));
        }
    }
    (!body.is_empty()).then_some(Json::Object(body))
}

/// Returns an error code as a number or a string, depending on the type of its field.
fn code(field: &Field, code: &str) -> Json {
    let sent_as_text = Reads::NumberOrText {
        sent_as: EnumRepr::String,
    };
    let is_number = matches!(field.ty, Type::Int(_)) && field.reads != sent_as_text;
    code.parse::<i64>()
        .ok()
        .filter(|_| is_number)
        .map_or_else(|| json!(code), |number| json!(number))
}

/// Returns the key of an error's example. The code may contain spaces, which a key must not.
fn key(code: &str) -> String {
    code.chars()
        .map(|c| if c.is_ascii_alphanumeric() { c } else { '_' })
        .collect()
}
