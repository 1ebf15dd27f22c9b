//! Fields of requests, results and declared types.

use proc_macro2::{Ident, TokenStream};
use quote::quote;

use super::bool_text::Readers;
use crate::ir::{EnumRepr, Field, Json, Presence, Reads, Text, Type};
use crate::render::rust::docs::{code, docs, prose, rule_text, sentence};
use crate::render::rust::imports::Imports;
use crate::render::rust::tokens::ident;

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

/// A parameter of a function that takes the value of a field.
#[derive(Debug)]
pub(super) struct Parameter {
    /// Its type.
    pub(super) ty: TokenStream,
    /// The expression that converts it to the type of the field.
    pub(super) value: TokenStream,
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

/// Returns the parameters of a constructor that takes these fields.
pub(super) fn parameters<'f>(imports: &Imports<'_>, fields: impl Iterator<Item = &'f Field>) -> Vec<TokenStream> {
    let parameters = fields.map(|field| {
        let name = ident(&field.rust);
        let Parameter { ty, .. } = parameter(imports, &name, &field.ty);
        quote!(#name: #ty)
    });
    parameters.collect()
}

/// Returns the initializer of a field in a constructor that takes the required fields. `constant` converts the text of a
/// constant to the type of the field.
pub(super) fn initializer(
    imports: &Imports<'_>,
    field: &Field,
    constant: impl FnOnce(&str) -> TokenStream,
) -> TokenStream {
    let name = ident(&field.rust);
    match &field.presence {
        Presence::Constant(text) => {
            let value = constant(text);
            quote!(#name: #value)
        }
        Presence::Optional { .. } => quote!(#name: None),
        Presence::Required | Presence::OrEmpty if is_passed_as_is(&field.ty) => quote!(#name),
        Presence::Required | Presence::OrEmpty => {
            let Parameter { value, .. } = parameter(imports, &name, &field.ty);
            quote!(#name: #value)
        }
    }
}

/// Returns a method that sets an optional field.
pub(super) fn setter(imports: &Imports<'_>, field: &Field) -> TokenStream {
    let name = ident(&field.rust);
    let Parameter { ty, value } = parameter(imports, &name, &field.ty);
    quote! {
        pub fn #name(mut self, #name: #ty) -> Self {
            self.#name = Some(#value);
            self
        }
    }
}

/// Returns `true` if a parameter has the type of its field, because nothing converts to it.
fn is_passed_as_is(ty: &Type) -> bool {
    matches!(ty, Type::Bool | Type::File | Type::Json)
}

/// Returns the parameter for a value of a type.
fn parameter(imports: &Imports<'_>, name: &Ident, ty: &Type) -> Parameter {
    match ty {
        ty if is_passed_as_is(ty) => Parameter {
            ty: imports.ty(ty),
            value: quote!(#name),
        },
        Type::List(inner, _) => {
            let item = imports.ty(inner);
            if is_passed_as_is(inner) {
                Parameter {
                    ty: quote!(impl IntoIterator<Item = #item>),
                    value: quote!(#name.into_iter().collect()),
                }
            } else {
                Parameter {
                    ty: quote!(impl IntoIterator<Item = impl Into<#item>>),
                    value: quote!(#name.into_iter().map(Into::into).collect()),
                }
            }
        }
        Type::Map(inner, _) => entries(name, &imports.ty(inner)),
        Type::JsonObject => entries(name, &imports.ty(&Type::Json)),
        _ => {
            let ty = imports.ty(ty);
            Parameter {
                ty: quote!(impl Into<#ty>),
                value: quote!(#name.into()),
            }
        }
    }
}

/// Returns the parameter for a map with values of a type.
fn entries(name: &Ident, value: &TokenStream) -> Parameter {
    Parameter {
        ty: quote!(impl IntoIterator<Item = (impl Into<String>, impl Into<#value>)>),
        value: quote!(#name.into_iter().map(|(key, value)| (key.into(), value.into())).collect()),
    }
}
