//! Measures the server: start, calls per second next to Prism, and memory and lookups with much data.
//!
//! `cargo bench --package easemob-sandbox` runs everything in about two minutes; with an argument such as `data`, only that part. Server
//! and client run in processes of their own. Machines differ, so a missed target fails nothing.

#![allow(clippy::print_stdout, reason = "a benchmark prints its results")]

mod client;
mod data;
mod prism;
mod rate;
mod server;
mod start;

type Failure = Box<dyn std::error::Error>;

/// A part of the benchmark.
type Part = fn() -> Result<(), Failure>;

/// The parts, by name.
const PARTS: [(&str, Part); 3] = [("start", start::run), ("rate", rate::run), ("data", data::run)];

fn main() -> Result<(), Failure> {
    // Cargo adds `--bench`.
    let wanted: Vec<_> = std::env::args().skip(1).filter(|word| !word.starts_with('-')).collect();
    for (name, part) in PARTS {
        if wanted.is_empty() || wanted.iter().any(|word| word == name) {
            part()?;
        }
    }
    Ok(())
}

/// Returns the median.
fn median(mut values: Vec<f64>) -> f64 {
    values.sort_by(f64::total_cmp);
    values.get(values.len() / 2).copied().unwrap_or(f64::NAN)
}
