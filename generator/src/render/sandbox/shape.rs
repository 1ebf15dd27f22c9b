//! Types as data, with which the sandbox checks requests.

use proc_macro2::TokenStream;
use quote::quote;

use crate::ir::{
    Api, CountRule, EnumRepr, EnumValue, Field, IntRule, KeyVariant, Presence, StringRule, Type, TypeDef, TypeKind,
};
use crate::render::rust::imports::Imports;
use crate::render::rust::tokens::{ident, integer, string};

/// Returns the shape of a declared type.
pub(super) fn declared(api: &Api, imports: &Imports<'_>, def: &TypeDef) -> TokenStream {
    let module = imports.runtime("shape");
    match &def.kind {
        TypeKind::Newtype(inner) => shape(api, imports, inner),
        TypeKind::Enum { repr, values } => enumeration(imports, *repr, values),
        TypeKind::Object(fields) => {
            let fields = fields.iter().map(|one| field(api, imports, one));
            quote!(#module::Shape::Object(&[#(#fields),*]))
        }
        TypeKind::Union(union) => {
            let tag = &union.tag;
            let content = match &union.content {
                Some(content) => quote!(Some(#content)),
                None => quote!(None),
            };
            let variants = union.variants.iter().map(|variant| {
                let tag = &variant.tag;
                let shape = shape(api, imports, &Type::Named(variant.ty));
                quote!((#tag, &#shape))
            });
            quote!(#module::Shape::Union { tag: #tag, content: #content, variants: &[#(#variants),*] })
        }
        TypeKind::OneKey(variants) => one_key(api, imports, variants),
    }
}

fn enumeration(imports: &Imports<'_>, repr: EnumRepr, values: &[EnumValue]) -> TokenStream {
    let module = imports.runtime("shape");
    let wires = values.iter().map(|value| &value.wire);
    match repr {
        EnumRepr::String => quote!(#module::Shape::Enum(&[#(#wires),*])),
        EnumRepr::Int => {
            let numbers = wires.map(|wire| integer(wire.parse().unwrap_or_default()));
            quote!(#module::Shape::IntEnum(&[#(#numbers),*]))
        }
    }
}

fn one_key(api: &Api, imports: &Imports<'_>, variants: &[KeyVariant]) -> TokenStream {
    let module = imports.runtime("shape");
    let variants = variants.iter().map(|variant| {
        let key = &variant.key;
        let shape = shape(api, imports, &variant.ty);
        quote!((#key, &#shape))
    });
    quote!(#module::Shape::OneKey(&[#(#variants),*]))
}

/// Returns the description of a field.
pub(super) fn field(api: &Api, imports: &Imports<'_>, field: &Field) -> TokenStream {
    let module = imports.runtime("shape");
    let wire = &field.wire;
    let shape = shape(api, imports, &field.ty);
    let field_type = quote!(#module::Field);
    match &field.presence {
        _ if field.family().is_some() => quote!(#field_type::family(#wire, &#shape)),
        _ if field.flatten => quote!(#field_type::flattened(#wire, &#shape)),
        Presence::Required | Presence::OrEmpty => quote!(#field_type::required(#wire, &#shape)),
        Presence::Optional { default: None } => quote!(#field_type::optional(#wire, &#shape)),
        Presence::Optional { default: Some(json) } => {
            let json = string(&json.to_string());
            quote!(#field_type::with_default(#wire, &#shape, #json))
        }
        Presence::Constant(word) => quote!(#field_type::constant(#wire, #word)),
    }
}

/// Returns the shape of a type.
pub(super) fn shape(api: &Api, imports: &Imports<'_>, ty: &Type) -> TokenStream {
    let module = imports.runtime("shape");
    let nested = |inner: &Type| shape(api, imports, inner);
    let shape = match ty {
        Type::Named(id) if imports.defines(*id) => return quote!(SHAPE),
        Type::Named(id) => {
            let types = imports.name("crate", "types");
            let of_type = ident(&api.type_def(*id).rust_module);
            return quote!(#types::#of_type::SHAPE);
        }
        Type::String(rule) | Type::Secret(rule) => string_shape(imports, rule),
        Type::Bool => quote!(Bool),
        Type::Int(IntRule { min, max }) => {
            let min = min.map_or_else(|| quote!(i64::MIN), integer);
            let max = max.map_or_else(|| quote!(i64::MAX), integer);
            quote!(Int(#min, #max))
        }
        Type::Timestamp(_) | Type::Duration(..) => quote!(Int(i64::MIN, i64::MAX)),
        Type::Float => quote!(Float),
        Type::Json => quote!(Any),
        Type::JsonObject => quote!(AnyObject),
        Type::File => quote!(File),
        Type::List(inner, rule) => {
            let (inner, count) = (nested(inner), count(imports, *rule));
            quote!(List(&#inner, #count))
        }
        Type::Map(inner, rule) => {
            let (inner, count) = (nested(inner), count(imports, *rule));
            quote!(Map(&#inner, #count))
        }
        Type::Nullable(inner) => {
            let inner = nested(inner);
            quote!(Nullable(&#inner))
        }
        Type::Family(family) => {
            let prefix = &family.prefix;
            let (key, value) = (nested(&Type::Named(family.key)), nested(&family.value));
            quote!(Family { prefix: #prefix, key: &#key, value: &#value })
        }
    };
    quote!(#module::Shape::#shape)
}

fn string_shape(imports: &Imports<'_>, rule: &StringRule) -> TokenStream {
    if rule.is_empty() {
        return quote!(TEXT);
    }
    let module = imports.runtime("shape");
    let (min, max) = bounds(rule.min, rule.max);
    let pattern = string(rule.pattern.as_deref().unwrap_or_default());
    quote!(String(#module::StringRule { min: #min, max: #max, pattern: #pattern }))
}

fn count(imports: &Imports<'_>, rule: CountRule) -> TokenStream {
    let module = imports.runtime("shape");
    if rule == CountRule::default() {
        return quote!(#module::Count::ANY);
    }
    let (min, max) = bounds(rule.min, rule.max);
    quote!(#module::Count { min: #min, max: #max })
}

fn bounds(min: Option<u64>, max: Option<u64>) -> (TokenStream, TokenStream) {
    let literal = |end: u64| integer(i64::try_from(end).unwrap_or(i64::MAX));
    let min = min.map_or_else(|| quote!(0), literal);
    let max = max.map_or_else(|| quote!(usize::MAX), literal);
    (min, max)
}
