//! What operations and their examples refer to.

use std::collections::BTreeMap;

use super::{
    scope::Scope,
    sections::OperationName,
    types::{Declared, TypeDraft},
};
use crate::ir::{
    BodyKind, Bucket, Errors, Field, Input, InputId, JsonPath, Location, Method, OperationResult, Paging, Records,
    Segment, Text, inputs_in,
};

/// What operations refer to beside types.
#[derive(Debug)]
pub struct Shared<'a> {
    /// The scope of the whole spec.
    pub scope: &'a Scope<'a>,
    /// Declared types.
    pub declared: &'a Declared<'a>,
    /// The same types, lowered, in the same order.
    pub types: &'a [TypeDraft],
    /// Which of them have a mistake, or hold a type that has one.
    pub broken: &'a [bool],
    /// The path before every route.
    pub base: &'a [Segment],
    /// Fields around the payload of an answer.
    pub envelope: &'a [Field],
    /// Known errors.
    pub errors: &'a Errors,
    /// Whether an operation that names no limit has the default one.
    pub has_default_limit: bool,
    /// Shared limits.
    pub buckets: &'a [Bucket],
    /// Paging styles by key.
    pub paging: &'a [PagingStyle],
    /// The names of all declared operations, by section and key.
    pub operations: &'a BTreeMap<String, OperationName>,
    /// Whether the API has tokens at all.
    pub authenticated: bool,
    /// The header that carries the token.
    pub token_header: Option<&'a str>,
}

/// A paging style of `api.yaml`.
#[derive(Debug)]
pub struct PagingStyle {
    /// Its key.
    pub key: String,
    /// How it works.
    pub doc: Text,
    /// Its parameters.
    pub kind: StyleKind,
}

/// The parameters of a paging style, by name.
#[derive(Debug)]
pub enum StyleKind {
    /// By cursor.
    Cursor {
        /// The query parameter that takes the cursor.
        param: String,
        /// Where the next one is.
        next: JsonPath,
        /// Whether a page without elements is the end.
        ends_empty: bool,
    },
    /// By page number.
    Page {
        /// The query parameter that takes the number.
        number: String,
        /// The query parameter that takes the size.
        size: String,
        /// The first number.
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
