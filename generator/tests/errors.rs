//! Every mistake that a spec can hold, each with the full text that its author reads.
//!
//! A case is a patch to the good spec in `errors/good`, named after the code that it gives: `errors/CODE.txt`, or
//! `errors/CODE--variant.txt`. Its text is a snapshot in `errors/snapshots`. See [`patch`] for the format.
#![allow(clippy::unwrap_used, clippy::panic, reason = "a test fails by panicking")]

#[path = "errors/patch.rs"]
mod patch;

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};

use generator::diagnostic::{Code, Diagnostics};
use generator::source::SourceSet;
use patch::Files;

fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/errors")
}

/// The spec that the cases break.
fn good() -> Files {
    ["api.yaml", "sections/plants.yaml"]
        .map(|path| (path.to_owned(), fs::read(folder().join("good").join(path)).unwrap()))
        .into()
}

/// The cases by name.
fn cases() -> BTreeMap<String, String> {
    let paths = fs::read_dir(folder()).unwrap().map(|entry| entry.unwrap().path());
    let cases = paths.filter(|path| path.extension().is_some_and(|extension| extension == "txt"));
    cases
        .map(|path| {
            (
                path.file_stem().unwrap().to_str().unwrap().to_owned(),
                fs::read_to_string(&path).unwrap(),
            )
        })
        .collect()
}

/// The mistakes in the good spec with a case's patch.
fn diagnose(name: &str, patch: &str) -> Diagnostics {
    let files = patch::apply(&good(), patch).unwrap_or_else(|problem| panic!("errors/{name}.txt: {problem}"));
    let sources = SourceSet::from_files(files);
    generator::load(&sources)
        .err()
        .unwrap_or_else(|| Diagnostics::new(&sources, Vec::new()))
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
        for (name, patch) in cases() {
            insta::assert_snapshot!(name.as_str(), diagnose(&name, &patch).render(false));
        }
    });
}

#[test]
fn every_case_gives_the_code_it_is_named_after() {
    let cases = cases();
    let named = cases.iter().filter(|(name, _)| *name != "several");
    let wrong: Vec<_> = named
        .map(|(name, patch)| (name, codes(&diagnose(name, patch))))
        .filter(|(name, found)| found.iter().ne([&name.split("--").next().unwrap()]))
        .collect();
    assert!(
        wrong.is_empty(),
        "cases with other codes than in their name: {wrong:#?}"
    );
}

#[test]
fn every_code_has_a_case() {
    let cases = cases();
    let covered: BTreeSet<_> = cases.keys().map(|name| name.split("--").next().unwrap()).collect();
    let missing: Vec<_> = Code::ALL
        .iter()
        .map(|code| code.as_str())
        .filter(|code| !covered.contains(code))
        .collect();
    assert!(missing.is_empty(), "no case for {missing:?}");
}

#[test]
fn every_snapshot_has_a_case() {
    let cases = cases();
    for entry in fs::read_dir(folder().join("snapshots")).unwrap() {
        let name = entry.unwrap().file_name().into_string().unwrap();
        let case = name.split('.').next().unwrap();
        assert!(cases.contains_key(case), "errors/snapshots/{name} belongs to no case");
    }
}

#[test]
fn mistakes_are_in_the_order_of_their_places() {
    let cases = cases();
    let diagnostics = diagnose("several", &cases["several"]);
    let places: Vec<_> = diagnostics.list().iter().map(|diagnostic| diagnostic.span).collect();
    assert!(places.is_sorted());
    let files: BTreeSet<_> = places.iter().flatten().map(|span| span.file).collect();
    assert!(files.len() > 2 && codes(&diagnostics).len() > 5);
}
