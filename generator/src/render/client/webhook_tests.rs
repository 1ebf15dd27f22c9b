//! Tests of the generated crate: one for each example of an event, and the bodies of all examples for other tests.

use proc_macro2::{Ident, TokenStream};
use quote::quote;

use crate::files::File;
use crate::ir::{Api, Event, EventExample, Webhooks};
use crate::render::rust::docs::inner_docs;
use crate::render::rust::layout::print;
use crate::render::rust::tokens::{ident, string};

/// Renders the bodies and the tests, if the API has webhooks.
#[must_use]
pub fn render(api: &Api) -> Vec<File> {
    let webhooks = api.webhooks.iter();
    webhooks
        .flat_map(|webhooks| [bodies(webhooks), tests(api, webhooks)])
        .collect()
}

fn examples(webhooks: &Webhooks) -> impl Iterator<Item = (&Event, &EventExample)> {
    let events = webhooks.events();
    events.flat_map(|(_, event)| event.examples.iter().map(move |example| (event, example)))
}

/// Returns the name of the constant with the body of an example.
fn body_name(example: &EventExample) -> Ident {
    ident(&example.rust_test.to_uppercase())
}

fn bodies(webhooks: &Webhooks) -> File {
    let names: Vec<_> = examples(webhooks).map(|(_, example)| body_name(example)).collect();
    let bodies = examples(webhooks).map(|(_, example)| string(&example.body.to_string()));
    let docs = inner_docs(&["The bodies of the examples of all webhooks.".to_owned()]);
    File {
        path: "client/tests/webhook_examples/bodies.rs".to_owned(),
        contents: print(quote! {
            #docs
            #![allow(dead_code, reason = "each test uses a part of it")]
            #(pub(crate) const #names: &str = #bodies;)*
            /// Returns all bodies, in the order of the spec.
            pub(crate) fn all() -> &'static [&'static str] {
                &[#(#names),*]
            }
        }),
    }
}

fn tests(api: &Api, webhooks: &Webhooks) -> File {
    let krate = ident(&api.name);
    let tests = examples(webhooks).map(|(event, example)| test(api, event, example));
    let docs = inner_docs(&["The examples of the spec, parsed as events.".to_owned()]);
    File {
        path: "client/tests/webhook_examples/main.rs".to_owned(),
        contents: print(quote! {
            #docs
            #![cfg(all(feature = "client", feature = "webhooks"))]
            #![allow(clippy::panic, reason = "a failed test panics")]
            mod bodies;
            #[path = "../support/mod.rs"]
            mod support;
            use #krate::webhook::Event;
            use support::assert_keeps;
            #(#tests)*
        }),
    }
}

fn test(api: &Api, event: &Event, example: &EventExample) -> TokenStream {
    let name = ident(&example.rust_test);
    let variant = ident(&event.rust_variant);
    let body = body_name(example);
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
            let body = bodies::#body;
            match Event::parse(body.as_bytes())? {
                Event::#variant(event) => assert_keeps(&event, body),
                event => panic!("{event:?}"),
            }
            #response
            Ok(())
        }
    }
}
