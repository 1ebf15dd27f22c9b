//! Arguments: the parameters of constructors, and setters.

use proc_macro2::{Ident, TokenStream};
use quote::quote;

use crate::ir::{Field, Presence, Type};
use crate::render::rust::imports::Imports;
use crate::render::rust::tokens::{ident, integer, time_type};

/// The parameters of a function.
#[derive(Debug)]
pub(super) struct Parameters {
    /// The type parameters, in angle brackets; empty if there are none.
    pub(super) generics: TokenStream,
    /// Names and types.
    pub(super) list: Vec<TokenStream>,
}

/// A parameter that takes the value of a field.
struct Parameter {
    /// Its type.
    ty: TokenStream,
    /// The expression that converts it to the type of the field.
    value: TokenStream,
    /// `true` if its type has a marker, which tells apart the forms of the argument.
    is_marked: bool,
}

impl Parameter {
    fn plain(ty: TokenStream, value: TokenStream) -> Self {
        let is_marked = false;
        Self { ty, value, is_marked }
    }

    fn marked(ty: TokenStream, value: TokenStream) -> Self {
        let is_marked = true;
        Self { ty, value, is_marked }
    }
}

/// Returns the parameters of a constructor that takes these fields.
pub(super) fn parameters<'f>(imports: &Imports<'_>, fields: impl Iterator<Item = &'f Field>) -> Parameters {
    let (mut markers, mut list) = (Vec::new(), Vec::new());
    for field in fields {
        let name = ident(&field.rust);
        let marker = match markers.len() {
            0 => ident("M"),
            count => ident(&format!("M{}", count + 1)),
        };
        let Parameter { ty, is_marked, .. } = required(imports, &name, &field.ty, &marker);
        list.push(quote!(#name: #ty));
        if is_marked {
            markers.push(marker);
        }
    }
    let generics = match markers.as_slice() {
        [] => TokenStream::new(),
        markers => quote!(<#(#markers),*>),
    };
    Parameters { generics, list }
}

/// Returns the initializer of a field in a constructor that takes the required fields. `constant` converts the text of a
/// constant to the type of the field.
pub(super) fn initializer(
    imports: &Imports<'_>,
    field: &Field,
    constant: impl FnOnce(&str) -> TokenStream,
) -> TokenStream {
    let name = ident(&field.rust);
    match &field.presence {
        Presence::Constant(text) => {
            let value = constant(text);
            quote!(#name: #value)
        }
        Presence::Optional { .. } if field.is_option() => quote!(#name: None),
        Presence::Optional { .. } => {
            let map = imports.name("std::collections", "BTreeMap");
            quote!(#name: #map::new())
        }
        Presence::Required | Presence::OrEmpty if is_passed_as_is(&field.ty) => quote!(#name),
        Presence::Required | Presence::OrEmpty => {
            let Parameter { value, .. } = required(imports, &name, &field.ty, &ident("M"));
            quote!(#name: #value)
        }
    }
}

/// Returns a method that sets an optional field.
pub(super) fn setter(imports: &Imports<'_>, field: &Field) -> TokenStream {
    let name = ident(&field.rust);
    let Parameter { ty, value, is_marked } = optional(imports, &name, &field.ty, &ident("M"));
    let generics = is_marked.then(|| quote!(<M>));
    quote! {
        pub fn #name #generics(mut self, #name: #ty) -> Self {
            self.#name = #value;
            self
        }
    }
}

/// Returns `true` if a required parameter has the type of its field, because nothing converts to it.
pub(super) fn is_passed_as_is(ty: &Type) -> bool {
    matches!(ty, Type::Bool | Type::File)
}

/// Returns the parameter for a required value of a type.
fn required(imports: &Imports<'_>, name: &Ident, ty: &Type, marker: &Ident) -> Parameter {
    match ty {
        ty if is_passed_as_is(ty) => Parameter::plain(imports.ty(ty), quote!(#name)),
        Type::Int(_) => {
            let integer = argument(imports, "Integer");
            Parameter::plain(quote!(impl Into<#integer>), quote!(#integer::of(#name)))
        }
        Type::Duration(_, Some(forever)) => {
            let (span, convert) = (argument(imports, "Span"), span_in(ty, *forever));
            Parameter::plain(quote!(impl Into<#span>), quote!(#name.into() #convert))
        }
        Type::List(inner, _) => {
            let (list, item) = (argument(imports, "IntoList"), converted(imports, inner));
            let integers = matches!(**inner, Type::Int(_)).then(|| quote!(.into_iter().map(i64::from).collect()));
            Parameter::marked(quote!(impl #list<#item, #marker>), quote!(#name.into_list() #integers))
        }
        Type::Map(inner, _) => entries(name, &quote!(String), &imports.ty(inner)),
        Type::Nullable(inner) => optional(imports, name, inner, marker),
        _ => {
            let ty = imports.ty(ty);
            Parameter::plain(quote!(impl Into<#ty>), quote!(#name.into()))
        }
    }
}

/// Returns the parameter for an optional value of a type.
fn optional(imports: &Imports<'_>, name: &Ident, ty: &Type, marker: &Ident) -> Parameter {
    match ty {
        Type::Duration(_, Some(forever)) => {
            let (option, span) = (argument(imports, "IntoOption"), argument(imports, "Span"));
            let convert = span_in(ty, *forever);
            Parameter::marked(
                quote!(impl #option<#span, #marker>),
                quote!(#name.into_option().map(|span| span #convert)),
            )
        }
        Type::Nullable(inner) => {
            let Parameter { ty, value, .. } = optional(imports, name, inner, marker);
            Parameter::marked(ty, quote!(Some(#value)))
        }
        Type::List(inner, _) => {
            let (option, list) = (argument(imports, "IntoOption"), argument(imports, "ListOf"));
            let item = converted(imports, inner);
            Parameter::marked(
                quote!(impl #option<#list<#item>, #marker>),
                quote!(#name.into_option().map(Vec::from)),
            )
        }
        Type::Family(family) => {
            let key = imports.declared(family.key);
            entries(name, &quote!(#key), &imports.ty(&family.value))
        }
        Type::Map(inner, _) => {
            let [option, list, entry] = ["IntoOption", "ListOf", "EntryOf"].map(|name| argument(imports, name));
            let value = converted(imports, inner);
            Parameter::marked(
                quote!(impl #option<#list<#entry<#value>>, #marker>),
                quote!(#name.into_option().map(Into::into)),
            )
        }
        _ => {
            let (option, value) = (argument(imports, "IntoOption"), converted(imports, ty));
            let integer = matches!(ty, Type::Int(_)).then(|| quote!(.map(i64::from)));
            Parameter::marked(
                quote!(impl #option<#value, #marker>),
                quote!(#name.into_option() #integer),
            )
        }
    }
}

/// Returns the method call that converts a span to a unit, in which this number stands for forever. The unit is the type of
/// the field, so it is imported where the field is.
fn span_in(unit: &Type, forever: i64) -> TokenStream {
    let unit = ident(time_type(unit));
    let forever = integer(forever);
    quote!(.or_forever(#unit(#forever)))
}

/// Imports a name from the module of the runtime that converts arguments.
fn argument(imports: &Imports<'_>, name: &str) -> Ident {
    imports.name("crate::runtime::args", name)
}

/// Returns the type that a value converts to before it is stored.
fn converted(imports: &Imports<'_>, ty: &Type) -> TokenStream {
    match ty {
        Type::Int(_) => {
            let integer = argument(imports, "Integer");
            quote!(#integer)
        }
        _ => imports.ty(ty),
    }
}

/// Returns the parameter for a map with keys and values of these types.
fn entries(name: &Ident, key: &TokenStream, value: &TokenStream) -> Parameter {
    Parameter::plain(
        quote!(impl IntoIterator<Item = (impl Into<#key>, impl Into<#value>)>),
        quote!(#name.into_iter().map(|(key, value)| (key.into(), value.into())).collect()),
    )
}
