//! Examples, which are parsed and checked against the types of their operation.

mod body;
mod context;
mod percent;
mod request;
mod response;

use std::collections::BTreeMap;

use super::{
    context::{Shared, Signature},
    scope::{Reporter, Scope},
};
use crate::{
    diagnostic::{Code, Diagnostic, Property},
    ir::Example,
    names::ExampleName,
    source::Span,
    syntax::model,
};
use context::ExampleContext;

/// The maximum number of further locations in a diagnostic that applies to several examples.
const MAX_REPEATED: usize = 8;

/// Lowers the examples of an operation. If several examples lack the same value or have the same unknown one, the
/// declaration is probably wrong, so it is reported once, with several locations. Without a valid result, successful responses are
/// not checked.
pub fn lower_all(
    raw: &model::Operation,
    operation: &Signature,
    has_valid_result: bool,
    shared: &Shared<'_>,
    reporter: &mut Reporter,
) -> Vec<Example> {
    let open = raw.paging.is_some() && operation.paging.is_none();
    let mut out = Vec::new();
    let mut first: BTreeMap<(Code, String), usize> = BTreeMap::new();
    let names = shared
        .operations
        .get(&operation.id)
        .map(|operation| &operation.examples);
    for (example, name) in raw.examples.iter().flatten().zip(names.into_iter().flatten()) {
        let before = reporter.diagnostics.len();
        let context = ExampleContext::new(example, operation, has_valid_result, open, shared);
        out.extend(lower(&context, name, reporter));
        for diagnostic in reporter.diagnostics.split_off(before) {
            let of_declaration = diagnostic.code.has(Property::OfDeclaration);
            let key = (diagnostic.code, diagnostic.message.clone());
            let earlier = first.get(&key).filter(|at| **at < before && of_declaration);
            match (
                earlier.and_then(|at| reporter.diagnostics.get_mut(*at)),
                diagnostic.span,
            ) {
                (Some(earlier), Some(span)) if earlier.related.len() < MAX_REPEATED => {
                    earlier.related.push((span, "and here".to_owned()));
                }
                (Some(_), _) => {}
                (None, _) => {
                    first.entry(key).or_insert(reporter.diagnostics.len());
                    reporter.report(diagnostic);
                }
            }
        }
    }
    out
}

/// Reports an owner of examples that has none, and examples without a title if there are several: `examples` are the spans of each,
/// and `true` if it has a title.
pub fn check_titles(
    owner: &str,
    span: Span,
    examples: impl ExactSizeIterator<Item = (Span, Span, bool)>,
    scope: &Scope<'_>,
    reporter: &mut Reporter,
) {
    if examples.len() == 0 {
        let message = format!("{owner} requires at least one example");
        let diagnostic = Diagnostic::new(Code::MissingKey, span, message);
        reporter.report(diagnostic.help("tests and samples are generated from the examples"));
    }
    if examples.len() < 2 {
        return;
    }
    for (span, extent, has_title) in examples {
        // A key that failed to parse may be the title.
        if !has_title && scope.syntax_errors_in(extent) == 0 {
            let message = "missing `title`: every example needs one if there are several";
            let help = "add a `title` that distinguishes this example from the others";
            reporter.report(Diagnostic::new(Code::MissingKey, span, message).help(help));
        }
    }
}

/// Lowers one example. Returns `None` if essential parts of it failed to parse, which is reported.
fn lower(context: &ExampleContext<'_>, name: &ExampleName, reporter: &mut Reporter) -> Option<Example> {
    let raw = context.raw;
    let title = context.shared.scope.optional_text(raw.title.as_ref(), reporter);
    let mut arguments = Vec::new();
    let target = raw
        .request
        .as_ref()
        .and_then(|request| context.request(request, &mut arguments, reporter));
    let headers = context.headers(&mut arguments, reporter);
    let body = context.body(&mut arguments, reporter);
    let status = context.status(reporter);
    let checked = |_: &_| context.has_valid_result || status >= 400;
    let response = raw
        .response
        .as_ref()
        .filter(checked)
        .and_then(|response| context.response(response, status, reporter));
    let records = if context.has_valid_result {
        context.records(reporter)
    } else {
        Vec::new()
    };
    Some(Example {
        title,
        rust_test: name.rust_test.clone(),
        key: name.key.clone(),
        arguments,
        target: target?,
        headers,
        body: body?,
        status,
        response: response?,
        records,
    })
}
