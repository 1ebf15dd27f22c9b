//! The request for a single element of an operation that takes a list.

use proc_macro2::TokenStream;
use quote::quote;

use super::codec::steps;
use super::context::Context;
use crate::ir::{Api, Field, One, Operation, Type};
use crate::render::client::argument::{Parameters, parameters};
use crate::render::rust::docs::{docs, prose, sentence};
use crate::render::rust::imports::Imports;
use crate::render::rust::tokens::ident;

/// Returns the arguments, with an element in place of the list.
fn arguments(operation: &Operation) -> Vec<Field> {
    let single = |field: &Field| match &field.ty {
        Type::List(inner, _) => Field {
            ty: (**inner).clone(),
            ..field.clone()
        },
        _ => field.clone(),
    };
    operation.required_inputs().map(single).collect()
}

/// Returns the request type for a single element, if there is one.
pub(super) fn single(cx: &Context<'_>) -> Option<TokenStream> {
    let One { rust_type, .. } = cx.operation.one.as_ref()?;
    let [part] = cx.operation.result.parts() else {
        return None;
    };
    let Type::List(item, _) = &part.field.ty else {
        return None;
    };
    let (name, list) = (ident(rust_type), &cx.name);
    let item = cx.imports.ty(item);
    let path = steps(cx, &part.path);
    let fields = arguments(cx.operation);
    let Parameters {
        generics,
        list: parameters,
    } = parameters(&cx.imports, fields.iter());
    let names: Vec<_> = fields.iter().map(|field| ident(&field.rust)).collect();
    let (mut conversions, mut values) = (Vec::new(), Vec::new());
    for (field, single) in cx.operation.required_inputs().zip(&fields) {
        let name = ident(&field.rust);
        if field.ty == single.ty {
            values.push(quote!(#name));
        } else {
            let ty = cx.imports.ty(&single.ty);
            conversions.push(quote!(let #name: #ty = #name.into();));
            values.push(quote!(vec![#name]));
        }
    }
    let macros = cx.imports.runtime_macro("single");
    let sendable = cx.imports.runtime_macro("sendable");
    let docs = docs(&[format!(
        "Like [`{list}`], for a single element. It is an error if the response does not contain it."
    )]);
    Some(quote! {
        #docs
        #[derive(Debug, Clone)]
        #[must_use = "nothing is sent until it is awaited"]
        pub struct #name<C = ()> {
            client: C,
            list: #list,
        }
        impl #name {
            /// Creates a request without a client.
            pub fn new #generics(#(#parameters),*) -> Self {
                Self::with((), #(#names),*)
            }
        }
        impl<C> #name<C> {
            pub(crate) fn with #generics(client: C, #(#parameters),*) -> Self {
                #(#conversions)*
                Self { client, list: #list::new(#(#values),*) }
            }
        }
        #macros!(#name, #list, #item, #path);
        #sendable!(#name);
    })
}

/// Returns the method of the section's handle that starts a request for a single element.
pub(super) fn single_method(api: &Api, imports: &Imports<'_>, operation: &Operation) -> Option<TokenStream> {
    let One { rust_type, rust_fn } = operation.one.as_ref()?;
    let fields = arguments(operation);
    let Parameters { generics, list } = parameters(imports, fields.iter());
    let names = fields.iter().map(|field| ident(&field.rust));
    let (name, method) = (ident(rust_type), ident(rust_fn));
    let doc = format!(
        "{} For a single element: see [`{}`](Self::{}).",
        sentence(&prose(&operation.title)),
        operation.rust_fn,
        operation.rust_fn
    );
    let route = format!("`{} {}`", operation.method.as_str(), operation.path_template());
    let docs = docs(&[doc, route]);
    let deprecated = crate::render::client::deprecation::deprecated(api, operation);
    let allow = crate::render::client::deprecation::allow_deprecated(operation);
    Some(quote! {
        #docs
        #deprecated
        #allow
        pub fn #method #generics(self, #(#list),*) -> #name<C> {
            #name::with(self.0, #(#names),*)
        }
    })
}
