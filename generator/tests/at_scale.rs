//! Makes mistakes in every operation of the spec of this repository, and checks that each is reported at its line and column.
//!
//! The mistakes are made in the text, one line at a time, and their locations are computed from the text: [`mistakes`] does not
//! parse YAML. `errors.rs` tests the diagnostics one by one.
#![allow(
    clippy::unwrap_used,
    clippy::print_stdout,
    reason = "a test fails by panicking, and these print statistics"
)]

#[path = "at_scale/mistakes.rs"]
mod mistakes;
#[path = "specs/mod.rs"]
mod specs;

use std::collections::{BTreeMap, BTreeSet};
use std::time::{Duration, Instant};

use generator::diagnostic::{Diagnostics, MAX_SHOWN};
use generator::source::SourceSet;
use mistakes::{Line, Mistake};
use rayon::prelude::*;

/// Number of rows of the source tables.
const ROWS: usize = 93;
/// Number of kinds of mistakes.
const KINDS: usize = 19;
/// Most additional diagnostics that a single mistake may cause.
const MOST_OTHERS: usize = 3;
/// Kinds of mistakes that can be made in every operation.
const EVERYWHERE: [&str; 9] = [
    "argument",
    "duplicate key",
    "key",
    "limit",
    "placeholder",
    "idempotent",
    "request",
    "route",
    "translation",
];
/// Most specs to try that have a mistake in every operation. In a release build, enough for all mistakes of every operation.
const MOST_ROUNDS: usize = if cfg!(debug_assertions) { 60 } else { 1000 };
/// Most time that a test may take, generous enough for a debug build on a busy machine.
const SLOWEST: Duration = Duration::from_secs(120);

/// Contents of the files of a spec by path.
type Files = BTreeMap<String, String>;

/// An operation with every mistake that can be made in it.
struct Operation {
    path: String,
    text: String,
    mistakes: Vec<Mistake>,
}

/// A mistake that was made, and the location at which it must be reported.
struct Made<'a> {
    operation: &'a Operation,
    mistake: &'a Mistake,
    /// Path, line and column.
    location: String,
}

/// Reads the YAML files of the spec of this repository.
fn spec() -> Files {
    let sources = specs::sources(specs::REPOSITORY);
    let files = sources.files().filter(|(_, file)| !file.path.starts_with("client/"));
    files.map(|(_, file)| (file.path.clone(), file.text.clone())).collect()
}

/// Finds the operations of a spec by their indentation.
fn operations(spec: &Files) -> Vec<Operation> {
    let mut out = Vec::new();
    for (path, text) in spec.iter().filter(|(path, _)| path.starts_with("sections/")) {
        let from = text.find("\noperations:\n").unwrap() + "\noperations:".len();
        let is_key = |at: &usize| text[at + 1..].starts_with("  ") && !text[at + 3..].starts_with([' ', '#', '\n']);
        let breaks = text[from..].match_indices('\n').map(|(at, _)| from + at);
        let mut starts: Vec<_> = breaks.filter(is_key).collect();
        starts.push(text.trim_end().len());
        out.extend(starts.windows(2).map(|pair| {
            let text = &text[pair[0]..pair[1]];
            Operation {
                path: path.clone(),
                text: text.to_owned(),
                mistakes: mistakes_in(text, pair[0]),
            }
        }));
    }
    out
}

/// Returns the mistakes that can be made in an operation, which begins at byte `start` of its file.
fn mistakes_in(operation: &str, start: usize) -> Vec<Mistake> {
    let depth = |line: &str| line.len() - line.trim_start().len();
    let mut at = start;
    let mut out = Vec::new();
    let mut lines = operation.split('\n').peekable();
    while let Some(text) = lines.next() {
        let is_whole = lines.peek().is_none_or(|next| depth(next) <= depth(text)) && !text.ends_with(':');
        out.extend(mistakes::all(&Line {
            text,
            start: at,
            operation,
            is_whole,
        }));
        at += text.len() + 1;
    }
    out
}

/// Makes mistakes in a spec. They must be in the order of the operations, at most one per operation.
fn make<'a>(spec: &Files, chosen: &[(&'a Operation, &'a Mistake)]) -> (SourceSet, Vec<Made<'a>>) {
    let mut files = spec.clone();
    let mut made = Vec::new();
    let mut shifts = BTreeMap::<&str, (usize, usize)>::new();
    for (operation, mistake) in chosen {
        let text = files.get_mut(&operation.path).unwrap();
        let (added, removed) = shifts.entry(&operation.path).or_default();
        let shifted = |at: usize| at + *added - *removed;
        text.replace_range(shifted(mistake.edit.start)..shifted(mistake.edit.end), &mistake.with);
        let (line, column) = line_and_column(text, shifted(mistake.at));
        let location = format!("{}:{line}:{column}", operation.path);
        made.push(Made {
            operation,
            mistake,
            location,
        });
        *added += mistake.with.len();
        *removed += mistake.edit.len();
    }
    let files = files.into_iter().map(|(path, text)| (path, text.into_bytes()));
    (SourceSet::from_files(files), made)
}

fn line_and_column(text: &str, at: usize) -> (usize, usize) {
    let start = text[..at].rfind('\n').map_or(0, |end| end + 1);
    (
        text[..start].matches('\n').count() + 1,
        text[start..at].chars().count() + 1,
    )
}

/// Returns the diagnostics of a spec, and a message for each mistake that is not reported correctly.
fn diagnose(sources: &SourceSet, made: &[Made<'_>]) -> (Diagnostics, Vec<String>) {
    let diagnostics = generator::load(sources)
        .err()
        .unwrap_or_else(|| Diagnostics::new(sources, Vec::new()));
    let text = diagnostics.render(false);
    let mut found = BTreeMap::<_, Vec<_>>::new();
    for diagnostic in diagnostics.list() {
        let Some(span) = diagnostic.span else { continue };
        let file = sources.file(span.file);
        let (line, column) = line_and_column(&file.text, span.start);
        let location = format!("{}:{line}:{column}", file.path);
        found
            .entry((diagnostic.code.as_str(), location))
            .or_default()
            .push(diagnostic);
    }
    let failure = |Made {
                       operation,
                       mistake,
                       location,
                   }: &Made<'_>| {
        let name = operation.text.trim_start().lines().next().unwrap_or_default();
        let Mistake {
            kind, code, with, help, ..
        } = mistake;
        let here = found.get(&(*code, location.clone())).map_or(&[][..], Vec::as_slice);
        let has_help = |found: &Option<String>| help.is_empty() || found.as_ref() == Some(help);
        let wrong = if here.is_empty() {
            format!("no {code} at {location}")
        } else if !here.iter().any(|diagnostic| has_help(&diagnostic.help)) {
            format!("no {code} at {location} with the help {help:?}")
        } else if diagnostics.list().len() <= MAX_SHOWN && !text.contains(&format!("--> {location}\n")) {
            format!("{location} is not in the rendered text")
        } else {
            return None;
        };
        Some(format!("{name} {kind}, {with:?}: {wrong}"))
    };
    let failures = made.iter().filter_map(failure).collect();
    (diagnostics, failures)
}

/// Asserts that no mistake failed and that the test did not take too long.
fn report(failures: &[String], tried: usize, start: Instant) {
    println!("{tried} mistakes in {:?}", start.elapsed());
    let count = failures.len();
    assert!(
        failures.is_empty(),
        "{count} of {tried} mistakes are not reported correctly:\n{}",
        failures.join("\n")
    );
    assert!(start.elapsed() < SLOWEST, "{:?}", start.elapsed());
}

#[test]
fn every_operation_can_have_many_kinds_of_mistakes() {
    let operations = operations(&spec());
    assert!(operations.len() >= ROWS, "found only {} operations", operations.len());
    let mut counts = BTreeMap::<_, usize>::new();
    for Operation { text, mistakes, .. } in &operations {
        let kinds: BTreeSet<_> = mistakes.iter().map(|mistake| mistake.kind).collect();
        let missing: Vec<_> = EVERYWHERE.iter().filter(|kind| !kinds.contains(*kind)).collect();
        assert!(missing.is_empty(), "no mistakes of the kinds {missing:?} in\n{text}");
        mistakes
            .iter()
            .for_each(|mistake| *counts.entry(mistake.kind).or_default() += 1);
    }
    println!("{counts:#?}");
    assert!(counts.len() >= KINDS, "only {} kinds of mistakes", counts.len());
}

/// The position of the mistake varies from operation to operation, so that every kind is tried.
#[test]
fn a_single_mistake_causes_few_additional_diagnostics() {
    let start = Instant::now();
    let spec = spec();
    let operations = operations(&spec);
    let alone = |(number, operation): (usize, &Operation)| {
        let mistake = &operation.mistakes[number * 7 % operation.mistakes.len()];
        let (sources, made) = make(&spec, &[(operation, mistake)]);
        let (diagnostics, mut failures) = diagnose(&sources, &made);
        let has_too_many = diagnostics.list().len() > 1 + MOST_OTHERS;
        failures.extend((has_too_many || !failures.is_empty()).then(|| diagnostics.to_string()));
        failures
    };
    let failures: Vec<_> = operations.par_iter().enumerate().flat_map_iter(alone).collect();
    report(&failures, operations.len(), start);
}

/// Each round makes one mistake in every operation.
#[test]
fn mistakes_in_every_operation_are_all_reported() {
    let start = Instant::now();
    let spec = spec();
    let operations = operations(&spec);
    let rounds = operations
        .iter()
        .map(|operation| operation.mistakes.len())
        .max()
        .unwrap()
        .min(MOST_ROUNDS);
    let round = |round: usize| {
        let chosen: Vec<_> = operations
            .iter()
            .map(|operation| (operation, &operation.mistakes[round % operation.mistakes.len()]))
            .collect();
        let (sources, made) = make(&spec, &chosen);
        let (diagnostics, mut failures) = diagnose(&sources, &made);
        let count = diagnostics.list().len();
        let has_too_many = count > chosen.len() * 3 / 2;
        failures
            .extend(has_too_many.then(|| format!("round {round}: {count} diagnostics for {} mistakes", chosen.len())));
        failures
    };
    let failures: Vec<_> = (0..rounds).into_par_iter().flat_map_iter(round).collect();
    report(&failures, rounds * operations.len(), start);
}
