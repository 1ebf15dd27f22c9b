//! The declared types, one file each.

use proc_macro2::TokenStream;
use quote::quote;

use super::field::{all_have_defaults, attributes, family, field_docs, field_type, value_type};
use super::{file, shape};
use crate::ir::{Api, EnumRepr, EnumValue, Field, KeyVariant, TypeDef, TypeKind, Union};
use crate::render::rust::docs::{docs, inner_docs, prose, sentence};
use crate::render::rust::imports::Imports;
use crate::render::rust::layout::print;
use crate::render::rust::tokens::{ident, integer};
use crate::{files::File, ir::Type};

/// Renders the file of a declared type.
pub(super) fn render(api: &Api, def: &TypeDef) -> File {
    let imports = Imports::of_type(api, def);
    let item = match &def.kind {
        TypeKind::Object(fields) => object(api, &imports, def, fields),
        TypeKind::Newtype(inner) => newtype(api, &imports, def, inner),
        TypeKind::Enum { repr, values } => enumeration(&imports, def, *repr, values),
        TypeKind::Union(union) => tagged_union(api, &imports, def, union),
        TypeKind::OneKey(variants) => one_key(api, &imports, def, variants),
    };
    let shape = (def.in_request && def.in_operation).then(|| {
        let shape = shape::declared(api, &imports, def);
        let module = imports.runtime("shape");
        quote! {
            /// The rules of the type.
            pub(crate) static SHAPE: #module::Shape = #shape;
        }
    });
    let uses = imports.uses();
    let path = format!("src/types/{}.rs", def.rust_module);
    file(&path, print(quote! { #uses #item #shape }))
}

/// Renders the module of the declared types.
pub(super) fn module(api: &Api) -> File {
    let modules = api.types_of_server().map(|def| ident(&def.rust_module));
    let exports = api.types_of_server().map(|def| {
        let (module, name) = (ident(&def.rust_module), ident(&def.name));
        quote!(pub use #module::#name;)
    });
    let docs = inner_docs(&["The types of arguments and results.".to_owned()]);
    file(
        "src/types.rs",
        print(quote! { #docs #(pub(crate) mod #modules;)* #(#exports)* }),
    )
}

fn type_docs(def: &TypeDef) -> TokenStream {
    docs(&[sentence(&prose(&def.doc))])
}

fn derives(imports: &Imports<'_>) -> TokenStream {
    let deserialize = imports.name("serde", "Deserialize");
    let serialize = imports.name("serde", "Serialize");
    quote!(Debug, Clone, PartialEq, #serialize, #deserialize)
}

fn object(api: &Api, imports: &Imports<'_>, def: &TypeDef, fields: &[Field]) -> TokenStream {
    let (docs, name, derives) = (type_docs(def), ident(&def.name), derives(imports));
    let default = all_have_defaults(api, fields).then(|| quote!(, Default));
    let families = fields.iter().filter_map(|field| family(api, imports, field));
    let fields = fields.iter().map(|field| {
        let (docs, attributes) = (field_docs(field), attributes(field));
        let (name, ty) = (ident(&field.rust), field_type(api, imports, field));
        quote! { #docs #attributes pub #name: #ty, }
    });
    quote! {
        #docs
        #[derive(#derives #default)]
        pub struct #name { #(#fields)* }
        #(#families)*
    }
}

fn newtype(api: &Api, imports: &Imports<'_>, def: &TypeDef, inner: &Type) -> TokenStream {
    let (docs, name) = (type_docs(def), ident(&def.name));
    let inner = value_type(api, imports, inner);
    quote! { #docs pub type #name = #inner; }
}

fn enumeration(imports: &Imports<'_>, def: &TypeDef, repr: EnumRepr, values: &[EnumValue]) -> TokenStream {
    let (docs, name, derives) = (type_docs(def), ident(&def.name), derives(imports));
    let variants: Vec<_> = values.iter().map(|value| ident(&value.rust)).collect();
    let variant_docs = values.iter().map(|value| self::docs(&[sentence(&prose(&value.doc))]));
    match repr {
        EnumRepr::String => {
            let wires = values.iter().map(|value| &value.wire);
            quote! {
                #docs
                #[derive(#derives, Copy, Eq)]
                pub enum #name { #(#variant_docs #[serde(rename = #wires)] #variants,)* }
            }
        }
        EnumRepr::Int => {
            let numbers: Vec<_> = values
                .iter()
                .map(|value| integer(value.wire.parse().unwrap_or_default()))
                .collect();
            quote! {
                #docs
                #[derive(#derives, Copy, Eq)]
                #[serde(try_from = "i64", into = "i64")]
                pub enum #name { #(#variant_docs #variants,)* }
                impl TryFrom<i64> for #name {
                    type Error = String;
                    fn try_from(value: i64) -> Result<Self, Self::Error> {
                        match value {
                            #(#numbers => Ok(Self::#variants),)*
                            other => Err(format!("{other} is not a known value")),
                        }
                    }
                }
                impl From<#name> for i64 {
                    fn from(value: #name) -> Self {
                        match value {
                            #(#name::#variants => #numbers,)*
                        }
                    }
                }
            }
        }
    }
}

fn tagged_union(api: &Api, imports: &Imports<'_>, def: &TypeDef, union: &Union) -> TokenStream {
    let (docs, name, derives) = (type_docs(def), ident(&def.name), derives(imports));
    let variants = union.variants.iter().map(|variant| {
        let docs = self::docs(&[sentence(&prose(&variant.doc))]);
        let (rust, tag) = (ident(&variant.rust), &variant.tag);
        let content = value_type(api, imports, &Type::Named(variant.ty));
        quote! { #docs #[serde(rename = #tag)] #rust(#content), }
    });
    let tag = &union.tag;
    let layout = match &union.content {
        Some(content) => quote!(tag = #tag, content = #content),
        None => quote!(tag = #tag),
    };
    quote! {
        #docs
        #[derive(#derives)]
        #[serde(#layout)]
        pub enum #name { #(#variants)* }
    }
}

fn one_key(api: &Api, imports: &Imports<'_>, def: &TypeDef, variants: &[KeyVariant]) -> TokenStream {
    let (docs, name, derives) = (type_docs(def), ident(&def.name), derives(imports));
    let variants = variants.iter().map(|variant| {
        let docs = self::docs(&[sentence(&prose(&variant.doc))]);
        let (rust, key) = (ident(&variant.rust), &variant.key);
        let ty = value_type(api, imports, &variant.ty);
        quote! { #docs #[serde(rename = #key)] #rust(#ty), }
    });
    quote! {
        #docs
        #[derive(#derives)]
        pub enum #name { #(#variants)* }
    }
}
