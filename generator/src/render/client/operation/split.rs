//! Requests with a list that can be sent in batches.

use proc_macro2::{Literal, TokenStream};
use quote::quote;

use super::context::Context;
use crate::ir::Type;
use crate::render::rust::tokens::ident;

/// Returns the macro call that sends a longer list than the server accepts in batches.
pub(super) fn splittable(cx: &Context<'_>) -> Option<TokenStream> {
    let split = cx.operation.split?;
    let field = cx.operation.input(split.list);
    let Type::List(inner, _) = &field.ty else { return None };
    let name = &cx.name;
    let list = ident(&field.rust);
    let element = cx.imports.ty(inner);
    let most = Literal::u64_unsuffixed(split.most);
    let fields = cx.fields().map(|field| ident(&field.rust));
    let splittable = cx.imports.runtime_macro("splittable");
    Some(quote!(#splittable!(#name { #(#fields),* }, #list: #element, #most);))
}
