//! Objects with exactly one key, which says what its value is.

use proc_macro2::TokenStream;
use quote::quote;

use super::checks::{Checked, Checks};
use super::types::{check_impl, field_docs};
use crate::ir::{Api, KeyVariant, Type, TypeDef};
use crate::render::rust::docs::{docs, prose, sentence};
use crate::render::rust::imports::Imports;
use crate::render::rust::tokens::{ident, rust_type};

/// The enum, with a variant per key.
pub fn one_key(api: &Api, def: &TypeDef, variants: &[KeyVariant]) -> TokenStream {
    let name = ident(&def.name);
    let mut imports = Imports::default();
    variants.iter().for_each(|variant| imports.add(api, &variant.ty));
    imports.without(&def.name);
    imports.runtime("macros");
    imports.runtime("wire");
    let declared = variants.iter().map(|variant| {
        let (docs, rust) = (field_docs(&variant.doc, &variant.ty, None), ident(&variant.rust));
        let (key, ty) = (&variant.key, rust_type(api, &variant.ty));
        quote! { #docs #[serde(rename = #key)] #rust(#ty), }
    });
    let other = def.in_response.then(|| {
        quote! {
            /// A kind that this version does not know, as it arrived.
            #[serde(untagged)]
            Other(serde_json::Map<String, serde_json::Value>),
        }
    });
    let (check_use, statics, check) = if def.in_request && def.has_rules {
        imports.runtime("InvalidArgument");
        check(api, def, variants)
    } else {
        Default::default()
    };
    let (value, conversions, reader) = (
        value(api, def, variants),
        conversions(api, def, variants),
        reader(def, variants),
    );
    let doc = docs(&[sentence(&prose(&def.doc))]);
    let (std, runtime, types) = (imports.std(), imports.runtime_use(), imports.types_use(&quote!(super)));
    quote! {
        #std
        use serde::Serialize;
        #types
        #check_use
        #runtime
        #doc
        #[derive(Debug, Clone, PartialEq, Serialize)]
        #[non_exhaustive]
        pub enum #name { #(#declared)* #other }
        #value
        #(#conversions)*
        #reader
        macros::one_key!(#name);
        #statics
        #check
    }
}

/// What every variant holds, where all of them hold the same.
fn value(api: &Api, def: &TypeDef, variants: &[KeyVariant]) -> Option<TokenStream> {
    let [first, rest @ ..] = variants else { return None };
    if rest.is_empty() || rest.iter().any(|variant| variant.ty != first.ty) {
        return None;
    }
    let name = ident(&def.name);
    let ty = match &first.ty {
        Type::String(_) => quote!(str),
        ty => rust_type(api, ty),
    };
    let names = variants.iter().map(|variant| ident(&variant.rust));
    let held = quote!(#(Self::#names(value))|*);
    Some(if def.in_response {
        quote! {
            impl #name {
                /// The value, of whichever kind it is; `None` for a kind that this version does not know.
                #[must_use]
                pub fn value(&self) -> Option<&#ty> {
                    match self {
                        #held => Some(value),
                        Self::Other(_) => None,
                    }
                }
            }
        }
    } else {
        quote! {
            impl #name {
                /// The value, of whichever kind it is.
                #[must_use]
                pub fn value(&self) -> &#ty {
                    match self {
                        #held => value,
                    }
                }
            }
        }
    })
}

/// Variants whose type says which one they are.
fn conversions<'a>(
    api: &'a Api,
    def: &'a TypeDef,
    variants: &'a [KeyVariant],
) -> impl Iterator<Item = TokenStream> + 'a {
    let unique = |ty: &Type| variants.iter().filter(|other| other.ty == *ty).count() == 1;
    let named = variants
        .iter()
        .filter(move |variant| matches!(variant.ty, Type::Named(_)) && unique(&variant.ty));
    named.map(|variant| {
        let (name, rust, ty) = (ident(&def.name), ident(&variant.rust), rust_type(api, &variant.ty));
        quote! {
            impl From<#ty> for #name {
                fn from(value: #ty) -> Self {
                    Self::#rust(value)
                }
            }
        }
    })
}

fn reader(def: &TypeDef, variants: &[KeyVariant]) -> TokenStream {
    let name = ident(&def.name);
    let keys: Vec<_> = variants.iter().map(|variant| &variant.key).collect();
    let names = variants.iter().map(|variant| ident(&variant.rust));
    let unknown = if def.in_response {
        quote!(wire::entry(key, map).map(Self::Other))
    } else {
        quote!(Err(serde::de::Error::unknown_variant(key, &[#(#keys),*])))
    };
    quote! {
        impl<'de> wire::OneKey<'de> for #name {
            fn read<A: serde::de::MapAccess<'de>>(key: &str, map: &mut A) -> Result<Self, A::Error> {
                match key {
                    #(#keys => map.next_value().map(Self::#names),)*
                    _ => #unknown,
                }
            }
        }
    }
}

fn check(api: &Api, def: &TypeDef, variants: &[KeyVariant]) -> (TokenStream, TokenStream, TokenStream) {
    let mut all = Checks::default();
    let mut arms = Vec::new();
    for variant in variants {
        let (key, rust) = (&variant.key, ident(&variant.rust));
        let mut checks = Checks::default();
        let checked = Checked {
            at: quote!(&at.key(#key)),
            value: quote!(value),
            name: &variant.rust_static,
            optional: false,
            borrowed: true,
        };
        checks.add(api, &variant.ty, &checked);
        if !checks.statements.is_empty() {
            let statements = &checks.statements;
            arms.push(quote!(Self::#rust(value) => { #(#statements)* }));
        }
        all.absorb(&mut checks);
    }
    let rest = (arms.len() < variants.len() || def.in_response).then(|| quote!(_ => {}));
    all.statements.push(quote!(match self { #(#arms)* #rest }));
    check_impl(def, &all)
}
