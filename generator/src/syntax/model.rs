//! The raw model: what the files say, key by key, before anything is looked up.

use serde_json::{Value as Json, json};

use super::{
    decode::{Decode, Decoder, Definitions, Keyed, Spanned, Str, mapping},
    error_key::{ErrorKey, ErrorReference},
    json_path::JsonPath,
    key::{FieldDecl, ValueKey},
    line::Line,
    node::{Node, Value},
    quantity::{BucketLine, LimitDecl, Size},
    relation::RelationKey,
    route::{PathTemplate, Route},
    server::ServerLine,
    text::Localized,
};
use crate::ir::Rate;

mapping! {
    /// The API as a whole, and the order of its sections.
    ApiFile, "`api.yaml`" {
        /// Key of the API and name of the client crate, e.g. `library`.
        required "api" => api: Str,
        /// Version of the client crate and of the OpenAPI document, e.g. `0.1.0`.
        required "version" => version: Str,
        /// Codes of the languages that every text is written in, e.g. `[en, zh]`.
        required "languages" => languages: Vec<Str>,
        /// Title of the API, in every language.
        required "title" => title: Localized,
        /// What the API is for, in every language.
        required "about" => about: Localized,
        /// Where the API is served from: `key: URL -- where it is`.
        required "servers" => servers: Keyed<ServerLine>,
        /// Name of the Rust enum of servers; `Server` when absent.
        optional "server_type" => server_type: Str,
        /// The path before every route, e.g. `/{tenant}/v1`.
        optional "base" => base: PathTemplate,
        /// Fields that path, query and header parameters inherit by name.
        optional "parameters" => parameters: Vec<FieldDecl>,
        /// How a caller proves who it is. Without it, no request carries a token.
        optional "auth" => auth: Auth,
        /// Fields around the payload of an answer; all of them are optional on the wire.
        optional "envelope" => envelope: Vec<FieldDecl>,
        /// How errors look, and which ones are known.
        optional "errors" => errors: Errors,
        /// Rate limits.
        optional "limits" => limits: Limits,
        /// Styles of reading a list page by page.
        optional "paging" => paging: Keyed<Paging>,
        /// What there is and how it hangs together, for a diagram.
        optional "model" => model: DataModel,
        /// Names of the files in `sections/`, in the order of the outputs.
        required "sections" => sections: Vec<Str>,
    }
}

mapping! {
    /// What there is and how it hangs together.
    DataModel, "`model`" {
        /// What a reader has to know, in every language.
        required "about" => about: Localized,
        /// What there is: `key: name`, the name in every language.
        required "things" => things: Keyed<Localized>,
        /// How it hangs together: `one 1:n other: verb`, with `1:1`, `1:n`, `n:1` or `n:n`; the verb in every language.
        required "relations" => relations: Keyed<Localized, RelationKey>,
    }
}

mapping! {
    /// How a caller proves who it is.
    Auth, "`auth`" {
        /// The header that carries the token, e.g. `Authorization`.
        required "header" => header: Str,
        /// What stands before the token, e.g. `"Bearer "` with its blank; nothing when absent.
        optional "prefix" => prefix: Str,
        /// What a caller has to know, in every language.
        required "about" => about: Localized,
        /// How a client that has credentials obtains a token by itself.
        optional "grant" => grant: Grant,
    }
}

mapping! {
    /// The operation that exchanges credentials for a token.
    Grant, "`grant`" {
        /// The operation, as `section.key`.
        required "operation" => operation: Str,
        /// The arguments of the operation that are the credentials.
        required "credentials" => credentials: Vec<Str>,
        /// The field of its result that is the token.
        required "token" => token: Str,
        /// The field of its result that says how long the token lives; it never ends when absent.
        optional "lifetime" => lifetime: Str,
    }
}

mapping! {
    /// How errors look, and which ones are known.
    Errors, "`errors`" {
        /// Key of the machine-readable code in an error body.
        optional "code" => code: Str,
        /// Key of the human-readable description in an error body.
        optional "message" => message: Str,
        /// Every field of an error body; all of them are optional on the wire.
        required "fields" => fields: Vec<FieldDecl>,
        /// Known errors by `STATUS CODE`, e.g. `404 not_found`.
        optional "known" => known: Keyed<KnownError, Option<ErrorKey>>,
    }
}

mapping! {
    /// An error the API is known to give.
    KnownError, "a known error" {
        /// What happened, in every language.
        required "means" => means: Localized,
        /// What the caller should do, in every language.
        required "remedy" => remedy: Localized,
        /// Whether sending the same request again can succeed; `false` when absent.
        optional "retry" => retry: Spanned<bool>,
    }
}

mapping! {
    /// Rate limits.
    Limits, "`limits`" {
        /// The limit of an operation that names none, e.g. `100/s`.
        optional "default" => default: Rate,
        /// Limits that operations share: `key: RATE -- what shares it`.
        optional "buckets" => buckets: Keyed<BucketLine>,
    }
}

mapping! {
    /// A style of reading a list page by page: by `cursor` and `next`, or by `page` and `size`.
    Paging, "a paging style" {
        /// How it works, in every language.
        required "about" => about: Localized,
        /// The query parameter that takes the cursor.
        optional "cursor" => cursor: Str,
        /// Where the answer holds the next cursor, e.g. `cursor` or `meta.next`.
        optional "next" => next: JsonPath,
        /// Whether a page without elements ends the list even if it holds a cursor; `false` when absent.
        optional "ends_empty" => ends_empty: Spanned<bool>,
        /// The query parameter that takes the page number.
        optional "page" => page: Str,
        /// The query parameter that takes the page size; it must have a default.
        optional "size" => size: Str,
        /// The number of the first page; 1 when absent.
        optional "first" => first: Spanned<i64>,
    }
}

mapping! {
    /// One endpoint table.
    SectionFile, "a section" {
        /// Title of the section, in every language.
        required "title" => title: Localized,
        /// What the section is for, in every language.
        required "about" => about: Localized,
        /// Fields that path, query and header parameters of this section inherit by name.
        optional "parameters" => parameters: Vec<FieldDecl>,
        /// Types that only this section uses.
        optional "types" => types: Keyed<TypeDecl>,
        /// Operations by key, a verb within the section, e.g. `create`.
        required "operations" => operations: Keyed<Operation>,
    }
}

mapping! {
    /// One operation: a method, a path, typed arguments and a typed result.
    Operation, "an operation" {
        /// Method and path below `base`, e.g. `GET /users/{username}`.
        required "route" => route: Route,
        /// What it does, in a few words, in every language.
        required "title" => title: Localized,
        /// What a caller has to know beyond the title, in every language.
        optional "about" => about: Localized,
        /// `false` where no token is sent.
        optional "auth" => auth: Spanned<bool>,
        /// Path parameters that are not inherited, or that have a meaning of their own here.
        optional "path" => path: Vec<FieldDecl>,
        /// Query parameters; without a value they are inherited by name.
        optional "query" => query: Vec<FieldDecl>,
        /// Header parameters; without a value they are inherited by name.
        optional "headers" => headers: Vec<FieldDecl>,
        /// JSON that is sent: fields, or one `=name`.
        optional "body" => body: Vec<FieldDecl>,
        /// A form that is sent: fields, or one `=name` that is a `map<string>`.
        optional "form" => form: Vec<FieldDecl>,
        /// Parts of a multipart form that is sent.
        optional "multipart" => multipart: Vec<FieldDecl>,
        /// What comes back: `TYPE in PLACE -- meaning`, `bytes -- meaning`, or a mapping of several.
        optional "result" => result: ResultDecl,
        /// The type of the records in the JSON-lines file that a URL in the result leads to.
        optional "records" => records: Str,
        /// The style in which a list is read page by page.
        optional "paging" => paging: Str,
        /// Known errors that it gives: a code, or `STATUS CODE` where a code has several statuses.
        optional "errors" => errors: Vec<ErrorReference>,
        /// Its rate limit, or the bucket that it shares.
        optional "limit" => limit: LimitDecl,
        /// The largest body that the server takes: `5KB`, `10MB`.
        optional "max_body" => max_body: Size,
        /// Whether sending it twice does no more than once; by method when absent.
        optional "idempotent" => idempotent: Spanned<bool>,
        /// The row of the source tables that it comes from.
        optional "row" => row: Spanned<i64>,
        /// What that row got wrong.
        optional "corrects" => corrects: Corrects,
        /// Operations to use instead: `key`, or `section.key`.
        optional "superseded_by" => superseded_by: Vec<Str>,
        /// Requests and answers as they are on the wire.
        required "examples" => examples: Vec<Example>,
    }
}

mapping! {
    /// What the source table got wrong. At least one of `method`, `path` and `text` is given.
    Corrects, "a correction" {
        /// The method as printed.
        optional "method" => method: Str,
        /// The path as printed, with the base path.
        optional "path" => path: Str,
        /// The description as printed.
        optional "text" => text: Str,
        /// Whether it is a matter of spelling that misleads nobody; `false` when absent.
        optional "cosmetic" => cosmetic: Spanned<bool>,
        /// Why it is corrected, in every language.
        required "why" => why: Localized,
    }
}

mapping! {
    /// A request and its answer.
    Example, "an example" {
        /// What it shows, in every language; required where there are several.
        optional "title" => title: Localized,
        /// Method, path and query as on the wire, below `base`, e.g. `GET /users?limit=2`.
        required "request" => request: Str,
        /// Headers beside the token and the content type.
        optional "headers" => headers: Keyed<Str>,
        /// The body: JSON, an encoded form, or a mapping of parts.
        optional "body" => body: Node,
        /// Status of the answer; 200 when absent.
        optional "status" => status: Spanned<i64>,
        /// The answer: JSON, or the text of a file.
        required "response" => response: Node,
        /// Records of the file that the answer leads to.
        optional "records" => records: Vec<Node>,
    }
}

/// What comes back: one value or a mapping of several.
#[allow(
    clippy::large_enum_variant,
    reason = "few live at a time, and all are taken apart at once"
)]
#[derive(Debug, Clone)]
pub enum ResultDecl {
    /// One value.
    One(Line),
    /// Several.
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

/// A declared type: a line for a newtype, a mapping for the rest.
#[allow(
    clippy::large_enum_variant,
    reason = "few live at a time, and all are taken apart at once"
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
    /// An object (`fields`), an open enum (`enum` or `enum int`), or a union (`union`, mostly with `tag`).
    TypeKeys, "a type" {
        /// Its meaning, in every language.
        required "about" => about: Localized,
        /// The fields of an object.
        optional "fields" => fields: Vec<FieldDecl>,
        /// The known values of an enum of strings: `name: meaning`, or `name = WIRE: meaning`.
        optional "enum" => strings: Keyed<Localized, ValueKey>,
        /// The known values of an enum of integers: `name = 1: meaning`.
        optional "enum int" => integers: Keyed<Localized, ValueKey>,
        /// The key that holds the tag of a union; without it, the tag is the only key of the object.
        optional "tag" => tag: Str,
        /// The key that holds the content of a union with a tag; without it, the content's keys stand beside the tag.
        optional "content" => content: Str,
        /// The variants of a union: `tag: Type`, or `name = tag: Type -- meaning`; without a tag, of any type.
        optional "union" => union: Keyed<Line, ValueKey>,
    }
}
