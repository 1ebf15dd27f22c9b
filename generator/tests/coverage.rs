//! Every row of the source tables is covered: compares the spec, the docs and the client's tests with a table of all rows.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "a test fails by panicking"
)]

#[path = "specs/mod.rs"]
mod specs;

use std::{
    collections::{BTreeMap, BTreeSet},
    fs,
    path::{Path, PathBuf},
};

use generator::ir::{Api, Operation, OperationId, template};

/// Columns: row, printed method and path, correct method and path, kind of the correction.
const TABLE: &str = include_str!("coverage/rows.tsv");

/// Columns: operation outside the source tables, method, path, and the editions that describe it. Sorted by operation.
const BEYOND: &str = include_str!("coverage/beyond.tsv");

/// The operations of the source tables that not all editions describe: row and editions.
const PARTLY: [(u32, &[&str]); 3] = [(10, &["april_2023"]), (11, &[]), (27, &["april_2023"])];

#[derive(Clone, Copy)]
struct Row {
    number: u32,
    printed: (&'static str, &'static str),
    correct: (&'static str, &'static str),
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
                correct: (method, path),
                kind,
            },
            _ => panic!("not six columns: {line}"),
        });
    rows.collect()
}

fn project(path: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("..").join(path)
}

fn spec() -> Api {
    specs::load(specs::REPOSITORY)
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

/// Removes the names of placeholders from a path, since the tables use several names for one parameter.
fn unnamed(path: &str) -> String {
    let mut inside = false;
    let kept = path.chars().filter(|c| match c {
        '{' => !std::mem::replace(&mut inside, true),
        '}' => std::mem::replace(&mut inside, false),
        _ => !inside,
    });
    kept.collect()
}

/// Checks the table itself.
#[test]
fn the_table_has_all_rows_and_corrections() {
    let rows = table();
    assert!(rows.iter().map(|row| row.number).eq(1..=93));
    let of_kind = |kind| rows.iter().filter(|row| row.kind == kind).count();
    assert_eq!(
        (of_kind("substantive"), of_kind("cosmetic"), of_kind("-")),
        (16, 11, 66)
    );
    let mut pairs = BTreeMap::<_, usize>::new();
    rows.iter().for_each(|row| *pairs.entry(row.correct).or_default() += 1);
    assert_eq!(pairs.len(), 85);
    assert_eq!(pairs.values().filter(|rows| **rows > 1).count(), 7);
}

#[test]
fn every_row_has_an_operation() {
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
fn every_operation_has_the_method_and_path_of_its_row() {
    let (api, table) = (spec(), table());
    let operations = by_row(&api);
    for row in table {
        let Some((_, operation)) = operations.get(&row.number) else {
            continue;
        };
        let (method, path) = request(&api, operation);
        assert_eq!((method, path.as_str()), row.correct, "row {}", row.number);
    }
}

#[test]
fn corrections_quote_what_was_printed_and_nothing_else() {
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
            // Names of placeholders are not corrected.
            assert_eq!(row.printed.0, row.correct.0, "row {}", row.number);
            assert_eq!(unnamed(row.printed.1), unnamed(row.correct.1), "row {}", row.number);
            continue;
        };
        let method = (row.printed.0 != row.correct.0).then_some(row.printed.0);
        let path = (row.printed.1 != row.correct.1).then_some(row.printed.1);
        assert_eq!(correction.method.as_deref(), method, "row {}", row.number);
        assert_eq!(correction.path.as_deref(), path, "row {}", row.number);
        assert_eq!(
            correction.text.is_some(),
            method.is_none() && path.is_none(),
            "row {}: the description must be corrected if and only if method and path are not",
            row.number
        );
    }
}

#[test]
fn the_coverage_table_links_rows_to_examples_and_tests() {
    let (api, rows) = (spec(), table());
    let operations = by_row(&api);
    for language in ["en", "zh"] {
        let folder = project("generated/docs").join(language).join("src");
        let page = fs::read_to_string(folder.join("coverage.md")).unwrap();
        let lines: BTreeMap<&str, &str> = page.lines().filter_map(|line| Some((line_row(line)?, line))).collect();
        assert_eq!(lines.len(), operations.len());
        for row in rows.iter().filter(|row| operations.contains_key(&row.number)) {
            let line = lines[row.number.to_string().as_str()];
            let (id, operation) = operations[&row.number];
            check_line(line, row, operation);
            check_links(line, &folder);
            check_test(line, &api, id);
        }
    }
}

#[test]
fn the_coverage_table_has_the_right_totals() {
    for language in ["en", "zh"] {
        let page = fs::read_to_string(project("generated/docs").join(language).join("src/coverage.md")).unwrap();
        let counts: Vec<String> = page
            .lines()
            .filter(|line| line.starts_with("- ") && !line.contains("]("))
            .map(|line| line.chars().map(|c| if c.is_ascii_digit() { c } else { ' ' }).collect())
            .collect();
        let counts: Vec<u32> = counts
            .iter()
            .flat_map(|line| line.split_whitespace())
            .map(|number| number.parse().unwrap())
            .collect();
        // Rows, substantive and cosmetic corrections, pairs of method and path, pairs with several rows, and their rows.
        assert_eq!(counts, [93, 16, 11, 85, 7, 15]);
    }
}

/// Returns the keys of the editions that describe an operation.
fn editions<'a>(api: &'a Api, operation: &Operation) -> Vec<&'a str> {
    let ids = operation.editions.iter();
    ids.map(|id| api.editions[id.0].key.as_str()).collect()
}

#[test]
fn operations_outside_the_tables_have_the_method_path_and_editions_of_their_source() {
    let api = spec();
    let others = api.operations().filter(|(_, operation)| operation.row.is_none());
    let mut found: Vec<String> = others
        .map(|(_, operation)| {
            let (method, path) = request(&api, operation);
            let editions = editions(&api, operation).join(" ");
            format!("{}\t{method}\t{path}\t{editions}", operation.id)
        })
        .collect();
    found.sort_unstable();
    assert_eq!(found, BEYOND.lines().skip(1).collect::<Vec<_>>());
}

#[test]
fn operations_of_the_tables_have_their_editions() {
    let api = spec();
    let all: Vec<&str> = api.editions.iter().map(|edition| edition.key.as_str()).collect();
    assert_eq!(all, ["april_2023", "october_2024"]);
    for (row, (_, operation)) in by_row(&api) {
        let partly = PARTLY.iter().find(|(partly, _)| *partly == row);
        let expected = partly.map_or(&*all, |(_, editions)| editions);
        assert_eq!(editions(&api, operation), expected, "row {row}");
    }
}

#[test]
fn the_coverage_page_lists_the_operations_of_each_edition() {
    let api = spec();
    let beyond = BEYOND.lines().skip(1);
    let of = |edition: &str| {
        let partly = PARTLY.iter().filter(|(_, editions)| !editions.contains(&edition));
        93 - partly.count() + beyond.clone().filter(|line| line.contains(edition)).count()
    };
    for (language, yes) in [("en", "yes"), ("zh", "是")] {
        let page = fs::read_to_string(project("generated/docs").join(language).join("src/coverage.md")).unwrap();
        let (_, table) = page.split_once("<a id=\"coverage_editions\"></a>").unwrap();
        let rows: Vec<Vec<&str>> = table
            .lines()
            .filter(|line| line.starts_with("| ["))
            .map(|line| line.trim_matches('|').split(" | ").map(str::trim).collect())
            .collect();
        assert_eq!(rows.len(), 93 + beyond.clone().count());
        for (index, edition) in api.editions.iter().enumerate() {
            let listed = rows.iter().filter(|row| row[3 + index] == yes).count();
            assert_eq!(listed, of(&edition.key), "{language}, {}", edition.key);
        }
    }
}

/// Returns the row number of a line of the coverage table.
fn line_row(line: &str) -> Option<&str> {
    let (number, _) = line.strip_prefix("| <a id=\"row-")?.split_once('"')?;
    Some(number)
}

/// Asserts that the line has the correct method and path, and the printed ones if they differ.
fn check_line(line: &str, row: &Row, operation: &Operation) {
    let correct = format!("`{} {}`", row.correct.0, row.correct.1);
    let printed = format!("`{} {}`", row.printed.0, row.printed.1);
    assert!(line.contains(&correct), "{correct} is missing from {line}");
    let Some(correction) = &operation.correction else {
        return;
    };
    if correction.text.is_none() {
        // Printed paths with a backtick are escaped.
        assert!(
            row.printed.1.contains('`') || line.contains(&printed),
            "{printed} is missing from {line}"
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

/// Asserts that the links to the operation and its example resolve.
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
            "{link} does not resolve"
        );
    }
}

/// Asserts that the test that the line names exists.
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
        "the test {name} does not exist"
    );
}
