//! The `impl` of `Operation`: its constants, the encoding of the request and the decoding of the response.

use proc_macro2::{Ident, Literal, TokenStream};
use quote::quote;

use super::context::Context;
use super::result::meaning;
use crate::ir::{
    BodyKind, Field, Json, JsonPath, Limit, LimitSource, Location, OperationResult, Reads, ResultPart, Step, Type,
};
use crate::render::client::checks::Checks;
use crate::render::client::field::conversion;
use crate::render::client::rate_limit::rate_limit;
use crate::render::client::secrets::holds_secret;
use crate::render::rust::docs::docs;
use crate::render::rust::tokens::ident;
use crate::render::size;

/// The type of a result, and the expression that decodes it.
struct Decoding {
    output: TokenStream,
    expression: TokenStream,
}

/// Returns the checks of the arguments.
pub(super) fn checks<'a>(cx: &'a Context<'a>) -> Checks<'a> {
    Checks::of_fields(cx.api, &cx.imports, cx.fields(), &quote!(&at))
}

/// Returns the `impl` of `Operation`.
pub(super) fn implementation(cx: &Context<'_>, checks: &[TokenStream]) -> TokenStream {
    let [operation, operation_info, raw_response, error] =
        cx.imports
            .runtime_names(["Operation", "OperationInfo", "RawResponse", "Error"]);
    let name = &cx.name;
    let info = info(cx);
    let Decoding { output, expression } = decoding(cx);
    let docs = docs(&[meaning(cx.operation)]);
    let encode = encode(cx, checks);
    let response = match cx.operation.result {
        OperationResult::None => quote!(_),
        _ => quote!(response),
    };
    quote! {
        impl<C> #operation for #name<C> {
            #docs
            type Output = #output;
            const INFO: &'static #operation_info = &#info;
            #encode
            fn decode(#response: &#raw_response) -> Result<Self::Output, #error> {
                #expression
            }
        }
    }
}

/// Returns the expression of the operation's constants.
fn info(cx: &Context<'_>) -> TokenStream {
    let operation = cx.operation;
    let ty = cx.imports.runtime("OperationInfo");
    let method_type = cx.imports.name("http", "Method");
    let id = &operation.id;
    let path = operation.path_template();
    let method = ident(operation.method.as_str());
    let parts = operation.result.parts();
    let secret = parts.iter().any(|part| holds_secret(cx.api, &part.field.ty));
    let flags = [
        (!operation.authenticated, quote!(.anonymous())),
        (operation.idempotent, quote!(.idempotent())),
        (secret, quote!(.secret())),
        (matches!(operation.result, OperationResult::Bytes(_)), quote!(.bytes())),
    ];
    let flags = flags.into_iter().filter_map(|(on, flag)| on.then_some(flag));
    let limits = limits(cx);
    let max_body = operation.max_body.map(|bytes| {
        let bytes = size_expression(bytes);
        quote!(.max_body(#bytes))
    });
    quote!(#ty::new(#id, #method_type::#method, #path)#(#flags)* #limits #max_body)
}

/// Returns the call that sets the rate limits, if there are any.
fn limits(cx: &Context<'_>) -> Option<TokenStream> {
    let limits: Vec<_> = cx.operation.limits.iter().map(|it| limit(cx, it)).collect();
    (!limits.is_empty()).then(|| quote!(.limits(&[#(#limits),*])))
}

/// Returns the expression of a rate limit: a constant for the default limit and for shared ones.
fn limit(cx: &Context<'_>, limit: &Limit) -> TokenStream {
    let constant = match limit.source {
        LimitSource::Operation => return rate_limit(&cx.imports, &limit.rate),
        LimitSource::Default => ident("DEFAULT"),
        LimitSource::Bucket(bucket) => ident(&cx.api.buckets[bucket].rust_const),
    };
    let limits = cx.imports.name("crate", "limits");
    quote!(#limits::#constant)
}

/// Returns a number of bytes as an expression that shows its unit.
fn size_expression(bytes: u64) -> TokenStream {
    let (count, power) = size::in_units(bytes);
    let count = Literal::u64_unsuffixed(count);
    let units = std::iter::repeat_n(quote!(*1024), power);
    quote!(#count #(#units)*)
}

/// Returns the method that checks the arguments and encodes the request; in two parts if there is anything to check.
fn encode(cx: &Context<'_>, checks: &[TokenStream]) -> TokenStream {
    let operation = cx.operation;
    let path = operation.fields_in(Location::Path).map(|field| {
        let name = ident(&field.rust);
        quote!(&self.#name)
    });
    let request = cx.imports.runtime("Request");
    let start = quote!(#request::new(Self::INFO, &[#(#path),*]));
    let query = operation
        .fields_in(Location::Query)
        .map(|field| add(field, &ident("query")));
    let headers = operation
        .fields_in(Location::Header)
        .map(|field| add(field, &ident("header")));
    let mut statements: Vec<_> = query.chain(headers).collect();
    if let Some(split) = operation.split {
        let list = ident(&operation.input(split.list).rust);
        statements.push(quote!(request.holds(self.#list.len());));
    }
    statements.extend(encode_body(cx));
    let build = if statements.is_empty() {
        start
    } else {
        quote! {
            let mut request = #start?;
            #(#statements)*
            Ok(request)
        }
    };
    let error = cx.imports.runtime("Error");
    if checks.is_empty() {
        return quote! { fn encode(&self) -> Result<#request, #error> { #build } };
    }
    let at = cx.imports.check("At");
    quote! {
        fn encode(&self) -> Result<#request, #error> {
            let at = #at::new(Self::INFO);
            #(#checks)*
            self.encode_unchecked()
        }
        fn encode_unchecked(&self) -> Result<#request, #error> { #build }
    }
}

/// Returns the statements that encode the body.
fn encode_body(cx: &Context<'_>) -> Vec<TokenStream> {
    let encode = |field: &Field| {
        let name = ident(&field.rust);
        match cx.operation.body {
            BodyKind::None | BodyKind::Json => TokenStream::new(),
            BodyKind::JsonValue => quote!(request.json(&self.#name)?;),
            BodyKind::FormMap => quote!(request.form_entries(&self.#name);),
            BodyKind::Form => add(field, &ident("form_field")),
            BodyKind::Multipart if matches!(field.ty, Type::File) => add(field, &ident("file")),
            BodyKind::Multipart => add(field, &ident("part")),
        }
    };
    match cx.operation.body {
        BodyKind::Json => vec![quote!(request.json(self)?;)],
        _ => cx.operation.fields_in(Location::Body).map(encode).collect(),
    }
}

/// Returns the statement that adds a field to the request with this method.
fn add(field: &Field, method: &Ident) -> TokenStream {
    let wire = &field.wire;
    let name = ident(&field.rust);
    match field.ty {
        // Some servers only look at whether the header is there.
        Type::Bool if method == "header" && field.default() == Some(&Json::Bool(false)) => {
            quote!(request.#method(#wire, &self.#name.filter(|value| *value))?;)
        }
        Type::File if !field.is_required() => quote!(request.#method(#wire, self.#name.as_ref())?;),
        _ => quote!(request.#method(#wire, &self.#name)?;),
    }
}

fn decoding(cx: &Context<'_>) -> Decoding {
    match &cx.operation.result {
        OperationResult::None => Decoding {
            output: quote!(()),
            expression: quote!(Ok(())),
        },
        OperationResult::Bytes(_) => {
            let bytes = cx.imports.name("bytes", "Bytes");
            Decoding {
                output: quote!(#bytes),
                expression: quote!(Ok(response.body().clone())),
            }
        }
        OperationResult::Done(part) => Decoding {
            output: quote!(()),
            expression: check_flags(cx, part),
        },
        OperationResult::Value(part) => Decoding {
            output: cx.imports.ty(&part.field.ty),
            expression: decode_part(cx, part),
        },
        OperationResult::Parts { rust_type, parts } => {
            let name = ident(rust_type);
            let fields = parts.iter().map(|part| {
                let rust = ident(&part.field.rust);
                let value = decode_part(cx, part);
                quote!(#rust: #value?)
            });
            Decoding {
                output: quote!(#name),
                expression: quote!(Ok(#name { #(#fields),* })),
            }
        }
    }
}

/// Returns the expression that checks the flags which say whether the operation was done.
fn check_flags(cx: &Context<'_>, part: &ResultPart) -> TokenStream {
    let path = steps(cx, &part.path);
    match (&part.field.ty, &part.field.reads) {
        (Type::Map(..), _) => quote!(response.all_done(#path)),
        (_, Reads::TextForTrue(word)) => quote!(response.done(#path, Some(#word))),
        _ => quote!(response.done(#path, None)),
    }
}

/// Returns the expression that decodes a part of the result, as a `Result`.
fn decode_part(cx: &Context<'_>, part: &ResultPart) -> TokenStream {
    let path = path_of(cx, part);
    let convert = conversion(&cx.imports, &part.field.reads, &part.field.ty);
    let read = if !part.field.is_required() || part.field.is_or_empty() {
        let convert = convert.map(|convert| quote!(.map(|value| value.map(#convert))));
        quote!(response.find(#path)#convert)
    } else {
        let convert = convert.map(|convert| quote!(.map(#convert)));
        quote!(response.at(#path)#convert)
    };
    if part.field.is_or_empty() {
        quote!(#read.map(Option::unwrap_or_default))
    } else {
        read
    }
}

/// Returns the expression of the JSON path of a part of the result: of several aliases, the one that has a value.
pub(super) fn path_of(cx: &Context<'_>, part: &ResultPart) -> TokenStream {
    let paths: Vec<_> = part.paths().map(|path| steps(cx, &path)).collect();
    match paths.as_slice() {
        [path] => path.clone(),
        paths => quote!(response.first(&[#(#paths),*])?),
    }
}

/// Returns the expression of a JSON path.
pub(super) fn steps(cx: &Context<'_>, path: &JsonPath) -> TokenStream {
    let steps = path.0.iter().map(|step| {
        let ty = cx.imports.runtime("Step");
        match step {
            Step::Key(key) => quote!(#ty::Key(#key)),
            Step::Index(index) => {
                let index = Literal::usize_unsuffixed(*index);
                quote!(#ty::Index(#index))
            }
        }
    });
    quote!(&[#(#steps),*])
}
