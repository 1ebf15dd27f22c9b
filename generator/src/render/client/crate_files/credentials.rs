//! The credentials for obtaining tokens.

use proc_macro2::TokenStream;
use quote::quote;

use crate::ir::{Api, Field, Grant, Type};
use crate::render::rust::imports::Imports;
use crate::render::rust::tokens::ident;

/// Returns the method of the builder that sets the credentials, and the type that obtains tokens.
pub(super) fn credentials(api: &Api, imports: &Imports<'_>, grant: &Grant) -> TokenStream {
    let request_type = request_type(api, grant);
    let builder = builder(api, imports, grant, &request_type);
    let [error, grant_trait, invalid_argument] = imports.runtime_names(["Error", "Grant", "InvalidArgument"]);
    let [raw_response, request, token_type] = imports.runtime_names(["RawResponse", "Request", "Token"]);
    // For `encode` and `decode`.
    imports.runtime("Operation");
    let doc = format!(" Obtains tokens with `{}`.", api.operation(grant.operation).id);
    let token = ident(&grant.token.rust);
    let convert = (!matches!(grant.token.ty, Type::Secret(_))).then(|| quote!(.into()));
    let lifetime = lifetime(grant.lifetime.as_ref());
    quote! {
        #builder
        #[doc = #doc]
        #[cfg(feature = "client")]
        struct Credentials(#request_type);
        #[cfg(feature = "client")]
        impl #grant_trait for Credentials {
            #[inline]
            fn request(&self) -> Result<#request, #invalid_argument> {
                self.0.encode()
            }
            #[inline]
            fn token(&self, response: &#raw_response) -> Result<#token_type, #error> {
                let token = <#request_type>::decode(response)?;
                Ok(#token_type { value: token.#token #convert, lifetime: #lifetime })
            }
        }
    }
}

/// Returns the path of the operation's request type. It is not imported, since an import can have the same name.
fn request_type(api: &Api, grant: &Grant) -> TokenStream {
    let section = ident(&api.section_of(grant.operation).rust_module);
    let name = ident(&api.operation(grant.operation).rust_type);
    quote!(crate::#section::#name)
}

/// Returns the method of the builder.
fn builder(api: &Api, imports: &Imports<'_>, grant: &Grant, request_type: &TokenStream) -> TokenStream {
    let builder = imports.runtime("Builder");
    let names: Vec<_> = grant.credentials.iter().map(|field| ident(&field.rust)).collect();
    let types = grant.credentials.iter().map(|field| match field.ty {
        // Not imported either: the enum of the servers can have the same name.
        Type::Named(id) => {
            let name = ident(&api.type_def(id).name);
            quote!(crate::types::#name)
        }
        _ => imports.ty(&field.ty),
    });
    quote! {
        #[cfg(feature = "client")]
        impl #builder {
            /// Sets the credentials for obtaining tokens.
            pub fn credentials(self, #(#names: impl Into<#types>),*) -> Self {
                self.grant(Credentials(#request_type::new(#(#names),*)))
            }
        }
    }
}

/// Returns the expression of a token's lifetime.
fn lifetime(field: Option<&Field>) -> TokenStream {
    let Some(field) = field else { return quote!(None) };
    let name = ident(&field.rust);
    if field.is_required() {
        quote!(token.#name.to_duration())
    } else {
        quote!(token.#name.and_then(|lifetime| lifetime.to_duration()))
    }
}
