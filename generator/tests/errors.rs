//! Snapshots of every diagnostic, as the author of a spec sees it.
//!
//! `errors/CODE.txt` holds the cases of a code: each starts with a line `=== NAME`, followed by a [`patch`] to
//! the valid spec `specs/garden`. The diagnostics of all cases of a file are one snapshot, `errors/snapshots/CODE.snap`.
#![allow(clippy::unwrap_used, clippy::panic, reason = "a test fails by panicking")]

#[path = "errors/patch.rs"]
mod patch;
#[path = "specs/mod.rs"]
mod specs;

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;
use std::fs;
use std::path::{Path, PathBuf};

use generator::diagnostic::{Code, Diagnostics};
use generator::source::SourceSet;

/// The only file whose cases have several codes.
const SEVERAL: &str = "several";

/// A named change to the garden spec that makes it invalid.
struct Case {
    name: String,
    patch: String,
}

impl Case {
    /// Returns the diagnostics of the patched spec.
    fn diagnose(&self) -> Diagnostics {
        let files =
            patch::apply(&specs::files("garden"), &self.patch).unwrap_or_else(|error| panic!("{}: {error}", self.name));
        let sources = SourceSet::from_files(files);
        generator::load(&sources)
            .err()
            .unwrap_or_else(|| Diagnostics::new(&sources, Vec::new()))
    }
}

fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/errors")
}

/// Returns the cases of each file, by file name without extension.
fn cases() -> BTreeMap<String, Vec<Case>> {
    let paths = fs::read_dir(folder()).unwrap().map(|entry| entry.unwrap().path());
    let pages = paths.filter(|path| path.extension().is_some_and(|extension| extension == "txt"));
    let name = |path: &Path| path.file_stem().unwrap().to_str().unwrap().to_owned();
    pages
        .map(|path| (name(&path), split(&fs::read_to_string(&path).unwrap())))
        .collect()
}

/// Splits a file into its cases.
fn split(page: &str) -> Vec<Case> {
    let page = page.strip_prefix("=== ").unwrap();
    let cases = page.split("\n=== ").map(|case| case.split_once('\n').unwrap());
    cases
        .map(|(name, patch)| Case {
            name: name.to_owned(),
            patch: format!("\n{patch}"),
        })
        .collect()
}

fn codes(diagnostics: &Diagnostics) -> BTreeSet<&'static str> {
    diagnostics
        .list()
        .iter()
        .map(|diagnostic| diagnostic.code.as_str())
        .collect()
}

#[test]
fn the_unpatched_spec_is_valid() {
    specs::load("garden");
}

#[test]
fn diagnostics_match_their_snapshots() {
    let mut settings = insta::Settings::clone_current();
    settings.set_snapshot_path(folder().join("snapshots"));
    settings.set_prepend_module_to_snapshot(false);
    settings.set_omit_expression(true);
    settings.bind(|| {
        for (code, cases) in cases() {
            let mut page = String::new();
            for case in cases {
                writeln!(page, "=== {}\n\n{}", case.name, case.diagnose().render(false)).unwrap();
            }
            insta::assert_snapshot!(code.as_str(), page);
        }
    });
}

#[test]
fn every_case_reports_only_the_code_of_its_file() {
    let mut wrong = Vec::new();
    for (code, cases) in cases().iter().filter(|(code, _)| *code != SEVERAL) {
        for case in cases {
            let found = codes(&case.diagnose());
            if found.iter().ne([code]) {
                wrong.push(format!("{code}: {} reports {found:?}", case.name));
            }
        }
    }
    assert!(wrong.is_empty(), "cases that report other codes: {wrong:#?}");
}

#[test]
fn case_names_are_unique_within_a_file() {
    for (code, cases) in cases() {
        let names: BTreeSet<_> = cases.iter().map(|case| &case.name).collect();
        assert_eq!(
            names.len(),
            cases.len(),
            "errors/{code}.txt has two cases with the same name"
        );
    }
}

#[test]
fn every_code_has_a_case() {
    let cases = cases();
    let codes = Code::ALL.iter().map(|code| code.as_str());
    let missing: Vec<_> = codes.filter(|code| !cases.contains_key(*code)).collect();
    assert!(missing.is_empty(), "codes without a file in tests/errors: {missing:?}");
}

#[test]
fn every_snapshot_has_a_file_of_cases() {
    let cases = cases();
    for entry in fs::read_dir(folder().join("snapshots")).unwrap() {
        let name = entry.unwrap().file_name().into_string().unwrap();
        let code = name.split('.').next().unwrap();
        assert!(
            cases.contains_key(code),
            "errors/snapshots/{name} has no errors/{code}.txt"
        );
    }
}

#[test]
fn diagnostics_are_sorted_by_location() {
    let diagnostics = cases()[SEVERAL][0].diagnose();
    let spans: Vec<_> = diagnostics.list().iter().map(|diagnostic| diagnostic.span).collect();
    assert!(spans.is_sorted());
    let files: BTreeSet<_> = spans.iter().flatten().map(|span| span.file).collect();
    assert!(files.len() > 2 && codes(&diagnostics).len() > 5);
}
