//! Checks of arguments against the rules of the spec.

use proc_macro2::{Ident, TokenStream};
use quote::quote;

use crate::ir::{Api, CountRule, Field, IntRule, KeyFamily, StringRule, Type, TypeDef};
use crate::render::rust::imports::Imports;
use crate::render::rust::tokens::{ident, integer};

/// Statements that check the rules of values, and the statics that they use.
#[derive(Debug)]
pub struct Checks<'a> {
    api: &'a Api,
    imports: &'a Imports<'a>,
    /// One statement per rule.
    pub statements: Vec<TokenStream>,
    /// The compiled patterns.
    pub statics: Vec<TokenStream>,
}

/// A value to check.
#[derive(Debug, Clone)]
pub struct Checked<'a> {
    /// The expression for its location among the arguments.
    pub at: TokenStream,
    /// The expression for the value itself, without `&`.
    pub value: TokenStream,
    /// The prefix of the names of its statics.
    pub name: &'a str,
    /// The number of `Option`s around the value.
    pub options: usize,
    /// `true` if the expression is already a reference, as in a closure over elements.
    pub borrowed: bool,
}

impl Checked<'_> {
    fn reference(&self) -> TokenStream {
        let value = &self.value;
        if self.borrowed { value.clone() } else { quote!(&#value) }
    }

    /// Returns the expression for the integer that the value is, in at most one `Option`.
    fn integer(&self) -> TokenStream {
        let value = &self.value;
        // A call dereferences by itself.
        let value = if self.borrowed && self.options < 2 {
            quote!(*#value)
        } else {
            value.clone()
        };
        let flattened = std::iter::repeat_n(quote!(.flatten()), self.options.saturating_sub(1));
        quote!(#value #(#flattened)*)
    }

    /// Returns the expression for the number of elements of the value, in at most one `Option`. `container` names its type.
    fn count(&self, container: impl FnOnce() -> Ident) -> TokenStream {
        let value = &self.value;
        if self.options == 0 {
            return quote!(#value.len());
        }
        let container = container();
        let inner = std::iter::repeat_n(quote!(.and_then(Option::as_ref)), self.options - 1);
        quote!(#value.as_ref() #(#inner)* .map(#container::len))
    }
}

impl<'a> Checks<'a> {
    /// Creates an empty list of checks.
    #[must_use]
    pub fn new(api: &'a Api, imports: &'a Imports<'a>) -> Self {
        Self {
            api,
            imports,
            statements: Vec::new(),
            statics: Vec::new(),
        }
    }

    /// Creates the checks of the fields of `self`. `at` is the expression for the location of `self`, a reference.
    pub fn of_fields<'f>(
        api: &'a Api,
        imports: &'a Imports<'a>,
        fields: impl Iterator<Item = &'f Field>,
        at: &TokenStream,
    ) -> Self {
        let mut checks = Self::new(api, imports);
        for field in fields {
            let name = ident(&field.rust);
            let wire = &field.wire;
            let at = if field.flatten {
                at.clone()
            } else {
                quote!(&at.key(#wire))
            };
            let checked = Checked {
                at,
                value: quote!(self.#name),
                name: &field.rust,
                options: usize::from(field.is_option()),
                borrowed: false,
            };
            checks.add(&field.ty, &checked);
        }
        checks
    }

    fn call(&mut self, function: &str, arguments: &TokenStream) {
        let function = self.imports.check_function(function);
        self.statements.push(quote!(#function(#arguments)?;));
    }

    fn call_method(&mut self, checked: &Checked<'_>) {
        self.imports.check_method();
        let Checked { at, value, .. } = checked;
        self.statements.push(quote!(#value.check(#at)?;));
    }

    /// Adds the checks for the rules of a type.
    pub fn add(&mut self, ty: &Type, checked: &Checked<'_>) {
        match ty {
            Type::String(rule) | Type::Secret(rule) => self.string(rule, checked),
            Type::Int(rule) if *rule != IntRule::default() => {
                let (at, value, range) = (&checked.at, checked.integer(), range(rule.min, rule.max));
                self.call("range", &quote!(#at, #value, #range));
            }
            Type::List(inner, rule) => {
                self.count(*rule, checked, || ident("Vec"));
                self.elements(inner, checked, "each");
            }
            Type::Map(inner, rule) => {
                let imports = self.imports;
                self.count(*rule, checked, || imports.name("std::collections", "BTreeMap"));
                self.elements(inner, checked, "entries");
            }
            Type::Nullable(inner) => {
                let options = checked.options + 1;
                self.add(
                    inner,
                    &Checked {
                        options,
                        ..checked.clone()
                    },
                );
            }
            Type::Family(family) => self.family(family, checked),
            Type::JsonObject => self.call_method(checked),
            Type::Named(id) if self.api.type_def(*id).has_rules => self.call_method(checked),
            _ => {}
        }
    }

    /// Adds checks of the keys and values of a family, if they have rules.
    fn family(&mut self, family: &KeyFamily, checked: &Checked<'_>) {
        let mut parts = Vec::new();
        for (name, ty) in [("key", &Type::Named(family.key)), ("item", &family.value)] {
            let mut nested = Self::new(self.api, self.imports);
            let name = ident(name);
            let part = Checked {
                at: quote!(at),
                value: quote!(#name),
                name: checked.name,
                options: 0,
                borrowed: true,
            };
            nested.add(ty, &part);
            self.statics.append(&mut nested.statics);
            let argument = if nested.statements.is_empty() {
                quote!(_)
            } else {
                quote!(#name)
            };
            parts.push((argument, nested.statements));
        }
        let arguments = parts.iter().map(|(argument, _)| argument);
        let statements: Vec<_> = parts.iter().flat_map(|(_, statements)| statements).collect();
        if statements.is_empty() {
            return;
        }
        let (at, items, prefix) = (&checked.at, checked.reference(), &family.prefix);
        let arguments = quote! {
            #at, #prefix, #items, |at, #(#arguments),*| {
                #(#statements)*
                Ok(())
            }
        };
        self.call("family", &arguments);
    }

    fn string(&mut self, rule: &StringRule, checked: &Checked<'_>) {
        if rule.min.is_some() || rule.max.is_some() {
            self.call("length", &within(checked, &range(rule.min, rule.max)));
        }
        if let Some(pattern) = &rule.pattern {
            let name = if checked.name.is_empty() {
                ident("PATTERN")
            } else {
                ident(&format!("{}_PATTERN", checked.name.to_uppercase()))
            };
            self.call("pattern", &within(checked, &quote!(&#name)));
            let ty = self.imports.check("Pattern");
            self.statics.push(quote!(static #name: #ty = #ty::new(#pattern);));
        }
    }

    fn count(&mut self, rule: CountRule, checked: &Checked<'_>, container: impl FnOnce() -> Ident) {
        if rule != CountRule::default() {
            let (at, count, range) = (&checked.at, checked.count(container), range(rule.min, rule.max));
            self.call("count", &quote!(#at, #count, #range));
        }
    }

    /// Adds a check of each element, if elements have rules.
    fn elements(&mut self, inner: &Type, checked: &Checked<'_>, function: &str) {
        match inner {
            Type::JsonObject => return self.call_method(checked),
            Type::Named(id) if self.api.type_def(*id).has_rules => return self.call_method(checked),
            Type::Named(_) => return,
            _ => {}
        }
        let mut nested = Self::new(self.api, self.imports);
        let item = Checked {
            at: quote!(at),
            value: quote!(item),
            name: checked.name,
            options: 0,
            borrowed: true,
        };
        nested.add(inner, &item);
        if nested.statements.is_empty() {
            return;
        }
        self.statics.append(&mut nested.statics);
        let statements = nested.statements;
        let items = if checked.options > 0 {
            let value = &checked.value;
            let flattened = std::iter::repeat_n(quote!(.flatten()), checked.options);
            quote!(#value.iter() #(#flattened)*)
        } else {
            checked.reference()
        };
        let at = &checked.at;
        let arguments = quote! {
            #at, #items, |at, item| {
                #(#statements)*
                Ok(())
            }
        };
        self.call(function, &arguments);
    }
}

/// Returns the implementation of `Check` for a declared type, after the statics of its checks.
pub(super) fn check_impl(imports: &Imports<'_>, def: &TypeDef, checks: &Checks<'_>) -> TokenStream {
    let Checks {
        statements, statics, ..
    } = checks;
    let check = check_impl_of(imports, def, &quote! { #(#statements)* Ok(()) });
    quote! { #(#statics)* #check }
}

/// Returns the implementation of `Check` for a declared type with this body.
pub(super) fn check_impl_of(imports: &Imports<'_>, def: &TypeDef, body: &TokenStream) -> TokenStream {
    let name = ident(&def.name);
    let check = imports.check("Check");
    let at = imports.check("At");
    let error = imports.runtime("Error");
    quote! {
        impl #check for #name {
            #[inline]
            fn check(&self, at: &#at<'_>) -> Result<(), #error> {
                #body
            }
        }
    }
}

/// Returns the arguments of a check of a value against a rule.
fn within(checked: &Checked<'_>, rule: &TokenStream) -> TokenStream {
    let at = &checked.at;
    let value = checked.reference();
    quote!(#at, #value, #rule)
}

/// Returns a range that includes both ends.
fn range<T: Copy + TryInto<i64>>(min: Option<T>, max: Option<T>) -> TokenStream {
    let number = |end: Option<T>| end.and_then(|end| end.try_into().ok()).map(|end: i64| integer(end));
    match (number(min), number(max)) {
        (Some(min), Some(max)) => quote!(#min..=#max),
        (Some(min), None) => quote!(#min..),
        (None, Some(max)) => quote!(..=#max),
        (None, None) => quote!(..),
    }
}
