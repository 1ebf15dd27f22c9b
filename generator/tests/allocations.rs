//! Bounds on the allocations of each stage. Unlike times, the counts do not depend on the machine or its load.
//!
//! Everything runs on one thread, since allocations are counted per thread. When a change exceeds a bound, make it cheaper or raise
//! [`BOUNDS`] to 15 % above the counts that the failure prints.
#![allow(clippy::unwrap_used, clippy::panic, reason = "a test fails by panicking")]

#[allow(dead_code, unreachable_pub, reason = "a module of the benchmark")]
#[path = "../benches/generate/clone.rs"]
mod clone;

use std::path::Path;

use allocation_counter::measure;
use generator::files::FileSet;
use generator::render::{client, docs, openapi, schema, strings};
use generator::source::SourceSet;

/// Each stage with its largest number of allocations: in total for the spec of this repository, and per operation for a spec of
/// 500 operations. Each bound is 15 % above the measured count.
const BOUNDS: [(&str, u64, u64); 7] = [
    ("load", 160_100, 780),
    ("render client", 1_026_300, 5_360),
    ("load strings", 13_100, 26),
    ("render openapi", 179_500, 900),
    ("render docs", 488_700, 2_515),
    ("render schema", 5_600, 11),
    ("gather", 9_100, 35),
];
/// Largest peak memory of a run over 500 operations on one thread, in bytes. 15 % above the measured peak.
const PEAK_MEMORY: i64 = 42 << 20;

/// The cost of generating from one spec.
struct Cost {
    operations: u64,
    /// In the order of [`BOUNDS`].
    allocations: [u64; BOUNDS.len()],
    /// In bytes.
    peak_memory: i64,
}

impl Cost {
    fn per_operation(&self) -> [u64; BOUNDS.len()] {
        self.allocations.map(|count| count / self.operations)
    }
}

/// Runs the stages one after the other on one thread, and measures them.
fn measure_spec(spec: &Path) -> Cost {
    let pool = rayon::ThreadPoolBuilder::new().num_threads(1).build().unwrap();
    pool.install(|| measure_stages(spec))
}

fn measure_stages(spec: &Path) -> Cost {
    let mut meter = Meter::default();
    let api = meter.count(|| generator::load(&SourceSet::load(spec).unwrap()).unwrap());
    let mut files = meter.count(|| client::render(&api));
    let catalogues = meter.count(|| strings::catalogues(&api).unwrap());
    files.extend(meter.count(|| openapi::render(&api, &catalogues)));
    files.extend(meter.count(|| docs::render(&api, &catalogues).unwrap()));
    files.extend(meter.count(schema::render));
    let _set = meter.count(|| FileSet::new(files).unwrap());
    Cost {
        operations: api.operations().count() as u64,
        allocations: meter.allocations.try_into().unwrap(),
        peak_memory: meter.peak,
    }
}

/// Counts the allocations of stages that run one after the other.
#[derive(Default)]
struct Meter {
    allocations: Vec<u64>,
    /// Memory that earlier stages did not free, in bytes.
    held: i64,
    /// Peak memory so far, in bytes.
    peak: i64,
}

impl Meter {
    fn count<T>(&mut self, stage: impl FnOnce() -> T) -> T {
        let mut done = None;
        let info = measure(|| done = Some(stage()));
        self.allocations.push(info.count_total);
        self.peak = self.peak.max(self.held + i64::try_from(info.bytes_max).unwrap());
        self.held += info.bytes_current;
        done.unwrap()
    }
}

fn spec() -> &'static Path {
    Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/../spec"))
}

/// Measures the spec of this repository after growing it to a number of operations.
fn measure_grown(operations: usize) -> Cost {
    let folder = tempfile::tempdir().unwrap();
    clone::grow(spec(), folder.path(), operations).unwrap();
    measure_spec(folder.path())
}

/// Asserts that no stage exceeds its bound. A failure shows all stages.
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
fn each_stage_keeps_its_bound_for_the_spec_of_this_repository() {
    check(
        "allocations",
        measure_spec(spec()).allocations,
        BOUNDS.map(|(_, most, _)| most),
    );
}

#[test]
fn allocations_grow_linearly_with_the_operations() {
    let (small, large) = (measure_grown(250), measure_grown(500));
    check(
        "allocations per operation",
        large.per_operation(),
        BOUNDS.map(|(.., most)| most),
    );
    check(
        "allocations per operation, compared with 250 operations",
        large.per_operation(),
        small.per_operation().map(|count| count + count / 10),
    );
    assert!(
        large.peak_memory <= PEAK_MEMORY,
        "peak memory: {} KiB, at most {} KiB",
        large.peak_memory >> 10,
        PEAK_MEMORY >> 10
    );
}
