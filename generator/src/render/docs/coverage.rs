//! The coverage table: every row of the source tables with its operation, example and test, and the operations of each edition of
//! the source documentation.

use std::collections::BTreeMap;

use serde::Serialize;

use super::markdown::Md;
use super::site::{Page, row_anchor};
use super::view::{CorrectionView, request_line};
use super::words::Words;
use crate::ir::{EditionId, Operation, OperationId};

/// The view of the page, with its rows by section.
#[derive(Serialize)]
pub(super) struct CoverageView {
    counts: Counts,
    /// The command that runs one of the tests.
    test_command: Option<Md>,
    sections: Vec<SectionRows>,
    /// Operations that are not in the source tables. Empty if the API has editions, whose table contains them.
    others: Vec<Md>,
    editions: Option<EditionsView>,
}

/// Which edition of the source documentation describes which operation.
#[derive(Serialize)]
struct EditionsView {
    editions: Vec<EditionRow>,
    operations: Vec<EditionsOfOperation>,
}

#[derive(Serialize)]
struct EditionRow {
    name: Md,
    /// Number of operations.
    count: usize,
}

#[derive(Serialize)]
struct EditionsOfOperation {
    operation: Md,
    request: Md,
    row: Option<Md>,
    /// `true` for each edition that describes the operation.
    described: Vec<bool>,
}

#[derive(Serialize)]
struct Counts {
    rows: usize,
    substantive: usize,
    cosmetic: usize,
    /// Number of distinct pairs of method and path.
    pairs: usize,
    /// Number of pairs that several rows share.
    shared: usize,
    /// Number of rows that share a pair.
    sharing: usize,
}

#[derive(Serialize)]
struct SectionRows {
    title: Md,
    rows: Vec<CoverageRow>,
}

#[derive(Serialize)]
struct CoverageRow {
    anchor: String,
    row: u32,
    operation: Md,
    request: Md,
    correction: Option<CorrectionView>,
    example: Md,
    test: Md,
}

impl CoverageView {
    pub(super) fn new(words: Words<'_>) -> Self {
        let api = words.site.api;
        let mut rows: Vec<(u32, OperationId)> = api
            .operations()
            .filter_map(|(id, operation)| Some((operation.row?, id)))
            .collect();
        rows.sort_unstable();
        let mut by_section: Vec<Vec<CoverageRow>> = api.sections.iter().map(|_| Vec::new()).collect();
        for (row, id) in &rows {
            by_section[id.section].push(CoverageRow::new(words, *row, *id));
        }
        let sections = by_section.into_iter().enumerate().filter_map(|(section, rows)| {
            let title = words.page_title(Page::Section(section));
            (!rows.is_empty()).then_some(SectionRows { title, rows })
        });
        let others = api.operations().filter(|(_, operation)| operation.row.is_none());
        let editions = (!api.editions.is_empty()).then(|| EditionsView::new(words));
        Self {
            counts: Counts::new(&rows.iter().map(|(_, id)| api.operation(*id)).collect::<Vec<_>>()),
            test_command: rows.first().map(|(_, id)| {
                let test = test_path(words, *id);
                Md::code(&format!("cargo test --package {} --test examples {test}", api.name))
            }),
            sections: sections.collect(),
            others: words.operation_links(others.map(|(id, _)| id).filter(|_| editions.is_none())),
            editions,
        }
    }
}

impl EditionsView {
    fn new(words: Words<'_>) -> Self {
        let site = words.site;
        let ids: Vec<EditionId> = (0..site.api.editions.len()).map(EditionId).collect();
        let count = |id: EditionId| {
            let operations = site.api.operations();
            operations
                .filter(|(_, operation)| operation.editions.contains(&id))
                .count()
        };
        let editions = site.api.editions.iter().zip(&ids).map(|(edition, id)| EditionRow {
            name: words.text(&edition.name),
            count: count(*id),
        });
        let operations = site.api.operations().map(|(id, operation)| EditionsOfOperation {
            operation: words.operation_link(id),
            request: request_line(operation.method.as_str(), &site.full_path(operation)),
            row: words.row_link(operation),
            described: ids.iter().map(|id| operation.editions.contains(id)).collect(),
        });
        Self {
            editions: editions.collect(),
            operations: operations.collect(),
        }
    }
}

impl Counts {
    fn new(rows: &[&Operation]) -> Self {
        let mut pairs: BTreeMap<_, usize> = BTreeMap::new();
        for operation in rows {
            *pairs.entry((operation.method, &operation.path)).or_default() += 1;
        }
        let corrections = |cosmetic: bool| {
            let found = rows.iter().filter_map(|operation| operation.correction.as_ref());
            found.filter(|correction| correction.cosmetic == cosmetic).count()
        };
        let shared = pairs.values().filter(|rows| **rows > 1);
        Self {
            rows: rows.len(),
            substantive: corrections(false),
            cosmetic: corrections(true),
            pairs: pairs.len(),
            shared: shared.clone().count(),
            sharing: shared.sum(),
        }
    }
}

impl CoverageRow {
    fn new(words: Words<'_>, row: u32, id: OperationId) -> Self {
        let site = words.site;
        let operation = site.api.operation(id);
        Self {
            anchor: row_anchor(row),
            row,
            operation: words.operation_link(id),
            request: request_line(operation.method.as_str(), &site.full_path(operation)),
            correction: operation
                .correction
                .as_ref()
                .map(|correction| CorrectionView::new(words, operation, correction)),
            example: words.example_link(id, 0),
            test: Md::code(&test_path(words, id)),
        }
    }
}

/// Returns the name of the generated test of an operation's first example, as the test runner prints it.
fn test_path(words: Words<'_>, id: OperationId) -> String {
    let api = words.site.api;
    let module = &api.section_of(id).rust_module;
    let test = api
        .operation(id)
        .examples
        .first()
        .map_or("", |example| &example.rust_test);
    format!("{module}::{test}")
}
