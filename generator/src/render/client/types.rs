//! The declared types, one file each.

mod enums;
mod newtype;
mod object;
mod one_key;
mod unions;

pub(super) use enums::{OpenEnum, open_enum};

use quote::quote;

use crate::render::rust::docs::inner_docs;
use crate::render::rust::layout::print;
use crate::render::rust::tokens::ident;
use crate::{
    files::File,
    ir::{Api, TypeDef, TypeKind},
};

/// Renders the file of a declared type.
#[must_use]
pub fn render(api: &Api, def: &TypeDef) -> File {
    let tokens = match &def.kind {
        TypeKind::Object(fields) => object::object(api, def, fields),
        TypeKind::Newtype(inner) => newtype::newtype(api, def, inner),
        TypeKind::Enum { repr, values } => enums::declared_enum(def, *repr, values),
        TypeKind::Union(union) => unions::tagged_union(api, def, union),
        TypeKind::OneKey(variants) => one_key::one_key(api, def, variants),
    };
    File {
        path: format!("client/src/types/{}.rs", def.rust_module),
        contents: print(tokens),
    }
}

/// Renders the module of the declared types.
#[must_use]
pub fn module(api: &Api) -> File {
    let modules = api.types.iter().map(|def| ident(&def.rust_module));
    let exports = api.types.iter().map(|def| {
        let module = ident(&def.rust_module);
        let name = ident(&def.name);
        quote!(pub use #module::#name;)
    });
    let docs = inner_docs(&["The types of arguments and results.".to_owned()]);
    let contents = print(quote! { #docs #(mod #modules;)* #(#exports)* });
    File {
        path: "client/src/types.rs".to_owned(),
        contents,
    }
}
