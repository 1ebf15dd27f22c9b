//! Pieces of Rust that every generated file is made of.

use proc_macro2::{Ident, Literal, Span, TokenStream};
use quote::{ToTokens, quote};

use crate::ir::{Api, CountRule, EnumRepr, IntRule, Period, Rate, StringRule, Text, TimeUnit, Type, TypeId, TypeKind};

/// The width that doc comments are wrapped at.
const DOC_WIDTH: usize = 96;

/// An identifier. Every name in the IR is known to be one.
#[must_use]
pub fn ident(name: &str) -> Ident {
    Ident::new(name, Span::call_site())
}

pub use crate::render::rust::layout::print;

/// A string literal that reads like its text: raw where it would need escapes.
#[must_use]
pub fn string(text: &str) -> TokenStream {
    let plain = quote!(#text);
    // Lines of code are looked at one by one after printing, so a literal of several lines must not look like code.
    if !text.contains('"') || text.contains(['\n', '\r']) {
        return plain;
    }
    let hashes = (1..=8)
        .map(|count| "#".repeat(count))
        .find(|hashes| !text.contains(&format!("\"{hashes}")));
    hashes
        .and_then(|hashes| format!("r{hashes}\"{text}\"{hashes}").parse().ok())
        .unwrap_or(plain)
}

/// Doc comments for paragraphs of plain text.
#[must_use]
pub fn docs(paragraphs: &[String]) -> TokenStream {
    let mut lines = Vec::new();
    for paragraph in paragraphs.iter().filter(|paragraph| !paragraph.is_empty()) {
        if !lines.is_empty() {
            lines.push(String::new());
        }
        lines.extend(wrap(paragraph));
    }
    let lines = lines.iter().map(|line| {
        if line.is_empty() {
            String::new()
        } else {
            format!(" {line}")
        }
    });
    quote!(#(#[doc = #lines])*)
}

/// Doc comments for a module or crate.
#[must_use]
pub fn inner_docs(paragraphs: &[String]) -> TokenStream {
    let mut lines: Vec<String> = Vec::new();
    for paragraph in paragraphs {
        if !lines.is_empty() {
            lines.push(String::new());
        }
        lines.extend(wrap(paragraph).into_iter().map(|line| format!(" {line}")));
    }
    quote!(#(#![doc = #lines])*)
}

fn wrap(paragraph: &str) -> Vec<String> {
    let mut lines = vec![String::new()];
    for word in words(paragraph) {
        let current = lines.last().map_or(0, |line| line.chars().count());
        if current > 0 && current + 1 + word.chars().count() > DOC_WIDTH {
            lines.push(String::new());
        }
        if let Some(line) = lines.last_mut() {
            if !line.is_empty() {
                line.push(' ');
            }
            line.push_str(word);
        }
    }
    lines
}

/// Words, where a code span is one word whatever blanks it holds.
fn words(text: &str) -> Vec<&str> {
    let (mut out, mut start, mut in_code) = (Vec::new(), 0, false);
    for (at, c) in text.char_indices() {
        in_code ^= c == '`';
        if c.is_whitespace() && !in_code {
            out.push(&text[start..at]);
            start = at + c.len_utf8();
        }
    }
    out.push(&text[start..]);
    out.retain(|word| !word.is_empty());
    out
}

/// A text of the spec for a doc comment: code in backticks stays, everything that markdown would read is escaped.
#[must_use]
pub fn prose(text: &Text) -> String {
    escape_markdown(text.get(0))
}

/// A text as code, whatever it holds.
#[must_use]
pub fn code(text: &str) -> String {
    let runs = text.split(|c| c != '`').map(str::len);
    match runs.max() {
        None | Some(0) => format!("`{text}`"),
        Some(longest) => {
            let fence = "`".repeat(longest + 1);
            format!("{fence} {text} {fence}")
        }
    }
}

/// Plain text with code in backticks, as markdown.
#[must_use]
pub fn escape_markdown(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut in_code = false;
    let balanced = text.matches('`').count().is_multiple_of(2);
    for c in text.chars() {
        match c {
            '`' if balanced => {
                in_code = !in_code;
                out.push('`');
            }
            '\n' | '\r' => out.push(' '),
            '[' | ']' | '<' | '>' | '&' | '*' | '_' | '`' | '\\' | '#' | '|' | '~' if !in_code => out.extend(['\\', c]),
            c => out.push(c),
        }
    }
    out
}

/// The first sentence of a text ends with a full stop.
#[must_use]
pub fn sentence(text: &str) -> String {
    if text.is_empty() || text.ends_with(['.', '!', '?', '。']) {
        text.to_owned()
    } else {
        format!("{text}.")
    }
}

/// The Rust type of a value.
#[must_use]
pub fn rust_type(api: &Api, ty: &Type) -> TokenStream {
    match ty {
        Type::String(_) => quote!(String),
        Type::Secret(_) => quote!(Secret),
        Type::Bool | Type::LooseBool(_) => quote!(bool),
        Type::Int(_) | Type::LooseInt { .. } => quote!(i64),
        Type::Float => quote!(f64),
        Type::Json => quote!(serde_json::Value),
        Type::JsonObject => quote!(serde_json::Map<String, serde_json::Value>),
        Type::Timestamp(unit) | Type::LooseTimestamp(unit) => match unit {
            TimeUnit::Millis => quote!(TimestampMillis),
            TimeUnit::Seconds => quote!(TimestampSeconds),
        },
        Type::Duration(unit) | Type::LooseDuration(unit) => match unit {
            TimeUnit::Millis => quote!(Millis),
            TimeUnit::Seconds => quote!(Seconds),
        },
        Type::File => quote!(File),
        Type::Named(id) => {
            let name = ident(&api.type_def(*id).name);
            quote!(#name)
        }
        Type::List(inner, _) | Type::OneOrMany(inner) => {
            let inner = rust_type(api, inner);
            quote!(Vec<#inner>)
        }
        Type::Map(inner, _) => {
            let inner = rust_type(api, inner);
            quote!(BTreeMap<String, #inner>)
        }
        Type::Nullable(inner) => {
            let inner = rust_type(api, inner);
            quote!(Nullable<#inner>)
        }
    }
}

/// How a value is taken as an argument: the parameter's type, and the expression that makes the field of it.
#[must_use]
pub fn parameter(api: &Api, name: &Ident, ty: &Type) -> (TokenStream, TokenStream) {
    match ty {
        Type::Bool | Type::LooseBool(_) | Type::File | Type::Json => (rust_type(api, ty), quote!(#name)),
        Type::List(inner, _) | Type::OneOrMany(inner) => match **inner {
            Type::Json | Type::Bool | Type::File => {
                let inner = rust_type(api, inner);
                (
                    quote!(impl IntoIterator<Item = #inner>),
                    quote!(#name.into_iter().collect()),
                )
            }
            _ => {
                let inner = rust_type(api, inner);
                (
                    quote!(impl IntoIterator<Item = impl Into<#inner>>),
                    quote!(#name.into_iter().map(Into::into).collect()),
                )
            }
        },
        Type::Map(inner, _) => {
            let inner = rust_type(api, inner);
            entries(name, &inner)
        }
        Type::JsonObject => entries(name, &quote!(serde_json::Value)),
        _ => {
            let ty = rust_type(api, ty);
            (quote!(impl Into<#ty>), quote!(#name.into()))
        }
    }
}

fn entries(name: &Ident, value: &TokenStream) -> (TokenStream, TokenStream) {
    (
        quote!(impl IntoIterator<Item = (impl Into<String>, impl Into<#value>)>),
        quote!(#name.into_iter().map(|(key, value)| (key.into(), value.into())).collect()),
    )
}

/// What generated code in one file has to import.
#[derive(Debug, Default)]
pub struct Imports {
    types: std::collections::BTreeSet<String>,
    runtime: std::collections::BTreeSet<&'static str>,
    map: bool,
}

impl Imports {
    /// Adds a name of the runtime.
    pub fn runtime(&mut self, name: &'static str) {
        self.runtime.insert(name);
    }

    /// Adds what a type's Rust form names.
    pub fn add(&mut self, api: &Api, ty: &Type) {
        match ty {
            Type::Secret(_) => self.runtime("Secret"),
            Type::File => self.runtime("File"),
            Type::Timestamp(unit) | Type::LooseTimestamp(unit) => self.runtime(match unit {
                TimeUnit::Millis => "TimestampMillis",
                TimeUnit::Seconds => "TimestampSeconds",
            }),
            Type::Duration(unit) | Type::LooseDuration(unit) => self.runtime(match unit {
                TimeUnit::Millis => "Millis",
                TimeUnit::Seconds => "Seconds",
            }),
            Type::Named(id) => self.named(api, *id),
            Type::List(inner, _) | Type::OneOrMany(inner) => self.add(api, inner),
            Type::Map(inner, _) => {
                self.map = true;
                self.add(api, inner);
            }
            Type::Nullable(inner) => {
                self.runtime("Nullable");
                self.add(api, inner);
            }
            _ => {}
        }
    }

    /// Adds a declared type.
    pub fn named(&mut self, api: &Api, id: TypeId) {
        self.types.insert(api.type_def(id).name.clone());
    }

    /// Leaves out the type that the file itself declares.
    pub fn without(&mut self, name: &str) {
        self.types.remove(name);
    }

    /// The `use` of the standard library, if any.
    #[must_use]
    pub fn std(&self) -> TokenStream {
        if self.map {
            quote!(
                use std::collections::BTreeMap;
            )
        } else {
            TokenStream::new()
        }
    }

    /// The `use` of the runtime, if any.
    #[must_use]
    pub fn runtime_use(&self) -> TokenStream {
        let names: Vec<_> = self.runtime.iter().map(|name| ident(name)).collect();
        match names.as_slice() {
            [] => TokenStream::new(),
            [name] => quote!(use crate::runtime::#name;),
            names => quote!(use crate::runtime::{#(#names),*};),
        }
    }

    /// The `use` of declared types, if any; `from` is the module they are in.
    #[must_use]
    pub fn types_use(&self, from: &TokenStream) -> TokenStream {
        let names: Vec<_> = self.types.iter().map(|name| ident(name)).collect();
        match names.as_slice() {
            [] => TokenStream::new(),
            [name] => quote!(use #from::#name;),
            names => quote!(use #from::{#(#names),*};),
        }
    }
}

/// Statements that check the rules of a value, and the statics that they need.
#[derive(Debug, Default)]
pub struct Checks {
    /// One statement per rule.
    pub statements: Vec<TokenStream>,
    /// The compiled patterns, by name.
    pub statics: Vec<TokenStream>,
}

/// Where a checked value is.
#[derive(Debug, Clone)]
pub struct Checked<'a> {
    /// The expression for its place among the arguments.
    pub at: TokenStream,
    /// The expression for the value itself, without `&`.
    pub value: TokenStream,
    /// The name that its statics begin with.
    pub name: &'a str,
    /// Whether the value is an `Option`.
    pub optional: bool,
    /// Whether the expression is a reference already, as in a closure over elements.
    pub borrowed: bool,
}

impl Checked<'_> {
    fn reference(&self) -> TokenStream {
        let value = &self.value;
        if self.borrowed { value.clone() } else { quote!(&#value) }
    }
}

impl Checks {
    /// Adds what a type's rules ask for.
    pub fn add(&mut self, api: &Api, ty: &Type, checked: &Checked<'_>) {
        let (Checked { at, value, .. }, reference) = (checked, checked.reference());
        match ty {
            Type::String(rule) | Type::Secret(rule) => self.string(rule, checked),
            Type::Int(rule) | Type::LooseInt { rule, .. } if *rule != IntRule::default() => {
                let range = range(rule.min, rule.max);
                self.statements.push(quote!(check::range(#at, #reference, #range)?;));
            }
            Type::List(inner, rule) => {
                self.count(*rule, checked);
                self.elements(api, inner, checked, &ident("each"));
            }
            Type::OneOrMany(inner) => self.elements(api, inner, checked, &ident("each")),
            Type::Map(inner, rule) => {
                self.count(*rule, checked);
                self.elements(api, inner, checked, &ident("entries"));
            }
            Type::Nullable(inner) => self.add(api, inner, checked),
            Type::Named(id) if api.type_def(*id).has_rules => {
                self.statements.push(quote!(#value.check(#at)?;));
            }
            _ => {}
        }
    }

    fn string(&mut self, rule: &StringRule, checked: &Checked<'_>) {
        let (Checked { at, name, .. }, reference) = (checked, checked.reference());
        if rule.min.is_some() || rule.max.is_some() {
            let range = range(rule.min, rule.max);
            self.statements.push(quote!(check::length(#at, #reference, #range)?;));
        }
        if let Some(pattern) = &rule.pattern {
            let name = ident(&if name.is_empty() {
                "PATTERN".to_owned()
            } else {
                format!("{}_PATTERN", name.to_uppercase())
            });
            self.statements.push(quote!(check::pattern(#at, #reference, &#name)?;));
            self.statics
                .push(quote!(static #name: Pattern = Pattern::new(#pattern);));
        }
    }

    fn count(&mut self, rule: CountRule, checked: &Checked<'_>) {
        let (at, reference) = (&checked.at, checked.reference());
        if rule != CountRule::default() {
            let range = range(rule.min, rule.max);
            self.statements.push(quote!(check::count(#at, #reference, #range)?;));
        }
    }

    /// Checks elements one by one, where they have rules of their own.
    fn elements(&mut self, api: &Api, inner: &Type, checked: &Checked<'_>, walk: &Ident) {
        let Checked {
            at,
            value,
            name,
            optional,
            ..
        } = checked;
        if let Type::Named(id) = inner {
            if api.type_def(*id).has_rules {
                self.statements.push(quote!(#value.check(#at)?;));
            }
            return;
        }
        let mut nested = Self::default();
        let item = Checked {
            at: quote!(at),
            value: quote!(item),
            name,
            optional: false,
            borrowed: true,
        };
        nested.add(api, inner, &item);
        if nested.statements.is_empty() {
            return;
        }
        self.statics.append(&mut nested.statics);
        let statements = nested.statements;
        let items = if *optional {
            quote!(#value.iter().flatten())
        } else {
            checked.reference()
        };
        self.statements.push(quote! {
            check::#walk(#at, #items, |at, item| {
                #(#statements)*
                Ok(())
            })?;
        });
    }
}

/// A range that includes both ends.
fn range<T: Copy + TryInto<i64>>(min: Option<T>, max: Option<T>) -> TokenStream {
    let number = |end: Option<T>| end.and_then(|end| end.try_into().ok()).map(|end: i64| integer(end));
    match (number(min), number(max)) {
        (Some(min), Some(max)) => quote!(#min..=#max),
        (Some(min), None) => quote!(#min..),
        (None, Some(max)) => quote!(..=#max),
        (None, None) => quote!(..),
    }
}

/// An integer literal; long ones are grouped.
#[must_use]
pub fn integer(value: i64) -> TokenStream {
    let digits = value.unsigned_abs().to_string();
    let grouped = if digits.len() < 6 {
        digits
    } else {
        let groups: Vec<_> = digits
            .as_bytes()
            .rchunks(3)
            .rev()
            .map(String::from_utf8_lossy)
            .collect();
        groups.join("_")
    };
    let text = if value < 0 { format!("-{grouped}") } else { grouped };
    text.parse()
        .unwrap_or_else(|_| Literal::i64_unsuffixed(value).into_token_stream())
}

/// Whether a value of a type can hold a secret.
#[must_use]
pub fn holds_secret(api: &Api, ty: &Type) -> bool {
    let mut open = vec![ty];
    let mut seen = std::collections::BTreeSet::new();
    while let Some(ty) = open.pop() {
        match ty {
            Type::Secret(_) => return true,
            Type::List(inner, _) | Type::Map(inner, _) | Type::OneOrMany(inner) | Type::Nullable(inner) => {
                open.push(inner);
            }
            Type::Named(id) if seen.insert(*id) => match &api.type_def(*id).kind {
                TypeKind::Object(fields) => open.extend(fields.iter().map(|field| &field.ty)),
                TypeKind::Newtype(inner) => open.push(inner),
                TypeKind::OneKey(variants) => open.extend(variants.iter().map(|variant| &variant.ty)),
                TypeKind::Union(union) => {
                    for variant in &union.variants {
                        if let TypeKind::Object(fields) = &api.type_def(variant.ty).kind {
                            open.extend(fields.iter().map(|field| &field.ty));
                        }
                    }
                }
                TypeKind::Enum { .. } => {}
            },
            _ => {}
        }
    }
    false
}

/// What a rule says, as a sentence for the docs of an argument; empty where there is none.
#[must_use]
pub fn rule_text(ty: &Type) -> String {
    let ends = |min: Option<String>, max: Option<String>, units: &str| {
        let last = max.as_deref().or(min.as_deref()).unwrap_or_default();
        let unit = match units {
            "" => String::new(),
            "entries" if last == "1" => " entry".to_owned(),
            _ if last == "1" => format!(" {}", units.trim_end_matches('s')),
            _ => format!(" {units}"),
        };
        match (&min, &max) {
            (Some(min), Some(max)) if min == max => format!("exactly {min}{unit}"),
            (Some(min), Some(max)) => format!("{min} to {max}{unit}"),
            (Some(min), None) => format!("at least {min}{unit}"),
            (None, Some(max)) => format!("at most {max}{unit}"),
            (None, None) => String::new(),
        }
    };
    let text = |end: Option<u64>| end.map(|end| end.to_string());
    match ty {
        Type::String(rule) | Type::Secret(rule) => {
            let length = ends(text(rule.min), text(rule.max), "characters");
            match &rule.pattern {
                Some(pattern) if length.is_empty() => format!("matches {}", code(pattern)),
                Some(pattern) => format!("{length}, matches {}", code(pattern)),
                None => length,
            }
        }
        Type::Int(rule) | Type::LooseInt { rule, .. } => ends(
            rule.min.map(|end| end.to_string()),
            rule.max.map(|end| end.to_string()),
            "",
        ),
        Type::List(_, rule) => ends(text(rule.min), text(rule.max), "elements"),
        Type::Map(_, rule) => ends(text(rule.min), text(rule.max), "entries"),
        Type::Nullable(inner) => rule_text(inner),
        _ => String::new(),
    }
}

/// The derives of a type, apart from what its kind adds.
#[must_use]
pub fn repr_type(repr: EnumRepr) -> TokenStream {
    match repr {
        EnumRepr::String => quote!(String),
        EnumRepr::Int => quote!(i64),
    }
}

/// The expression of a rate limit.
#[must_use]
pub fn rate_limit(rate: &Rate) -> TokenStream {
    let (count, unit) = (Literal::u32_unsuffixed(rate.count), &rate.unit);
    let constructor = match rate.period {
        Period::Second => quote!(per_second),
        Period::Minute => quote!(per_minute),
        Period::Hour => quote!(per_hour),
    };
    quote!(RateLimit::#constructor(#count, #unit))
}
