//! The request type of an operation, and the method that starts a request.

use proc_macro2::TokenStream;
use quote::quote;

use super::context::Context;
use super::result::{sample, section};
use super::single::single_method;
use crate::ir::{Api, BodyKind, Input, Limit, LimitSource, Location, Operation, OperationId, Period};
use crate::render::client::argument::{Parameters, initializer, parameters, setter};
use crate::render::client::deprecation::{allow_deprecated, deprecated};
use crate::render::client::field::{field_docs, field_type, serde_attributes, writer};
use crate::render::rust::docs::{docs, prose, sentence};
use crate::render::rust::imports::Imports;
use crate::render::rust::tokens::ident;
use crate::render::size;

/// Returns the request type.
pub(super) fn structure(cx: &Context<'_>) -> TokenStream {
    let name = &cx.name;
    let serializes = cx.operation.body == BodyKind::Json;
    let fields = cx.operation.inputs.iter().map(|Input { location, field }| {
        let rust = ident(&field.rust);
        let attributes = match location {
            Location::Body if serializes => serde_attributes(&cx.imports, field),
            _ if serializes => quote!(#[serde(skip)]),
            _ => TokenStream::new(),
        };
        if field.is_constant() {
            return quote! { #attributes #rust: &'static str, };
        }
        let docs = field_docs(&field.doc, &field.ty, field.default());
        let ty = field_type(&cx.imports, field);
        quote! { #docs #attributes pub #rust: #ty, }
    });
    let docs = request_docs(cx);
    let deprecated = deprecated(cx.api, cx.operation);
    let serialize = serializes.then(|| {
        let serialize = cx.imports.name("serde", "Serialize");
        quote!(, #serialize)
    });
    let writers = cx
        .operation
        .fields_in(Location::Body)
        .filter_map(|field| writer(&cx.imports, field));
    let skip = serializes.then(|| quote!(#[serde(skip)]));
    quote! {
        #docs
        #deprecated
        #[derive(Debug, Clone #serialize)]
        #[must_use = "nothing is sent until it is awaited"]
        #[non_exhaustive]
        pub struct #name<C = ()> {
            #skip
            client: C,
            #(#fields)*
        }
        #(#writers)*
    }
}

fn request_docs(cx: &Context<'_>) -> TokenStream {
    let operation = cx.operation;
    let route = format!(
        "`{} {}`{}",
        operation.method.as_str(),
        operation.path_template(),
        limit_text(cx)
    );
    let mut paragraphs = vec![sentence(&prose(&operation.title)), prose(&operation.about), route];
    if let Some(records) = &operation.records {
        let name = &cx.api.type_def(records.ty).name;
        paragraphs.push(format!(
            "The result links to a file with one [`{name}`](crate::types::{name}) per line. `records` downloads and reads it."
        ));
    }
    paragraphs.extend(section(operation));
    if !operation.errors.is_empty() {
        let errors = operation.errors.iter().map(|id| {
            let error = cx.api.error(*id);
            format!("{} `{}`", error.status, error.code)
        });
        let errors: Vec<_> = errors.collect();
        paragraphs.push("# Errors".to_owned());
        paragraphs.push(format!("Known errors: {}.", errors.join(", ")));
    }
    paragraphs.extend(["# Examples".to_owned(), cx.sample.clone()]);
    docs(&paragraphs)
}

/// Returns the limits of the operation, as the end of a sentence.
fn limit_text(cx: &Context<'_>) -> String {
    let operation = cx.operation;
    let mut text = String::new();
    for (index, Limit { rate, source }) in operation.limits.iter().enumerate() {
        let period = match rate.period {
            Period::Second => "second",
            Period::Minute => "minute",
            Period::Hour => "hour",
        };
        let lead = if index == 0 { ", at most" } else { " and" };
        text.push_str(&format!("{lead} {} {} per {period}", rate.count, rate.unit));
        if let LimitSource::Bucket(bucket) = *source {
            text.push_str(&format!(", shared as `{}`", cx.api.buckets[bucket].key));
        }
    }
    if let Some(bytes) = operation.max_body {
        text.push_str(&format!(", with a body of at most {}", size::text(bytes)));
    }
    if !text.is_empty() {
        text.push('.');
    }
    text
}

/// Returns the constructors, and a setter for each optional field.
pub(super) fn constructors(cx: &Context<'_>) -> TokenStream {
    let name = &cx.name;
    let Parameters { generics, list } = parameters(&cx.imports, cx.operation.required_inputs());
    let arguments = cx.operation.required_inputs().map(|field| ident(&field.rust));
    let values = cx
        .fields()
        .map(|field| initializer(&cx.imports, field, |constant| quote!(#constant)));
    let setters = cx.fields().filter(|field| !field.is_required()).map(|field| {
        let docs = field_docs(&field.doc, &field.ty, field.default());
        let setter = setter(&cx.imports, field);
        quote! { #docs #setter }
    });
    let default = list.is_empty().then(|| {
        quote! {
            impl Default for #name {
                fn default() -> Self {
                    Self::new()
                }
            }
        }
    });
    quote! {
        #default
        impl #name {
            /// Creates a request without a client.
            pub fn new #generics(#(#list),*) -> Self {
                Self::with((), #(#arguments),*)
            }
        }
        impl<C> #name<C> {
            pub(crate) fn with #generics(client: C, #(#list),*) -> Self {
                Self { client, #(#values),* }
            }
            #(#setters)*
        }
    }
}

/// Returns the method of the section's handle that starts a request.
pub fn method(api: &Api, imports: &Imports<'_>, id: OperationId, operation: &Operation) -> TokenStream {
    let name = ident(&operation.rust_type);
    let method = ident(&operation.rust_fn);
    let Parameters { generics, list } = parameters(imports, operation.required_inputs());
    let arguments = operation.required_inputs().map(|field| ident(&field.rust));
    let route = format!("`{} {}`", operation.method.as_str(), operation.path_template());
    let [heading, returns] = section(operation);
    let examples = "# Examples".to_owned();
    let docs = docs(&[
        sentence(&prose(&operation.title)),
        route,
        heading,
        returns,
        examples,
        sample(api, id, operation),
    ]);
    let deprecated = deprecated(api, operation);
    let allow = allow_deprecated(operation);
    let single = single_method(api, imports, operation);
    quote! {
        #docs
        #deprecated
        #allow
        pub fn #method #generics(self, #(#list),*) -> #name<C> {
            #name::with(self.0, #(#arguments),*)
        }
        #single
    }
}
