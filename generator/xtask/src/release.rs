//! Checks that everything is ready for a release, and lists all that is missing.

mod changelog;
mod commands;
mod links;
mod packages;
mod state;
#[cfg(test)]
mod tests;
mod version;

use std::io::Write;

use crate::args::Folders;
pub(crate) use commands::{Cargo, Commands};
use state::Release;

/// Maximum number of lines of a list or of the output of a command in a report.
const MAX_LINES: usize = 10;

/// Something that is missing for a release.
struct Missing {
    what: String,
    /// The remedy.
    remedy: String,
}

impl Missing {
    fn new(what: impl Into<String>, remedy: impl Into<String>) -> Self {
        Self {
            what: what.into(),
            remedy: remedy.into(),
        }
    }
}

type Check = fn(&Release<'_>) -> Vec<Missing>;

/// The checks with their names. Those that take minutes come last.
const CHECKS: [(&str, Check); 9] = [
    ("version", version::check),
    ("changelog", changelog::check),
    ("working tree", working_tree),
    ("outputs", outputs),
    ("manifests", packages::manifests),
    ("licences", packages::licences),
    ("links", links::check),
    ("public API", version::baseline),
    ("packages", packages::packages),
];

/// Runs all checks and writes a report. Returns `true` if nothing is missing.
pub(crate) fn run(folders: &Folders, commands: &dyn Commands, out: &mut dyn Write) -> Result<bool, String> {
    let release = Release::read(folders, commands)?;
    let mut print = |text: String| {
        // Ignores errors, for example if the output is piped to a program that has ended.
        let _ = out.write_all(text.as_bytes()).and_then(|()| out.flush());
    };
    print(release.title());
    let mut all = Vec::new();
    for (name, check) in CHECKS {
        print(format!("{name:<14}"));
        let missing = check(&release);
        print(match missing.len() {
            0 => "ok\n".to_owned(),
            count => format!("{count} missing\n"),
        });
        all.extend(missing);
    }
    print(if all.is_empty() { release.steps() } else { list(&all) });
    Ok(all.is_empty())
}

/// Renders the list of what is missing.
fn list(all: &[Missing]) -> String {
    let mut out = format!("\n{}:\n", counted(all.len(), "thing is missing", "things are missing"));
    for (index, missing) in all.iter().enumerate() {
        let text = format!("{}\n-> {}", missing.what.trim_end(), missing.remedy);
        out.push_str(&format!("\n{:>2}. {}\n", index + 1, text.replace('\n', "\n    ")));
    }
    out
}

/// Everything must be committed, so that the tag contains it.
fn working_tree(release: &Release<'_>) -> Vec<Missing> {
    if release.status.is_empty() {
        return Vec::new();
    }
    let changes = counted(release.status.lines().count(), "file has", "files have");
    let what = format!(
        "{changes} changes that are not committed:\n{}",
        shortened(&release.status)
    );
    vec![Missing::new(what, "Commit them.")]
}

/// The outputs must be those of the spec.
fn outputs(release: &Release<'_>) -> Vec<Missing> {
    if release.drifts.is_empty() {
        return Vec::new();
    }
    let lines: Vec<_> = release.drifts.iter().map(ToString::to_string).collect();
    let out = release.shown(&release.folders.out);
    let what = format!("{out} is not up to date:\n{}", shortened(&lines.join("\n")));
    vec![Missing::new(what, "Run `cargo xtask generate`.")]
}

/// Returns the first lines of a text.
fn shortened(text: &str) -> String {
    let lines: Vec<_> = text.lines().collect();
    let shown = lines.iter().take(MAX_LINES).map(|line| format!("  {line}\n"));
    let rest = lines.len().saturating_sub(MAX_LINES);
    let rest = (rest > 0).then(|| format!("  and {rest} more\n"));
    shown.chain(rest).collect()
}

/// Returns a number with a noun.
fn counted(count: usize, one: &str, many: &str) -> String {
    format!("{count} {}", if count == 1 { one } else { many })
}
