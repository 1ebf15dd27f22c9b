//! The test of the generated crate that feeds garbage to every operation.

use quote::quote;

use crate::render::rust::docs::inner_docs;
use crate::render::rust::layout::print;
use crate::render::rust::tokens::{ident, string};
use crate::{
    files::File,
    ir::{Api, Example, ExampleResponse},
};

/// The test that answers of any kind make no operation panic.
#[must_use]
pub fn render(api: &Api) -> File {
    let krate = ident(&api.name);
    let tests = api.sections.iter().enumerate().map(|(section, about)| {
        let module = ident(&about.rust_module);
        let of_section = api.operations().filter(|(id, _)| id.section == section);
        let tests = of_section.map(|(_, operation)| {
            let (function, name) = (ident(&operation.rust_fn), ident(&operation.rust_type));
            let samples = operation.examples.iter().map(|example| string(&answer(example)));
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
    let docs = inner_docs(&["Random and mutated answers to every operation: nothing panics.".to_owned()]);
    let contents = print(quote! {
        #docs
        #![allow(deprecated, reason = "it is deprecated for callers")]
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

/// The body of an example's answer.
fn answer(example: &Example) -> String {
    match &example.response {
        ExampleResponse::Json(json) => json.to_string(),
        ExampleResponse::Bytes(text) => text.clone(),
    }
}
