//! Feeds the loader 20,000 mutated specs (2,000 in a debug build, which is ten times slower), and renders those that are valid:
//! neither may panic.
//!
//! Each spec is made from a valid one and depends on its number only. `MUTATION=123` tries and prints only that one,
//! `MUTATIONS=1000000` tries more.
#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::print_stdout,
    reason = "a test fails by panicking, and this one prints statistics"
)]

#[path = "mutations/mutate.rs"]
mod mutate;
#[path = "specs/mod.rs"]
mod specs;
#[path = "structure/mod.rs"]
mod structure;

use std::collections::BTreeMap;
use std::hint::black_box;
use std::panic::{self, AssertUnwindSafe};
use std::time::{Duration, Instant};

use fastrand::Rng;
use generator::source::SourceSet;
use mutate::Files;
use rayon::prelude::*;

/// Number of specs to try, unless `MUTATIONS` is set.
const COUNT: u64 = if cfg!(debug_assertions) { 2_000 } else { 20_000 };
/// Rendering takes longer than loading, so only one in this many specs is rendered if it is still valid.
const RENDERED: u64 = 50;
/// Fewest distinct codes that must be reported; with fewer, the mutations no longer reach most of the loader.
const LEAST_CODES: usize = 40;
/// Most time that one spec may take.
const SLOWEST: Duration = Duration::from_secs(10);

/// Codes of the diagnostics of a spec; empty if it is valid.
type Codes = Vec<&'static str>;

/// The result of one spec.
struct Outcome {
    number: u64,
    time: Duration,
    /// The message of the panic as an error.
    codes: Result<Codes, String>,
}

#[test]
fn mutated_specs_are_diagnosed_without_a_panic() {
    let seed: Files = specs::files("lending").into_iter().collect();
    let codes = diagnose(&seed, true);
    assert!(codes.is_empty(), "the spec to mutate is not valid: {codes:?}");

    let only = number_from("MUTATION");
    for (path, bytes) in only.iter().flat_map(|number| mutated(&seed, *number)) {
        println!("==> {path}\n{}", String::from_utf8_lossy(&bytes));
    }
    let numbers = only.map_or(0..number_from("MUTATIONS").unwrap_or(COUNT), |number| {
        number..number + 1
    });
    let outcomes: Vec<_> = numbers.into_par_iter().map(|number| try_one(&seed, number)).collect();

    let mut codes = BTreeMap::<_, usize>::new();
    for code in outcomes.iter().flat_map(|outcome| outcome.codes.iter().flatten()) {
        *codes.entry(*code).or_default() += 1;
    }
    let valid = outcomes
        .iter()
        .filter(|outcome| outcome.codes.as_ref().is_ok_and(Vec::is_empty))
        .count();
    let slowest = outcomes.iter().max_by_key(|outcome| outcome.time).unwrap();
    println!(
        "{} specs, {valid} of them still valid, {} distinct diagnostics:",
        outcomes.len(),
        codes.len()
    );
    for (code, count) in &codes {
        println!("{count:8} {code}");
    }
    println!("slowest: number {} with {:?}", slowest.number, slowest.time);

    let panics: Vec<_> = outcomes
        .iter()
        .filter_map(|outcome| Some((outcome.number, outcome.codes.as_ref().err()?)))
        .collect();
    assert!(
        panics.is_empty(),
        "{} panics, the first with MUTATION={}: {}",
        panics.len(),
        panics[0].0,
        panics[0].1
    );
    assert!(
        slowest.time < SLOWEST,
        "MUTATION={} takes {:?}",
        slowest.number,
        slowest.time
    );
    assert!(
        outcomes.len() < 2_000 || codes.len() >= LEAST_CODES,
        "too few distinct diagnostics"
    );
}

/// Returns the mutated spec with a number.
fn mutated(seed: &Files, number: u64) -> Files {
    let mut files = seed.clone();
    mutate::mutate(&mut Rng::with_seed(number), &mut files);
    files
}

fn try_one(seed: &Files, number: u64) -> Outcome {
    let files = mutated(seed, number);
    let start = Instant::now();
    let codes = panic::catch_unwind(AssertUnwindSafe(|| diagnose(&files, number.is_multiple_of(RENDERED))));
    Outcome {
        number,
        time: start.elapsed(),
        codes: codes.map_err(|panic| message(panic.as_ref())),
    }
}

fn message(panic: &(dyn std::any::Any + Send)) -> String {
    let text = panic.downcast_ref::<String>().map(String::as_str);
    text.or(panic.downcast_ref::<&str>().copied())
        .unwrap_or("(no message)")
        .to_owned()
}

fn number_from(variable: &str) -> Option<u64> {
    std::env::var(variable).ok().map(|value| value.parse().unwrap())
}

/// Loads a spec, and renders its diagnostics or, if it is valid, its outputs.
fn diagnose(files: &Files, render: bool) -> Codes {
    let sources = SourceSet::from_files(files.iter().cloned());
    match generator::load(&sources) {
        Ok(api) => {
            // Any spec that loads can be rendered, to a client without duplicate names.
            let client = generator::render::client::render(&api);
            let contents = client.iter().map(|file| (file.path.as_str(), file.contents.as_str()));
            let problems = structure::problems(contents);
            assert!(problems.is_empty(), "{problems:#?}");
            if render {
                drop(generator::render(&api).unwrap());
            }
            Codes::new()
        }
        Err(diagnostics) => {
            // Rendering slices the source text at the spans.
            black_box(diagnostics.render(false));
            diagnostics
                .list()
                .iter()
                .map(|diagnostic| diagnostic.code.as_str())
                .collect()
        }
    }
}
