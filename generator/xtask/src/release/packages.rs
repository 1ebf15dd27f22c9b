//! Checks the packages: manifests, licences, and that they can be packaged.

use std::path::{Path, PathBuf};
use std::process::Command;

use serde::Deserialize;

use super::state::Release;
use super::{Missing, shortened};
use crate::args::Folders;
use crate::tools::process::{RUN_TIMEOUT, succeed};

/// A package of the workspace.
#[derive(Deserialize)]
pub(super) struct Package {
    pub(super) name: String,
    pub(super) version: String,
    manifest_path: PathBuf,
    description: Option<String>,
    license: Option<String>,
    repository: Option<String>,
    readme: Option<String>,
    /// The registries to which it may be published. Default: all.
    publish: Option<Vec<String>>,
    /// Its manifest, relative to the workspace.
    #[serde(skip)]
    pub(super) shown: String,
    #[serde(skip)]
    pub(super) is_generated: bool,
}

/// Reads the manifests of the workspace.
pub(super) fn read(folders: &Folders) -> Result<Vec<Package>, String> {
    #[derive(Deserialize)]
    struct Metadata {
        packages: Vec<Package>,
        workspace_root: PathBuf,
    }
    let mut cargo = Command::new("cargo");
    cargo.args(["metadata", "--no-deps", "--offline", "--format-version", "1"]);
    let metadata = succeed(cargo.current_dir(&folders.root), RUN_TIMEOUT)?;
    let metadata: Metadata = serde_json::from_str(&metadata).map_err(|error| format!("cargo metadata: {error}"))?;
    let out = folders.out.strip_prefix(&folders.root).unwrap_or(&folders.out);
    let out = metadata.workspace_root.join(out);
    let mut packages = metadata.packages;
    for package in &mut packages {
        let path = &package.manifest_path;
        package.is_generated = path.starts_with(&out);
        package.shown = path
            .strip_prefix(&metadata.workspace_root)
            .unwrap_or(path)
            .display()
            .to_string();
    }
    Ok(packages)
}

impl Package {
    fn folder(&self) -> &Path {
        self.manifest_path.parent().unwrap_or(&self.manifest_path)
    }

    fn is_private(&self) -> bool {
        self.publish.as_ref().is_some_and(Vec::is_empty)
    }

    /// Returns the hand-written manifest in the spec whose entries are part of this generated one.
    fn source(&self, release: &Release<'_>) -> String {
        let folder = self.folder().file_name().unwrap_or_default();
        release.shown(&release.folders.spec.join(folder).join("Cargo.toml"))
    }
}

/// The generated packages need what a registry asks for; the other ones must not be published.
pub(super) fn manifests(release: &Release<'_>) -> Vec<Missing> {
    let mut missing = Vec::new();
    for package in &release.packages {
        let (shown, source) = (&package.shown, package.source(release));
        let mut edit = |what: &str, edit: &str| {
            let remedy = format!("{edit} `[package]` of {source}, and run `cargo xtask generate`.");
            missing.push(Missing::new(format!("{shown} has {what}."), remedy));
        };
        match (package.is_generated, package.is_private()) {
            (true, true) => edit("`publish = false`", "Write `publish = true` in"),
            (false, false) => {
                let what = format!("{shown} is not generated, but has no `publish = false`.");
                missing.push(Missing::new(what, "Add it to `[package]`."));
                continue;
            }
            (false, true) => continue,
            (true, false) => {}
        }
        let mut edit = |what: &str, key: &str, value: &str| edit(what, &format!("Add `{key} = \"{value}\"` to"));
        if package.description.is_none() {
            edit("no `description`", "description", "..");
        }
        if package.repository.is_none() {
            edit("no `repository`", "repository", "https://..");
        }
        if package.readme.is_none() {
            edit("no `readme`", "readme", "README.md");
        }
    }
    missing
}

/// Each licence of a generated package needs its text, which is part of the package.
pub(super) fn licences(release: &Release<'_>) -> Vec<Missing> {
    let mut missing = Vec::new();
    for package in release.released() {
        let (shown, source) = (&package.shown, package.source(release));
        let Some(expression) = &package.license else {
            let remedy = format!(
                "Add `license = \"..\"`, an SPDX expression, to `[package]` of {source}, and run `cargo xtask generate`."
            );
            missing.push(Missing::new(format!("{shown} has no `license`."), remedy));
            continue;
        };
        let folder = Path::new(&source).with_file_name("");
        for name in names(expression) {
            let file = format!("LICENSE-{}", name.split('-').next().unwrap_or(name).to_uppercase());
            let exists = ["", ".md", ".txt"]
                .iter()
                .any(|extension| package.folder().join(format!("{file}{extension}")).is_file());
            if !exists {
                let what = format!("{shown} has the licence `{name}`, but its folder has no file {file}.md.");
                let remedy = format!(
                    "Add {}, and run `cargo xtask generate`.",
                    folder.join(file + ".md").display()
                );
                missing.push(Missing::new(what, remedy));
            }
        }
    }
    missing
}

/// Returns the licences in an SPDX expression.
fn names(expression: &str) -> impl Iterator<Item = &str> {
    let words = expression.split([' ', '(', ')', '/']).filter(|word| !word.is_empty());
    let mut after_with = false;
    words.filter(move |word| {
        let is_exception = std::mem::replace(&mut after_with, *word == "WITH");
        !is_exception && !matches!(*word, "AND" | "OR" | "WITH")
    })
}

/// Cargo must be able to package the generated crates, and to build them from the packages.
pub(super) fn packages(release: &Release<'_>) -> Vec<Missing> {
    let names: Vec<_> = release.released().map(|package| package.name.as_str()).collect();
    let outcome = release.commands.package(&release.folders.root, &names);
    let missing = outcome.err().map(|error| {
        let what = format!("The crates cannot be packaged:\n{}", shortened(&error));
        let packages = names.join(" --package ");
        let mut remedy = format!("Correct this until `cargo package --package {packages}` succeeds.");
        if release.released().any(Package::is_private) {
            remedy.push_str(" First correct the manifests: cargo does not find a dependency with `publish = false`.");
        }
        Missing::new(what, remedy)
    });
    missing.into_iter().collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn expressions_name_licences() {
        let of = |expression| names(expression).collect::<Vec<_>>();
        assert_eq!(of("MIT OR Apache-2.0"), ["MIT", "Apache-2.0"]);
        assert_eq!(
            of("(MIT AND Apache-2.0 WITH LLVM-exception)/Zlib"),
            ["MIT", "Apache-2.0", "Zlib"]
        );
    }
}
