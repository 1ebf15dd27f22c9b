//! Tests of the generated crate: one for each example, against a server on the loopback address.

use std::collections::BTreeSet;

use proc_macro2::{Ident, TokenStream};
use quote::quote;

use crate::render::rust::docs::inner_docs;
use crate::render::rust::layout::print;
use crate::render::rust::tokens::{ident, string};
use crate::{
    files::File,
    ir::{
        Api, Example, ExampleBody, ExampleResponse, Json, Operation, OperationId, OperationResult, Segment, template,
    },
    render::{canonical, rust::call::Call},
};

/// Renders the root of the test, with the items that its modules share.
#[must_use]
pub fn main(api: &Api) -> File {
    let krate = ident(&api.name);
    let modules = api.sections.iter().map(|section| ident(&section.rust_module));
    let arguments = api.base.params.iter().map(|param| base_value(&param.rust));
    let token = api.auth.is_some().then(|| quote!(.token("test-token")));
    let docs = inner_docs(&[
        "The examples of the spec: the requests that are sent, and the results of the responses.".to_owned(),
    ]);
    let base = base_path(api);
    let contents = print(quote! {
        #docs
        #![cfg(feature = "client")]
        #[path = "../support/mod.rs"]
        mod support;
        #(mod #modules;)*
        use #krate::{Client, Error};
        use support::{Example, Server};
        /// The base path.
        const BASE: &str = #base;
        /// Returns a server that responds as in an example, and a client that sends to it.
        async fn replay(
            route: &'static str,
            name: &'static str,
            status: u16,
            response: &'static str,
        ) -> Result<(Server, Client), Error> {
            let example = Example { route, name, status, response };
            let server = Server::example(BASE, example).await;
            let builder = Client::builder(#(#arguments),*).base_url(server.url()).no_proxy() #token;
            let client = support::over!(builder).build()?;
            Ok((server, client))
        }
    });
    File {
        path: "client/tests/examples/main.rs".to_owned(),
        contents,
    }
}

/// Renders the tests of a section.
#[must_use]
pub fn render(api: &Api, section: usize) -> File {
    let mut helpers = Helpers::default();
    let mut tests = Vec::new();
    for (id, operation) in api.operations().filter(|(id, _)| id.section == section) {
        for example in &operation.examples {
            tests.push(test(api, id, operation, example, &mut helpers));
        }
    }
    let krate = ident(&api.name);
    let helpers = helpers.0.into_iter().map(ident);
    let module = &api.sections[section].rust_module;
    let contents = print(quote! {
        use #krate::Error;
        use super::replay;
        use super::support::{self, #(#helpers),*};
        #(#tests)*
    });
    File {
        path: format!("client/tests/examples/{module}.rs"),
        contents,
    }
}

/// The functions of the test support that a file imports.
#[derive(Debug, Default)]
struct Helpers(BTreeSet<&'static str>);

impl Helpers {
    /// Imports a function.
    fn name(&mut self, function: &'static str) -> Ident {
        self.0.insert(function);
        ident(function)
    }
}

fn test(api: &Api, id: OperationId, operation: &Operation, example: &Example, helpers: &mut Helpers) -> TokenStream {
    let name = ident(&example.rust_test);
    let response = string(&match &example.response {
        ExampleResponse::Json(json) => json.to_string(),
        ExampleResponse::Bytes(text) => text.clone(),
    });
    let status = proc_macro2::Literal::u16_unsuffixed(example.status);
    let route = route(api, id);
    let key = &example.key;
    let call = Call::new(api, id, example);
    let uses = &call.uses;
    let statement = call.statement();
    let sent = sent(api, operation, example);
    let doc = (!example.title.is_empty()).then(|| format!(" {}", example.title.get(0)));
    let doc = doc.map(|doc| quote!(#[doc = #doc]));
    let allow = super::deprecation::allow_deprecated(operation);
    let Steps { run, check } = if example.status >= 400 {
        error_steps(api, &call, example, helpers)
    } else {
        Steps {
            run: quote!(#statement),
            check: check_result(api, operation, example, call.variable, helpers),
        }
    };
    let records = records(api, operation, example, helpers);
    quote! {
        #doc
        #allow
        #[tokio::test]
        async fn #name() -> Result<(), Error> {
            #uses
            let (server, client) = replay(#route, #key, #status, #response).await?;
            #run
            #sent
            #check
            #records
            Ok(())
        }
    }
}

/// The statements of a test around its check of the request.
struct Steps {
    /// Sends the request.
    run: TokenStream,
    /// Checks the outcome.
    check: TokenStream,
}

/// Returns the statements for an example whose response is an error: the call fails with its status and code.
fn error_steps(api: &Api, call: &Call<'_>, example: &Example, helpers: &mut Helpers) -> Steps {
    let expression = &call.expression;
    let ExampleResponse::Json(body) = &example.response else {
        return Steps {
            run: quote!(#expression;),
            check: TokenStream::new(),
        };
    };
    let code = api
        .errors
        .code_key
        .as_ref()
        .and_then(|key| body.get(key))
        .and_then(Json::as_str)
        .unwrap_or_default();
    let status = proc_macro2::Literal::u16_unsuffixed(example.status);
    let unused = call.variable.is_some().then(|| quote!(let _ =));
    let run = quote! {
        let outcome: Result<(), Error> = async {
            #unused #expression;
            Ok(())
        }
        .await;
    };
    let rejected = helpers.name("assert_rejected");
    Steps {
        run,
        check: quote!(#rejected(outcome, #status, #code);),
    }
}

/// Returns the statement that compares the result with the response.
fn check_result(
    api: &Api,
    operation: &Operation,
    example: &Example,
    variable: Option<&str>,
    helpers: &mut Helpers,
) -> TokenStream {
    let Some(name) = variable.map(ident) else {
        return TokenStream::new();
    };
    match (&operation.result, &example.response) {
        (OperationResult::Bytes(_), ExampleResponse::Bytes(text)) => {
            quote!(assert_eq!(#name.bytes().await?, #text);)
        }
        (_, ExampleResponse::Json(response)) => match canonical::result(api, operation, response) {
            Some(mut expected) => {
                if let Some(field) = operation.binding.as_ref().and_then(|binding| binding.field.as_ref()) {
                    expected = expected.get(field).cloned().unwrap_or_default();
                }
                let expected = string(&expected.to_string());
                let keeps = helpers.name("assert_keeps");
                quote!(#keeps(&#name, #expected);)
            }
            None => TokenStream::new(),
        },
        _ => TokenStream::new(),
    }
}

/// Returns the statements that compare the records of an example with those that are read.
fn records(api: &Api, operation: &Operation, example: &Example, helpers: &mut Helpers) -> TokenStream {
    let Some(records) = operation.records.as_ref().filter(|_| !example.records.is_empty()) else {
        return TokenStream::new();
    };
    let krate = ident(&api.name);
    let name = ident(&api.type_def(records.ty).name);
    let found = string(&Json::Array(example.records.clone()).to_string());
    let expected = example
        .records
        .iter()
        .map(|record| canonical::canonical(api, &crate::ir::Type::Named(records.ty), record));
    let expected = string(&Json::Array(expected.collect()).to_string());
    let keeps = helpers.name("assert_keeps");
    quote! {
        let records: Vec<#krate::types::#name> = serde_json::from_str(#found).expect("records");
        #keeps(&records, #expected);
    }
}

/// Returns the statement that checks the request.
fn sent(api: &Api, operation: &Operation, example: &Example) -> TokenStream {
    let method = operation.method.as_str();
    let target = base_path(api) + &example.target;
    let mut headers = Vec::new();
    if let Some(auth) = &api.auth {
        // An absent header compares equal to an empty one.
        let value = if operation.authenticated {
            auth.prefix.clone() + "test-token"
        } else {
            String::new()
        };
        let header = &auth.header;
        headers.push(quote!((#header, #value)));
    }
    headers.extend(example.headers.iter().map(|(name, value)| quote!((#name, #value))));
    let body = match &example.body {
        ExampleBody::None => quote!(support::Sent::Nothing),
        ExampleBody::Json(json) => {
            let text = string(&json.to_string());
            quote!(support::Sent::json(#text))
        }
        ExampleBody::Form(text) => quote!(support::Sent::form(#text)),
        ExampleBody::Multipart(parts) => {
            let parts = parts.iter().map(|(name, value)| part(name, value));
            quote!(support::Sent::multipart([#(#parts),*]))
        }
    };
    quote!(server.assert_sent(#method, #target, &[#(#headers),*], &#body);)
}

/// Returns the expression of a part of a multipart form.
fn part(name: &str, value: &Json) -> TokenStream {
    let text = |key: &str| value.get(key).and_then(Json::as_str);
    match (text("filename"), text("type"), text("content")) {
        (Some(filename), Some(media_type), Some(content)) => {
            quote!(support::Part::file(#name, #filename, Some(#media_type), #content))
        }
        _ => {
            let text = canonical::part_text(value);
            quote!(support::Part::text(#name, #text))
        }
    }
}

/// Returns the method and path of an operation's route, which other operations can share.
fn route(api: &Api, id: OperationId) -> String {
    let shared = api.routes.iter().find(|route| route.operations.contains(&id));
    shared.map_or_else(String::new, |route| {
        format!("{} {}", route.method.as_str(), template(&route.path))
    })
}

/// Returns the value of a parameter of the base path in the tests.
fn base_value(name: &str) -> String {
    format!("test-{}", name.replace('_', "-"))
}

/// Returns the base path as the tests send it.
fn base_path(api: &Api) -> String {
    api.base
        .segments
        .iter()
        .fold(String::new(), |out, segment| match segment {
            Segment::Literal(text) => out + "/" + text,
            Segment::Param(name) => {
                let rust = api
                    .base
                    .params
                    .iter()
                    .find(|param| param.wire == *name)
                    .map_or(name, |param| &param.rust);
                out + "/" + &base_value(rust)
            }
        })
}
