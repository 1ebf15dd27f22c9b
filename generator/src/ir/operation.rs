//! Operations: what they send and what comes back.

use serde::Serialize;

use super::{Api, ErrorId, Example, Field, JsonPath, Rate, Text, Type, TypeId};

/// The rate limit of an operation.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub enum Limit {
    /// None: the API has no default limit.
    None,
    /// [`Api::default_limit`], counted for this operation alone.
    Default,
    /// A limit of its own.
    Own(Rate),
    /// A limit shared with other operations: an index into [`Api::buckets`].
    Shared(usize),
}

impl Limit {
    /// The rate, wherever it is stated.
    #[must_use]
    pub fn rate<'a>(&'a self, api: &'a Api) -> Option<&'a Rate> {
        match self {
            Self::None => None,
            Self::Default => api.default_limit.as_ref(),
            Self::Own(rate) => Some(rate),
            Self::Shared(bucket) => Some(&api.buckets[*bucket].rate),
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
    /// The kind of body; its values are the inputs in [`Location::Body`].
    pub body: BodyKind,
    /// Everything that a caller gives or that is sent as a constant, in the order of the request type's constructor and
    /// setters: path, query, headers, body.
    pub inputs: Vec<Input>,
    /// What comes back.
    pub result: OperationResult,
    /// The records in the files that the result links to.
    pub records: Option<Records>,
    /// How a list is read page by page.
    pub paging: Option<Paging>,
    /// Errors the operation is known to give, sorted.
    pub errors: Vec<ErrorId>,
    /// What limits its rate.
    pub limit: Limit,
    /// How a request with more elements than the server takes at once is split into several.
    pub split: Option<Split>,
    /// The most bytes that the body of a request may have.
    pub max_body: Option<u64>,
    /// Whether sending the same request twice does no more than sending it once.
    pub idempotent: bool,
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

    /// The input behind a reference.
    #[must_use]
    pub fn input(&self, id: InputId) -> &Field {
        &self.inputs[id.0].field
    }

    /// The inputs in a part of the request, with their references.
    pub fn inputs_in(&self, location: Location) -> impl Iterator<Item = (InputId, &Field)> + Clone {
        inputs_in(&self.inputs, location)
    }

    /// The inputs in a part of the request.
    pub fn fields_in(&self, location: Location) -> impl Iterator<Item = &Field> + Clone {
        self.inputs_in(location).map(|(_, field)| field)
    }

    /// Returns `true` if the `OpenAPI` documents describe an input as a comma-separated text: a list in the path, a header or
    /// a form. Tools disagree on how such a list is sent.
    #[must_use]
    pub fn is_list_as_text(&self, location: Location, field: &Field) -> bool {
        let in_form = matches!(self.body, BodyKind::Form | BodyKind::Multipart);
        let as_text = match location {
            Location::Path | Location::Header => true,
            Location::Query => false,
            Location::Body => in_form,
        };
        as_text && matches!(field.ty, Type::List(..))
    }

    /// The arguments of the request type's constructor.
    pub fn required_inputs(&self) -> impl Iterator<Item = &Field> {
        self.inputs
            .iter()
            .map(|input| &input.field)
            .filter(|field| field.is_required_argument())
    }
}

/// The inputs in a part of the request, with their references.
pub(crate) fn inputs_in(inputs: &[Input], location: Location) -> impl Iterator<Item = (InputId, &Field)> + Clone {
    let inputs = inputs.iter().enumerate();
    inputs
        .filter(move |(_, input)| input.location == location)
        .map(|(index, input)| (InputId(index), &input.field))
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

/// A value that a request carries.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Input {
    /// The part of the request that holds it.
    pub location: Location,
    /// Its name, type and meaning. It has no aliases.
    pub field: Field,
}

/// A part of a request.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
pub enum Location {
    /// The path.
    Path,
    /// The query string.
    Query,
    /// A header.
    Header,
    /// The body.
    Body,
}

impl Location {
    /// The name, as OpenAPI spells it.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Path => "path",
            Self::Query => "query",
            Self::Header => "header",
            Self::Body => "body",
        }
    }
}

/// Index into [`Operation::inputs`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
pub struct InputId(pub usize);

/// A list that is sent in several requests if it is too long for one.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub struct Split {
    /// The list: a required input of type [`Type::List`].
    pub list: InputId,
    /// The most elements that the server takes at once.
    pub most: u64,
}

/// The records in the JSON-lines files that a result links to.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Records {
    /// The type of one record.
    pub ty: TypeId,
    /// The part of the result that links to the files: an index into [`OperationResult::parts`]. It is one value or a list.
    pub part: usize,
    /// The field of that value, or of each element of the list, that is the link; `None` if it is the link itself.
    pub field: Option<Field>,
}

/// The kind of body of a request.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub enum BodyKind {
    /// None.
    None,
    /// A JSON object whose fields are the inputs.
    Json,
    /// A JSON document that is the only input.
    JsonValue,
    /// A form whose fields are the inputs.
    Form,
    /// A form made of the entries of the only input, a map of strings.
    FormMap,
    /// A multipart form whose parts are the inputs; those of type [`Type::File`] are files.
    Multipart,
}

impl BodyKind {
    /// The media type of the request, if it has a body.
    #[must_use]
    pub fn media_type(self) -> Option<&'static str> {
        match self {
            Self::None => None,
            Self::Json | Self::JsonValue => Some("application/json"),
            Self::Form | Self::FormMap => Some("application/x-www-form-urlencoded"),
            Self::Multipart => Some("multipart/form-data"),
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
        /// Its fields, with their paths.
        parts: Vec<ResultPart>,
    },
}

impl OperationResult {
    /// Returns `true` if the response is a JSON object that contains the fields of the envelope beside the result.
    #[must_use]
    pub fn has_envelope(&self) -> bool {
        match self {
            Self::None => true,
            Self::Bytes => false,
            Self::Value(_) | Self::Parts { .. } => self.parts().iter().all(|part| !part.path.is_empty()),
        }
    }

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

/// A value of the result and its path in the response.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct ResultPart {
    /// Name, type and meaning. For [`OperationResult::Value`] the names are `value`.
    pub field: Field,
    /// The path to it in the response. Where the field has aliases, it is the path to the field's own key.
    pub path: JsonPath,
}

impl ResultPart {
    /// Returns every path under which a response may hold it: its own, and those of its aliases.
    pub fn paths(&self) -> impl Iterator<Item = JsonPath> {
        let aliases = self.field.aliases.iter().map(|alias| JsonPath::key(alias));
        std::iter::once(self.path.clone()).chain(aliases)
    }
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
        /// The query parameter that takes the cursor (an optional string).
        param: InputId,
        /// The path to the next cursor in the response.
        next: JsonPath,
        /// Whether a page without elements is the end even if it holds a cursor.
        ends_empty: bool,
    },
    /// Pages are numbered; a page shorter than its size is the last.
    Page {
        /// The query parameter that takes the page number (an optional integer).
        number: InputId,
        /// The query parameter that takes the page size (an optional integer with a default).
        size: InputId,
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
