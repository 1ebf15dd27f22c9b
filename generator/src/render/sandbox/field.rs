//! Fields of types, arguments and results.

use proc_macro2::TokenStream;
use quote::quote;

use crate::ir::{Api, Field, Type, TypeKind};
use crate::render::rust::docs::{docs, prose, sentence};
use crate::render::rust::imports::Imports;
use crate::render::rust::tokens::{TypeName, ident, rust_type};

/// Returns the Rust type of a value. Times are integers, and secrets are strings.
pub(super) fn value_type(api: &Api, imports: &Imports<'_>, ty: &Type) -> TokenStream {
    if matches!(ty, Type::JsonObject) {
        return quote!(serde_json::Map<String, serde_json::Value>);
    }
    rust_type(ty, &mut |name| match name {
        TypeName::Declared(id) => {
            let name = ident(&api.type_def(id).name);
            if imports.defines(id) {
                return quote!(#name);
            }
            let types = imports.name("crate", "types");
            quote!(#types::#name)
        }
        TypeName::Map => {
            let map = imports.name("std::collections", "BTreeMap");
            quote!(#map)
        }
        TypeName::Runtime("Secret") => quote!(String),
        TypeName::Runtime("Json") => quote!(serde_json::Value),
        TypeName::Runtime("File") => {
            let body = imports.runtime("body");
            quote!(#body::Upload)
        }
        TypeName::Runtime(_) => quote!(i64),
    })
}

/// Returns `true` if the field may have no value. The server adds defaults.
pub(super) fn is_optional(field: &Field) -> bool {
    field.is_option() && field.default().is_none()
}

/// Returns the type of a field: an `Option` if it may have no value.
pub(super) fn field_type(api: &Api, imports: &Imports<'_>, field: &Field) -> TokenStream {
    let ty = value_type(api, imports, &field.ty);
    if is_optional(field) { quote!(Option<#ty>) } else { ty }
}

/// Returns the doc comment of a field.
pub(super) fn field_docs(field: &Field) -> TokenStream {
    docs(&[sentence(&prose(&field.doc))])
}

/// Returns the `serde` attribute of a field of a declared type.
pub(super) fn attributes(field: &Field) -> TokenStream {
    if field.family().is_some() {
        let [read, write] = ["read", "write"].map(|verb| format!("{verb}_{}", field.rust));
        return quote!(#[serde(flatten, deserialize_with = #read, serialize_with = #write)]);
    }
    if field.flatten {
        return quote!(#[serde(flatten)]);
    }
    let mut arguments = Vec::new();
    if field.wire != field.rust {
        let wire = &field.wire;
        arguments.push(quote!(rename = #wire));
    }
    if is_optional(field) {
        arguments.push(quote!(default, skip_serializing_if = "Option::is_none"));
    }
    if is_nullable(field) {
        arguments.push(quote!(deserialize_with = "crate::runtime::present"));
    }
    if arguments.is_empty() {
        TokenStream::new()
    } else {
        quote!(#[serde(#(#arguments),*)])
    }
}

/// Returns the functions that read and write a family of keys.
pub(super) fn family(api: &Api, imports: &Imports<'_>, field: &Field) -> Option<TokenStream> {
    let prefix = &field.family()?.prefix;
    let [read, write] = ["read", "write"].map(|verb| ident(&format!("{verb}_{}", field.rust)));
    let ty = field_type(api, imports, field);
    let family = imports.runtime("family");
    Some(quote! {
        fn #read<'de, D: serde::Deserializer<'de>>(deserializer: D) -> Result<#ty, D::Error> {
            #family::read(#prefix, deserializer)
        }
        fn #write<S: serde::Serializer>(values: &#ty, serializer: S) -> Result<S::Ok, S::Error> {
            #family::write(#prefix, values, serializer)
        }
    })
}

/// Returns the `serde` attribute of an argument: an explicit `null` is not the same as no value.
pub(super) fn presence_attribute(field: &Field) -> TokenStream {
    if is_nullable(field) {
        quote!(#[serde(default, deserialize_with = "crate::runtime::present")])
    } else {
        TokenStream::new()
    }
}

/// Returns `true` if the field may have no value, or be `null`.
fn is_nullable(field: &Field) -> bool {
    is_optional(field) && matches!(field.ty, Type::Nullable(_))
}

/// Returns `true` if the type implements `Default`.
pub(super) fn has_default(api: &Api, ty: &Type) -> bool {
    match ty {
        Type::Named(id) => match &api.type_def(*id).kind {
            TypeKind::Newtype(inner) => has_default(api, inner),
            TypeKind::Object(fields) => all_have_defaults(api, fields),
            _ => false,
        },
        _ => true,
    }
}

/// Returns `true` if all fields have a default.
pub(super) fn all_have_defaults(api: &Api, fields: &[Field]) -> bool {
    fields
        .iter()
        .all(|field| is_optional(field) || has_default(api, &field.ty))
}
