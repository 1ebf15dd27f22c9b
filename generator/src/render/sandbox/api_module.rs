//! The routes, the base path, and the parts that all responses have.

use proc_macro2::TokenStream;
use quote::quote;

use super::field::{attributes, field_docs, value_type};
use super::file;
use crate::files::File;
use crate::ir::{Api, Field, Segment};
use crate::render::rust::docs::docs;
use crate::render::rust::imports::Imports;
use crate::render::rust::layout::print;
use crate::render::rust::tokens::ident;

/// Renders the module `api`.
pub(super) fn render(api: &Api) -> File {
    let imports = Imports::new(api);
    let base = base(api, &imports);
    let auth = auth(api);
    let routes = routes(api, &imports);
    let envelope = body(
        api,
        &imports,
        "Envelope",
        "The fields of every response beside the result.",
        &api.envelope,
    );
    let error = body(
        api,
        &imports,
        "ErrorBody",
        "The body of an error response.",
        &api.errors.fields,
    );
    let uses = imports.uses();
    let module = quote! {
        //! The routes, the base path, and the parts that all responses have.
        #uses
        #base
        #auth
        #routes
        #envelope
        #error
    };
    file("src/api.rs", print(module))
}

fn segments(imports: &Imports<'_>, path: &[Segment]) -> TokenStream {
    let module = imports.runtime("operation");
    let segments = path.iter().map(|segment| match segment {
        Segment::Literal(text) => quote!(#module::Segment::Literal(#text)),
        Segment::Param(key) => quote!(#module::Segment::Param(#key)),
    });
    quote!(&[#(#segments),*])
}

fn base(api: &Api, imports: &Imports<'_>) -> TokenStream {
    let module = imports.runtime("operation");
    let segments = segments(imports, &api.base.segments);
    quote! {
        /// The base path of all routes.
        pub(crate) static BASE: &[#module::Segment] = #segments;
    }
}

fn auth(api: &Api) -> TokenStream {
    let value = match &api.auth {
        Some(auth) => {
            let (header, prefix) = (&auth.header, &auth.prefix);
            quote!(Some((#header, #prefix)))
        }
        None => quote!(None),
    };
    quote! {
        /// The header of the token and the text before it.
        pub(crate) static AUTH: Option<(&str, &str)> = #value;
    }
}

fn routes(api: &Api, imports: &Imports<'_>) -> TokenStream {
    let module = imports.runtime("operation");
    let method = imports.name("http", "Method");
    let mut routes: Vec<_> = api.routes.iter().collect();
    // A literal segment wins over a parameter.
    routes.sort_by(|a, b| (&a.path, a.method).cmp(&(&b.path, b.method)));
    let routes = routes.iter().map(|route| {
        let name = ident(route.method.as_str());
        let path = segments(imports, &route.path);
        let operations = route.operations.iter().map(|id| {
            let sections = imports.name("crate", "sections");
            let section = ident(&api.section_of(*id).rust_module);
            let operation = ident(&api.operation(*id).rust_fn);
            quote!(&#sections::#section::#operation::OPERATION)
        });
        quote!(#module::Route { method: #method::#name, path: #path, operations: &[#(#operations),*] })
    });
    quote! {
        /// All routes. Those with a literal segment come before those with a parameter in the same place.
        pub(crate) static ROUTES: &[#module::Route] = &[#(#routes),*];
    }
}

fn body(api: &Api, imports: &Imports<'_>, name: &str, about: &str, fields: &[Field]) -> TokenStream {
    let serialize = imports.name("serde", "Serialize");
    let about = docs(&[about.to_owned()]);
    let name = ident(name);
    let fields = fields.iter().map(|field| {
        let docs = field_docs(field);
        // All are optional, whatever the spec says of a response as a whole.
        let field = Field {
            presence: crate::ir::Presence::Optional { default: None },
            ..field.clone()
        };
        let attributes = attributes(&field);
        let (name, ty) = (ident(&field.rust), value_type(api, imports, &field.ty));
        quote! { #docs #attributes pub #name: Option<#ty>, }
    });
    quote! {
        #about
        #[derive(Debug, Clone, PartialEq, Default, #serialize)]
        pub struct #name { #(#fields)* }
    }
}
