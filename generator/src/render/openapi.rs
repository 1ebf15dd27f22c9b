//! Renders the API as an `OpenAPI` document.
//!
//! `OpenAPI` allows one operation per method and path, so operations that share them are merged: `operations` merges
//! them, `bodies` and `responses` distinguish the alternatives. Constructs are chosen so that common tools
//! accept the document; comments name more exact constructs that some tools reject.

mod bodies;
mod dialect;
mod document;
mod errors;
mod examples;
mod fit;
mod hoist;
mod lists;
mod operations;
mod parameters;
mod records;
mod responses;
mod route;
mod schemas;
mod servers;
mod simplify;
mod tables;
mod webhooks;
mod yaml;

use std::collections::BTreeMap;

use rayon::prelude::*;

use self::document::{Components, Document, Info, Security, SecurityScheme, Tag};
use self::operations::Operations;
use self::schemas::Schemas;
use crate::files::File;
use crate::ir::{Api, Text};
use crate::render::editions::{Standard, editions};
use crate::render::strings::{Catalogue, DocumentWords};

/// The licence of the generated files, as an SPDX expression.
const LICENSE: &str = "MIT OR Apache-2.0";

/// Renders the `OpenAPI` documents of an API, with the strings of its languages.
#[must_use]
pub fn render(api: &Api, catalogues: &[Catalogue]) -> Vec<File> {
    let languages = catalogues.par_iter().enumerate();
    languages
        .flat_map_iter(|(language, catalogue)| of_language(api, language, &catalogue.document))
        .collect()
}

/// Renders the editions in one language. The document is built once, for 3.1, and rewritten for the other editions.
fn of_language(api: &Api, language: usize, words: &DocumentWords) -> Vec<File> {
    let mut document = document(api, language, words);
    let editions = editions(api).into_iter().filter(|edition| edition.language == language);
    editions
        .map(|edition| {
            edition.standard.adapt(&mut document, words);
            File {
                path: format!("openapi/{}", edition.file_name(api)),
                contents: yaml::write(&document),
            }
        })
        .chain(webhooks::render(api, language, words))
        .collect()
}

fn document(api: &Api, language: usize, words: &DocumentWords) -> Document {
    let mut schemas = Schemas::new(api, words, language);
    let scheme = security_scheme(&schemas);
    let (paths, responses) = Operations::new(&mut schemas, scheme.as_ref().map(|(name, _)| *name)).build();
    Document {
        openapi: Standard::V31.version(),
        info: info(&schemas, schemas.text(&api.about)),
        servers: servers::servers(&schemas),
        security: scheme
            .iter()
            .map(|(name, _)| Security::from([(*name, Vec::new())]))
            .collect(),
        tags: tags(&schemas),
        rate_limits: tables::rate_limits(&schemas),
        paging: tables::paging_styles(&schemas),
        errors: tables::error_catalogue(&schemas),
        paths,
        components: Components {
            security_schemes: scheme.into_iter().collect::<BTreeMap<_, _>>(),
            responses,
            schemas: schemas.into_components(),
        },
    }
}

fn info(schemas: &Schemas<'_>, description: String) -> Info {
    Info {
        title: schemas.plain(&schemas.api.title).to_owned(),
        version: schemas.api.version.clone(),
        description,
        license: Standard::V31.license(LICENSE),
    }
}

fn tags(schemas: &Schemas<'_>) -> Vec<Tag> {
    let sections = schemas.api.sections.iter();
    sections
        .map(|section| tag(schemas, &section.title, &section.about))
        .collect()
}

fn tag(schemas: &Schemas<'_>, title: &Text, about: &Text) -> Tag {
    Tag {
        name: schemas.plain(title).to_owned(),
        description: schemas.text(about),
    }
}

/// Returns the security scheme and its name, or `None` if the API needs no authentication.
fn security_scheme(schemas: &Schemas<'_>) -> Option<(&'static str, SecurityScheme)> {
    let api = schemas.api;
    let auth = api.auth.as_ref()?;
    api.operations().find(|(_, op)| op.authenticated)?;
    let description = schemas.text(&auth.about);
    if auth.header.eq_ignore_ascii_case("Authorization") && auth.prefix.eq_ignore_ascii_case("Bearer ") {
        return Some((
            "bearerAuth",
            SecurityScheme::Http {
                scheme: "bearer",
                description,
            },
        ));
    }
    let prefix = match auth.prefix.trim_end() {
        "" => String::new(),
        prefix => format!("{}`{prefix}`{}", schemas.words.prefix, schemas.words.stop),
    };
    let description = schemas.sentences(&[&description, &prefix]);
    Some((
        "apiKeyAuth",
        SecurityScheme::ApiKey {
            location: "header",
            name: auth.header.clone(),
            description,
        },
    ))
}
