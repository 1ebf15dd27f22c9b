//! The `OpenAPI` documents, and the operations and schemas in them.

use std::fs;
use std::path::{Path, PathBuf};

use generator::ir::Api;
use generator::render::editions::{Edition, Standard, editions, webhooks_file_name};
use serde_json::Value;

/// A choice of the generated documents.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Editions {
    /// Every edition, and the webhooks in every language.
    All,
    /// Every edition.
    Operations,
    /// One document per version of the standard, in the first language.
    EveryStandard,
    /// The same, and the webhooks.
    EveryStandardAndWebhooks,
    /// The newest version of the standard, in the first language.
    Newest,
    /// The same, and the webhooks.
    NewestAndWebhooks,
    /// The edition for tools that only support `OpenAPI` 3.0.
    V30,
}

impl Editions {
    fn contains(self, source: Source) -> bool {
        match (self, source) {
            (Self::All, _) | (Self::Operations, Source::Operations(_)) => true,
            (Self::EveryStandard | Self::EveryStandardAndWebhooks, Source::Operations(edition)) => {
                edition.language == 0
            }
            (Self::Newest | Self::NewestAndWebhooks, Source::Operations(edition)) => {
                edition.language == 0 && edition.standard == Standard::V31
            }
            (Self::V30, Source::Operations(edition)) => edition.standard == Standard::V30,
            (Self::EveryStandardAndWebhooks | Self::NewestAndWebhooks, Source::Webhooks { language }) => language == 0,
            (_, Source::Webhooks { .. }) => false,
        }
    }
}

/// The content of a document.
#[derive(Debug, Clone, Copy)]
enum Source {
    /// The operations.
    Operations(Edition),
    /// The webhooks in a language: an index into [`Api::languages`].
    Webhooks { language: usize },
}

impl Source {
    /// Returns all generated documents.
    fn all(api: &Api) -> impl Iterator<Item = Self> {
        let languages = api.webhooks.as_ref().map_or(0, |_| api.languages.len());
        let webhooks = (0..languages).map(|language| Self::Webhooks { language });
        editions(api).into_iter().map(Self::Operations).chain(webhooks)
    }

    fn file_name(self, api: &Api) -> String {
        match self {
            Self::Operations(edition) => edition.file_name(api),
            Self::Webhooks { language } => webhooks_file_name(api, language),
        }
    }
}

/// A set of loaded documents, each at most once.
pub(crate) struct Documents(Vec<Document>);

impl Documents {
    pub(crate) fn load(api: &Api, folder: &Path, needed: &[Editions]) -> Result<Self, String> {
        let is_needed = |source: &Source| needed.iter().any(|editions| editions.contains(*source));
        let sources = Source::all(api).filter(is_needed);
        let documents = sources.map(|source| Document::load(api, folder, source));
        documents.collect::<Result<_, _>>().map(Self)
    }

    pub(crate) fn of(&self, editions: Editions) -> impl Iterator<Item = &Document> {
        self.0.iter().filter(move |document| editions.contains(document.source))
    }
}

/// A document with its path.
pub(crate) struct Document {
    source: Source,
    pub(crate) file_name: String,
    pub(crate) path: PathBuf,
    content: Value,
}

impl Document {
    fn load(api: &Api, folder: &Path, source: Source) -> Result<Self, String> {
        let file_name = source.file_name(api);
        let path = folder.join(&file_name);
        let failed = |error: &dyn std::fmt::Display| format!("error: {}: {error}", path.display());
        // The path must be absolute, because each tool runs in its own folder.
        let path = fs::canonicalize(&path).map_err(|error| failed(&error))?;
        let text = fs::read_to_string(&path).map_err(|error| failed(&error))?;
        let content = serde_yaml::from_str(&text).map_err(|error| failed(&error))?;
        Ok(Self {
            source,
            file_name,
            path,
            content,
        })
    }

    /// Returns `true` if this is the edition that client generators are recommended to use.
    pub(crate) fn is_for_generators(&self) -> bool {
        Editions::V30.contains(self.source)
    }

    /// Returns `true` if the document contains webhooks instead of operations.
    pub(crate) fn is_of_webhooks(&self) -> bool {
        matches!(self.source, Source::Webhooks { .. })
    }

    /// Returns all methods of all paths and webhooks.
    pub(crate) fn operations(&self) -> Vec<Operation<'_>> {
        let paths = ["paths", "webhooks"]
            .into_iter()
            .filter_map(|key| self.content[key].as_object());
        let operations = paths.flatten().flat_map(|(path, item)| {
            let entries = item.as_object().into_iter().flatten();
            let methods = entries.filter(|(key, _)| METHODS.contains(&key.as_str()));
            methods.map(|(method, content)| Operation {
                route: route(method, path),
                id: content["operationId"].as_str().unwrap_or_default(),
            })
        });
        operations.collect()
    }

    /// Returns the names of the schemas in `components`.
    pub(crate) fn schemas(&self) -> Vec<&str> {
        let schemas = self.content["components"]["schemas"].as_object();
        schemas.into_iter().flatten().map(|(name, _)| name.as_str()).collect()
    }

    /// Removes the operations that accept a multipart body. Returns the document as JSON, and the routes of the removed operations.
    pub(crate) fn without_multipart(&self) -> (String, Vec<String>) {
        let mut content = self.content.clone();
        let mut removed = Vec::new();
        let paths = content["paths"].as_object_mut();
        for (path, item) in paths.into_iter().flatten() {
            let Some(item) = item.as_object_mut() else { continue };
            item.retain(|method, operation| {
                let multipart = operation["requestBody"]["content"].get("multipart/form-data").is_some();
                if multipart {
                    removed.push(route(method, path));
                }
                !multipart
            });
        }
        (content.to_string(), removed)
    }

    /// Creates a document from text.
    #[cfg(test)]
    pub(crate) fn parse(text: &str) -> Self {
        Self {
            source: Source::Operations(Edition {
                standard: Standard::V31,
                language: 0,
            }),
            file_name: String::new(),
            path: PathBuf::new(),
            content: serde_yaml::from_str(text).unwrap(),
        }
    }
}

/// A method of a path.
pub(crate) struct Operation<'a> {
    /// `POST /users`, or `POST user_created` for a webhook.
    pub(crate) route: String,
    pub(crate) id: &'a str,
}

const METHODS: [&str; 8] = ["get", "put", "post", "delete", "options", "head", "patch", "trace"];

/// Formats a route: `POST /users`.
pub(crate) fn route(method: &str, path: &str) -> String {
    format!("{} {path}", method.to_uppercase())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn finds_the_methods_of_all_paths_and_webhooks() {
        let document = Document::parse(
            "paths:
              /a: {summary: x, parameters: [], get: {operationId: list}, post: {}, x-y: {}}
              /b: {delete: {}}
webhooks:
  c: {post: {operationId: c}}",
        );
        let operations = document.operations();
        let found: Vec<_> = operations.iter().map(|one| (one.route.as_str(), one.id)).collect();
        assert_eq!(
            found,
            [("GET /a", "list"), ("POST /a", ""), ("DELETE /b", ""), ("POST c", "c")]
        );
        assert!(document.schemas().is_empty());
    }

    #[test]
    fn removes_operations_with_multipart_bodies() {
        let document = Document::parse(
            "paths:
              /a:
                parameters: []
                get: {operationId: a}
                post: {requestBody: {content: {multipart/form-data: {}}}}
              /b: {put: {requestBody: {content: {application/json: {}}}}}",
        );
        let (rest, removed) = document.without_multipart();
        assert_eq!(removed, ["POST /a"]);
        let routes: Vec<_> = Document::parse(&rest)
            .operations()
            .into_iter()
            .map(|one| one.route)
            .collect();
        assert_eq!(routes, ["GET /a", "PUT /b"]);
    }
}
