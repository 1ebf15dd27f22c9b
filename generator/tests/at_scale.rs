//! Mistakes in every operation of the real spec, each reported at its line and column.
//!
//! The spec is broken as text, and where a mistake stands is found without the generator: [`places`] knows nothing but
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
#[path = "at_scale/parts.rs"]
mod parts;
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
/// No test of this file takes longer, even in a debug build on a busy machine; it is half a minute on an idle one.
const SLOWEST: Duration = Duration::from_secs(120);
/// Of the kinds that are not tried everywhere, one of so many is tried in an operation alone.
const ONE_OF: usize = if cfg!(debug_assertions) { 8 } else { 1 };
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

/// Mistakes in each operation, alone in a spec of its section: of the kinds that stand everywhere, and of the others, one each.
#[test]
fn a_mistake_alone_is_reported_at_its_place() {
    let start = Instant::now();
    let spec = read();
    let candidates = candidates(&spec);
    let tried: Vec<_> = candidates
        .iter()
        .enumerate()
        .flat_map(|(number, one)| chosen(number, one))
        .collect();
    let outcomes: Vec<_> = tried.par_iter().map(|change| alone(&spec, change)).collect();
    let quiet = outcomes.iter().filter(|(others, _)| *others == 0).count();
    println!("{quiet} of {} mistakes bring no others", tried.len());
    let failures: Vec<_> = outcomes.into_iter().flat_map(|(_, failures)| failures).collect();
    report(&failures, tried.len(), start);
}

/// One mistake of each kind; of the kinds that do not stand in [`EVERYWHERE`] fewer, where loading takes its time.
fn chosen<'a>(number: usize, (operation, mistakes): &'a (Operation<'a>, Vec<Mistake>)) -> Vec<Change<'a>> {
    let mut kinds = BTreeMap::<_, Vec<_>>::new();
    for mistake in mistakes {
        kinds.entry(mistake.kind).or_default().push(mistake);
    }
    let is_chosen = |(index, kind): (usize, &&str)| {
        EVERYWHERE.iter().any(|group| group.contains(kind)) || (number + index).is_multiple_of(ONE_OF)
    };
    let chosen: Vec<_> = kinds
        .keys()
        .enumerate()
        .map(|(index, kind)| is_chosen((index, kind)))
        .collect();
    // Another one in the next operation, so that all of them come up somewhere.
    let one = |all: Vec<&'a Mistake>| Change {
        operation,
        mistake: all[number % all.len()],
    };
    let kinds = kinds.into_values().zip(chosen).filter(|(_, chosen)| *chosen);
    kinds.map(|(all, _)| one(all)).collect()
}

/// How many mistakes are reported beside one that is made alone, and what is wrong about that.
fn alone(spec: &Spec, change: &Change<'_>) -> (usize, Vec<String>) {
    let broken = Changed::new(&spec.reduced(change.operation.path), &[*change]);
    let outcome = Outcome::of(&broken);
    let others = outcome.count().saturating_sub(1);
    let flood = (others > MOST_OTHERS).then(|| format!("{change}: {others} more\n{}", outcome.text()));
    let failures = outcome.unreported(&broken).into_iter().chain(flood).collect();
    (others, failures)
}

/// Every mistake, in rounds: in each round the whole spec has a mistake in every operation, and each of them is reported.
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
            let broken = Changed::new(&spec, &changes);
            let outcome = Outcome::of(&broken);
            // All of them are shown, and few bring others.
            let most = changes.len() * 3 / 2;
            let flood = (outcome.count() > most).then(|| format!("round {round}: {} mistakes", outcome.count()));
            outcome.unreported(&broken).into_iter().chain(flood)
        })
        .collect();
    report(&failures, rounds * candidates.len(), start);
}
