//! Prints the changes between two specs.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use serde::Serialize;

use super::Format;
use super::change::Change;
use super::kinds::{Direction, Kind, OUTPUTS, Verdict};
use super::locate::{Location, Locator};
use super::revision::short;

/// Version of the JSON format. It grows with every change that a reader must know of.
const JSON_FORMAT: u32 = 1;

/// Maximum number of characters of an old or new value in a report.
const MAX_VALUE: usize = 100;

/// The verdicts that the summaries count.
const COUNTED: [Verdict; 5] = [
    Verdict::Breaking,
    Verdict::Unknown,
    Verdict::Compatible,
    Verdict::Added,
    Verdict::Unaffected,
];

/// A report on the changes since a revision. Its serialized form is the JSON format.
#[derive(Serialize)]
pub(crate) struct Report {
    format: u32,
    revision: String,
    commit: String,
    breaking: bool,
    /// Number of changes with each verdict, by output.
    summary: BTreeMap<&'static str, BTreeMap<&'static str, usize>>,
    /// The changes: breaking ones first, otherwise in the order of the spec.
    changes: Vec<Entry>,
}

/// A change in a report.
#[derive(Serialize)]
struct Entry {
    kind: Kind,
    direction: Option<Direction>,
    path: Vec<String>,
    old: Option<String>,
    new: Option<String>,
    location: Option<Location>,
    verdicts: BTreeMap<&'static str, Verdict>,
    sentence: String,
    #[serde(skip)]
    is_breaking: bool,
}

impl Report {
    pub(crate) fn new(revision: &str, commit: &str, changes: Vec<Change>, locator: &Locator) -> Self {
        let mut changes: Vec<Entry> = changes.into_iter().map(|change| Entry::new(change, locator)).collect();
        changes.sort_by_key(|change| !change.is_breaking);
        let count = |output, verdict| {
            changes
                .iter()
                .filter(|change| change.verdicts[output] == verdict)
                .count()
        };
        let counts = |output| COUNTED.map(|verdict| (verdict.name(), count(output, verdict))).into();
        Self {
            format: JSON_FORMAT,
            revision: revision.to_owned(),
            commit: commit.to_owned(),
            breaking: changes.iter().any(|change| change.is_breaking),
            summary: OUTPUTS.map(|output| (output, counts(output))).into(),
            changes,
        }
    }

    /// Returns `true` if a change is breaking.
    pub(crate) fn is_breaking(&self) -> bool {
        self.breaking
    }

    /// Prints the report, without a line break at the end.
    pub(crate) fn render(&self, format: Format) -> String {
        let mut text = match format {
            Format::Text => self.text(),
            Format::Markdown => self.markdown(),
            Format::Json => serde_json::to_string_pretty(self).unwrap_or_default(),
        };
        text.truncate(text.trim_end().len());
        text
    }

    /// Returns the breaking changes and the others, each with a title. Groups without changes are left out.
    fn groups(&self) -> impl Iterator<Item = (&'static str, &[Entry])> {
        let breaking = self.changes.iter().filter(|change| change.is_breaking).count();
        let (breaking, others) = self.changes.split_at(breaking);
        let groups = [("Breaking changes", breaking), ("Other changes", others)];
        groups.into_iter().filter(|(_, changes)| !changes.is_empty())
    }

    fn text(&self) -> String {
        let mut out = format!("{} since {} ({})\n\n", self.total(), self.revision, short(&self.commit));
        if self.changes.is_empty() {
            return out;
        }
        let _ = write!(out, "{:<10}", "");
        COUNTED.iter().for_each(|verdict| {
            let _ = write!(out, "{:>12}", verdict.name());
        });
        for output in OUTPUTS {
            let _ = write!(out, "\n{output:<10}");
            for verdict in COUNTED {
                let _ = write!(out, "{:>12}", self.summary[output][verdict.name()]);
            }
        }
        out.push('\n');
        for (title, changes) in self.groups() {
            let _ = writeln!(out, "\n{title}:");
            changes.iter().for_each(|change| change.text(&mut out));
        }
        out
    }

    fn markdown(&self) -> String {
        let mut out = format!("## {} since `{}`\n\n", self.total(), self.revision);
        if self.changes.is_empty() {
            return out;
        }
        let names = COUNTED.map(Verdict::name);
        let _ = writeln!(
            out,
            "| | {} |\n| --- |{}",
            names.join(" | "),
            " ---: |".repeat(names.len())
        );
        for output in OUTPUTS {
            let counts = names.map(|name| self.summary[output][name].to_string());
            let _ = writeln!(out, "| {output} | {} |", counts.join(" | "));
        }
        for (title, changes) in self.groups() {
            let _ = writeln!(out, "\n### {title}\n\n| change | kind | {} |", OUTPUTS.join(" | "));
            let _ = writeln!(out, "| --- | --- |{}", " --- |".repeat(OUTPUTS.len()));
            changes.iter().for_each(|change| change.markdown(&mut out));
        }
        out
    }

    fn total(&self) -> String {
        match self.changes.len() {
            0 => "No changes".to_owned(),
            1 => "1 change".to_owned(),
            count => format!("{count} changes"),
        }
    }
}

impl Entry {
    fn new(mut change: Change, locator: &Locator) -> Self {
        (change.old, change.new) = (shorten(&change.old), shorten(&change.new));
        let present = |value: &String| Some(value.clone()).filter(|value| !value.is_empty());
        let verdicts = change.verdicts();
        Self {
            kind: change.kind,
            direction: change.scope.direction,
            old: present(&change.old),
            new: present(&change.new),
            location: locator.find(&change.scope.path),
            verdicts: OUTPUTS.into_iter().zip(verdicts).collect(),
            sentence: change.sentence(),
            is_breaking: change.is_breaking(),
            path: change.scope.path,
        }
    }

    fn text(&self, out: &mut String) {
        let place = self
            .location
            .as_ref()
            .map_or_else(String::new, |location| format!("  {location}"));
        let _ = writeln!(out, "  {}{place}", self.path.join(" › "));
        let _ = writeln!(out, "    {}", self.sentence);
        let verdicts = OUTPUTS.map(|output| format!("{output} {}", self.verdicts[output].name()));
        let _ = writeln!(out, "    {}: {}", self.kind_name(), verdicts.join(", "));
    }

    fn markdown(&self, out: &mut String) {
        let place = self
            .location
            .as_ref()
            .map_or_else(String::new, |location| format!("<br>{location}"));
        let verdicts = OUTPUTS.map(|output| self.verdicts[output].name());
        let _ = writeln!(
            out,
            "| {}{place} | {} | {} |",
            escape(&self.sentence),
            self.kind_name(),
            verdicts.join(" | ")
        );
    }

    /// Returns the kind and the messages in which it occurs.
    fn kind_name(&self) -> String {
        let code = self.kind.row().code;
        match self.direction {
            None => code.to_owned(),
            Some(Direction::Request) => format!("{code}, in requests"),
            Some(Direction::Response) => format!("{code}, in responses"),
            Some(Direction::Both) => format!("{code}, in requests and responses"),
        }
    }
}

/// Returns a value in one line and of limited length.
fn shorten(value: &str) -> String {
    let line = value.split_whitespace().collect::<Vec<_>>().join(" ");
    if line.chars().count() <= MAX_VALUE {
        return line;
    }
    let start: String = line.chars().take(MAX_VALUE - 1).collect();
    start + "…"
}

/// Escapes a sentence for a cell of a Markdown table. Code in backticks is literal, except for `|`.
fn escape(sentence: &str) -> String {
    let parts = sentence.split('`').enumerate();
    let escaped = parts.map(|(index, part)| match index % 2 {
        0 => part.replace('&', "&amp;").replace('<', "&lt;"),
        _ => part.to_owned(),
    });
    escaped.collect::<Vec<_>>().join("`").replace('|', "\\|")
}
