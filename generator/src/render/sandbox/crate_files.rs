//! The root module, the manifest, and the files that are copied.

use minijinja::context;
use proc_macro2::{Literal, TokenStream};
use quote::quote;

use super::copied::VERBATIM;
use super::file;
use crate::files::File;
use crate::ir::{Api, Auth, HandWritten};
use crate::render::rust::conditional::select;
use crate::render::rust::crate_template::{self, one_line};
use crate::render::rust::docs::{inner_docs, prose};
use crate::render::rust::layout::print;
use crate::render::rust::tokens::ident;

const MANIFEST: &str = include_str!(concat!(
    env!("CARGO_MANIFEST_DIR"),
    "/../templates/sandbox/Cargo.toml.j2"
));
const PROGRAM: &str = include_str!(concat!(
    env!("CARGO_MANIFEST_DIR"),
    "/../templates/sandbox/src/main.rs.j2"
));

/// The file that is the documentation of the crate if the spec has it.
const README: &str = "README.md";

/// The name of the parts of copied files that only an API with webhooks needs.
pub(super) const WEBHOOKS: &str = "webhooks";

/// Renders all files except sections, operations and types.
pub(super) fn render(api: &Api, own: &HandWritten) -> Vec<File> {
    let copied = VERBATIM.iter().filter_map(|(path, text)| {
        let text = select(text, |part| part == WEBHOOKS && api.webhooks.is_some())?;
        Some(file(path, text))
    });
    let own_files = own.files.iter().map(|(path, text)| file(path, text.clone()));
    let rendered = [
        file("Cargo.toml", template(api, own, MANIFEST)),
        file("src/main.rs", template(api, own, PROGRAM)),
        file("src/lib.rs", print(library(api, own))),
        file("src/sections.rs", print(sections(api))),
    ];
    copied.chain(own_files).chain(rendered).collect()
}

fn template(api: &Api, own: &HandWritten, source: &str) -> String {
    let values = context! {
        name => &api.name,
        krate => ident(&api.name).to_string(),
        version => &api.version,
        title => one_line(api.title.get(0)),
        tenant => tenant(api),
        own => crate_template::entries(own),
        readme => own.has_file(README),
        webhooks => api.webhooks.is_some(),
        benches => own.files.iter().any(|(path, _)| path.starts_with("benches/")),
    };
    crate_template::render(source, values)
}

/// Returns the form in which the program takes the parameters of the base path.
fn tenant(api: &Api) -> String {
    let names = api.base.params.iter().map(|param| param.wire.to_uppercase());
    one_line(&names.collect::<Vec<_>>().join("/"))
}

/// Returns `lib.rs`.
fn library(api: &Api, own: &HandWritten) -> TokenStream {
    let about = "Use it for development and tests. It keeps its state in memory, and needs no account.";
    let docs = inner_docs(&[
        format!(
            "A server for development and tests that behaves like the {}.",
            prose(&api.title)
        ),
        about.to_owned(),
    ]);
    let readme = own
        .has_file(README)
        .then(|| quote!(#![cfg_attr(doc, doc = include_str!("../README.md"))]));
    let client = client(api);
    let webhooks = api.webhooks.as_ref().map(|_| {
        quote! {
            pub mod webhooks;
            pub use runtime::{InvalidWebhook, Outbox, RecordedWebhook, StoredWebhook, WebhookAttempt, WebhookFault, WebhookOutcome, WebhookRules, Webhooks};
        }
    });
    quote! {
        #docs
        #readme
        pub mod api;
        pub mod behaviour;
        #[doc = include_str!("runtime/control.md")]
        pub mod control {}
        pub mod errors;
        #[allow(dead_code, reason = "most APIs use only some of the forms of inputs, results and limits")]
        mod runtime;
        mod sandbox;
        pub mod sections;
        pub mod types;
        pub use runtime::{Blob, Call, Calls, Condition, Conversation, Done, Failure, Fault, Ids, InvalidFault, InvalidSetting, Label, Line, Location, NoSettings, Overview, Paged, RecordedBody, RecordedCall, RecordedChange, Rule, Service, Setup, Table, TokenProblem, Tokens, Upload, Verdict, Violation, numbered, position, present};
        pub use sandbox::{Builder, Sandbox};
        #webhooks
        #client
    }
}

/// Returns the methods that create a client.
fn client(api: &Api) -> TokenStream {
    let krate = ident(&api.name);
    let value = |list: &str, index: usize| {
        let list = ident(list);
        let place = Literal::usize_unsuffixed(index);
        let value = if index == 0 {
            quote!(first())
        } else {
            quote!(get(#place))
        };
        quote!(setup.#list.#value.cloned().unwrap_or_default())
    };
    let tenant = (0..api.base.params.len()).map(|index| value("tenant", index));
    let grant = |auth: &Auth| auth.grant.as_ref().map(|grant| grant.credentials.len());
    let credentials = match api.auth.as_ref().map(grant) {
        None => TokenStream::new(),
        Some(None) => {
            let token = value("credentials", 0);
            quote!(.token(#token))
        }
        Some(Some(count)) => {
            let credentials = (0..count).map(|index| value("credentials", index));
            quote!(.credentials(#(#credentials),*))
        }
    };
    let is_used = !api.base.params.is_empty() || api.auth.is_some();
    let setup = if is_used { quote!(setup) } else { quote!(_) };
    quote! {
        impl Sandbox {
            /// Returns a client of an app.
            ///
            /// # Errors
            ///
            /// Fails if the HTTP client cannot be set up.
            pub fn client_of(&self, #setup: &Setup) -> Result<#krate::Client, #krate::Error> {
                #krate::Client::builder(#(#tenant),*).base_url(self.url())#credentials.build()
            }
            /// Returns a client of the first app.
            ///
            /// # Errors
            ///
            /// Fails if the HTTP client cannot be set up.
            pub fn client(&self) -> Result<#krate::Client, #krate::Error> {
                self.client_of(&self.apps()[0])
            }
        }
    }
}

/// Returns the module of the sections.
fn sections(api: &Api) -> TokenStream {
    let modules = api.sections.iter().map(|section| ident(&section.rust_module));
    let docs = inner_docs(&["The sections: operations, and the traits that the behaviour implements.".to_owned()]);
    quote! { #docs #(pub mod #modules;)* }
}
