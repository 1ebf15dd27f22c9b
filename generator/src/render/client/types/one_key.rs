//! Objects whose key selects the type of its value. Other keys beside it are ignored.

use proc_macro2::TokenStream;
use quote::quote;

use crate::ir::{Api, KeyVariant, Type, TypeDef};
use crate::render::client::checks::{Checked, Checks, check_impl};
use crate::render::client::field::{field_docs, has_wire_form};
use crate::render::rust::docs::{docs, prose, sentence};
use crate::render::rust::imports::Imports;
use crate::render::rust::tokens::ident;

/// Returns the file of an enum with a variant per key.
pub(super) fn one_key(api: &Api, def: &TypeDef, variants: &[KeyVariant]) -> TokenStream {
    let imports = Imports::of_type(api, def);
    let name = ident(&def.name);
    let declared = variants.iter().map(|variant| {
        let docs = field_docs(&variant.doc, &variant.ty, None);
        let rust = ident(&variant.rust);
        let key = &variant.key;
        let ty = imports.ty(&variant.ty);
        quote! { #docs #[serde(rename = #key)] #rust(#ty), }
    });
    let other = def.in_response.then(|| {
        let json = imports.runtime("Json");
        quote! {
            /// A kind unknown to this version, as received.
            #[serde(untagged)]
            Other(#json),
        }
    });
    let check = (def.in_request && def.has_rules).then(|| check(api, &imports, def, variants));
    let value = value(&imports, def, variants);
    let conversions = conversions(&imports, def, variants);
    let reader = reader(&imports, def, variants);
    let docs = docs(&[sentence(&prose(&def.doc))]);
    let serialize = imports.name("serde", "Serialize");
    let items = quote! {
        #docs
        #[derive(Debug, Clone, PartialEq, #serialize)]
        #[non_exhaustive]
        pub enum #name { #(#declared)* #other }
        #value
        #conversions
        #reader
        #check
    };
    let uses = imports.uses();
    quote! { #uses #items }
}

/// Returns a method that returns the value, if all variants have one type.
fn value(imports: &Imports<'_>, def: &TypeDef, variants: &[KeyVariant]) -> Option<TokenStream> {
    let [first, rest @ ..] = variants else { return None };
    if rest.is_empty() || rest.iter().any(|variant| variant.ty != first.ty) {
        return None;
    }
    let name = ident(&def.name);
    let ty = match &first.ty {
        Type::String(_) => quote!(str),
        ty => imports.ty(ty),
    };
    let names = variants.iter().map(|variant| ident(&variant.rust));
    let held = quote!(#(Self::#names(value))|*);
    let method = if def.in_response {
        quote! {
            /// Returns the value, whatever its kind; `None` if the kind is unknown to this version.
            #[must_use]
            pub fn value(&self) -> Option<&#ty> {
                match self {
                    #held => Some(value),
                    Self::Other(_) => None,
                }
            }
        }
    } else {
        quote! {
            /// Returns the value, whatever its kind.
            #[must_use]
            pub fn value(&self) -> &#ty {
                match self {
                    #held => value,
                }
            }
        }
    };
    Some(quote! { impl #name { #method } })
}

/// Returns a conversion from each declared type that is the content of exactly one variant.
fn conversions(imports: &Imports<'_>, def: &TypeDef, variants: &[KeyVariant]) -> TokenStream {
    let name = ident(&def.name);
    let is_unique = |ty: &Type| variants.iter().filter(|other| other.ty == *ty).count() == 1;
    let variants = variants
        .iter()
        .filter(|variant| matches!(variant.ty, Type::Named(_)) && is_unique(&variant.ty));
    let variants: Vec<_> = variants
        .map(|variant| {
            let rust = ident(&variant.rust);
            let ty = imports.ty(&variant.ty);
            quote!(#rust(#ty))
        })
        .collect();
    if variants.is_empty() {
        return TokenStream::new();
    }
    let from_content = imports.runtime_macro("from_content");
    quote!(#from_content!(#name, #(#variants),*);)
}

/// Returns the implementation of `Deserialize`, which decodes the value of the first known key.
fn reader(imports: &Imports<'_>, def: &TypeDef, variants: &[KeyVariant]) -> TokenStream {
    let name = ident(&def.name);
    let deserialize = imports.name("serde", "Deserialize");
    let wire = imports.runtime("wire");
    let keys: Vec<_> = variants.iter().map(|variant| &variant.key).collect();
    let arms = variants.iter().map(|variant| {
        let key = &variant.key;
        let rust = ident(&variant.rust);
        let construct = if has_wire_form(&variant.ty) {
            quote!(|#wire::As(value)| Self::#rust(value))
        } else {
            quote!(Self::#rust)
        };
        quote!(#key => text.value(#key).map(#construct),)
    });
    let unknown = if def.in_response {
        quote!(_ => Ok(Self::Other(text.to_json())),)
    } else {
        quote!(other => Err(serde::de::Error::unknown_variant(other, &[#(#keys),*])),)
    };
    quote! {
        impl<'de> #deserialize<'de> for #name {
            fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                let text = #wire::text(deserializer)?;
                let key = text.key(&[#(#keys),*])?;
                match key {
                    #(#arms)*
                    #unknown
                }
            }
        }
    }
}

/// Returns the implementation of `Check`, which checks the value of each variant with rules.
fn check(api: &Api, imports: &Imports<'_>, def: &TypeDef, variants: &[KeyVariant]) -> TokenStream {
    let mut all = Checks::new(api, imports);
    let mut arms = Vec::new();
    for variant in variants {
        let key = &variant.key;
        let rust = ident(&variant.rust);
        let mut checks = Checks::new(api, imports);
        let checked = Checked {
            at: quote!(&at.key(#key)),
            value: quote!(value),
            name: &variant.rust_static,
            options: 0,
            borrowed: true,
        };
        checks.add(&variant.ty, &checked);
        let statements = &checks.statements;
        if !statements.is_empty() {
            arms.push(quote!(Self::#rust(value) => { #(#statements)* }));
        }
        all.statics.append(&mut checks.statics);
    }
    let rest = (arms.len() < variants.len() || def.in_response).then(|| quote!(_ => {}));
    all.statements.push(quote!(match self { #(#arms)* #rest }));
    check_impl(imports, def, &all)
}
