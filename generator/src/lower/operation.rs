//! Operations: arguments, results and other properties.

mod body;
mod context;
mod facts;
mod inputs;
mod params;
mod result;

use super::{
    context::{Shared, Signature},
    example, flatten,
    scope::{Parameters, Reporter},
    sections::Lowered,
    usage::Roots,
};
use crate::{
    diagnostic::{Code, Diagnostic},
    ir::{
        Correction, EditionId, ErrorId, Example, Input, Limit, Location, Method, One, Operation, OperationId,
        OperationResult, Text,
    },
    names::{self, NameError, Namespace},
    syntax::{decode::Str, model},
};
pub use params::declare_argument;

use context::OperationContext;

/// Lowers one operation. Returns `None` if essential parts of it failed to parse, which is reported.
pub fn lower<'a>(
    section: &str,
    parameters: &Parameters<'_>,
    key: &'a Str,
    raw: &'a model::Operation,
    shared: &Shared<'_>,
    reporter: &mut Reporter,
) -> Option<Lowered<'a>> {
    let context = OperationContext {
        section,
        key,
        parameters,
        raw,
        shared,
    };
    let draft = draft(&context, reporter)?;
    let valid = draft.valid.and(context.has_valid_types(&draft.signature, reporter));
    let examples = if valid.inputs {
        example::lower_all(raw, &draft.signature, valid.result, shared, reporter)
    } else {
        Vec::new()
    };
    if let Some(examples) = &raw.examples {
        let titled = examples.iter().map(|one| (one.span, one.extent, one.title.is_some()));
        example::check_titles("an operation", raw.span, titled, shared.scope, reporter);
    }
    let operation = draft.finish(&context, examples);
    Some(Lowered {
        key,
        raw,
        operation,
        valid: valid.inputs && valid.result,
    })
}

/// The parts of an operation that are free of diagnostics. Checks that depend on the other parts are skipped.
#[derive(Debug, Clone, Copy)]
struct Valid {
    inputs: bool,
    /// Whether the result and the records are valid.
    result: bool,
}

impl Valid {
    fn and(self, other: Self) -> Self {
        Self {
            inputs: self.inputs && other.inputs,
            result: self.result && other.result,
        }
    }
}

/// An operation without its examples, which are checked against it.
struct Draft {
    rust_fn: String,
    rust_type: String,
    title: Text,
    about: Text,
    signature: Signature,
    facts: Facts,
    valid: Valid,
}

/// The properties of an operation apart from its signature.
struct Facts {
    errors: Vec<ErrorId>,
    limits: Vec<Limit>,
    max_body: Option<u64>,
    one: Option<One>,
    row: Option<u32>,
    editions: Vec<EditionId>,
    correction: Option<Correction>,
    superseded_by: Vec<OperationId>,
}

impl Draft {
    fn finish(self, context: &OperationContext<'_>, examples: Vec<Example>) -> Operation {
        let raw = context.raw;
        let Signature {
            id,
            method,
            path,
            body,
            inputs,
            result,
            records,
            paging,
        } = self.signature;
        Operation {
            key: context.key.value.clone(),
            id,
            rust_fn: self.rust_fn,
            rust_type: self.rust_type,
            method,
            path,
            title: self.title,
            about: self.about,
            authenticated: context.shared.authenticated && raw.auth.as_ref().is_none_or(|auth| auth.value),
            split: inputs::split(method, &inputs, body, &result).filter(|_| raw.paging.is_none()),
            body,
            inputs,
            binding: context.binding(&result),
            result,
            records,
            paging,
            errors: self.facts.errors,
            limits: self.facts.limits,
            max_body: self.facts.max_body,
            one: self.facts.one,
            idempotent: is_idempotent(raw, method),
            row: self.facts.row,
            editions: self.facts.editions,
            correction: self.facts.correction,
            superseded_by: self.facts.superseded_by,
            examples,
        }
    }
}

fn draft(context: &OperationContext<'_>, reporter: &mut Reporter) -> Option<Draft> {
    let &OperationContext {
        section,
        key,
        raw,
        shared,
        ..
    } = context;
    let before = reporter.diagnostics.len();
    let rust_fn = reporter.name(names::operation(&key.value), &key.value, key.span);
    let rust_type = request_type(key, shared, reporter);
    let title = raw.title.as_ref().map(|title| shared.scope.text(title, reporter));
    let about = shared.scope.optional_text(raw.about.as_ref(), reporter);
    let arguments = &mut Namespace::default();
    let path_params = context.path_params(arguments, reporter);
    let query = context.params(raw.query.as_ref(), arguments, reporter);
    let headers = context.header_params(arguments, reporter);
    let fields = context.body(arguments, reporter);
    let body = fields.kind();
    let inputs = inputs::in_order(path_params, query, headers, fields.into_fields());
    let inputs_are_valid = reporter.is_valid_since(before) && context.has_valid_syntax();
    let before = reporter.diagnostics.len();
    let result = context.result(rust_type.as_deref().unwrap_or_default(), reporter);
    let record = context.record(reporter);
    let valid = Valid {
        inputs: inputs_are_valid,
        result: reporter.is_valid_since(before),
    };
    let paging = context.paging(&inputs, &result, valid, reporter);
    let records = record.and_then(|ty| context.records(ty, &result, valid, reporter));
    let facts = context.facts(&inputs, &result, valid, reporter);
    let route = raw.route.as_ref()?;
    let signature = Signature {
        id: format!("{section}.{}", key.value),
        method: route.method.value,
        path: route.path.to_segments(),
        body,
        inputs,
        result,
        records,
        paging,
    };
    Some(Draft {
        rust_fn: rust_fn?,
        rust_type: rust_type?,
        title: title?,
        about,
        signature,
        facts,
        valid,
    })
}

impl OperationContext<'_> {
    fn facts(&self, inputs: &[Input], result: &OperationResult, valid: Valid, reporter: &mut Reporter) -> Facts {
        let row = self.raw.row.as_ref();
        let row = row.and_then(|row| u32::try_from(row.value).ok());
        Facts {
            errors: self.errors(reporter),
            limits: self.limits(reporter),
            max_body: self.max_body(reporter),
            one: self.one(inputs, result, valid, reporter),
            row,
            editions: self.editions(reporter),
            correction: self.correction(row, reporter),
            superseded_by: self.successors(reporter),
        }
    }

    /// Checks the types of the signature. Reports flattened body fields that contribute the same key.
    fn has_valid_types(&self, signature: &Signature, reporter: &mut Reporter) -> Valid {
        let Shared { types, broken, .. } = self.shared;
        let (mut inputs, mut result) = (Roots::default(), Roots::default());
        inputs.add(&signature.inputs, &OperationResult::None, None);
        result.add(&[], &signature.result, signature.records.as_ref());
        let body = signature.inputs_in(Location::Body).map(|(_, field)| field);
        Valid {
            inputs: !inputs.any(broken) && flatten::check(types, body, self.key.span, reporter),
            result: !result.any(broken),
        }
    }
}

/// Returns `true` if an operation is idempotent, as declared or by its method.
fn is_idempotent(raw: &model::Operation, method: Method) -> bool {
    let by_method = !matches!(method, Method::Post | Method::Patch);
    raw.idempotent.as_ref().map_or(by_method, |idempotent| idempotent.value)
}

/// Returns the name of the request type. Reports a name that is already used.
fn request_type(key: &Str, shared: &Shared<'_>, reporter: &mut Reporter) -> Option<String> {
    let rust_type = match names::request_type(&key.value) {
        reserved @ Err(NameError::Reserved) => reporter.name(reserved, &key.value, key.span),
        // Any other error also applies to the name of the method, and is reported there.
        rust_type => rust_type.ok(),
    };
    rust_type.filter(|name| !clashes(name, key, shared, reporter))
}

/// Returns `true` if the request or result type of an operation has the name of a declared type, which is reported.
fn clashes(name: &str, key: &Str, shared: &Shared<'_>, reporter: &mut Reporter) -> bool {
    let result = format!("{name}Result");
    let declared = |name| Some((name, shared.declared.declaration(name)?));
    let Some((taken, declaration)) = [name, &result].into_iter().find_map(declared) else {
        return false;
    };
    let message = format!(
        "the operation `{}` generates the type `{taken}`, which is already declared",
        key.value
    );
    let diagnostic = Diagnostic::new(Code::NameCollision, key.span, message).related(declaration, "declared here");
    reporter.report(diagnostic.help("rename the operation or the declared type"));
    true
}
