//! Whether a tool saw everything that it was shown.

use std::collections::BTreeSet;

use super::{Answer, Document};

/// What a tool has found in the document, or made of it.
pub(super) enum Seen {
    /// Operations, by their route (`POST /users`) or a name that the tool made of their ID.
    Operations(BTreeSet<String>),
    /// Operations by their route, as often as something was sent to them.
    Requests(Vec<String>),
    /// Operations of a tool that only says how many they are.
    Count(usize),
    /// Schemas, by their name: the tool makes types only.
    Schemas(BTreeSet<String>),
}

/// What a tool saw, beside what there is.
pub(super) struct Coverage {
    pub(super) seen: usize,
    pub(super) total: usize,
    /// What was neither seen nor spared, as far as it is known.
    pub(super) missing: Vec<String>,
    /// Of those that were not seen, how many were not to be.
    pub(super) spared: usize,
    /// What follows the count: ` schemas`, or `, without multipart`.
    pub(super) remark: String,
}

impl Coverage {
    pub(super) fn new(document: &Document, answer: &Answer) -> Self {
        match &answer.seen {
            Seen::Operations(names) => Self::of_operations(document, names, answer),
            Seen::Requests(routes) => {
                let mut coverage = Self::of_operations(document, &routes.iter().cloned().collect(), answer);
                coverage.remark += &format!(", by {} requests", routes.len());
                coverage
            }
            Seen::Count(seen) => Self {
                seen: *seen,
                total: document.operations().len(),
                missing: Vec::new(),
                spared: 0,
                remark: String::new(),
            },
            Seen::Schemas(names) => {
                let all = document.schemas();
                let missing: Vec<_> = all.iter().filter(|name| !names.contains(**name)).collect();
                Self {
                    seen: all.len() - missing.len(),
                    total: all.len(),
                    missing: missing.into_iter().map(|name| (*name).to_owned()).collect(),
                    spared: 0,
                    remark: " schemas".to_owned(),
                }
            }
        }
    }

    fn of_operations(document: &Document, names: &BTreeSet<String>, answer: &Answer) -> Self {
        let names: BTreeSet<_> = names.iter().map(|name| plain(name)).collect();
        let operations = document.operations();
        let is_seen = |route: &str, id: &str| names.contains(&plain(route)) || names.contains(&plain(id));
        let unseen: Vec<_> = operations.iter().filter(|one| !is_seen(&one.route, one.id)).collect();
        let spared = answer.spared.as_ref();
        let is_spared = |route: &String| spared.is_some_and(|spared| spared.routes.contains(route));
        let missing: Vec<_> = unseen.iter().filter(|one| !is_spared(&one.route)).collect();
        Self {
            seen: operations.len() - unseen.len(),
            total: operations.len(),
            spared: unseen.len() - missing.len(),
            missing: missing.iter().map(|one| one.route.clone()).collect(),
            remark: spared.map_or_else(String::new, |spared| format!(", {}", spared.reason)),
        }
    }

    /// Whether nothing was left out without a reason.
    pub(super) fn is_whole(&self) -> bool {
        self.total > 0 && self.seen + self.spared == self.total
    }
}

/// A route without the names of its parameters, as no two paths of a document differ in those alone; a name without the
/// casing of the language it is in.
fn plain(name: &str) -> String {
    if name.contains('/') {
        let mut pieces = name.split('{');
        let literal = pieces.next().unwrap_or_default().to_owned();
        return pieces.fold(literal, |route, piece| {
            route + "{}" + piece.split_once('}').map_or(piece, |(_, literal)| literal)
        });
    }
    let kept = name.chars().filter(|character| character.is_alphanumeric());
    kept.flat_map(char::to_lowercase).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::accept::Spared;

    fn document() -> Document {
        Document::parse(
            "{paths: {/a: {get: {operationId: a_get}, post: {operationId: a_make}}, /b: {put: {operationId: b_fill}}},
              components: {schemas: {A: {}, B: {}}}}",
        )
    }

    fn operations(names: &[&str], spared: Option<&str>) -> Answer {
        Answer {
            spared: spared.map(|route| Spared {
                routes: vec![route.to_owned()],
                reason: "without forms",
            }),
            ..Seen::Operations(names.iter().map(|&name| name.to_owned()).collect()).into()
        }
    }

    #[test]
    fn operations_are_known_by_route_or_name() {
        let coverage = Coverage::new(&document(), &operations(&["GET /a", "aMake", "BFill"], None));
        assert!(coverage.is_whole() && coverage.missing.is_empty());
        assert_eq!((coverage.seen, coverage.total), (3, 3));
    }

    #[test]
    fn what_is_not_seen_is_named() {
        let coverage = Coverage::new(&document(), &operations(&["a_get", "POST /b", "c"], None));
        assert!(!coverage.is_whole());
        assert_eq!(coverage.missing, ["POST /a", "PUT /b"]);

        let coverage = Coverage::new(&document(), &operations(&["a_get"], Some("PUT /b")));
        assert!(!coverage.is_whole());
        assert_eq!(coverage.missing, ["POST /a"]);

        let coverage = Coverage::new(&document(), &operations(&["a_get", "a_make"], Some("PUT /b")));
        assert!(coverage.is_whole());
        assert_eq!((coverage.seen, coverage.spared), (2, 1));
    }

    #[test]
    fn counts_and_schemas_have_to_agree_too() {
        let whole = |seen| Coverage::new(&document(), &Answer::from(seen)).is_whole();
        assert!(whole(Seen::Count(3)));
        assert!(!whole(Seen::Count(2)));
        assert!(!whole(Seen::Count(4)));
        let schemas = |names: &[&str]| Seen::Schemas(names.iter().map(|&name| name.to_owned()).collect());
        assert!(whole(schemas(&["A", "B", "BKind"])));
        assert!(!whole(schemas(&["A", "C"])));
    }

    #[test]
    fn requests_have_to_reach_every_operation() {
        let coverage = |routes: &[&str]| {
            let routes = routes.iter().map(|&route| route.to_owned()).collect();
            Coverage::new(&document(), &Seen::Requests(routes).into())
        };
        let whole = coverage(&["GET /a", "POST /a", "PUT /b", "GET /a"]);
        assert!(whole.is_whole());
        assert_eq!(whole.remark, ", by 4 requests");
        assert_eq!(coverage(&["GET /a", "GET /a", "PUT /b"]).missing, ["POST /a"]);
    }

    #[test]
    fn parameters_may_have_other_names() {
        assert_eq!(plain("GET /a/{b}/c/{d}.json"), plain("GET /a/{x}/c/{y_z}.json"));
        assert_ne!(plain("GET /a/{b}"), plain("GET /a/b"));
    }

    #[test]
    fn an_empty_document_is_not_whole() {
        let nothing = Coverage::new(&Document::parse("{}"), &Seen::Count(0).into());
        assert!(!nothing.is_whole());
    }
}
