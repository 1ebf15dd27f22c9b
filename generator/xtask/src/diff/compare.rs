//! Compares two specs as IR. Each part of the IR is compared in a file of its own.

mod api;
mod errors;
mod fields;
mod labels;
mod limits;
mod operation;
mod pairs;
mod results;
mod sections;
mod types;
mod values;
mod webhooks;

use std::collections::BTreeMap;

use generator::ir::{Api, Text};

use super::change::{Change, Scope};
use super::kinds::Kind;

/// Returns the changes from one spec to another: those of the API as a whole, then those of its sections, its webhooks
/// and its types.
pub(crate) fn compare(old: &Api, new: &Api) -> Vec<Change> {
    let renamed_types = types::renamed(old, new);
    let mut comparison = Comparison {
        old,
        new,
        renamed_types,
        renamed_operations: BTreeMap::new(),
        changes: Vec::new(),
    };
    comparison.renamed_operations = sections::renamed_operations(&comparison);
    comparison.api();
    comparison.errors();
    comparison.limits();
    comparison.sections();
    comparison.webhooks();
    comparison.types();
    comparison.changes
}

/// The two specs, and the changes found so far.
struct Comparison<'a> {
    old: &'a Api,
    new: &'a Api,
    /// New names of renamed types, by old name.
    renamed_types: BTreeMap<&'a str, &'a str>,
    /// New IDs of operations that exist in both specs, by old ID.
    renamed_operations: BTreeMap<&'a str, &'a str>,
    changes: Vec<Change>,
}

impl Comparison<'_> {
    /// Adds a change.
    fn report(&mut self, kind: Kind, scope: &Scope, old: impl Into<String>, new: impl Into<String>) {
        self.changes.push(Change {
            kind,
            scope: scope.clone(),
            old: old.into(),
            new: new.into(),
        });
    }

    /// Adds a change if two values differ.
    fn report_if_changed(&mut self, kind: Kind, scope: &Scope, old: impl Into<String>, new: impl Into<String>) {
        let (old, new) = (old.into(), new.into());
        if old != new {
            self.report(kind, scope, old, new);
        }
    }

    /// Compares a text in the languages that both specs have.
    fn text(&mut self, kind: Kind, scope: &Scope, old: &Text, new: &Text) {
        let languages =
            |api: &Api| -> Vec<String> { api.languages.iter().map(|language| language.code.clone()).collect() };
        let (before, after) = (languages(self.old), languages(self.new));
        let both = after.iter().enumerate().filter_map(|(index, code)| {
            let before = before.iter().position(|other| other == code)?;
            Some((old.get(before), new.get(index)))
        });
        let mut differing = both.filter(|(old, new)| old != new);
        if let Some((old, new)) = differing.next() {
            self.report(kind, scope, old, new);
        }
    }

    /// Compares the title and the description of a thing.
    fn texts(&mut self, scope: &Scope, old: [&Text; 2], new: [&Text; 2]) {
        for (step, (old, new)) in ["title", "about"].iter().zip(old.into_iter().zip(new)) {
            self.text(Kind::TextChanged, &scope.step(step), old, new);
        }
    }
}
