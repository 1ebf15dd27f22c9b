//! Every diagnostic, each with the full text that its author reads.
//!
//! `errors/CODE.txt` holds the cases of a code: each starts with a line `=== NAME`, and the lines below it are a [`patch`]
//! to the good spec in `errors/good`. The diagnostics of all cases of a file are one snapshot, `errors/snapshots/CODE.snap`.
#![allow(clippy::unwrap_used, clippy::panic, reason = "a test fails by panicking")]

#[path = "errors/patch.rs"]
mod patch;

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;
use std::fs;
use std::path::{Path, PathBuf};

use generator::diagnostic::{Code, Diagnostics};
use generator::source::SourceSet;
use patch::Files;

/// The one file whose cases have several codes.
const SEVERAL: &str = "several";

/// A case: what it shows, in words, and how it breaks the good spec.
struct Case {
    name: String,
    patch: String,
}

impl Case {
    /// Returns the diagnostics of the good spec with the patch.
    fn diagnose(&self) -> Diagnostics {
        let files = patch::apply(&good(), &self.patch).unwrap_or_else(|problem| panic!("{}: {problem}", self.name));
        let sources = SourceSet::from_files(files);
        generator::load(&sources)
            .err()
            .unwrap_or_else(|| Diagnostics::new(&sources, Vec::new()))
    }
}

fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/errors")
}

/// The spec that the cases break.
fn good() -> Files {
    ["api.yaml", "sections/plants.yaml"]
        .map(|path| (path.to_owned(), fs::read(folder().join("good").join(path)).unwrap()))
        .into()
}

/// Returns the cases of each file, by the name of the file.
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
fn the_good_spec_is_good() {
    let problems = generator::load(&SourceSet::from_files(good())).err();
    assert!(problems.is_none(), "{}", problems.unwrap());
}

#[test]
fn every_case_reads_well() {
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
fn every_case_gives_the_code_of_its_file() {
    let mut wrong = Vec::new();
    for (code, cases) in cases().iter().filter(|(code, _)| *code != SEVERAL) {
        for case in cases {
            let found = codes(&case.diagnose());
            if found.iter().ne([code]) {
                wrong.push(format!("{code}: {} gives {found:?}", case.name));
            }
        }
    }
    assert!(wrong.is_empty(), "cases with other codes: {wrong:#?}");
}

#[test]
fn names_of_cases_differ() {
    for (code, cases) in cases() {
        let names: BTreeSet<_> = cases.iter().map(|case| &case.name).collect();
        assert_eq!(names.len(), cases.len(), "errors/{code}.txt has two cases of one name");
    }
}

#[test]
fn every_code_has_a_case() {
    let cases = cases();
    let codes = Code::ALL.iter().map(|code| code.as_str());
    let missing: Vec<_> = codes.filter(|code| !cases.contains_key(*code)).collect();
    assert!(missing.is_empty(), "no case for {missing:?}");
}

#[test]
fn every_snapshot_has_a_case() {
    let cases = cases();
    for entry in fs::read_dir(folder().join("snapshots")).unwrap() {
        let name = entry.unwrap().file_name().into_string().unwrap();
        let code = name.split('.').next().unwrap();
        assert!(cases.contains_key(code), "errors/snapshots/{name} belongs to no case");
    }
}

#[test]
fn mistakes_are_in_the_order_of_their_places() {
    let diagnostics = cases()[SEVERAL][0].diagnose();
    let places: Vec<_> = diagnostics.list().iter().map(|diagnostic| diagnostic.span).collect();
    assert!(places.is_sorted());
    let files: BTreeSet<_> = places.iter().flatten().map(|span| span.file).collect();
    assert!(files.len() > 2 && codes(&diagnostics).len() > 5);
}
