//! The documents that the tools are shown, and what is to be found in them.

use std::fs;
use std::path::{Path, PathBuf};

use serde_json::Value;

/// Which of the documents.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Edition {
    English,
    Chinese,
    /// For tools that know `OpenAPI` 3.0 only.
    V30,
}

impl Edition {
    pub(super) const ALL: &[Self] = &[Self::English, Self::Chinese, Self::V30];

    pub(super) fn file_name(self) -> &'static str {
        match self {
            Self::English => "openapi.yaml",
            Self::Chinese => "openapi.zh.yaml",
            Self::V30 => "openapi-3.0.yaml",
        }
    }
}

/// Those that are needed, each once.
pub(super) struct Documents(Vec<Document>);

impl Documents {
    pub(super) fn load<'a>(folder: &Path, needed: impl Iterator<Item = &'a Edition>) -> Result<Self, String> {
        let needed: Vec<_> = needed.collect();
        let editions = Edition::ALL.iter().filter(|edition| needed.contains(edition));
        let documents = editions.map(|&edition| Document::load(folder, edition));
        documents.collect::<Result<_, _>>().map(Self)
    }

    pub(super) fn of(&self, editions: &[Edition]) -> impl Iterator<Item = &Document> {
        self.0.iter().filter(|document| editions.contains(&document.edition))
    }
}

/// A document, and where it is.
pub(super) struct Document {
    pub(super) edition: Edition,
    pub(super) path: PathBuf,
    content: Value,
}

impl Document {
    fn load(folder: &Path, edition: Edition) -> Result<Self, String> {
        let path = folder.join(edition.file_name());
        let failed = |error: &dyn std::fmt::Display| format!("error: {}: {error}", path.display());
        // The tools are called in folders of their own.
        let path = fs::canonicalize(&path).map_err(|error| failed(&error))?;
        let text = fs::read_to_string(&path).map_err(|error| failed(&error))?;
        let content = serde_yaml::from_str(&text).map_err(|error| failed(&error))?;
        Ok(Self { edition, path, content })
    }

    /// How many pairs of a method and a path there are.
    pub(super) fn operations(&self) -> usize {
        operations(&self.content).count()
    }
}

const METHODS: [&str; 8] = ["get", "put", "post", "delete", "options", "head", "patch", "trace"];

/// Method, path, and what the document says of the operation.
fn operations(content: &Value) -> impl Iterator<Item = (&str, &str, &Value)> {
    let paths = content["paths"].as_object().into_iter().flatten();
    paths.flat_map(|(path, item)| {
        let entries = item.as_object().into_iter().flatten();
        let methods = entries.filter(|(key, _)| METHODS.contains(&key.as_str()));
        methods.map(|(method, operation)| (method.as_str(), path.as_str(), operation))
    })
}

#[cfg(test)]
mod tests {
    use super::operations;

    #[test]
    fn an_operation_is_a_method_of_a_path() {
        let document = serde_yaml::from_str(
            "{openapi: '3.1.1', paths: {/a: {summary: x, parameters: [], get: {}, post: {}, x-y: {}}, /b: {delete: {}}}}",
        );
        let document = document.unwrap();
        let found: Vec<_> = operations(&document).map(|(method, path, _)| (method, path)).collect();
        assert_eq!(found, [("get", "/a"), ("post", "/a"), ("delete", "/b")]);
    }
}
