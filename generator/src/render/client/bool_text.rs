//! Booleans that may be strings in responses. A file defines one function for each string that means `true`.

use std::collections::{BTreeMap, BTreeSet};

use proc_macro2::TokenStream;
use quote::quote;

use crate::render::rust::imports::Imports;
use crate::render::rust::tokens::ident;
use crate::{
    ir::{Field, Reads},
    names::{self, Namespace},
};

/// The functions that deserialize the lenient booleans of a file: the name of each by the string for `true`.
#[derive(Debug, Default)]
pub struct Readers(BTreeMap<String, String>);

impl Readers {
    /// Returns the functions for these fields.
    #[must_use]
    pub fn of(fields: &[Field]) -> Self {
        let words: BTreeSet<&str> = fields.iter().filter_map(word).collect();
        let mut taken = Namespace::default();
        let named = words
            .into_iter()
            .map(|word| (word.to_owned(), taken.unique(&names::reader(word), "_")));
        Self(named.collect())
    }

    /// Returns the name of the function for a field, if it is a lenient boolean.
    #[must_use]
    pub fn name(&self, field: &Field) -> Option<&str> {
        self.0.get(word(field)?).map(String::as_str)
    }

    /// Returns the definitions of the functions.
    #[must_use]
    pub fn functions(&self, imports: &Imports<'_>) -> TokenStream {
        let functions = self.0.iter().map(|(word, name)| {
            let bool_text = imports.runtime_macro("bool_text");
            let name = ident(name);
            quote!(#bool_text!(#name, #word);)
        });
        quote!(#(#functions)*)
    }
}

/// Returns the string for `true` of a lenient boolean.
fn word(field: &Field) -> Option<&str> {
    match &field.reads {
        Reads::TextForTrue(word) => Some(word),
        _ => None,
    }
}
