//! The commands that take minutes.

use std::path::Path;
use std::process::Command;

use crate::public_api;
use crate::tools::process::{BUILD_TIMEOUT, succeed};

/// The commands that take minutes. Tests replace them.
pub(crate) trait Commands {
    /// Returns the public API of a package: one line for each item.
    fn public_api(&self, root: &Path, package: &str) -> Result<String, String>;

    /// Packages crates as for publishing, and builds them from the packages.
    fn package(&self, root: &Path, packages: &[&str]) -> Result<(), String>;
}

/// Runs the commands with cargo.
pub(crate) struct Cargo;

impl Commands for Cargo {
    fn public_api(&self, root: &Path, package: &str) -> Result<String, String> {
        public_api::list(root, package)
    }

    fn package(&self, root: &Path, packages: &[&str]) -> Result<(), String> {
        let mut cargo = Command::new("cargo");
        // Changes that are not committed are a finding of their own.
        cargo.args(["package", "--quiet", "--locked", "--allow-dirty"]);
        cargo.args(packages.iter().flat_map(|package| ["--package", package]));
        succeed(cargo.current_dir(root), BUILD_TIMEOUT).map(drop)
    }
}
