//! Sections: a module each, with a handle that begins requests.

use quote::quote;

use super::operation::{allow_deprecated, method, method_imports};
use crate::render::rust::docs::{docs, inner_docs, prose, sentence};
use crate::render::rust::imports::Imports;
use crate::render::rust::layout::print;
use crate::render::rust::tokens::ident;
use crate::{
    files::File,
    ir::{Api, OperationResult, Section},
};

/// The module of a section.
#[must_use]
pub fn render(api: &Api, section: &Section) -> File {
    let (handle, module) = (ident(&section.rust_type), ident(&section.rust_module));
    let modules = section.operations.iter().map(|operation| {
        let name = ident(&operation.rust_fn);
        quote!(mod #name;)
    });
    let exports = section.operations.iter().map(|operation| {
        let (module, name, allow) = (
            ident(&operation.rust_fn),
            ident(&operation.rust_type),
            allow_deprecated(operation),
        );
        match &operation.result {
            OperationResult::Parts { rust_type, .. } => {
                let result = ident(rust_type);
                quote!(#allow pub use #module::{#name, #result};)
            }
            _ => quote!(#allow pub use #module::#name;),
        }
    });
    let mut imports = Imports::default();
    section
        .operations
        .iter()
        .for_each(|operation| method_imports(api, operation, &mut imports));
    imports.runtime("Client");
    let runtime = imports.runtime_use();
    let types = imports.types_use(&quote!(crate::types));
    let types = (!types.is_empty()).then(|| quote!(#[cfg(feature = "client")] #types));
    let methods = section.operations.iter().map(|operation| method(api, operation));
    let title = sentence(&prose(&section.title));
    let module_docs = inner_docs(&[title.clone(), prose(&section.about)]);
    let docs = docs(&[title]);
    let contents = print(quote! {
        #module_docs
        #(#modules)*
        #(#exports)*
        #[cfg(feature = "blocking")]
        use crate::runtime::blocking;
        #[cfg(feature = "client")]
        #runtime
        #types
        #docs
        #[cfg(feature = "client")]
        #[derive(Debug, Clone, Copy)]
        pub struct #handle<C>(C);
        #[cfg(feature = "client")]
        impl Client {
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
    });
    File {
        path: format!("client/src/{}.rs", section.rust_module),
        contents,
    }
}
