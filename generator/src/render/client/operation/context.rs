//! The data that all parts of an operation's file are rendered from.

use proc_macro2::{Ident, TokenStream};
use quote::quote;

use super::result::sample;
use crate::ir::{Api, Field, Operation, OperationId, OperationResult};
use crate::render::rust::imports::Imports;
use crate::render::rust::tokens::ident;

/// An operation and the imports of its file.
#[derive(Debug)]
pub(super) struct Context<'a> {
    pub(super) api: &'a Api,
    pub(super) operation: &'a Operation,
    /// The name of the request type.
    pub(super) name: Ident,
    pub(super) imports: Imports<'a>,
    /// The first example, as a code block of a doc comment.
    pub(super) sample: String,
}

impl<'a> Context<'a> {
    pub(super) fn new(api: &'a Api, id: OperationId, operation: &'a Operation) -> Self {
        Self {
            api,
            operation,
            name: ident(&operation.rust_type),
            imports: Imports::new(api),
            sample: sample(api, id, operation),
        }
    }

    /// Returns all arguments and constants, in the order of the arguments.
    pub(super) fn fields(&self) -> impl Iterator<Item = &'a Field> + use<'a> {
        self.operation.inputs.iter().map(|input| &input.field)
    }

    /// Returns the access to a field of the output, e.g. `.users`; empty if the output is the value itself.
    pub(super) fn output_field(&self, field: &Field) -> Option<TokenStream> {
        let has_fields = matches!(self.operation.result, OperationResult::Parts { .. });
        has_fields.then(|| {
            let name = ident(&field.rust);
            quote!(.#name)
        })
    }
}
