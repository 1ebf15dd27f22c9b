//! Tests of the generated crate that feed random and mutated responses to every operation.

use quote::quote;

use crate::render::rust::docs::inner_docs;
use crate::render::rust::layout::print;
use crate::render::rust::tokens::{ident, string};
use crate::{
    files::File,
    ir::{Api, Example, ExampleResponse},
};

/// Renders the tests that no response makes an operation panic.
#[must_use]
pub fn render(api: &Api) -> File {
    let krate = ident(&api.name);
    let tests = api.sections.iter().map(|section| {
        let module = ident(&section.rust_module);
        let tests = section.operations.iter().map(|operation| {
            let function = ident(&operation.rust_fn);
            let name = ident(&operation.rust_type);
            let samples = operation.examples.iter().map(|example| string(&body(example)));
            quote! {
                #[test]
                fn #function() {
                    super::support::feed::<#krate::#module::#name>(&[#(#samples),*]);
                }
            }
        });
        quote! {
            mod #module {
                #(#tests)*
            }
        }
    });
    let docs = inner_docs(&["Random and mutated responses to every operation: nothing panics.".to_owned()]);
    let contents = print(quote! {
        #docs
        #![allow(deprecated, reason = "deprecated for callers only")]
        #[path = "support/garbage.rs"]
        mod support;
        use #krate::{Error, Operation};
        #(#tests)*
    });
    File {
        path: "client/tests/garbage.rs".to_owned(),
        contents,
    }
}

/// Returns the body of the response of an example.
fn body(example: &Example) -> String {
    match &example.response {
        ExampleResponse::Json(json) => json.to_string(),
        ExampleResponse::Bytes(text) => text.clone(),
    }
}
