//! Samples of a call, shared by the outputs that show one.

use std::collections::BTreeSet;

use proc_macro2::TokenStream;
use quote::quote;

use super::rust::layout::print_statements;
use super::rust::tokens::{TypeName, ident, integer, rust_type, time_type};
use crate::ir::{
    Api, EnumRepr, Example, ExampleBody, Field, Json, Operation, OperationId, OperationResult, Reads, Section, Segment,
    Type, TypeId, TypeKind,
};
use crate::names;

/// The call of an example in Rust, as statements inside an `async fn` that has a `client: Client` and returns a `Result`.
///
/// The last statement binds the result: `let user = client.users().create("alice").await?;`.
#[must_use]
pub fn rust(api: &Api, operation: OperationId, example: &Example) -> String {
    let call = call(api, operation, example);
    let (uses, statement) = (call.uses, call.statement);
    print_statements(quote! { #uses #statement })
}

/// The call of an example, in pieces.
#[derive(Debug)]
pub struct Call {
    /// What it imports.
    pub uses: TokenStream,
    /// The call itself, up to its `?`.
    pub expression: TokenStream,
    /// The call as a statement that binds the result.
    pub statement: TokenStream,
    /// The name that the result is bound to, if there is one.
    pub result: Option<String>,
}

/// The call of an example, as tokens.
#[must_use]
pub fn call(api: &Api, id: OperationId, example: &Example) -> Call {
    let operation = api.operation(id);
    let mut sample = Sample {
        api,
        types: BTreeSet::new(),
        roots: BTreeSet::new(),
        json: false,
    };
    let (mut required, mut setters) = (Vec::new(), Vec::new());
    for argument in &example.arguments {
        let field = operation.input(argument.input);
        let value = sample.argument(&argument.value, &field.ty);
        if field.is_required() {
            required.push((argument.input, value));
        } else {
            let rust = ident(&field.rust);
            setters.push(quote!(.#rust(#value)));
        }
    }
    required.sort_by_key(|(input, _)| *input);
    let required = required.into_iter().map(|(_, value)| value);
    let (section, method) = (ident(&api.section_of(id).rust_module), ident(&operation.rust_fn));
    let call = quote!(client.#section().#method(#(#required),*)#(#setters)*.await?);
    let result = result_name(api, operation);
    let statement = match &result {
        Some(name) => {
            let name = ident(name);
            quote!(let #name = #call;)
        }
        None => quote!(#call;),
    };
    Call {
        uses: sample.uses(),
        expression: call,
        statement,
        result,
    }
}

/// The file with the tests of a section, in the folder of the client crate.
#[must_use]
pub fn test_file(section: &Section) -> String {
    format!("tests/examples/{}.rs", section.rust_module)
}

fn result_name(api: &Api, operation: &Operation) -> Option<String> {
    let name = |ty: &Type| match ty {
        Type::Named(id) => names::variable(&api.type_def(*id).name, false),
        Type::List(inner, _) => match **inner {
            Type::Named(id) => names::variable(&api.type_def(id).name, true),
            _ => "items".to_owned(),
        },
        Type::Map(..) | Type::JsonObject => "entries".to_owned(),
        _ => "value".to_owned(),
    };
    match &operation.result {
        OperationResult::None => None,
        OperationResult::Bytes => Some("download".to_owned()),
        OperationResult::Parts { .. } => Some("result".to_owned()),
        OperationResult::Value(part) => Some(name(&part.field.ty)),
    }
}

/// Builds expressions, and notes what they import.
struct Sample<'a> {
    api: &'a Api,
    types: BTreeSet<String>,
    roots: BTreeSet<&'static str>,
    json: bool,
}

impl Sample<'_> {
    fn uses(&self) -> TokenStream {
        let krate = ident(&self.api.name);
        let group = |names: Vec<proc_macro2::Ident>, path: TokenStream| match names.as_slice() {
            [] => TokenStream::new(),
            [name] => quote!(use #path::#name;),
            names => quote!(use #path::{#(#names),*};),
        };
        let (files, times): (Vec<_>, Vec<_>) = self.roots.iter().partition(|name| **name == "File");
        let files = group(files.into_iter().map(ident).collect(), quote!(#krate));
        let times = group(times.into_iter().map(ident).collect(), quote!(#krate::runtime));
        let types = group(
            self.types.iter().map(|name| ident(name)).collect(),
            quote!(#krate::types),
        );
        let json = self.json.then(|| {
            quote!(
                use serde_json::json;
            )
        });
        quote! { #files #times #types #json }
    }

    /// A value where the method takes `impl Into<T>`, or an iterator of such.
    fn argument(&mut self, value: &Json, ty: &Type) -> TokenStream {
        match (ty, value) {
            (Type::List(inner, _), Json::Array(items)) if !items.is_empty() => {
                let items = items.iter().map(|item| self.element(item, inner));
                quote!([#(#items),*])
            }
            (Type::List(inner, _), Json::Array(_)) => {
                let inner = self.type_name(inner);
                quote!(Vec::<#inner>::new())
            }
            (Type::Map(inner, _), Json::Object(entries)) if entries.is_empty() => {
                let inner = self.type_name(inner);
                quote!(Vec::<(String, #inner)>::new())
            }
            (Type::JsonObject, Json::Object(entries)) if entries.is_empty() => quote!(serde_json::Map::new()),
            (Type::Map(inner, _), Json::Object(entries)) => {
                let entries = entries.iter().map(|(key, value)| {
                    let value = self.element(value, inner);
                    quote!((#key, #value))
                });
                quote!([#(#entries),*])
            }
            (Type::JsonObject, Json::Object(entries)) => {
                self.json = true;
                let entries = entries.iter().map(|(key, value)| {
                    let value = json_tokens(value);
                    quote!((#key, json!(#value)))
                });
                quote!([#(#entries),*])
            }
            (Type::Nullable(_), Json::Null) => {
                self.roots.insert("Nullable");
                quote!(Nullable::Null)
            }
            (Type::Nullable(inner), value) => match **inner {
                Type::String(_) => self.argument(value, inner),
                _ => self.exact(value, inner),
            },
            (Type::String(_) | Type::Secret(_), Json::String(text)) => quote!(#text),
            (Type::Named(id), value) => self.named(value, *id, false),
            (ty, value) => self.scalar(value, ty),
        }
    }

    /// A value beside others: where `into` would need a type of its own for each of them, they are written in full.
    fn element(&mut self, value: &Json, ty: &Type) -> TokenStream {
        match ty {
            Type::Map(..) | Type::List(..) | Type::JsonObject | Type::Nullable(_) => self.exact(value, ty),
            _ => self.argument(value, ty),
        }
    }

    /// A value where exactly its own type is needed.
    fn exact(&mut self, value: &Json, ty: &Type) -> TokenStream {
        match (ty, value) {
            (Type::String(_), Json::String(text)) => quote!(#text.to_owned()),
            (Type::Secret(_), Json::String(text)) => {
                self.roots.insert("Secret");
                quote!(Secret::new(#text))
            }
            (Type::List(inner, _), Json::Array(items)) if !items.is_empty() => {
                let items: Vec<_> = items.iter().map(|item| self.exact(item, inner)).collect();
                quote!(vec![#(#items),*])
            }
            (Type::Map(inner, _), Json::Object(entries)) => {
                let entries: Vec<_> = entries
                    .iter()
                    .map(|(key, value)| {
                        let value = self.exact(value, inner);
                        quote!((#key.to_owned(), #value))
                    })
                    .collect();
                quote!(std::collections::BTreeMap::from([#(#entries),*]))
            }
            (Type::JsonObject, Json::Object(entries)) => {
                self.json = true;
                let entries = entries.iter().map(|(key, value)| {
                    let value = json_tokens(value);
                    quote!((#key.to_owned(), json!(#value)))
                });
                quote!([#(#entries),*].into_iter().collect::<serde_json::Map<_, _>>())
            }
            (Type::Nullable(inner), value) if !value.is_null() => {
                self.roots.insert("Nullable");
                let value = self.exact(value, inner);
                quote!(Nullable::Value(#value))
            }
            (Type::Named(id), value) => self.named(value, *id, true),
            (ty, value) => self.argument(value, ty),
        }
    }

    fn scalar(&mut self, value: &Json, ty: &Type) -> TokenStream {
        let number = || {
            value
                .as_i64()
                .or_else(|| value.as_str()?.parse().ok())
                .unwrap_or_default()
        };
        let time = |name: &'static str, sample: &mut Self| {
            sample.roots.insert(name);
            let (name, number) = (ident(name), integer(number()));
            quote!(#name(#number))
        };
        match ty {
            Type::Bool => {
                let value = value.as_bool().unwrap_or_default();
                quote!(#value)
            }
            Type::Int(_) => integer(number()),
            Type::Float => {
                let value = proc_macro2::Literal::f64_unsuffixed(value.as_f64().unwrap_or_default());
                quote!(#value)
            }
            Type::Timestamp(_) | Type::Duration(_) => time(time_type(ty), self),
            Type::File => self.file(value),
            _ => {
                self.json = true;
                let value = json_tokens(value);
                quote!(json!(#value))
            }
        }
    }

    fn file(&mut self, value: &Json) -> TokenStream {
        self.roots.insert("File");
        let text = |key: &str| value.get(key).and_then(Json::as_str).unwrap_or_default();
        let (name, media_type, content) = (text("filename"), text("type"), text("content"));
        quote!(File::bytes(#name, #content).content_type(#media_type))
    }

    fn named(&mut self, value: &Json, id: TypeId, exact: bool) -> TokenStream {
        let api = self.api;
        let def = api.type_def(id);
        let name = ident(&def.name);
        match &def.kind {
            TypeKind::Newtype(Type::Int(_)) => {
                let value = integer(value.as_i64().unwrap_or_default());
                if exact { self.from(id, &value) } else { value }
            }
            TypeKind::Newtype(_) => {
                let text = value.as_str().unwrap_or_default();
                if exact {
                    self.from(id, &quote!(#text))
                } else {
                    quote!(#text)
                }
            }
            TypeKind::Enum { repr, values } => {
                self.types.insert(def.name.clone());
                let wire = value.as_str().map_or_else(|| value.to_string(), str::to_owned);
                match values.iter().find(|known| known.wire == wire) {
                    Some(known) => {
                        let variant = ident(&known.rust);
                        quote!(#name::#variant)
                    }
                    None if *repr == EnumRepr::Int => {
                        let value = integer(value.as_i64().unwrap_or_default());
                        quote!(#name::from(#value))
                    }
                    None => quote!(#name::from(#wire)),
                }
            }
            TypeKind::Object(fields) => {
                self.types.insert(def.name.clone());
                self.object(&name, value, fields)
            }
            TypeKind::Union(union) => {
                self.types.insert(def.name.clone());
                let tag = value.get(&union.tag).and_then(Json::as_str).unwrap_or_default();
                let Some(variant) = union.variants.iter().find(|variant| variant.tag == tag) else {
                    return quote!(#name);
                };
                let content = union.content.as_ref().map_or(Some(value), |content| value.get(content));
                let content = self.named(content.unwrap_or(&Json::Null), variant.ty, true);
                let variant = ident(&variant.rust);
                quote!(#name::#variant(#content))
            }
            TypeKind::OneKey(variants) => {
                self.types.insert(def.name.clone());
                let found = variants
                    .iter()
                    .find_map(|variant| Some((variant, value.get(&variant.key)?)));
                let Some((variant, content)) = found else {
                    return quote!(#name);
                };
                let content = self.exact(content, &variant.ty);
                let variant = ident(&variant.rust);
                quote!(#name::#variant(#content))
            }
        }
    }

    fn from(&mut self, id: TypeId, value: &TokenStream) -> TokenStream {
        let def = self.api.type_def(id);
        self.types.insert(def.name.clone());
        let name = ident(&def.name);
        quote!(#name::from(#value))
    }

    fn object(&mut self, name: &proc_macro2::Ident, value: &Json, fields: &[Field]) -> TokenStream {
        let (mut required, mut setters) = (Vec::new(), Vec::new());
        for field in fields.iter().filter(|field| !field.is_constant()) {
            let given = if field.flatten {
                Some(value)
            } else {
                value.get(&field.wire)
            };
            let Some(given) = given else { continue };
            let expression = self.argument(given, &field.ty);
            if field.is_required() {
                required.push(expression);
            } else {
                let rust = ident(&field.rust);
                setters.push(quote!(.#rust(#expression)));
            }
        }
        quote!(#name::new(#(#required),*)#(#setters)*)
    }

    fn type_name(&mut self, ty: &Type) -> TokenStream {
        rust_type(ty, &mut |name| match name {
            TypeName::Map => quote!(std::collections::BTreeMap),
            TypeName::Runtime(name) => {
                self.roots.insert(name);
                let name = ident(name);
                quote!(#name)
            }
            TypeName::Declared(id) => {
                let name = &self.api.type_def(id).name;
                self.types.insert(name.clone());
                let name = ident(name);
                quote!(#name)
            }
        })
    }
}

/// JSON as the tokens of `json!`.
fn json_tokens(value: &Json) -> TokenStream {
    match value {
        Json::Null => quote!(null),
        Json::Bool(value) => quote!(#value),
        Json::Number(number) => match number.as_i64() {
            Some(number) => integer(number),
            None => {
                let number = proc_macro2::Literal::f64_unsuffixed(number.as_f64().unwrap_or_default());
                quote!(#number)
            }
        },
        Json::String(text) => quote!(#text),
        Json::Array(items) => {
            let items = items.iter().map(json_tokens);
            quote!([#(#items),*])
        }
        Json::Object(entries) => {
            let entries = entries.iter().map(|(key, value)| {
                let value = json_tokens(value);
                quote!(#key: #value)
            });
            quote!({#(#entries),*})
        }
    }
}

/// The call of an example as a curl command line.
///
/// What a reader has to fill in stands in capitals as a shell variable: `$HOST`, `$TOKEN`, and the parameters of the base path.
#[must_use]
pub fn curl(api: &Api, id: OperationId, example: &Example) -> String {
    let operation = api.operation(id);
    let mut out = String::from("curl");
    if operation.method.as_str() != "GET" {
        out += &format!(" -X {}", operation.method.as_str());
    }
    out += &format!(" \"$HOST{}{}\"", base_variables(api), shell_text(&example.target));
    if let (true, Some(auth)) = (operation.authenticated, &api.auth) {
        out += &format!(" \\\n  -H \"{}: {}$TOKEN\"", auth.header, auth.prefix);
    }
    for (name, value) in &example.headers {
        out += &format!(" \\\n  -H {}", single_quoted(&format!("{name}: {value}")));
    }
    match &example.body {
        ExampleBody::None => {}
        ExampleBody::Json(json) => {
            out += &format!(
                " \\\n  -H 'Content-Type: application/json' \\\n  -d {}",
                single_quoted(&json.to_string())
            );
        }
        ExampleBody::Form(form) => out += &format!(" \\\n  -d {}", single_quoted(form)),
        ExampleBody::Multipart(parts) => {
            for (name, value) in parts {
                out += &format!(" \\\n  -F {}", single_quoted(&multipart_part(name, value)));
            }
        }
    }
    if matches!(operation.result, OperationResult::Bytes) {
        out += " \\\n  -o download";
    }
    out + "\n"
}

fn multipart_part(name: &str, value: &Json) -> String {
    match (
        value.get("filename").and_then(Json::as_str),
        value.get("type").and_then(Json::as_str),
    ) {
        (Some(filename), Some(media_type)) => format!("{name}=@{filename};type={media_type}"),
        _ => format!("{name}={}", plain_text(value)),
    }
}

/// A value as the text of a part; the elements of a list are joined by commas.
#[must_use]
pub fn plain_text(value: &Json) -> String {
    match value {
        Json::String(text) => text.clone(),
        Json::Array(items) => items.iter().map(plain_text).collect::<Vec<_>>().join(","),
        Json::Number(number) if number.is_f64() => number.as_f64().unwrap_or_default().to_string(),
        other => other.to_string(),
    }
}

/// The base path with a shell variable for each parameter.
#[must_use]
pub fn base_variables(api: &Api) -> String {
    let mut out = String::new();
    for segment in &api.base.segments {
        let variables = api.base.params.iter().zip(&api.base.variables);
        match segment {
            Segment::Literal(text) => out += &format!("/{text}"),
            Segment::Param(name) => {
                let mut variables = variables.filter(|(param, _)| param.wire == *name);
                out += &format!("/${}", variables.next().map_or(name, |(_, variable)| variable));
            }
        }
    }
    out
}

/// Text within double quotes of a shell.
fn shell_text(text: &str) -> String {
    text.chars().fold(String::new(), |mut out, c| {
        if matches!(c, '"' | '\\' | '$' | '`') {
            out.push('\\');
        }
        out.push(c);
        out
    })
}

fn single_quoted(text: &str) -> String {
    format!("'{}'", text.replace('\'', r"'\''"))
}

/// The typed result of an answer, as the client would write it: known fields alone, in one form where the wire has several.
///
/// Keys of a result of several parts are their Rust names.
#[must_use]
pub fn canonical_result(api: &Api, operation: &Operation, answer: &Json) -> Option<Json> {
    match &operation.result {
        OperationResult::None | OperationResult::Bytes => None,
        OperationResult::Value(part) => part
            .path
            .find(answer)
            .map(|value| canonical_field(api, &part.field, value)),
        OperationResult::Parts { parts, .. } => {
            let found = parts.iter().filter_map(|part| {
                let value = counting(part.paths().filter_map(|path| path.find(answer)))?;
                let there = part.field.is_required() || !value.is_null();
                there.then(|| (part.field.rust.clone(), canonical_field(api, &part.field, value)))
            });
            Some(Json::Object(found.collect()))
        }
    }
}

/// Of what stands under the spellings of a field the one that counts: the first that is not null.
fn counting<'j>(spelled: impl Iterator<Item = &'j Json>) -> Option<&'j Json> {
    spelled.min_by_key(|value| value.is_null())
}

/// The value of a field as the client would write it.
fn canonical_field(api: &Api, field: &Field, value: &Json) -> Json {
    match (&field.reads, value) {
        (Reads::NumberOrText { sent_as }, value) => {
            let number = value
                .as_i64()
                .or_else(|| value.as_str()?.parse().ok())
                .unwrap_or_default();
            match sent_as {
                EnumRepr::Int => number.into(),
                EnumRepr::String => number.to_string().into(),
            }
        }
        (Reads::TextForTrue(word), Json::String(text)) => (text == word).into(),
        (Reads::OneOrMany, value) if !value.is_array() => canonical(api, &field.ty, &Json::Array(vec![value.clone()])),
        _ => canonical(api, &field.ty, value),
    }
}

/// A value as the client would write it.
#[must_use]
pub fn canonical(api: &Api, ty: &Type, value: &Json) -> Json {
    match (ty, value) {
        (Type::List(inner, _), Json::Array(items)) => items.iter().map(|item| canonical(api, inner, item)).collect(),
        (Type::Map(inner, _), Json::Object(entries)) => entries
            .iter()
            .map(|(key, value)| (key.clone(), canonical(api, inner, value)))
            .collect::<serde_json::Map<_, _>>()
            .into(),
        (Type::Nullable(inner), value) if !value.is_null() => canonical(api, inner, value),
        (Type::Named(id), value) => canonical_named(api, *id, value),
        (_, value) => value.clone(),
    }
}

fn canonical_named(api: &Api, id: TypeId, value: &Json) -> Json {
    match &api.type_def(id).kind {
        TypeKind::Newtype(_) | TypeKind::Enum { .. } => value.clone(),
        TypeKind::OneKey(variants) => {
            let found = variants
                .iter()
                .find_map(|variant| Some((variant, value.get(&variant.key)?)));
            match found {
                Some((variant, content)) => {
                    let content = canonical(api, &variant.ty, content);
                    Json::Object([(variant.key.clone(), content)].into_iter().collect())
                }
                None => value.clone(),
            }
        }
        TypeKind::Object(fields) => Json::Object(canonical_fields(api, fields, value)),
        TypeKind::Union(union) => {
            let tag = value.get(&union.tag).and_then(Json::as_str).unwrap_or_default();
            let Some(variant) = union.variants.iter().find(|variant| variant.tag == tag) else {
                return value.clone();
            };
            let mut out = serde_json::Map::new();
            out.insert(union.tag.clone(), tag.into());
            match &union.content {
                Some(key) => {
                    let content = value.get(key).map(|content| canonical_named(api, variant.ty, content));
                    out.insert(key.clone(), content.unwrap_or_default());
                }
                None => {
                    if let Json::Object(content) = canonical_named(api, variant.ty, value) {
                        out.extend(content);
                    }
                }
            }
            Json::Object(out)
        }
    }
}

fn canonical_fields(api: &Api, fields: &[Field], value: &Json) -> serde_json::Map<String, Json> {
    let mut out = serde_json::Map::new();
    for field in fields {
        if field.flatten {
            if let Json::Object(inner) = canonical(api, &field.ty, value) {
                out.extend(inner);
            }
            continue;
        }
        let nullable = matches!(field.ty, Type::Nullable(_) | Type::Json);
        let given = counting(field.spellings().filter_map(|spelling| value.get(spelling)));
        let given = given.filter(|value| nullable || !value.is_null());
        if let Some(given) = given {
            out.insert(field.wire.clone(), canonical_field(api, field, given));
        }
    }
    out
}
