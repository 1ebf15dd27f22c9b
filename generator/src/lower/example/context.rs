//! Context for lowering the parts of an example.

use crate::{
    diagnostic::{Code, Diagnostic},
    lower::{
        context::{Shared, Signature},
        scope::{Reporter, shorten},
        value::Checker,
    },
    source::Span,
    syntax::model,
};

/// Context for lowering the parts of an example.
pub struct ExampleContext<'a> {
    /// Its declaration in the spec.
    pub raw: &'a model::Example,
    /// The operation that it belongs to.
    pub operation: &'a Signature,
    /// Whether the result and the records of the operation are valid.
    pub has_valid_result: bool,
    /// Whether responses may contain unknown keys, because the paging of the operation is invalid.
    pub open: bool,
    /// Context shared by all operations.
    pub shared: &'a Shared<'a>,
    /// Checks request values.
    pub checker: Checker<'a>,
    /// Checks response values.
    pub reader: Checker<'a>,
}

impl<'a> ExampleContext<'a> {
    /// Returns the context of an example of `operation`.
    pub fn new(
        raw: &'a model::Example,
        operation: &'a Signature,
        has_valid_result: bool,
        open: bool,
        shared: &'a Shared<'a>,
    ) -> Self {
        let checker = |sent| Checker {
            types: shared.types,
            sent,
        };
        Self {
            raw,
            operation,
            has_valid_result,
            open,
            shared,
            checker: checker(true),
            reader: checker(false),
        }
    }

    /// Reports a name that the operation does not declare.
    pub fn unknown<'n>(
        &self,
        what: &str,
        name: &str,
        span: Span,
        known: impl Iterator<Item = &'n str>,
        reporter: &mut Reporter,
    ) {
        let message = format!("`{}` has no {what} `{}`", self.operation.id, shorten(name));
        reporter.report(Diagnostic::new(Code::ExampleUnknown, span, message).suggest(name, known));
    }
}

/// Reports a missing argument or value.
pub fn missing(what: &str, name: &str, span: Span, reporter: &mut Reporter) {
    let message = format!("missing {what} `{name}`");
    reporter.report(
        Diagnostic::new(Code::ExampleMissing, span, message).help("add it, or declare it as optional with `?`"),
    );
}
