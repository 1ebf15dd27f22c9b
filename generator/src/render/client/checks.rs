//! Checks of arguments against the rules of the spec.

use proc_macro2::{Ident, TokenStream};
use quote::quote;

use crate::ir::{Api, CountRule, IntRule, StringRule, Type};
use crate::render::rust::tokens::{ident, integer};

/// Statements that check the rules of a value, and the statics that they need.
#[derive(Debug, Default)]
pub struct Checks {
    /// One statement per rule.
    pub statements: Vec<TokenStream>,
    /// The compiled patterns, by name.
    pub statics: Vec<TokenStream>,
    /// Whether a statement calls a function of the module `check`.
    calls_functions: bool,
    /// Whether a statement calls the method of `Check`.
    calls_method: bool,
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
    fn function(&mut self, statement: TokenStream) {
        self.calls_functions = true;
        self.statements.push(statement);
    }

    fn method(&mut self, statement: TokenStream) {
        self.calls_method = true;
        self.statements.push(statement);
    }

    /// Takes the patterns of other checks, and notes what their statements call.
    pub fn absorb(&mut self, other: &mut Self) {
        self.statics.append(&mut other.statics);
        self.calls_functions |= other.calls_functions;
        self.calls_method |= other.calls_method;
    }

    /// The import of what the statements name, and of `Check` itself for a file that implements it.
    #[must_use]
    pub fn import(&self, implements: bool) -> TokenStream {
        let module = self.calls_functions.then(|| quote!(self,));
        let check = match (implements, self.calls_method) {
            (true, _) => quote!(Check,),
            // A request type can have this name.
            (false, true) => quote!(Check as _,),
            (false, false) => TokenStream::new(),
        };
        let pattern = (!self.statics.is_empty()).then(|| quote!(Pattern));
        quote!(use crate::runtime::check::{#module At, #check #pattern};)
    }

    /// Adds what a type's rules ask for.
    pub fn add(&mut self, api: &Api, ty: &Type, checked: &Checked<'_>) {
        let (Checked { at, value, .. }, reference) = (checked, checked.reference());
        match ty {
            Type::String(rule) | Type::Secret(rule) => self.string(rule, checked),
            Type::Int(rule) if *rule != IntRule::default() => {
                let range = range(rule.min, rule.max);
                self.function(quote!(check::range(#at, #reference, #range)?;));
            }
            Type::List(inner, rule) => {
                self.count(*rule, checked);
                self.elements(api, inner, checked, &ident("each"));
            }
            Type::Map(inner, rule) => {
                self.count(*rule, checked);
                self.elements(api, inner, checked, &ident("entries"));
            }
            Type::Nullable(inner) => self.add(api, inner, checked),
            Type::Named(id) if api.type_def(*id).has_rules => {
                self.method(quote!(#value.check(#at)?;));
            }
            _ => {}
        }
    }

    fn string(&mut self, rule: &StringRule, checked: &Checked<'_>) {
        let (Checked { at, name, .. }, reference) = (checked, checked.reference());
        if rule.min.is_some() || rule.max.is_some() {
            let range = range(rule.min, rule.max);
            self.function(quote!(check::length(#at, #reference, #range)?;));
        }
        if let Some(pattern) = &rule.pattern {
            let name = ident(&if name.is_empty() {
                "PATTERN".to_owned()
            } else {
                format!("{}_PATTERN", name.to_uppercase())
            });
            self.function(quote!(check::pattern(#at, #reference, &#name)?;));
            self.statics
                .push(quote!(static #name: Pattern = Pattern::new(#pattern);));
        }
    }

    fn count(&mut self, rule: CountRule, checked: &Checked<'_>) {
        let (at, reference) = (&checked.at, checked.reference());
        if rule != CountRule::default() {
            let range = range(rule.min, rule.max);
            self.function(quote!(check::count(#at, #reference, #range)?;));
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
                self.method(quote!(#value.check(#at)?;));
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
        self.absorb(&mut nested);
        let statements = nested.statements;
        let items = if *optional {
            quote!(#value.iter().flatten())
        } else {
            checked.reference()
        };
        self.function(quote! {
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
