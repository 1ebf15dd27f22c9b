//! Hand-written parts of generated crates.

use serde::Serialize;

/// The hand-written part of a generated crate.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize)]
pub struct HandWritten {
    /// Path in the crate and content of each file, sorted by path.
    pub files: Vec<(String, String)>,
    /// The text of a page of the docs about the crate, without its title, in each language. Empty if there is none.
    pub pages: Vec<String>,
    /// Additions to tables of the manifest, as TOML.
    pub manifest: Vec<(ManifestTable, String)>,
}

impl HandWritten {
    /// Returns `true` if there is a file with this path in the crate.
    #[must_use]
    pub fn has_file(&self, path: &str) -> bool {
        self.files.iter().any(|(of, _)| of == path)
    }

    /// Returns the entries that the spec adds to a table of the manifest.
    #[must_use]
    pub fn entries(&self, table: ManifestTable) -> String {
        let entries = self.manifest.iter().filter(|(of, _)| *of == table);
        entries.map(|(_, text)| text.trim_matches('\n')).collect()
    }
}

/// A table of a manifest that a spec can add to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub enum ManifestTable {
    /// Metadata of the crate.
    Package,
    /// Cargo features.
    Features,
    /// Dependencies of the crate.
    Dependencies,
    /// Dependencies of its tests.
    DevDependencies,
}

impl ManifestTable {
    /// All tables.
    pub const ALL: [Self; 4] = [Self::Package, Self::Features, Self::Dependencies, Self::DevDependencies];

    /// Returns the name in the manifest.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Package => "package",
            Self::Features => "features",
            Self::Dependencies => "dependencies",
            Self::DevDependencies => "dev-dependencies",
        }
    }
}

/// Returns the module of a hand-written file of the client, given its path in the crate. Returns `None` if it is not a module.
#[must_use]
pub fn hand_written_module(path: &str) -> Option<&str> {
    path.strip_prefix("src/")?.strip_suffix(".rs")
}

/// Returns the path of the module that a Markdown file next to the sources documents: `guide::errors` for `src/guide/errors.md`.
#[must_use]
pub fn documented_module(path: &str) -> Option<String> {
    Some(path.strip_prefix("src/")?.strip_suffix(".md")?.replace('/', "::"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn markdown_next_to_the_sources_documents_a_module() {
        assert_eq!(
            documented_module("src/guide/errors.md").as_deref(),
            Some("guide::errors")
        );
        for other in ["README.md", "src/guide.rs", "tests/guide/errors.md"] {
            assert_eq!(documented_module(other), None, "{other}");
        }
    }
}
