//! Names, literals and types as tokens.

use proc_macro2::{Ident, Literal, Span, TokenStream};
use quote::{ToTokens as _, quote};

use crate::ir::{TimeUnit, Type, TypeId};

/// Returns an identifier. Every Rust name in the IR is a valid one.
#[must_use]
pub fn ident(name: &str) -> Ident {
    Ident::new(name, Span::call_site())
}

/// Returns a string literal: a raw one if a plain one would need escapes.
#[must_use]
pub fn string(text: &str) -> Literal {
    // A raw literal of several lines could not be indented.
    if !text.contains('"') || text.contains(['\n', '\r']) {
        return plain_string(text);
    }
    let hashes = (1..=8)
        .map(|count| "#".repeat(count))
        .find(|hashes| !text.contains(&format!("\"{hashes}")));
    hashes
        .and_then(|hashes| format!("r{hashes}\"{text}\"{hashes}").parse().ok())
        .unwrap_or_else(|| plain_string(text))
}

/// Returns a string literal that is not raw.
///
/// A text without escapes is read as a literal, since [`Literal::string`] decides for each character how to escape it.
#[must_use]
pub fn plain_string(text: &str) -> Literal {
    let is_verbatim = |byte: u8| matches!(byte, b' '..=b'~') && !matches!(byte, b'"' | b'\\');
    let literal = if text.bytes().all(is_verbatim) {
        format!("\"{text}\"").parse().ok()
    } else {
        None
    };
    literal.unwrap_or_else(|| Literal::string(text))
}

/// Returns an integer literal; six or more digits are grouped by `_`.
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

/// A name in a Rust type that has to be imported.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TypeName {
    /// A type of the client's runtime.
    Runtime(&'static str),
    /// `BTreeMap`.
    Map,
    /// A declared type.
    Declared(TypeId),
}

/// Returns the Rust type of a value. `import` returns the path of a name.
#[must_use]
pub fn rust_type(ty: &Type, import: &mut dyn FnMut(TypeName) -> TokenStream) -> TokenStream {
    match ty {
        Type::String(_) => quote!(String),
        Type::Bool => quote!(bool),
        Type::Int(_) => quote!(i64),
        Type::Float => quote!(f64),
        Type::Json | Type::JsonObject => import(TypeName::Runtime("Json")),
        Type::Secret(_) => import(TypeName::Runtime("Secret")),
        Type::File => import(TypeName::Runtime("File")),
        Type::Timestamp(_) | Type::Duration(..) => import(TypeName::Runtime(time_type(ty))),
        Type::Named(id) => import(TypeName::Declared(*id)),
        Type::List(inner, _) => {
            let inner = rust_type(inner, import);
            quote!(Vec<#inner>)
        }
        Type::Map(inner, _) => {
            let map = import(TypeName::Map);
            let inner = rust_type(inner, import);
            quote!(#map<String, #inner>)
        }
        Type::Nullable(inner) => {
            let inner = rust_type(inner, import);
            quote!(Option<#inner>)
        }
        Type::Family(family) => {
            let map = import(TypeName::Map);
            let (key, value) = (import(TypeName::Declared(family.key)), rust_type(&family.value, import));
            quote!(#map<#key, #value>)
        }
    }
}

/// Returns the name of the runtime's type for a timestamp or a duration.
#[must_use]
pub fn time_type(ty: &Type) -> &'static str {
    match ty {
        Type::Timestamp(TimeUnit::Millis) => "TimestampMillis",
        Type::Timestamp(TimeUnit::Seconds) => "TimestampSeconds",
        Type::Duration(TimeUnit::Millis, _) => "Millis",
        _ => "Seconds",
    }
}
