//! Results that link to files of records.

use proc_macro2::TokenStream;
use quote::quote;

use super::context::Context;
use crate::ir::Type;
use crate::render::rust::tokens::ident;

/// Returns the macro call that downloads the records of the files that the result links to.
pub(super) fn recorded(cx: &Context<'_>) -> Option<TokenStream> {
    let records = cx.operation.records.as_ref()?;
    // Not imported, since the request type can have the same name.
    let record = ident(&cx.api.type_def(records.ty).name);
    let field = &cx.operation.result.parts()[records.part].field;
    let part = cx.output_field(field);
    let link = records.field.as_ref().map(|link| {
        let name = ident(&link.rust);
        quote!(.#name)
    });
    let value = match &field.ty {
        Type::List(inner, _) => inner,
        ty => ty,
    };
    let text = match records.field.as_ref().map_or(value, |link| &link.ty) {
        Type::Secret(_) => quote!(.expose().to_owned()),
        _ => quote!(.clone()),
    };
    let links = match field.ty {
        Type::List(..) => quote!(output #part.iter().map(|file| file #link #text).collect()),
        _ => quote!(vec![output #part #link #text]),
    };
    let name = &cx.name;
    let recorded = cx.imports.runtime_macro("recorded");
    Some(quote!(#recorded!(#name, crate::types::#record, |output| #links);))
}
