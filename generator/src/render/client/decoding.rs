//! How objects are deserialized.
//!
//! An object without aliases and flattened fields derives `Deserialize`. For any other, a private struct has a field for each key,
//! because `serde` rejects an object that contains both a key and its alias. Flattened fields are decoded from the text of the
//! object, because `serde` would buffer it and so lose paths and digits of numbers.

use proc_macro2::{Ident, TokenStream};
use quote::quote;

use super::field::{Direction, conversion, field_type, key_attributes, writer};
use crate::ir::{Field, Reads, Type};
use crate::names::Namespace;
use crate::render::rust::imports::Imports;
use crate::render::rust::tokens::ident;

/// How a struct with these fields is deserialized.
#[derive(Debug, Clone, Copy)]
pub struct Decoding<'a> {
    imports: &'a Imports<'a>,
    fields: &'a [Field],
}

impl<'a> Decoding<'a> {
    /// Deserializes these fields.
    #[must_use]
    pub fn new(imports: &'a Imports<'a>, fields: &'a [Field]) -> Self {
        Self { imports, fields }
    }

    fn is_derived(self) -> bool {
        self.fields
            .iter()
            .all(|field| field.aliases.is_empty() && !field.flatten)
    }

    /// Returns the traits of `serde` that the struct derives.
    #[must_use]
    pub fn derives(self) -> TokenStream {
        let serialize = self.imports.name("serde", "Serialize");
        let deserialize = self.imports.name("serde", "Deserialize");
        if self.is_derived() {
            quote!(#serialize, #deserialize)
        } else {
            quote!(#serialize)
        }
    }

    /// Returns the direction of the `serde` attributes of its fields.
    #[must_use]
    pub(super) fn direction(self) -> Direction {
        if self.is_derived() {
            Direction::Both
        } else {
            Direction::Write
        }
    }

    /// Returns the implementation of `Deserialize` unless it is derived, and the functions that read single fields.
    #[must_use]
    pub fn items(self, name: &str) -> TokenStream {
        let readers = self.fields.iter().filter_map(|field| self.reader(field));
        let writers = self.fields.iter().filter_map(|field| writer(self.imports, field));
        let implementation = (!self.is_derived()).then(|| self.implementation(name));
        quote! { #implementation #(#readers)* #(#writers)* }
    }

    /// Returns the function that reads a boolean that can be a string.
    fn reader(self, field: &Field) -> Option<TokenStream> {
        let (Reads::TextForTrue(word), None) = (&field.reads, field.family()) else {
            return None;
        };
        let name = reader_name(field);
        let wire = self.imports.runtime("wire");
        let (ty, ended) = if field.is_required() && field.aliases.is_empty() {
            (
                quote!(bool),
                quote!(#wire::BoolText::deserialize(deserializer).map(|text| text.is(#word))),
            )
        } else {
            let read = quote!(Option::<#wire::BoolText>::deserialize(deserializer)?);
            (quote!(Option<bool>), quote!(Ok(#read.map(|text| text.is(#word)))))
        };
        Some(quote! {
            fn #name<'de, D: serde::Deserializer<'de>>(deserializer: D) -> Result<#ty, D::Error> {
                #ended
            }
        })
    }

    fn implementation(self, name: &str) -> TokenStream {
        let Self { imports, fields } = self;
        let names: Vec<_> = fields.iter().map(|field| field.rust.as_str()).collect();
        let mut taken = Namespace::holding(&names);
        let mut declared = Vec::new();
        let mut values = Vec::new();
        for field in fields {
            let rust = ident(&field.rust);
            if let Some(family) = field.family() {
                let prefix = &family.prefix;
                let convert =
                    conversion(imports, &field.reads, &family.value).unwrap_or(quote!(std::convert::identity));
                values.push(quote!(#rust: text.family(#prefix, #convert)?));
                continue;
            }
            if field.flatten {
                values.push(quote!(#rust: text.decode()?));
                continue;
            }
            let aliases = field.aliases.iter().map(|_| ident(&taken.unique(&field.rust, "_")));
            let names: Vec<_> = std::iter::once(rust.clone()).chain(aliases).collect();
            declared.extend(
                field
                    .keys()
                    .zip(&names)
                    .map(|(key, name)| wire_field(imports, field, key, name)),
            );
            let value = chosen(imports, field, &names);
            values.push(quote!(#rust: #value));
        }
        let text = fields.iter().any(|field| field.flatten).then(|| {
            let wire = imports.runtime("wire");
            quote!(let text = #wire::text(deserializer)?;)
        });
        let read = match (&text, declared.is_empty()) {
            (_, true) => None,
            (Some(_), _) => Some(quote!(let fields: Wire = text.decode()?;)),
            (None, _) => Some(quote!(let fields = Wire::deserialize(deserializer)?;)),
        };
        let structure = read.is_some().then(|| {
            quote! {
                /// The keys that are read one by one.
                #[derive(Deserialize)]
                struct Wire { #(#declared)* }
            }
        });
        let name = ident(name);
        let deserialize = imports.name("serde", "Deserialize");
        quote! {
            #structure
            impl<'de> #deserialize<'de> for #name {
                fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                    #text
                    #read
                    Ok(Self { #(#values),* })
                }
            }
        }
    }
}

/// Returns the field of the private struct for a key. A field with aliases has several, all optional.
fn wire_field(imports: &Imports<'_>, field: &Field, key: &str, name: &Ident) -> TokenStream {
    let attributes = key_attributes(imports, field, key, name);
    let ty = if field.aliases.is_empty() {
        field_type(imports, field)
    } else {
        let ty = imports.ty(&field.ty);
        quote!(Option<#ty>)
    };
    quote! { #attributes #name: #ty, }
}

/// Returns the value of a field: of its keys, the first that is not null.
fn chosen(imports: &Imports<'_>, field: &Field, names: &[Ident]) -> TokenStream {
    let value = match names {
        [name] => return quote!(fields.#name),
        // An alias with a value has precedence over one that is null.
        [first @ .., last] if matches!(field.ty, Type::Nullable(_)) => first.iter().rev().fold(
            quote!(fields.#last),
            |rest, name| quote!(fields.#name.filter(Option::is_some).or(#rest)),
        ),
        [first, rest @ ..] => quote!(fields.#first #(.or(fields.#rest))*),
        [] => TokenStream::new(),
    };
    if !field.is_required() {
        return value;
    }
    if field.is_or_empty() {
        return quote!(#value.unwrap_or_default());
    }
    if matches!(field.ty, Type::Nullable(_)) {
        return quote!(#value.flatten());
    }
    let key = &field.wire;
    let wire = imports.runtime("wire");
    quote!(#wire::required::<_, D::Error>(#value, #key)?)
}

/// Returns the name of the function that reads a boolean that can be a string.
pub(super) fn reader_name(field: &Field) -> Ident {
    ident(&format!("read_{}", field.rust))
}
