//! Strings and integers with a name.

use proc_macro2::TokenStream;
use quote::quote;

use crate::ir::{Api, Type, TypeDef};
use crate::render::client::checks::{Checked, Checks, check_impl};
use crate::render::client::field::field_docs;
use crate::render::rust::imports::Imports;
use crate::render::rust::tokens::ident;

/// Returns the file of a newtype.
pub(super) fn newtype(api: &Api, def: &TypeDef, inner: &Type) -> TokenStream {
    let imports = Imports::of_type(api, def);
    let name = ident(&def.name);
    let held = imports.ty(inner);
    let implementations = imports.runtime_macro(match inner {
        Type::Secret(_) => "secret_newtype",
        Type::Int(_) => "int_newtype",
        _ => "string_newtype",
    });
    // The macros implement the other traits, since clients are lenient.
    let (visibility, copy, derives) = match inner {
        Type::Secret(_) => {
            let [serialize, deserialize] = ["Serialize", "Deserialize"].map(|name| imports.name("serde", name));
            (quote!(), quote!(), quote!(, #serialize, #deserialize))
        }
        Type::Int(_) => (quote!(pub), quote!(Copy,), quote!()),
        _ => {
            let serialize = imports.name("serde", "Serialize");
            (quote!(), quote!(), quote!(, #serialize))
        }
    };
    let transparent = (!derives.is_empty()).then(|| quote!(#[serde(transparent)]));
    let check = (def.in_request && def.has_rules).then(|| {
        let mut checks = Checks::new(api, &imports);
        let checked = Checked {
            at: quote!(at),
            value: quote!(self.0),
            name: "",
            options: 0,
            borrowed: false,
        };
        checks.add(inner, &checked);
        check_impl(&imports, def, &checks)
    });
    let docs = field_docs(&def.doc, inner, None);
    let uses = imports.uses();
    quote! {
        #uses
        #docs
        #[derive(Debug, Clone, #copy PartialEq, Eq, PartialOrd, Ord, Hash #derives)]
        #transparent
        pub struct #name(#visibility #held);
        #implementations!(#name);
        #check
    }
}
