//! The intermediate representation: one [`Api`], valid by construction.
//!
//! Lowering builds it; renderers only borrow it. Every reference is resolved, every list is in the order the outputs
//! show it in, and no `Option` means "not looked up yet": `None` always means "the API has none". Where the wire name and
//! the Rust name differ, they stand side by side on the same struct.

use std::collections::BTreeMap;

pub use serde_json::Value as Json;

/// One REST API: everything that any output needs.
#[derive(Debug, Clone, PartialEq)]
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

/// A text in every language of the API, in the order of [`Api::languages`].
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Text(pub Vec<String>);

impl Text {
    /// The text in the language with this index; the first language where there is none.
    #[must_use]
    pub fn get(&self, language: usize) -> &str {
        self.0.get(language).or(self.0.first()).map_or("", String::as_str)
    }

    /// Whether there is nothing to show.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.0.iter().all(String::is_empty)
    }
}

/// A language of the docs: a code such as `en` or `zh`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Language {
    /// The code, as used for folder names and `lang` attributes.
    pub code: String,
}

/// A place the API is served from.
#[derive(Debug, Clone, PartialEq, Eq)]
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
#[derive(Debug, Clone, PartialEq)]
pub struct BasePath {
    /// The segments, in order.
    pub segments: Vec<Segment>,
    /// The parameters among them, in order.
    pub params: Vec<Param>,
}

/// What there is and how it hangs together.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Model {
    /// What a reader has to know.
    pub about: Text,
    /// What there is, in the order of the spec.
    pub things: Vec<Thing>,
    /// How it hangs together, in the order of the spec.
    pub relations: Vec<Relation>,
}

/// A kind of thing that the API deals with.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Thing {
    /// The key in the spec.
    pub key: String,
    /// What it is called.
    pub name: Text,
}

/// How two kinds of things hang together.
#[derive(Debug, Clone, PartialEq, Eq)]
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
#[derive(Debug, Clone, PartialEq)]
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
#[derive(Debug, Clone, PartialEq)]
pub struct Grant {
    /// The operation to call.
    pub operation: OperationId,
    /// Its arguments that the credentials fill, in the order of the builder's arguments. All of them are required
    /// string-like body fields, and the operation requires nothing else.
    pub credentials: Vec<Field>,
    /// The field of the result that is the token (a required string or secret of an object type).
    pub token: Field,
    /// The field of the result that says how long the token lives (a duration).
    pub lifetime: Option<Field>,
}

/// How errors look on the wire, and which ones are known.
#[derive(Debug, Clone, PartialEq, Default)]
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
#[derive(Debug, Clone, PartialEq, Eq)]
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
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct ErrorId(pub usize);

/// A rate: so many units per period.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Rate {
    /// How many.
    pub count: u32,
    /// Of what, e.g. `calls` or `messages`.
    pub unit: String,
    /// Per how long.
    pub period: Period,
}

/// A table of the client's manifest that a spec can add to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ManifestTable {
    /// What is said of the crate itself.
    Package,
    /// Cargo features.
    Features,
    /// What the crate depends on.
    Dependencies,
    /// What its tests depend on.
    DevDependencies,
}

impl ManifestTable {
    /// Every table.
    pub const ALL: [Self; 4] = [Self::Package, Self::Features, Self::Dependencies, Self::DevDependencies];

    /// Its name in the manifest.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Package => "package",
            Self::Features => "features",
            Self::Dependencies => "dependencies",
            Self::DevDependencies => "dev-dependencies",
        }
    }
}

/// The module that a hand-written file of the client is, by its path in the crate.
#[must_use]
pub fn own_module(path: &str) -> Option<&str> {
    path.strip_prefix("src/")?.strip_suffix(".rs")
}

/// The period of a [`Rate`].
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
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
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Bucket {
    /// The key in the spec.
    pub key: String,
    /// The limit.
    pub rate: Rate,
    /// What shares it.
    pub doc: Text,
}

/// What limits an operation.
#[derive(Debug, Clone, PartialEq, Eq)]
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

/// One endpoint table.
#[derive(Debug, Clone, PartialEq)]
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

/// Section and position of an operation.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct OperationId {
    /// Index into [`Api::sections`].
    pub section: usize,
    /// Index into [`Section::operations`].
    pub operation: usize,
}

/// One operation: a method, a path, typed arguments and a typed result.
#[derive(Debug, Clone, PartialEq)]
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
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
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
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub enum Segment {
    /// Fixed text.
    Literal(String),
    /// The wire name of a path parameter.
    Param(String),
}

/// A path, query or header parameter.
#[derive(Debug, Clone, PartialEq)]
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

/// A field of an object, a form, or a multi-part result.
#[derive(Debug, Clone, PartialEq)]
pub struct Field {
    /// Key on the wire.
    pub wire: String,
    /// Other keys under which answers may hold it; what is sent has the first.
    pub aliases: Vec<String>,
    /// Name in Rust.
    pub rust: String,
    /// Its type.
    pub ty: Type,
    /// Whether it is always there.
    pub required: bool,
    /// The field's own keys stand directly in the surrounding object (its type is a union or an object).
    pub flatten: bool,
    /// What the server assumes when it is absent.
    pub default: Option<Json>,
    /// Its meaning.
    pub doc: Text,
}

impl Field {
    /// Every key under which an answer may hold it.
    pub fn spellings(&self) -> impl Iterator<Item = &str> {
        std::iter::once(&self.wire).chain(&self.aliases).map(String::as_str)
    }
}

/// What a request carries.
#[derive(Debug, Clone, PartialEq)]
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
#[derive(Debug, Clone, PartialEq)]
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
#[derive(Debug, Clone, PartialEq)]
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
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Step {
    /// The value under a key of an object.
    Key(String),
    /// An element of an array.
    Index(usize),
}

/// How a list is read page by page.
#[derive(Debug, Clone, PartialEq)]
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
#[derive(Debug, Clone, PartialEq)]
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
#[derive(Debug, Clone, PartialEq, Eq)]
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

/// A request and its answer, as they are on the wire.
#[derive(Debug, Clone, PartialEq)]
pub struct Example {
    /// What it shows; may be empty where an operation has one example.
    pub title: Text,
    /// The arguments behind the wire form, by Rust name, in the order the request type takes them. Values are in the form
    /// their types have on the wire.
    pub arguments: Vec<Argument>,
    /// Path below the base path, percent-encoded, with the query string.
    pub target: String,
    /// Headers by wire name, beside the token and the content type.
    pub headers: BTreeMap<String, String>,
    /// The body on the wire.
    pub body: ExampleBody,
    /// Status of the answer.
    pub status: u16,
    /// The answer.
    pub response: ExampleResponse,
    /// Records of the file the answer leads to, where the operation has such a file.
    pub records: Vec<Json>,
}

/// An argument of an example.
#[derive(Debug, Clone, PartialEq)]
pub struct Argument {
    /// Where it goes.
    pub place: ArgumentPlace,
    /// Its value in wire form; for a file, a JSON object `{filename, type, content}`.
    pub value: Json,
}

/// Where an argument goes: an index into the matching list of the operation.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ArgumentPlace {
    /// [`Operation::path_params`]
    Path(usize),
    /// [`Operation::query`]
    Query(usize),
    /// [`Operation::headers`]
    Header(usize),
    /// [`Body::fields`]
    Body(usize),
}

/// The body of an example request on the wire.
#[derive(Debug, Clone, PartialEq)]
pub enum ExampleBody {
    /// None.
    None,
    /// JSON, keys in the order of the spec.
    Json(Json),
    /// A form, percent-encoded.
    Form(String),
    /// Parts of a multipart form, in order: name and value; a file is `{filename, type, content}`.
    Multipart(Vec<(String, Json)>),
}

/// The answer of an example on the wire.
#[derive(Debug, Clone, PartialEq)]
pub enum ExampleResponse {
    /// JSON.
    Json(Json),
    /// Bytes of a file, given as text.
    Bytes(String),
}

/// Index into [`Api::types`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct TypeId(pub usize);

/// A named type.
#[derive(Debug, Clone, PartialEq)]
#[allow(
    clippy::struct_excessive_bools,
    reason = "each is a fact of its own, and any combination can occur"
)]
pub struct TypeDef {
    /// Its name: the same in Rust, in OpenAPI and in the docs.
    pub name: String,
    /// The Rust module of its file, e.g. `user_id`.
    pub rust_module: String,
    /// Its meaning.
    pub doc: Text,
    /// What it is.
    pub kind: TypeKind,
    /// Whether a request carries it.
    pub in_request: bool,
    /// Whether an answer carries it.
    pub in_response: bool,
    /// Whether it holds a rule, itself or below, that is checked before sending.
    pub has_rules: bool,
    /// The section that declares it; `None` for types shared by sections.
    pub section: Option<usize>,
    /// Whether it holds itself, directly or through others.
    pub recursive: bool,
}

/// What a named type is.
#[derive(Debug, Clone, PartialEq)]
pub enum TypeKind {
    /// An object with known fields; unknown ones are ignored.
    Object(Vec<Field>),
    /// A string or an integer with a name, and maybe rules.
    Newtype(Type),
    /// Known values of a string or an integer; others are kept.
    Enum {
        /// What the values are on the wire.
        repr: EnumRepr,
        /// The known values.
        values: Vec<EnumValue>,
    },
    /// One of several objects, told apart by a tag.
    Union(Union),
    /// An object with exactly one key, which says what its value is. Never empty.
    OneKey(Vec<KeyVariant>),
}

/// The wire form of an enum's values.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum EnumRepr {
    /// JSON strings.
    String,
    /// JSON integers.
    Int,
}

/// A known value of an enum.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct EnumValue {
    /// The value on the wire; for [`EnumRepr::Int`] its decimal digits.
    pub wire: String,
    /// The Rust variant.
    pub rust: String,
    /// Its meaning.
    pub doc: Text,
}

/// A tagged union.
#[derive(Debug, Clone, PartialEq)]
pub struct Union {
    /// The key that holds the tag.
    pub tag: String,
    /// The key that holds the content; `None` where the content's keys stand beside the tag.
    pub content: Option<String>,
    /// The variants, in the order of the spec. Never empty.
    pub variants: Vec<Variant>,
}

/// One variant of a union.
#[derive(Debug, Clone, PartialEq)]
pub struct Variant {
    /// The tag on the wire.
    pub tag: String,
    /// The Rust variant.
    pub rust: String,
    /// The content: always a [`TypeKind::Object`].
    pub ty: TypeId,
    /// Its meaning; the meaning of the type where the spec gives none.
    pub doc: Text,
}

/// One variant of a [`TypeKind::OneKey`].
#[derive(Debug, Clone, PartialEq)]
pub struct KeyVariant {
    /// The key on the wire.
    pub key: String,
    /// The Rust variant.
    pub rust: String,
    /// What the key holds.
    pub ty: Type,
    /// Its meaning; the meaning of the type where the spec gives none.
    pub doc: Text,
}

/// A type expression, resolved.
#[derive(Debug, Clone, PartialEq)]
pub enum Type {
    /// Text.
    String(StringRule),
    /// Text that must never be printed.
    Secret(StringRule),
    /// `true` or `false`.
    Bool,
    /// A 64-bit signed integer.
    Int(IntRule),
    /// A 64-bit floating-point number.
    Float,
    /// Any JSON value: only where the API itself is free-form.
    Json,
    /// A JSON object with free keys and values.
    JsonObject,
    /// A point in time.
    Timestamp(TimeUnit),
    /// A length of time.
    Duration(TimeUnit),
    /// The content of a file: a multipart part.
    File,
    /// A fixed string; it is sent by the client and no argument.
    Const(String),
    /// A named type.
    Named(TypeId),
    /// A list.
    List(Box<Type>, CountRule),
    /// An object with free keys and typed values.
    Map(Box<Type>, CountRule),
    /// An integer that the wire may hold as a number or as a string; both are read. Only as a field's own type.
    LooseInt {
        /// Its range.
        rule: IntRule,
        /// How it is sent.
        sent_as: EnumRepr,
    },
    /// A truth value that answers may hold as this text for true, or any other for false; sent as a boolean. Only as a
    /// field's or a result's own type.
    LooseBool(String),
    /// A point in time that answers may hold as a string; sent as a number. Only as a field's or a result's own type.
    LooseTimestamp(TimeUnit),
    /// A length of time that answers may hold as a string; sent as a number. Only as a field's or a result's own type.
    LooseDuration(TimeUnit),
    /// A list that the wire may hold as one bare element; both are read. Only as a field's or a result's own type.
    OneOrMany(Box<Type>),
    /// A value that may be JSON `null`.
    Nullable(Box<Type>),
}

/// Rules for a string. Lengths count Unicode scalar values.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct StringRule {
    /// Smallest length.
    pub min: Option<u64>,
    /// Largest length.
    pub max: Option<u64>,
    /// A regular expression that is known to compile, e.g. `^[a-z]+$`.
    pub pattern: Option<String>,
}

impl StringRule {
    /// Whether there is nothing to check.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        *self == Self::default()
    }
}

/// Rules for an integer; both ends are included.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct IntRule {
    /// Smallest value.
    pub min: Option<i64>,
    /// Largest value.
    pub max: Option<i64>,
}

/// Rules for the number of elements; both ends are included.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct CountRule {
    /// Smallest number.
    pub min: Option<u64>,
    /// Largest number.
    pub max: Option<u64>,
}

/// Unit of a timestamp or a duration on the wire.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TimeUnit {
    /// Seconds.
    Seconds,
    /// Milliseconds.
    Millis,
}

/// One method and path, and the operations that share it.
#[derive(Debug, Clone, PartialEq)]
pub struct Route {
    /// HTTP method.
    pub method: Method,
    /// The path below the base path.
    pub path: Vec<Segment>,
    /// The operations, in the order of the spec. Never empty; where there are several, requests can be told apart.
    pub operations: Vec<OperationId>,
}
