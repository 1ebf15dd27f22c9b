//! Operations: arguments, results, and what is stated about them.

mod body;
mod context;
mod facts;
mod inputs;
mod params;
mod result;

use super::{
    context::Shared,
    example, flatten,
    scope::{Parameters, Sink},
    sections::Lowered,
    usage::Roots,
};
use crate::{
    diagnostic::{Code, Diagnostic},
    ir::{Location, Method, Operation},
    names::{self, NameError, Namespace},
    syntax::{decode::Str, model},
};
pub use params::declare_argument;

use context::OperationContext;

/// Lowers one operation. `None` where too little of it could be read; every reason is reported.
pub fn lower<'a>(
    section: &str,
    own: &Parameters<'_>,
    key: &'a Str,
    raw: &'a model::Operation,
    shared: &Shared<'_>,
    sink: &mut Sink,
) -> Option<Lowered<'a>> {
    let context = OperationContext {
        section,
        key,
        own,
        raw,
        shared,
    };
    let Draft { mut operation, sound } = draft(&context, sink)?;
    operation.correction = context.correction(&operation, sink);
    let before = sink.diagnostics.len();
    let mut roots = Roots::default();
    roots.add(&operation);
    let sound = sound
        && !roots.any(shared.broken)
        && flatten::check(shared.types, operation.fields_in(Location::Body), key.span, sink)
        && sink.is_sound_since(before);
    if sound {
        operation.examples = example::lower_all(raw, &operation, shared, sink);
    }
    check_examples(&context, sink);
    Some(Lowered {
        key,
        raw,
        operation,
        sound,
    })
}

/// An operation without its correction, its successors and its examples.
struct Draft {
    operation: Operation,
    /// Whether its arguments and results were read without a mistake.
    sound: bool,
}

fn draft(context: &OperationContext<'_>, sink: &mut Sink) -> Option<Draft> {
    let &OperationContext {
        section,
        key,
        raw,
        shared,
        ..
    } = context;
    let before = sink.diagnostics.len();
    let rust_fn = sink.name(names::operation(&key.value), &key.value, key.span);
    let rust_type = request_type(key, shared, sink);
    let title = raw.title.as_ref().map(|title| shared.scope.text(title, sink));
    let about = shared.scope.optional_text(raw.about.as_ref(), sink);
    let arguments = &mut Namespace::default();
    let path_params = context.path_params(arguments, sink);
    let query = context.params(raw.query.as_ref(), arguments, sink);
    let headers = context.header_params(arguments, sink);
    let fields = context.body(arguments, sink);
    let body = fields.kind();
    let inputs = inputs::in_order(path_params, query, headers, fields.into_fields());
    let result = context.result(rust_type.as_deref().unwrap_or_default(), sink);
    let record = context.record(sink);
    let sound = sink.is_sound_since(before) && context.is_read_well();
    let paging = context.paging(&inputs, &result, sound, sink);
    let records = record.and_then(|ty| context.records(ty, &result, sound, sink));
    let errors = context.errors(sink);
    let limit = context.limit(sink);
    let max_body = context.max_body(sink);
    let route = raw.route.as_ref()?;
    let method = route.method.value;
    let split = inputs::split(method, &inputs, body, &result).filter(|_| raw.paging.is_none());
    let operation = Operation {
        id: format!("{section}.{}", key.value),
        key: key.value.clone(),
        rust_fn: rust_fn?,
        rust_type: rust_type?,
        method,
        path: route.path.to_segments(),
        title: title?,
        about,
        authenticated: shared.authenticated && raw.auth.as_ref().is_none_or(|auth| auth.value),
        body,
        inputs,
        result,
        records,
        paging,
        errors,
        limit,
        split,
        max_body,
        idempotent: is_idempotent(raw, method),
        row: raw.row.as_ref().and_then(|row| u32::try_from(row.value).ok()),
        correction: None,
        superseded_by: Vec::new(),
        examples: Vec::new(),
    };
    Some(Draft { operation, sound })
}

/// Whether sending a request twice does no more than once, as stated or by its method.
fn is_idempotent(raw: &model::Operation, method: Method) -> bool {
    let by_method = !matches!(method, Method::Post | Method::Patch);
    raw.idempotent.as_ref().map_or(by_method, |given| given.value)
}

/// The name of the request type, unless it is taken, which is reported.
fn request_type(key: &Str, shared: &Shared<'_>, sink: &mut Sink) -> Option<String> {
    let rust_type = match names::request_type(&key.value) {
        reserved @ Err(NameError::Reserved) => sink.name(reserved, &key.value, key.span),
        // Any other flaw is one of the method's name too, and reported there.
        rust_type => rust_type.ok(),
    };
    rust_type.filter(|name| !clashes(name, key, shared, sink))
}

/// Whether the request type of an operation would have the name of a declared type.
fn clashes(name: &str, key: &Str, shared: &Shared<'_>, sink: &mut Sink) -> bool {
    let result = format!("{name}Result");
    let declared = |name| Some((name, shared.declared.declaration(name)?));
    let Some((taken, declaration)) = [name, &result].into_iter().find_map(declared) else {
        return false;
    };
    let message = format!(
        "the operation `{}` generates the type `{taken}`, which is declared already",
        key.value
    );
    let diagnostic = Diagnostic::new(Code::NameCollision, key.span, message).related(declaration, "declared here");
    sink.report(diagnostic.help("rename the operation or the declared type"));
    true
}

fn check_examples(context: &OperationContext<'_>, sink: &mut Sink) {
    let Some(examples) = &context.raw.examples else { return };
    if examples.is_empty() {
        let diagnostic = Diagnostic::new(
            Code::MissingKey,
            context.raw.span,
            "an operation needs at least one example",
        );
        sink.report(diagnostic.help("examples are the tests and samples of the operation"));
    }
    if examples.len() > 1 {
        // A key that could not be read may be the title.
        let read_well = |example: &&model::Example| context.shared.scope.flaws_in(example.extent) == 0;
        for example in examples
            .iter()
            .filter(read_well)
            .filter(|example| example.title.is_none())
        {
            let diagnostic = Diagnostic::new(
                Code::MissingKey,
                example.span,
                "one of several examples needs a `title`",
            );
            sink.report(diagnostic.help("say what it shows that the others do not"));
        }
    }
}
