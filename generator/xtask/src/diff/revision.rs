//! Reads the spec at a revision of the git repository that contains it.

use std::path::{Path, PathBuf};

use generator::diagnostic::Diagnostics;
use generator::ir::Api;
use generator::source::SourceSet;

use crate::git::git;

/// Maximum number of diagnostics of an unreadable revision in a message.
const MAX_DIAGNOSTICS: usize = 5;

/// Returns the commit that a revision names, and its spec.
pub(crate) fn load(spec: &Path, revision: &str) -> Result<(String, Api), String> {
    let repository = Repository::of(spec)?;
    let commit = repository.resolve(revision)?;
    match repository.load(&commit)? {
        Ok(api) => Ok((commit, api)),
        Err(diagnostics) => Err(repository.describe(revision, &commit, &diagnostics)),
    }
}

/// The repository that contains a spec.
struct Repository {
    root: PathBuf,
    /// The folder of the spec in the repository, with a slash at the end unless it is the root.
    folder: String,
}

impl Repository {
    fn of(spec: &Path) -> Result<Self, String> {
        let ask = |question: &str| git(spec, &[], &["rev-parse", question]);
        Ok(Self {
            root: ask("--show-toplevel")?.into(),
            folder: ask("--show-prefix")?,
        })
    }

    /// Returns the commit that a revision names.
    fn resolve(&self, revision: &str) -> Result<String, String> {
        let commit = format!("{revision}^{{commit}}");
        let words = ["rev-parse", "--verify", "--quiet", "--end-of-options", &commit];
        let found = git(&self.root, &[], &words).ok().filter(|commit| !commit.is_empty());
        found.ok_or_else(|| {
            format!("error: git does not know the revision `{revision}`; expected a commit, tag or branch")
        })
    }

    /// Reads the spec of a commit. The inner error is that of the spec.
    fn load(&self, commit: &str) -> Result<Result<Api, Diagnostics>, String> {
        let folder =
            tempfile::tempdir().map_err(|error| format!("error: cannot create a temporary folder: {error}"))?;
        let (index, files) = (folder.path().join("index"), folder.path().join("spec/"));
        let index = [("GIT_INDEX_FILE", index.as_path())];
        let tree = format!("{commit}:{}", self.folder);
        git(&self.root, &index, &["read-tree", &tree])
            .map_err(|_| format!("error: revision {} has no folder `{}`", short(commit), self.folder))?;
        let prefix = format!("--prefix={}", files.display());
        git(&self.root, &index, &["checkout-index", "--all", &prefix])?;
        let sources = SourceSet::load(&files).map_err(|error| format!("error: {error}"))?;
        Ok(generator::load(&sources))
    }

    /// Describes why the spec of a commit cannot be read, and which later commit can be read.
    fn describe(&self, revision: &str, commit: &str, diagnostics: &Diagnostics) -> String {
        let rendered = diagnostics.render(false);
        // The last paragraph is a summary.
        let (shown, _) = rendered.rsplit_once("\n\n").unwrap_or((&rendered, ""));
        let shown: Vec<&str> = shown.split("\n\n").take(MAX_DIAGNOSTICS).collect();
        let shown = shown.join("\n\n");
        let count = diagnostics.list().len();
        let advice = match self.oldest_readable(commit) {
            Some(commit) => format!("The oldest later revision that it can read is {}.", short(&commit)),
            None => "No later revision that is committed can be read.".to_owned(),
        };
        format!(
            "error: the spec at `{revision}` cannot be read: this generator finds {count} errors in it. The notation may have \
             changed since. {advice}\n\nThe first errors:\n\n{shown}\n"
        )
    }

    /// Returns the oldest commit after another one whose spec can be read, assuming that all later ones can be read, too.
    fn oldest_readable(&self, commit: &str) -> Option<String> {
        let range = format!("{commit}..HEAD");
        let folder = if self.folder.is_empty() { "." } else { &self.folder };
        let list = git(&self.root, &[], &["rev-list", "--reverse", &range, "--", folder]).ok()?;
        let commits: Vec<&str> = list.lines().collect();
        let is_readable = |commit: &&str| matches!(self.load(commit), Ok(Ok(_)));
        let first = commits.partition_point(|commit| !is_readable(commit));
        commits
            .get(first)
            .filter(|commit| is_readable(commit))
            .map(|commit| (*commit).to_owned())
    }
}

/// Returns the first characters of the name of a commit.
pub(crate) fn short(commit: &str) -> &str {
    commit.get(..10).unwrap_or(commit)
}
