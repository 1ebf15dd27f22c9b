//! The embedded templates and their rendering.

use minijinja::syntax::SyntaxConfig;
use minijinja::value::{Kwargs, Value};
use minijinja::{AutoEscape, Environment, Error, ErrorKind, UndefinedBehavior};

use super::markdown;

macro_rules! templates {
    ($($name:literal),* $(,)?) => {
        &[$(($name, include_str!(concat!(env!("CARGO_MANIFEST_DIR"), "/../templates/docs/", $name)))),*]
    };
}

/// The templates, by name.
pub(super) const TEMPLATES: &[(&str, &str)] = templates![
    "authentication.md",
    "site.css",
    "site.js",
    "book.toml",
    "corrections.md",
    "envelope.md",
    "errors.md",
    "events.md",
    "front.md",
    "hosts.md",
    "landing.html",
    "coverage.md",
    "limits.md",
    "llms.txt",
    "macros.md",
    "model.md",
    "openapi.md",
    "operation.md",
    "paging.md",
    "sandbox.md",
    "section.md",
    "summary.md",
    "types.md",
    "webhooks.md",
];

pub(super) fn environment() -> Result<Environment<'static>, Error> {
    let mut environment = Environment::new();
    environment.set_undefined_behavior(UndefinedBehavior::Strict);
    // Values are escaped before they reach a template.
    environment.set_auto_escape_callback(|_| AutoEscape::None);
    let syntax = SyntaxConfig::builder()
        .trim_blocks(true)
        .lstrip_blocks(true)
        .keep_trailing_newline(true)
        .build()?;
    environment.set_syntax(syntax);
    environment.add_filter("fill", fill);
    for (name, source) in TEMPLATES {
        environment.add_template(name, source)?;
    }
    Ok(environment)
}

/// Fills the placeholders of a label: `{{ s.label | fill(name=value) }}`. Values without a placeholder, and the reverse,
/// are errors.
#[expect(clippy::needless_pass_by_value, reason = "filters take their arguments by value")]
fn fill(label: &str, values: Kwargs) -> Result<String, Error> {
    let mut missing = None;
    let filled = markdown::fill(label, |name| {
        let value = values.get::<Value>(name).ok();
        missing = missing.take().or_else(|| value.is_none().then(|| name.to_owned()));
        value.map(|value| value.to_string())
    });
    if let Some(name) = missing {
        return Err(Error::new(
            ErrorKind::InvalidOperation,
            format!("no value for `{name}` of the label `{label}`"),
        ));
    }
    values.assert_all_used()?;
    Ok(filled)
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use regex_lite::Regex;

    use super::TEMPLATES;
    use crate::render::strings::{Catalogue, LANGUAGES};

    /// Labels that are used outside the templates.
    const USED_IN_CODE: &[&str] = &["auth_token_word"];

    #[test]
    fn every_label_is_used_and_every_used_one_is_there() {
        let label = Regex::new(r"\bs\.(\w+)").expect("a regular expression");
        let in_templates = TEMPLATES.iter().flat_map(|(_, source)| {
            label
                .captures_iter(source)
                .map(|found| found[1].to_owned())
                .collect::<Vec<_>>()
        });
        let used: BTreeSet<String> = in_templates
            .chain(USED_IN_CODE.iter().map(|label| (*label).to_owned()))
            .collect();
        for code in LANGUAGES {
            let labels: BTreeSet<String> = Catalogue::load(code).expect("a catalogue").labels.into_keys().collect();
            assert_eq!(labels, used, "labels in `{code}`");
        }
    }
}
