//! The `OpenAPI` document as typed structs; field order is the order of the keys in the file.

use std::collections::{BTreeMap, BTreeSet};

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
    #[serde(rename = "x-rate-limits", skip_serializing_if = "RateLimits::is_empty")]
    pub(super) rate_limits: RateLimits,
    #[serde(rename = "x-paging", skip_serializing_if = "IndexMap::is_empty")]
    pub(super) paging: IndexMap<String, PagingStyle>,
    #[serde(rename = "x-error-catalogue", skip_serializing_if = "Vec::is_empty")]
    pub(super) errors: Vec<KnownError>,
    pub(super) paths: IndexMap<String, PathItem>,
    #[serde(skip_serializing_if = "Components::is_empty")]
    pub(super) components: Components,
}

impl Document {
    /// Returns the names of the components that are request bodies.
    pub(super) fn bodies(&mut self) -> BTreeSet<String> {
        let operations = self.paths.values_mut().flat_map(PathItem::operations_mut);
        let bodies = operations.filter_map(|operation| operation.request_body.as_ref());
        let schemas = bodies.flat_map(|body| body.content.values().map(|media| &media.schema));
        schemas.filter_map(Schema::component_name).map(str::to_owned).collect()
    }

    /// Returns every schema that is not part of another one.
    pub(super) fn schemas_mut(&mut self) -> impl Iterator<Item = &mut Schema> {
        let operations = self.paths.values_mut().flat_map(PathItem::operations_mut);
        let components = &mut self.components;
        let responses = components.responses.values_mut().flat_map(Response::schemas_mut);
        operations
            .flat_map(Operation::schemas_mut)
            .chain(responses)
            .chain(components.schemas.values_mut())
    }
}

/// The rate limits of requests.
#[derive(Debug, Default, Serialize)]
pub(super) struct RateLimits {
    /// The limit of operations that declare no other.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) default: Option<Rate>,
    /// Limits that several operations share, by key.
    #[serde(skip_serializing_if = "IndexMap::is_empty")]
    pub(super) buckets: IndexMap<String, Bucket>,
}

impl RateLimits {
    fn is_empty(&self) -> bool {
        self.default.is_none() && self.buckets.is_empty()
    }
}

#[derive(Debug, Clone, PartialEq, Serialize)]
pub(super) struct Rate {
    pub(super) count: u32,
    pub(super) unit: String,
    pub(super) period_seconds: u32,
}

#[derive(Debug, Serialize)]
pub(super) struct Bucket {
    pub(super) description: String,
    #[serde(flatten)]
    pub(super) rate: Rate,
}

/// A paging style.
#[derive(Debug, Serialize)]
pub(super) struct PagingStyle {
    pub(super) kind: &'static str,
    pub(super) description: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) first_page: Option<i64>,
    /// Whether an empty page is the last one even if it contains a cursor.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) ends_empty: Option<bool>,
}

/// An error of the catalogue; a response names it by its code.
#[derive(Debug, Serialize)]
pub(super) struct KnownError {
    pub(super) status: u16,
    pub(super) code: String,
    pub(super) meaning: String,
    pub(super) remedy: String,
    pub(super) retryable: bool,
    pub(super) throttled: bool,
}

/// Scopes by the name of the security scheme. If empty, no authentication is needed.
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
    /// An SPDX expression. 3.0 has no key for it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) identifier: Option<&'static str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) url: Option<&'static str>,
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

impl PathItem {
    fn operations_mut(&mut self) -> impl Iterator<Item = &mut Operation> {
        let slots = [
            &mut self.get,
            &mut self.post,
            &mut self.put,
            &mut self.patch,
            &mut self.delete,
        ];
        slots.into_iter().flatten()
    }
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
    /// `None` inherits the requirement of the document.
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

impl Operation {
    fn schemas_mut(&mut self) -> impl Iterator<Item = &mut Schema> {
        let parameters = self.parameters.iter_mut().map(|parameter| &mut parameter.schema);
        let bodies = self.request_body.iter_mut().flat_map(|body| body.content.values_mut());
        let responses = self.responses.values_mut().filter_map(|response| match response {
            OrRef::Inline(response) => Some(response),
            OrRef::Ref { .. } => None,
        });
        let records = self.extensions.records.iter_mut().map(|records| &mut records.schema);
        parameters
            .chain(bodies.map(|media| &mut media.schema))
            .chain(responses.flat_map(Response::schemas_mut))
            .chain(records)
    }
}

/// Extension keys of an operation, for facts that `OpenAPI` cannot express.
#[derive(Debug, Default, Serialize)]
pub(super) struct Extensions {
    #[serde(rename = "x-rate-limit", skip_serializing_if = "Vec::is_empty")]
    pub(super) rate_limit: Vec<RateLimit>,
    #[serde(rename = "x-max-body-bytes", skip_serializing_if = "Option::is_none")]
    pub(super) max_body: Option<u64>,
    #[serde(rename = "x-paging", skip_serializing_if = "Option::is_none")]
    pub(super) paging: Option<Paging>,
    #[serde(rename = "x-idempotent")]
    pub(super) idempotent: bool,
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
    #[serde(flatten)]
    pub(super) rate: Rate,
    /// Key of the limit that the operation shares with others.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) bucket: Option<String>,
}

/// The paging of a list. Paths into the response are JSON pointers.
#[derive(Debug, Serialize)]
pub(super) struct Paging {
    /// Key of the paging style.
    pub(super) style: String,
    /// The path to the items of a page.
    pub(super) items: String,
    #[serde(flatten)]
    pub(super) next: NextPage,
}

/// How to request the next page.
#[derive(Debug, Serialize)]
#[serde(untagged)]
pub(super) enum NextPage {
    Cursor {
        cursor_parameter: String,
        next_cursor: String,
    },
    Page {
        page_parameter: String,
        size_parameter: String,
    },
}

/// Records of the JSON Lines file that a URL in the response refers to.
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
    pub(super) idempotent: bool,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub(super) rate_limit: Vec<RateLimit>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) paging: Option<Paging>,
    /// Status and code of the known errors of the operation, if those of the other operations differ.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub(super) errors: Vec<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) source_row: Option<u32>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub(super) superseded_by: Vec<String>,
}

#[derive(Debug, Clone, Serialize)]
pub(super) struct Parameter {
    pub(super) name: String,
    #[serde(rename = "in")]
    pub(super) location: &'static str,
    #[serde(skip_serializing_if = "String::is_empty")]
    pub(super) description: String,
    /// Whether the parameter is a list that is sent as a comma-separated string.
    #[serde(skip)]
    pub(super) comma_separated: bool,
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
    pub(super) codes: Vec<String>,
}

impl Response {
    fn schemas_mut(&mut self) -> impl Iterator<Item = &mut Schema> {
        self.content.values_mut().map(|media| &mut media.schema)
    }
}

/// An object, or a reference to a component.
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
    pub(super) fn is_empty(&self) -> bool {
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
        location: &'static str,
        name: String,
        description: String,
    },
}

/// The keywords of a JSON Schema that this project uses. Those of 3.1 are rewritten for 3.0 by `dialect`.
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
    /// Only in 3.0; 3.1 lists `null` among the types.
    #[serde(skip_serializing_if = "is_false")]
    pub(super) nullable: bool,
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
    /// Only in 3.0; 3.1 has `examples`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) example: Option<Json>,
    /// Whether the value is a secret.
    #[serde(rename = "x-sensitive", skip_serializing_if = "is_false")]
    pub(super) sensitive: bool,
    #[serde(rename = "x-extensible-enum", skip_serializing_if = "Vec::is_empty")]
    pub(super) open_values: Vec<Json>,
    #[serde(rename = "x-enum-varnames", skip_serializing_if = "Vec::is_empty")]
    pub(super) value_names: Vec<String>,
    #[serde(rename = "x-patternProperties", skip_serializing_if = "IndexMap::is_empty")]
    pub(super) families: IndexMap<String, Schema>,
}

impl Schema {
    /// Returns a schema of one type.
    pub(super) fn of(kind: &'static str) -> Self {
        Self {
            types: vec![kind],
            ..Self::default()
        }
    }

    /// Returns a reference to a component.
    pub(super) fn component(name: &str) -> Self {
        Self {
            reference: Some(format!("{SCHEMAS}{name}")),
            ..Self::default()
        }
    }

    /// Returns the name of the component that the schema refers to, if it only consists of a reference.
    pub(super) fn component_name(&self) -> Option<&str> {
        self.reference.as_deref()?.strip_prefix(SCHEMAS)
    }

    /// Returns the schemas within the schema.
    pub(super) fn parts_mut(&mut self) -> impl Iterator<Item = &mut Self> {
        let values = match &mut self.additional_properties {
            Some(Additional::Schema(values)) => Some(&mut **values),
            _ => None,
        };
        let items = self.items.as_deref_mut();
        let parts = [&mut self.all_of, &mut self.one_of, &mut self.any_of];
        items
            .into_iter()
            .chain(values)
            .chain(self.properties.values_mut())
            .chain(self.families.values_mut())
            .chain(parts.into_iter().flatten())
    }

    /// Returns the schema without texts, which do not affect the valid values.
    pub(super) fn shape(&self) -> Self {
        let strip = |list: &[Self]| list.iter().map(Self::shape).collect();
        let mut shape = self.clone();
        shape.description.clear();
        shape.examples.clear();
        shape.items = self.items.as_ref().map(|s| Box::new(s.shape()));
        shape.properties = self.properties.iter().map(|(k, s)| (k.clone(), s.shape())).collect();
        shape.families = self.families.iter().map(|(k, s)| (k.clone(), s.shape())).collect();
        if let Some(Additional::Schema(inner)) = &self.additional_properties {
            shape.additional_properties = Some(Additional::Schema(Box::new(inner.shape())));
        }
        shape.all_of = strip(&self.all_of);
        shape.one_of = strip(&self.one_of);
        shape.any_of = strip(&self.any_of);
        shape
    }
}

/// The JSON pointer of the schemas in the document.
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

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde requires this signature")]
fn is_false(value: &bool) -> bool {
    !*value
}

fn one_or_many<S: serde::Serializer>(types: &Vec<&'static str>, to: S) -> Result<S::Ok, S::Error> {
    match types.as_slice() {
        [one] => one.serialize(to),
        many => many.serialize(to),
    }
}
