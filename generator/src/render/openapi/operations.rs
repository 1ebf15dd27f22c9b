//! Operations of the document; the operations of the API that share a route become one.

use std::collections::{BTreeMap, BTreeSet};

use indexmap::IndexMap;

use super::bodies::body;
use super::document::{Extensions, Merged, Operation, Parameter, PathItem, RateLimit, Records, Schema, Security};
use super::errors::ErrorResponses;
use super::examples::holds_reference;
use super::parameters::parameters;
use super::records::RecordSchemas;
use super::responses::success_responses;
use super::route::RouteOperations;
use super::schemas::Schemas;
use super::tables::{paging, rate_limits_of};
use crate::ir::{self, Method, OperationId, Route, Segment};
use crate::names::Namespace;

/// The names of path parameters, by what comes before them in the path. Gateways and routers reject paths with different names
/// at the same position, so the first name counts for all.
#[derive(Debug, Default)]
struct PathNames<'a>(BTreeMap<Vec<Option<&'a str>>, String>);

impl<'a> PathNames<'a> {
    /// Returns a path with these names.
    fn apply(&mut self, path: &'a [Segment]) -> Vec<Segment> {
        let mut named: Vec<Segment> = Vec::new();
        for (index, segment) in path.iter().enumerate() {
            let Segment::Param(name) = segment else {
                named.push(segment.clone());
                continue;
            };
            let name = self.0.entry(shape(&path[..index])).or_insert_with(|| {
                // An earlier parameter may have got this name.
                let mut name = name.clone();
                while named.contains(&Segment::Param(name.clone())) {
                    name.push('_');
                }
                name
            });
            named.push(Segment::Param(name.clone()));
        }
        named
    }
}

/// Returns a path without the names of its parameters.
fn shape(path: &[Segment]) -> Vec<Option<&str>> {
    let literals = path.iter().map(|segment| match segment {
        Segment::Literal(text) => Some(text.as_str()),
        Segment::Param(_) => None,
    });
    literals.collect()
}

/// Renames the path parameters of one path to those of another path of the same shape.
fn rename_parameters(parameters: &mut [Parameter], from: &[Segment], to: &[Segment]) {
    for parameter in parameters.iter_mut().filter(|parameter| parameter.location == "path") {
        let renamed = from.iter().zip(to).find_map(|pair| match pair {
            (Segment::Param(old), Segment::Param(new)) if *old == parameter.name => Some(new),
            _ => None,
        });
        if let Some(name) = renamed {
            parameter.name.clone_from(name);
        }
    }
}

/// The context that the operations of a document share.
pub(super) struct Operations<'a, 's> {
    schemas: &'s mut Schemas<'a>,
    errors: ErrorResponses,
    records: RecordSchemas<'a>,
    envelope: Option<Schema>,
    security_scheme: Option<&'static str>,
    /// The name in the document of each operation of the API.
    ids: BTreeMap<OperationId, String>,
}

impl<'a, 's> Operations<'a, 's> {
    pub(super) fn new(schemas: &'s mut Schemas<'a>, security_scheme: Option<&'static str>) -> Self {
        let api = schemas.api;
        let mut names = Namespace::recased();
        let mut ids = BTreeMap::new();
        for route in &api.routes {
            let name = names.unique(&route.id.replace('.', "_"), "");
            ids.extend(route.operations.iter().map(|id| (*id, name.clone())));
        }
        let records = RecordSchemas::new(schemas);
        Self {
            schemas,
            errors: ErrorResponses::new(),
            records,
            envelope: None,
            security_scheme,
            ids,
        }
    }

    /// Returns all paths, in the order of their first operation, and the responses they refer to.
    pub(super) fn build(mut self) -> (IndexMap<String, PathItem>, BTreeMap<String, super::document::Response>) {
        let api = self.schemas.api;
        let mut paths: IndexMap<String, PathItem> = IndexMap::new();
        let mut names = PathNames::default();
        for route in &api.routes {
            let template = names.apply(&route.path);
            let mut operation = self.operation(route);
            if let Some(operation) = &mut operation {
                rename_parameters(&mut operation.parameters, &route.path, &template);
            }
            let item = paths.entry(ir::template(&template)).or_default();
            let slot = match route.method {
                Method::Get => &mut item.get,
                Method::Post => &mut item.post,
                Method::Put => &mut item.put,
                Method::Patch => &mut item.patch,
                Method::Delete => &mut item.delete,
            };
            *slot = operation;
        }
        (paths, self.errors.into_components())
    }

    fn operation(&mut self, route: &Route) -> Option<Operation> {
        let api = self.schemas.api;
        let first = *route.operations.first()?;
        let shared = RouteOperations::new(api, route);
        let request_body = body(self.schemas, &shared);
        let mut responses = BTreeMap::new();
        let envelope = self.envelope(&shared);
        success_responses(self.schemas, &shared, envelope.as_ref(), &mut responses);
        self.errors.add(self.schemas, &shared, &mut responses);
        Some(Operation {
            tags: vec![self.schemas.plain(&api.section_of(first).title).to_owned()],
            id: self.ids.get(&first).cloned().unwrap_or_default(),
            summary: self.summary(&shared),
            description: self.description(&shared),
            deprecated: shared.operations.iter().all(|(_, op)| !op.superseded_by.is_empty()),
            security: self.security(&shared),
            parameters: parameters(self.schemas, &shared),
            request_body,
            responses,
            extensions: self.extensions(&shared),
        })
    }

    /// Returns the envelope as a component, which is built when the first response needs it.
    fn envelope(&mut self, shared: &RouteOperations<'_>) -> Option<Schema> {
        let api = self.schemas.api;
        let needed = shared.operations.iter().any(|(_, op)| op.result.has_envelope());
        if needed && self.envelope.is_none() && !api.envelope.is_empty() {
            let object = self.schemas.object("Envelope", &api.envelope);
            self.envelope = Some(self.schemas.add("Envelope", object));
        }
        self.envelope.clone()
    }

    fn summary(&self, shared: &RouteOperations<'_>) -> String {
        let titles: Vec<&str> = shared
            .operations
            .iter()
            .map(|(_, op)| self.schemas.plain(&op.title))
            .collect();
        titles.join(" / ")
    }

    fn description(&self, shared: &RouteOperations<'_>) -> String {
        if let [(_, op)] = shared.operations.as_slice() {
            let about = if op.about.is_empty() { &op.title } else { &op.about };
            return self.paragraphs(self.schemas.text(about), op);
        }
        let mut lines = vec![self.schemas.words.merged.clone(), String::new()];
        for (_, op) in &shared.operations {
            let (title, about) = (self.schemas.text(&op.title), self.schemas.text(&op.about));
            let colon = if about.is_empty() {
                ""
            } else {
                &self.schemas.words.colon
            };
            let item = self.paragraphs(format!("**{title}**{colon}{about}"), op);
            lines.push(format!("- {}", item.replace('\n', "\n  ").replace("\n  \n", "\n\n")));
        }
        lines.join("\n")
    }

    /// Returns the description of an operation, including its paging and its successors.
    fn paragraphs(&self, about: String, op: &ir::Operation) -> String {
        let mut paragraphs = vec![about];
        paragraphs.extend(op.paging.iter().map(|paging| self.schemas.text(&paging.doc)));
        if !op.superseded_by.is_empty() {
            let successors: Vec<String> = self.successors(op).iter().map(|id| format!("`{id}`")).collect();
            let words = self.schemas.words;
            let successors = successors.join(&words.comma);
            paragraphs.push(format!("{}{successors}{}", words.superseded_by, words.stop));
        }
        paragraphs.retain(|paragraph| !paragraph.is_empty());
        paragraphs.join("\n\n")
    }

    /// Returns the operations of the document that replace an operation.
    fn successors(&self, op: &ir::Operation) -> Vec<String> {
        let mut ids: Vec<String> = op
            .superseded_by
            .iter()
            .filter_map(|id| self.ids.get(id).cloned())
            .collect();
        let mut seen = BTreeSet::new();
        ids.retain(|id| seen.insert(id.clone()));
        ids
    }

    fn security(&self, shared: &RouteOperations<'_>) -> Option<Vec<Security>> {
        let scheme = self.security_scheme?;
        let open = shared.operations.iter().filter(|(_, op)| !op.authenticated).count();
        match open {
            0 => None,
            all if all == shared.operations.len() => Some(Vec::new()),
            _ => Some(vec![Security::from([(scheme, Vec::new())]), Security::new()]),
        }
    }

    fn extensions(&mut self, shared: &RouteOperations<'_>) -> Extensions {
        let api = self.schemas.api;
        let limits: Vec<Vec<RateLimit>> = shared
            .operations
            .iter()
            .map(|(_, op)| rate_limits_of(api, op))
            .collect();
        let same_limit = limits.windows(2).all(|pair| pair[0] == pair[1]);
        let same_errors = shared
            .operations
            .windows(2)
            .all(|pair| pair[0].1.errors == pair[1].1.errors);
        let single = shared.operations.len() == 1;
        let mut extensions = Extensions {
            rate_limit: limits.first().filter(|_| same_limit).cloned().unwrap_or_default(),
            max_body: shared.operations.iter().filter_map(|(_, op)| op.max_body).max(),
            idempotent: shared.operations.iter().all(|(_, op)| op.idempotent),
            ..Extensions::default()
        };
        for ((_, op), limit) in shared.operations.iter().zip(limits) {
            if extensions.records.is_none() {
                extensions.records = op.records.as_ref().map(|records| self.records(records.ty, op));
            }
            if single {
                extensions.paging = paging(op);
                extensions.source_row = op.row;
                extensions.superseded_by = self.successors(op);
            } else {
                extensions.merged.push(Merged {
                    id: op.id.clone(),
                    title: self.schemas.plain(&op.title).to_owned(),
                    idempotent: op.idempotent,
                    rate_limit: if same_limit { Vec::new() } else { limit },
                    paging: paging(op),
                    errors: if same_errors { Vec::new() } else { self.errors(op) },
                    source_row: op.row,
                    superseded_by: self.successors(op),
                });
            }
        }
        extensions
    }

    fn records(&mut self, id: ir::TypeId, op: &ir::Operation) -> Records {
        Records {
            format: "jsonl",
            schema: self.records.standalone(id),
            examples: op
                .examples
                .iter()
                .flat_map(|example| &example.records)
                .filter(|record| !holds_reference(record))
                .cloned()
                .collect(),
        }
    }

    /// Returns the status and code of the known errors of an operation.
    fn errors(&self, op: &ir::Operation) -> Vec<String> {
        let errors = op.errors.iter().map(|id| self.schemas.api.error(*id));
        errors.map(|error| format!("{} {}", error.status, error.code)).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn path(template: &str) -> Vec<Segment> {
        let segments = template.split('/').skip(1).map(|segment| {
            let name = segment.strip_prefix('{').and_then(|rest| rest.strip_suffix('}'));
            name.map_or_else(
                || Segment::Literal(segment.to_owned()),
                |name| Segment::Param(name.to_owned()),
            )
        });
        segments.collect()
    }

    #[test]
    fn a_position_after_the_same_beginning_has_one_name() {
        let paths = [
            ("/users/{name}", "/users/{name}"),
            ("/users/{owner}/blocks", "/users/{name}/blocks"),
            ("/users/{owner}/blocks/{name}", "/users/{name}/blocks/{name_}"),
            (
                "/users/{id}/blocks/{blocked}/since",
                "/users/{name}/blocks/{name_}/since",
            ),
            ("/groups/{owner}", "/groups/{owner}"),
            ("/{kind}/{owner}", "/{kind}/{owner}"),
            ("/{type}/all/{owner}", "/{kind}/all/{owner}"),
        ];
        let originals: Vec<_> = paths.iter().map(|(original, _)| path(original)).collect();
        let mut names = PathNames::default();
        for (original, (_, expected)) in originals.iter().zip(paths) {
            assert_eq!(ir::template(&names.apply(original)), expected);
        }
    }
}
