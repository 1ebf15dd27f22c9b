//! The `OpenAPI` document as typed structs; field order is the order of the keys in the file.

use std::collections::BTreeMap;

use indexmap::IndexMap;
use serde::Serialize;

use crate::ir::Json;

/// The root object.
#[derive(Debug, Serialize)]
pub(super) struct Document {
    pub(super) openapi: &'static str,
    pub(super) info: Info,
    pub(super) servers: Vec<Server>,
    pub(super) security: Vec<Security>,
    pub(super) tags: Vec<Tag>,
    pub(super) paths: IndexMap<String, PathItem>,
    #[serde(skip_serializing_if = "Components::is_empty")]
    pub(super) components: Components,
}

/// Scheme name to scopes; an empty one means that no proof is needed.
pub(super) type Security = BTreeMap<&'static str, Vec<String>>;

#[derive(Debug, Serialize)]
pub(super) struct Info {
    pub(super) title: String,
    pub(super) version: String,
    pub(super) description: String,
    pub(super) license: License,
}

#[derive(Debug, Serialize)]
pub(super) struct License {
    pub(super) name: &'static str,
    pub(super) identifier: &'static str,
}

#[derive(Debug, Serialize)]
pub(super) struct Server {
    pub(super) url: String,
    #[serde(skip_serializing_if = "String::is_empty")]
    pub(super) description: String,
    #[serde(skip_serializing_if = "IndexMap::is_empty")]
    pub(super) variables: IndexMap<String, ServerVariable>,
}

#[derive(Debug, Clone, Serialize)]
pub(super) struct ServerVariable {
    #[serde(rename = "enum", skip_serializing_if = "Vec::is_empty")]
    pub(super) values: Vec<String>,
    pub(super) default: String,
    #[serde(skip_serializing_if = "String::is_empty")]
    pub(super) description: String,
}

#[derive(Debug, Serialize)]
pub(super) struct Tag {
    pub(super) name: String,
    pub(super) description: String,
}

#[derive(Debug, Default, Serialize)]
pub(super) struct PathItem {
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) get: Option<Operation>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) post: Option<Operation>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) put: Option<Operation>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) patch: Option<Operation>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) delete: Option<Operation>,
}

#[derive(Debug, Serialize)]
pub(super) struct Operation {
    pub(super) tags: Vec<String>,
    #[serde(rename = "operationId")]
    pub(super) id: String,
    pub(super) summary: String,
    pub(super) description: String,
    #[serde(skip_serializing_if = "is_false")]
    pub(super) deprecated: bool,
    /// `None` inherits the document's.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) security: Option<Vec<Security>>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub(super) parameters: Vec<Parameter>,
    #[serde(rename = "requestBody", skip_serializing_if = "Option::is_none")]
    pub(super) request_body: Option<RequestBody>,
    pub(super) responses: BTreeMap<String, OrRef<Response>>,
    #[serde(flatten)]
    pub(super) extensions: Extensions,
}

/// What `OpenAPI` has no place for.
#[derive(Debug, Default, Serialize)]
pub(super) struct Extensions {
    #[serde(rename = "x-rate-limit", skip_serializing_if = "Option::is_none")]
    pub(super) rate_limit: Option<RateLimit>,
    #[serde(rename = "x-max-body-bytes", skip_serializing_if = "Option::is_none")]
    pub(super) max_body: Option<u64>,
    #[serde(rename = "x-repeatable")]
    pub(super) repeatable: bool,
    #[serde(rename = "x-source-row", skip_serializing_if = "Option::is_none")]
    pub(super) source_row: Option<u32>,
    #[serde(rename = "x-superseded-by", skip_serializing_if = "Vec::is_empty")]
    pub(super) superseded_by: Vec<String>,
    #[serde(rename = "x-records", skip_serializing_if = "Option::is_none")]
    pub(super) records: Option<Records>,
    #[serde(rename = "x-merged-operations", skip_serializing_if = "Vec::is_empty")]
    pub(super) merged: Vec<Merged>,
}

#[derive(Debug, Clone, PartialEq, Serialize)]
pub(super) struct RateLimit {
    pub(super) count: u32,
    pub(super) unit: String,
    pub(super) period_seconds: u32,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) bucket: Option<String>,
}

/// Records of the JSON-lines file that a URL in the answer leads to.
#[derive(Debug, Serialize)]
pub(super) struct Records {
    pub(super) format: &'static str,
    pub(super) schema: Schema,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub(super) examples: Vec<Json>,
}

/// One of the operations behind a merged one.
#[derive(Debug, Serialize)]
pub(super) struct Merged {
    pub(super) id: String,
    pub(super) title: String,
    pub(super) repeatable: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) rate_limit: Option<RateLimit>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) source_row: Option<u32>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub(super) superseded_by: Vec<String>,
}

#[derive(Debug, Clone, Serialize)]
pub(super) struct Parameter {
    pub(super) name: String,
    #[serde(rename = "in")]
    pub(super) place: &'static str,
    #[serde(skip_serializing_if = "String::is_empty")]
    pub(super) description: String,
    #[serde(skip_serializing_if = "is_false")]
    pub(super) required: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) style: Option<&'static str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) explode: Option<bool>,
    pub(super) schema: Schema,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) example: Option<Json>,
}

#[derive(Debug, Serialize)]
pub(super) struct RequestBody {
    #[serde(skip_serializing_if = "is_false")]
    pub(super) required: bool,
    pub(super) content: IndexMap<&'static str, MediaType>,
}

#[derive(Debug, Default, Serialize)]
pub(super) struct MediaType {
    pub(super) schema: Schema,
    #[serde(skip_serializing_if = "IndexMap::is_empty")]
    pub(super) examples: IndexMap<String, Example>,
}

#[derive(Debug, Clone, Serialize)]
pub(super) struct Example {
    #[serde(skip_serializing_if = "String::is_empty")]
    pub(super) summary: String,
    pub(super) value: Json,
}

#[derive(Debug, Default, Serialize)]
pub(super) struct Response {
    pub(super) description: String,
    #[serde(skip_serializing_if = "IndexMap::is_empty")]
    pub(super) content: IndexMap<&'static str, MediaType>,
    #[serde(rename = "x-error-codes", skip_serializing_if = "Vec::is_empty")]
    pub(super) codes: Vec<ErrorCode>,
}

#[derive(Debug, Serialize)]
pub(super) struct ErrorCode {
    pub(super) code: String,
    pub(super) retry: bool,
}

/// An object, or a reference to one among the components.
#[derive(Debug, Serialize)]
#[serde(untagged)]
pub(super) enum OrRef<T> {
    Ref {
        #[serde(rename = "$ref")]
        reference: String,
    },
    Inline(T),
}

#[derive(Debug, Default, Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Components {
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub(super) security_schemes: BTreeMap<&'static str, SecurityScheme>,
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub(super) responses: BTreeMap<String, Response>,
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub(super) schemas: BTreeMap<String, Schema>,
}

impl Components {
    fn is_empty(&self) -> bool {
        self.security_schemes.is_empty() && self.responses.is_empty() && self.schemas.is_empty()
    }
}

#[derive(Debug, Serialize)]
#[serde(tag = "type", rename_all = "camelCase")]
pub(super) enum SecurityScheme {
    Http {
        scheme: &'static str,
        description: String,
    },
    ApiKey {
        #[serde(rename = "in")]
        place: &'static str,
        name: String,
        description: String,
    },
}

/// A JSON Schema, as far as this project uses them.
#[derive(Debug, Clone, Default, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Schema {
    #[serde(rename = "$ref", skip_serializing_if = "Option::is_none")]
    pub(super) reference: Option<String>,
    #[serde(skip_serializing_if = "String::is_empty")]
    pub(super) description: String,
    #[serde(
        rename = "type",
        skip_serializing_if = "Vec::is_empty",
        serialize_with = "one_or_many"
    )]
    pub(super) types: Vec<&'static str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) format: Option<&'static str>,
    #[serde(rename = "enum", skip_serializing_if = "Vec::is_empty")]
    pub(super) values: Vec<Json>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) default: Option<Json>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) minimum: Option<i64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) maximum: Option<i64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) min_length: Option<u64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) max_length: Option<u64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) pattern: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) min_items: Option<u64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) max_items: Option<u64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) items: Option<Box<Schema>>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub(super) required: Vec<String>,
    #[serde(skip_serializing_if = "IndexMap::is_empty")]
    pub(super) properties: IndexMap<String, Schema>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) min_properties: Option<u64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) max_properties: Option<u64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) additional_properties: Option<Additional>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub(super) all_of: Vec<Schema>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub(super) one_of: Vec<Schema>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub(super) any_of: Vec<Schema>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) discriminator: Option<Discriminator>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub(super) examples: Vec<Json>,
    #[serde(rename = "x-extensible-enum", skip_serializing_if = "Vec::is_empty")]
    pub(super) open_values: Vec<Json>,
    #[serde(rename = "x-enum-varnames", skip_serializing_if = "Vec::is_empty")]
    pub(super) value_names: Vec<String>,
}

impl Schema {
    /// A schema of one type.
    pub(super) fn of(kind: &'static str) -> Self {
        Self {
            types: vec![kind],
            ..Self::default()
        }
    }

    /// A reference to a schema among the components.
    pub(super) fn component(name: &str) -> Self {
        Self {
            reference: Some(format!("{SCHEMAS}{name}")),
            ..Self::default()
        }
    }

    /// The component it refers to, if it is nothing but a reference.
    pub(super) fn component_name(&self) -> Option<&str> {
        self.reference.as_deref()?.strip_prefix(SCHEMAS)
    }

    /// The same without texts: what decides which values fit.
    pub(super) fn shape(&self) -> Self {
        let strip = |list: &[Self]| list.iter().map(Self::shape).collect();
        let mut shape = self.clone();
        shape.description.clear();
        shape.examples.clear();
        shape.items = self.items.as_ref().map(|s| Box::new(s.shape()));
        shape.properties = self.properties.iter().map(|(k, s)| (k.clone(), s.shape())).collect();
        if let Some(Additional::Schema(inner)) = &self.additional_properties {
            shape.additional_properties = Some(Additional::Schema(Box::new(inner.shape())));
        }
        shape.all_of = strip(&self.all_of);
        shape.one_of = strip(&self.one_of);
        shape.any_of = strip(&self.any_of);
        shape
    }
}

/// Where schemas stand in the document.
pub(super) const SCHEMAS: &str = "#/components/schemas/";

#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(untagged)]
pub(super) enum Additional {
    Any(bool),
    Schema(Box<Schema>),
}

#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Discriminator {
    pub(super) property_name: String,
    pub(super) mapping: IndexMap<String, String>,
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "the signature that serde asks for")]
fn is_false(value: &bool) -> bool {
    !*value
}

fn one_or_many<S: serde::Serializer>(types: &Vec<&'static str>, to: S) -> Result<S::Ok, S::Error> {
    match types.as_slice() {
        [one] => one.serialize(to),
        many => many.serialize(to),
    }
}
