//! Runs `cargo xtask cost`: `cargo bench -p xtask --bench build`, or `cargo bench -p xtask --bench build -- 1` to build each client
//! once.

use std::process::{Command, ExitCode};

/// The argument added by `cargo bench`. Without it, benchmarks run as tests, and this one would take minutes.
const BENCH: &str = "--bench";

fn main() -> ExitCode {
    let (bench, arguments): (Vec<_>, Vec<_>) = std::env::args().skip(1).partition(|argument| argument == BENCH);
    if bench.is_empty() {
        return ExitCode::SUCCESS;
    }
    let mut cost = Command::new(env!("CARGO_BIN_EXE_xtask"));
    match cost.arg("cost").args(arguments).status() {
        Ok(status) if status.success() => ExitCode::SUCCESS,
        Ok(_) => ExitCode::FAILURE,
        Err(error) => {
            eprintln!("error: xtask cannot be started: {error}");
            ExitCode::FAILURE
        }
    }
}
