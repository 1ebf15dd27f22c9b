//! Context for lowering operations and their examples.

use std::collections::BTreeMap;

use super::{
    scope::Scope,
    sections::OperationName,
    types::{Declared, TypeDraft},
};
use crate::ir::{
    BodyKind, Bucket, Edition, Errors, Field, Input, InputId, JsonPath, Location, Method, OperationResult, Paging,
    Rate, Records, Segment, Text, inputs_in,
};

/// Context shared by all operations.
#[derive(Debug)]
pub struct Shared<'a> {
    /// The scope of the whole spec.
    pub scope: &'a Scope<'a>,
    /// Declared types.
    pub declared: &'a Declared<'a>,
    /// The same types, lowered, in the same order.
    pub types: &'a [TypeDraft],
    /// Whether each of these types, or a type that it contains, has a diagnostic.
    pub broken: &'a [bool],
    /// The base path of every route.
    pub base: &'a [Segment],
    /// Fields that responses may carry in addition to the result.
    pub envelope: &'a [Field],
    /// Known errors.
    pub errors: &'a Errors,
    /// Rate limit of operations without `limit`.
    pub default_limit: Option<&'a Rate>,
    /// Shared limits.
    pub buckets: &'a [Bucket],
    /// Paging styles by key.
    pub paging: &'a [PagingStyle],
    /// Editions of the source documentation.
    pub editions: &'a [Edition],
    /// The names of all declared operations, by section and key.
    pub operations: &'a BTreeMap<String, OperationName>,
    /// Whether the API uses tokens.
    pub authenticated: bool,
    /// The header that carries the token.
    pub token_header: Option<&'a str>,
}

/// A paging style of `api.yaml`.
#[derive(Debug)]
pub struct PagingStyle {
    /// Its key.
    pub key: String,
    /// Its description.
    pub doc: Text,
    /// Its parameters.
    pub kind: StyleKind,
}

/// The parameters of a paging style, by name.
#[derive(Debug)]
pub enum StyleKind {
    /// Paging with a cursor.
    Cursor {
        /// The query parameter for the cursor.
        param: String,
        /// The JSON path of the next cursor in the response.
        next: JsonPath,
        /// Whether an empty page is the end.
        ends_empty: bool,
    },
    /// Paging with page numbers.
    Page {
        /// The query parameter for the page number.
        number: String,
        /// The query parameter for the page size.
        size: String,
        /// The number of the first page.
        first: i64,
    },
}

/// The parts of an operation that its examples and its uses of types depend on.
#[derive(Debug)]
pub struct Signature {
    /// Section and key, e.g. `users.create`.
    pub id: String,
    /// HTTP method.
    pub method: Method,
    /// The path below the base path.
    pub path: Vec<Segment>,
    /// The kind of body.
    pub body: BodyKind,
    /// All inputs, in the order of the IR.
    pub inputs: Vec<Input>,
    /// The result.
    pub result: OperationResult,
    /// The records in the files that the result links to.
    pub records: Option<Records>,
    /// How a list is read page by page.
    pub paging: Option<Paging>,
}

impl Signature {
    /// The inputs in a part of the request, with their references.
    pub fn inputs_in(&self, location: Location) -> impl Iterator<Item = (InputId, &Field)> + Clone {
        inputs_in(&self.inputs, location)
    }
}
