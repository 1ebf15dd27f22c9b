//! Operations: one file each, with the request type.

mod codec;
mod context;
mod paging;
mod records;
mod request;
mod result;
mod single;
mod split;

pub(super) use request::method;

use proc_macro2::TokenStream;
use quote::quote;

use crate::render::rust::docs::inner_docs;
use crate::render::rust::layout::print;
use crate::render::rust::tokens::ident;
use crate::{
    files::File,
    ir::{Api, Operation, OperationId, OperationResult},
};

use context::Context;

/// Renders the file of an operation.
#[must_use]
pub fn render(api: &Api, id: OperationId, operation: &Operation) -> File {
    let section = api.section_of(id);
    File {
        path: format!("client/src/{}/{}.rs", section.rust_module, operation.rust_fn),
        contents: print(file(&Context::new(api, id, operation))),
    }
}

fn file(cx: &Context<'_>) -> TokenStream {
    let operation = cx.operation;
    let route = format!("`{} {}`", operation.method.as_str(), operation.path_template());
    let docs = inner_docs(&[route]);
    let allow = (!operation.superseded_by.is_empty())
        .then(|| quote!(#![allow(deprecated, reason = "deprecated operations are still implemented")]));
    let checks = codec::checks(cx);
    let statics = &checks.statics;
    let request = request::structure(cx);
    let result = result::structure(cx);
    let constructors = request::constructors(cx);
    let implementation = codec::implementation(cx, &checks.statements);
    let paged = paging::paged(cx);
    let single = single::single(cx);
    let macros = macro_calls(cx);
    let uses = cx.imports.uses();
    quote! { #docs #allow #uses #(#statics)* #request #result #constructors #implementation #paged #macros #single }
}

/// Returns the macro calls that implement the methods which depend on the kind of operation.
fn macro_calls(cx: &Context<'_>) -> TokenStream {
    let name = &cx.name;
    let sendable = cx.imports.runtime_macro(match cx.operation.result {
        OperationResult::Bytes(_) => "downloadable",
        _ => "sendable",
    });
    let pageable = cx.operation.paging.as_ref().map(|_| {
        let pageable = cx.imports.runtime_macro("pageable");
        let fields = cx.fields().map(|field| ident(&field.rust));
        quote!(#pageable!(#name: #(#fields),*);)
    });
    let recorded = records::recorded(cx);
    let splittable = split::splittable(cx);
    quote! { #sendable!(#name); #pageable #recorded #splittable }
}
