//! Random sequences of steps.
//!
//! `MODEL_CASES` sets the number of sequences, and `MODEL_SEED` selects others. The default is always the same, so that a change
//! of something else cannot fail a test.

use std::fmt::Debug;
use std::str::FromStr;

use easemob::Error;
use proptest::strategy::Strategy;
use proptest::test_runner::{Config, RngSeed, TestRunner};

/// Status and code of an error.
pub type Refusal = (u16, String);

/// Runs sequences of steps. The first that fails is shortened and reported.
pub fn run<S: Debug>(cases: u32, sequences: impl Strategy<Value = Vec<S>>, test: impl AsyncFn(&[S])) {
    let seed = setting("MODEL_SEED").unwrap_or(1);
    let config = Config {
        cases: setting("MODEL_CASES").unwrap_or(cases),
        max_shrink_iters: 50,
        failure_persistence: None,
        rng_seed: RngSeed::Fixed(seed),
        ..Config::default()
    };
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .expect("a runtime");
    let outcome = TestRunner::new(config).run(&sequences, |steps| {
        runtime.block_on(test(&steps));
        Ok(())
    });
    if let Err(error) = outcome {
        panic!("MODEL_SEED={seed}: {error}");
    }
}

/// Returns a number from an environment variable.
fn setting<T: FromStr>(name: &str) -> Option<T> {
    std::env::var(name).ok()?.parse().ok()
}

/// Returns the status and code of an error response.
pub fn refusal(error: &Error) -> Refusal {
    let code = error.code().map(ToString::to_string);
    let status = error.status().map(|status| status.as_u16());
    status.zip(code).unwrap_or_else(|| panic!("{error}"))
}
