//! Rate limits that several operations share, and the names of all limits.

use std::collections::BTreeSet;

use proc_macro2::TokenStream;
use quote::quote;

use crate::ir::Api;
use crate::render::client::rate_limit::rate_limit;
use crate::render::rust::docs::{docs, prose, sentence};
use crate::render::rust::imports::Imports;
use crate::render::rust::tokens::ident;

/// Returns the module of the default limit and of the shared ones, if there are any.
pub(super) fn limits(api: &Api) -> Option<TokenStream> {
    if api.default_limit.is_none() && api.buckets.is_empty() {
        return None;
    }
    let imports = Imports::new(api);
    let ty = imports.runtime("RateLimit");
    let default = api.default_limit.as_ref().map(|rate| {
        let rate = rate_limit(&imports, rate);
        quote! {
            /// The default limit, counted for each operation separately.
            pub const DEFAULT: #ty = #rate;
        }
    });
    let buckets = api.buckets.iter().map(|bucket| {
        let name = ident(&bucket.rust_const);
        let key = &bucket.key;
        let rate = rate_limit(&imports, &bucket.rate);
        let docs = docs(&[sentence(&prose(&bucket.doc))]);
        quote! { #docs pub const #name: #ty = #rate.shared(#key); }
    });
    let uses = imports.uses();
    Some(quote! {
        /// Rate limits of more than one operation.
        pub mod limits {
            #uses
            #default
            #(#buckets)*
        }
    })
}

/// Returns the table of the names for which a limit can be set.
pub(super) fn limited(api: &Api) -> TokenStream {
    let operations = api.sections.iter().flat_map(|section| &section.operations);
    let operations = operations.map(|operation| {
        let units = operation.limits.iter().map(|limit| limit.rate.unit.as_str());
        (operation.id.as_str(), units.collect())
    });
    let buckets = api
        .buckets
        .iter()
        .map(|bucket| (bucket.key.as_str(), BTreeSet::from([bucket.rate.unit.as_str()])));
    let entries = operations.chain(buckets).flat_map(|(name, units): (_, BTreeSet<_>)| {
        let units = if units.is_empty() {
            BTreeSet::from(["calls"])
        } else {
            units
        };
        units.into_iter().map(move |unit| quote!((#name, #unit)))
    });
    quote! {
        /// The operations and shared buckets for which a limit can be set, each with its units.
        #[cfg(feature = "rate-limit")]
        pub(crate) const LIMITED: &[(&str, &str)] = &[#(#entries),*];
    }
}
