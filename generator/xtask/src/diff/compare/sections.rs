//! Sections, and which operations of the two specs are the same.

use std::collections::BTreeMap;

use generator::ir::{Api, Operation, Section, Segment};

use super::Comparison;
use super::pairs::{Pairs, pairs};
use crate::diff::change::Scope;
use crate::diff::kinds::Kind;

/// Returns the new IDs of the operations that exist in both specs, by old ID. Operations are recognized by their section and key,
/// or else by their route.
pub(super) fn renamed_operations<'a>(comparison: &Comparison<'a>) -> BTreeMap<&'a str, &'a str> {
    let (old, new) = (comparison.old, comparison.new);
    let sections = pair(old, new).both;
    let new_section = |section: &'a Section| {
        let pair = sections.iter().find(|(before, _)| before.key == section.key);
        pair.map_or(section.key.as_str(), |(_, after)| after.key.as_str())
    };
    let items = |api: &'a Api, section: &dyn Fn(&'a Section) -> &'a str| -> Vec<(String, &'a Operation)> {
        let operations = api
            .sections
            .iter()
            .flat_map(|s| s.operations.iter().map(move |operation| (s, operation)));
        operations
            .map(|(s, operation)| (format!("{}.{}", section(s), operation.key), operation))
            .collect()
    };
    let before = items(old, &new_section);
    let after = items(new, &|section| &section.key);
    let pairs = pairs(
        &before,
        &after,
        &[
            &|(id, _)| Some(id.clone()),
            &|(_, operation)| Some(format!("{} {}", route(operation), operation.title.get(0))),
            &|(_, operation)| Some(route(operation)),
        ],
    );
    let ids = pairs
        .both
        .iter()
        .map(|((_, before), (_, after))| (before.id.as_str(), after.id.as_str()));
    ids.collect()
}

/// Pairs sections by key, or else by their routes or their title.
fn pair<'a>(old: &'a Api, new: &'a Api) -> Pairs<'a, Section> {
    pairs(
        &old.sections,
        &new.sections,
        &[
            &|section| Some(section.key.clone()),
            &|section| Some(section.operations.iter().map(route).collect::<Vec<_>>().join("\n")),
            &|section| Some(section.title.get(0).to_owned()),
        ],
    )
}

/// Returns the method and the path without the names of parameters.
fn route(operation: &Operation) -> String {
    format!("{} {}", operation.method.as_str(), nameless(&operation.path))
}

/// Returns a path without the names of its parameters, e.g. `/users/{}`.
pub(super) fn nameless(path: &[Segment]) -> String {
    path.iter().fold(String::new(), |path, segment| match segment {
        Segment::Literal(text) => path + "/" + text,
        Segment::Param(_) => path + "/{}",
    })
}

impl<'a> Comparison<'a> {
    /// Compares the sections with their operations.
    pub(super) fn sections(&mut self) {
        let (old, new) = (self.old, self.new);
        let Pairs { both, removed, .. } = pair(old, new);
        for section in &new.sections {
            let before = both
                .iter()
                .find(|(_, after)| after.key == section.key)
                .map(|(before, _)| *before);
            let scope = Scope::root("section", &section.key);
            match before {
                Some(before) => self.section(&scope, before, section),
                None => self.report(Kind::SectionAdded, &scope, "", section.title.get(0)),
            }
            for operation in &section.operations {
                self.operation_or_added(before, operation);
            }
            before.into_iter().for_each(|before| self.removed_operations(before));
        }
        for section in removed {
            self.report(
                Kind::SectionRemoved,
                &Scope::root("section", &section.key),
                section.title.get(0),
                "",
            );
            self.removed_operations(section);
        }
    }

    fn section(&mut self, scope: &Scope, old: &'a Section, new: &'a Section) {
        if old.key == new.key {
            self.report_if_changed(Kind::RustNameChanged, scope, &old.rust_module, &new.rust_module);
        } else {
            self.report(Kind::SectionRenamed, scope, &old.key, &new.key);
        }
        self.text(Kind::SectionTitleChanged, scope, &old.title, &new.title);
        self.text(Kind::TextChanged, &scope.step("about"), &old.about, &new.about);
    }

    fn operation_or_added(&mut self, old_section: Option<&'a Section>, new: &'a Operation) {
        let old_id = self
            .renamed_operations
            .iter()
            .find(|(_, id)| **id == new.id)
            .map(|(id, _)| *id);
        let old = old_id.and_then(|id| self.old.operations().find(|(_, operation)| operation.id == id));
        let scope = Scope::root("operation", &new.id);
        match old {
            Some((_, old)) => {
                let is_in_section = old_section.is_some_and(|section| old.id == format!("{}.{}", section.key, new.key));
                if is_in_section {
                    self.report_if_changed(Kind::RustNameChanged, &scope, &old.rust_fn, &new.rust_fn);
                } else {
                    self.report(Kind::OperationRenamed, &scope, &old.id, &new.id);
                }
                self.operation(&scope, old, new);
            }
            None => self.report(Kind::OperationAdded, &scope, "", full_route(new)),
        }
    }

    fn removed_operations(&mut self, section: &'a Section) {
        for operation in &section.operations {
            if !self.renamed_operations.contains_key(operation.id.as_str()) {
                self.report(
                    Kind::OperationRemoved,
                    &Scope::root("operation", &operation.id),
                    full_route(operation),
                    "",
                );
            }
        }
    }
}

fn full_route(operation: &Operation) -> String {
    format!("{} {}", operation.method.as_str(), operation.path_template())
}
