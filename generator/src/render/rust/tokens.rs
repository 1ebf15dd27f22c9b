//! Names, literals and types as tokens.

use proc_macro2::{Ident, Literal, Span, TokenStream};
use quote::{ToTokens as _, quote};

use crate::ir::{Api, EnumRepr, Period, Rate, TimeUnit, Type};

/// An identifier. Every name in the IR is known to be one.
#[must_use]
pub fn ident(name: &str) -> Ident {
    Ident::new(name, Span::call_site())
}

/// A string literal that reads like its text: raw where it would need escapes.
#[must_use]
pub fn string(text: &str) -> TokenStream {
    let plain = quote!(#text);
    // The further lines of a raw literal could not be indented.
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

/// The Rust type of a value.
#[must_use]
pub fn rust_type(api: &Api, ty: &Type) -> TokenStream {
    match ty {
        Type::String(_) => quote!(String),
        Type::Secret(_) => quote!(Secret),
        Type::Bool => quote!(bool),
        Type::Int(_) => quote!(i64),
        Type::Float => quote!(f64),
        Type::Json => quote!(serde_json::Value),
        Type::JsonObject => quote!(serde_json::Map<String, serde_json::Value>),
        Type::Timestamp(unit) => match unit {
            TimeUnit::Millis => quote!(TimestampMillis),
            TimeUnit::Seconds => quote!(TimestampSeconds),
        },
        Type::Duration(unit) => match unit {
            TimeUnit::Millis => quote!(Millis),
            TimeUnit::Seconds => quote!(Seconds),
        },
        Type::File => quote!(File),
        Type::Named(id) => {
            let name = ident(&api.type_def(*id).name);
            quote!(#name)
        }
        Type::List(inner, _) => {
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
        Type::Bool | Type::File | Type::Json => (rust_type(api, ty), quote!(#name)),
        Type::List(inner, _) => match **inner {
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

/// The type that an enum is on the wire.
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
