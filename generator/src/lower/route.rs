//! Routes: telling apart the operations that share one.

use std::collections::BTreeMap;

use super::scope::Sink;
use crate::{
    diagnostic::{Code, Diagnostic},
    ir::{BodyKind, Location, Method, Operation, OperationId, Route, Segment, Type, template},
    source::Span,
};

/// Groups operations by method and path, and reports those that a request cannot be assigned to. Of an operation that is
/// not sound, parts may be missing, so that nothing is said about it.
pub fn group<'o>(
    operations: impl Iterator<Item = (OperationId, &'o Operation, Span, bool)>,
    sink: &mut Sink,
) -> Vec<Route> {
    let mut routes: Vec<(Route, Vec<(&Operation, Span)>)> = Vec::new();
    let mut index: BTreeMap<(Method, Vec<Option<&str>>), usize> = BTreeMap::new();
    for (id, operation, span, sound) in operations {
        let shape = operation.path.iter().map(|segment| match segment {
            Segment::Literal(text) => Some(text.as_str()),
            Segment::Param(_) => None,
        });
        let at = *index.entry((operation.method, shape.collect())).or_insert(routes.len());
        if at == routes.len() {
            let route = Route {
                method: operation.method,
                path: operation.path.clone(),
                operations: vec![id],
            };
            routes.push((route, sound.then_some((operation, span)).into_iter().collect()));
            continue;
        }
        let (route, members) = &mut routes[at];
        route.operations.push(id);
        if sound {
            check_against(&members[..], operation, span, sink);
            members.push((operation, span));
        }
    }
    routes.into_iter().map(|(route, _)| route).collect()
}

fn check_against(members: &[(&Operation, Span)], operation: &Operation, span: Span, sink: &mut Sink) {
    let Some(&(first, first_span)) = members.first() else {
        return;
    };
    if first.path != operation.path {
        let message = format!(
            "`{}` and `{}` are the same path",
            template(&first.path),
            template(&operation.path)
        );
        sink.report(
            Diagnostic::new(Code::RouteSyntax, span, message)
                .related(first_span, "the other one")
                .help("give the placeholders the same names: OpenAPI tools refuse paths that differ in nothing else"),
        );
        return;
    }
    if let Some((other, other_span)) = members.iter().find(|(other, _)| !distinguishable(other, operation)) {
        let message = format!("requests of `{}` and `{}` cannot be told apart", other.id, operation.id);
        sink.report(
            Diagnostic::new(Code::AmbiguousOperations, span, message)
                .related(*other_span, "the other one")
                .help(
                    "operations on one method and path differ in the kind of body, in a constant, in a field or parameter \
                     that one requires and the other does not have, or in one value against a list in the path",
                ),
        );
    }
}

/// Whether no request can be one of both operations.
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

/// Whether `a` requires a field that `b` does not have, or that `b` sends another constant in.
fn fields_differ(a: &Operation, b: &Operation) -> bool {
    let fields = |operation| Operation::fields_in(operation, Location::Body);
    // A flattened union brings keys of its own, so nothing follows from what is not listed.
    let open = fields(b).any(|field| field.flatten);
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
