//! Sections, and checks across the operations of all sections.

use std::collections::BTreeMap;

use super::{
    scope::{Reporter, Scope, shorten},
    types::Declared,
};
use crate::{
    diagnostic::{Code, Diagnostic},
    ir::{Operation, OperationId, OperationResult, Section},
    names::{self, ExampleName, ExampleNames, NameError, Namespace},
    source::Span,
    syntax::{Listable, decode::Str, model},
};

/// A file that `api.yaml` lists and that was found.
pub struct Listed<'a, T = model::SectionFile> {
    /// Its name in the list.
    pub name: &'a Str,
    /// The content of the file.
    pub content: &'a T,
}

/// The files that a key of `api.yaml` lists.
pub struct List<'a, T> {
    /// The names, in the order of the outputs.
    pub names: Option<&'a Vec<Str>>,
    /// The files.
    pub files: &'a [Listable<T>],
    /// The folder of the files.
    pub folder: &'static str,
    /// The noun for one of them.
    pub noun: &'static str,
    /// The key with the names.
    pub key: &'static str,
    /// Checks a name.
    pub check: fn(&str) -> Result<String, NameError>,
}

/// A lowered operation and its declaration.
pub struct Lowered<'a> {
    /// Its key.
    pub key: &'a Str,
    /// Its declaration in the spec.
    pub raw: &'a model::Operation,
    /// The operation.
    pub operation: Operation,
    /// Whether its arguments and results are free of diagnostics.
    pub valid: bool,
}

/// The index of an operation, and the names of its examples.
#[derive(Debug)]
pub struct OperationName {
    /// Its index in the IR. Only valid if every operation could be lowered.
    pub id: OperationId,
    /// The names of its examples.
    pub examples: Vec<ExampleName>,
}

/// Returns the names of every declared operation by section and key, e.g. `users.create`. Includes operations that cannot be
/// lowered.
pub fn operation_names(sections: &[Listed<'_>]) -> BTreeMap<String, OperationName> {
    let mut out = BTreeMap::new();
    let mut names = ExampleNames::default();
    for (section, listed) in sections.iter().enumerate() {
        names.start_section();
        let operations = listed.content.operations.iter().flatten();
        for (operation, (key, raw)) in operations.enumerate() {
            let count = raw.examples.as_ref().map_or(0, Vec::len);
            let rust_fn = names::operation(&key.value).unwrap_or_default();
            let name = OperationName {
                id: OperationId { section, operation },
                examples: names.declare(&listed.name.value, &rust_fn, count),
            };
            out.insert(format!("{}.{}", listed.name.value, key.value), name);
        }
    }
    out
}

/// Lowers the sections.
pub fn lower(
    sections: &[Listed<'_>],
    lowered: Vec<Vec<Lowered<'_>>>,
    scope: &Scope<'_>,
    reporter: &mut Reporter,
) -> Vec<Section> {
    let mut out = Vec::new();
    for (listed, operations) in sections.iter().zip(lowered) {
        let title = scope.required_text(listed.content.title.as_ref(), reporter);
        let about = scope.required_text(listed.content.about.as_ref(), reporter);
        let key = &listed.name.value;
        if listed.content.operations.as_ref().is_some_and(Vec::is_empty) {
            report_empty(
                listed,
                listed.content.extent,
                ["section", "operations"],
                scope,
                reporter,
            );
        }
        out.push(Section {
            key: key.clone(),
            rust_module: key.clone(),
            rust_type: names::camel(key).unwrap_or_default(),
            title,
            about,
            operations: operations.into_iter().map(|one| one.operation).collect(),
        });
    }
    out
}

/// Reports a listed file without entries, unless an entry may have failed to parse. The nouns are those for the file and for its entries.
pub fn report_empty<T>(
    listed: &Listed<'_, T>,
    extent: Span,
    [file, entries]: [&str; 2],
    scope: &Scope<'_>,
    reporter: &mut Reporter,
) {
    if scope.syntax_errors_in(extent) == 0 {
        let message = format!("the {file} `{}` has no {entries}", listed.name.value);
        reporter.report(Diagnostic::new(Code::MissingKey, listed.name.span, message));
    }
}

/// Returns the listed files that exist, in the order of the list. Reports names without a file, and files that are not listed.
pub fn listed<'a, T>(list: &List<'a, T>, reporter: &mut Reporter) -> Vec<Listed<'a, T>> {
    let (folder, noun) = (list.folder, list.noun);
    let mut out: Vec<Listed<'a, T>> = Vec::new();
    for name in list.names.into_iter().flatten() {
        if reporter
            .name((list.check)(&name.value), &name.value, name.span)
            .is_none()
        {
            continue;
        }
        let Some(file) = list.files.iter().find(|file| file.name == name.value) else {
            let message = format!("there is no file `{folder}/{}.yaml`", name.value);
            let known = list.files.iter().map(|file| file.name.as_str());
            reporter.report(Diagnostic::new(Code::UnknownSection, name.span, message).suggest(&name.value, known));
            continue;
        };
        if let Some(first) = out.iter().find(|listed| listed.name.value == name.value) {
            let message = format!("the {noun} `{}` is listed twice", name.value);
            reporter.report(
                Diagnostic::new(Code::DuplicateKey, name.span, message).related(first.name.span, "first listed here"),
            );
            continue;
        }
        out.extend(file.content.as_ref().map(|content| Listed { name, content }));
    }
    let is_listed = |name: &str| list.names.into_iter().flatten().any(|listed| listed.value == name);
    let is_unlisted = |file: &&Listable<T>| list.names.is_some() && !is_listed(&file.name);
    for file in list.files.iter().filter(is_unlisted) {
        let span = Span {
            file: file.file,
            start: 0,
            end: 0,
        };
        let message = format!("the {noun} `{}` is not listed in `api.yaml`", shorten(&file.name));
        let help = format!("add it to {}, which also determines the order in the outputs", list.key);
        reporter.report(Diagnostic::new(Code::UnlistedSection, span, message).help(help));
    }
    out
}

/// Returns an iterator over all operations and their indexes.
pub fn with_ids<'l, 'a>(lowered: &'l [Vec<Lowered<'a>>]) -> impl Iterator<Item = (OperationId, &'l Lowered<'a>)> {
    lowered.iter().enumerate().flat_map(|(section, operations)| {
        let id = move |operation| OperationId { section, operation };
        operations
            .iter()
            .enumerate()
            .map(move |(operation, one)| (id(operation), one))
    })
}

/// Reports items with the same name in the module of a section: its handle, its requests and their results. The name of the
/// handle must also differ from those of declared types, which the module imports.
pub fn check_items(section: &Listed<'_>, operations: &[Lowered<'_>], declared: &Declared<'_>, reporter: &mut Reporter) {
    let Ok(handle) = names::camel(&section.name.value) else {
        return;
    };
    let key = &section.name.value;
    if let Some(span) = declared.declaration(&handle) {
        let message = format!("the section `{key}` generates the type `{handle}`, which is already declared");
        let diagnostic = Diagnostic::new(Code::NameCollision, section.name.span, message);
        reporter.report(
            diagnostic
                .related(span, "declared here")
                .help("rename the section or the declared type"),
        );
    }
    let mut items = Namespace::default();
    let mut declare = |name: &str, span: Span| {
        if let Err(first) = items.declare(name, span) {
            let message = format!("the section `{key}` has two items with the Rust name `{name}`");
            let diagnostic = Diagnostic::new(Code::NameCollision, span, message);
            reporter.report(diagnostic.related(first, "the other item").help("rename one of them"));
        }
    };
    declare(&handle, section.name.span);
    for Lowered { key, operation, .. } in operations {
        declare(&operation.rust_type, key.span);
        if let Some(one) = &operation.one {
            declare(&one.rust_type, key.span);
        }
        if let OperationResult::Parts { rust_type, .. } = &operation.result {
            declare(rust_type, key.span);
        }
    }
}

/// Reports invalid and duplicate rows.
pub fn check_rows(lowered: &[Vec<Lowered<'_>>], reporter: &mut Reporter) {
    let mut seen: BTreeMap<i64, Span> = BTreeMap::new();
    for (_, one) in with_ids(lowered) {
        let Some(row) = &one.raw.row else { continue };
        if u32::try_from(row.value).is_err() || row.value == 0 {
            reporter.report(Diagnostic::new(
                Code::BadValue,
                row.span,
                "invalid row: rows are numbered from 1",
            ));
        } else if let Some(first) = seen.insert(row.value, row.span) {
            let message = format!("two operations have the row {}", row.value);
            reporter.report(Diagnostic::new(Code::DuplicateRow, row.span, message).related(first, "also used here"));
        }
    }
}
