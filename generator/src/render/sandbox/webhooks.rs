//! The module of webhooks: the enum of all events that the behaviour sends, and how the server signs them.

use proc_macro2::TokenStream;
use quote::quote;

use super::file;
use super::operation::steps;
use crate::files::File;
use crate::ir::{Api, Event, Signature, SignedPart, Webhooks};
use crate::render::rust::docs::{docs, inner_docs, prose, sentence};
use crate::render::rust::imports::Imports;
use crate::render::rust::layout::print;
use crate::render::rust::tokens::{ident, string};

/// Renders the module, if the API has webhooks.
pub(super) fn render(api: &Api) -> Option<File> {
    let webhooks = api.webhooks.as_ref()?;
    let imports = Imports::new(api);
    let docs = inner_docs(&[
        "Webhooks: requests with which the server informs the backend of an app about events.".to_owned(),
        prose(&webhooks.about),
    ]);
    let event = event_enum(api, &imports, webhooks);
    let signature = signature(&imports, webhooks.signature.as_ref());
    let id = id(&imports, webhooks);
    let kinds = kinds(&imports, webhooks);
    let uses = imports.uses();
    Some(file(
        "src/webhooks.rs",
        print(quote! { #docs #uses #signature #id #kinds #event }),
    ))
}

/// Returns the enum with a variant for each event.
fn event_enum(api: &Api, imports: &Imports<'_>, webhooks: &Webhooks) -> TokenStream {
    let serialize = imports.name("serde", "Serialize");
    let types = imports.name("crate", "types");
    let names: Vec<_> = webhooks.events().map(|(_, event)| ident(&event.rust_variant)).collect();
    let keys = webhooks.events().map(|(_, event)| &event.key);
    let variants = webhooks.events().zip(&names).map(|((_, event), name)| {
        let docs = docs(&[sentence(&prose(&event.title)), prose(&event.about)]);
        let body = ident(&api.type_def(event.body).name);
        quote! { #docs #name(#types::#body), }
    });
    quote! {
        /// An event, with the body of its webhook. The server adds the signature.
        #[derive(Debug, Clone, PartialEq, #serialize)]
        #[serde(untagged)]
        pub enum Event { #(#variants)* }
        impl Event {
            /// Returns the key of the event in the spec.
            #[must_use]
            pub fn key(&self) -> &'static str {
                match self { #(Self::#names(_) => #keys,)* }
            }
        }
    }
}

/// Returns the description of the signature.
fn signature(imports: &Imports<'_>, signature: Option<&Signature>) -> TokenStream {
    let module = imports.runtime("webhook");
    let value = match signature {
        None => quote!(None),
        Some(Signature { key, parts, time, .. }) => {
            let parts = parts.iter().map(|part| match part {
                SignedPart::Key(key) => quote!(#module::SignedPart::Key(#key)),
                SignedPart::Secret => quote!(#module::SignedPart::Secret),
            });
            quote!(Some(#module::Signature { key: #key, parts: &[#(#parts),*], time: #time }))
        }
    };
    quote! {
        /// The signature of webhooks.
        pub(crate) static SIGNATURE: Option<#module::Signature> = #value;
    }
}

/// Returns the path of the ID.
fn id(imports: &Imports<'_>, webhooks: &Webhooks) -> TokenStream {
    let module = imports.runtime("operation");
    let value = match &webhooks.id {
        None => quote!(None),
        Some(path) => {
            let steps = steps(imports, path);
            quote!(Some(#steps))
        }
    };
    quote! {
        /// The path of the ID of a webhook in its body.
        pub(crate) static ID: Option<&[#module::Step]> = #value;
    }
}

/// Returns the facts about all events.
fn kinds(imports: &Imports<'_>, webhooks: &Webhooks) -> TokenStream {
    let module = imports.runtime("webhook");
    let kinds = webhooks.events().map(|(_, event)| {
        let Event {
            key,
            response,
            is_unsigned,
            examples,
            ..
        } = event;
        let (has_response, is_signed) = (response.is_some(), webhooks.signature.is_some() && !is_unsigned);
        let bodies = examples.iter().map(|example| string(&example.body.to_string()));
        quote! {
            #module::EventKind {
                key: #key,
                is_signed: #is_signed,
                has_response: #has_response,
                examples: &[#(#bodies),*],
            }
        }
    });
    quote! {
        /// All events.
        pub(crate) static EVENTS: &[#module::EventKind] = &[#(#kinds),*];
    }
}
