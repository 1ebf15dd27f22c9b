//! The struct of a result, and the documentation of results.

use proc_macro2::{Literal, TokenStream};
use quote::quote;

use super::context::Context;
use crate::ir::{Api, Operation, OperationId, OperationResult, ResultPart, Type, TypeKind};
use crate::render::client::field::{field_docs, field_type};
use crate::render::rust::call::Call;
use crate::render::rust::docs::{docs, prose, sentence};
use crate::render::rust::layout::print_statements;
use crate::render::rust::tokens::ident;

/// Returns the struct of the result, if its values have names.
pub(super) fn structure(cx: &Context<'_>) -> Option<TokenStream> {
    let OperationResult::Parts { rust_type, parts } = &cx.operation.result else {
        return None;
    };
    let name = ident(rust_type);
    let summary = format!("Result of [`{}`].", cx.operation.rust_type);
    let docs = docs(&[summary, "# Examples".to_owned(), cx.sample.clone()]);
    let fields = parts.iter().map(|part| {
        let docs = field_docs(&part.field.doc, &part.field.ty, None);
        let skip = (!part.field.is_required()).then(|| quote!(#[serde(skip_serializing_if = "Option::is_none")]));
        let rust = ident(&part.field.rust);
        let ty = field_type(&cx.imports, &part.field);
        quote! { #docs #skip pub #rust: #ty, }
    });
    let serialize = cx.imports.name("serde", "Serialize");
    let entries = entries(cx, rust_type, parts);
    Some(quote! {
        #docs
        #[derive(Debug, Clone, PartialEq, #serialize)]
        #[non_exhaustive]
        pub struct #name { #(#fields)* }
        #entries
    })
}

/// Returns the conversion into a map, with which a batch of a split request finds the result of each element.
fn entries(cx: &Context<'_>, rust_type: &str, parts: &[ResultPart]) -> Option<TokenStream> {
    cx.operation.split?;
    let [part] = parts else { return None };
    if !matches!(part.field.ty, Type::Map(..)) || !part.field.is_required() {
        return None;
    }
    let (name, field) = (ident(rust_type), ident(&part.field.rust));
    let map = cx.imports.ty(&part.field.ty);
    Some(quote! {
        impl From<#name> for #map {
            #[inline]
            fn from(result: #name) -> Self {
                result.#field
            }
        }
    })
}

/// Returns the meaning of the result, as the section of a doc comment; empty if there is no result.
pub(super) fn section(operation: &Operation) -> [String; 2] {
    match meaning(operation) {
        text if text.is_empty() => Default::default(),
        text => ["# Returns".to_owned(), text],
    }
}

/// Returns the meaning of the result; empty if there is no result.
pub(super) fn meaning(operation: &Operation) -> String {
    let result = &operation.result;
    let doc = result.doc().map(|doc| sentence(&prose(doc))).unwrap_or_default();
    match result {
        OperationResult::Done(part) => {
            let when = match part.field.ty {
                Type::Map(..) => "unless everything was done",
                _ => "if nothing was done",
            };
            format!("Nothing. Fails with [`NotDone`](crate::ErrorKind::NotDone) {when}.")
        }
        OperationResult::Parts { rust_type, parts } => match parts.as_slice() {
            [part] => format!("The field `{}` of [`{rust_type}`]: {doc}", part.field.rust),
            parts => {
                let names: Vec<_> = parts.iter().map(|part| format!("`{}`", part.field.rust)).collect();
                format!("[`{rust_type}`] with the fields {}.", names.join(", "))
            }
        },
        _ => doc,
    }
}

/// Returns the first example as the code block of a doc comment: the call, and a use of its result.
pub(super) fn sample(api: &Api, id: OperationId, operation: &Operation) -> String {
    let Some(example) = operation.examples.first() else {
        return String::new();
    };
    let call = Call::new(api, id, example);
    let (uses, statement) = (&call.uses, call.statement());
    let usage = call.variable.and_then(|variable| usage(api, operation, variable));
    let code = print_statements(quote! { #uses #statement #usage });
    let allow = if operation.superseded_by.is_empty() {
        ""
    } else {
        "# #[allow(deprecated)]\n"
    };
    let krate = ident(&api.name);
    format!(
        "```no_run\n# #[cfg(feature = \"client\")]\n{allow}# async fn example(client: {krate}::Client) -> Result<(), \
         {krate}::Error> {{\n{}\n# Ok(())\n# }}\n```",
        code.trim_end()
    )
}

/// Returns a statement that uses the result.
fn usage(api: &Api, operation: &Operation, variable: &str) -> Option<TokenStream> {
    let name = ident(variable);
    let field = match operation.result.parts() {
        _ if matches!(operation.result, OperationResult::Bytes(_)) => {
            return Some(quote!(let content = #name.bytes().await?;));
        }
        [part] => &part.field,
        [part, ..] => {
            let field = ident(&part.field.rust);
            return Some(quote!(println!("{:?}", #name.#field);));
        }
        [] => return None,
    };
    let format = match &field.ty {
        ty if field.is_required() && is_displayed(api, ty) => format!("{{{variable}}}"),
        _ => format!("{{{variable}:?}}"),
    };
    let format = Literal::string(&format);
    Some(quote!(println!(#format);))
}

/// Returns `true` if values of the type implement `Display`.
fn is_displayed(api: &Api, ty: &Type) -> bool {
    match ty {
        Type::String(_) | Type::Bool | Type::Int(_) | Type::Float => true,
        Type::Named(id) => match &api.type_def(*id).kind {
            TypeKind::Newtype(inner) => is_displayed(api, inner),
            TypeKind::Enum { .. } => true,
            _ => false,
        },
        _ => false,
    }
}
