//! The client crate: operations and types from the IR, around a hand-written runtime.

mod argument;
mod checks;
mod crate_files;
mod decoding;
mod deprecation;
mod example_tests;
mod field;
mod garbage_tests;
mod operation;
mod rate_limit;
mod secrets;
mod section;
mod types;
mod webhook;
mod webhook_tests;

use rayon::prelude::*;

use crate::{files::File, ir::Api};

/// Renders the client crate.
#[must_use]
pub fn render(api: &Api) -> Vec<File> {
    let operations: Vec<_> = api.operations().collect();
    let mut files: Vec<File> = operations
        .par_iter()
        .map(|(id, one)| operation::render(api, *id, one))
        .collect();
    files.par_extend(api.types.par_iter().map(|def| types::render(api, def)));
    files.par_extend(
        (0..api.sections.len())
            .into_par_iter()
            .map(|index| section::render(api, index)),
    );
    files.par_extend(
        (0..api.sections.len())
            .into_par_iter()
            .map(|index| example_tests::render(api, index)),
    );
    files.push(types::module(api));
    files.push(example_tests::main(api));
    files.push(garbage_tests::render(api));
    files.extend(webhook::render(api));
    files.extend(webhook_tests::render(api));
    files.extend(crate_files::render(api, &files));
    files
}
