//! What generated code imports.

use std::collections::BTreeSet;

use proc_macro2::TokenStream;
use quote::quote;

use super::tokens::ident;
use crate::ir::{Api, TimeUnit, Type, TypeId};

/// What generated code in one file has to import.
#[derive(Debug, Default)]
pub struct Imports {
    types: BTreeSet<String>,
    runtime: BTreeSet<&'static str>,
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
            Type::Timestamp(unit) => self.runtime(match unit {
                TimeUnit::Millis => "TimestampMillis",
                TimeUnit::Seconds => "TimestampSeconds",
            }),
            Type::Duration(unit) => self.runtime(match unit {
                TimeUnit::Millis => "Millis",
                TimeUnit::Seconds => "Seconds",
            }),
            Type::Named(id) => self.named(api, *id),
            Type::List(inner, _) => self.add(api, inner),
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
