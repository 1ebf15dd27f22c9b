//! Lists that are read page by page.

use proc_macro2::TokenStream;
use quote::quote;

use super::codec::steps;
use super::context::Context;
use crate::ir::{Field, InputId, Json, Paging, PagingKind, Type};
use crate::render::rust::tokens::{ident, integer};

/// Returns the `impl` of `Paged`, if the operation has pages.
pub(super) fn paged(cx: &Context<'_>) -> Option<TokenStream> {
    let paging = cx.operation.paging.as_ref()?;
    let [error, paged, response] = cx.imports.runtime_names(["Error", "Paged", "Response"]);
    let name = &cx.name;
    let list = &cx.operation.result.parts()[paging.items].field;
    let item = match &list.ty {
        Type::List(inner, _) => cx.imports.ty(inner),
        other => cx.imports.ty(other),
    };
    let part = cx.output_field(list);
    let default = (!list.is_required()).then(|| quote!(.unwrap_or_default()));
    let start = start(cx, paging);
    let advance = advance(cx, paging, list);
    Some(quote! {
        impl<C> #paged for #name<C> {
            type Item = #item;
            fn items(page: Self::Output) -> Vec<Self::Item> {
                page #part #default
            }
            #start
            fn advance(&mut self, page: &#response<Self::Output>) -> Result<bool, #error> {
                #advance
            }
        }
    })
}

/// Returns the method that prepares the first request, if pages are numbered.
fn start(cx: &Context<'_>, paging: &Paging) -> Option<TokenStream> {
    let PagingKind::Page { number, size, first } = &paging.kind else {
        return None;
    };
    let module = cx.imports.runtime("paging");
    let number = ident(&cx.operation.input(*number).rust);
    let first = integer(*first);
    let default = default_size(cx, *size);
    let size = ident(&cx.operation.input(*size).rust);
    Some(quote! {
        fn start(&mut self) {
            #module::start(&mut self.#number, #first, &mut self.#size, #default);
        }
    })
}

fn default_size(cx: &Context<'_>, size: InputId) -> TokenStream {
    let default = cx.operation.input(size).default();
    integer(default.and_then(Json::as_i64).unwrap_or(1))
}

/// Returns the body of the method that prepares the request for the next page.
fn advance(cx: &Context<'_>, paging: &Paging, list: &Field) -> TokenStream {
    let module = cx.imports.runtime("paging");
    let part = cx.output_field(list);
    match &paging.kind {
        PagingKind::Cursor {
            param,
            next,
            ends_empty,
        } => {
            let cursor = ident(&cx.operation.input(*param).rust);
            let path = steps(cx, next);
            let end = ends_empty.then(|| {
                let is_empty = if list.is_required() {
                    quote!(.is_empty())
                } else {
                    quote!(.as_ref().is_none_or(Vec::is_empty))
                };
                quote!(if page.value #part #is_empty { return Ok(false); })
            });
            quote!(#end #module::cursor(&mut self.#cursor, page, #path))
        }
        PagingKind::Page { number, size, first } => {
            let number = ident(&cx.operation.input(*number).rust);
            let first = integer(*first);
            let default = default_size(cx, *size);
            let size = ident(&cx.operation.input(*size).rust);
            let length = if list.is_required() {
                quote!(.len())
            } else {
                quote!(.as_ref().map_or(0, Vec::len))
            };
            quote! {
                let size = self.#size.unwrap_or(#default);
                Ok(#module::number(&mut self.#number, #first, size, page.value #part #length))
            }
        }
    }
}
