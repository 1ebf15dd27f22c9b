//! The root module of the crate.

use proc_macro2::TokenStream;
use quote::quote;

use super::selection::Selection;
use crate::ir::{Api, documented_module, hand_written_module};
use crate::render::rust::docs::{inner_docs, prose, sentence};
use crate::render::rust::tokens::ident;

/// Returns `lib.rs`.
pub(super) fn library(api: &Api, selection: &Selection) -> TokenStream {
    let docs = inner_docs(&[
        sentence(&format!("Client of the {}", prose(&api.title))),
        prose(&api.about),
    ]);
    let modules = api.sections.iter().map(|section| {
        let name = ident(&section.rust_module);
        quote!(pub mod #name;)
    });
    let custom_modules = api.client.files.iter().filter_map(|(path, _)| {
        let name = ident(hand_written_module(path)?);
        Some(quote!(pub mod #name;))
    });
    let webhook = api.webhooks.is_some().then(|| {
        quote!(
            pub mod webhook;
        )
    });
    let links = guide_links(api);
    let server = ident(&api.server_type);
    let envelope = (!api.envelope.is_empty()).then(|| quote!(Envelope,));
    let credentials = api.auth.as_ref().is_some_and(|auth| auth.grant.is_some()).then(|| {
        quote! {
            #[cfg(feature = "client")]
            #[doc(inline)]
            pub use api::Credentials;
        }
    });
    let limits = (api.default_limit.is_some() || !api.buckets.is_empty()).then(|| quote!(limits,));
    let has_records = selection.has("recorded");
    let line_error = has_records.then(|| quote!(LineError,));
    let records = has_records.then(|| quote!(Records,));
    quote! {
        #docs
        #links
        #![cfg_attr(all(doc, feature = "client"), doc = include_str!("../README.md"))]
        #![cfg_attr(docsrs, feature(doc_cfg))]
        #![cfg_attr(not(feature = "client"), allow(dead_code, reason = "without a client, the sender of a request is never read"))]
        mod api;
        mod errors;
        mod runtime;
        pub mod types;
        #(#modules)*
        #webhook
        #(#custom_modules)*
        #[doc(inline)]
        pub use api::{#server, #envelope #limits target};
        #credentials
        #[doc(inline)]
        pub use errors::{ErrorCode, KNOWN_ERRORS};
        #[cfg(feature = "client")]
        #[doc(inline)]
        pub use runtime::{
            Batch, Batches, Builder, CallOptions, Client, Download, Items, #line_error Opening, #records RetryPolicy, Sending, Token, TokenFuture,
            TokenProvider,
        };
        #[cfg(feature = "blocking")]
        #[doc(inline)]
        pub use runtime::blocking;
        #[cfg(feature = "rate-limit")]
        #[doc(inline)]
        pub use runtime::RateLimits;
        #[doc(inline)]
        pub use runtime::{Millis, Seconds, Span, TimestampSeconds};
        /// For custom operations: the parts of requests and responses, and the traits of lists.
        pub mod operation {
            #[doc(inline)]
            pub use crate::runtime::{Argument, Elements, Paged, RawResponse, Request, Splittable, Step};
        }
        /// The traits that accept an argument in several forms, such as a value or an `Option` of one.
        pub mod args {
            #[doc(inline)]
            pub use crate::runtime::args::{EntryOf, Integer, IntoList, IntoOption, ListOf};
        }
        /// For custom HTTP clients: the trait that they implement, and its requests and responses.
        #[cfg(feature = "client")]
        pub mod transport {
            #[doc(inline)]
            pub use crate::runtime::{Body, Transport, TransportFuture};
        }
        #[doc(inline)]
        pub use runtime::{
            Error, ErrorKind, Excess, File, Json, KnownError, Operation, OperationInfo, RateLimit, Reason, Response, Secret, Target, TimestampMillis,
            Unrecognized,
        };
    }
}

/// Returns definitions of links from the README to its guides, which precede its own. There, they lead to the Markdown files; in the
/// docs of the crate, to the modules.
fn guide_links(api: &Api) -> TokenStream {
    let modules: Vec<_> = api
        .client
        .files
        .iter()
        .filter_map(|(path, _)| documented_module(path))
        .collect();
    if modules.is_empty() {
        return TokenStream::new();
    }
    let lines = modules.iter().map(|module| format!("[`{module}`]: {module}"));
    // An empty line ends the paragraph before the definitions.
    let lines = std::iter::once(String::new()).chain(lines);
    quote!(#(#![cfg_attr(all(doc, feature = "client"), doc = #lines)])*)
}
