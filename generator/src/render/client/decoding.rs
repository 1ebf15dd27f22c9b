//! How objects are deserialized: by a macro of the runtime, which compiles faster than the derive macro of `serde`. It also reads
//! aliases and flattened fields, where `serde` would reject an object with both a key and its alias, and lose paths of errors
//! and digits of numbers in flattened fields.

use proc_macro2::TokenStream;
use quote::quote;

use super::field::{conversion, writer};
use crate::ir::{Field, Type};
use crate::render::rust::imports::Imports;
use crate::render::rust::tokens::ident;

/// Returns the implementation of `Deserialize` for a struct with these fields, and the functions that write single fields.
pub(super) fn decoding(imports: &Imports<'_>, name: &str, fields: &[Field]) -> TokenStream {
    let writers = fields.iter().filter_map(|field| writer(imports, field));
    let keys = fields
        .iter()
        .filter(|field| !field.flatten)
        .map(|field| entry(imports, field));
    let rest: Vec<_> = fields
        .iter()
        .filter(|field| field.flatten)
        .map(|field| flattened(imports, field))
        .collect();
    let rest = (!rest.is_empty()).then(|| quote!(, Flattened { #(#rest),* }));
    let object = imports.runtime_macro("object");
    let name = ident(name);
    quote! {
        #object!(#name { #(#keys),* } #rest);
        #(#writers)*
    }
}

/// Returns the keys of a field, and how it is read from them.
fn entry(imports: &Imports<'_>, field: &Field) -> TokenStream {
    let name = ident(&field.rust);
    let keys = field.keys();
    let (method, ty) = match &field.ty {
        _ if field.is_or_empty() => ("or_empty", &field.ty),
        Type::Nullable(inner) if field.is_required() && field.aliases.is_empty() => ("nullable", &**inner),
        Type::Nullable(inner) if field.is_required() => ("optional", &**inner),
        Type::Nullable(inner) => ("present", &**inner),
        // `null` is a value of this type.
        Type::Json if field.is_required() => ("json", &field.ty),
        ty if field.is_required() => ("required", ty),
        ty => ("optional", ty),
    };
    let method = ident(method);
    let convert = conversion(imports, &field.reads, ty).map(|convert| quote!(, #convert));
    quote!(#name: #method(#(#keys)|* #convert))
}

/// Returns how a field is read that consists of entries of the object.
fn flattened(imports: &Imports<'_>, field: &Field) -> TokenStream {
    let name = ident(&field.rust);
    let Some(family) = field.family() else {
        return quote!(#name: flatten());
    };
    let prefix = &family.prefix;
    let convert = conversion(imports, &field.reads, &family.value).unwrap_or(quote!(std::convert::identity));
    quote!(#name: family(#prefix, #convert))
}
