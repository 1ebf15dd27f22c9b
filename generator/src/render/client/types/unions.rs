//! Tagged unions.

use proc_macro2::TokenStream;
use quote::quote;

use crate::ir::{Api, TypeDef, Union};
use crate::render::client::checks::check_impl_of;
use crate::render::rust::docs::{docs, prose, sentence};
use crate::render::rust::imports::Imports;
use crate::render::rust::tokens::ident;

/// Returns the file of a tagged union.
pub(super) fn tagged_union(api: &Api, def: &TypeDef, union: &Union) -> TokenStream {
    let imports = Imports::of_type(api, def);
    let name = ident(&def.name);
    let variants = union.variants.iter().map(|variant| {
        let docs = docs(&[sentence(&prose(&variant.doc))]);
        let rust = ident(&variant.rust);
        let tag = &variant.tag;
        let content = imports.declared(variant.ty);
        quote! { #docs #[serde(rename = #tag)] #rust(#content), }
    });
    let tag = &union.tag;
    let layout = match &union.content {
        Some(content) => quote!(tag = #tag, content = #content),
        None => quote!(tag = #tag),
    };
    let other = def.in_response.then(|| {
        quote! {
            /// A kind unknown to this version, as received.
            #[serde(untagged)]
            Other(serde_json::Map<String, serde_json::Value>),
        }
    });
    let conversions = conversions(&imports, def, union);
    let check = (def.in_request && def.has_rules).then(|| check(api, &imports, def, union));
    let docs = docs(&[sentence(&prose(&def.doc))]);
    let serialize = imports.name("serde", "Serialize");
    let deserialize = imports.name("serde", "Deserialize");
    let items = quote! {
        #docs
        #[derive(Debug, Clone, PartialEq, #serialize, #deserialize)]
        #[serde(#layout)]
        #[non_exhaustive]
        pub enum #name { #(#variants)* #other }
        #conversions
        #check
    };
    let uses = imports.uses();
    quote! { #uses #items }
}

/// Returns a conversion from each type that is the content of exactly one variant.
fn conversions(imports: &Imports<'_>, def: &TypeDef, union: &Union) -> TokenStream {
    let name = ident(&def.name);
    let is_unique = |ty| union.variants.iter().filter(|other| other.ty == ty).count() == 1;
    let variants = union.variants.iter().filter(|variant| is_unique(variant.ty));
    let conversions = variants.map(|variant| {
        let rust = ident(&variant.rust);
        let content = imports.declared(variant.ty);
        quote! {
            impl From<#content> for #name {
                #[inline]
                fn from(content: #content) -> Self {
                    Self::#rust(content)
                }
            }
        }
    });
    quote!(#(#conversions)*)
}

fn check(api: &Api, imports: &Imports<'_>, def: &TypeDef, union: &Union) -> TokenStream {
    let with_rules: Vec<_> = union
        .variants
        .iter()
        .filter(|variant| api.type_def(variant.ty).has_rules)
        .collect();
    let arms = with_rules.iter().map(|variant| {
        let rust = ident(&variant.rust);
        quote!(Self::#rust(content) => content.check(at),)
    });
    let rest = (with_rules.len() < union.variants.len() || def.in_response).then(|| quote!(_ => Ok(()),));
    check_impl_of(imports, def, &quote!(match self { #(#arms)* #rest }))
}
