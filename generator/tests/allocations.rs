//! What generating costs, as a number of allocations: the same on every machine and under any load, unlike its time.
//!
//! Everything runs on one thread, as allocations are counted by thread. When a bound is exceeded, either the change
//! is not worth its cost, or [`BOUNDS`] moves with it: the failure prints the counts.
#![allow(clippy::unwrap_used, clippy::panic, reason = "a test fails by panicking")]

#[allow(dead_code, unreachable_pub, reason = "a module of the benchmark")]
#[path = "../benches/generate/clone.rs"]
mod clone;

use std::path::Path;

use allocation_counter::measure;
use generator::files::FileSet;
use generator::render::{client, docs, openapi, schema};
use generator::source::SourceSet;

/// A stage, and the most allocations it may make: in total for the spec of this workspace, and per operation for 1,000 operations.
/// Each is 15 % more than was counted.
const BOUNDS: [(&str, u64, u64); 6] = [
    ("load", 76_800, 715),
    ("render client", 846_000, 8_150),
    ("render openapi", 62_900, 586),
    ("render docs", 245_000, 2_225),
    ("render schema", 3_920, 4),
    ("gather", 5_140, 30),
];
/// The most memory that 1,000 operations may take at a time on one thread, in bytes; 15 % more than was counted.
const MEMORY: i64 = 70 << 20;

/// What one spec costs.
struct Cost {
    operations: u64,
    /// In the order of [`BOUNDS`].
    allocations: [u64; BOUNDS.len()],
    /// The most memory at a time, in bytes.
    memory: i64,
}

impl Cost {
    fn each(&self) -> [u64; BOUNDS.len()] {
        self.allocations.map(|count| count / self.operations)
    }
}

/// The stages one after the other, on one thread.
fn cost(spec: &Path) -> Cost {
    let pool = rayon::ThreadPoolBuilder::new().num_threads(1).build().unwrap();
    pool.install(|| stages(spec))
}

fn stages(spec: &Path) -> Cost {
    let mut meter = Meter::default();
    let api = meter.count(|| generator::load(&SourceSet::load(spec).unwrap()).unwrap());
    let mut files = meter.count(|| client::render(&api));
    files.extend(meter.count(|| openapi::render(&api)));
    files.extend(meter.count(|| docs::render(&api).unwrap()));
    files.extend(meter.count(schema::render));
    let _set = meter.count(|| FileSet::new(files).unwrap());
    Cost {
        operations: api.operations().count() as u64,
        allocations: meter.allocations.try_into().unwrap(),
        memory: meter.most,
    }
}

/// What was counted so far.
#[derive(Default)]
struct Meter {
    allocations: Vec<u64>,
    /// The memory that earlier stages left behind, in bytes.
    held: i64,
    /// The most memory at a time, in bytes.
    most: i64,
}

impl Meter {
    fn count<T>(&mut self, stage: impl FnOnce() -> T) -> T {
        let mut done = None;
        let info = measure(|| done = Some(stage()));
        self.allocations.push(info.count_total);
        self.most = self.most.max(self.held + i64::try_from(info.bytes_max).unwrap());
        self.held += info.bytes_current;
        done.unwrap()
    }
}

fn spec() -> &'static Path {
    Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/../spec"))
}

fn grown(operations: usize) -> Cost {
    let folder = tempfile::tempdir().unwrap();
    clone::grow(spec(), folder.path(), operations).unwrap();
    cost(folder.path())
}

/// Fails if any stage exceeds its bound, and shows all of them.
#[track_caller]
fn check(what: &str, counts: [u64; BOUNDS.len()], bounds: [u64; BOUNDS.len()]) {
    let rows = BOUNDS.iter().zip(counts).zip(bounds);
    let table: Vec<String> = rows
        .map(|(((stage, ..), count), bound)| format!("  {stage}: {count}, at most {bound}"))
        .collect();
    assert!(
        counts.iter().zip(bounds).all(|(count, bound)| *count <= bound),
        "{what}:\n{}",
        table.join("\n")
    );
}

#[test]
fn the_spec_of_this_workspace_takes_few_allocations() {
    check("allocations", cost(spec()).allocations, BOUNDS.map(|(_, most, _)| most));
}

#[test]
fn cost_grows_with_the_operations_and_no_faster() {
    let (small, large) = (grown(500), grown(1_000));
    check("allocations per operation", large.each(), BOUNDS.map(|(.., most)| most));
    check("growth", large.each(), small.each().map(|count| count + count / 10));
    assert!(large.memory <= MEMORY, "{} KiB", large.memory >> 10);
}
