//! Truth values that answers may hold as texts: one reader per word, in the file of the fields that it reads.

use std::collections::BTreeSet;

use proc_macro2::TokenStream;
use quote::quote;

use crate::render::rust::tokens::ident;
use crate::{
    ir::{Field, Reads},
    names::{self, Namespace},
};

/// The readers that the fields of one file need: word and function, sorted by word.
#[derive(Debug, Default)]
pub struct Readers(Vec<(String, String)>);

impl Readers {
    /// The readers for these fields.
    #[must_use]
    pub fn of(fields: &[Field]) -> Self {
        let words: BTreeSet<&str> = fields.iter().filter_map(word).collect();
        let mut taken = Namespace::default();
        let named = words
            .into_iter()
            .map(|word| (word.to_owned(), taken.unique(&names::reader(word), "_")));
        Self(named.collect())
    }

    /// Whether none is needed.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// The function that reads a field, if it is a truth value with a text for true.
    #[must_use]
    pub fn name(&self, field: &Field) -> Option<&str> {
        let word = word(field)?;
        let (_, name) = self.0.iter().find(|(known, _)| known == word)?;
        Some(name)
    }

    /// The functions.
    #[must_use]
    pub fn functions(&self) -> TokenStream {
        let functions = self.0.iter().map(|(word, name)| {
            let name = ident(name);
            quote!(macros::bool_text!(#name, #word);)
        });
        quote!(#(#functions)*)
    }
}

fn word(field: &Field) -> Option<&str> {
    match &field.reads {
        Reads::TextForTrue(word) => Some(word),
        _ => None,
    }
}
