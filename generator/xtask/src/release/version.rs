//! Checks that the version fits the changes since the last release.

use std::collections::BTreeSet;
use std::fmt;
use std::fs;

use super::state::Release;
use super::{Missing, counted, shortened};
use crate::diff::{self, Verdict};
use crate::{PUBLIC_API, public_api};

/// A version of the spec and the crates.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Version([u64; 3]);

impl Version {
    pub(super) fn parse(text: &str) -> Option<Self> {
        let numbers: Option<Vec<u64>> = text.split('.').map(|number| number.parse().ok()).collect();
        numbers?.try_into().ok().map(Self)
    }

    /// Returns the version of a tag such as `v1.2.3`.
    pub(super) fn of_tag(tag: &str) -> Option<Self> {
        Self::parse(tag.strip_prefix('v')?)
    }

    pub(super) fn tag(self) -> String {
        format!("v{self}")
    }

    /// Returns the lowest version that may follow after changes, by the rules of cargo.
    fn after(self, change: Change) -> Self {
        let [major, minor, patch] = self.0;
        Self(match change {
            Change::Breaking if major > 0 => [major + 1, 0, 0],
            Change::Breaking if minor > 0 => [0, minor + 1, 0],
            Change::Addition if major > 0 => [major, minor + 1, 0],
            _ => [major, minor, patch + 1],
        })
    }
}

impl fmt::Display for Version {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let [major, minor, patch] = self.0;
        write!(f, "{major}.{minor}.{patch}")
    }
}

/// The effect of changes on users.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Change {
    Other,
    Addition,
    Breaking,
}

/// The changes since the last release.
#[derive(Debug, Default)]
struct Changes {
    /// This generator cannot read the last spec.
    is_unreadable: bool,
    breaking: usize,
    removed: usize,
    added: usize,
    new: usize,
}

impl Changes {
    fn since(release: &Release<'_>, last: Version) -> Self {
        let mut changes = Self::default();
        match diff::judge(&release.folders.spec, &release.api, &last.tag()) {
            Err(_) => changes.is_unreadable = true,
            Ok(verdicts) => {
                let count = |wanted| verdicts.iter().filter(|verdict| **verdict == wanted).count();
                changes.breaking = count(Verdict::Breaking);
                changes.added = count(Verdict::Added);
            }
        }
        // Earlier releases may have no baseline.
        let file = format!("{}:./{PUBLIC_API}", last.tag());
        let before = crate::git::git(&release.folders.spec, &[], &["show", &file]);
        if let (Ok(before), Ok(now)) = (before, fs::read_to_string(release.folders.spec.join(PUBLIC_API))) {
            let [before, now] = [&before, &now].map(|text| text.lines().collect::<BTreeSet<_>>());
            changes.removed = before.difference(&now).count();
            changes.new = now.difference(&before).count();
        }
        changes
    }

    fn effect(&self) -> Change {
        if self.is_unreadable || self.breaking + self.removed > 0 {
            Change::Breaking
        } else if self.added + self.new > 0 {
            Change::Addition
        } else {
            Change::Other
        }
    }

    /// Describes the changes that determine the effect.
    fn describe(&self, last: Version) -> String {
        let parts = [
            (
                self.breaking,
                "breaking change of the spec",
                "breaking changes of the spec",
            ),
            (
                self.removed,
                "item removed from the public API",
                "items removed from the public API",
            ),
            (self.added, "addition to the spec", "additions to the spec"),
            (
                self.new,
                "item added to the public API",
                "items added to the public API",
            ),
        ];
        let parts = parts.into_iter().filter(|(count, ..)| *count > 0);
        let mut parts: Vec<_> = parts.map(|(count, one, many)| counted(count, one, many)).collect();
        if self.is_unreadable {
            let tag = last.tag();
            parts.push(format!(
                "this generator cannot read the spec at {tag}, which counts as breaking"
            ));
        }
        if parts.is_empty() {
            parts.push("no changes of the spec or the public API".to_owned());
        }
        format!("Since {last}: {}.", parts.join(", "))
    }
}

/// The version must be new, high enough, and the same everywhere. Breaking changes need an entry in the changelog.
pub(super) fn check(release: &Release<'_>) -> Vec<Missing> {
    let version = release.version;
    let mut missing = Vec::new();
    let api_yaml = release.shown(&release.folders.spec.join("api.yaml"));
    let mut raise = |what: String, required: Version| {
        let remedy = format!("Set `version: {required}` or higher in {api_yaml}, and run `cargo xtask generate`.");
        missing.push(Missing::new(what, remedy));
    };
    let tag = version.tag();
    let is_taken = release.tagged.as_ref().is_some_and(|commit| *commit != release.head);
    let taken = format!("Version {version} has been released: another commit has the tag {tag}.");
    let changes = release.last.map(|last| (last, Changes::since(release, last)));
    let required = changes.as_ref().map(|(last, changes)| last.after(changes.effect()));
    match (&changes, required) {
        (Some((last, changes)), Some(required)) if version < required => {
            let what = if is_taken {
                taken
            } else {
                format!("Version {version} is too low.")
            };
            let lists = format!(
                "The changes: `cargo xtask diff {0}`, `git diff {0} -- {1}`.",
                last.tag(),
                release.shown(&release.folders.spec.join(PUBLIC_API))
            );
            raise(format!("{what} {}\n{lists}", changes.describe(*last)), required);
        }
        _ if is_taken => raise(taken, version.after(Change::Other)),
        _ => {}
    }
    for package in release
        .released()
        .filter(|package| package.version != release.api.version)
    {
        let what = format!(
            "{} has version {}, but {api_yaml} has {version}.",
            package.shown, package.version
        );
        missing.push(Missing::new(what, "Run `cargo xtask generate`."));
    }
    let is_breaking = |(_, changes): &(Version, Changes)| changes.effect() == Change::Breaking;
    let section = release.changelog.section(&version.to_string());
    if let Some((last, changes)) = changes.filter(is_breaking)
        && section.is_some_and(|section| !section.has_migration())
    {
        let what = format!(
            "The section {version} of CHANGELOG.md has no `### Migration`. {}",
            changes.describe(last)
        );
        missing.push(Missing::new(
            what,
            "Describe below this heading what users must change.",
        ));
    }
    missing
}

/// The baseline of the public API must be up to date, because the next release is compared with it.
pub(super) fn baseline(release: &Release<'_>) -> Vec<Missing> {
    let path = release.folders.spec.join(PUBLIC_API);
    let shown = release.shown(&path);
    let before = fs::read_to_string(path).unwrap_or_default();
    let now = release.commands.public_api(&release.folders.root, &release.api.name);
    let what = match now {
        Err(error) => {
            let what = format!("The public API cannot be listed:\n{}", shortened(&error));
            let remedy = "Correct this until `cargo xtask public-api --check` succeeds.";
            return vec![Missing::new(what, remedy)];
        }
        Ok(now) => public_api::difference(&before, &now),
    };
    let missing = what.map(|difference| {
        let what = format!("{shown} is not up to date:\n{}", shortened(&difference));
        Missing::new(what, "Run `cargo xtask public-api`.")
    });
    missing.into_iter().collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tags_have_three_numbers() {
        assert_eq!(Version::of_tag("v1.20.3"), Some(Version([1, 20, 3])));
        for tag in ["1.2.3", "v1.2", "v1.2.3.4", "v1.2.x", "v1.2.3-rc.1", "vacuum"] {
            assert_eq!(Version::of_tag(tag), None, "{tag}");
        }
        assert!(Version([0, 10, 0]) > Version([0, 9, 9]));
    }

    #[test]
    fn the_next_version_follows_the_rules_of_cargo() {
        for (last, other, addition, breaking) in [
            ("0.0.3", "0.0.4", "0.0.4", "0.0.4"),
            ("0.2.3", "0.2.4", "0.2.4", "0.3.0"),
            ("1.2.3", "1.2.4", "1.3.0", "2.0.0"),
        ] {
            let last = Version::parse(last).unwrap();
            let next = [Change::Other, Change::Addition, Change::Breaking].map(|change| last.after(change).to_string());
            assert_eq!(next, [other, addition, breaking]);
        }
    }
}
