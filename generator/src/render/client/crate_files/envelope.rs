//! The fields that responses contain in addition to the result.

use proc_macro2::TokenStream;
use quote::quote;

use crate::ir::Api;
use crate::render::client::decoding::decoding;
use crate::render::client::field::{field_docs, field_type, serde_attributes};
use crate::render::rust::imports::Imports;
use crate::render::rust::tokens::ident;

/// Returns the struct of the envelope and the method that decodes it, if the API has one.
pub(super) fn envelope(api: &Api, imports: &Imports<'_>) -> Option<TokenStream> {
    if api.envelope.is_empty() {
        return None;
    }
    let fields = api.envelope.iter().map(|field| {
        let docs = field_docs(&field.doc, &field.ty, None);
        let attributes = serde_attributes(imports, field);
        let name = ident(&field.rust);
        let ty = field_type(imports, field);
        quote! { #docs #attributes pub #name: #ty, }
    });
    let serialize = imports.name("serde", "Serialize");
    let decoding = decoding(imports, "Envelope", &api.envelope);
    let response = imports.runtime("Response");
    let error = imports.runtime("Error");
    Some(quote! {
        /// Fields that a response may contain in addition to its result.
        #[derive(Debug, Clone, Default, PartialEq, #serialize)]
        #[non_exhaustive]
        pub struct Envelope { #(#fields)* }
        #decoding
        impl<T> #response<T> {
            /// Returns the fields that the response contains in addition to its result.
            ///
            /// # Errors
            ///
            /// Fails if the response is not a JSON object or one of the fields has an unexpected type.
            pub fn envelope(&self) -> Result<Envelope, #error> {
                self.raw().at(&[])
            }
        }
    })
}
