//! Files of a generated crate that are rendered from templates or copied.

use minijinja::{Environment, UndefinedBehavior, Value, context};

use crate::ir::{HandWritten, ManifestTable};

/// Lists files of a folder in `templates` as pairs of path and content.
macro_rules! verbatim {
    ($folder:literal: $($path:literal),+ $(,)?) => {
        &[$((
            $path,
            include_str!(concat!(env!("CARGO_MANIFEST_DIR"), "/../templates/", $folder, "/", $path)),
        )),+]
    };
}

pub(crate) use verbatim;

/// Renders a template. An error, which the tests rule out, is written in place of the file.
pub(crate) fn render(source: &str, values: Value) -> String {
    let mut environment = Environment::new();
    environment.set_undefined_behavior(UndefinedBehavior::Strict);
    let text = environment
        .render_str(source, values)
        .unwrap_or_else(|error| format!("{error:#}"));
    text.trim_end().to_owned() + "\n"
}

/// Returns the entries that a spec adds to the tables of a manifest.
pub(crate) fn entries(own: &HandWritten) -> Value {
    context! {
        package => own.entries(ManifestTable::Package),
        features => own.entries(ManifestTable::Features),
        dependencies => own.entries(ManifestTable::Dependencies),
        dev_dependencies => own.entries(ManifestTable::DevDependencies),
    }
}

/// Replaces the characters of a text that a quoted string of a manifest cannot contain.
pub(crate) fn one_line(text: &str) -> String {
    text.chars()
        .map(|c| if matches!(c, '"' | '\\' | '\n') { ' ' } else { c })
        .collect()
}
