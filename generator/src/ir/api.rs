//! The API as a whole: servers, authentication, errors, rate limits and sections.

use serde::Serialize;

use super::{Field, Language, ManifestTable, Method, Operation, OperationId, Segment, Text, TypeDef, TypeId};

/// One REST API: everything that any output needs.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Api {
    /// The key of the API, which is also the name of the client crate, e.g. `library`.
    pub name: String,
    /// Version of the client crate and of the OpenAPI document.
    pub version: String,
    /// Title of the API.
    pub title: Text,
    /// What the API is for.
    pub about: Text,
    /// Languages of every [`Text`], in its order. Never empty.
    pub languages: Vec<Language>,
    /// Hosts the API is served from, in the order of the spec. Never empty.
    pub servers: Vec<Server>,
    /// Name of the generated `enum` of servers, e.g. `Region`.
    pub server_type: String,
    /// Name of the builder's method that takes one, e.g. `region`.
    pub server_setter: String,
    /// The path before every route, e.g. `/v2/{branch}`.
    pub base: BasePath,
    /// How a caller proves who it is, if the API asks for that.
    pub auth: Option<Auth>,
    /// Fields that an answer may carry around its payload. All of them are optional on the wire.
    pub envelope: Vec<Field>,
    /// How errors look, and the known ones.
    pub errors: Errors,
    /// The limit of an operation that names none.
    pub default_limit: Option<Rate>,
    /// Rate limits that several operations share.
    pub buckets: Vec<Bucket>,
    /// Sections in the order of the spec.
    pub sections: Vec<Section>,
    /// Every type the operations use, sorted by name; [`TypeId`] is an index into it.
    pub types: Vec<TypeDef>,
    /// Method-and-path pairs in the order of their first operation; several operations may share one.
    pub routes: Vec<Route>,
    /// What there is and how it hangs together, for a diagram.
    pub model: Option<Model>,
    /// Hand-written files of the client crate: path in the crate and content, sorted by path.
    pub client_files: Vec<(String, String)>,
    /// What is added by hand to tables of the client's manifest, as TOML.
    pub client_manifest: Vec<(ManifestTable, String)>,
}

impl Api {
    /// The definition behind a reference.
    #[must_use]
    pub fn type_def(&self, id: TypeId) -> &TypeDef {
        &self.types[id.0]
    }

    /// The operation behind a reference.
    #[must_use]
    pub fn operation(&self, id: OperationId) -> &Operation {
        &self.sections[id.section].operations[id.operation]
    }

    /// The section of an operation.
    #[must_use]
    pub fn section_of(&self, id: OperationId) -> &Section {
        &self.sections[id.section]
    }

    /// The known error behind a reference.
    #[must_use]
    pub fn error(&self, id: ErrorId) -> &KnownError {
        &self.errors.catalogue[id.0]
    }

    /// Every operation with its reference, in the order of the spec.
    pub fn operations(&self) -> impl Iterator<Item = (OperationId, &Operation)> {
        self.sections.iter().enumerate().flat_map(|(section, s)| {
            s.operations
                .iter()
                .enumerate()
                .map(move |(operation, op)| (OperationId { section, operation }, op))
        })
    }
}

/// A place the API is served from.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Server {
    /// The key in the spec, e.g. `europe1`.
    pub key: String,
    /// The variant of the generated `enum`, e.g. `Europe1`.
    pub rust_variant: String,
    /// Scheme and host, without a trailing slash, e.g. `https://api.example.com`.
    pub url: String,
    /// Further base URLs of the same server, for when the first cannot be reached.
    pub alternatives: Vec<String>,
    /// Where it is.
    pub doc: Text,
}

impl Server {
    /// All base URLs, the first choice first.
    pub fn urls(&self) -> impl Iterator<Item = &str> + Clone {
        std::iter::once(&self.url).chain(&self.alternatives).map(String::as_str)
    }
}

/// The path before every route.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct BasePath {
    /// The segments, in order.
    pub segments: Vec<Segment>,
    /// The parameters among them, in order.
    pub params: Vec<Field>,
    /// The shell variables that stand for them in samples, in the same order.
    pub variables: Vec<String>,
}

/// What there is and how it hangs together.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Model {
    /// What a reader has to know.
    pub about: Text,
    /// What there is, in the order of the spec.
    pub things: Vec<Thing>,
    /// How it hangs together, in the order of the spec.
    pub relations: Vec<Relation>,
}

/// A kind of thing that the API deals with.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Thing {
    /// The key in the spec.
    pub key: String,
    /// What it is called.
    pub name: Text,
}

/// How two kinds of things hang together.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Relation {
    /// The subject: an index into [`Model::things`].
    pub from: usize,
    /// The object: an index into [`Model::things`].
    pub to: usize,
    /// Whether many subjects can have one object.
    pub many_from: bool,
    /// Whether one subject can have many objects.
    pub many_to: bool,
    /// The verb between them.
    pub label: Text,
}

impl Relation {
    /// How many of the one there are to how many of the other, e.g. `1:n`.
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

/// How a caller proves who it is.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Auth {
    /// The header that carries the token, e.g. `Authorization`.
    pub header: String,
    /// What stands before the token, e.g. `Bearer ` (with the blank), or nothing.
    pub prefix: String,
    /// What a reader has to know.
    pub about: Text,
    /// How a client that has credentials obtains a token by itself.
    pub grant: Option<Grant>,
}

/// The operation that exchanges credentials for a token.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Grant {
    /// The operation to call.
    pub operation: OperationId,
    /// Its arguments that the credentials fill, in the order of the builder's arguments. All of them are required
    /// string-like body fields, and the operation requires nothing else.
    pub credentials: Vec<Field>,
    /// The shell variables that hold the credentials in samples, in the same order.
    pub variables: Vec<String>,
    /// The field of the result that is the token (a required string or secret of an object type).
    pub token: Field,
    /// The field of the result that says how long the token lives (a duration).
    pub lifetime: Option<Field>,
}

/// How errors look on the wire, and which ones are known.
#[derive(Debug, Clone, PartialEq, Default, Serialize)]
pub struct Errors {
    /// Key of the machine-readable code in the error body.
    pub code_key: Option<String>,
    /// Key of the human-readable description in the error body.
    pub message_key: Option<String>,
    /// All fields of the error body, the two above included. All of them are optional on the wire.
    pub fields: Vec<Field>,
    /// Known errors, sorted by status and code.
    pub catalogue: Vec<KnownError>,
}

/// An error the API is known to give.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct KnownError {
    /// HTTP status.
    pub status: u16,
    /// The machine-readable code; open, so it may hold blanks and capitals.
    pub code: String,
    /// The variant of the generated `ErrorCode`; the same code has the same variant under every status.
    pub rust_variant: String,
    /// What happened.
    pub means: Text,
    /// What the caller should do.
    pub remedy: Text,
    /// Whether sending the same request again can succeed.
    pub retry: bool,
}

/// Index into [`Errors::catalogue`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
pub struct ErrorId(pub usize);

/// A rate: so many units per period.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Rate {
    /// How many.
    pub count: u32,
    /// Of what, e.g. `calls` or `messages`.
    pub unit: String,
    /// Per how long.
    pub period: Period,
}

/// The period of a [`Rate`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub enum Period {
    /// One second.
    Second,
    /// One minute.
    Minute,
    /// One hour.
    Hour,
}

impl Period {
    /// Its length in seconds.
    #[must_use]
    pub fn seconds(self) -> u32 {
        match self {
            Self::Second => 1,
            Self::Minute => 60,
            Self::Hour => 3600,
        }
    }

    /// Its sign in the notation, e.g. `s` in `100/s`.
    #[must_use]
    pub fn sign(self) -> &'static str {
        match self {
            Self::Second => "s",
            Self::Minute => "min",
            Self::Hour => "h",
        }
    }
}

/// A rate limit that several operations share.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Bucket {
    /// The key in the spec.
    pub key: String,
    /// The constant in `limits`, e.g. `TENDING`.
    pub rust_const: String,
    /// The limit.
    pub rate: Rate,
    /// What shares it.
    pub doc: Text,
}

/// One endpoint table.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Section {
    /// The key in the spec, e.g. `users`; also the file name in docs.
    pub key: String,
    /// The Rust module and the method on the client, e.g. `users`.
    pub rust_module: String,
    /// The handle type, e.g. `Users`.
    pub rust_type: String,
    /// Its title.
    pub title: Text,
    /// What the section is for.
    pub about: Text,
    /// Operations in the order of the spec. Never empty.
    pub operations: Vec<Operation>,
}

/// One method and path, and the operations that share it.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Route {
    /// HTTP method.
    pub method: Method,
    /// The path below the base path.
    pub path: Vec<Segment>,
    /// The operations, in the order of the spec. Never empty; where there are several, requests can be told apart.
    pub operations: Vec<OperationId>,
}
