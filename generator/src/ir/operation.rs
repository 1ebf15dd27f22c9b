//! Operations: inputs, results and properties.

use serde::Serialize;

use super::{EditionId, ErrorId, Example, Field, JsonPath, Limit, Text, Type, TypeId};

/// Reference to an operation.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
pub struct OperationId {
    /// Index into [`Api::sections`](super::Api::sections).
    pub section: usize,
    /// Index into [`Section::operations`](super::Section::operations).
    pub operation: usize,
}

/// One operation: a method, a path, typed arguments and a typed result.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Operation {
    /// Key in the section, e.g. `create`. Also the method of the section's handle.
    pub key: String,
    /// Section and key, unique in the API, e.g. `users.create`.
    pub id: String,
    /// The Rust module and method, e.g. `create`.
    pub rust_fn: String,
    /// The request type, e.g. `Create`.
    pub rust_type: String,
    /// HTTP method.
    pub method: Method,
    /// The path below the base path.
    pub path: Vec<Segment>,
    /// Short description.
    pub title: Text,
    /// Further description. May be empty.
    pub about: Text,
    /// Whether requests carry the token.
    pub authenticated: bool,
    /// Kind of body. Its values are the inputs in [`Location::Body`].
    pub body: BodyKind,
    /// Arguments and constants, in the order of the request type's constructor and setters: path, query, headers, body.
    pub inputs: Vec<Input>,
    /// Result.
    pub result: OperationResult,
    /// The variable to which samples bind the result. `None` if there is none.
    pub binding: Option<Binding>,
    /// The records in the files that the result links to.
    pub records: Option<Records>,
    /// How a list is read page by page.
    pub paging: Option<Paging>,
    /// Known errors of the operation, sorted.
    pub errors: Vec<ErrorId>,
    /// Rate limits, all of which apply.
    pub limits: Vec<Limit>,
    /// How a request with too many elements is split into several requests. `None` if it cannot be split.
    pub split: Option<Split>,
    /// The request for a single element, if the operation has one beside that for a list.
    pub one: Option<One>,
    /// Maximum size of the request body in bytes.
    pub max_body: Option<u64>,
    /// Whether sending the same request twice has the same effect as sending it once.
    pub idempotent: bool,
    /// Row of the source tables that describes the operation.
    pub row: Option<u32>,
    /// Editions of the source documentation that describe the operation, in their order.
    pub editions: Vec<EditionId>,
    /// Error in the source table.
    pub correction: Option<Correction>,
    /// Replacements. If there are any, the operation is deprecated.
    pub superseded_by: Vec<OperationId>,
    /// Examples. Never empty.
    pub examples: Vec<Example>,
}

impl Operation {
    /// Returns the path below the base path as a template, e.g. `/users/{username}`.
    #[must_use]
    pub fn path_template(&self) -> String {
        template(&self.path)
    }

    /// Returns an input by its reference.
    #[must_use]
    pub fn input(&self, id: InputId) -> &Field {
        &self.inputs[id.0].field
    }

    /// Returns the inputs in a part of the request, with their references.
    pub fn inputs_in(&self, location: Location) -> impl Iterator<Item = (InputId, &Field)> + Clone {
        inputs_in(&self.inputs, location)
    }

    /// Returns the inputs in a part of the request.
    pub fn fields_in(&self, location: Location) -> impl Iterator<Item = &Field> + Clone {
        self.inputs_in(location).map(|(_, field)| field)
    }

    /// Returns `true` if the `OpenAPI` documents describe an input as a comma-separated string: a list in the path, a header or
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

    /// Returns the arguments of the request type's constructor.
    pub fn required_inputs(&self) -> impl Iterator<Item = &Field> {
        self.inputs
            .iter()
            .map(|input| &input.field)
            .filter(|field| field.is_required_argument())
    }
}

/// Returns the inputs in a part of the request, with their references.
pub(crate) fn inputs_in(inputs: &[Input], location: Location) -> impl Iterator<Item = (InputId, &Field)> + Clone {
    let inputs = inputs.iter().enumerate();
    inputs
        .filter(move |(_, input)| input.location == location)
        .map(|(index, input)| (InputId(index), &input.field))
}

/// Returns a path as a template, e.g. `/users/{username}`.
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
    /// Returns the name used in a request line.
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

/// A value in a request.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Input {
    /// Part of the request.
    pub location: Location,
    /// Name, type and description. It has no aliases.
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
    /// Returns the name used in OpenAPI.
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

/// How a list that is too long for one request is sent in several.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub struct Split {
    /// The list: a required input of type [`Type::List`].
    pub list: InputId,
    /// Maximum number of elements in a request.
    pub most: u64,
}

/// The names of the request for a single element of an operation that takes one list, requires all its arguments, and has a list
/// as its result.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct One {
    /// The method, e.g. `get_one`.
    pub rust_fn: String,
    /// The request type, e.g. `GetOne`.
    pub rust_type: String,
}

/// The records in the JSON Lines files that a result links to.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Records {
    /// Type of a record.
    pub ty: TypeId,
    /// The part of the result that contains the links: an index into [`OperationResult::parts`]. A value or a list.
    pub part: usize,
    /// The field of the value, or of each element of the list, that is the link. `None` if the value or element is the link.
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
    /// A form whose fields are the entries of the only input, a map of strings.
    FormMap,
    /// A multipart form whose parts are the inputs. Inputs of type [`Type::File`] are files.
    Multipart,
}

impl BodyKind {
    /// Returns the media type of the body, if there is one.
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

/// The result of an operation.
#[allow(clippy::large_enum_variant, reason = "there is one per operation")]
#[derive(Debug, Clone, PartialEq, Serialize)]
pub enum OperationResult {
    /// No value apart from the envelope.
    None,
    /// The bytes of a file, streamed.
    Bytes(Text),
    /// Only flags that say whether the operation was done: a boolean that must be `true`, or a map of which no value
    /// may be `false`.
    Done(ResultPart),
    /// One value: an object, a union or a list.
    Value(ResultPart),
    /// Values with names, which are the fields of a generated struct.
    Parts {
        /// Name of the struct, e.g. `CreateManyResult`.
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
            Self::Bytes(_) => false,
            Self::Done(_) | Self::Value(_) | Self::Parts { .. } => {
                self.parts().iter().all(|part| !part.path.is_empty())
            }
        }
    }

    /// Returns the description of the result, unless it consists of several values.
    #[must_use]
    pub fn doc(&self) -> Option<&Text> {
        match (self, self.parts()) {
            (Self::Bytes(doc), _) => Some(doc),
            (_, [part]) => Some(&part.field.doc),
            _ => None,
        }
    }

    /// Returns the values of the result.
    #[must_use]
    pub fn parts(&self) -> &[ResultPart] {
        match self {
            Self::None | Self::Bytes(_) => &[],
            Self::Done(part) | Self::Value(part) => std::slice::from_ref(part),
            Self::Parts { parts, .. } => parts,
        }
    }
}

/// A value of the result and its path in the response.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct ResultPart {
    /// Name, type and description. If the notation has no name, it is `value`.
    pub field: Field,
    /// The path to the value in the response. If the field has aliases, the path to its wire name.
    pub path: JsonPath,
}

impl ResultPart {
    /// Returns every path at which a response may contain the value: `path`, and those of the aliases.
    pub fn paths(&self) -> impl Iterator<Item = JsonPath> {
        let aliases = self.field.aliases.iter().map(|alias| JsonPath::key(alias));
        std::iter::once(self.path.clone()).chain(aliases)
    }
}

/// The variable to which samples bind a result.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Binding {
    /// Its name, e.g. `group_id`.
    pub variable: String,
    /// The Rust name of the only field of the result, if the variable is bound to this field.
    pub field: Option<String>,
}

/// How a list is read page by page.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Paging {
    /// The key of the style in the spec.
    pub style: String,
    /// Description of the style.
    pub doc: Text,
    /// How the next page is requested.
    pub kind: PagingKind,
    /// The part of the result that is the list: an index into [`OperationResult::parts`].
    pub items: usize,
}

/// How the next page is requested.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub enum PagingKind {
    /// The response contains a cursor for the next request. A response without a cursor is the last page.
    Cursor {
        /// Query parameter of the cursor, an optional string.
        param: InputId,
        /// The path to the next cursor in the response.
        next: JsonPath,
        /// Whether a page without elements is the last even if it contains a cursor.
        ends_empty: bool,
    },
    /// Pages are numbered. An empty page is the last.
    Page {
        /// Query parameter of the page number, an optional integer.
        number: InputId,
        /// Query parameter of the page size, an integer that is required or has a default.
        size: InputId,
        /// The number of the first page.
        first: i64,
    },
}

/// An error in the source table. At least one of `method`, `path` and `text` is present.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Correction {
    /// The method as printed.
    pub method: Option<String>,
    /// The path as printed, base path included.
    pub path: Option<String>,
    /// The description as printed.
    pub text: Option<String>,
    /// Whether the error is only a misprint that cannot mislead callers.
    pub cosmetic: bool,
    /// Reason for the correction.
    pub why: Text,
}
