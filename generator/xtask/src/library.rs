//! The generator, with its failures as text for the terminal.

use std::path::Path;

use generator::{files::FileSet, ir::Api, source::SourceSet};

use crate::report::Size;

pub(crate) fn load(spec: &Path) -> Result<SourceSet, String> {
    SourceSet::load(spec).map_err(|error| format!("error: {error}"))
}

pub(crate) fn generate(sources: &SourceSet, colour: bool) -> Result<FileSet, String> {
    generator::generate(sources).map_err(|failure| failure.render(colour))
}

pub(crate) fn count_operations(sources: &SourceSet, colour: bool) -> Result<usize, String> {
    Ok(api(sources, colour)?.operations().count())
}

/// The page that leads to the docs of each language.
pub(crate) fn landing(sources: &SourceSet, colour: bool) -> Result<String, String> {
    generator::render::docs::landing(&api(sources, colour)?).map_err(|error| format!("error: {error}"))
}

fn api(sources: &SourceSet, colour: bool) -> Result<Api, String> {
    generator::load(sources).map_err(|diagnostics| diagnostics.render(colour))
}

pub(crate) fn size(sources: &SourceSet) -> Size {
    let mut size = Size::default();
    let yaml = sources.files().filter(|(_, file)| !file.path.starts_with("client/"));
    yaml.for_each(|(_, file)| size.add(&file.text));
    size
}
