//! Mistakes in every operation of the real spec, each reported at its line and column.
//!
//! The spec is broken as text, a line at a time, and where a mistake stands is found without the generator: [`mistakes`]
//! reads no YAML. Every code on its own is the matter of `errors.rs`.
#![allow(
    clippy::unwrap_used,
    clippy::print_stdout,
    reason = "a test fails by panicking, and reports"
)]

#[path = "at_scale/mistakes.rs"]
mod mistakes;

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;
use std::time::{Duration, Instant};

use generator::diagnostic::{Diagnostics, MAX_SHOWN};
use generator::source::SourceSet;
use mistakes::{Line, Mistake};
use rayon::prelude::*;

/// How many rows the source tables have.
const ROWS: usize = 93;
/// How many kinds of mistakes are made.
const KINDS: usize = 19;
/// The most that one mistake may be reported as, beside what it is.
const MOST_OTHERS: usize = 3;
/// Every operation has a mistake of each of these kinds.
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
/// The most specs that are tried with a mistake in every operation; few operations can have as many mistakes.
const MOST_ROUNDS: usize = if cfg!(debug_assertions) { 60 } else { 1000 };
/// No test of this file takes longer, even in a debug build on a busy machine.
const SLOWEST: Duration = Duration::from_secs(120);

/// Paths and texts of the files of a spec.
type Files = BTreeMap<String, String>;

/// An operation, and every mistake that can be made in it.
struct Operation {
    path: String,
    text: String,
    mistakes: Vec<Mistake>,
}

/// A mistake in an operation, and where it is to be reported.
struct Made<'a> {
    operation: &'a Operation,
    mistake: &'a Mistake,
    /// Path, line and column.
    location: String,
}

/// The spec of this repository.
fn spec() -> Files {
    let sources = SourceSet::load(&Path::new(env!("CARGO_MANIFEST_DIR")).join("../spec")).unwrap();
    let files = sources.files().filter(|(_, file)| !file.path.starts_with("client/"));
    files.map(|(_, file)| (file.path.clone(), file.text.clone())).collect()
}

/// Finds the operations by indentation.
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

/// Makes mistakes in a spec, at most one in each operation, in the order of the operations.
fn make<'a>(spec: &Files, chosen: &[(&'a Operation, &'a Mistake)]) -> (SourceSet, Vec<Made<'a>>) {
    let mut files = spec.clone();
    let mut made = Vec::new();
    let mut moved = BTreeMap::<&str, (usize, usize)>::new();
    for (operation, mistake) in chosen {
        let text = files.get_mut(&operation.path).unwrap();
        let (added, removed) = moved.entry(&operation.path).or_default();
        let now = |at: usize| at + *added - *removed;
        text.replace_range(now(mistake.edit.start)..now(mistake.edit.end), &mistake.with);
        let (line, column) = line_and_column(text, now(mistake.at));
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

/// Returns what is reported about a spec, and the mistakes that are not reported as they should be.
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
    let flaw = |Made {
                    operation,
                    mistake,
                    location,
                }: &Made<'_>| {
        let name = operation.text.trim_start().lines().next().unwrap_or_default();
        let Mistake {
            kind, code, with, help, ..
        } = mistake;
        let here = found.get(&(*code, location.clone())).map_or(&[][..], Vec::as_slice);
        let is_helpful = |given: &Option<String>| help.is_empty() || given.as_ref() == Some(help);
        let wrong = if here.is_empty() {
            format!("no {code} at {location}")
        } else if !here.iter().any(|diagnostic| is_helpful(&diagnostic.help)) {
            format!("the help is not {help:?}")
        } else if diagnostics.list().len() <= MAX_SHOWN && !text.contains(&format!("--> {location}\n")) {
            format!("{location} is not shown")
        } else {
            return None;
        };
        Some(format!("{name} {kind}, {with:?}: {wrong}"))
    };
    let flaws = made.iter().filter_map(flaw).collect();
    (diagnostics, flaws)
}

fn report(failures: &[String], tried: usize, start: Instant) {
    println!("{tried} mistakes in {:?}", start.elapsed());
    let count = failures.len();
    assert!(
        failures.is_empty(),
        "{count} of {tried} are not reported well:\n{}",
        failures.join("\n")
    );
    assert!(start.elapsed() < SLOWEST, "{:?}", start.elapsed());
}

#[test]
fn every_operation_is_tried_in_many_ways() {
    let operations = operations(&spec());
    assert!(
        operations.len() >= ROWS,
        "only {} operations were found",
        operations.len()
    );
    let mut counts = BTreeMap::<_, usize>::new();
    for Operation { text, mistakes, .. } in &operations {
        let kinds: BTreeSet<_> = mistakes.iter().map(|mistake| mistake.kind).collect();
        let lacking: Vec<_> = EVERYWHERE.iter().filter(|kind| !kinds.contains(*kind)).collect();
        assert!(lacking.is_empty(), "{lacking:?} are not tried in\n{text}");
        mistakes
            .iter()
            .for_each(|mistake| *counts.entry(mistake.kind).or_default() += 1);
    }
    println!("{counts:#?}");
    assert!(counts.len() >= KINDS, "only {} kinds are tried", counts.len());
}

/// One mistake in each operation, another one in the next, so that all kinds come up somewhere.
#[test]
fn a_mistake_alone_brings_few_others() {
    let start = Instant::now();
    let spec = spec();
    let operations = operations(&spec);
    let alone = |(number, operation): (usize, &Operation)| {
        let mistake = &operation.mistakes[number * 7 % operation.mistakes.len()];
        let (sources, made) = make(&spec, &[(operation, mistake)]);
        let (diagnostics, mut flaws) = diagnose(&sources, &made);
        let flood = diagnostics.list().len() > 1 + MOST_OTHERS;
        flaws.extend((flood || !flaws.is_empty()).then(|| diagnostics.to_string()));
        flaws
    };
    let failures: Vec<_> = operations.par_iter().enumerate().flat_map_iter(alone).collect();
    report(&failures, operations.len(), start);
}

/// In each round the whole spec has a mistake in every operation.
#[test]
fn mistakes_in_every_operation_are_reported_at_once() {
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
            .map(|it| (it, &it.mistakes[round % it.mistakes.len()]))
            .collect();
        let (sources, made) = make(&spec, &chosen);
        let (diagnostics, mut flaws) = diagnose(&sources, &made);
        // All of them are shown, and few bring others.
        let count = diagnostics.list().len();
        flaws.extend((count > chosen.len() * 3 / 2).then(|| format!("round {round}: {count} mistakes")));
        flaws
    };
    let failures: Vec<_> = (0..rounds).into_par_iter().flat_map_iter(round).collect();
    report(&failures, rounds * operations.len(), start);
}
