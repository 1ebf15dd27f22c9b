//! The diagrams of the docs: the data model and the life cycle of a token.

use super::diagram::{Diagram, Line, Node};
use super::words::Words;
use crate::ir::{Auth, Grant, Model, Relation, Text};

/// Returns the names and contents of the diagrams in one language.
pub(super) fn pictures(words: Words<'_>) -> Vec<(&'static str, String)> {
    let api = words.site.api;
    let model = api.model.as_ref().map(|it| (MODEL, model(words, it).svg()));
    let grant = api.auth.as_ref().and_then(|auth| Some((auth, auth.grant.as_ref()?)));
    let token = grant.map(|(auth, grant)| (TOKEN, token(words, auth, grant).svg()));
    model.into_iter().chain(token).collect()
}

/// The file name of the diagram of the data model.
pub(super) const MODEL: &str = "model.svg";

/// The file name of the diagram of a token's life cycle.
pub(super) const TOKEN: &str = "token.svg";

fn plain(words: Words<'_>, text: &Text) -> String {
    text.get(words.language).replace('`', "")
}

fn model(words: Words<'_>, model: &Model) -> Diagram {
    let owners = owners(model);
    let order = family_order(model, &owners);
    let mut position = vec![0; order.len()];
    for (place, thing) in order.iter().enumerate() {
        position[*thing] = place;
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
    let others = model.relations.iter().enumerate();
    let others = others.filter(|(index, relation)| owners[relation.to] != Some(*index));
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

/// For each thing, the first relation in which an earlier thing has it; going from there to there ends at the first thing.
fn owners(model: &Model) -> Vec<Option<usize>> {
    let owner = |thing: usize| {
        let owns = |relation: &Relation| relation.to == thing && relation.from < thing && !relation.many_from;
        model.relations.iter().position(owns)
    };
    (0..model.things.len()).map(owner).collect()
}

/// The things, each followed by all that it has.
fn family_order(model: &Model, owners: &[Option<usize>]) -> Vec<usize> {
    let children = |parent: Option<usize>| {
        let owner = move |thing: usize| owners[thing].map(|relation| model.relations[relation].from);
        // The last is pushed first.
        (0..model.things.len())
            .rev()
            .filter(move |thing| owner(*thing) == parent)
    };
    let mut order = Vec::with_capacity(model.things.len());
    let mut waiting: Vec<usize> = children(None).collect();
    while let Some(thing) = waiting.pop() {
        order.push(thing);
        waiting.extend(children(Some(thing)));
    }
    order
}

fn token(words: Words<'_>, auth: &Auth, grant: &Grant) -> Diagram {
    let said = &words.strings.token;
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
    let answer = names(&mut [Some(&grant.token), grant.lifetime.as_ref()].into_iter().flatten());
    let request = format!("{} {}", operation.method.as_str(), operation.path_template());
    let header = format!("{}: {}…", auth.header, auth.prefix);
    let line = |from, to, label: &str| Line {
        from,
        to,
        label: label.to_owned(),
    };
    Diagram {
        title: said.title.clone(),
        description: said.description.clone(),
        nodes: vec![
            node(
                None,
                String::new(),
                &said.credentials,
                names(&mut grant.credentials.iter()),
            ),
            node(Some(0), String::new(), &said.request, request),
            node(Some(1), answer, &said.used, header),
            node(Some(2), String::new(), &said.expired, "401".to_owned()),
        ],
        lines: vec![line(2, 2, &said.again), line(3, 1, &said.renew)],
    }
}
