//! The files of the crate, except sections, operations, types and tests.

mod api_module;
mod copied;
mod credentials;
mod envelope;
mod errors;
mod library;
mod limits;
mod manifest;
mod selection;

use std::path::Path;

use copied::VERBATIM;
use selection::Selection;

use crate::render::rust::layout::print;
use crate::{files::File, ir::Api};

/// Renders all files except sections, operations, types and tests. `others` are those.
#[must_use]
pub fn render(api: &Api, others: &[File]) -> Vec<File> {
    let file = |path: &str, contents: String| File {
        path: format!("client/{path}"),
        contents,
    };
    let mut files = vec![
        file("src/api.rs", print(api_module::api_module(api))),
        file("src/errors.rs", print(errors::errors_module(api))),
    ];
    files.extend(api.client.files.iter().map(|(path, text)| file(path, text.clone())));
    let sources = others.iter().chain(&files);
    let is_rust = |file: &&File| {
        Path::new(&file.path)
            .extension()
            .is_some_and(|extension| extension == "rs")
    };
    let selection = Selection::of(
        sources
            .filter(is_rust)
            .filter(|file| file.path.starts_with("client/src/")),
    );
    let copied = VERBATIM
        .iter()
        .filter_map(|(path, text)| Some(file(path, selection.apply(text)?)));
    files.extend(copied);
    files.extend(manifest::readme(api, &selection).map(|text| file("README.md", text)));
    files.extend([
        file("Cargo.toml", manifest::manifest(api, &selection)),
        file("src/lib.rs", print(library::library(api, &selection))),
    ]);
    files
}
