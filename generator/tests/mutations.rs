//! The loader never panics, whatever it is given: it is fed 100,000 broken specs, or a tenth of them where it was compiled
//! for debugging and takes ten times as long.
//!
//! Each is made from a valid one, by its number alone. `MUTATION=123` looks at that one, and `MUTATIONS=1000000` at more.
#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::print_stdout,
    reason = "a test fails by panicking, and reports"
)]

#[path = "mutations/mutate.rs"]
mod mutate;
#[path = "structure/mod.rs"]
mod structure;

use std::collections::BTreeMap;
use std::hint::black_box;
use std::panic::{self, AssertUnwindSafe};
use std::path::Path;
use std::time::{Duration, Instant};

use fastrand::Rng;
use generator::source::SourceSet;
use mutate::Files;
use rayon::prelude::*;

/// How many specs are tried unless told otherwise.
const COUNT: u64 = if cfg!(debug_assertions) { 10_000 } else { 100_000 };
/// Rendering takes longer than loading: of so many specs one is rendered, if it is still valid.
const RENDERED: u64 = 50;
/// How many kinds of mistakes they have to make; fewer means that the mutations no longer reach what they should.
const LEAST_CODES: usize = 40;
/// No spec of a few kilobytes takes this long, nor one of megabytes.
const SLOWEST: Duration = Duration::from_secs(10);

/// Codes of the diagnostics of a spec; none for a valid one.
type Codes = Vec<&'static str>;

/// What became of one spec.
struct Outcome {
    number: u64,
    time: Duration,
    /// The message of the panic, if it came to that.
    codes: Result<Codes, String>,
}

#[test]
fn broken_specs_are_diagnosed_without_a_panic() {
    let seed = seed();
    let codes = diagnose(&seed, true);
    assert!(
        codes.is_empty(),
        "the spec that is broken has to be a valid one, and has {codes:?}"
    );

    let only = number_from("MUTATION");
    for (path, bytes) in only.iter().flat_map(|number| broken(&seed, *number)) {
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
        .filter_map(|it| Some((it.number, it.codes.as_ref().err()?)))
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
        outcomes.len() < 10_000 || codes.len() >= LEAST_CODES,
        "too few distinct diagnostics"
    );
}

/// The valid spec, read from the folder beside this file.
fn seed() -> Files {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/mutations/seed");
    let walk = walkdir::WalkDir::new(&root).sort_by_file_name();
    let files = walk
        .into_iter()
        .map(Result::unwrap)
        .filter(|entry| entry.file_type().is_file());
    let relative = |path: &Path| path.strip_prefix(&root).unwrap().to_str().unwrap().replace('\\', "/");
    files
        .map(|entry| (relative(entry.path()), std::fs::read(entry.path()).unwrap()))
        .collect()
}

/// The broken spec that a number stands for.
fn broken(seed: &Files, number: u64) -> Files {
    let mut files = seed.clone();
    mutate::mutate(&mut Rng::with_seed(number), &mut files);
    files
}

fn try_one(seed: &Files, number: u64) -> Outcome {
    let files = broken(seed, number);
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

/// Loads a spec, and shows every mistake in it or renders it.
fn diagnose(files: &Files, render: bool) -> Codes {
    let sources = SourceSet::from_files(files.iter().cloned());
    match generator::load(&sources) {
        Ok(api) => {
            // What the loader lets through can be generated, whatever it is, and holds nothing twice.
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
            // Showing a mistake cuts up the very text that is broken.
            black_box(diagnostics.render(false));
            diagnostics
                .list()
                .iter()
                .map(|diagnostic| diagnostic.code.as_str())
                .collect()
        }
    }
}
