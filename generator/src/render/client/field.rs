//! Fields of requests, results and declared types.

use proc_macro2::TokenStream;
use quote::quote;

use super::bool_text::Readers;
use crate::ir::{EnumRepr, Field, Json, Reads, Text, Type};
use crate::render::rust::docs::{code, docs, prose, rule_text, sentence};
use crate::render::rust::imports::Imports;

/// The direction in which `serde` uses a field.
#[derive(Debug, Clone, Copy)]
pub(super) enum Direction<'r> {
    /// It is serialized.
    Write,
    /// It is deserialized, with these readers for lenient booleans.
    Read(&'r Readers),
    /// It is serialized and deserialized.
    Both(&'r Readers),
}

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

/// Returns the `serde` attribute of a field, if it needs one.
pub(super) fn serde_attributes(imports: &Imports<'_>, field: &Field, direction: Direction<'_>) -> TokenStream {
    if field.flatten {
        return quote!(#[serde(flatten)]);
    }
    let (writes, readers) = match direction {
        Direction::Write => (true, None),
        Direction::Read(readers) => (false, Some(readers)),
        Direction::Both(readers) => (true, Some(readers)),
    };
    let mut arguments = Vec::new();
    if field.wire != field.rust {
        let wire = &field.wire;
        arguments.push(quote!(rename = #wire));
    }
    if readers.is_some() {
        let aliases = &field.aliases;
        arguments.extend(aliases.iter().map(|alias| quote!(alias = #alias)));
        if !field.is_required() {
            arguments.push(quote!(default));
        }
    }
    arguments.extend(conversion(imports, field, readers));
    if !field.is_required() && writes {
        arguments.push(quote!(skip_serializing_if = "Option::is_none"));
    }
    if arguments.is_empty() {
        TokenStream::new()
    } else {
        quote!(#[serde(#(#arguments),*)])
    }
}

/// Returns the argument of the `serde` attribute that names the functions by which a field is converted, if any.
fn conversion(imports: &Imports<'_>, field: &Field, readers: Option<&Readers>) -> Option<TokenStream> {
    let wire = |name: &str| format!("{}::{name}", imports.runtime("wire"));
    match (&field.reads, &field.ty) {
        (Reads::NumberOrText { sent_as }, Type::Int(_)) => {
            let module = match sent_as {
                EnumRepr::Int => wire("int"),
                EnumRepr::String => wire("int_text"),
            };
            Some(quote!(with = #module))
        }
        (Reads::OneOrMany, _) => {
            let module = wire("list");
            Some(quote!(with = #module))
        }
        (Reads::TextForTrue(_), _) => {
            let reader = readers?.name(field)?;
            Some(quote!(deserialize_with = #reader))
        }
        (_, Type::Nullable(_)) if !field.is_required() && readers.is_some() => {
            let reader = wire("present");
            Some(quote!(deserialize_with = #reader))
        }
        _ => None,
    }
}

/// Returns the type of a field: an `Option` if it can be absent.
pub(super) fn field_type(imports: &Imports<'_>, field: &Field) -> TokenStream {
    let ty = imports.ty(&field.ty);
    if field.is_required() { ty } else { quote!(Option<#ty>) }
}
