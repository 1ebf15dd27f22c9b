//! Enums that keep unknown values.

use proc_macro2::TokenStream;
use quote::quote;

use super::newtype::integer as integer_impls;
use crate::ir::{EnumRepr, EnumValue, TypeDef};
use crate::render::rust::docs::{docs, prose, sentence};
use crate::render::rust::tokens::{ident, integer};

/// An enum with a variant for unknown values.
#[derive(Debug)]
pub struct OpenEnum<'a> {
    /// Its name.
    pub name: &'a str,
    /// Its doc comment.
    pub docs: TokenStream,
    /// The wire form of its values.
    pub repr: EnumRepr,
    /// The known values.
    pub values: &'a [EnumValue],
    /// The documentation of the variant for unknown values.
    pub unknown: &'static str,
}

/// Returns the file of a declared enum.
pub(super) fn declared_enum(def: &TypeDef, repr: EnumRepr, values: &[EnumValue]) -> TokenStream {
    let definition = open_enum(&OpenEnum {
        name: &def.name,
        docs: docs(&[sentence(&prose(&def.doc))]),
        repr,
        values,
        unknown: "A value unknown to this version.",
    });
    quote! {
        use crate::runtime::Unrecognized;
        #definition
    }
}

/// Returns an enum with its conversions.
pub fn open_enum(definition: &OpenEnum<'_>) -> TokenStream {
    let name = ident(definition.name);
    let docs = &definition.docs;
    let unknown = format!(" {}", definition.unknown);
    let variants = definition.values.iter().map(|value| {
        let docs = self::docs(&[sentence(&prose(&value.doc))]);
        let variant = ident(&value.rust);
        quote! { #docs #variant, }
    });
    let (held, copy, implementations) = match definition.repr {
        EnumRepr::String => {
            let implementations = quote!(crate::runtime::macros::string_enum!(#name););
            (quote!(Unrecognized), quote!(), implementations)
        }
        EnumRepr::Int => (
            quote!(Unrecognized<i64>),
            quote!(Copy,),
            integer_impls(&name, &quote!(self.value())),
        ),
    };
    let getter = getter(definition);
    let conversion = conversion(definition);
    quote! {
        #docs
        #[derive(Debug, Clone, #copy PartialEq, Eq, Hash)]
        #[non_exhaustive]
        pub enum #name {
            #(#variants)*
            #[doc = #unknown]
            Unknown(#held),
        }
        #getter
        #conversion
        #implementations
    }
}

/// Returns the method that returns the value on the wire.
fn getter(definition: &OpenEnum<'_>) -> TokenStream {
    let name = ident(definition.name);
    let variants = definition.values.iter().map(|value| ident(&value.rust));
    let wires = wires(definition);
    let (method, returned, unknown) = match definition.repr {
        EnumRepr::String => (quote!(as_str), quote!(&str), quote!(value.as_str())),
        EnumRepr::Int => (quote!(value), quote!(i64), quote!(value.value())),
    };
    quote! {
        impl #name {
            /// Returns the value on the wire.
            #[must_use]
            #[inline]
            pub fn #method(&self) -> #returned {
                match self {
                    #(Self::#variants => #wires,)*
                    Self::Unknown(value) => #unknown,
                }
            }
        }
    }
}

/// Returns the conversion from the value on the wire.
fn conversion(definition: &OpenEnum<'_>) -> TokenStream {
    let name = ident(definition.name);
    let variants = definition.values.iter().map(|value| ident(&value.rust));
    let wires = wires(definition);
    let (from, kept) = match definition.repr {
        EnumRepr::String => (quote!(&str), quote!(other.into())),
        EnumRepr::Int => (quote!(i64), quote!(other)),
    };
    quote! {
        impl From<#from> for #name {
            #[inline]
            fn from(value: #from) -> Self {
                match value {
                    #(#wires => Self::#variants,)*
                    other => Self::Unknown(Unrecognized(#kept)),
                }
            }
        }
    }
}

/// Returns the literals of the known values.
fn wires(definition: &OpenEnum<'_>) -> impl Iterator<Item = TokenStream> {
    let repr = definition.repr;
    definition.values.iter().map(move |value| {
        let wire = &value.wire;
        match repr {
            EnumRepr::String => quote!(#wire),
            EnumRepr::Int => integer(wire.parse().unwrap_or_default()),
        }
    })
}
