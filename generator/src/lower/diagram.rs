//! The data model: things and the relations between them.

use super::scope::{Reporter, Scope, shorten};
use crate::{
    diagnostic::{Code, Diagnostic},
    ir::{Model, Relation, Thing},
    syntax::{decode::Str, model, relation::RelationKey, text::Localized},
};

/// The maximum number of things, and of relations, in a diagram.
const MAX_SHOWN: usize = 64;

/// Lowers the data model: `key: name` for each thing, `one 1:n other: verb` for each relation.
pub fn model(raw: &model::DataModel, scope: &Scope<'_>, reporter: &mut Reporter) -> Model {
    let about = scope.required_text(raw.about.as_ref(), reporter);
    let mut things: Vec<Thing> = Vec::new();
    for (key, name) in raw.things.iter().flatten() {
        let is_key = |b: u8| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'_';
        if key.value.is_empty() || !key.value.bytes().all(is_key) {
            let message = format!("`{}` is not a valid key of a thing", shorten(&key.value));
            let diagnostic = Diagnostic::new(Code::BadName, key.span, message);
            reporter.report(diagnostic.help("keys consist of lowercase letters, digits and `_`, e.g. `group`"));
        }
        things.push(Thing {
            key: key.value.clone(),
            name: scope.text(name, reporter),
        });
    }
    let raw_relations: Vec<_> = raw.relations.iter().flatten().collect();
    if things.len() > MAX_SHOWN || raw_relations.len() > MAX_SHOWN {
        let message = "the model is too large for a diagram";
        let diagnostic = Diagnostic::new(Code::BadValue, raw.span, message);
        reporter.report(diagnostic.help(format!("the maximum is {MAX_SHOWN} things and {MAX_SHOWN} relations")));
    }
    let relations = raw_relations
        .into_iter()
        .filter_map(|(key, label)| relation(key, label, &things, scope, reporter));
    Model {
        relations: relations.collect(),
        about,
        things,
    }
}

fn relation(
    key: &RelationKey,
    label: &Localized,
    things: &[Thing],
    scope: &Scope<'_>,
    reporter: &mut Reporter,
) -> Option<Relation> {
    let label = scope.text(label, reporter);
    let mut find = |name: &Str| {
        let found = things.iter().position(|thing| thing.key == name.value);
        if found.is_none() {
            let message = format!("the model has no thing `{}`", shorten(&name.value));
            let diagnostic = Diagnostic::new(Code::UnknownKey, name.span, message);
            let diagnostic = reporter.suggest(diagnostic, &name.value, things.iter().map(|thing| thing.key.as_str()));
            reporter.report(diagnostic);
        }
        found
    };
    let (from, to) = (find(&key.from), find(&key.to));
    Some(Relation {
        from: from?,
        to: to?,
        many_from: key.many_from,
        many_to: key.many_to,
        label,
    })
}
