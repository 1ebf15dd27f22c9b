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
        let json = imports.runtime("Json");
        quote! {
            /// A kind unknown to this version, as received.
            #[serde(untagged)]
            Other(#json),
        }
    });
    let conversions = conversions(&imports, def, union);
    let deserialize = deserialize(&imports, def, union);
    let check = (def.in_request && def.has_rules).then(|| check(api, &imports, def, union));
    let docs = docs(&[sentence(&prose(&def.doc))]);
    let serialize = imports.name("serde", "Serialize");
    let items = quote! {
        #docs
        #[derive(Debug, Clone, PartialEq, #serialize)]
        #[serde(#layout)]
        #[non_exhaustive]
        pub enum #name { #(#variants)* #other }
        #conversions
        #deserialize
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
    let variants: Vec<_> = variants
        .map(|variant| {
            let rust = ident(&variant.rust);
            let content = imports.declared(variant.ty);
            quote!(#rust(#content))
        })
        .collect();
    if variants.is_empty() {
        return TokenStream::new();
    }
    let from_content = imports.runtime_macro("from_content");
    quote!(#from_content!(#name, #(#variants),*);)
}

/// Returns the implementation of `Deserialize`, which reads the tag and then decodes the content from the text of the object.
fn deserialize(imports: &Imports<'_>, def: &TypeDef, union: &Union) -> TokenStream {
    let name = ident(&def.name);
    let tag = &union.tag;
    let content = match &union.content {
        Some(key) => quote!(value(#key)),
        None => quote!(decode()),
    };
    let tags: Vec<_> = union.variants.iter().map(|variant| &variant.tag).collect();
    let variants = union.variants.iter().map(|variant| ident(&variant.rust));
    let other = if def.in_response {
        quote!(_ => Ok(Self::Other(text.to_json())),)
    } else {
        quote!(other => Err(serde::de::Error::unknown_variant(other, &[#(#tags),*])),)
    };
    let deserialize = imports.name("serde", "Deserialize");
    let wire = imports.runtime("wire");
    quote! {
        impl<'de> #deserialize<'de> for #name {
            fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                let text = #wire::text(deserializer)?;
                match &*text.tag(#tag)? {
                    #(#tags => text.#content.map(Self::#variants),)*
                    #other
                }
            }
        }
    }
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
