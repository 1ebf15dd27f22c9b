//! The diagrams of the docs: the data model and the life cycle of a token.

use super::diagram::{Diagram, Line, Node};
use super::words::Words;
use crate::ir::{Auth, Grant, Model, Relation, Text};

/// Returns the names and contents of the diagrams in one language.
pub(super) fn diagrams(words: Words<'_>) -> Vec<(&'static str, String)> {
    let api = words.site.api;
    let model = api
        .model
        .as_ref()
        .map(|model| (MODEL, model_diagram(words, model).svg()));
    let grant = api.auth.as_ref().and_then(|auth| Some((auth, auth.grant.as_ref()?)));
    let token = grant.map(|(auth, grant)| (TOKEN, token_diagram(words, auth, grant).svg()));
    model.into_iter().chain(token).collect()
}

/// The file name of the diagram of the data model.
pub(super) const MODEL: &str = "model.svg";

/// The file name of the diagram of a token's life cycle.
pub(super) const TOKEN: &str = "token.svg";

/// Returns a text without the backticks of its code spans.
fn plain(words: Words<'_>, text: &Text) -> String {
    text.get(words.language).replace('`', "")
}

fn model_diagram(words: Words<'_>, model: &Model) -> Diagram {
    let owners = owners(model);
    let order = family_order(model, &owners);
    let mut position = vec![0; order.len()];
    for (index, thing) in order.iter().enumerate() {
        position[*thing] = index;
    }
    let label = |relation: &Relation| format!("{} {}", plain(words, &relation.label), relation.cardinality());
    let nodes = order.iter().map(|thing| {
        let owner = owners[*thing].map(|relation| &model.relations[relation]);
        Node {
            parent: owner.map(|relation| position[relation.from]),
            is_indented: true,
            label: owner.map(&label).unwrap_or_default(),
            title: plain(words, &model.things[*thing].name),
            code: String::new(),
        }
    });
    let relations = model.relations.iter().enumerate();
    let others = relations.filter(|(index, relation)| owners[relation.to] != Some(*index));
    Diagram {
        title: words.strings.pages.model.clone(),
        description: plain(words, &model.about),
        nodes: nodes.collect(),
        lines: others
            .map(|(_, relation)| Line {
                from: position[relation.from],
                to: position[relation.to],
                label: label(relation),
            })
            .collect(),
    }
}

/// Returns, for each thing, the first relation in which an earlier thing owns it. Owners come earlier, so there are no cycles.
fn owners(model: &Model) -> Vec<Option<usize>> {
    let owner = |thing: usize| {
        let owns = |relation: &Relation| relation.to == thing && relation.from < thing && !relation.many_from;
        model.relations.iter().position(owns)
    };
    (0..model.things.len()).map(owner).collect()
}

/// Returns the things, each followed by the things that it owns.
fn family_order(model: &Model, owners: &[Option<usize>]) -> Vec<usize> {
    let children = |parent: Option<usize>| {
        let owner = move |thing: usize| owners[thing].map(|relation| model.relations[relation].from);
        // In reverse, since the last one pushed is visited first.
        (0..model.things.len())
            .rev()
            .filter(move |thing| owner(*thing) == parent)
    };
    let mut order = Vec::with_capacity(model.things.len());
    let mut stack: Vec<usize> = children(None).collect();
    while let Some(thing) = stack.pop() {
        order.push(thing);
        stack.extend(children(Some(thing)));
    }
    order
}

fn token_diagram(words: Words<'_>, auth: &Auth, grant: &Grant) -> Diagram {
    let strings = &words.strings.token;
    let operation = words.site.api.operation(grant.operation);
    let names = |fields: &mut dyn Iterator<Item = &crate::ir::Field>| {
        fields.map(|field| field.wire.as_str()).collect::<Vec<_>>().join(", ")
    };
    let node = |parent: Option<usize>, label: String, title: &str, code: String| Node {
        parent,
        is_indented: false,
        label,
        title: title.to_owned(),
        code,
    };
    let response = names(&mut [Some(&grant.token), grant.lifetime.as_ref()].into_iter().flatten());
    let request = format!("{} {}", operation.method.as_str(), operation.path_template());
    let header = format!("{}: {}…", auth.header, auth.prefix);
    let line = |from, to, label: &str| Line {
        from,
        to,
        label: label.to_owned(),
    };
    Diagram {
        title: strings.title.clone(),
        description: strings.description.clone(),
        nodes: vec![
            node(
                None,
                String::new(),
                &strings.credentials,
                names(&mut grant.credentials.iter()),
            ),
            node(Some(0), String::new(), &strings.request, request),
            node(Some(1), response, &strings.used, header),
            node(Some(2), String::new(), &strings.expired, "401".to_owned()),
        ],
        lines: vec![line(2, 2, &strings.again), line(3, 1, &strings.renew)],
    }
}
