//! Objects of which some fields have several spellings in answers: a twin of the struct reads them all, and the runtime sees to
//! it that one of each counts.

use proc_macro2::TokenStream;
use quote::quote;

use super::truth::Readers;
use super::types::{Use, field_type, serde_attributes};
use crate::ir::{Api, Field};
use crate::render::rust::imports::Imports;
use crate::render::rust::tokens::ident;

/// How a struct with these fields is read.
#[derive(Debug, Clone, Copy)]
pub struct Spelled<'a> {
    fields: &'a [Field],
    readers: &'a Readers,
}

impl<'a> Spelled<'a> {
    /// Reads these fields; truth values by these readers.
    #[must_use]
    pub fn new(fields: &'a [Field], readers: &'a Readers) -> Self {
        Self { fields, readers }
    }

    fn groups(self) -> impl Iterator<Item = &'a Field> {
        self.fields.iter().filter(|field| !field.aliases.is_empty())
    }

    fn is_plain(self) -> bool {
        self.groups().next().is_none()
    }

    /// Names what the reader needs.
    pub fn import(self, imports: &mut Imports) {
        if !self.is_plain() {
            imports.runtime("macros");
        }
    }

    /// What the struct derives of `serde`.
    #[must_use]
    pub fn derives(self) -> TokenStream {
        if self.is_plain() {
            quote!(Serialize, Deserialize)
        } else {
            quote!(Serialize)
        }
    }

    /// What the attributes of its fields are for.
    #[must_use]
    pub(super) fn purpose(self) -> Use<'a> {
        if self.is_plain() {
            Use::Both(self.readers)
        } else {
            Use::Written
        }
    }

    /// The twin that reads it, where it does not read itself.
    #[must_use]
    pub fn twin(self, api: &Api, name: &str) -> TokenStream {
        if self.is_plain() {
            return TokenStream::new();
        }
        let fields = self.fields.iter().map(|field| {
            let attributes = serde_attributes(field, Use::Read(self.readers));
            let (name, ty) = (ident(&field.rust), field_type(api, &field.ty, field.is_required()));
            quote! { #attributes #name: #ty, }
        });
        let groups = self.groups().map(|field| {
            let spellings = field.spellings();
            quote!([#(#spellings),*])
        });
        let (of, groups) = (ident(name), groups.collect::<Vec<_>>());
        quote! {
            /// The same as answers hold it, under any of the spellings.
            #[derive(Deserialize)]
            #[serde(remote = #name)]
            struct Wire { #(#fields)* }
            macros::aliases!(#of, Wire, #(#groups),*);
        }
    }
}
