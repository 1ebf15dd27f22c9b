//! The known errors.

use proc_macro2::{Literal, TokenStream};
use quote::quote;

use crate::ir::{Api, EnumRepr, EnumValue, Text};
use crate::render::client::types::{OpenEnum, open_enum};
use crate::render::rust::docs::{docs, inner_docs, sentence};

/// Returns `errors.rs`.
pub(super) fn errors_module(api: &Api) -> TokenStream {
    let errors = api.errors.catalogue.iter().map(|error| {
        let status = Literal::u16_unsuffixed(error.status);
        let code = &error.code;
        let means = sentence(error.means.get(0));
        let remedy = sentence(error.remedy.get(0));
        let (retryable, throttled) = (error.retry, error.throttled);
        quote! {
            KnownError {
                status: #status, code: #code, means: #means, remedy: #remedy, retryable: #retryable, throttled: #throttled
            }
        }
    });
    let docs = inner_docs(&["The known errors.".to_owned()]);
    let code = error_code(api);
    quote! {
        #docs
        use crate::runtime::{KnownError, Unrecognized};
        /// All known errors, by status and code.
        pub const KNOWN_ERRORS: &[KnownError] = &[#(#errors),*];
        #code
    }
}

/// Returns the enum of the error codes.
fn error_code(api: &Api) -> TokenStream {
    let mut values: Vec<EnumValue> = Vec::new();
    for error in &api.errors.catalogue {
        if values.iter().any(|value| value.wire == error.code) {
            continue;
        }
        let doc = Text(vec![format!("`{}`: {}", error.code, error.means.get(0))]);
        values.push(EnumValue {
            wire: error.code.clone(),
            rust: error.rust_variant.clone(),
            doc,
        });
    }
    let docs = docs(&["Machine-readable code of an error response.".to_owned()]);
    open_enum(&OpenEnum {
        name: "ErrorCode",
        docs,
        repr: EnumRepr::String,
        values: &values,
        unknown: "A code unknown to this version.",
    })
}
