//! What operations and their examples refer to.

use super::{scope::Scope, types::Declared};
use crate::ir::{Bucket, Errors, Field, Segment, Step, Text, TypeDef};

/// What operations refer to beside types.
#[derive(Debug)]
pub struct Shared<'a> {
    /// The scope of the whole spec.
    pub scope: &'a Scope<'a>,
    /// Declared types.
    pub declared: &'a Declared<'a>,
    /// The same types, lowered, in the same order.
    pub types: &'a [TypeDef],
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
        next: Vec<Step>,
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
