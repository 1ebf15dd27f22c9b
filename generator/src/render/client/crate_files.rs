//! The files of the crate, except sections, operations, types and tests.

mod api_module;
mod copied;
mod credentials;
mod envelope;
mod errors;
mod library;
mod limits;
mod manifest;

use crate::render::rust::layout::print;
use crate::{files::File, ir::Api};

/// Renders all files except sections, operations, types and tests.
#[must_use]
pub fn render(api: &Api) -> Vec<File> {
    let file = |path: &str, contents: String| File {
        path: format!("client/{path}"),
        contents,
    };
    let copied = copied::VERBATIM
        .iter()
        .map(|(path, text)| file(path, (*text).to_owned()));
    let custom = api.client_files.iter().map(|(path, text)| file(path, text.clone()));
    let readme = manifest::readme(api).map(|text| file("README.md", text));
    copied
        .chain(custom)
        .chain(readme)
        .chain([
            file("Cargo.toml", manifest::manifest(api)),
            file("src/lib.rs", print(library::library(api))),
            file("src/api.rs", print(api_module::api_module(api))),
            file("src/errors.rs", print(errors::errors_module(api))),
        ])
        .collect()
}
