//! Strings and integers with a name.

use proc_macro2::{Ident, TokenStream};
use quote::quote;

use crate::ir::{Api, Type, TypeDef};
use crate::render::client::checks::{Checked, Checks, check_impl};
use crate::render::client::field::field_docs;
use crate::render::rust::imports::Imports;
use crate::render::rust::tokens::ident;

/// Returns the file of a newtype.
pub(super) fn newtype(api: &Api, def: &TypeDef, inner: &Type) -> TokenStream {
    let imports = Imports::of_type(api, def);
    let name = ident(&def.name);
    let held = imports.ty(inner);
    let (visibility, traits, implementations) = match inner {
        Type::Secret(_) => secret(&imports, def),
        Type::Int(_) => {
            let integer = integer(&name, &quote!(self.0));
            let conversion = quote! {
                impl From<i64> for #name {
                    fn from(value: i64) -> Self {
                        Self(value)
                    }
                }
            };
            (quote!(pub), quote!(, Copy), quote!(#conversion #integer))
        }
        _ => {
            // The macro implements `Deserialize`, since IDs can be numbers in responses.
            let serialize = imports.name("serde", "Serialize");
            let string_newtype = imports.runtime_macro("string_newtype");
            (quote!(), quote!(, #serialize), quote!(#string_newtype!(#name);))
        }
    };
    let transparent = (!matches!(inner, Type::Int(_))).then(|| quote!(#[serde(transparent)]));
    let check = (def.in_request && def.has_rules).then(|| {
        let mut checks = Checks::new(api, &imports);
        let checked = Checked {
            at: quote!(at),
            value: quote!(self.0),
            name: "",
            options: 0,
            borrowed: false,
        };
        checks.add(inner, &checked);
        check_impl(&imports, def, &checks)
    });
    let docs = field_docs(&def.doc, inner, None);
    let uses = imports.uses();
    quote! {
        #uses
        #docs
        #[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash #traits)]
        #transparent
        pub struct #name(#visibility #held);
        #implementations
        #check
    }
}

/// Returns the visibility, the derived traits and the implementations of a newtype around a secret.
fn secret(imports: &Imports<'_>, def: &TypeDef) -> (TokenStream, TokenStream, TokenStream) {
    let name = ident(&def.name);
    let [serialize, deserialize] = ["Serialize", "Deserialize"].map(|name| imports.name("serde", name));
    let from_text = imports.runtime_macro("from_text");
    let implementations = quote! {
        #from_text!(#name);
        impl #name {
            /// Returns the text.
            #[must_use]
            pub fn expose(&self) -> &str {
                self.0.expose()
            }
        }
        impl crate::runtime::Argument for #name {
            fn each(&self, with: &mut dyn FnMut(crate::runtime::request::Text<'_>)) {
                crate::runtime::Argument::each(&self.0, with);
            }
        }
    };
    (quote!(), quote!(, #serialize, #deserialize), implementations)
}

/// Returns the implementations of a type that is an integer and has `From<i64>`.
pub(super) fn integer(name: &Ident, value: &TokenStream) -> TokenStream {
    quote! {
        impl std::fmt::Display for #name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                std::fmt::Display::fmt(&#value, f)
            }
        }
        impl crate::runtime::Argument for #name {
            fn each(&self, with: &mut dyn FnMut(crate::runtime::request::Text<'_>)) {
                with(self.to_string().as_str().into());
            }
        }
        impl serde::Serialize for #name {
            fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                serializer.serialize_i64(#value)
            }
        }
        impl<'de> serde::Deserialize<'de> for #name {
            fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                <i64 as crate::runtime::wire::Wire>::read(deserializer).map(Self::from)
            }
        }
    }
}
