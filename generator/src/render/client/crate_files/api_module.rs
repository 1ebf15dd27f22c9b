//! The module `api`: constants, servers and constructors of the client.

use proc_macro2::TokenStream;
use quote::quote;

use super::credentials::credentials;
use super::envelope::envelope;
use super::limits::{limited, limits};
use crate::ir::{Api, OperationResult, template};
use crate::render::rust::docs::{docs, inner_docs, prose, sentence};
use crate::render::rust::imports::Imports;
use crate::render::rust::tokens::ident;

/// Returns `api.rs`.
pub(super) fn api_module(api: &Api) -> TokenStream {
    let imports = Imports::new(api);
    let client_imports = Imports::new(api);
    let docs = inner_docs(&[
        "The API as a whole: servers, rate limits, the common fields of responses, and how tokens are obtained."
            .to_owned(),
    ]);
    let info = info(api, &imports);
    let limits = limits(api);
    let limited = limited(api);
    let servers = servers(api, &imports);
    let envelope = envelope(api, &imports);
    let target = target(api, &imports);
    let builder = builder(api, &client_imports);
    let grant = api.auth.as_ref().and_then(|auth| auth.grant.as_ref());
    let credentials = grant.map(|grant| credentials(api, &client_imports, grant));
    let uses = imports.uses();
    client_imports.remove(&imports);
    let client_uses = client_imports.uses_with(&quote!(#[cfg(feature = "client")]));
    quote! {
        #docs
        #uses
        #client_uses
        #info
        #limits
        #limited
        #servers
        #envelope
        #target
        #builder
        #credentials
    }
}

/// Returns the constants of the API.
fn info(api: &Api, imports: &Imports<'_>) -> TokenStream {
    let ty = imports.runtime("ApiInfo");
    let known_errors = imports.name("crate::errors", "KNOWN_ERRORS");
    let name = &api.name;
    let version = &api.version;
    let base = template(&api.base.segments);
    let server = match api.servers.as_slice() {
        [only] => {
            let url = &only.url;
            quote!(Some(#url))
        }
        _ => quote!(None),
    };
    let auth = match &api.auth {
        Some(auth) => {
            let ty = imports.runtime("AuthInfo");
            let header_name = imports.name("http", "HeaderName");
            let header = auth.header.to_lowercase();
            let prefix = &auth.prefix;
            quote!(Some(#ty { header: #header_name::from_static(#header), prefix: #prefix }))
        }
        None => quote!(None),
    };
    let optional = |text: &Option<String>| text.as_ref().map_or_else(|| quote!(None), |text| quote!(Some(#text)));
    let code = optional(&api.errors.code_key);
    let message = optional(&api.errors.message_key);
    let has_flags = api
        .operations()
        .any(|(_, operation)| matches!(operation.result, OperationResult::Done(_)));
    let reason = has_flags.then(|| {
        let key = optional(&api.errors.reason_key);
        quote!(not_done_reason: #key,)
    });
    quote! {
        /// The constants of the API.
        pub(crate) static API: #ty = #ty {
            name: #name,
            version: #version,
            base: #base,
            server: #server,
            auth: #auth,
            error_code: #code,
            error_message: #message,
            #reason
            errors: #known_errors,
        };
    }
}

/// Returns the enum of the servers.
fn servers(api: &Api, imports: &Imports<'_>) -> TokenStream {
    let name = ident(&api.server_type);
    let variants = api.servers.iter().map(|server| {
        let docs = docs(&[sentence(&prose(&server.doc))]);
        let variant = ident(&server.rust_variant);
        quote! { #docs #variant, }
    });
    let (names, urls): (Vec<_>, Vec<_>) = api
        .servers
        .iter()
        .map(|server| (ident(&server.rust_variant), &server.url))
        .unzip();
    let conversions = server_conversions(api, imports);
    let keys = api.servers.iter().map(|server| &server.key);
    let all = api.servers.iter().map(|server| {
        let urls = server.urls();
        quote!(#(#urls),*)
    });
    quote! {
        /// A server of the API.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
        #[non_exhaustive]
        pub enum #name { #(#variants)* }
        impl #name {
            /// All servers.
            pub const ALL: &'static [Self] = &[#(Self::#names),*];

            /// Returns the base URL.
            #[must_use]
            pub fn url(self) -> &'static str {
                match self { #(Self::#names => #urls,)* }
            }
            /// Returns all base URLs of the server, the preferred one first.
            #[must_use]
            pub fn urls(self) -> &'static [&'static str] {
                match self { #(Self::#names => &[#all],)* }
            }
            /// Returns the name in the spec of the API, e.g. for a configuration file.
            #[must_use]
            pub fn as_str(self) -> &'static str {
                match self { #(Self::#names => #keys,)* }
            }
        }
        #conversions
    }
}

/// Returns the conversions of the enum of the servers from and to text.
fn server_conversions(api: &Api, imports: &Imports<'_>) -> TokenStream {
    let name = ident(&api.server_type);
    let error = imports.runtime("Error");
    let [serialize, deserialize] = ["Serialize", "Deserialize"].map(|name| imports.name("serde", name));
    let keys: Vec<_> = api.servers.iter().map(|server| server.key.as_str()).collect();
    let known = keys.join(", ");
    quote! {
        impl std::fmt::Display for #name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.pad(self.as_str())
            }
        }
        /// Ignores case.
        impl std::str::FromStr for #name {
            type Err = #error;
            fn from_str(text: &str) -> Result<Self, #error> {
                let mut all = Self::ALL.iter().copied();
                let found = all.find(|server| server.as_str().eq_ignore_ascii_case(text));
                let known = #known;
                let message = format!("unknown server `{text}`; expected one of: {known}");
                found.ok_or_else(|| #error::config(message))
            }
        }
        impl #serialize for #name {
            fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                serializer.serialize_str(self.as_str())
            }
        }
        impl<'de> #deserialize<'de> for #name {
            fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                let text = String::deserialize(deserializer)?;
                text.parse().map_err(serde::de::Error::custom)
            }
        }
    }
}

/// Returns the function that creates a target for other HTTP clients.
fn target(api: &Api, imports: &Imports<'_>) -> TokenStream {
    let [ty, error] = imports.runtime_names(["Target", "Error"]);
    let names: Vec<_> = api.base.params.iter().map(|param| ident(&param.rust)).collect();
    quote! {
        /// Returns the target of requests that are sent without the client of this crate.
        ///
        /// # Errors
        ///
        /// Fails if the base URL is invalid or another argument is empty.
        pub fn target(base_url: &str, #(#names: &str),*) -> Result<#ty, #error> {
            #ty::new(base_url, &[#(&#names),*])
        }
    }
}

/// Returns the constructors of the client, and the method of its builder that selects the server.
fn builder(api: &Api, imports: &Imports<'_>) -> TokenStream {
    let [client, builder] = imports.runtime_names(["Client", "Builder"]);
    let names: Vec<_> = api.base.params.iter().map(|param| ident(&param.rust)).collect();
    let setter = ident(&api.server_setter);
    let server = ident(&api.server_type);
    quote! {
        #[cfg(feature = "client")]
        impl #client {
            /// Returns a builder for a client.
            pub fn builder(#(#names: impl Into<String>),*) -> #builder {
                #builder::new(vec![#(#names.into()),*])
            }
            /// Returns a builder for a client that shares connections, hosts and rate limits with this one, but not its token.
            pub fn another(&self, #(#names: impl Into<String>),*) -> #builder {
                self.builder_of_another(vec![#(#names.into()),*])
            }
        }
        #[cfg(feature = "client")]
        impl #builder {
            /// Sets the server.
            pub fn #setter(self, #setter: #server) -> Self {
                self.base_urls(#setter.urls().iter().copied())
            }
        }
    }
}
