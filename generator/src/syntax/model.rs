//! The raw model: the content of the files, key by key, before names are resolved.

use serde_json::{Value as Json, json};

use super::{
    decode::{Decode, Decoder, Definitions, FromText, Keyed, Spanned, Str, mapping, scalar},
    error_key::{ErrorKey, ErrorReference},
    key::{FieldDecl, ValueKey},
    line::Line,
    node::{Node, Value},
    quantity::{BucketLine, LimitDecls, Size},
    relation::RelationKey,
    route::{PathTemplate, Route},
    server::ServerLine,
    text::Localized,
};
use crate::ir::{JsonPath, Rate, SignedPart};

mapping! {
    /// The API as a whole, and the order of its sections.
    ApiFile, "`api.yaml`" {
        /// Key of the API and name of the client crate, e.g. `library`.
        required "api" => api: Str,
        /// Version of the client crate and of the OpenAPI document, e.g. `0.1.0`.
        required "version" => version: Str,
        /// Codes of the languages of every text, e.g. `[en, zh]`.
        required "languages" => languages: Vec<Str>,
        /// Title of the API, in every language.
        required "title" => title: Localized,
        /// Purpose of the API, in every language.
        required "about" => about: Localized,
        /// Servers of the API: `key: URL -- description`; additional URLs of the same server are separated by commas.
        required "servers" => servers: Keyed<ServerLine>,
        /// Name of the Rust enum of servers; default: `Server`.
        optional "server_type" => server_type: Str,
        /// Path prefix of every route, e.g. `/{tenant}/v1`; default: none.
        optional "base" => base: PathTemplate,
        /// Declarations that parameters and body fields inherit by name.
        optional "parameters" => parameters: Vec<FieldDecl>,
        /// Authentication. Without it, requests carry no token.
        optional "auth" => auth: Auth,
        /// Fields that any response may carry in addition to its result; all are optional.
        optional "envelope" => envelope: Vec<FieldDecl>,
        /// Format of error responses, and known errors.
        optional "errors" => errors: Errors,
        /// Rate limits.
        optional "limits" => limits: Limits,
        /// Paging styles by key.
        optional "paging" => paging: Keyed<Paging>,
        /// Editions of the source documentation: `key: name`, the name in every language.
        optional "editions" => editions: Keyed<Localized>,
        /// Data model, drawn as a diagram.
        optional "model" => model: DataModel,
        /// Webhooks: requests with which the server informs the backend of an app about events.
        optional "webhooks" => webhooks: Webhooks,
        /// Names of the files in `sections/`, in the order of the outputs.
        required "sections" => sections: Vec<Str>,
    }
}

mapping! {
    /// Webhooks: requests with which the server informs the backend of an app about events.
    Webhooks, "`webhooks`" {
        /// Delivery, and the responses that the server expects, in every language.
        required "about" => about: Localized,
        /// JSON path of the ID of a webhook, by which a backend recognizes a repeated delivery.
        optional "id" => id: Spanned<JsonPath>,
        /// Signature; without it, webhooks are not signed.
        optional "signature" => signature: Signature,
        /// Names of the files in `webhooks/`, in the order of the outputs.
        required "groups" => groups: Vec<Str>,
    }
}

mapping! {
    /// The signature of webhooks: a digest of values of the body and of a secret.
    Signature, "`signature`" {
        /// Source of the secret, and the parts of a webhook that the signature does not protect, in every language.
        required "about" => about: Localized,
        /// Key of the body that holds the digest in hexadecimal.
        required "key" => key: Str,
        /// Keys of the body whose values are joined for the MD5 digest; `{secret}` stands for the secret.
        required "md5" => md5: Vec<SignedPart>,
        /// Key of the body that holds the time of signing, in milliseconds.
        required "time" => time: Str,
    }
}

mapping! {
    /// The data model: things and relations between them.
    DataModel, "`model`" {
        /// Description of the data model, in every language.
        required "about" => about: Localized,
        /// Things: `key: name`, the name in every language.
        required "things" => things: Keyed<Localized>,
        /// Relations: `one 1:n other: verb`, with `1:1`, `1:n`, `n:1` or `n:n`; the verb in every language.
        required "relations" => relations: Keyed<Localized, RelationKey>,
    }
}

mapping! {
    /// Authentication of requests.
    Auth, "`auth`" {
        /// Header that carries the token, e.g. `Authorization`.
        required "header" => header: Str,
        /// Text before the token, e.g. `"Bearer "` with its trailing space; default: none.
        optional "prefix" => prefix: Str,
        /// How to use tokens, in every language.
        required "about" => about: Localized,
        /// How the client exchanges credentials for a token.
        optional "grant" => grant: Grant,
    }
}

mapping! {
    /// The operation that exchanges credentials for a token.
    Grant, "`grant`" {
        /// Operation, as `section.key`.
        required "operation" => operation: Str,
        /// Arguments of the operation that are the credentials.
        required "credentials" => credentials: Vec<Str>,
        /// Field of the result that contains the token.
        required "token" => token: Str,
        /// Field of the result that contains the lifetime of the token, a duration; without it, the token does not expire.
        optional "lifetime" => lifetime: Str,
    }
}

mapping! {
    /// Format of error responses, and known errors.
    Errors, "`errors`" {
        /// Key of the machine-readable code in an error response.
        optional "code" => code: Str,
        /// Key of the human-readable description in an error response.
        optional "message" => message: Str,
        /// Key of the reason why an operation was not done, beside the flag of a `done` result.
        optional "reason" => reason: Str,
        /// All fields of an error response, including `code` and `message`; all are optional.
        required "fields" => fields: Vec<FieldDecl>,
        /// Known errors by `STATUS CODE`, e.g. `404 not_found`.
        optional "known" => known: Keyed<KnownError, Option<ErrorKey>>,
    }
}

mapping! {
    /// A known error of the API.
    KnownError, "a known error" {
        /// Meaning of the error, in every language.
        required "means" => means: Localized,
        /// How callers can handle the error, in every language.
        required "remedy" => remedy: Localized,
        /// Whether a retry of the same request can succeed; default: `false`.
        optional "retry" => retry: Spanned<bool>,
        /// Whether the server rejects the request because of too many requests, so that a retry can succeed later; default:
        /// `false`.
        optional "throttled" => throttled: Spanned<bool>,
    }
}

mapping! {
    /// Rate limits.
    Limits, "`limits`" {
        /// Rate limit of operations without a `limit`, e.g. `100/s`.
        optional "default" => default: Rate,
        /// Shared rate limits: `key: RATE -- description`.
        optional "buckets" => buckets: Keyed<BucketLine>,
    }
}

mapping! {
    /// A paging style: `cursor` and `next`, or `page` and `size`.
    Paging, "a paging style" {
        /// How to use it, in every language.
        required "about" => about: Localized,
        /// Query parameter for the cursor.
        optional "cursor" => cursor: Str,
        /// JSON path of the next cursor in the response, e.g. `cursor` or `meta.next`.
        optional "next" => next: Spanned<JsonPath>,
        /// Whether an empty page is the end of the list, even if it contains a cursor; default: `false`.
        optional "ends_empty" => ends_empty: Spanned<bool>,
        /// Query parameter for the page number.
        optional "page" => page: Str,
        /// Query parameter for the page size; it is required or has a default.
        optional "size" => size: Str,
        /// Number of the first page; default: 1.
        optional "first" => first: Spanned<i64>,
    }
}

mapping! {
    /// A section: one endpoint table.
    SectionFile, "a section" {
        /// Title of the section, in every language.
        required "title" => title: Localized,
        /// Purpose of the section, in every language.
        required "about" => about: Localized,
        /// Declarations that parameters and body fields of this section inherit by name. They take precedence over those of `api.yaml`.
        optional "parameters" => parameters: Vec<FieldDecl>,
        /// Types used only in this section.
        optional "types" => types: Keyed<TypeDecl>,
        /// Operations by key; a key begins with a verb, e.g. `create`.
        required "operations" => operations: Keyed<Operation>,
    }
}

mapping! {
    /// A group of events: one file of webhooks.
    EventGroup, "a group of events" {
        /// Title of the group, in every language.
        required "title" => title: Localized,
        /// Purpose of the group, in every language.
        required "about" => about: Localized,
        /// Types used only in this group.
        optional "types" => types: Keyed<TypeDecl>,
        /// Events by key, e.g. `message_recalled`.
        required "events" => events: Keyed<Event>,
    }
}

mapping! {
    /// An event about which the server informs the backend of an app.
    Event, "an event" {
        /// A short sentence, such as "A message was recalled", in every language.
        required "title" => title: Localized,
        /// Additional information for backends, in every language.
        optional "about" => about: Localized,
        /// Values by JSON path that tell the event from all others: `type: [created, updated]`; without a value, the body has none.
        required "when" => when: Keyed<Values, Spanned<JsonPath>>,
        /// Type of the body.
        required "body" => body: Str,
        /// Type of the response, if the server reads it.
        optional "response" => response: Str,
        /// `false` if this webhook has no signature.
        optional "signed" => signed: Spanned<bool>,
        /// Bodies as on the wire.
        required "examples" => examples: Vec<EventExample>,
    }
}

mapping! {
    /// An example body of an event, and the response to it.
    EventExample, "an example of an event" {
        /// Title, in every language; required if there are several examples.
        optional "title" => title: Localized,
        /// The body.
        required "body" => body: Node,
        /// The response, if the event has one.
        optional "response" => response: Node,
    }
}

impl FromText for SignedPart {
    fn from_text(text: Str, _: &mut Decoder<'_>) -> Option<Self> {
        Some(match text.value.as_str() {
            "{secret}" => Self::Secret,
            _ => Self::Key(text.value),
        })
    }
}

scalar!(SignedPart);

/// The values that a key can have: one, several, or none if the key is absent or `null`.
#[derive(Debug, Clone)]
pub struct Values(pub Vec<Str>);

impl Decode for Values {
    fn decode(node: Node, decoder: &mut Decoder<'_>) -> Option<Self> {
        match node.value {
            Value::Sequence(_) => Vec::decode(node, decoder).map(Self),
            _ if node.is_null() => Some(Self(Vec::new())),
            _ => Str::decode(node, decoder).map(|value| Self(vec![value])),
        }
    }

    fn schema(definitions: &mut Definitions) -> Json {
        let value = Str::schema(definitions);
        json!({ "anyOf": [value, { "type": "array", "items": value }, { "type": "null" }] })
    }
}

mapping! {
    /// An operation: method, path, typed arguments and a typed result.
    Operation, "an operation" {
        /// Method and path relative to `base`, e.g. `GET /users/{username}`.
        required "route" => route: Route,
        /// A short imperative, in every language.
        required "title" => title: Localized,
        /// Additional information for callers, in every language.
        optional "about" => about: Localized,
        /// `false` if the request carries no token.
        optional "auth" => auth: Spanned<bool>,
        /// Path parameters that are not inherited, or that have their own description.
        optional "path" => path: Vec<FieldDecl>,
        /// Query parameters; those without a value are inherited by name.
        optional "query" => query: Vec<FieldDecl>,
        /// Header parameters; those without a value are inherited by name.
        optional "headers" => headers: Vec<FieldDecl>,
        /// JSON body: fields, or one `=name`.
        optional "body" => body: Vec<FieldDecl>,
        /// Form-urlencoded body: fields, or one `=name` of type `map<string>`.
        optional "form" => form: Vec<FieldDecl>,
        /// Multipart body: parts.
        optional "multipart" => multipart: Vec<FieldDecl>,
        /// Result: `TYPE in PATH -- description` for an object or a list, `done in PATH -- description`, `bytes -- description`, or a map
        /// of values by name.
        optional "result" => result: ResultDecl,
        /// Type of the records in the JSON Lines files that the result links to.
        optional "records" => records: Str,
        /// A paging style of `api.yaml`.
        optional "paging" => paging: Str,
        /// Known errors: a code, or `STATUS CODE` if the code has several statuses.
        optional "errors" => errors: Vec<ErrorReference>,
        /// Rate limits: a rate, the key of a bucket, or a list of them; default: `limits.default`.
        optional "limit" => limit: LimitDecls,
        /// Name of a second method, which takes and returns a single element instead of a list.
        optional "one" => one: Str,
        /// Name of the `OpenAPI` operation that all operations with this method and path become.
        optional "merged" => merged: Str,
        /// Maximum body size: `512B`, `5KB`, `10MB`.
        optional "max_body" => max_body: Size,
        /// Whether the operation is idempotent; default: `false` for POST and PATCH, `true` otherwise.
        optional "idempotent" => idempotent: Spanned<bool>,
        /// Row of the source tables.
        optional "row" => row: Spanned<i64>,
        /// Editions of the source documentation that describe the operation; default: all.
        optional "editions" => editions: Vec<Str>,
        /// Errors in that row.
        optional "corrects" => corrects: Corrects,
        /// Operations to use instead: `key` or `section.key`.
        optional "superseded_by" => superseded_by: Vec<Str>,
        /// Requests and responses as on the wire.
        required "examples" => examples: Vec<Example>,
    }
}

mapping! {
    /// Errors in the row of the source table. At least one of `method`, `path` and `text` is required.
    Corrects, "a correction" {
        /// Method as printed in the source.
        optional "method" => method: Str,
        /// Path as printed in the source, including the base path.
        optional "path" => path: Str,
        /// Description as printed in the source.
        optional "text" => text: Str,
        /// Whether the error is in spelling only; default: `false`.
        optional "cosmetic" => cosmetic: Spanned<bool>,
        /// Reason for the correction, in every language.
        required "why" => why: Localized,
    }
}

mapping! {
    /// An example request and its response.
    Example, "an example" {
        /// Title, in every language; required if there are several examples.
        optional "title" => title: Localized,
        /// Method, path and query as on the wire, relative to `base`, e.g. `GET /users?limit=2`.
        required "request" => request: Str,
        /// Headers in addition to the token and the content type.
        optional "headers" => headers: Keyed<Str>,
        /// Request body: JSON; for a form, the encoded string; for multipart, a map.
        optional "body" => body: Node,
        /// Status of the response; default: 200.
        optional "status" => status: Spanned<i64>,
        /// Response body: JSON, or the content of a text file.
        required "response" => response: Node,
        /// Records in the file, if the operation has `records`.
        optional "records" => records: Vec<Node>,
    }
}

/// A declared result: one value, or a map of values by name.
#[allow(
    clippy::large_enum_variant,
    reason = "one per operation, destructured when it is lowered"
)]
#[derive(Debug, Clone)]
pub enum ResultDecl {
    /// One value.
    One(Line),
    /// Values by name.
    Parts(Vec<FieldDecl>),
}

impl Decode for ResultDecl {
    fn decode(node: Node, decoder: &mut Decoder<'_>) -> Option<Self> {
        match node.value {
            Value::Mapping(_) => Decode::decode(node, decoder).map(Self::Parts),
            _ => Decode::decode(node, decoder).map(Self::One),
        }
    }

    fn schema(definitions: &mut Definitions) -> Json {
        json!({ "anyOf": [Line::schema(definitions), Vec::<FieldDecl>::schema(definitions)] })
    }
}

/// A declared type: a line for a newtype, a map otherwise.
#[allow(
    clippy::large_enum_variant,
    reason = "one per declared type, destructured when it is lowered"
)]
#[derive(Debug, Clone)]
pub enum TypeDecl {
    /// A newtype.
    Newtype(Line),
    /// An object, an enum or a union.
    Keys(Box<TypeKeys>),
}

impl Decode for TypeDecl {
    fn decode(node: Node, decoder: &mut Decoder<'_>) -> Option<Self> {
        match node.value {
            Value::Mapping(_) => Decode::decode(node, decoder).map(|keys| Self::Keys(Box::new(keys))),
            _ => Decode::decode(node, decoder).map(Self::Newtype),
        }
    }

    fn schema(definitions: &mut Definitions) -> Json {
        json!({ "anyOf": [Line::schema(definitions), TypeKeys::schema(definitions)] })
    }
}

mapping! {
    /// A type: an object (`fields`), an open enum (`enum` or `enum int`), or a union (`union`, optionally with `tag`).
    TypeKeys, "a type" {
        /// Description of the type, in every language.
        required "about" => about: Localized,
        /// Fields of an object.
        optional "fields" => fields: Vec<FieldDecl>,
        /// Known values of an enum of strings: `name: description`, or `name = WIRE: description`.
        optional "enum" => strings: Keyed<Localized, ValueKey>,
        /// Known values of an enum of integers: `name = 1: description`.
        optional "enum int" => integers: Keyed<Localized, ValueKey>,
        /// Key that holds the tag of a union; without it, the union is untagged: the key of the object selects the variant.
        optional "tag" => tag: Str,
        /// Key that holds the content of a tagged union; without it, the fields of the content are next to the tag.
        optional "content" => content: Str,
        /// Variants of a union: `tag: Type`, or `name = tag: Type -- description`; in an untagged union, `key: Type`.
        optional "union" => union: Keyed<Line, ValueKey>,
    }
}
