//! The API as a whole: servers, authentication and sections.

use serde::Serialize;

use super::{
    Bucket, ErrorId, Errors, Field, HandWritten, KnownError, Language, Method, Operation, OperationId, Rate, Segment,
    Text, TypeDef, TypeId, Webhooks,
};

/// One REST API: everything that any output needs.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Api {
    /// Key of the API and name of the client crate, e.g. `library`.
    pub name: String,
    /// Version of the client crate and of the OpenAPI document.
    pub version: String,
    /// Title.
    pub title: Text,
    /// Description.
    pub about: Text,
    /// Languages of every [`Text`], in the order of its parts. Never empty.
    pub languages: Vec<Language>,
    /// Servers of the API, in the order of the spec. Never empty.
    pub servers: Vec<Server>,
    /// Name of the generated `enum` of servers, e.g. `Region`.
    pub server_type: String,
    /// Name of the builder method that sets the server, e.g. `region`.
    pub server_setter: String,
    /// Base path of all routes, e.g. `/v2/{branch}`.
    pub base: BasePath,
    /// Authentication, if the API requires any.
    pub auth: Option<Auth>,
    /// Fields that responses may contain in addition to the result. All are optional on the wire.
    pub envelope: Vec<Field>,
    /// Error responses.
    pub errors: Errors,
    /// Rate limit of operations without a `limit`.
    pub default_limit: Option<Rate>,
    /// Rate limits that several operations share.
    pub buckets: Vec<Bucket>,
    /// Sections in the order of the spec.
    pub sections: Vec<Section>,
    /// Types used by the operations, sorted by name. [`TypeId`] is an index into them.
    pub types: Vec<TypeDef>,
    /// Routes, in the order of their first operation. Several operations may share one.
    pub routes: Vec<Route>,
    /// Editions of the source documentation, in the order of the spec.
    pub editions: Vec<Edition>,
    /// Requests that the server sends to the backend of an app.
    pub webhooks: Option<Webhooks>,
    /// Data model, for a diagram.
    pub model: Option<Model>,
    /// The hand-written part of the client crate.
    pub client: HandWritten,
    /// The hand-written part of the sandbox: its behaviour. `None` if the API has no sandbox.
    pub sandbox: Option<HandWritten>,
}

impl Api {
    /// Returns a type by its reference.
    #[must_use]
    pub fn type_def(&self, id: TypeId) -> &TypeDef {
        &self.types[id.0]
    }

    /// Returns the types that operations use, and not only webhooks.
    pub fn types_of_operations(&self) -> impl Iterator<Item = &TypeDef> {
        self.types.iter().filter(|def| def.in_operation)
    }

    /// Returns the types that a server uses: those of operations, and those that it sends in webhooks.
    pub fn types_of_server(&self) -> impl Iterator<Item = &TypeDef> {
        self.types.iter().filter(|def| def.in_operation || def.in_event)
    }

    /// Returns an operation by its reference.
    #[must_use]
    pub fn operation(&self, id: OperationId) -> &Operation {
        &self.sections[id.section].operations[id.operation]
    }

    /// Returns the section of an operation.
    #[must_use]
    pub fn section_of(&self, id: OperationId) -> &Section {
        &self.sections[id.section]
    }

    /// Returns a known error by its reference.
    #[must_use]
    pub fn error(&self, id: ErrorId) -> &KnownError {
        &self.errors.catalogue[id.0]
    }

    /// Returns all operations with their references, in the order of the spec.
    pub fn operations(&self) -> impl Iterator<Item = (OperationId, &Operation)> {
        self.sections.iter().enumerate().flat_map(|(section, s)| {
            s.operations
                .iter()
                .enumerate()
                .map(move |(operation, op)| (OperationId { section, operation }, op))
        })
    }
}

/// A server of the API.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Server {
    /// Key in the spec, e.g. `europe1`.
    pub key: String,
    /// Variant of the generated `enum`, e.g. `Europe1`.
    pub rust_variant: String,
    /// Scheme and host, without a trailing slash, e.g. `https://api.example.com`.
    pub url: String,
    /// Further base URLs of the same server, used if the first is unreachable.
    pub alternatives: Vec<String>,
    /// Description.
    pub doc: Text,
}

impl Server {
    /// Returns all base URLs in the order in which they are tried.
    pub fn urls(&self) -> impl Iterator<Item = &str> + Clone {
        std::iter::once(&self.url).chain(&self.alternatives).map(String::as_str)
    }
}

/// The base path of all routes.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct BasePath {
    /// Segments.
    pub segments: Vec<Segment>,
    /// Parameters, in the order of the segments.
    pub params: Vec<Field>,
    /// Shell variables for the parameters in samples, in the same order.
    pub variables: Vec<String>,
}

/// An edition of the source documentation.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Edition {
    /// Key in the spec.
    pub key: String,
    /// Name.
    pub name: Text,
}

/// Index into [`Api::editions`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
pub struct EditionId(pub usize);

/// The data model.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Model {
    /// Description.
    pub about: Text,
    /// Entities, in the order of the spec.
    pub things: Vec<Thing>,
    /// Relationships, in the order of the spec.
    pub relations: Vec<Relation>,
}

/// An entity of the data model.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Thing {
    /// Key in the spec.
    pub key: String,
    /// Name.
    pub name: Text,
}

/// A relationship between two entities.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Relation {
    /// Subject: an index into [`Model::things`].
    pub from: usize,
    /// Object: an index into [`Model::things`].
    pub to: usize,
    /// Whether an object can belong to several subjects.
    pub many_from: bool,
    /// Whether a subject can have several objects.
    pub many_to: bool,
    /// Verb.
    pub label: Text,
}

impl Relation {
    /// Returns the cardinality, e.g. `1:n`.
    #[must_use]
    pub fn cardinality(&self) -> &'static str {
        match (self.many_from, self.many_to) {
            (false, false) => "1:1",
            (false, true) => "1:n",
            (true, false) => "n:1",
            (true, true) => "n:n",
        }
    }
}

/// How requests are authenticated.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Auth {
    /// Header of the token, e.g. `Authorization`.
    pub header: String,
    /// Prefix of the token, e.g. `Bearer ` with the space. May be empty.
    pub prefix: String,
    /// Description.
    pub about: Text,
    /// How a client with credentials obtains tokens.
    pub grant: Option<Grant>,
}

/// The operation that exchanges credentials for a token.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Grant {
    /// The operation.
    pub operation: OperationId,
    /// Inputs that take the credentials, in the order of the builder's arguments. All are required string-like body
    /// fields, and the operation requires no other inputs.
    pub credentials: Vec<Field>,
    /// Shell variables for the credentials in samples, in the same order.
    pub variables: Vec<String>,
    /// Field of the result with the token: a required string or secret. The result is an object.
    pub token: Field,
    /// Field of the result with the lifetime of the token, a duration.
    pub lifetime: Option<Field>,
}

/// A section: one endpoint table.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Section {
    /// Key in the spec, e.g. `users`. Also the file name in the docs.
    pub key: String,
    /// Rust module and method of the client, e.g. `users`.
    pub rust_module: String,
    /// Handle type, e.g. `Users`.
    pub rust_type: String,
    /// Title.
    pub title: Text,
    /// Description.
    pub about: Text,
    /// Operations, in the order of the spec. Never empty.
    pub operations: Vec<Operation>,
}

/// A method and path, and the operations that share it.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Route {
    /// HTTP method.
    pub method: Method,
    /// Path below the base path.
    pub path: Vec<Segment>,
    /// The section of the first operation, and the name of the operation that all of them become where a method and path can only
    /// have one: `plots.open`.
    pub id: String,
    /// Operations, in the order of the spec. Never empty. The requests of several operations are distinguishable.
    pub operations: Vec<OperationId>,
}
