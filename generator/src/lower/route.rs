//! Routes, and whether the operations of a route can be distinguished.

use std::collections::BTreeMap;

use super::{scope::Reporter, sections::Lowered};
use crate::{
    diagnostic::{Code, Diagnostic},
    ir::{BodyKind, Location, Method, Operation, OperationId, Route, Segment, Type, template},
    names,
};

/// Groups operations by method and path, and reports operations whose requests cannot be distinguished. Operations with
/// diagnostics are not checked, because parts of them may be missing.
pub fn group<'l>(
    operations: impl Iterator<Item = (OperationId, &'l Lowered<'l>)>,
    reporter: &mut Reporter,
) -> Vec<Route> {
    let mut routes: Vec<Route> = Vec::new();
    let mut members: Vec<Vec<&Lowered<'_>>> = Vec::new();
    let mut all: Vec<Vec<&Lowered<'_>>> = Vec::new();
    let mut index: BTreeMap<(Method, Vec<Option<&str>>), usize> = BTreeMap::new();
    for (id, lowered) in operations {
        let operation = &lowered.operation;
        let shape = operation.path.iter().map(|segment| match segment {
            Segment::Literal(text) => Some(text.as_str()),
            Segment::Param(_) => None,
        });
        let at = *index.entry((operation.method, shape.collect())).or_insert(routes.len());
        if at == routes.len() {
            routes.push(Route {
                method: operation.method,
                path: operation.path.clone(),
                id: String::new(),
                operations: Vec::new(),
            });
            members.push(Vec::new());
            all.push(Vec::new());
        }
        routes[at].operations.push(id);
        all[at].push(lowered);
        if lowered.valid {
            check_against(&members[at], lowered, reporter);
            members[at].push(lowered);
        }
    }
    for (route, operations) in routes.iter_mut().zip(&all) {
        route.id = merged_id(operations, reporter);
    }
    routes
}

/// Returns the ID of the operation that the operations of a route are merged into.
fn merged_id(operations: &[&Lowered<'_>], reporter: &mut Reporter) -> String {
    let keys: Vec<&str> = operations.iter().map(|one| one.operation.key.as_str()).collect();
    let mut stated = operations.iter().filter_map(|one| one.raw.merged.as_ref());
    let name = stated.next();
    for again in stated {
        let message = "the operations with this method and path already have a name in `merged`";
        reporter.report(Diagnostic::new(Code::BadValue, again.span, message).help("remove one of the names"));
    }
    let section = operations.first().and_then(|one| one.operation.id.split_once('.'));
    let section = section.map_or("", |(section, _)| section);
    let merged = match name {
        Some(name) if operations.len() == 1 => {
            let message = "`merged` requires another operation with the same method and path";
            reporter.report(Diagnostic::new(Code::BadValue, name.span, message).help("remove `merged`"));
            None
        }
        Some(name) => reporter.name(names::operation(&name.value), &name.value, name.span),
        None => None,
    };
    format!("{section}.{}", merged.unwrap_or_else(|| names::merged(&keys)))
}

fn check_against(members: &[&Lowered<'_>], lowered: &Lowered<'_>, reporter: &mut Reporter) {
    let Some(first) = members.first() else { return };
    let (operation, span) = (&lowered.operation, lowered.key.span);
    if first.operation.path != operation.path {
        let message = format!(
            "`{}` and `{}` differ only in the names of placeholders",
            template(&first.operation.path),
            template(&operation.path)
        );
        reporter.report(
            Diagnostic::new(Code::RouteSyntax, span, message)
                .related(first.key.span, "the other operation")
                .help("use the same names: OpenAPI tools reject paths that differ only in the names of placeholders"),
        );
        return;
    }
    let mut others = members.iter();
    if let Some(other) = others.find(|other| !distinguishable(&other.operation, operation)) {
        let message = format!(
            "requests of `{}` and `{}` cannot be distinguished",
            other.operation.id, operation.id
        );
        reporter.report(
            Diagnostic::new(Code::AmbiguousOperations, span, message)
                .related(other.key.span, "the other operation")
                .help(
                    "operations with the same method and path must differ in the kind of body, in the value of a constant, in a \
                     required field or parameter that the other does not have, or in a list instead of a single value \
                     in the path",
                ),
        );
    }
}

/// Returns `true` if no request can belong to both operations.
fn distinguishable(a: &Operation, b: &Operation) -> bool {
    bodies_differ(a, b) || params_differ(a, b) || paths_differ(a, b)
}

fn bodies_differ(a: &Operation, b: &Operation) -> bool {
    if a.body.media_type() != b.body.media_type() {
        return true;
    }
    let holds_list = |operation: &Operation| {
        let mut fields = operation.fields_in(Location::Body);
        fields.any(|field| matches!(field.ty, Type::List(..)))
    };
    match (a.body, b.body) {
        (BodyKind::JsonValue, BodyKind::Json) => holds_list(a),
        (BodyKind::Json, BodyKind::JsonValue) => holds_list(b),
        (BodyKind::JsonValue, BodyKind::JsonValue) => holds_list(a) != holds_list(b),
        (BodyKind::FormMap, _) | (_, BodyKind::FormMap) => false,
        _ => fields_differ(a, b) || fields_differ(b, a),
    }
}

/// Returns `true` if `a` requires a field that `b` does not have or in which `b` sends another constant.
fn fields_differ(a: &Operation, b: &Operation) -> bool {
    let fields = |operation| Operation::fields_in(operation, Location::Body);
    // A flattened field adds keys that are not listed, so a missing key does not distinguish the operations.
    let open = fields(b).any(|field| field.flatten && field.family().is_none());
    fields(a)
        .filter(|field| field.is_required() && !field.flatten)
        .any(|field| match fields(b).find(|other| other.wire == field.wire) {
            None => !open,
            Some(other) => match (field.constant(), other.constant()) {
                (Some(x), Some(y)) => x != y,
                _ => false,
            },
        })
}

fn params_differ(a: &Operation, b: &Operation) -> bool {
    let one_way = |a: &Operation, b: &Operation| {
        [Location::Query, Location::Header].into_iter().any(|location| {
            let mut required = a.fields_in(location).filter(|param| param.is_required());
            required.any(|param| b.fields_in(location).all(|other| other.wire != param.wire))
        })
    };
    one_way(a, b) || one_way(b, a)
}

fn paths_differ(a: &Operation, b: &Operation) -> bool {
    let is_list = |ty: &Type| matches!(ty, Type::List(..));
    a.fields_in(Location::Path)
        .zip(b.fields_in(Location::Path))
        .any(|(a, b)| is_list(&a.ty) != is_list(&b.ty))
}
