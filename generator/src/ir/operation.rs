//! Operations: what they send and what comes back.

use serde::Serialize;

use super::{Api, ErrorId, Example, Field, Json, Rate, Text, Type, TypeId};

/// What limits an operation.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub enum Limit {
    /// A limit of its own.
    Own(Rate),
    /// A limit shared with other operations: an index into [`Api::buckets`].
    Shared(usize),
}

impl Limit {
    /// The rate, wherever it is stated.
    #[must_use]
    pub fn rate<'a>(&'a self, api: &'a Api) -> &'a Rate {
        match self {
            Self::Own(rate) => rate,
            Self::Shared(bucket) => &api.buckets[*bucket].rate,
        }
    }
}

/// Section and position of an operation.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
pub struct OperationId {
    /// Index into [`Api::sections`].
    pub section: usize,
    /// Index into [`Section::operations`].
    pub operation: usize,
}

/// One operation: a method, a path, typed arguments and a typed result.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Operation {
    /// The key within the section, e.g. `create`; the method on the section's handle.
    pub key: String,
    /// `section.key`, unique in the API.
    pub id: String,
    /// The Rust module and method, e.g. `create`.
    pub rust_fn: String,
    /// The request type, e.g. `Create`.
    pub rust_type: String,
    /// HTTP method.
    pub method: Method,
    /// The path below the base path.
    pub path: Vec<Segment>,
    /// What it does, in a few words.
    pub title: Text,
    /// What a caller has to know beyond the title. May be empty.
    pub about: Text,
    /// Whether the token is sent.
    pub authenticated: bool,
    /// Path parameters in the order of the path.
    pub path_params: Vec<Param>,
    /// Query parameters.
    pub query: Vec<Param>,
    /// Header parameters.
    pub headers: Vec<Param>,
    /// What is sent.
    pub body: Body,
    /// What comes back.
    pub result: OperationResult,
    /// The type of the records in the file that a URL in the result leads to.
    pub records: Option<TypeId>,
    /// How a list is read page by page.
    pub paging: Option<Paging>,
    /// Errors the operation is known to give, sorted.
    pub errors: Vec<ErrorId>,
    /// What limits its rate.
    pub limit: Option<Limit>,
    /// The most bytes that the body of a request may have.
    pub max_body: Option<u64>,
    /// Whether sending the same request twice does no more than sending it once.
    pub repeatable: bool,
    /// Row of the source tables that it comes from.
    pub row: Option<u32>,
    /// What the source table got wrong.
    pub correction: Option<Correction>,
    /// Operations to use instead; not empty means deprecated.
    pub superseded_by: Vec<OperationId>,
    /// At least one.
    pub examples: Vec<Example>,
}

impl Operation {
    /// The path below the base path as a template, e.g. `/users/{username}`.
    #[must_use]
    pub fn path_template(&self) -> String {
        template(&self.path)
    }

    /// The name of an example, for outputs that refer to it; unlike that of any other on the same route.
    #[must_use]
    pub fn example_key(&self, index: usize) -> String {
        let base = self.id.replace('.', "_");
        match self.examples.len() {
            1 => base,
            _ => format!("{base}_{}", index + 1),
        }
    }
}

/// A path as a template, e.g. `/users/{username}`.
#[must_use]
pub fn template(path: &[Segment]) -> String {
    path.iter().fold(String::new(), |out, segment| match segment {
        Segment::Literal(text) => out + "/" + text,
        Segment::Param(index) => out + "/{" + index + "}",
    })
}

/// HTTP method.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
pub enum Method {
    /// `GET`
    Get,
    /// `POST`
    Post,
    /// `PUT`
    Put,
    /// `PATCH`
    Patch,
    /// `DELETE`
    Delete,
}

impl Method {
    /// As written in a request line.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Get => "GET",
            Self::Post => "POST",
            Self::Put => "PUT",
            Self::Patch => "PATCH",
            Self::Delete => "DELETE",
        }
    }
}

/// One segment of a path.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize)]
pub enum Segment {
    /// Fixed text.
    Literal(String),
    /// The wire name of a path parameter.
    Param(String),
}

/// A path, query or header parameter.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Param {
    /// Name on the wire.
    pub wire: String,
    /// Name in Rust.
    pub rust: String,
    /// Its type; a list is sent comma-separated.
    pub ty: Type,
    /// Whether it must be given.
    pub required: bool,
    /// What the server assumes when it is absent.
    pub default: Option<Json>,
    /// Its meaning.
    pub doc: Text,
}

/// What a request carries.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub enum Body {
    /// Nothing.
    None,
    /// A JSON object whose fields are arguments of the operation.
    Json(Vec<Field>),
    /// A JSON document that is one argument.
    JsonValue(Field),
    /// A form whose fields are arguments of the operation.
    Form(Vec<Field>),
    /// A form made of the entries of one argument, a map of strings.
    FormMap(Field),
    /// A multipart form whose parts are arguments; parts of type [`Type::File`] are files.
    Multipart(Vec<Field>),
}

impl Body {
    /// The arguments that it is made of.
    #[must_use]
    pub fn fields(&self) -> &[Field] {
        match self {
            Self::None => &[],
            Self::Json(fields) | Self::Form(fields) | Self::Multipart(fields) => fields,
            Self::JsonValue(field) | Self::FormMap(field) => std::slice::from_ref(field),
        }
    }

    /// The media type of the request, if it has a body.
    #[must_use]
    pub fn media_type(&self) -> Option<&'static str> {
        match self {
            Self::None => None,
            Self::Json(_) | Self::JsonValue(_) => Some("application/json"),
            Self::Form(_) | Self::FormMap(_) => Some("application/x-www-form-urlencoded"),
            Self::Multipart(_) => Some("multipart/form-data"),
        }
    }
}

/// What an operation answers.
#[allow(clippy::large_enum_variant, reason = "there is one per operation")]
#[derive(Debug, Clone, PartialEq, Serialize)]
pub enum OperationResult {
    /// Nothing of interest beside the envelope.
    None,
    /// The bytes of a file, streamed.
    Bytes,
    /// One value.
    Value(ResultPart),
    /// Several values, gathered in a struct named by `rust_type`.
    Parts {
        /// Name of the generated struct, e.g. `CreateManyResult`.
        rust_type: String,
        /// Its fields, with their places.
        parts: Vec<ResultPart>,
    },
}

impl OperationResult {
    /// The values that it is made of.
    #[must_use]
    pub fn parts(&self) -> &[ResultPart] {
        match self {
            Self::None | Self::Bytes => &[],
            Self::Value(part) => std::slice::from_ref(part),
            Self::Parts { parts, .. } => parts,
        }
    }
}

/// A value of the result and its place in the answer.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct ResultPart {
    /// Name, type and meaning. For [`OperationResult::Value`] the names are `value`.
    pub field: Field,
    /// Keys and indexes that lead to it from the top of the JSON document; empty means the document itself. Where the
    /// field has other spellings, it is the field's own key.
    pub place: Vec<Step>,
}

impl ResultPart {
    /// Every place where an answer may hold it: its own, and those of its other spellings.
    pub fn places(&self) -> impl Iterator<Item = Vec<Step>> {
        let others = self.field.aliases.iter().map(|alias| vec![Step::Key(alias.clone())]);
        std::iter::once(self.place.clone()).chain(others)
    }
}

/// One step into a JSON document.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub enum Step {
    /// The value under a key of an object.
    Key(String),
    /// An element of an array.
    Index(usize),
}

/// How a list is read page by page.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Paging {
    /// The key of the style in the spec.
    pub style: String,
    /// What a reader has to know about the style.
    pub doc: Text,
    /// How the next page is asked for.
    pub kind: PagingKind,
    /// Which part of the result is the list: an index into [`OperationResult::parts`].
    pub items: usize,
}

/// How the next page is asked for.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub enum PagingKind {
    /// The answer holds a cursor, which the next request repeats; no cursor means the end.
    Cursor {
        /// Index into [`Operation::query`] of the parameter that takes the cursor (an optional string).
        param: usize,
        /// Where the next cursor is in the answer.
        next: Vec<Step>,
        /// Whether a page without elements is the end even if it holds a cursor.
        ends_empty: bool,
    },
    /// Pages are numbered; a page shorter than its size is the last.
    Page {
        /// Index into [`Operation::query`] of the page number (an optional integer).
        number: usize,
        /// Index into [`Operation::query`] of the page size (an optional integer with a default).
        size: usize,
        /// The number of the first page.
        first: i64,
    },
}

/// What the source table got wrong. At least one of the first three is there.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Correction {
    /// The method as printed.
    pub method: Option<String>,
    /// The path as printed, base path included.
    pub path: Option<String>,
    /// The description as printed.
    pub text: Option<String>,
    /// A matter of spelling only: what was printed cannot mislead a caller.
    pub cosmetic: bool,
    /// Why it is corrected.
    pub why: Text,
}
