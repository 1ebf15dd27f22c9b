//! Examples: taken apart by the operation's types, so that a wrong one is found before anything is generated from it.

mod body;
mod context;
mod percent;
mod request;
mod response;

use std::collections::BTreeMap;

use super::{context::Shared, scope::Sink, value::Checker};
use crate::{
    diagnostic::{Code, Property},
    ir::{Example, Operation},
    syntax::model,
};
use context::ExampleContext;

/// The most places that are shown of a mistake that several examples make.
const MAX_REPEATED: usize = 8;

/// Lowers the examples of an operation. What several of them lack or have too much alike is one mistake, most likely of what
/// is declared, so that the later places go with the first.
pub fn lower_all(raw: &model::Operation, operation: &Operation, shared: &Shared<'_>, sink: &mut Sink) -> Vec<Example> {
    let open = raw.paging.is_some() && operation.paging.is_none();
    let mut out = Vec::new();
    let mut first: BTreeMap<(Code, String), usize> = BTreeMap::new();
    for example in raw.examples.iter().flatten() {
        let before = sink.diagnostics.len();
        out.extend(lower(example, operation, open, shared, sink));
        for diagnostic in sink.diagnostics.split_off(before) {
            let of_declaration = diagnostic.code.has(Property::OfDeclaration);
            let key = (diagnostic.code, diagnostic.message.clone());
            let earlier = first.get(&key).filter(|at| **at < before && of_declaration);
            match (earlier.and_then(|at| sink.diagnostics.get_mut(*at)), diagnostic.span) {
                (Some(earlier), Some(span)) if earlier.related.len() < MAX_REPEATED => {
                    earlier.related.push((span, "and here".to_owned()));
                }
                (Some(_), _) => {}
                (None, _) => {
                    first.entry(key).or_insert(sink.diagnostics.len());
                    sink.report(diagnostic);
                }
            }
        }
    }
    out
}

/// Lowers one example. `None` where too little of it could be read; every reason is reported.
fn lower(
    raw: &model::Example,
    operation: &Operation,
    open: bool,
    shared: &Shared<'_>,
    sink: &mut Sink,
) -> Option<Example> {
    let title = shared.scope.optional_text(raw.title.as_ref(), sink);
    let mut arguments = Vec::new();
    let checker = |sent| Checker {
        types: shared.types,
        sent,
    };
    let context = ExampleContext {
        raw,
        operation,
        open,
        shared,
        checker: checker(true),
        reader: checker(false),
    };
    let target = raw
        .request
        .as_ref()
        .and_then(|request| context.request(request, &mut arguments, sink));
    let headers = context.headers(&mut arguments, sink);
    let body = context.body(&mut arguments, sink);
    let status = context.status(sink);
    let response = raw
        .response
        .as_ref()
        .and_then(|response| context.response(response, status, sink));
    let records = context.records(sink);
    Some(Example {
        title,
        rust_test: String::new(),
        key: String::new(),
        arguments,
        target: target?,
        headers,
        body: body?,
        status,
        response: response?,
        records,
    })
}
