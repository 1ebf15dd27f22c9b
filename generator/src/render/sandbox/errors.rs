//! The known errors.

use proc_macro2::{Ident, TokenStream};
use quote::quote;

use super::file;
use crate::files::File;
use crate::ir::{Api, KnownError};
use crate::render::rust::docs::{docs, prose, sentence};
use crate::render::rust::layout::print;
use crate::render::rust::tokens::ident;

/// Renders the module of the known errors.
pub(super) fn render(api: &Api) -> File {
    file("src/errors.rs", print(module(api)))
}

/// Returns the variant of an error.
pub(super) fn variant(error: &KnownError) -> Ident {
    ident(&format!("{}{}", error.rust_variant, error.status))
}

fn module(api: &Api) -> TokenStream {
    let errors = &api.errors.catalogue;
    let variants: Vec<_> = errors.iter().map(variant).collect();
    let docs = errors.iter().map(|error| {
        let heading = format!("{} {}", error.status, crate::render::rust::docs::code(&error.code));
        docs(&[format!("{heading}: {}", sentence(&prose(&error.means)))])
    });
    let statuses = errors.iter().map(|error| {
        let status = proc_macro2::Literal::u16_unsuffixed(error.status);
        quote!(#status)
    });
    let codes = errors.iter().map(|error| &error.code);
    quote! {
        //! The documented errors.
        /// A documented error.
        #[derive(Debug, Clone, Copy, PartialEq, Eq)]
        pub enum Known { #(#docs #variants,)* }
        impl Known {
            /// All documented errors.
            pub const ALL: &'static [Self] = &[#(Self::#variants),*];
            /// Returns the HTTP status.
            #[must_use]
            pub fn status(self) -> u16 {
                self.parts().0
            }
            /// Returns the machine-readable code.
            #[must_use]
            pub fn code(self) -> &'static str {
                self.parts().1
            }
            fn parts(self) -> (u16, &'static str) {
                match self { #(Self::#variants => (#statuses, #codes),)* }
            }
        }
    }
}
