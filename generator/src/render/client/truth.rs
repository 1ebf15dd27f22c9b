//! Truth values that answers may hold as texts: one reader per word, in the file of the fields that it reads.

use std::collections::BTreeSet;

use proc_macro2::TokenStream;
use quote::quote;

use crate::render::rust::tokens::ident;
use crate::{
    ir::{Field, Type},
    names::{self, Namespace},
};

/// The readers that the fields of one file need: word and function, sorted by word.
#[derive(Debug, Default)]
pub struct Readers(Vec<(String, String)>);

impl Readers {
    /// The readers for these fields.
    #[must_use]
    pub fn of(fields: &[Field]) -> Self {
        let words: BTreeSet<&str> = fields.iter().filter_map(|field| word(&field.ty)).collect();
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

    /// The function that reads a type, if it is a truth value with a text for true.
    #[must_use]
    pub fn name(&self, ty: &Type) -> Option<&str> {
        let word = word(ty)?;
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

fn word(ty: &Type) -> Option<&str> {
    match ty {
        Type::LooseBool(word) => Some(word),
        _ => None,
    }
}
