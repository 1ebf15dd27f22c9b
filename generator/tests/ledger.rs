//! Every row of the source tables is accounted for: the spec, the docs and the client's tests against a table of their own.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "a test fails by panicking"
)]

use std::{
    collections::{BTreeMap, BTreeSet},
    fs,
    path::{Path, PathBuf},
};

use generator::{
    ir::{Api, Operation, OperationId, template},
    source::SourceSet,
};

/// Row, method and path as printed, method and path as they are, and the kind of the correction.
const TABLE: &str = include_str!("ledger/rows.tsv");

#[derive(Clone, Copy)]
struct Row {
    number: u32,
    printed: (&'static str, &'static str),
    right: (&'static str, &'static str),
    kind: &'static str,
}

fn table() -> Vec<Row> {
    let rows = TABLE
        .lines()
        .skip(1)
        .map(|line| match *line.split('\t').collect::<Vec<_>>() {
            [number, printed_method, printed_path, method, path, kind] => Row {
                number: number.parse().unwrap(),
                printed: (printed_method, printed_path),
                right: (method, path),
                kind,
            },
            _ => panic!("{line}"),
        });
    rows.collect()
}

fn project(path: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("..").join(path)
}

fn spec() -> Api {
    let sources = SourceSet::load(&project("spec")).unwrap();
    generator::load(&sources).unwrap_or_else(|diagnostics| panic!("{diagnostics}"))
}

fn by_row(api: &Api) -> BTreeMap<u32, (OperationId, &Operation)> {
    let rows = api
        .operations()
        .filter_map(|(id, operation)| Some((operation.row?, (id, operation))));
    rows.collect()
}

fn request(api: &Api, operation: &Operation) -> (&'static str, String) {
    let path = template(&api.base.segments) + &operation.path_template();
    (operation.method.as_str(), path)
}

/// A path without the names of its placeholders, of which the tables have several for one thing.
fn unnamed(path: &str) -> String {
    let mut inside = false;
    let kept = path.chars().filter(|c| match c {
        '{' => !std::mem::replace(&mut inside, true),
        '}' => std::mem::replace(&mut inside, false),
        _ => !inside,
    });
    kept.collect()
}

/// The table itself holds what is known about the tables.
#[test]
fn the_table_has_all_rows() {
    let rows = table();
    assert!(rows.iter().map(|row| row.number).eq(1..=93));
    let of_kind = |kind| rows.iter().filter(|row| row.kind == kind).count();
    assert_eq!(
        (of_kind("substantive"), of_kind("cosmetic"), of_kind("-")),
        (16, 11, 66)
    );
    let mut pairs = BTreeMap::<_, usize>::new();
    rows.iter().for_each(|row| *pairs.entry(row.right).or_default() += 1);
    assert_eq!(pairs.len(), 85);
    assert_eq!(pairs.values().filter(|rows| **rows > 1).count(), 7);
}

#[test]
fn every_row_is_an_operation() {
    let api = spec();
    let operations = by_row(&api);
    let missing: Vec<u32> = table()
        .iter()
        .map(|row| row.number)
        .filter(|number| !operations.contains_key(number))
        .collect();
    assert_eq!(missing, [0; 0], "rows without an operation");
    assert_eq!(operations.len(), 93);
    let pairs: BTreeSet<_> = operations
        .values()
        .map(|(_, operation)| request(&api, operation))
        .collect();
    assert_eq!(pairs.len(), 85);
    let rows_of = |ids: &[OperationId]| ids.iter().filter(|id| api.operation(**id).row.is_some()).count();
    let shared = api.routes.iter().filter(|route| rows_of(&route.operations) > 1);
    assert_eq!(shared.count(), 7);
}

#[test]
fn an_operation_has_the_right_method_and_path() {
    let (api, table) = (spec(), table());
    let operations = by_row(&api);
    for row in table {
        let Some((_, operation)) = operations.get(&row.number) else {
            continue;
        };
        let (method, path) = request(&api, operation);
        assert_eq!((method, path.as_str()), row.right, "row {}", row.number);
    }
}

#[test]
fn a_correction_says_just_what_was_printed() {
    let (api, table) = (spec(), table());
    let operations = by_row(&api);
    for row in table {
        let Some((_, operation)) = operations.get(&row.number) else {
            continue;
        };
        let kind = match &operation.correction {
            None => "-",
            Some(correction) if correction.cosmetic => "cosmetic",
            Some(_) => "substantive",
        };
        assert_eq!(kind, row.kind, "row {}", row.number);
        let Some(correction) = &operation.correction else {
            // What the tables call a placeholder is no matter of right and wrong.
            assert_eq!(row.printed.0, row.right.0, "row {}", row.number);
            assert_eq!(unnamed(row.printed.1), unnamed(row.right.1), "row {}", row.number);
            continue;
        };
        let method = (row.printed.0 != row.right.0).then_some(row.printed.0);
        let path = (row.printed.1 != row.right.1).then_some(row.printed.1);
        assert_eq!(correction.method.as_deref(), method, "row {}", row.number);
        assert_eq!(correction.path.as_deref(), path, "row {}", row.number);
        assert_eq!(
            correction.text.is_some(),
            method.is_none() && path.is_none(),
            "row {}: the description is corrected where nothing else is",
            row.number
        );
    }
}

#[test]
fn the_ledger_ties_rows_to_examples_and_tests() {
    let (api, table) = (spec(), table());
    let operations = by_row(&api);
    for language in ["en", "zh"] {
        let folder = project("generated/docs").join(language).join("src");
        let ledger = fs::read_to_string(folder.join("coverage.md")).unwrap();
        let lines: BTreeMap<&str, &str> = ledger
            .lines()
            .filter_map(|line| Some((line_row(line)?, line)))
            .collect();
        assert_eq!(lines.len(), operations.len());
        for row in table.iter().filter(|row| operations.contains_key(&row.number)) {
            let line = lines[row.number.to_string().as_str()];
            let (id, operation) = operations[&row.number];
            check_line(line, row, operation);
            check_links(line, &folder);
            check_test(line, &api, id);
        }
    }
}

#[test]
fn the_ledger_says_how_many() {
    for language in ["en", "zh"] {
        let ledger = fs::read_to_string(project("generated/docs").join(language).join("src/coverage.md")).unwrap();
        let counts: Vec<String> = ledger
            .lines()
            .filter(|line| line.starts_with("- ") && !line.contains("]("))
            .map(|line| line.chars().map(|c| if c.is_ascii_digit() { c } else { ' ' }).collect())
            .collect();
        let counts: Vec<u32> = counts
            .iter()
            .flat_map(|line| line.split_whitespace())
            .map(|number| number.parse().unwrap())
            .collect();
        // The last: the rows that share a pair.
        assert_eq!(counts, [93, 16, 11, 85, 7, 15]);
    }
}

/// The number of the row that a line of the ledger is about.
fn line_row(line: &str) -> Option<&str> {
    let (number, _) = line.strip_prefix("| <a id=\"row-")?.split_once('"')?;
    Some(number)
}

/// The line says what is right, and what was printed where that is something else.
fn check_line(line: &str, row: &Row, operation: &Operation) {
    let right = format!("`{} {}`", row.right.0, row.right.1);
    let printed = format!("`{} {}`", row.printed.0, row.printed.1);
    assert!(line.contains(&right), "{right} is not in {line}");
    let Some(correction) = &operation.correction else {
        return;
    };
    if correction.text.is_none() {
        // A backtick that was printed is shown in another way.
        assert!(
            row.printed.1.contains('`') || line.contains(&printed),
            "{printed} is not in {line}"
        );
    }
    assert_eq!(
        line.contains("**Substantive**") || line.contains("**实质性**"),
        row.kind == "substantive",
        "{line}"
    );
    assert_eq!(
        line.contains("**Cosmetic**") || line.contains("**书写**"),
        row.kind == "cosmetic",
        "{line}"
    );
}

/// The links to the operation and to its example lead to anchors that are there.
fn check_links(line: &str, folder: &Path) {
    let links: Vec<&str> = line
        .split("](")
        .skip(1)
        .filter_map(|rest| rest.split(')').next())
        .collect();
    assert_eq!(links.len(), 2, "{line}");
    for link in links {
        let (page, anchor) = link.split_once('#').unwrap();
        let page = fs::read_to_string(folder.join(page)).unwrap();
        assert!(
            page.contains(&format!("<a id=\"{anchor}\"></a>")),
            "{link} leads nowhere"
        );
    }
}

/// The test that the line names is there.
fn check_test(line: &str, api: &Api, id: OperationId) {
    let (name, _) = line.split_once(")<br>`").unwrap().1.split_once('`').unwrap();
    let (module, function) = name.split_once("::").unwrap();
    assert_eq!(module, api.section_of(id).rust_module);
    let file = project("generated/client/tests/examples")
        .join(module)
        .with_extension("rs");
    let code = fs::read_to_string(file).unwrap();
    assert!(
        code.contains(&format!("async fn {function}() ")),
        "there is no test {name}"
    );
}
