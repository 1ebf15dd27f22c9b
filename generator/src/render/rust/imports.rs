//! The imports of a generated file, recorded as its names are used.

use std::cell::RefCell;
use std::collections::BTreeMap;

use proc_macro2::{Ident, TokenStream};
use quote::quote;

use super::tokens::{TypeName, ident, rust_type};
use crate::ir::{Api, Type, TypeDef, TypeId};

const RUNTIME: &str = "crate::runtime";
const CHECK: &str = "crate::runtime::check";

/// How a name is imported. A trait whose name is used is not imported again for its methods.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Import {
    /// Under its name.
    Named,
    /// As `_`, for the methods of a trait.
    Methods,
}

/// The imports of one file. Each method that returns a name records its import, so call [`Imports::uses`] last.
#[derive(Debug)]
pub struct Imports<'a> {
    api: &'a Api,
    /// The module that contains the declared types.
    types: &'static str,
    /// The declared type that the file itself defines.
    defined: Option<&'a str>,
    names: RefCell<BTreeMap<&'static str, BTreeMap<String, Import>>>,
}

impl<'a> Imports<'a> {
    /// Creates the imports of a file that defines no declared type.
    #[must_use]
    pub fn new(api: &'a Api) -> Self {
        Self {
            api,
            types: "crate::types",
            defined: None,
            names: RefCell::default(),
        }
    }

    /// Creates the imports of the file that defines `def`.
    #[must_use]
    pub fn of_type(api: &'a Api, def: &'a TypeDef) -> Self {
        Self {
            types: "super",
            defined: Some(&def.name),
            ..Self::new(api)
        }
    }

    /// Imports a name from a module.
    pub fn name(&self, module: &'static str, name: &str) -> Ident {
        let mut names = self.names.borrow_mut();
        names.entry(module).or_default().insert(name.to_owned(), Import::Named);
        ident(name)
    }

    /// Imports a name from the runtime.
    pub fn runtime(&self, name: &str) -> Ident {
        self.name(RUNTIME, name)
    }

    /// Imports several names from the runtime.
    pub fn runtime_names<const N: usize>(&self, names: [&str; N]) -> [Ident; N] {
        names.map(|name| self.runtime(name))
    }

    /// Returns the path of a macro of the runtime.
    pub fn runtime_macro(&self, name: &str) -> TokenStream {
        let module = self.runtime("macros");
        let name = ident(name);
        quote!(#module::#name)
    }

    /// Imports a name from the module of the runtime that checks arguments.
    pub fn check(&self, name: &str) -> Ident {
        self.name(CHECK, name)
    }

    /// Returns the path of a function that checks arguments.
    pub fn check_function(&self, name: &str) -> TokenStream {
        self.name(CHECK, "self");
        let name = ident(name);
        quote!(check::#name)
    }

    /// Imports the trait `Check` for its method. A request type can have the same name.
    pub fn check_method(&self) {
        let mut names = self.names.borrow_mut();
        let check = names.entry(CHECK).or_default();
        check.entry("Check".to_owned()).or_insert(Import::Methods);
    }

    /// Returns `true` if the file itself defines a declared type.
    #[must_use]
    pub fn defines(&self, id: TypeId) -> bool {
        self.defined == Some(self.api.type_def(id).name.as_str())
    }

    /// Imports a declared type.
    pub fn declared(&self, id: TypeId) -> Ident {
        let name = &self.api.type_def(id).name;
        if self.defines(id) {
            ident(name)
        } else {
            self.name(self.types, name)
        }
    }

    /// Returns the Rust type of a value.
    pub fn ty(&self, ty: &Type) -> TokenStream {
        rust_type(ty, &mut |name| {
            let name = match name {
                TypeName::Runtime(name) => self.runtime(name),
                TypeName::Map => self.name("std::collections", "BTreeMap"),
                TypeName::Declared(id) => self.declared(id),
            };
            quote!(#name)
        })
    }

    /// Returns the `use` items of the file.
    #[must_use]
    pub fn uses(&self) -> TokenStream {
        self.uses_with(&TokenStream::new())
    }

    /// Returns the `use` items of the file, each with these attributes.
    #[must_use]
    pub fn uses_with(&self, attributes: &TokenStream) -> TokenStream {
        let names = self.names.borrow();
        let uses = names.iter().map(|(module, names)| {
            let module = module.split("::").map(ident);
            let names = names.iter().map(|(name, import)| {
                let name = ident(name);
                match import {
                    Import::Named => quote!(#name),
                    Import::Methods => quote!(#name as _),
                }
            });
            let names: Vec<_> = names.collect();
            match names.as_slice() {
                [name] => quote!(#attributes use #(#module)::*::#name;),
                names => quote!(#attributes use #(#module)::*::{#(#names),*};),
            }
        });
        quote!(#(#uses)*)
    }

    /// Removes the names that `other` imports too.
    pub fn remove(&self, other: &Imports<'_>) {
        let mut names = self.names.borrow_mut();
        let others = other.names.borrow();
        for (module, names) in names.iter_mut() {
            if let Some(others) = others.get(module) {
                names.retain(|name, _| !others.contains_key(name));
            }
        }
        names.retain(|_, names| !names.is_empty());
    }
}
