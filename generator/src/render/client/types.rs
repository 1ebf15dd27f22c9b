//! Declared types: one file each.

use proc_macro2::TokenStream;
use quote::quote;

use super::checks::{Checked, Checks};
use super::one_key::one_key;
use super::spelling::Spelled;
use super::truth::Readers;
use crate::render::rust::docs::{code, docs, inner_docs, prose, rule_text, sentence};
use crate::render::rust::imports::Imports;
use crate::render::rust::layout::print;
use crate::render::rust::tokens::{ident, integer, parameter, repr_type, rust_type};
use crate::{
    files::File,
    ir::{Api, EnumRepr, EnumValue, Field, Presence, Reads, Type, TypeDef, TypeKind, Union},
};

/// The file of a declared type.
#[must_use]
pub fn render(api: &Api, def: &TypeDef) -> File {
    let tokens = match &def.kind {
        TypeKind::Object(fields) => object(api, def, fields),
        TypeKind::Newtype(inner) => newtype(api, def, inner),
        TypeKind::Enum { repr, values } => open_enum(def, *repr, values),
        TypeKind::Union(union) => tagged_union(api, def, union),
        TypeKind::OneKey(variants) => one_key(api, def, variants),
    };
    File {
        path: format!("client/src/types/{}.rs", def.rust_module),
        contents: print(tokens),
    }
}

/// The module that holds them all.
#[must_use]
pub fn module(api: &Api) -> File {
    let modules = api.types.iter().map(|def| ident(&def.rust_module));
    let exports = api.types.iter().map(|def| {
        let (module, name) = (ident(&def.rust_module), ident(&def.name));
        quote!(pub use #module::#name;)
    });
    let docs = inner_docs(&["The types of arguments and results.".to_owned()]);
    let contents = print(quote! { #docs #(mod #modules;)* #(#exports)* });
    File {
        path: "client/src/types.rs".to_owned(),
        contents,
    }
}

/// Docs of a field or argument: its meaning, its rule, its default.
pub(super) fn field_docs(doc: &crate::ir::Text, ty: &Type, default: Option<&crate::ir::Json>) -> TokenStream {
    let mut notes = Vec::new();
    let rule = rule_text(ty);
    if !rule.is_empty() {
        notes.push(rule);
    }
    if let Some(default) = default {
        let text = default.as_str().map_or_else(|| default.to_string(), str::to_owned);
        notes.push(format!("{} when absent", code(&text)));
    }
    let mut note = notes.join("; ");
    if let Some(first) = note.get(..1).map(str::to_uppercase) {
        note.replace_range(..1, &first);
        note.push('.');
    }
    docs(&[sentence(&prose(doc)), note])
}

/// What becomes of a field, as far as `serde` is concerned.
#[derive(Debug, Clone, Copy)]
pub(super) enum Use<'r> {
    /// It is written only.
    Written,
    /// It is read only; truth values by these readers.
    Read(&'r Readers),
    /// It is written and read.
    Both(&'r Readers),
}

/// The attributes with which `serde` writes or reads a field.
pub(super) fn serde_attributes(field: &Field, purpose: Use<'_>) -> TokenStream {
    let (writes, readers) = match purpose {
        Use::Written => (true, None),
        Use::Read(readers) => (false, Some(readers)),
        Use::Both(readers) => (true, Some(readers)),
    };
    let mut parts = Vec::new();
    let reads = readers.is_some();
    if field.flatten {
        return quote!(#[serde(flatten)]);
    }
    if field.wire != field.rust {
        let wire = &field.wire;
        parts.push(quote!(rename = #wire));
    }
    if reads {
        let aliases = &field.aliases;
        parts.extend(aliases.iter().map(|alias| quote!(alias = #alias)));
    }
    if !field.is_required() && reads {
        parts.push(quote!(default));
    }
    match (&field.reads, &field.ty) {
        (Reads::NumberOrText { sent_as }, Type::Int(_)) => parts.push(match sent_as {
            EnumRepr::Int => quote!(with = "wire::int"),
            EnumRepr::String => quote!(with = "wire::int_text"),
        }),
        (Reads::OneOrMany, _) => parts.push(quote!(with = "wire::list")),
        (Reads::TextForTrue(_), _) => {
            let reader = readers.and_then(|readers| readers.name(field));
            parts.extend(reader.map(|reader| quote!(deserialize_with = #reader)));
        }
        (_, Type::Nullable(_)) if !field.is_required() && reads => {
            parts.push(quote!(deserialize_with = "wire::present"));
        }
        _ => {}
    }
    if !field.is_required() && writes {
        parts.push(quote!(skip_serializing_if = "Option::is_none"));
    }
    if parts.is_empty() {
        TokenStream::new()
    } else {
        quote!(#[serde(#(#parts),*)])
    }
}

/// Whether a field's attributes name the `wire` module.
pub(super) fn needs_wire(field: &Field, reads: bool) -> bool {
    let nullable = matches!(field.ty, Type::Nullable(_)) && !field.is_required() && reads;
    !field.flatten && (nullable || (field.is_lenient_int() || field.reads == Reads::OneOrMany))
}

/// The type of a field, `Option` where it may be absent.
pub(super) fn field_type(api: &Api, ty: &Type, required: bool) -> TokenStream {
    let ty = rust_type(api, ty);
    if required { ty } else { quote!(Option<#ty>) }
}

fn object(api: &Api, def: &TypeDef, fields: &[Field]) -> TokenStream {
    let name = ident(&def.name);
    let mut imports = Imports::default();
    fields.iter().for_each(|field| imports.add(api, &field.ty));
    imports.without(&def.name);
    if fields.iter().any(|field| needs_wire(field, true)) {
        imports.runtime("wire");
    }
    let readers = Readers::of(fields);
    let spelled = Spelled::new(fields, &readers);
    if !readers.is_empty() {
        imports.runtime("macros");
    }
    spelled.import(&mut imports);
    let declared = fields.iter().map(|field| {
        let (docs, attributes) = (
            field_docs(&field.doc, &field.ty, field.default()),
            serde_attributes(field, spelled.purpose()),
        );
        let (name, ty) = (ident(&field.rust), field_type(api, &field.ty, field.is_required()));
        quote! { #docs #attributes pub #name: #ty, }
    });
    let constructors = if def.in_request {
        constructors(api, &name, fields)
    } else {
        TokenStream::new()
    };
    let (check_use, statics, check) = if def.in_request && def.has_rules {
        object_check(api, def, fields)
    } else {
        Default::default()
    };
    if !check.is_empty() {
        imports.runtime("InvalidArgument");
    }
    let doc = docs(&[sentence(&prose(&def.doc))]);
    let (derives, twin, readers) = (spelled.derives(), spelled.twin(api, &def.name), readers.functions());
    let (std, runtime, types) = (imports.std(), imports.runtime_use(), imports.types_use(&quote!(super)));
    quote! {
        #std
        use serde::{Deserialize, Serialize};
        #types
        #check_use
        #runtime
        #doc
        #[derive(Debug, Clone, PartialEq, #derives)]
        #[non_exhaustive]
        pub struct #name { #(#declared)* }
        #constructors
        #twin
        #readers
        #statics
        #check
    }
}

/// `new` with what is required, and a setter for everything else.
fn constructors(api: &Api, name: &proc_macro2::Ident, fields: &[Field]) -> TokenStream {
    let arguments = fields.iter().filter(|field| field.is_required_argument());
    let parameters = arguments.map(|field| {
        let name = ident(&field.rust);
        let (ty, _) = parameter(api, &name, &field.ty);
        quote!(#name: #ty)
    });
    let parameters: Vec<_> = parameters.collect();
    let values = fields.iter().map(|field| {
        let name = ident(&field.rust);
        match (&field.presence, &field.ty) {
            (Presence::Constant(word), _) => quote!(#name: #word.to_owned()),
            (Presence::Optional { .. }, _) => quote!(#name: None),
            (Presence::Required, ty) => {
                let (_, value) = parameter(api, &name, ty);
                if value.to_string() == field.rust {
                    quote!(#name)
                } else {
                    quote!(#name: #value)
                }
            }
        }
    });
    let setters = fields.iter().filter(|field| !field.is_required()).map(|field| {
        let setter = setter(api, &field.rust, &field.ty);
        let docs = field_docs(&field.doc, &field.ty, field.default());
        quote! { #docs #[must_use] #setter }
    });
    let default = parameters.is_empty().then(|| {
        quote! {
            impl Default for #name {
                fn default() -> Self {
                    Self::new()
                }
            }
        }
    });
    let must_use = parameters.is_empty().then(|| quote!(#[must_use]));
    quote! {
        #default
        impl #name {
            /// Takes what is required.
            #must_use
            pub fn new(#(#parameters),*) -> Self {
                Self { #(#values),* }
            }
            #(#setters)*
        }
    }
}

/// A method that sets an optional value.
pub(super) fn setter(api: &Api, rust: &str, ty: &Type) -> TokenStream {
    let name = ident(rust);
    let (ty, value) = parameter(api, &name, ty);
    quote! {
        pub fn #name(mut self, #name: #ty) -> Self {
            self.#name = Some(#value);
            self
        }
    }
}

fn object_check(api: &Api, def: &TypeDef, fields: &[Field]) -> (TokenStream, TokenStream, TokenStream) {
    let mut checks = Checks::default();
    for field in fields {
        let (wire, name) = (&field.wire, ident(&field.rust));
        let at = if field.flatten {
            quote!(at)
        } else {
            quote!(&at.key(#wire))
        };
        let checked = Checked {
            at,
            value: quote!(self.#name),
            name: &field.rust,
            optional: !field.is_required(),
            borrowed: false,
        };
        checks.add(api, &field.ty, &checked);
    }
    check_impl(def, &checks)
}

pub(super) fn check_impl(def: &TypeDef, checks: &Checks) -> (TokenStream, TokenStream, TokenStream) {
    let name = ident(&def.name);
    let (
        import,
        Checks {
            statements, statics, ..
        },
    ) = (checks.import(true), checks);
    let check = quote! {
        impl Check for #name {
            #[inline]
            fn check(&self, at: &At<'_>) -> Result<(), InvalidArgument> {
                #(#statements)*
                Ok(())
            }
        }
    };
    (import, quote!(#(#statics)*), check)
}

fn newtype(api: &Api, def: &TypeDef, inner: &Type) -> TokenStream {
    let name = ident(&def.name);
    let (field, plumbing, copy) = match inner {
        Type::Secret(_) => (quote!(Secret), quote!(secret_newtype), quote!()),
        Type::Int(_) => (quote!(pub i64), quote!(int_newtype), quote!(Copy,)),
        _ => (quote!(String), quote!(string_newtype), quote!()),
    };
    let mut imports = Imports::default();
    imports.add(api, inner);
    imports.runtime("macros");
    let (check_use, statics, check) = if def.in_request && def.has_rules {
        let mut checks = Checks::default();
        checks.add(
            api,
            inner,
            &Checked {
                at: quote!(at),
                value: quote!(self.0),
                name: "",
                optional: false,
                borrowed: false,
            },
        );
        imports.runtime("InvalidArgument");
        check_impl(def, &checks)
    } else {
        Default::default()
    };
    let docs = field_docs(&def.doc, inner, None);
    let runtime = imports.runtime_use();
    quote! {
        use serde::{Deserialize, Serialize};
        #check_use
        #runtime
        #docs
        #[derive(Debug, Clone, #copy PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
        #[serde(transparent)]
        pub struct #name(#field);
        macros::#plumbing!(#name);
        #statics
        #check
    }
}

fn open_enum(def: &TypeDef, repr: EnumRepr, values: &[EnumValue]) -> TokenStream {
    let doc = docs(&[sentence(&prose(&def.doc))]);
    string_or_int_enum(
        &def.name,
        &doc,
        repr,
        values,
        "A value that this version does not know.",
    )
}

/// An open enum, with the value that is not known kept as it is.
pub(super) fn string_or_int_enum(
    name: &str,
    doc: &TokenStream,
    repr: EnumRepr,
    values: &[EnumValue],
    unknown: &str,
) -> TokenStream {
    let name = ident(name);
    let unknown = format!(" {unknown}");
    let held = repr_type(repr);
    let variants = values.iter().map(|value| {
        let (docs, variant) = (docs(&[sentence(&prose(&value.doc))]), ident(&value.rust));
        quote! { #docs #variant, }
    });
    let wire = |value: &EnumValue| match repr {
        EnumRepr::String => {
            let wire = &value.wire;
            quote!(#wire)
        }
        EnumRepr::Int => integer(value.wire.parse().unwrap_or_default()),
    };
    let (wires, names): (Vec<_>, Vec<_>) = values.iter().map(|value| (wire(value), ident(&value.rust))).unzip();
    let (method, returned, held_value, from, kept, plumbing, copy) = match repr {
        EnumRepr::String => (
            quote!(as_str),
            quote!(&str),
            quote!(value),
            quote!(&str),
            quote!(other.to_owned()),
            quote!(string_enum),
            quote!(),
        ),
        EnumRepr::Int => (
            quote!(value),
            quote!(i64),
            quote!(*value),
            quote!(i64),
            quote!(other),
            quote!(int_enum),
            quote!(Copy,),
        ),
    };
    quote! {
        #doc
        #[derive(Debug, Clone, #copy PartialEq, Eq, PartialOrd, Ord, Hash)]
        #[non_exhaustive]
        pub enum #name {
            #(#variants)*
            #[doc = #unknown]
            Unknown(#held),
        }
        impl #name {
            /// The value on the wire.
            #[must_use]
            #[inline]
            pub fn #method(&self) -> #returned {
                match self {
                    #(Self::#names => #wires,)*
                    Self::Unknown(value) => #held_value,
                }
            }
        }
        impl From<#from> for #name {
            #[inline]
            fn from(value: #from) -> Self {
                match value {
                    #(#wires => Self::#names,)*
                    other => Self::Unknown(#kept),
                }
            }
        }
        crate::runtime::macros::#plumbing!(#name);
    }
}

fn tagged_union(api: &Api, def: &TypeDef, union: &Union) -> TokenStream {
    let name = ident(&def.name);
    let mut imports = Imports::default();
    union.variants.iter().for_each(|variant| imports.named(api, variant.ty));
    let variants = union.variants.iter().map(|variant| {
        let (docs, rust, tag) = (
            docs(&[sentence(&prose(&variant.doc))]),
            ident(&variant.rust),
            &variant.tag,
        );
        let content = ident(&api.type_def(variant.ty).name);
        quote! { #docs #[serde(rename = #tag)] #rust(#content), }
    });
    let tag = &union.tag;
    let layout = match &union.content {
        Some(content) => quote!(tag = #tag, content = #content),
        None => quote!(tag = #tag),
    };
    let other = def.in_response.then(|| {
        quote! {
            /// A kind that this version does not know, as it arrived.
            #[serde(untagged)]
            Other(serde_json::Map<String, serde_json::Value>),
        }
    });
    let unique = |ty| union.variants.iter().filter(|other| other.ty == ty).count() == 1;
    let conversions = union
        .variants
        .iter()
        .filter(|variant| unique(variant.ty))
        .map(|variant| {
            let (rust, content) = (ident(&variant.rust), ident(&api.type_def(variant.ty).name));
            quote! {
                impl From<#content> for #name {
                    #[inline]
                    fn from(content: #content) -> Self {
                        Self::#rust(content)
                    }
                }
            }
        });
    let (check_use, check) = if def.in_request && def.has_rules {
        union_check(api, def, union)
    } else {
        Default::default()
    };
    let doc = docs(&[sentence(&prose(&def.doc))]);
    let types = imports.types_use(&quote!(super));
    quote! {
        use serde::{Deserialize, Serialize};
        #types
        #check_use
        #doc
        #[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
        #[serde(#layout)]
        #[non_exhaustive]
        pub enum #name { #(#variants)* #other }
        #(#conversions)*
        #check
    }
}

fn union_check(api: &Api, def: &TypeDef, union: &Union) -> (TokenStream, TokenStream) {
    let name = ident(&def.name);
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
    let check = quote! {
        impl Check for #name {
            #[inline]
            fn check(&self, at: &At<'_>) -> Result<(), InvalidArgument> {
                match self {
                    #(#arms)*
                    #rest
                }
            }
        }
    };
    (
        quote! { use crate::runtime::InvalidArgument; use crate::runtime::check::{At, Check}; },
        check,
    )
}
