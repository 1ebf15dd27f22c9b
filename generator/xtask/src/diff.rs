//! Compares the spec at a revision with the spec in the working tree.

mod change;
mod compare;
mod kinds;
mod locate;
mod report;
mod revision;
#[cfg(test)]
mod tests;

use std::path::Path;

use generator::ir::Api;
use generator::source::SourceSet;

use crate::args::Folders;
use crate::library;
pub(crate) use kinds::Verdict;
use locate::Locator;
use report::Report;

/// The options of the command.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Options {
    /// The revision to compare with: anything that git resolves to a commit.
    pub(crate) revision: String,
    pub(crate) format: Format,
    /// Whether breaking changes are a failure.
    pub(crate) fail_on_breaking: bool,
}

/// The format of the report.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Format {
    /// For a terminal.
    Text,
    /// For a pull request.
    Markdown,
    /// For programs.
    Json,
}

impl Format {
    /// Parses the value of `--format`.
    pub(crate) fn parse(name: &str) -> Option<Self> {
        match name {
            "text" => Some(Self::Text),
            "markdown" => Some(Self::Markdown),
            "json" => Some(Self::Json),
            _ => None,
        }
    }
}

/// The report on the changes, and whether one of them is breaking.
pub(crate) struct Outcome {
    pub(crate) report: String,
    pub(crate) is_breaking: bool,
}

/// Compares the spec at a revision with the spec in the working tree.
pub(crate) fn run(folders: &Folders, options: &Options, colour: bool) -> Result<Outcome, String> {
    let sources = library::load(&folders.spec)?;
    let new = library::api(&sources, colour)?;
    let (commit, old) = revision::load(&folders.spec, &options.revision)?;
    let spec = folders.spec.strip_prefix(&folders.root).unwrap_or(&folders.spec);
    let report = Report::new(
        &options.revision,
        &commit,
        compare::compare(&old, &new),
        &locator(&sources, spec),
    );
    Ok(Outcome {
        report: report.render(options.format),
        is_breaking: report.is_breaking(),
    })
}

/// Judges each change since a revision for the users of the client and of the `OpenAPI` documents, whichever verdict is worse.
pub(crate) fn judge(spec: &Path, new: &Api, revision: &str) -> Result<Vec<Verdict>, String> {
    let (_, old) = revision::load(spec, revision)?;
    let worse = |[client, openapi, _]: kinds::Verdicts| client.max(openapi);
    let changes = compare::compare(&old, new);
    Ok(changes.iter().map(|change| worse(change.verdicts())).collect())
}

fn locator(sources: &SourceSet, spec: &Path) -> Locator {
    Locator::new(sources, &spec.display().to_string())
}
