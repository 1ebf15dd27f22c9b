//! Calls the generator and renders its errors as text for a terminal.

use std::path::Path;

use generator::{
    files::FileSet,
    ir::Api,
    render::{docs, strings},
    source::SourceSet,
};

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

/// Renders the landing page, which links to the docs in each language.
pub(crate) fn landing(sources: &SourceSet, colour: bool) -> Result<String, String> {
    let api = api(sources, colour)?;
    let catalogues = strings::catalogues(&api).map_err(|error| format!("error: {error}"))?;
    docs::landing(&api, &catalogues).map_err(|error| format!("error: {error}"))
}

/// Formats the IR of a spec as JSON.
pub(crate) fn ir(sources: &SourceSet, colour: bool) -> Result<String, String> {
    serde_json::to_string_pretty(&api(sources, colour)?).map_err(|error| format!("error: {error}"))
}

pub(crate) fn api(sources: &SourceSet, colour: bool) -> Result<Api, String> {
    generator::load(sources).map_err(|diagnostics| diagnostics.render(colour))
}

pub(crate) fn size(sources: &SourceSet) -> Size {
    let mut size = Size::default();
    let yaml = sources.files().filter(|(_, file)| !file.is_hand_written());
    yaml.for_each(|(_, file)| size.add(&file.text));
    size
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use serde_json::Value;

    use super::*;

    #[test]
    fn the_ir_contains_all_operations() {
        let spec = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../spec");
        let sources = load(&spec).unwrap();
        let ir: Value = serde_json::from_str(&ir(&sources, false).unwrap()).unwrap();
        let list = |value: &Value, key: &str| value[key].as_array().cloned().unwrap_or_default();
        let sections = list(&ir, "sections").into_iter();
        let operations = sections.flat_map(|section| list(&section, "operations"));
        let printed: BTreeSet<_> = operations
            .map(|operation| operation["id"].as_str().unwrap().to_owned())
            .collect();
        let api = api(&sources, false).unwrap();
        let expected: BTreeSet<_> = api.operations().map(|(_, operation)| operation.id.clone()).collect();
        assert!(!expected.is_empty());
        assert_eq!(printed, expected);
    }
}
