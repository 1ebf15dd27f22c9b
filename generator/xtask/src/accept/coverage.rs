//! Checks that a tool processed all operations of a document.

use std::collections::BTreeSet;

use super::{Document, Report};

/// The operations or schemas that a tool found in a document or generated from it.
pub(super) enum Seen {
    /// Operations by route (`POST /users`), or by a name derived from their ID.
    Operations(BTreeSet<String>),
    /// Routes of requests, with repetitions.
    Requests(Vec<String>),
    /// The number of operations, if the tool provides nothing else.
    Count(usize),
    /// Schemas by name, if the tool generates only types.
    Schemas(BTreeSet<String>),
}

/// The number of operations or schemas that a tool processed, compared with the document.
pub(super) struct Coverage {
    pub(super) seen: usize,
    pub(super) total: usize,
    /// Names of operations or schemas that were neither seen nor skipped, if known.
    pub(super) missing: Vec<String>,
    /// The number of operations that were not seen because they were skipped.
    pub(super) skipped: usize,
    /// Text after the count, such as ` schemas` or `, without multipart`.
    pub(super) remark: String,
}

impl Coverage {
    pub(super) fn new(document: &Document, report: &Report) -> Self {
        match &report.seen {
            Seen::Operations(names) => Self::of_operations(document, names, report),
            Seen::Requests(routes) => {
                let mut coverage = Self::of_operations(document, &routes.iter().cloned().collect(), report);
                coverage.remark += &format!(", by {} requests", routes.len());
                coverage
            }
            Seen::Count(seen) => Self {
                seen: *seen,
                total: document.operations().len(),
                missing: Vec::new(),
                skipped: 0,
                remark: String::new(),
            },
            Seen::Schemas(names) => {
                let all = document.schemas();
                let missing: Vec<_> = all.iter().filter(|name| !names.contains(**name)).collect();
                Self {
                    seen: all.len() - missing.len(),
                    total: all.len(),
                    missing: missing.into_iter().map(|name| (*name).to_owned()).collect(),
                    skipped: 0,
                    remark: " schemas".to_owned(),
                }
            }
        }
    }

    fn of_operations(document: &Document, names: &BTreeSet<String>, report: &Report) -> Self {
        let names: BTreeSet<_> = names.iter().map(|name| normalized(name)).collect();
        let operations = document.operations();
        let is_seen = |route: &str, id: &str| names.contains(&normalized(route)) || names.contains(&normalized(id));
        let unseen: Vec<_> = operations.iter().filter(|one| !is_seen(&one.route, one.id)).collect();
        let skipped = report.skipped.as_ref();
        let is_skipped = |route: &String| skipped.is_some_and(|skipped| skipped.routes.contains(route));
        let missing: Vec<_> = unseen.iter().filter(|one| !is_skipped(&one.route)).collect();
        Self {
            seen: operations.len() - unseen.len(),
            total: operations.len(),
            skipped: unseen.len() - missing.len(),
            missing: missing.iter().map(|one| one.route.clone()).collect(),
            remark: skipped.map_or_else(String::new, |skipped| format!(", {}", skipped.reason)),
        }
    }

    /// Returns `true` if every operation or schema was seen or skipped.
    pub(super) fn is_complete(&self) -> bool {
        self.total > 0 && self.seen + self.skipped == self.total
    }
}

/// Normalizes a route or name for comparison. In routes, the names of parameters are removed, because no two paths of a document
/// differ only in those. In names, case and separators are removed, because they depend on the language of the client.
fn normalized(name: &str) -> String {
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
    use crate::accept::Skipped;

    fn document() -> Document {
        Document::parse(
            "{paths: {/a: {get: {operationId: a_get}, post: {operationId: a_make}}, /b: {put: {operationId: b_fill}}},
              components: {schemas: {A: {}, B: {}}}}",
        )
    }

    fn operations(names: &[&str], skipped: Option<&str>) -> Report {
        Report {
            skipped: skipped.map(|route| Skipped {
                routes: vec![route.to_owned()],
                reason: "without forms",
            }),
            ..Seen::Operations(names.iter().map(|&name| name.to_owned()).collect()).into()
        }
    }

    #[test]
    fn operations_are_found_by_route_or_name() {
        let coverage = Coverage::new(&document(), &operations(&["GET /a", "aMake", "BFill"], None));
        assert!(coverage.is_complete() && coverage.missing.is_empty());
        assert_eq!((coverage.seen, coverage.total), (3, 3));
    }

    #[test]
    fn missing_operations_are_named() {
        let coverage = Coverage::new(&document(), &operations(&["a_get", "POST /b", "c"], None));
        assert!(!coverage.is_complete());
        assert_eq!(coverage.missing, ["POST /a", "PUT /b"]);

        let coverage = Coverage::new(&document(), &operations(&["a_get"], Some("PUT /b")));
        assert!(!coverage.is_complete());
        assert_eq!(coverage.missing, ["POST /a"]);

        let coverage = Coverage::new(&document(), &operations(&["a_get", "a_make"], Some("PUT /b")));
        assert!(coverage.is_complete());
        assert_eq!((coverage.seen, coverage.skipped), (2, 1));
    }

    #[test]
    fn counts_and_schemas_must_match() {
        let is_complete = |seen| Coverage::new(&document(), &Report::from(seen)).is_complete();
        assert!(is_complete(Seen::Count(3)));
        assert!(!is_complete(Seen::Count(2)));
        assert!(!is_complete(Seen::Count(4)));
        let schemas = |names: &[&str]| Seen::Schemas(names.iter().map(|&name| name.to_owned()).collect());
        assert!(is_complete(schemas(&["A", "B", "BKind"])));
        assert!(!is_complete(schemas(&["A", "C"])));
    }

    #[test]
    fn every_operation_must_receive_a_request() {
        let coverage = |routes: &[&str]| {
            let routes = routes.iter().map(|&route| route.to_owned()).collect();
            Coverage::new(&document(), &Seen::Requests(routes).into())
        };
        let complete = coverage(&["GET /a", "POST /a", "PUT /b", "GET /a"]);
        assert!(complete.is_complete());
        assert_eq!(complete.remark, ", by 4 requests");
        assert_eq!(coverage(&["GET /a", "GET /a", "PUT /b"]).missing, ["POST /a"]);
    }

    #[test]
    fn parameters_may_have_other_names() {
        assert_eq!(
            normalized("GET /a/{b}/c/{d}.json"),
            normalized("GET /a/{x}/c/{y_z}.json")
        );
        assert_ne!(normalized("GET /a/{b}"), normalized("GET /a/b"));
    }

    #[test]
    fn an_empty_document_is_not_complete() {
        let empty = Coverage::new(&Document::parse("{}"), &Seen::Count(0).into());
        assert!(!empty.is_complete());
    }
}
