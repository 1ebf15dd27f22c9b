//! The credentials for obtaining tokens.

use proc_macro2::TokenStream;
use quote::quote;

use crate::ir::{Api, Field, Grant, TimeUnit, Type};
use crate::render::rust::imports::Imports;
use crate::render::rust::tokens::ident;

/// Returns the method of the builder that sets the credentials, and the type that obtains tokens.
pub(super) fn credentials(api: &Api, imports: &Imports<'_>, grant: &Grant) -> TokenStream {
    let request_type = request_type(api, grant);
    let arguments = arguments(api, imports, grant);
    let names: Vec<_> = grant.credentials.iter().map(|field| ident(&field.rust)).collect();
    let [builder, client, error, secret] = imports.runtime_names(["Builder", "Client", "Error", "Secret"]);
    let [provider, future, token_type] = imports.runtime_names(["TokenProvider", "TokenFuture", "Token"]);
    // For `encode`.
    imports.runtime("Operation");
    let doc = format!(
        " Credentials for obtaining tokens with `{}`, e.g. in a custom [`TokenProvider`].",
        api.operation(grant.operation).id
    );
    let token = ident(&grant.token.rust);
    let millis = Millis::of(grant);
    let (field, initial, setter) = (millis.field(), millis.initial(), millis.setter());
    let lifetime = millis.lifetime(grant.lifetime.as_ref());
    quote! {
        #[cfg(feature = "client")]
        impl #builder {
            /// Sets the credentials for obtaining tokens.
            pub fn credentials(self, #arguments) -> Self {
                self.token_provider(Credentials::new(#(#names),*))
            }
        }
        #[doc = #doc]
        #[cfg(feature = "client")]
        #[derive(Debug, Clone)]
        pub struct Credentials {
            request: #request_type,
            #field
        }
        #[cfg(feature = "client")]
        impl Credentials {
            /// Makes credentials. [`Builder::credentials`] does this, too.
            pub fn new(#arguments) -> Self {
                Self { request: #request_type::new(#(#names),*), #initial }
            }
            #setter
            async fn obtain(&self, client: &#client) -> Result<#token_type, #error> {
                let token = client.send(&self.request).await?.value;
                #lifetime
                Ok(#token_type::new(token.#token, lifetime))
            }
        }
        #[cfg(feature = "client")]
        impl #provider for Credentials {
            #[inline]
            fn token<'p>(&'p self, client: &'p #client, _: Option<&'p #secret>) -> #future<'p> {
                Box::pin(self.obtain(client))
            }
            #[inline]
            fn check(&self) -> Result<(), #error> {
                self.request.encode().map(drop)
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

/// Returns the credentials as parameters.
fn arguments(api: &Api, imports: &Imports<'_>, grant: &Grant) -> TokenStream {
    let names = grant.credentials.iter().map(|field| ident(&field.rust));
    let types = grant.credentials.iter().map(|field| match field.ty {
        // Not imported either: the enum of the servers can have the same name.
        Type::Named(id) => {
            let name = ident(&api.type_def(id).name);
            quote!(crate::types::#name)
        }
        _ => imports.ty(&field.ty),
    });
    quote!(#(#names: impl Into<#types>),*)
}

/// `true` if lifetimes are documented in seconds; a server can deviate from that.
#[derive(Clone, Copy)]
struct Millis(bool);

impl Millis {
    fn of(grant: &Grant) -> Self {
        let lifetime = grant.lifetime.as_ref();
        Self(lifetime.is_some_and(|field| matches!(field.ty, Type::Duration(TimeUnit::Seconds, _))))
    }

    fn field(self) -> Option<TokenStream> {
        self.0.then(|| quote!(lifetime_units_per_second: u32,))
    }

    fn initial(self) -> Option<TokenStream> {
        self.0.then(|| quote!(lifetime_units_per_second: 1))
    }

    fn setter(self) -> Option<TokenStream> {
        self.0.then(|| {
            quote! {
                /// Reads the lifetime in responses as milliseconds, for servers that do not report it in seconds as documented.
                #[must_use]
                pub fn lifetime_in_millis(mut self) -> Self {
                    self.lifetime_units_per_second = 1000;
                    self
                }
            }
        })
    }

    /// Returns the statements that read a token's lifetime.
    fn lifetime(self, field: Option<&Field>) -> TokenStream {
        let Some(field) = field else {
            return quote!(let lifetime = None;);
        };
        let name = ident(&field.rust);
        let lifetime = if field.is_required() {
            quote!(token.#name.to_duration())
        } else {
            quote!(token.#name.and_then(|lifetime| lifetime.to_duration()))
        };
        if !self.0 {
            return quote!(let lifetime = #lifetime;);
        }
        quote!(let lifetime = #lifetime.map(|lifetime| lifetime / self.lifetime_units_per_second);)
    }
}
