//! Checks the changelog: a section for the version, with a date and entries.

use super::Missing;
use super::state::Release;

/// The sections of a changelog.
pub(super) struct Changelog(Vec<Section>);

/// A section of a changelog.
pub(super) struct Section {
    /// The heading without brackets: `Unreleased`, or a version and a date.
    heading: String,
    lines: Vec<String>,
}

impl Changelog {
    pub(super) fn parse(text: &str) -> Self {
        let mut sections: Vec<Section> = Vec::new();
        for line in text.lines() {
            match (line.strip_prefix("## "), sections.last_mut()) {
                (Some(heading), _) => sections.push(Section {
                    heading: heading.replace(['[', ']'], "").trim().to_owned(),
                    lines: Vec::new(),
                }),
                (None, Some(section)) => section.lines.push(line.to_owned()),
                (None, None) => {}
            }
        }
        Self(sections)
    }

    /// Returns the section of a version, or `Unreleased`.
    pub(super) fn section(&self, name: &str) -> Option<&Section> {
        let is_named = |section: &&Section| section.heading.split(' ').next() == Some(name);
        self.0.iter().find(is_named)
    }
}

impl Section {
    fn has_entries(&self) -> bool {
        self.lines.iter().any(|line| line.starts_with(['*', '-']))
    }

    /// Returns `true` if the section says what users must change.
    pub(super) fn has_migration(&self) -> bool {
        self.lines.iter().any(|line| line == "### Migration")
    }

    fn has_date(&self) -> bool {
        self.heading.split_once(" - ").is_some_and(|(_, date)| is_date(date))
    }
}

/// Returns `true` for a date such as `2026-02-28`.
fn is_date(text: &str) -> bool {
    let parts: Vec<_> = text.split('-').collect();
    let [year, month, day] = parts[..] else { return false };
    let is_number = |text: &str, length: usize, max: u32| {
        text.len() == length && text.parse().is_ok_and(|number: u32| (1..=max).contains(&number))
    };
    is_number(year, 4, 9999) && is_number(month, 2, 12) && is_number(day, 2, 31)
}

/// There must be a section for the version, with a date and entries.
pub(super) fn check(release: &Release<'_>) -> Vec<Missing> {
    let version = release.version.to_string();
    let heading = format!("`## {version} - YYYY-MM-DD`, with the date of the release");
    let unreleased = release.changelog.section("Unreleased");
    let Some(section) = release.changelog.section(&version) else {
        let remedy = match unreleased {
            Some(_) => format!("Rename `## Unreleased` to {heading}."),
            None => format!("Describe the changes for users below a heading {heading}."),
        };
        let what = format!("CHANGELOG.md has no section for {version}.");
        return vec![Missing::new(what, remedy)];
    };
    let mut missing = Vec::new();
    if !section.has_date() {
        let what = format!(
            "The heading `## {}` of CHANGELOG.md has no valid date.",
            section.heading
        );
        missing.push(Missing::new(what, format!("Change it to {heading}.")));
    }
    if !section.has_entries() {
        let what = format!("The section {version} of CHANGELOG.md has no entries.");
        missing.push(Missing::new(
            what,
            "Describe the changes for users in it, one line each: `* ..`.",
        ));
    }
    if unreleased.is_some_and(Section::has_entries) {
        let what = "The section Unreleased of CHANGELOG.md has entries, which would be part of the release.";
        missing.push(Missing::new(what, format!("Move them to the section {version}.")));
    }
    missing
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn dates_have_four_two_and_two_digits() {
        assert!(is_date("2026-02-28"));
        for text in [
            "2026-2-28",
            "2026-13-01",
            "2026-00-01",
            "2026-01-32",
            "28.02.2026",
            "YYYY-MM-DD",
            "",
        ] {
            assert!(!is_date(text), "{text}");
        }
    }

    #[test]
    fn headings_may_have_brackets() {
        let changelog =
            Changelog::parse("# Changelog\n\n## [Unreleased]\n\n## [1.2.0] - 2026-02-28\n\n* A key.\n\n## 1.2\n");
        let section = changelog.section("1.2.0").unwrap();
        assert!(section.has_date() && section.has_entries());
        assert!(!changelog.section("Unreleased").unwrap().has_entries());
        assert!(!changelog.section("1.2").unwrap().has_date());
        assert!(changelog.section("1").is_none());
    }
}
