//! Hand-written parts of the client crate.

use serde::Serialize;

/// A table of the client's manifest that a spec can add to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub enum ManifestTable {
    /// What is said of the crate itself.
    Package,
    /// Cargo features.
    Features,
    /// What the crate depends on.
    Dependencies,
    /// What its tests depend on.
    DevDependencies,
}

impl ManifestTable {
    /// Every table.
    pub const ALL: [Self; 4] = [Self::Package, Self::Features, Self::Dependencies, Self::DevDependencies];

    /// Its name in the manifest.
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

/// The module that a hand-written file of the client is, by its path in the crate.
#[must_use]
pub fn own_module(path: &str) -> Option<&str> {
    path.strip_prefix("src/")?.strip_suffix(".rs")
}
