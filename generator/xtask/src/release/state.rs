//! The state of the project that the checks look at.

use std::fs;
use std::path::Path;

use generator::files::Drift;
use generator::ir::Api;

use super::changelog::Changelog;
use super::commands::Commands;
use super::packages::{self, Package};
use super::version::Version;
use crate::args::Folders;
use crate::git::git;
use crate::library;

/// A release in preparation.
pub(super) struct Release<'a> {
    pub(super) folders: &'a Folders,
    pub(super) commands: &'a dyn Commands,
    pub(super) api: Api,
    /// The differences between the outputs and the spec.
    pub(super) drifts: Vec<Drift>,
    pub(super) version: Version,
    /// The version of the last release: the highest of the tags of earlier commits.
    pub(super) last: Option<Version>,
    /// The commit that has the tag of this version.
    pub(super) tagged: Option<String>,
    pub(super) head: String,
    /// The changes that are not committed, as git prints them.
    pub(super) status: String,
    /// The Markdown files whose links are checked.
    pub(super) pages: String,
    /// The packages of the workspace.
    pub(super) packages: Vec<Package>,
    pub(super) changelog: Changelog,
}

impl<'a> Release<'a> {
    pub(super) fn read(folders: &'a Folders, commands: &'a dyn Commands) -> Result<Self, String> {
        let sources = library::load(&folders.spec)?;
        let (api, outputs) = (library::api(&sources, false)?, library::generate(&sources, false)?);
        let version = Version::parse(&api.version)
            .ok_or_else(|| format!("error: `{}` does not consist of three numbers", api.version))?;
        let ask = |words: &[&str]| git(&folders.root, &[], words);
        let tag = format!("refs/tags/{}^{{commit}}", version.tag());
        let tags = |words: &[&str]| -> Result<Vec<Version>, String> {
            let tags = ask(words)?;
            Ok(tags.lines().filter_map(Version::of_tag).collect())
        };
        let here = tags(&["tag", "--points-at", "HEAD"])?;
        let earlier = tags(&["tag", "--merged", "HEAD"])?.into_iter();
        Ok(Self {
            drifts: outputs.check(&folders.out).map_err(|error| format!("error: {error}"))?,
            status: ask(&["status", "--porcelain"])?,
            pages: ask(&["ls-files", "--", "README.md", "*/README.md", "CHANGELOG.md"])?,
            api,
            version,
            last: earlier.filter(|tag| !here.contains(tag)).max(),
            tagged: ask(&["rev-parse", "--verify", "--quiet", &tag]).ok(),
            head: ask(&["rev-parse", "HEAD"])?,
            packages: packages::read(folders)?,
            changelog: Changelog::parse(&fs::read_to_string(folders.root.join("CHANGELOG.md")).unwrap_or_default()),
            folders,
            commands,
        })
    }

    /// Returns the heading of the report.
    pub(super) fn title(&self) -> String {
        let last = match self.last {
            Some(last) => format!("after {last}"),
            None => "the first release".to_owned(),
        };
        format!("{} {}, {last}\n\n", self.api.name, self.version)
    }

    /// Returns the commands that publish the release.
    pub(super) fn steps(&self) -> String {
        let (name, version, tag) = (&self.api.name, self.version, self.version.tag());
        let mut steps = String::new();
        if self.tagged.is_none() {
            steps = format!("  git tag --annotate {tag} --message '{name} {version}'\n");
        }
        let packages: Vec<_> = self.released().map(|package| package.name.as_str()).collect();
        let packages = packages.join(" --package ");
        format!(
            "\nNothing is missing. Once CI has passed, publish the release:\n\n{steps}  git push origin {tag}\n  cargo publish \
             --locked --package {packages}\n"
        )
    }

    /// Returns the packages that are released: the generated ones.
    pub(super) fn released(&self) -> impl Iterator<Item = &Package> {
        self.packages.iter().filter(|package| package.is_generated)
    }

    /// Returns a path relative to the workspace if possible.
    pub(super) fn shown(&self, path: &Path) -> String {
        let path = path.strip_prefix(&self.folders.root).unwrap_or(path);
        path.display().to_string()
    }
}
