//! Operations: a request type each, in a file of its own.

use proc_macro2::{Ident, Literal, TokenStream};
use quote::quote;

use super::checks::{Checked, Checks};
use super::secrets::holds_secret;
use super::types::{Use, field_docs, field_type, needs_wire, serde_attributes, setter};
use crate::render::rust::docs::{docs, inner_docs, prose, sentence};
use crate::render::rust::imports::Imports;
use crate::render::rust::layout::print;
use crate::render::rust::tokens::{ident, integer, parameter, rate_limit};
use crate::{
    files::File,
    ir::{
        Api, BodyKind, Field, Input, InputId, JsonPath, Limit, Location, Operation, OperationId, OperationResult,
        Paging, PagingKind, Period, Presence, Reads, ResultPart, Section, Step, Type,
    },
    render::size,
};

/// What is known while an operation is rendered.
struct Rendering<'a> {
    api: &'a Api,
    operation: &'a Operation,
    name: Ident,
    imports: Imports,
}

/// The file of an operation.
#[must_use]
pub fn render(api: &Api, section: &Section, operation: &Operation) -> File {
    let rendering = Rendering {
        api,
        operation,
        name: ident(&operation.rust_type),
        imports: Imports::default(),
    };
    let path = format!("client/src/{}/{}.rs", section.rust_module, operation.rust_fn);
    File {
        path,
        contents: print(rendering.file()),
    }
}

impl Rendering<'_> {
    fn file(mut self) -> TokenStream {
        self.operation
            .inputs
            .iter()
            .filter(|input| !input.field.is_constant())
            .for_each(|input| self.imports.add(self.api, &input.field.ty));
        self.operation
            .result
            .parts()
            .iter()
            .for_each(|part| self.imports.add(self.api, &part.field.ty));
        let (checks, check_use) = self.checks();
        let statics = &checks.statics;
        let structure = self.structure();
        let result = self.result_struct();
        let constructors = self.constructors();
        let implementation = self.implementation(&checks.statements);
        let paged = self.paged();
        let plumbing = self.plumbing();
        let uses = self.uses(&check_use);
        let doc = inner_docs(&[format!(
            "`{} {}`",
            self.operation.method.as_str(),
            self.operation.path_template()
        )]);
        let allow = (!self.operation.superseded_by.is_empty())
            .then(|| quote!(#![allow(deprecated, reason = "what is deprecated for callers is still implemented")]));
        quote! { #doc #allow #uses #(#statics)* #structure #result #constructors #implementation #paged #plumbing }
    }

    /// Every argument and constant, in the order of the arguments.
    fn fields(&self) -> impl Iterator<Item = &Field> {
        self.operation.inputs.iter().map(|input| &input.field)
    }

    fn uses(&mut self, check_use: &TokenStream) -> TokenStream {
        for name in [
            "DecodeError",
            "InvalidArgument",
            "Operation",
            "OperationInfo",
            "RawResponse",
            "Request",
            "macros",
        ] {
            self.imports.runtime(name);
        }
        if self.operation.result.parts().iter().any(|part| !part.path.is_empty()) || self.cursor_path().is_some() {
            self.imports.runtime("Step");
        }
        if uses_wire(self.operation) {
            self.imports.runtime("wire");
        }
        if matches!(self.operation.limit, Limit::Own(_)) {
            self.imports.runtime("RateLimit");
        }
        let limits = matches!(self.operation.limit, Limit::Default | Limit::Shared(_)).then(|| {
            quote!(
                use crate::limits;
            )
        });
        let (std, runtime, types) = (
            self.imports.std(),
            self.imports.runtime_use(),
            self.imports.types_use(&quote!(crate::types)),
        );
        let bytes = matches!(self.operation.result, OperationResult::Bytes).then(|| {
            quote!(
                use bytes::Bytes;
            )
        });
        let serialises = matches!(self.operation.body, BodyKind::Json)
            || matches!(self.operation.result, OperationResult::Parts { .. });
        let serde = serialises.then(|| {
            quote!(
                use serde::Serialize;
            )
        });
        quote! { #std #bytes use http::Method; #serde #limits #check_use #runtime #types }
    }

    fn cursor_path(&self) -> Option<&JsonPath> {
        match &self.operation.paging.as_ref()?.kind {
            PagingKind::Cursor { next, .. } => Some(next),
            PagingKind::Page { .. } => None,
        }
    }

    fn checks(&self) -> (Checks, TokenStream) {
        let mut checks = Checks::default();
        for argument in self.fields() {
            let (wire, name) = (&argument.wire, ident(&argument.rust));
            let at = if argument.flatten {
                quote!(&at)
            } else {
                quote!(&at.key(#wire))
            };
            let value = quote!(self.#name);
            let checked = Checked {
                at,
                value,
                name: &argument.rust,
                optional: !argument.is_required(),
                borrowed: false,
            };
            checks.add(self.api, &argument.ty, &checked);
        }
        if checks.statements.is_empty() {
            return (checks, TokenStream::new());
        }
        let uses = checks.import(false);
        (checks, uses)
    }

    fn docs(&self) -> TokenStream {
        let operation = self.operation;
        let route = format!(
            "`{} {}`{}",
            operation.method.as_str(),
            operation.path_template(),
            limit_text(self.api, operation)
        );
        let mut paragraphs = vec![sentence(&prose(&operation.title)), prose(&operation.about), route];
        if let Some(records) = &operation.records {
            let name = &self.api.type_def(records.ty).name;
            paragraphs.push(format!(
                "The file that the answer leads to holds one [`{name}`](crate::types::{name}) per line: see `records`, or \
                 [`JsonLines`](crate::runtime::JsonLines) for a file of your own."
            ));
        }
        if !operation.errors.is_empty() {
            let codes = operation.errors.iter().map(|id| self.api.error(*id));
            let codes: Vec<_> = codes
                .map(|error| format!("{} `{}`", error.status, error.code))
                .collect();
            paragraphs.push("# Errors".to_owned());
            paragraphs.push(format!("Known refusals: {}.", codes.join(", ")));
        }
        docs(&paragraphs)
    }

    fn deprecated(&self) -> Option<TokenStream> {
        let successors: Vec<_> = self
            .operation
            .superseded_by
            .iter()
            .map(|id| successor(self.api, *id))
            .collect();
        let note = format!("use {}", successors.join(", "));
        (!successors.is_empty()).then(|| quote!(#[deprecated(note = #note)]))
    }

    fn structure(&self) -> TokenStream {
        let Self { name, .. } = self;
        let serialises = matches!(self.operation.body, BodyKind::Json);
        let fields = self.operation.inputs.iter().map(|Input { location, field }| {
            let (rust, ty) = (ident(&field.rust), field_type(self.api, &field.ty, field.is_required()));
            let attributes = match location {
                Location::Body if serialises => serde_attributes(field, Use::Written),
                _ if serialises => quote!(#[serde(skip)]),
                _ => TokenStream::new(),
            };
            if field.is_constant() {
                return quote! { #attributes #rust: &'static str, };
            }
            let docs = field_docs(&field.doc, &field.ty, field.default());
            quote! { #docs #attributes pub #rust: #ty, }
        });
        let (docs, deprecated) = (self.docs(), self.deprecated());
        let (derive, skip) = if serialises {
            (quote!(#[derive(Debug, Clone, Serialize)]), quote!(#[serde(skip)]))
        } else {
            (quote!(#[derive(Debug, Clone)]), quote!())
        };
        quote! {
            #docs
            #deprecated
            #derive
            #[must_use = "nothing is sent until it is awaited"]
            #[non_exhaustive]
            pub struct #name<C = ()> {
                #skip
                client: C,
                #(#fields)*
            }
        }
    }

    fn result_struct(&self) -> TokenStream {
        let OperationResult::Parts { rust_type, parts } = &self.operation.result else {
            return TokenStream::new();
        };
        let (name, doc) = (
            ident(rust_type),
            format!(" What [`{}`] gives.", self.operation.rust_type),
        );
        let fields = parts.iter().map(|part| {
            let (docs, ty) = (
                field_docs(&part.field.doc, &part.field.ty, None),
                field_type(self.api, &part.field.ty, part.field.is_required()),
            );
            let rust = ident(&part.field.rust);
            let skip = (!part.field.is_required()).then(|| quote!(#[serde(skip_serializing_if = "Option::is_none")]));
            quote! { #docs #skip pub #rust: #ty, }
        });
        quote! {
            #[doc = #doc]
            #[derive(Debug, Clone, PartialEq, Serialize)]
            #[non_exhaustive]
            pub struct #name { #(#fields)* }
        }
    }

    fn constructors(&self) -> TokenStream {
        let (name, api) = (&self.name, self.api);
        let signature = signature(api, self.operation);
        let passed: Vec<_> = self
            .operation
            .required_inputs()
            .map(|argument| ident(&argument.rust))
            .collect();
        let values = self.fields().map(|argument| {
            let rust = ident(&argument.rust);
            match (&argument.presence, &argument.ty) {
                (Presence::Constant(word), _) => quote!(#rust: #word),
                (Presence::Optional { .. }, _) => quote!(#rust: None),
                (Presence::Required, ty) => {
                    let (_, value) = parameter(api, &rust, ty);
                    if value.to_string() == argument.rust {
                        quote!(#rust)
                    } else {
                        quote!(#rust: #value)
                    }
                }
            }
        });
        let setters = self
            .fields()
            .filter(|argument| !argument.is_required())
            .map(|argument| {
                let docs = field_docs(&argument.doc, &argument.ty, argument.default());
                let setter = setter(api, &argument.rust, &argument.ty);
                quote! { #docs #setter }
            });
        let default = signature.is_empty().then(|| {
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
                /// Takes what is required, for use without a client.
                pub fn new(#(#signature),*) -> Self {
                    Self::with((), #(#passed),*)
                }
            }
            impl<C> #name<C> {
                pub(crate) fn with(client: C, #(#signature),*) -> Self {
                    Self { client, #(#values),* }
                }
                #(#setters)*
            }
        }
    }

    fn implementation(&self, checks: &[TokenStream]) -> TokenStream {
        let (name, info) = (&self.name, self.info());
        let (output, decode) = self.decode();
        let encode = self.encode(checks);
        let argument = if matches!(self.operation.result, OperationResult::None) {
            quote!(_)
        } else {
            quote!(response)
        };
        quote! {
            impl<C> Operation for #name<C> {
                type Output = #output;
                const INFO: &'static OperationInfo = &#info;
                fn encode(&self) -> Result<Request, InvalidArgument> {
                    #encode
                }
                fn decode(#argument: &RawResponse) -> Result<Self::Output, DecodeError> {
                    #decode
                }
            }
        }
    }

    fn info(&self) -> TokenStream {
        let operation = self.operation;
        let (id, path, method) = (
            &operation.id,
            operation.path_template(),
            ident(operation.method.as_str()),
        );
        let secret = operation
            .result
            .parts()
            .iter()
            .any(|part| holds_secret(self.api, &part.field.ty));
        let flags = [
            (!operation.authenticated, quote!(.anonymous())),
            (operation.idempotent, quote!(.idempotent())),
            (secret, quote!(.secret())),
            (matches!(operation.result, OperationResult::Bytes), quote!(.bytes())),
        ];
        let flags = flags.into_iter().filter_map(|(on, flag)| on.then_some(flag));
        let limit = self.limit().map(|limit| quote!(.limit(#limit)));
        let max_body = operation.max_body.map(|bytes| {
            let bytes = size_expression(bytes);
            quote!(.max_body(#bytes))
        });
        quote!(OperationInfo::new(#id, Method::#method, #path)#(#flags)* #limit #max_body)
    }

    /// The rate limit: the default one and those that are shared have names.
    fn limit(&self) -> Option<TokenStream> {
        Some(match &self.operation.limit {
            Limit::None => return None,
            Limit::Default => quote!(limits::DEFAULT),
            Limit::Own(rate) => rate_limit(rate),
            Limit::Shared(bucket) => {
                let name = ident(&self.api.buckets[*bucket].rust_const);
                quote!(limits::#name)
            }
        })
    }

    fn encode(&self, checks: &[TokenStream]) -> TokenStream {
        let operation = self.operation;
        let at = (!checks.is_empty()).then(|| quote!(let at = At::new(Self::INFO);));
        let path = operation.fields_in(Location::Path).map(|field| {
            let name = ident(&field.rust);
            quote!(&self.#name)
        });
        let start = quote!(Request::new(Self::INFO, &[#(#path),*]));
        let query = operation
            .fields_in(Location::Query)
            .map(|field| part(field, &ident("query")));
        let headers = operation
            .fields_in(Location::Header)
            .map(|field| part(field, &ident("header")));
        let mut steps: Vec<_> = query.chain(headers).collect();
        if let Some(split) = operation.split {
            let list = ident(&operation.input(split.list).rust);
            steps.push(quote!(request.holds(self.#list.len());));
        }
        steps.extend(self.encode_body());
        if steps.is_empty() {
            return quote! { #at #(#checks)* #start };
        }
        quote! {
            #at
            #(#checks)*
            let mut request = #start?;
            #(#steps)*
            Ok(request)
        }
    }

    fn encode_body(&self) -> Vec<TokenStream> {
        let fields = self.operation.fields_in(Location::Body);
        let encode = |field: &Field| {
            let name = ident(&field.rust);
            match self.operation.body {
                BodyKind::None | BodyKind::Json => TokenStream::new(),
                BodyKind::JsonValue => quote!(request.json(&self.#name)?;),
                BodyKind::FormMap => quote!(request.form_entries(&self.#name);),
                BodyKind::Form => part(field, &ident("form_field")),
                BodyKind::Multipart if matches!(field.ty, Type::File) => part(field, &ident("file")),
                BodyKind::Multipart => part(field, &ident("part")),
            }
        };
        match self.operation.body {
            BodyKind::Json => vec![quote!(request.json(self)?;)],
            _ => fields.map(encode).collect(),
        }
    }

    fn decode(&self) -> (TokenStream, TokenStream) {
        match &self.operation.result {
            OperationResult::None => (quote!(()), quote!(Ok(()))),
            OperationResult::Bytes => (quote!(Bytes), quote!(Ok(response.body().clone()))),
            OperationResult::Value(part) => (field_type(self.api, &part.field.ty, true), decode_part(part)),
            OperationResult::Parts { rust_type, parts } => {
                let name = ident(rust_type);
                let fields = parts.iter().map(|part| {
                    let (rust, value) = (ident(&part.field.rust), decode_part(part));
                    quote!(#rust: #value?)
                });
                (quote!(#name), quote!(Ok(#name { #(#fields),* })))
            }
        }
    }

    fn paged(&mut self) -> TokenStream {
        let Some(paging) = &self.operation.paging else {
            return TokenStream::new();
        };
        for name in ["Error", "Paged", "Response", "paging"] {
            self.imports.runtime(name);
        }
        let name = &self.name;
        let list = &self.operation.result.parts()[paging.items];
        let item = match &list.field.ty {
            Type::List(inner, _) => field_type(self.api, inner, true),
            other => field_type(self.api, other, true),
        };
        let part = matches!(self.operation.result, OperationResult::Parts { .. }).then(|| {
            let rust = ident(&list.field.rust);
            quote!(.#rust)
        });
        let default = (!list.field.is_required()).then(|| quote!(.unwrap_or_default()));
        let start = self.start(paging);
        let advance = self.advance(paging, part.as_ref(), list.field.is_required());
        quote! {
            impl<C> Paged for #name<C> {
                type Item = #item;
                fn items(page: Self::Output) -> Vec<Self::Item> {
                    page #part #default
                }
                #start
                fn advance(&mut self, page: &Response<Self::Output>) -> Result<bool, Error> {
                    #advance
                }
            }
        }
    }

    /// What the first request says beyond its arguments.
    fn start(&self, paging: &Paging) -> Option<TokenStream> {
        let PagingKind::Page { number, size, first } = &paging.kind else {
            return None;
        };
        let operation = self.operation;
        let (number, size_name) = (
            ident(&operation.input(*number).rust),
            ident(&operation.input(*size).rust),
        );
        let (first, default) = (integer(*first), self.default_size(*size));
        Some(quote! {
            fn start(&mut self) {
                paging::start(&mut self.#number, #first, &mut self.#size_name, #default);
            }
        })
    }

    fn default_size(&self, size: InputId) -> TokenStream {
        let default = self.operation.input(size).default();
        integer(default.and_then(crate::ir::Json::as_i64).unwrap_or(1))
    }

    fn advance(&self, paging: &Paging, part: Option<&TokenStream>, required: bool) -> TokenStream {
        let operation = self.operation;
        match &paging.kind {
            PagingKind::Cursor {
                param,
                next,
                ends_empty,
            } => {
                let (name, place) = (ident(&operation.input(*param).rust), steps(next));
                let end = ends_empty.then(|| {
                    let empty = if required {
                        quote!(page.value #part.is_empty())
                    } else {
                        quote!(page.value #part.as_ref().is_none_or(Vec::is_empty))
                    };
                    quote!(if #empty { return Ok(false); })
                });
                quote!(#end paging::cursor(&mut self.#name, page, #place))
            }
            PagingKind::Page { number, size, first } => {
                let (number, size_name) = (
                    ident(&operation.input(*number).rust),
                    ident(&operation.input(*size).rust),
                );
                let default = self.default_size(*size);
                let first = integer(*first);
                let count = if required {
                    quote!(page.value #part.len())
                } else {
                    quote!(page.value #part.as_ref().map_or(0, Vec::len))
                };
                quote! {
                    let size = self.#size_name.unwrap_or(#default);
                    Ok(paging::number(&mut self.#number, #first, size, #count))
                }
            }
        }
    }

    /// The way to send a list that is longer than the server takes.
    fn splittable(&self) -> Option<TokenStream> {
        let split = self.operation.split?;
        let field = self.operation.input(split.list);
        let Type::List(inner, _) = &field.ty else { return None };
        let most = Literal::u64_unsuffixed(split.most);
        let (name, list, element) = (&self.name, ident(&field.rust), field_type(self.api, inner, true));
        Some(quote!(macros::splittable!(#name, #list: #element, #most);))
    }

    /// The way to the records in the files that the result links to.
    fn recorded(&self) -> Option<TokenStream> {
        let records = self.operation.records.as_ref()?;
        let record = ident(&self.api.type_def(records.ty).name);
        let field = &self.operation.result.parts()[records.part].field;
        let part = matches!(self.operation.result, OperationResult::Parts { .. }).then(|| {
            let name = ident(&field.rust);
            quote!(.#name)
        });
        let link = records.field.as_ref().map(|link| {
            let name = ident(&link.rust);
            quote!(.#name)
        });
        let links = match field.ty {
            Type::List(..) => {
                quote!(output #part.iter().map(|file| file #link.clone()).collect())
            }
            _ => quote!(vec![output #part #link.clone()]),
        };
        let name = &self.name;
        Some(quote!(macros::recorded!(#name, crate::types::#record, |output| #links);))
    }

    fn plumbing(&self) -> TokenStream {
        let name = &self.name;
        let sendable = if matches!(self.operation.result, OperationResult::Bytes) {
            quote!(macros::downloadable!(#name);)
        } else {
            quote!(macros::sendable!(#name);)
        };
        let pageable = self
            .operation
            .paging
            .is_some()
            .then(|| quote!(macros::pageable!(#name);));
        let recorded = self.recorded();
        let splittable = self.splittable();
        quote! { #sendable #pageable #recorded #splittable }
    }
}

/// What is deprecated may still be implemented and handed out.
pub(super) fn allow_deprecated(operation: &Operation) -> TokenStream {
    if operation.superseded_by.is_empty() {
        return TokenStream::new();
    }
    quote!(#[allow(deprecated, reason = "it is deprecated for callers")])
}

fn signature(api: &Api, operation: &Operation) -> Vec<TokenStream> {
    let parameters = operation.required_inputs().map(|argument| {
        let name = ident(&argument.rust);
        let (ty, _) = parameter(api, &name, &argument.ty);
        quote!(#name: #ty)
    });
    parameters.collect()
}

/// The method on the section's handle that begins a request.
#[must_use]
pub fn method(api: &Api, operation: &Operation) -> TokenStream {
    let (signature, name, method) = (
        signature(api, operation),
        ident(&operation.rust_type),
        ident(&operation.rust_fn),
    );
    let passed = operation.required_inputs().map(|argument| ident(&argument.rust));
    let docs = docs(&[
        sentence(&prose(&operation.title)),
        format!("`{} {}`", operation.method.as_str(), operation.path_template()),
    ]);
    let successors: Vec<_> = operation.superseded_by.iter().map(|id| successor(api, *id)).collect();
    let deprecated = (!successors.is_empty()).then(|| {
        let note = format!("use {}", successors.join(", "));
        let allow = allow_deprecated(operation);
        quote!(#[deprecated(note = #note)] #allow)
    });
    quote! {
        #docs
        #deprecated
        pub fn #method(self, #(#signature),*) -> #name<C> {
            #name::with(self.0, #(#passed),*)
        }
    }
}

/// The declared types that the method names.
pub(super) fn method_imports(api: &Api, operation: &Operation, imports: &mut Imports) {
    for argument in operation.required_inputs() {
        imports.add(api, &argument.ty);
    }
}

fn successor(api: &Api, id: OperationId) -> String {
    format!(
        "`{}().{}(..)`",
        api.section_of(id).rust_module,
        api.operation(id).rust_fn
    )
}

fn part(field: &Field, method: &Ident) -> TokenStream {
    let (wire, name) = (&field.wire, ident(&field.rust));
    match field.ty {
        Type::File if !field.is_required() => quote!(request.#method(#wire, self.#name.as_ref())?;),
        _ => quote!(request.#method(#wire, &self.#name)?;),
    }
}

/// The expression that reads a part of the result: a `Result` of its type.
fn decode_part(part: &ResultPart) -> TokenStream {
    let places: Vec<_> = part.paths().map(|path| steps(&path)).collect();
    let place = match places.as_slice() {
        [place] => place.clone(),
        places => quote!(response.first(&[#(#places),*])?),
    };
    let convert = match &part.field.reads {
        Reads::OneOrMany => quote!(|wire::OneOrMany(list)| list),
        Reads::NumberOrText { .. } if part.field.is_lenient_int() => quote!(|wire::LenientInt(value)| value),
        Reads::TextForTrue(word) => quote!(|text: wire::BoolText| text.is(#word)),
        _ if part.field.is_required() => return quote!(response.at(#place)),
        _ => return quote!(response.find(#place)),
    };
    if part.field.is_required() {
        quote!(response.at(#place).map(#convert))
    } else {
        quote!(response.find(#place).map(|found| found.map(#convert)))
    }
}

fn steps(path: &JsonPath) -> TokenStream {
    let steps = path.0.iter().map(|step| match step {
        Step::Key(key) => quote!(Step::Key(#key)),
        Step::Index(index) => {
            let index = Literal::usize_unsuffixed(*index);
            quote!(Step::Index(#index))
        }
    });
    quote!(&[#(#steps),*])
}

/// A number of bytes, written so that its unit is seen.
fn size_expression(bytes: u64) -> TokenStream {
    let (count, power) = size::in_units(bytes);
    let count = Literal::u64_unsuffixed(count);
    let units = std::iter::repeat_n(quote!(*1024), power);
    quote!(#count #(#units)*)
}

/// The limits of an operation, as the end of a sentence.
fn limit_text(api: &Api, operation: &Operation) -> String {
    let mut text = String::new();
    if let Some(rate) = operation.limit.rate(api) {
        let period = match rate.period {
            Period::Second => "second",
            Period::Minute => "minute",
            Period::Hour => "hour",
        };
        text.push_str(&format!(", at most {} {} per {period}", rate.count, rate.unit));
        if let Limit::Shared(bucket) = operation.limit {
            text.push_str(&format!(", shared as `{}`", api.buckets[bucket].key));
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

/// Whether the attributes of the request's fields name `wire`.
fn uses_wire(operation: &Operation) -> bool {
    let two_forms = |part: &ResultPart| {
        part.field.is_lenient_int() || matches!(part.field.reads, Reads::OneOrMany | Reads::TextForTrue(_))
    };
    operation.result.parts().iter().any(two_forms)
        || (operation.body == BodyKind::Json
            && operation
                .fields_in(Location::Body)
                .any(|field| needs_wire(field, false)))
}
