//! Objects with known fields.

use proc_macro2::TokenStream;
use quote::quote;

use crate::ir::{Api, Field, TypeDef};
use crate::render::client::argument::{Parameters, initializer, is_passed_as_is, parameters, setter};
use crate::render::client::checks::{Checks, check_impl};
use crate::render::client::decoding::decoding;
use crate::render::client::field::{field_docs, field_type, serde_attributes};
use crate::render::rust::docs::{docs, prose, sentence};
use crate::render::rust::imports::Imports;
use crate::render::rust::tokens::ident;

/// Returns the file of an object.
pub(super) fn object(api: &Api, def: &TypeDef, fields: &[Field]) -> TokenStream {
    let imports = Imports::of_type(api, def);
    let name = ident(&def.name);
    let declared = fields.iter().map(|field| {
        let docs = field_docs(&field.doc, &field.ty, field.default());
        let attributes = serde_attributes(&imports, field);
        let name = ident(&field.rust);
        let ty = field_type(&imports, field);
        quote! { #docs #attributes pub #name: #ty, }
    });
    let constructors = def.in_request.then(|| constructors(&imports, def, fields));
    let check = (def.in_request && def.has_rules).then(|| {
        let checks = Checks::of_fields(api, &imports, fields.iter(), &quote!(at));
        check_impl(&imports, def, &checks)
    });
    let docs = docs(&[sentence(&prose(&def.doc))]);
    let serialize = imports.name("serde", "Serialize");
    let decoding = decoding(&imports, &def.name, fields);
    let items = quote! {
        #docs
        #[derive(Debug, Clone, PartialEq, #serialize)]
        #[non_exhaustive]
        pub struct #name { #(#declared)* }
        #constructors
        #decoding
        #check
    };
    let uses = imports.uses();
    quote! { #uses #items }
}

/// Returns `new`, which takes the required fields, and a setter for each optional field.
fn constructors(imports: &Imports<'_>, def: &TypeDef, fields: &[Field]) -> TokenStream {
    let name = ident(&def.name);
    let Parameters { generics, list } = parameters(imports, fields.iter().filter(|field| field.is_required_argument()));
    let values = fields
        .iter()
        .map(|field| initializer(imports, field, |constant| quote!(#constant.to_owned())));
    let setters = fields.iter().filter(|field| !field.is_required()).map(|field| {
        let docs = field_docs(&field.doc, &field.ty, field.default());
        let setter = setter(imports, field);
        quote! { #docs #[must_use] #setter }
    });
    let default = list.is_empty().then(|| {
        quote! {
            impl Default for #name {
                fn default() -> Self {
                    Self::new()
                }
            }
        }
    });
    // Clippy demands it unless a parameter is generic.
    let mut required = fields.iter().filter(|field| field.is_required_argument());
    let must_use = required
        .all(|field| is_passed_as_is(&field.ty))
        .then(|| quote!(#[must_use]));
    quote! {
        #default
        impl #name {
            /// Creates a value with the required fields only.
            #must_use
            pub fn new #generics(#(#list),*) -> Self {
                Self { #(#values),* }
            }
            #(#setters)*
        }
    }
}
