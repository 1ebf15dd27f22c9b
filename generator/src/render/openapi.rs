//! Renders the API as an `OpenAPI` document.
//!
//! `OpenAPI` allows one operation per method and path, so operations that share them are merged: see `operations` for what
//! is joined, `bodies` and `answers` for how alternatives are told apart. Forms are chosen so that the tools people feed
//! such a document to accept it; where a more exact form exists that some tool refuses, a comment says so.

mod answers;
mod bodies;
mod document;
mod errors;
mod fit;
mod names;
mod operations;
mod parameters;
mod records;
mod schemas;
mod servers;
mod text;
mod words;
mod yaml;

use std::collections::BTreeMap;

use self::document::{Components, Document, Info, License, Security, SecurityScheme, Tag};
use self::operations::Operations;
use self::schemas::Schemas;
use crate::files::File;
use crate::ir::Api;

/// The licence of whatever is generated.
const LICENSE: &str = "MIT OR Apache-2.0";

/// The `OpenAPI` documents of an API.
#[must_use]
pub fn render(api: &Api) -> Vec<File> {
    let edition = Edition {
        dialect: Dialect::V31,
        language: 0,
    };
    vec![File {
        path: edition.path(api),
        contents: edition.contents(api),
    }]
}

/// One form of the document.
#[derive(Debug, Clone, Copy)]
struct Edition {
    dialect: Dialect,
    /// Index into [`Api::languages`].
    language: usize,
}

/// A version of the standard.
#[derive(Debug, Clone, Copy)]
enum Dialect {
    V31,
}

impl Dialect {
    fn version(self) -> &'static str {
        match self {
            Self::V31 => "3.1.1",
        }
    }

    fn suffix(self) -> &'static str {
        match self {
            Self::V31 => "",
        }
    }
}

impl Edition {
    /// The first language stands without its code.
    fn path(self, api: &Api) -> String {
        let language = match api.languages.get(self.language) {
            Some(language) if self.language > 0 => format!(".{}", language.code),
            _ => String::new(),
        };
        format!("openapi/openapi{}{language}.yaml", self.dialect.suffix())
    }

    fn contents(self, api: &Api) -> String {
        // Every key of the document is a string, so that this cannot fail.
        serde_json::to_value(self.document(api))
            .as_ref()
            .map(yaml::write)
            .unwrap_or_default()
    }

    fn document(self, api: &Api) -> Document {
        let language = api
            .languages
            .get(self.language)
            .map_or("", |language| language.code.as_str());
        let mut schemas = Schemas::new(api, words::of(language), self.language);
        let scheme = security_scheme(&schemas);
        let (paths, responses) = Operations::new(&mut schemas, scheme.as_ref().map(|(name, _)| *name)).build();
        Document {
            openapi: self.dialect.version(),
            info: Info {
                title: schemas.plain(&api.title).to_owned(),
                version: api.version.clone(),
                description: schemas.text(&api.about),
                license: License {
                    name: LICENSE,
                    identifier: LICENSE,
                },
            },
            servers: servers::servers(&schemas),
            security: scheme
                .iter()
                .map(|(name, _)| Security::from([(*name, Vec::new())]))
                .collect(),
            tags: tags(&schemas),
            paths,
            components: Components {
                security_schemes: scheme.into_iter().collect::<BTreeMap<_, _>>(),
                responses,
                schemas: schemas.into_components(),
            },
        }
    }
}

fn tags(schemas: &Schemas<'_>) -> Vec<Tag> {
    let sections = schemas.api.sections.iter();
    sections
        .map(|section| Tag {
            name: schemas.plain(&section.title).to_owned(),
            description: schemas.text(&section.about),
        })
        .collect()
}

/// How a caller proves who it is, with the scheme's name; `None` where nobody has to.
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
        prefix => format!("{} `{prefix}`.", schemas.words.prefix),
    };
    let description = schemas.sentences(&[&description, &prefix]);
    Some((
        "apiKeyAuth",
        SecurityScheme::ApiKey {
            place: "header",
            name: auth.header.clone(),
            description,
        },
    ))
}
