//! Sections: one module each, with a handle whose methods start requests.

use proc_macro2::TokenStream;
use quote::quote;

use super::deprecation::allow_deprecated;
use super::operation;
use crate::render::rust::docs::{docs, inner_docs, prose, sentence};
use crate::render::rust::imports::Imports;
use crate::render::rust::layout::print;
use crate::render::rust::tokens::ident;
use crate::{
    files::File,
    ir::{Api, Operation, OperationResult},
};

/// Renders the module of a section.
#[must_use]
pub fn render(api: &Api, index: usize) -> File {
    let section = &api.sections[index];
    let handle = handle(api, index);
    let modules = section.operations.iter().map(|operation| ident(&operation.rust_fn));
    let exports = section.operations.iter().map(export);
    let docs = inner_docs(&[sentence(&prose(&section.title)), prose(&section.about)]);
    let contents = print(quote! {
        #docs
        #(mod #modules;)*
        #(#exports)*
        #handle
    });
    File {
        path: format!("client/src/{}.rs", section.rust_module),
        contents,
    }
}

/// Returns the export of an operation's types.
fn export(operation: &Operation) -> TokenStream {
    let module = ident(&operation.rust_fn);
    let name = ident(&operation.rust_type);
    let allow = allow_deprecated(operation);
    let one = operation.one.iter().map(|one| {
        let one = ident(&one.rust_type);
        quote!(#allow pub use #module::#one;)
    });
    let one = quote!(#(#one)*);
    match &operation.result {
        OperationResult::Parts { rust_type, .. } => {
            let result = ident(rust_type);
            quote!(#allow pub use #module::{#name, #result}; #one)
        }
        _ => quote!(#allow pub use #module::#name; #one),
    }
}

/// Returns the handle of a section, with a method per operation.
fn handle(api: &Api, index: usize) -> TokenStream {
    let section = &api.sections[index];
    let imports = Imports::new(api);
    let handle = ident(&section.rust_type);
    let module = ident(&section.rust_module);
    let client = imports.runtime("Client");
    let docs = docs(&[sentence(&prose(&section.title))]);
    let operations = api.operations().filter(|(id, _)| id.section == index);
    let methods: Vec<_> = operations
        .map(|(id, one)| operation::method(api, &imports, id, one))
        .collect();
    let uses = imports.uses_with(&quote!(#[cfg(feature = "client")]));
    quote! {
        #[cfg(feature = "blocking")]
        use crate::runtime::blocking;
        #uses
        #docs
        #[cfg(feature = "client")]
        #[derive(Debug, Clone, Copy)]
        pub struct #handle<C>(C);
        #[cfg(feature = "client")]
        impl #client {
            #docs
            #[must_use]
            pub fn #module(&self) -> #handle<&Self> {
                #handle(self)
            }
        }
        #[cfg(feature = "blocking")]
        impl blocking::Client {
            #docs
            #[must_use]
            pub fn #module(&self) -> #handle<&Self> {
                #handle(self)
            }
        }
        #[cfg(feature = "client")]
        impl<C> #handle<C> { #(#methods)* }
    }
}
