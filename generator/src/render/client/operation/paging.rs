//! Lists that are read page by page.

use proc_macro2::TokenStream;
use quote::quote;

use super::codec::{path_of, steps};
use super::context::Context;
use crate::ir::{Json, Paging, PagingKind, Reads, Type};
use crate::render::rust::tokens::{ident, integer};

/// Returns the `impl` of `Paged`, if the operation has pages.
pub(super) fn paged(cx: &Context<'_>) -> Option<TokenStream> {
    let paging = cx.operation.paging.as_ref()?;
    let [elements, error, paged, response] = cx.imports.runtime_names(["Elements", "Error", "Paged", "RawResponse"]);
    let name = &cx.name;
    let part = &cx.operation.result.parts()[paging.items];
    let item = match &part.field.ty {
        Type::List(inner, _) => cx.imports.ty(inner),
        other => cx.imports.ty(other),
    };
    let path = path_of(cx, part);
    let module = cx.imports.runtime("paging");
    let or_empty = !part.field.is_always_present();
    let or_one = part.field.reads == Reads::OneOrMany;
    let items = if or_empty || or_one {
        quote! {
            let list = #module::List { path: #path, or_empty: #or_empty, or_one: #or_one };
            list.read(response)
        }
    } else {
        quote!(response.elements(#path))
    };
    let start = start(cx, paging);
    let cursor = cursor(cx, paging);
    let advance = advance(cx, paging);
    Some(quote! {
        impl<C: Clone> #paged for #name<C> {
            type Item = #item;
            fn items(response: &#response) -> Result<#elements<Self::Item>, #error> {
                #items
            }
            #start
            #cursor
            fn advance(&mut self, response: &#response) -> Result<bool, #error> {
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
    let number = ident(&cx.operation.input(*number).rust);
    let first = integer(*first);
    let size = cx.operation.input(*size);
    // Without a default, it is an argument of the request.
    let size = size.default().and_then(Json::as_i64).map(|default| {
        let (size, default) = (ident(&size.rust), integer(default));
        quote!(self.#size.get_or_insert(#default);)
    });
    Some(quote! {
        fn start(&mut self) {
            self.#number.get_or_insert(#first);
            #size
        }
    })
}

/// Returns the method that returns the cursor, if there is one.
fn cursor(cx: &Context<'_>, paging: &Paging) -> Option<TokenStream> {
    let PagingKind::Cursor { param, .. } = &paging.kind else {
        return None;
    };
    let cursor = ident(&cx.operation.input(*param).rust);
    Some(quote! {
        fn cursor(&self) -> Option<&str> {
            self.#cursor.as_deref()
        }
    })
}

/// Returns the body of the method that prepares the request for the next page.
fn advance(cx: &Context<'_>, paging: &Paging) -> TokenStream {
    let module = cx.imports.runtime("paging");
    match &paging.kind {
        PagingKind::Cursor {
            param,
            next,
            ends_empty,
        } => {
            let cursor = ident(&cx.operation.input(*param).rust);
            let path = steps(cx, next);
            let advance = quote!(#module::cursor(&mut self.#cursor, response, #path));
            if *ends_empty {
                quote! {
                    let is_more = #advance?;
                    Ok(is_more && #module::has_elements(&Self::items(response)))
                }
            } else {
                advance
            }
        }
        PagingKind::Page { number, first, .. } => {
            let number = ident(&cx.operation.input(*number).rust);
            let first = integer(*first);
            quote!(Ok(#module::number(&mut self.#number, #first, &Self::items(response))))
        }
    }
}
