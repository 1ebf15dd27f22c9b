//! Structs with fields that have aliases in responses.
//!
//! `serde` rejects an object that contains both a key and its alias. So such a struct is deserialized through a private struct
//! with the same fields, to which the runtime passes one key of each field.

use proc_macro2::TokenStream;
use quote::quote;

use super::bool_text::Readers;
use super::field::{Direction, field_type, serde_attributes};
use crate::ir::Field;
use crate::render::rust::imports::Imports;
use crate::render::rust::tokens::ident;

/// How a struct is deserialized.
#[derive(Debug, Clone, Copy)]
pub struct Aliases<'a> {
    imports: &'a Imports<'a>,
    fields: &'a [Field],
    readers: &'a Readers,
}

impl<'a> Aliases<'a> {
    /// Deserializes these fields, with these readers for lenient booleans.
    #[must_use]
    pub fn new(imports: &'a Imports<'a>, fields: &'a [Field], readers: &'a Readers) -> Self {
        Self {
            imports,
            fields,
            readers,
        }
    }

    fn fields_with_aliases(self) -> impl Iterator<Item = &'a Field> {
        self.fields.iter().filter(|field| !field.aliases.is_empty())
    }

    fn is_empty(self) -> bool {
        self.fields_with_aliases().next().is_none()
    }

    /// Returns the traits of `serde` that the struct derives.
    #[must_use]
    pub fn derives(self) -> TokenStream {
        let serialize = self.imports.name("serde", "Serialize");
        let deserialize = self.imports.name("serde", "Deserialize");
        if self.is_empty() {
            quote!(#serialize, #deserialize)
        } else {
            quote!(#serialize)
        }
    }

    /// Returns the direction of the `serde` attributes of its fields.
    #[must_use]
    pub(super) fn direction(self) -> Direction<'a> {
        if self.is_empty() {
            Direction::Both(self.readers)
        } else {
            Direction::Write
        }
    }

    /// Returns the private struct through which the struct is deserialized, if a field has aliases.
    #[must_use]
    pub fn wire_struct(self, name: &str) -> Option<TokenStream> {
        if self.is_empty() {
            return None;
        }
        let fields = self.fields.iter().map(|field| {
            let attributes = serde_attributes(self.imports, field, Direction::Read(self.readers));
            let name = ident(&field.rust);
            let ty = field_type(self.imports, field);
            quote! { #attributes #name: #ty, }
        });
        let groups = self.fields_with_aliases().map(|field| {
            let keys = field.keys();
            quote!([#(#keys),*])
        });
        let of = ident(name);
        let deserialize = self.imports.name("serde", "Deserialize");
        let aliases = self.imports.runtime_macro("aliases");
        Some(quote! {
            /// The struct as it appears in responses, with the aliases of its fields.
            #[derive(#deserialize)]
            #[serde(remote = #name)]
            struct Wire { #(#fields)* }
            #aliases!(#of, Wire, #(#groups),*);
        })
    }
}
