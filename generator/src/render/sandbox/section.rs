//! Sections: one module each, with the trait that the behaviour implements.

use proc_macro2::TokenStream;
use quote::quote;

use super::field::field_type;
use super::file;
use crate::files::File;
use crate::ir::{Api, Operation, OperationResult, ResultPart, Section, Type};
use crate::render::rust::docs::{code, docs, inner_docs, prose, sentence};
use crate::render::rust::imports::Imports;
use crate::render::rust::layout::print;
use crate::render::rust::tokens::ident;

/// Renders the module of a section.
pub(super) fn render(api: &Api, section: &Section) -> File {
    let imports = Imports::new(api);
    let title = sentence(&prose(&section.title));
    let module_docs = inner_docs(&[title.clone(), prose(&section.about)]);
    let modules = section.operations.iter().map(|operation| ident(&operation.rust_fn));
    let name = ident(&section.rust_type);
    let methods = section
        .operations
        .iter()
        .map(|operation| method(api, &imports, operation));
    let docs = docs(&[format!("Behaviour of the section: {title}")]);
    let item = quote! {
        #docs
        pub trait #name { #(#methods)* }
    };
    let uses = imports.uses();
    let path = format!("src/sections/{}.rs", section.rust_module);
    file(&path, print(quote! { #module_docs #(pub mod #modules;)* #uses #item }))
}

fn method(api: &Api, imports: &Imports<'_>, operation: &Operation) -> TokenStream {
    let runtime = imports.name("crate", "runtime");
    let name = ident(&operation.rust_fn);
    let arguments = has_arguments(operation).then(|| {
        let ty = ident(&operation.rust_type);
        quote!(, arguments: #name::#ty)
    });
    let errors = operation.errors.iter().map(|id| {
        let error = api.error(*id);
        format!("{} {}", error.status, code(&error.code))
    });
    let errors: Vec<_> = errors.collect();
    let errors = match errors.as_slice() {
        [] => "Fails with an error of the API.".to_owned(),
        errors => format!("Documented errors: {}.", errors.join(", ")),
    };
    let docs = docs(&[
        sentence(&prose(&operation.title)),
        prose(&operation.about),
        "# Errors".to_owned(),
        errors,
    ]);
    let output = output(api, imports, operation);
    quote! {
        #docs
        fn #name(&mut self, call: &#runtime::Call<'_> #arguments) -> Result<#output, #runtime::Failure>;
    }
}

/// Returns `true` if an operation has arguments that are not constants.
pub(super) fn has_arguments(operation: &Operation) -> bool {
    operation.inputs.iter().any(|input| !input.field.is_constant())
}

/// Returns the type of a result.
fn output(api: &Api, imports: &Imports<'_>, operation: &Operation) -> TokenStream {
    let runtime = imports.name("crate", "runtime");
    let module = ident(&operation.rust_fn);
    let result = match &operation.result {
        OperationResult::None => quote!(()),
        OperationResult::Bytes(_) => quote!(#runtime::Blob),
        OperationResult::Done(part) if is_map(part) => quote!(Vec<&'static str>),
        OperationResult::Done(_) => quote!(#runtime::Done),
        OperationResult::Value(part) => field_type(api, imports, &part.field),
        OperationResult::Parts { rust_type, .. } => {
            let name = ident(rust_type);
            quote!(#module::#name)
        }
    };
    if super::operation::cursor(operation).is_some() {
        quote!(#runtime::Paged<#result>)
    } else {
        result
    }
}

/// Returns `true` if flags have names.
pub(super) fn is_map(part: &ResultPart) -> bool {
    matches!(part.field.ty, Type::Map(..))
}
