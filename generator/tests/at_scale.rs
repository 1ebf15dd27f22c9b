//! Mistakes in every operation of the real spec, each reported at its line and column.
//!
//! The spec is changed as text, and where a mistake stands is found without the generator: [`places`] knows nothing but
//! indentation, brackets and quotes.
#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::print_stdout,
    reason = "a test fails by panicking, and reports"
)]

#[path = "at_scale/change.rs"]
mod change;
#[path = "at_scale/mistakes.rs"]
mod mistakes;
#[path = "at_scale/places.rs"]
mod places;
#[path = "at_scale/spec.rs"]
mod spec;

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;
use std::time::{Duration, Instant};

use change::{Change, Changed, Outcome};
use mistakes::Mistake;
use rayon::prelude::*;
use spec::{Operation, Spec};

/// How many rows the source tables have.
const ROWS: usize = 93;
/// The most that one mistake may be reported as, beside what it is.
const MOST_OTHERS: usize = 3;
/// No test of this file takes longer, even in a debug build.
const SLOWEST: Duration = Duration::from_secs(60);
/// Of these groups of kinds, every operation has a mistake of each.
const EVERYWHERE: [&[&str]; 5] = [
    &["type"],
    &[
        "placeholder",
        "removed parameter",
        "removed field",
        "removed body",
        "field that the example lacks",
    ],
    &["value in a request", "value in a body", "value in an answer"],
    &["duplicate key"],
    &["route"],
];

/// The spec of this repository.
fn read() -> Spec {
    Spec::read(&Path::new(env!("CARGO_MANIFEST_DIR")).join("../spec"))
}

/// Every operation with the mistakes that can be made in it.
fn candidates(spec: &Spec) -> Vec<(Operation<'_>, Vec<Mistake>)> {
    let operations = spec.operations();
    operations
        .into_iter()
        .map(|operation| (operation, mistakes::all(&operation)))
        .collect()
}

fn report(failures: &[String], tried: usize, start: Instant) {
    println!("{tried} mistakes in {:?}", start.elapsed());
    assert!(
        failures.is_empty(),
        "{} of {tried} mistakes are not reported well:\n{}",
        failures.len(),
        failures.join("\n")
    );
    assert!(start.elapsed() < SLOWEST, "{:?}", start.elapsed());
}

#[test]
fn every_operation_is_tried_in_many_ways() {
    let spec = read();
    let candidates = candidates(&spec);
    let rows: BTreeSet<_> = candidates
        .iter()
        .filter_map(|(operation, _)| Some(operation.at(&operation.get("row")?.value)))
        .collect();
    assert!(rows.len() >= ROWS, "only {} rows were found", rows.len());
    let mut counts = BTreeMap::<_, (usize, usize)>::new();
    let mut lacking = Vec::new();
    for (operation, mistakes) in &candidates {
        let kinds: BTreeSet<_> = mistakes.iter().map(|mistake| mistake.kind).collect();
        assert!(kinds.len() >= 10, "only {kinds:?} in {}", operation.id());
        let missing = EVERYWHERE
            .into_iter()
            .filter(|group| !group.iter().any(|kind| kinds.contains(kind)));
        lacking.extend(missing.map(|group| format!("{}: {group:?}", operation.id())));
        for kind in kinds {
            let (mistakes, kind) = (mistakes.iter().filter(|mistake| mistake.kind == kind).count(), kind);
            let (all, operations) = counts.entry(kind).or_default();
            (*all, *operations) = (*all + mistakes, *operations + 1);
        }
    }
    for (kind, (mistakes, operations)) in counts {
        println!("{mistakes:6} in {operations:3} operations: {kind}");
    }
    assert!(lacking.is_empty(), "{lacking:#?}");
}

/// One mistake of each kind in each operation, alone in a spec of its section.
#[test]
fn a_mistake_alone_is_reported_at_its_place() {
    let start = Instant::now();
    let spec = read();
    let candidates = candidates(&spec);
    let mut tried = Vec::new();
    for (number, (operation, mistakes)) in candidates.iter().enumerate() {
        let mut kinds = BTreeMap::<_, Vec<_>>::new();
        mistakes
            .iter()
            .for_each(|mistake| kinds.entry(mistake.kind).or_default().push(mistake));
        // Another one in the next operation, so that all of them come up somewhere.
        tried.extend(kinds.into_values().map(|all| Change {
            operation,
            mistake: all[number % all.len()],
        }));
    }
    let failures: Vec<_> = tried
        .par_iter()
        .flat_map_iter(|change| {
            let changed = Changed::new(&spec.reduced(change.operation.path), &[*change]);
            let outcome = Outcome::of(&changed);
            let others = outcome.count().saturating_sub(1);
            let flood = (others > MOST_OTHERS).then(|| format!("{change}: {others} more\n{}", outcome.text()));
            outcome.unreported(&changed).into_iter().chain(flood)
        })
        .collect();
    report(&failures, tried.len(), start);
}

/// Every mistake, in rounds: in each round the whole spec has a mistake in every operation.
#[test]
fn mistakes_in_every_operation_are_reported_at_once() {
    let start = Instant::now();
    let spec = read();
    let candidates = candidates(&spec);
    let rounds = candidates.iter().map(|(_, mistakes)| mistakes.len()).max().unwrap();
    let failures: Vec<_> = (0..rounds)
        .into_par_iter()
        .flat_map_iter(|round| {
            let changes = candidates.iter().map(|(operation, mistakes)| {
                let mistake = &mistakes[round % mistakes.len()];
                Change { operation, mistake }
            });
            let changes: Vec<_> = changes.collect();
            let changed = Changed::new(&spec, &changes);
            let outcome = Outcome::of(&changed);
            let most = changes.len() * (1 + MOST_OTHERS);
            let flood = (outcome.count() > most).then(|| format!("round {round}: {} mistakes", outcome.count()));
            outcome.unreported(&changed).into_iter().chain(flood)
        })
        .collect();
    report(&failures, rounds * candidates.len(), start);
}
