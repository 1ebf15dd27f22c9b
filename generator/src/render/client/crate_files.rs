//! The crate around the operations: `lib.rs`, `api.rs`, the manifest, and the core that is copied as it is.

use minijinja::{Environment, UndefinedBehavior, Value, context};
use proc_macro2::{Literal, TokenStream};
use quote::quote;

use super::{
    spelling::Spelled,
    truth::Readers,
    types::{field_docs, needs_wire, serde_attributes, string_or_int_enum},
};
use crate::render::rust::docs::{docs, inner_docs, prose, sentence};
use crate::render::rust::imports::Imports;
use crate::render::rust::layout::print;
use crate::render::rust::tokens::{ident, rate_limit};
use crate::{
    files::File,
    ir::{Api, EnumRepr, EnumValue, Field, Grant, ManifestTable, OperationResult, Text, Type, own_module, template},
};

/// Files of the crate that are the same for every API: path in the crate and content.
macro_rules! verbatim {
    ($($path:literal),+ $(,)?) => {
        &[$(($path, include_str!(concat!(env!("CARGO_MANIFEST_DIR"), "/../templates/client/", $path)))),+]
    };
}

/// The hand-written core, and the support of the generated tests.
pub const VERBATIM: &[(&str, &str)] = verbatim![
    "src/runtime.rs",
    "src/runtime/alias.rs",
    "src/runtime/check.rs",
    "src/runtime/client.rs",
    "src/runtime/client/batches.rs",
    "src/runtime/client/blocking.rs",
    "src/runtime/client/builder.rs",
    "src/runtime/client/download.rs",
    "src/runtime/client/hosts.rs",
    "src/runtime/client/intake.rs",
    "src/runtime/client/limiter.rs",
    "src/runtime/client/options.rs",
    "src/runtime/client/pages.rs",
    "src/runtime/client/received.rs",
    "src/runtime/client/records.rs",
    "src/runtime/client/retry.rs",
    "src/runtime/client/send.rs",
    "src/runtime/client/timeout.rs",
    "src/runtime/client/token.rs",
    "src/runtime/client/token/backoff.rs",
    "src/runtime/client/token/cache.rs",
    "src/runtime/client/token/store.rs",
    "src/runtime/client/trace.rs",
    "src/runtime/client/transport.rs",
    "src/runtime/client/transport/over_hyper.rs",
    "src/runtime/client/transport/over_reqwest.rs",
    "src/runtime/client/upload.rs",
    "src/runtime/error.rs",
    "src/runtime/error/file.rs",
    "src/runtime/error/kind.rs",
    "src/runtime/error/token.rs",
    "src/runtime/file.rs",
    "src/runtime/json.rs",
    "src/runtime/json_lines.rs",
    "src/runtime/macros.rs",
    "src/runtime/operation.rs",
    "src/runtime/paging.rs",
    "src/runtime/path.rs",
    "src/runtime/progress.rs",
    "src/runtime/request.rs",
    "src/runtime/secret.rs",
    "src/runtime/split.rs",
    "src/runtime/target.rs",
    "src/runtime/time.rs",
    "src/runtime/wire.rs",
    "tests/support/garbage.rs",
    "tests/support/mod.rs",
    "tests/support/peer.rs",
    "tests/support/script.rs",
];

const MANIFEST: &str = include_str!(concat!(
    env!("CARGO_MANIFEST_DIR"),
    "/../templates/client/Cargo.toml.j2"
));
const README: &str = include_str!(concat!(env!("CARGO_MANIFEST_DIR"), "/../templates/client/README.md.j2"));

/// Everything but sections, operations, types and tests.
#[must_use]
pub fn render(api: &Api) -> Vec<File> {
    let mut files: Vec<_> = VERBATIM
        .iter()
        .map(|(path, contents)| File {
            path: format!("client/{path}"),
            contents: (*contents).to_owned(),
        })
        .collect();
    files.push(File {
        path: "client/src/lib.rs".to_owned(),
        contents: print(library(api)),
    });
    files.push(File {
        path: "client/src/api.rs".to_owned(),
        contents: print(api_module(api)),
    });
    files.push(File {
        path: "client/src/errors.rs".to_owned(),
        contents: print(errors_module(api)),
    });
    files.push(File {
        path: "client/Cargo.toml".to_owned(),
        contents: template_file(api, MANIFEST),
    });
    let own = |path: &str| api.client_files.iter().any(|(own, _)| own == path);
    if !own("README.md") {
        files.push(File {
            path: "client/README.md".to_owned(),
            contents: template_file(api, README),
        });
    }
    let copies = api.client_files.iter();
    files.extend(copies.map(|(path, contents)| File {
        path: format!("client/{path}"),
        contents: contents.clone(),
    }));
    files
}

/// Fills a template. It is part of this program and covered by its tests, so a failure shows as the template's own error.
fn template_file(api: &Api, source: &str) -> String {
    let mut environment = Environment::new();
    environment.set_undefined_behavior(UndefinedBehavior::Strict);
    let builder_arguments: Vec<_> = api
        .base
        .params
        .iter()
        .map(|param| format!("\"my-{}\"", param.rust.replace('_', "-")))
        .collect();
    let values = context! {
        name => &api.name,
        version => &api.version,
        title => api.title.get(0),
        description => one_line(api.title.get(0)),
        about => api.about.get(0),
        server_type => &api.server_type,
        server_setter => &api.server_setter,
        server_variant => &api.servers[0].rust_variant,
        builder_arguments => builder_arguments.join(", "),
        credentials => api.auth.as_ref().and_then(|auth| auth.grant.as_ref()).is_some(),
        authenticated => api.auth.is_some(),
        examples => programs(api, "examples/"),
        benches => programs(api, "benches/"),
        own => context! {
            package => own_entries(api, ManifestTable::Package),
            features => own_entries(api, ManifestTable::Features),
            dependencies => own_entries(api, ManifestTable::Dependencies),
            dev_dependencies => own_entries(api, ManifestTable::DevDependencies),
        },
    };
    let text = environment
        .render_str(source, values)
        .unwrap_or_else(|error| format!("{error:#}"));
    text.trim_end().to_owned() + "\n"
}

/// What the spec adds to a table of the manifest.
fn own_entries(api: &Api, table: ManifestTable) -> String {
    let entries = api.client_manifest.iter().filter(|(of, _)| *of == table);
    entries.map(|(_, text)| text.trim_matches('\n')).collect()
}

/// The hand-written examples of the crate, in the order of their names: name, and the features it needs.
/// The programs in a folder of the crate, by name: each is a file, or a folder with a `main.rs`.
fn programs(api: &Api, folder: &str) -> Vec<Value> {
    let files = api.client_files.iter();
    let mut programs: Vec<_> = files
        .filter_map(|(path, text)| {
            let path = path.strip_prefix(folder)?.strip_suffix(".rs")?;
            let name = path.strip_suffix("/main").unwrap_or(path);
            (!name.contains('/')).then(|| (name.to_owned(), features(text)))
        })
        .collect();
    programs.sort_unstable();
    let programs = programs.into_iter();
    programs
        .map(|(name, features)| context! { name => name, features => features })
        .collect()
}

/// What a program needs: the client, unless a line of its own says otherwise, e.g. `// Features: blocking` or `none`.
fn features(text: &str) -> Vec<String> {
    match text.lines().find_map(|line| line.strip_prefix("// Features: ")) {
        None => vec!["client".to_owned()],
        Some("none") => Vec::new(),
        Some(names) => names.split(", ").map(str::to_owned).collect(),
    }
}

/// A text for a quoted string of the manifest.
fn one_line(text: &str) -> String {
    text.chars()
        .map(|c| if matches!(c, '"' | '\\' | '\n') { ' ' } else { c })
        .collect()
}

fn library(api: &Api) -> TokenStream {
    let docs = inner_docs(&[
        sentence(&format!("Client of the {}", prose(&api.title))),
        prose(&api.about),
    ]);
    let modules = api.sections.iter().map(|section| {
        let name = ident(&section.rust_module);
        quote!(pub mod #name;)
    });
    let own_modules = api.client_files.iter().filter_map(|(path, _)| {
        let name = ident(own_module(path)?);
        Some(quote!(pub mod #name;))
    });
    let server = ident(&api.server_type);
    let envelope = (!api.envelope.is_empty()).then(|| quote!(Envelope,));
    let limits = (api.default_limit.is_some() || !api.buckets.is_empty()).then(|| quote!(limits,));
    quote! {
        #docs
        #![cfg_attr(all(doc, feature = "client"), doc = include_str!("../README.md"))]
        #![cfg_attr(docsrs, feature(doc_cfg))]
        #![cfg_attr(not(feature = "client"), allow(dead_code, reason = "nothing reads who sends a request"))]
        mod api;
        mod errors;
        pub mod runtime;
        pub mod types;
        #(#modules)*
        #(#own_modules)*
        #[doc(inline)]
        pub use api::{#server, #envelope #limits target};
        #[doc(inline)]
        pub use errors::{ErrorCode, KNOWN_ERRORS};
        #[cfg(feature = "client")]
        #[doc(inline)]
        pub use runtime::{
            Batch, Batches, Builder, CallOptions, Client, Download, Grant, Items, MemoryTokenStore, Pages, Progress, Records, RetryPolicy, StoreError,
            StoreFuture, StoredToken, TokenStore,
        };
        #[cfg(feature = "blocking")]
        #[doc(inline)]
        pub use runtime::blocking;
        #[cfg(feature = "rate-limit")]
        #[doc(inline)]
        pub use runtime::RateLimits;
        #[doc(inline)]
        pub use runtime::{
            ApiError, ConfigError, DecodeError, Error, ErrorKind, File, FileError, InvalidArgument, JsonLines, KnownError, LineError, LineErrorKind, Operation, OperationInfo, RateLimit, Reason, Response, Secret, Target,
            TimestampMillis, TokenError, TransportError, TransportKind,
        };
    }
}

fn api_module(api: &Api) -> TokenStream {
    let parts = [
        info(api),
        limits(api),
        limited(api),
        servers(api),
        envelope(api),
        target(api),
        builder(api),
    ];
    let grant = api.auth.as_ref().and_then(|auth| auth.grant.as_ref());
    let credentials = grant.map(|grant| credentials(api, grant));
    let docs = inner_docs(&[
        "The API as a whole: servers, known errors, what answers have in common, and how tokens are obtained."
            .to_owned(),
    ]);
    let auth_use = api.auth.as_ref().map(|_| quote!(AuthInfo,));
    let mut imports = Imports::default();
    api.envelope.iter().for_each(|field| imports.add(api, &field.ty));
    if api.envelope.iter().any(|field| needs_wire(field, true)) {
        imports.runtime("wire");
    }
    let readers = Readers::of(&api.envelope);
    if !readers.is_empty() {
        imports.runtime("macros");
    }
    Spelled::new(&api.envelope, &readers).import(&mut imports);
    let envelope_use = (!api.envelope.is_empty()).then(|| {
        let (runtime, types) = (imports.runtime_use(), imports.types_use(&quote!(crate::types)));
        let std = imports.std();
        quote! { #std use serde::{Deserialize, Serialize}; use crate::runtime::{DecodeError, Response}; #runtime #types }
    });
    let grant_use = grant.map(|_| {
        quote! {
            #[cfg(feature = "client")]
            use crate::runtime::{Grant, InvalidArgument, Operation, RawResponse, Request, Secret, Token};
        }
    });
    let decode_error = (grant.is_some() && api.envelope.is_empty()).then(|| {
        quote! {
            #[cfg(feature = "client")]
            use crate::runtime::DecodeError;
        }
    });
    let header_use = api.auth.as_ref().map(|_| {
        quote!(
            use http::HeaderName;
        )
    });
    quote! {
        #docs
        #header_use
        #envelope_use
        use crate::errors::KNOWN_ERRORS;
        use crate::runtime::{ApiInfo, #auth_use ConfigError, Target};
        #[cfg(feature = "client")]
        use crate::runtime::{Builder, Client};
        #decode_error
        #grant_use
        #(#parts)*
        #credentials
    }
}

fn info(api: &Api) -> TokenStream {
    let (name, version, base) = (&api.name, &api.version, template(&api.base.segments));
    let server = match api.servers.as_slice() {
        [only] => {
            let url = &only.url;
            quote!(Some(#url))
        }
        _ => quote!(None),
    };
    let auth = match &api.auth {
        Some(auth) => {
            let (header, prefix) = (auth.header.to_lowercase(), &auth.prefix);
            quote!(Some(AuthInfo { header: HeaderName::from_static(#header), prefix: #prefix }))
        }
        None => quote!(None),
    };
    let optional = |text: &Option<String>| text.as_ref().map_or_else(|| quote!(None), |text| quote!(Some(#text)));
    let (code, message) = (optional(&api.errors.code_key), optional(&api.errors.message_key));
    quote! {
        /// What is known about the API as a whole.
        pub(crate) static API: ApiInfo = ApiInfo {
            name: #name,
            version: #version,
            base: #base,
            server: #server,
            auth: #auth,
            error_code: #code,
            error_message: #message,
            errors: KNOWN_ERRORS,
        };
    }
}

/// The rates that operations name: the default one, and those that several share.
fn limits(api: &Api) -> TokenStream {
    let default = api.default_limit.as_ref().map(|rate| {
        let rate = rate_limit(rate);
        quote! {
            /// The limit of an operation that has no other; each has its own.
            pub const DEFAULT: RateLimit = #rate;
        }
    });
    let buckets = api.buckets.iter().map(|bucket| {
        let (name, key, rate) = (ident(&bucket.rust_const), &bucket.key, rate_limit(&bucket.rate));
        let docs = docs(&[sentence(&prose(&bucket.doc))]);
        quote! { #docs pub const #name: RateLimit = #rate.shared(#key); }
    });
    if api.default_limit.is_none() && api.buckets.is_empty() {
        return TokenStream::new();
    }
    quote! {
        /// Rate limits that more than one operation has.
        pub mod limits {
            use crate::runtime::RateLimit;
            #default
            #(#buckets)*
        }
    }
}

/// What a limit can be set for.
fn limited(api: &Api) -> TokenStream {
    let operations = api.sections.iter().flat_map(|section| &section.operations);
    let operations = operations.map(|operation| (&operation.id, operation.limit.rate(api)));
    let buckets = api.buckets.iter().map(|bucket| (&bucket.key, Some(&bucket.rate)));
    let entries = operations.chain(buckets).map(|(name, rate)| {
        let unit = rate.map_or("calls", |rate| rate.unit.as_str());
        quote!((#name, #unit))
    });
    quote! {
        /// Operations, and buckets that several of them share, with what is counted.
        #[cfg(feature = "rate-limit")]
        pub(crate) const LIMITED: &[(&str, &str)] = &[#(#entries),*];
    }
}

fn servers(api: &Api) -> TokenStream {
    let name = ident(&api.server_type);
    let variants = api.servers.iter().map(|server| {
        let (docs, variant) = (docs(&[sentence(&prose(&server.doc))]), ident(&server.rust_variant));
        quote! { #docs #variant, }
    });
    let (names, urls): (Vec<_>, Vec<_>) = api
        .servers
        .iter()
        .map(|server| (ident(&server.rust_variant), &server.url))
        .unzip();
    let all = api.servers.iter().map(|server| {
        let urls = server.urls();
        quote!(#(#urls),*)
    });
    quote! {
        /// Where the API is served.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
        #[non_exhaustive]
        pub enum #name { #(#variants)* }
        impl #name {
            /// The base URL.
            #[must_use]
            pub fn url(self) -> &'static str {
                match self { #(Self::#names => #urls,)* }
            }
            /// All base URLs of the server, the first choice first.
            #[must_use]
            pub fn urls(self) -> &'static [&'static str] {
                match self { #(Self::#names => &[#all],)* }
            }
        }
    }
}

/// What is known about refusals.
fn errors_module(api: &Api) -> TokenStream {
    let errors = api.errors.catalogue.iter().map(|error| {
        let (status, code, retryable) = (Literal::u16_unsuffixed(error.status), &error.code, error.retry);
        let (means, remedy) = (sentence(error.means.get(0)), sentence(error.remedy.get(0)));
        quote!(KnownError { status: #status, code: #code, means: #means, remedy: #remedy, retryable: #retryable })
    });
    let (docs, code) = (inner_docs(&["Refusals that are known.".to_owned()]), error_code(api));
    quote! {
        #docs
        use crate::runtime::KnownError;
        /// Every refusal that is known, by status and code.
        pub const KNOWN_ERRORS: &[KnownError] = &[#(#errors),*];
        #code
    }
}

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
    let docs = docs(&["Machine-readable code of a refusal.".to_owned()]);
    string_or_int_enum(
        "ErrorCode",
        &docs,
        EnumRepr::String,
        &values,
        "A code that this version does not know.",
    )
}

fn envelope(api: &Api) -> TokenStream {
    if api.envelope.is_empty() {
        return TokenStream::new();
    }
    let readers = Readers::of(&api.envelope);
    let spelled = Spelled::new(&api.envelope, &readers);
    let fields = api.envelope.iter().map(|field| {
        let (docs, attributes) = (
            field_docs(&field.doc, &field.ty, None),
            serde_attributes(field, spelled.purpose()),
        );
        let (name, ty) = (ident(&field.rust), super::types::field_type(api, &field.ty, false));
        quote! { #docs #attributes pub #name: #ty, }
    });
    let (derives, twin, functions) = (spelled.derives(), spelled.twin(api, "Envelope"), readers.functions());
    quote! {
        /// What an answer may carry around its payload.
        #[derive(Debug, Clone, Default, PartialEq, #derives)]
        #[non_exhaustive]
        pub struct Envelope { #(#fields)* }
        #twin
        #functions
        impl<T> Response<T> {
            /// What the answer carries around its payload.
            ///
            /// # Errors
            ///
            /// The answer must be a JSON object, and what it carries have the expected form.
            pub fn envelope(&self) -> Result<Envelope, DecodeError> {
                self.raw().at(&[])
            }
        }
    }
}

fn target(api: &Api) -> TokenStream {
    let names: Vec<_> = api.base.params.iter().map(|param| ident(&param.rust)).collect();
    quote! {
        /// Where requests go that are sent without the client of this crate.
        ///
        /// # Errors
        ///
        /// The base URL must be one, and the names not empty.
        pub fn target(base_url: &str, #(#names: &str),*) -> Result<Target, ConfigError> {
            Target::new(base_url, &[#(&#names),*])
        }
    }
}

fn builder(api: &Api) -> TokenStream {
    let names: Vec<_> = api.base.params.iter().map(|param| ident(&param.rust)).collect();
    let (setter, server) = (ident(&api.server_setter), ident(&api.server_type));
    quote! {
        #[cfg(feature = "client")]
        impl Client {
            /// Sets up a client.
            pub fn builder(#(#names: impl Into<String>),*) -> Builder {
                Builder::new(vec![#(#names.into()),*])
            }
            /// Sets up a client that shares connections, hosts and limits with this one, but no token: give it its own.
            pub fn another(&self, #(#names: impl Into<String>),*) -> Builder {
                self.builder_of_another(vec![#(#names.into()),*])
            }
        }
        #[cfg(feature = "client")]
        impl Builder {
            /// Chooses where requests go.
            pub fn #setter(self, #setter: #server) -> Self {
                self.base_urls(#setter.urls().iter().copied())
            }
        }
    }
}

fn credentials(api: &Api, grant: &Grant) -> TokenStream {
    let operation = api.operation(grant.operation);
    let (section, name) = (
        ident(&api.section_of(grant.operation).rust_module),
        ident(&operation.rust_type),
    );
    // Not imported, since it can have the name of anything that is.
    let name = quote!(crate::#section::#name);
    let id = format!(" Obtains tokens by `{}`.", operation.id);
    let names: Vec<_> = grant.credentials.iter().map(|field| ident(&field.rust)).collect();
    let types = grant.credentials.iter().map(|field| {
        let ty = super::types::field_type(api, &field.ty, true);
        match field.ty {
            Type::Named(_) => quote!(crate::types::#ty),
            _ => ty,
        }
    });
    let token = ident(&grant.token.rust);
    let value = match grant.token.ty {
        Type::Secret(_) => quote!(token.#token),
        _ => quote!(token.#token.into()),
    };
    let lifetime = lifetime(grant.lifetime.as_ref());
    debug_assert!(matches!(operation.result, OperationResult::Value(_)));
    quote! {
        #[cfg(feature = "client")]
        impl Builder {
            /// Sets the credentials that tokens are obtained with.
            pub fn credentials(self, #(#names: impl Into<#types>),*) -> Self {
                self.grant(Credentials(#name::new(#(#names),*)))
            }
        }
        #[doc = #id]
        #[cfg(feature = "client")]
        struct Credentials(#name);
        #[cfg(feature = "client")]
        impl Grant for Credentials {
            #[inline]
            fn request(&self) -> Result<Request, InvalidArgument> {
                self.0.encode()
            }
            #[inline]
            fn token(&self, response: &RawResponse) -> Result<Token, DecodeError> {
                let token = <#name>::decode(response)?;
                Ok(Token { value: #value, lifetime: #lifetime })
            }
        }
    }
}

fn lifetime(field: Option<&Field>) -> TokenStream {
    let Some(field) = field else { return quote!(None) };
    let name = ident(&field.rust);
    if field.is_required() {
        quote!(token.#name.to_duration())
    } else {
        quote!(token.#name.and_then(|lifetime| lifetime.to_duration()))
    }
}
