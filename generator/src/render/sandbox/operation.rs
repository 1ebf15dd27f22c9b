//! Operations: one file each, with the arguments, the result and the description of the operation.

use proc_macro2::{Literal, TokenStream};
use quote::quote;

use super::field::{field_docs, field_type, is_optional, presence_attribute};
use super::section::{has_arguments, is_map};
use super::{file, shape};
use crate::files::File;
use crate::ir::{
    Api, BodyKind, ExampleResponse, Input, JsonPath, Limit, LimitSource, Operation, OperationId, OperationResult,
    PagingKind, Reads, ResultPart, Step, Type,
};
use crate::render::rust::docs::{docs, inner_docs};
use crate::render::rust::imports::Imports;
use crate::render::rust::layout::print;
use crate::render::rust::tokens::{ident, integer};

/// Renders the file of an operation.
pub(super) fn render(api: &Api, id: OperationId, operation: &Operation) -> File {
    let section = api.section_of(id);
    let imports = Imports::new(api);
    let route = format!("`{} {}`", operation.method.as_str(), operation.path_template());
    let module_docs = inner_docs(&[route]);
    let arguments = has_arguments(operation).then(|| arguments(api, &imports, operation));
    let result = result(api, &imports, operation);
    let description = description(api, &imports, id, operation);
    let uses = imports.uses();
    let path = format!("src/sections/{}/{}.rs", section.rust_module, operation.rust_fn);
    file(
        &path,
        print(quote! { #module_docs #uses #arguments #result #description }),
    )
}

/// Returns the struct of the arguments.
fn arguments(api: &Api, imports: &Imports<'_>, operation: &Operation) -> TokenStream {
    let deserialize = imports.name("serde", "Deserialize");
    let name = ident(&operation.rust_type);
    let docs = docs(&["Arguments of the operation.".to_owned()]);
    let inputs = operation.inputs.iter().filter(|input| !input.field.is_constant());
    let fields = inputs.map(|input| {
        let docs = field_docs(&input.field);
        let attribute = if is_file(input) {
            quote!(#[serde(skip)])
        } else {
            presence_attribute(&input.field)
        };
        let (name, ty) = (ident(&input.field.rust), field_type(api, imports, &input.field));
        quote! { #docs #attribute pub #name: #ty, }
    });
    quote! {
        #docs
        #[derive(Debug, Clone, PartialEq, #deserialize)]
        pub struct #name { #(#fields)* }
    }
}

fn is_file(input: &Input) -> bool {
    matches!(input.field.ty, Type::File)
}

/// Returns the struct of the result, if its values have names.
fn result(api: &Api, imports: &Imports<'_>, operation: &Operation) -> Option<TokenStream> {
    let OperationResult::Parts { rust_type, parts } = &operation.result else {
        return None;
    };
    let serialize = imports.name("serde", "Serialize");
    let name = ident(rust_type);
    let docs = docs(&["Result of the operation.".to_owned()]);
    let fields = parts.iter().map(|part| {
        let docs = field_docs(&part.field);
        let skip = is_optional(&part.field).then(|| quote!(#[serde(skip_serializing_if = "Option::is_none")]));
        let (name, ty) = (ident(&part.field.rust), field_type(api, imports, &part.field));
        quote! { #docs #skip pub #name: #ty, }
    });
    Some(quote! {
        #docs
        #[derive(Debug, Clone, PartialEq, #serialize)]
        pub struct #name { #(#fields)* }
    })
}

/// Returns the static that describes the operation.
fn description(api: &Api, imports: &Imports<'_>, id: OperationId, operation: &Operation) -> TokenStream {
    let module = imports.runtime("operation");
    let key = &operation.id;
    let authenticated = operation.authenticated;
    let body = ident(body_kind(operation.body));
    let inputs = operation.inputs.iter().map(|one| input(api, imports, one));
    let outcome = outcome(imports, operation);
    let next = match cursor(operation) {
        Some(path) => {
            let steps = steps(imports, path);
            quote!(Some(#steps))
        }
        None => quote!(None),
    };
    let envelope = operation.result.has_envelope();
    let errors = operation.errors.iter().map(|id| {
        let known = imports.name("crate::errors", "Known");
        let variant = super::errors::variant(api.error(*id));
        quote!(#known::#variant)
    });
    let limits = operation.limits.iter().map(|one| limit(api, imports, operation, one));
    let max_body = match operation.max_body {
        Some(bytes) => {
            let bytes = integer(i64::try_from(bytes).unwrap_or(i64::MAX));
            quote!(Some(#bytes))
        }
        None => quote!(None),
    };
    let secrets = super::secrets::keys(api, operation);
    let run = run(api, imports, id, operation);
    quote! {
        #run
        /// The operation.
        pub(crate) static OPERATION: #module::Operation = #module::Operation {
            id: #key,
            authenticated: #authenticated,
            body: #module::BodyKind::#body,
            inputs: &[#(#inputs),*],
            outcome: #outcome,
            next: #next,
            envelope: #envelope,
            errors: &[#(#errors),*],
            limits: &[#(#limits),*],
            secrets: &[#(#secrets),*],
            max_body: #max_body,
            run,
        };
    }
}

fn body_kind(kind: BodyKind) -> &'static str {
    match kind {
        BodyKind::None => "None",
        BodyKind::Json => "Json",
        BodyKind::JsonValue => "JsonValue",
        BodyKind::Form => "Form",
        BodyKind::FormMap => "FormMap",
        BodyKind::Multipart => "Multipart",
    }
}

fn input(api: &Api, imports: &Imports<'_>, input: &Input) -> TokenStream {
    let module = imports.runtime("operation");
    let location = ident(input.location.as_str());
    let name = &input.field.rust;
    let field = shape::field(api, imports, &input.field);
    quote!(#module::Input::#location(#name, #field))
}

/// Returns the path to the cursor of the next page, if the operation returns one.
pub(super) fn cursor(operation: &Operation) -> Option<&JsonPath> {
    match &operation.paging.as_ref()?.kind {
        PagingKind::Cursor { next, .. } => Some(next),
        PagingKind::Page { .. } => None,
    }
}

fn outcome(imports: &Imports<'_>, operation: &Operation) -> TokenStream {
    let module = imports.runtime("operation");
    let outcome = match &operation.result {
        OperationResult::None => quote!(None),
        OperationResult::Bytes(_) => quote!(Bytes),
        OperationResult::Done(part) => {
            let steps = steps(imports, &part.path);
            match &part.field.reads {
                _ if is_map(part) => quote!(Changed(#steps)),
                Reads::TextForTrue(word) => quote!(Done(#steps, Some(#word))),
                _ => quote!(Done(#steps, None)),
            }
        }
        OperationResult::Value(one) => {
            let part = part(imports, operation, one, "");
            quote!(Value(#part))
        }
        OperationResult::Parts { parts, .. } => {
            let parts = parts.iter().map(|one| part(imports, operation, one, &one.field.rust));
            quote!(Parts(&[#(#parts),*]))
        }
    };
    quote!(#module::Outcome::#outcome)
}

/// A list that may be a single element is one if an example of the operation shows that.
fn part(imports: &Imports<'_>, operation: &Operation, part: &ResultPart, name: &str) -> TokenStream {
    let module = imports.runtime("operation");
    let path = steps(imports, &part.path);
    let mut values = operation.examples.iter().filter_map(|example| match &example.response {
        ExampleResponse::Json(document) => part.path.find(document),
        ExampleResponse::Bytes(_) => None,
    });
    let constructor = if part.field.reads == Reads::OneOrMany && values.any(serde_json::Value::is_object) {
        quote!(bare_if_single)
    } else {
        quote!(new)
    };
    quote!(#module::Part::#constructor(#name, #path))
}

/// Returns a path in a JSON document.
pub(super) fn steps(imports: &Imports<'_>, path: &JsonPath) -> TokenStream {
    let module = imports.runtime("operation");
    let steps = path.0.iter().map(|step| match step {
        Step::Key(key) => quote!(#module::Step::Key(#key)),
        Step::Index(index) => {
            let index = Literal::usize_unsuffixed(*index);
            quote!(#module::Step::Index(#index))
        }
    });
    quote!(&[#(#steps),*])
}

fn limit(api: &Api, imports: &Imports<'_>, operation: &Operation, limit: &Limit) -> TokenStream {
    let module = imports.runtime("operation");
    let key = match limit.source {
        LimitSource::Default | LimitSource::Operation => &operation.id,
        LimitSource::Bucket(index) => &api.buckets[index].key,
    };
    let count = integer(limit.rate.count.into());
    let seconds = integer(limit.rate.period.seconds().into());
    let list = operation
        .required_inputs()
        .find(|field| matches!(field.ty, Type::List(..)));
    match list.filter(|_| limit.rate.unit != "calls") {
        Some(list) => {
            let name = &list.rust;
            quote!(#module::Limit::units(#key, #count, #seconds, #name))
        }
        None => quote!(#module::Limit::calls(#key, #count, #seconds)),
    }
}

/// Returns the function that calls the behaviour.
fn run(api: &Api, imports: &Imports<'_>, id: OperationId, operation: &Operation) -> TokenStream {
    let section = ident(&api.section_of(id).rust_type);
    let name = ident(&operation.rust_fn);
    let answer = imports.runtime("answer");
    let convert = ident(match &operation.result {
        _ if cursor(operation).is_some() => "paged",
        OperationResult::Bytes(_) => "bytes",
        OperationResult::Done(part) if !is_map(part) => "done",
        _ => "value",
    });
    let function = |received: TokenStream, body: TokenStream| {
        let app = imports.name("crate::behaviour", "App");
        let runtime = imports.name("crate", "runtime");
        let decode = imports.runtime("decode");
        quote! {
            fn run(app: &mut #app, call: &#runtime::Call<'_>, #received: #decode::Received) -> Result<#answer::Produced, #runtime::Failure> {
                #body
            }
        }
    };
    if !has_arguments(operation) {
        return function(quote!(_), quote!(#answer::#convert(super::#section::#name(app, call))));
    }
    let files: Vec<_> = operation.inputs.iter().filter(|input| is_file(input)).collect();
    if files.is_empty() {
        let body = quote!(#answer::#convert(super::#section::#name(app, call, received.arguments()?)));
        return function(quote!(mut received), body);
    }
    let files = files.iter().map(|input| {
        let (name, wire) = (ident(&input.field.rust), &input.field.wire);
        let file = quote!(received.file(#wire));
        if is_optional(&input.field) {
            quote!(arguments.#name = #file;)
        } else {
            quote!(arguments.#name = #file.unwrap_or_default();)
        }
    });
    let arguments = ident(&operation.rust_type);
    let body = quote! {
        let mut arguments: #arguments = received.arguments()?;
        #(#files)*
        #answer::#convert(super::#section::#name(app, call, arguments))
    };
    function(quote!(mut received), body)
}
