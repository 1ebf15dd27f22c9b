//! Routes: telling apart the operations that share one.

use std::collections::BTreeMap;

use super::scope::Sink;
use crate::{
    diagnostic::{Code, Diagnostic},
    ir::{Body, Method, Operation, OperationId, Route, Segment, Type, template},
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
    bodies_differ(&a.body, &b.body) || params_differ(a, b) || paths_differ(a, b)
}

fn bodies_differ(a: &Body, b: &Body) -> bool {
    if a.media_type() != b.media_type() {
        return true;
    }
    match (a, b) {
        (Body::JsonValue(value), Body::Json(_)) | (Body::Json(_), Body::JsonValue(value)) => {
            matches!(value.ty, Type::List(..))
        }
        (Body::JsonValue(x), Body::JsonValue(y)) => matches!(x.ty, Type::List(..)) != matches!(y.ty, Type::List(..)),
        (Body::FormMap(_), _) | (_, Body::FormMap(_)) => false,
        _ => fields_differ(a, b) || fields_differ(b, a),
    }
}

/// Whether `a` requires a field that `b` does not have, or that `b` sends another constant in.
fn fields_differ(a: &Body, b: &Body) -> bool {
    // A flattened union brings keys of its own, so nothing follows from what is not listed.
    let open = b.fields().iter().any(|field| field.flatten);
    a.fields()
        .iter()
        .filter(|field| field.required && !field.flatten)
        .any(|field| match b.fields().iter().find(|other| other.wire == field.wire) {
            None => !open,
            Some(other) => match (&field.ty, &other.ty) {
                (Type::Const(x), Type::Const(y)) => x != y,
                _ => false,
            },
        })
}

fn params_differ(a: &Operation, b: &Operation) -> bool {
    let one_way = |a: &Operation, b: &Operation| {
        let required = a.query.iter().filter(|param| param.required);
        let in_query = required
            .clone()
            .any(|param| b.query.iter().all(|other| other.wire != param.wire));
        let headers = a.headers.iter().filter(|param| param.required);
        in_query
            || headers
                .clone()
                .any(|param| b.headers.iter().all(|other| other.wire != param.wire))
    };
    one_way(a, b) || one_way(b, a)
}

fn paths_differ(a: &Operation, b: &Operation) -> bool {
    let is_list = |ty: &Type| matches!(ty, Type::List(..));
    a.path_params
        .iter()
        .zip(&b.path_params)
        .any(|(a, b)| is_list(&a.ty) != is_list(&b.ty))
}
