//! Tests of the generated crate: one for each example of an event.

use proc_macro2::TokenStream;
use quote::quote;

use crate::files::File;
use crate::ir::{Api, Event, EventExample};
use crate::render::rust::docs::inner_docs;
use crate::render::rust::layout::print;
use crate::render::rust::tokens::{ident, string};

/// Renders the tests, if the API has webhooks.
#[must_use]
pub fn render(api: &Api) -> Option<File> {
    let webhooks = api.webhooks.as_ref()?;
    let krate = ident(&api.name);
    let tests = webhooks.events().flat_map(|(_, event)| {
        let examples = event.examples.iter();
        examples.map(move |example| test(api, event, example))
    });
    let docs = inner_docs(&["The examples of the spec: the events to which bodies of webhooks are parsed.".to_owned()]);
    Some(File {
        path: "client/tests/webhook_examples.rs".to_owned(),
        contents: print(quote! {
            #docs
            #![cfg(all(feature = "client", feature = "webhooks"))]
            #![allow(clippy::panic, reason = "a failed test panics")]
            #[path = "support/mod.rs"]
            mod support;
            use #krate::webhook::Event;
            use support::assert_keeps;
            #(#tests)*
        }),
    })
}

fn test(api: &Api, event: &Event, example: &EventExample) -> TokenStream {
    let name = ident(&example.rust_test);
    let variant = ident(&event.rust_variant);
    let body = string(&example.body.to_string());
    let response = event.response.zip(example.response.as_ref()).map(|(id, response)| {
        let ty = ident(&api.type_def(id).name);
        let krate = ident(&api.name);
        let response = string(&response.to_string());
        quote! {
            let response = #response;
            assert_keeps(&serde_json::from_str::<#krate::types::#ty>(response)?, response);
        }
    });
    quote! {
        #[test]
        fn #name() -> Result<(), Box<dyn std::error::Error>> {
            let body = #body;
            match Event::parse(body.as_bytes())? {
                Event::#variant(event) => assert_keeps(&event, body),
                event => panic!("{event:?}"),
            }
            #response
            Ok(())
        }
    }
}
