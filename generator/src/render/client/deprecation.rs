//! The attributes of deprecated operations.

use proc_macro2::TokenStream;
use quote::quote;

use crate::ir::{Api, Operation};

/// Returns the attribute that marks an operation as deprecated, if it is.
pub(super) fn deprecated(api: &Api, operation: &Operation) -> Option<TokenStream> {
    if operation.superseded_by.is_empty() {
        return None;
    }
    let successors: Vec<_> = operation
        .superseded_by
        .iter()
        .map(|id| {
            let section = &api.section_of(*id).rust_module;
            format!("`{section}().{}(..)`", api.operation(*id).rust_fn)
        })
        .collect();
    let note = format!("use {}", successors.join(", "));
    Some(quote!(#[deprecated(note = #note)]))
}

/// Returns the attribute of an item that uses a deprecated operation.
pub(super) fn allow_deprecated(operation: &Operation) -> Option<TokenStream> {
    let is_deprecated = !operation.superseded_by.is_empty();
    is_deprecated.then(|| quote!(#[allow(deprecated, reason = "deprecated for callers only")]))
}
