//! The sandbox: a server that answers every operation, around a hand-written behaviour.

mod api_module;
mod copied;
mod crate_files;
mod errors;
mod field;
mod operation;
mod secrets;
mod section;
mod shape;
mod types;
mod webhooks;

use rayon::prelude::*;

use crate::{files::File, ir::Api};

/// Renders the sandbox. Returns no files if the spec has no behaviour for it.
#[must_use]
pub fn render(api: &Api) -> Vec<File> {
    let Some(own) = &api.sandbox else {
        return Vec::new();
    };
    let operations: Vec<_> = api.operations().collect();
    let mut files: Vec<File> = operations
        .par_iter()
        .map(|(id, one)| operation::render(api, *id, one))
        .collect();
    let types: Vec<_> = api.types_of_server().collect();
    files.par_extend(types.par_iter().map(|def| types::render(api, def)));
    files.extend(api.sections.iter().map(|section| section::render(api, section)));
    files.push(types::module(api));
    files.push(api_module::render(api));
    files.push(errors::render(api));
    files.extend(webhooks::render(api));
    files.extend(crate_files::render(api, own));
    files
}

/// Returns a file of the crate.
fn file(path: &str, contents: String) -> File {
    File {
        path: format!("sandbox/{path}"),
        contents,
    }
}
