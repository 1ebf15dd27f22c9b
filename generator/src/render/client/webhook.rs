//! The module of webhooks: the enum of all events, and how their bodies are told apart.

use proc_macro2::TokenStream;
use quote::quote;

use crate::files::File;
use crate::ir::{Api, Event, JsonPath, Signature, SignedPart, Step, Webhooks};
use crate::render::rust::docs::{docs, inner_docs, prose, sentence};
use crate::render::rust::layout::print;
use crate::render::rust::tokens::ident;

/// Renders the module, if the API has webhooks.
#[must_use]
pub fn render(api: &Api) -> Option<File> {
    let webhooks = api.webhooks.as_ref()?;
    let about_signature = webhooks.signature.as_ref().map(|signature| prose(&signature.about));
    let docs = inner_docs(&[
        "Webhooks: requests with which the server informs the backend of an app about events.".to_owned(),
        prose(&webhooks.about),
        about_signature.unwrap_or_default(),
    ]);
    let event = event_enum(api, webhooks);
    let parse = parse(webhooks);
    let id = webhooks.id.as_ref().map(id);
    let signature = webhooks.signature.as_ref().map(signature);
    let uses = match signature {
        None => quote! {
            use crate::runtime::webhook::Received;
            pub use crate::runtime::webhook::ParseError;
        },
        Some(_) => quote! {
            use crate::runtime::webhook::{Received, Signature, SignedPart};
            pub use crate::runtime::webhook::{ParseError, Verifier, VerifyError};
        },
    };
    Some(File {
        path: "client/src/webhook.rs".to_owned(),
        contents: print(quote! {
            #docs
            #![cfg(feature = "webhooks")]
            use crate::runtime::json::Step;
            #uses
            #signature
            #event
            #parse
            #id
        }),
    })
}

/// Returns the enum with a variant for each event.
fn event_enum(api: &Api, webhooks: &Webhooks) -> TokenStream {
    let variants = webhooks.events().map(|(_, event)| {
        let name = ident(&event.rust_variant);
        let body = ident(&api.type_def(event.body).name);
        let unsigned = if event.is_unsigned {
            "The webhook is not signed."
        } else {
            ""
        };
        let response = event.response.map(|response| {
            let name = &api.type_def(response).name;
            format!("The response is a [`{name}`](crate::types::{name}) as JSON.")
        });
        let docs = docs(&[
            sentence(&prose(&event.title)),
            prose(&event.about),
            response.unwrap_or_default(),
            unsigned.to_owned(),
        ]);
        quote! { #docs #name(Box<crate::types::#body>), }
    });
    quote! {
        /// The body of a webhook.
        #[derive(Debug, Clone, PartialEq)]
        #[non_exhaustive]
        pub enum Event {
            #(#variants)*
            /// An event that this version does not know.
            Other(crate::Json),
        }
    }
}

/// Returns the function that parses a body: a `match` on the values by which events are told apart.
fn parse(webhooks: &Webhooks) -> TokenStream {
    let mut paths: Vec<&JsonPath> = Vec::new();
    for condition in webhooks.events().flat_map(|(_, event)| &event.when) {
        if !paths.contains(&&condition.path) {
            paths.push(&condition.path);
        }
    }
    let steps = paths.iter().map(|path| steps(path));
    let arms = webhooks.events().map(|(_, event)| {
        let patterns = paths.iter().map(|path| pattern(event, path));
        let variant = ident(&event.rust_variant);
        quote!([#(#patterns),*] => webhook.decode().map(Self::#variant),)
    });
    quote! {
        impl Event {
            /// Parses the body of a webhook. Check its signature first.
            ///
            /// # Errors
            ///
            /// Fails if the body is not valid JSON, or a known event has another form than documented.
            pub fn parse(body: &[u8]) -> Result<Self, ParseError> {
                let webhook = Received::new(body, [#(#steps),*])?;
                match webhook.values() {
                    #(#arms)*
                    _ => webhook.decode().map(|json| Self::Other(*json)),
                }
            }
        }
    }
}

/// Returns the pattern for the value at a path.
fn pattern(event: &Event, path: &JsonPath) -> TokenStream {
    match event.when.iter().find(|condition| condition.path == *path) {
        None => quote!(_),
        Some(condition) if condition.values.is_empty() => quote!(None),
        Some(condition) => {
            let values = &condition.values;
            quote!(Some(#(#values)|*))
        }
    }
}

/// Returns the function that returns the ID.
fn id(path: &JsonPath) -> TokenStream {
    let steps = steps(path);
    quote! {
        /// Returns the ID of a webhook. A webhook with the same ID as an earlier one is a repeated delivery.
        #[must_use]
        pub fn id(body: &[u8]) -> Option<String> {
            crate::runtime::json::text(body, #steps)
        }
    }
}

/// Returns the description of the signature.
fn signature(signature: &Signature) -> TokenStream {
    let parts = signature.parts.iter().map(|part| match part {
        SignedPart::Key(key) => quote!(SignedPart::Key(#key)),
        SignedPart::Secret => quote!(SignedPart::Secret),
    });
    let (key, time) = (&signature.key, &signature.time);
    quote! {
        /// How the server signs webhooks.
        pub(crate) const SIGNATURE: Signature = Signature { key: #key, parts: &[#(#parts),*], time: #time };
    }
}

fn steps(path: &JsonPath) -> TokenStream {
    let steps = path.0.iter().map(|step| match step {
        Step::Key(key) => quote!(Step::Key(#key)),
        Step::Index(index) => {
            let index = proc_macro2::Literal::usize_unsuffixed(*index);
            quote!(Step::Index(#index))
        }
    });
    quote!(&[#(#steps),*])
}
