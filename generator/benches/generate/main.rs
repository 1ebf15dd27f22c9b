//! Measures time and memory of generating, for the spec of this repository and for larger ones that are made from it.
//!
//! `cargo bench -p generator` measures all sizes, `cargo bench -p generator -- 0 1000` only these. Each size is measured in a
//! separate process, so that its peak memory can be told.
#![allow(clippy::print_stdout, reason = "prints a table")]

mod clone;
mod stages;

use std::collections::BTreeMap;
use std::path::Path;
use std::process::Command;
use std::time::Duration;

use stages::Times;

/// An error that ends the benchmark.
type Failure = Box<dyn std::error::Error + Send + Sync>;

/// Default sizes: numbers of operations, where 0 is the unchanged spec.
const SIZES: [usize; 4] = [0, 1_000, 4_000, 10_000];

/// Folder for specs and outputs, on the disk that a normal run writes to.
const SCRATCH: &str = env!("CARGO_TARGET_TMPDIR");

/// `--measure SPEC RUNS` measures one spec in this process and prints lines for [`Measured::parse`].
const CHILD: &str = "--measure";

fn main() -> Result<(), Failure> {
    let arguments: Vec<_> = std::env::args().collect();
    match arguments.iter().map(String::as_str).collect::<Vec<_>>()[..] {
        [_, CHILD, spec, runs] => measure(Path::new(spec), runs.parse()?),
        // Skips `--bench`, which cargo adds.
        [_, ref sizes @ ..] => report(sizes.iter().filter_map(|size| size.parse().ok()).collect()),
        [] => report(Vec::new()),
    }
}

/// Measures one spec in this process.
fn measure(spec: &Path, runs: usize) -> Result<(), Failure> {
    // Each run writes to a new folder: some file systems are slow to reuse space that was just freed.
    let mut folders = (0..).map(|number| spec.join(format!("out{number}")));
    let mut out = || folders.next().unwrap_or_default();
    let mut times = BTreeMap::<_, Vec<Duration>>::new();
    // Only the first run starts in a fresh process like the command, so memory is measured after it.
    times.entry("all").or_default().push(stages::together(spec, &out())?);
    println!("{}={}", Measured::MEMORY, stages::peak_memory().unwrap_or_default());
    println!("{}={}", Measured::OPERATIONS, stages::count_operations(spec)?);
    for _ in 0..runs {
        let run: Times = stages::separately(spec, &out())?;
        let all = ("all", stages::together(spec, &out())?);
        run.into_iter()
            .chain([all])
            .for_each(|(stage, time)| times.entry(stage).or_default().push(time));
    }
    for (stage, mut times) in times {
        times.sort();
        println!("{stage}={}", times[times.len() / 2].as_micros());
    }
    Ok(())
}

/// Results of a child process: microseconds by stage, peak memory and number of operations.
struct Measured {
    numbers: BTreeMap<String, u64>,
}

impl Measured {
    const MEMORY: &str = "peak KiB";
    const OPERATIONS: &str = "operations";

    fn parse(text: &str) -> Self {
        let numbers = text.lines().filter_map(|line| line.rsplit_once('='));
        Self {
            numbers: numbers
                .filter_map(|(name, number)| Some((name.to_owned(), number.parse().ok()?)))
                .collect(),
        }
    }

    fn get(&self, name: &str) -> u64 {
        self.numbers.get(name).copied().unwrap_or_default()
    }

    /// Returns the time of a whole run per operation, in nanoseconds.
    fn time_per_operation(&self) -> u64 {
        (self.get("all") * 1000)
            .checked_div(self.get(Self::OPERATIONS))
            .unwrap_or_default()
    }
}

/// Measures every size, each in its own process, and prints the table.
fn report(sizes: Vec<usize>) -> Result<(), Failure> {
    let workspace = Path::new(env!("CARGO_MANIFEST_DIR")).join("..");
    let (mut columns, mut folders) = (Vec::new(), Vec::new());
    for wanted in if sizes.is_empty() { SIZES.to_vec() } else { sizes } {
        eprintln!("measuring size {wanted}");
        let folder = tempfile::tempdir_in(SCRATCH)?;
        clone::grow(&workspace.join("spec"), folder.path(), wanted)?;
        let mut child = Command::new(std::env::current_exe()?);
        let child = child
            .arg(CHILD)
            .arg(folder.path())
            .arg(runs(wanted).to_string())
            .output()?;
        if !child.status.success() {
            return Err(String::from_utf8_lossy(&child.stderr).into_owned().into());
        }
        columns.push(Measured::parse(&String::from_utf8_lossy(&child.stdout)));
        folders.push(folder);
    }
    print(&columns);
    Ok(())
}

/// Returns the number of runs for a size, so that none takes more than about a minute.
fn runs(operations: usize) -> usize {
    match operations {
        0..100 => 15,
        100..2_000 => 7,
        _ => 3,
    }
}

fn print(columns: &[Measured]) {
    const STAGES: [&str; 10] = [
        "load",
        "lower",
        "render client",
        "render openapi",
        "render docs",
        "render schema",
        "gather",
        "write all",
        "write none",
        "all",
    ];
    let row = |name: &str, cell: &dyn Fn(&Measured) -> String| {
        let cells: Vec<_> = columns.iter().map(|column| format!("{:>10}", cell(column))).collect();
        println!("{name:<22}{}", cells.join(""));
    };
    let thousandths = |number: u64| format!("{}.{}", number / 1000, number / 100 % 10);
    row("operations", &|column| column.get(Measured::OPERATIONS).to_string());
    for stage in STAGES {
        row(&format!("{stage}, ms"), &|column| thousandths(column.get(stage)));
    }
    row("all, µs/operation", &|column| thousandths(column.time_per_operation()));
    // Growth is relative to the second size, since a small spec spends much of its time on fixed costs.
    let base = columns.get(1).map_or(0, Measured::time_per_operation);
    row("growth", &|column| {
        (column.time_per_operation() * 100)
            .checked_div(base)
            .map_or_else(String::new, |percent| format!("{percent} %"))
    });
    row("peak memory, MiB", &|column| {
        (column.get(Measured::MEMORY) / 1024).to_string()
    });
}
