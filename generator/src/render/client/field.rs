//! Fields of requests, results and declared types.

use proc_macro2::{Ident, TokenStream};
use quote::quote;

use crate::ir::{EnumRepr, Field, Json, Reads, Text, Type};
use crate::render::rust::docs::{code, docs, prose, rule_text, sentence};
use crate::render::rust::imports::Imports;
use crate::render::rust::tokens::ident;

/// Returns the doc comment of a field or argument: its meaning, rule and default.
pub(super) fn field_docs(doc: &Text, ty: &Type, default: Option<&Json>) -> TokenStream {
    let mut notes = Vec::new();
    let rule = rule_text(ty);
    if !rule.is_empty() {
        notes.push(rule);
    }
    if let Some(default) = default {
        let text = default.as_str().map_or_else(|| default.to_string(), str::to_owned);
        notes.push(format!("{} when absent", code(&text)));
    }
    let mut note = notes.join("; ");
    if let Some(first) = note.get(..1).map(str::to_uppercase) {
        note.replace_range(..1, &first);
        note.push('.');
    }
    docs(&[sentence(&prose(doc)), note])
}

/// Returns the `serde` attribute of a field, if it needs one to be serialized.
pub(super) fn serde_attributes(imports: &Imports<'_>, field: &Field) -> TokenStream {
    if field.family().is_some() {
        let writer = writer_name(field).to_string();
        return quote!(#[serde(flatten, serialize_with = #writer)]);
    }
    if field.flatten {
        return quote!(#[serde(flatten)]);
    }
    let mut arguments = Vec::new();
    if field.wire != field.rust {
        let key = &field.wire;
        arguments.push(quote!(rename = #key));
    }
    if matches!(
        field.reads,
        Reads::NumberOrText {
            sent_as: EnumRepr::String
        }
    ) {
        let writer = format!("{}::as_text", imports.runtime("wire"));
        arguments.push(quote!(serialize_with = #writer));
    }
    if !field.is_required() {
        arguments.push(quote!(skip_serializing_if = "Option::is_none"));
    }
    if arguments.is_empty() {
        TokenStream::new()
    } else {
        quote!(#[serde(#(#arguments),*)])
    }
}

/// Returns `true` if the runtime's `Wire` reads values of this type.
pub(super) fn has_wire_form(ty: &Type) -> bool {
    match ty {
        Type::Int(_) | Type::Float | Type::JsonObject => true,
        Type::List(inner, _) | Type::Map(inner, _) | Type::Nullable(inner) => has_wire_form(inner),
        _ => false,
    }
}

/// Returns the type of a field: an `Option` if it can be absent.
pub(super) fn field_type(imports: &Imports<'_>, field: &Field) -> TokenStream {
    let ty = imports.ty(&field.ty);
    if field.is_option() { quote!(Option<#ty>) } else { ty }
}

/// Returns the function that writes a family of keys.
pub(super) fn writer(imports: &Imports<'_>, field: &Field) -> Option<TokenStream> {
    let prefix = &field.family()?.prefix;
    let name = writer_name(field);
    let ty = field_type(imports, field);
    let wire = imports.runtime("wire");
    Some(quote! {
        fn #name<S: serde::Serializer>(values: &#ty, serializer: S) -> Result<S::Ok, S::Error> {
            #wire::write_family(#prefix, values, serializer)
        }
    })
}

fn writer_name(field: &Field) -> Ident {
    ident(&format!("write_{}", field.rust))
}

/// Returns the function that converts a value read from a response to the type of the field; `None` if it has that type.
pub(super) fn conversion(imports: &Imports<'_>, reads: &Reads, ty: &Type) -> Option<TokenStream> {
    let function = match (reads, has_wire_form(ty)) {
        (Reads::OneOrMany, true) => quote!(value_list),
        (Reads::OneOrMany, false) => quote!(list),
        (Reads::TextForTrue(word), _) => quote!(is(#word)),
        (_, true) => quote!(value),
        (_, false) => return None,
    };
    let wire = imports.runtime("wire");
    Some(quote!(#wire::#function))
}
