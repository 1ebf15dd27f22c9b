//! What the parts of an example are lowered in.

use crate::{
    diagnostic::{Code, Diagnostic},
    lower::{
        context::{Shared, Signature},
        scope::{Sink, shorten},
        value::Checker,
    },
    source::Span,
    syntax::model,
};

/// What the parts of an example are lowered in.
pub struct ExampleContext<'a> {
    /// What the spec says of it.
    pub raw: &'a model::Example,
    /// The operation that it belongs to.
    pub operation: &'a Signature,
    /// Whether answers may hold keys that are not known, since how they are paged could not be read.
    pub open: bool,
    /// What is the same for every operation.
    pub shared: &'a Shared<'a>,
    /// For what is sent.
    pub checker: Checker<'a>,
    /// For what is answered.
    pub reader: Checker<'a>,
}

impl<'a> ExampleContext<'a> {
    /// The context of an example of an operation.
    pub fn new(raw: &'a model::Example, operation: &'a Signature, open: bool, shared: &'a Shared<'a>) -> Self {
        let checker = |sent| Checker {
            types: shared.types,
            sent,
        };
        Self {
            raw,
            operation,
            open,
            shared,
            checker: checker(true),
            reader: checker(false),
        }
    }

    /// Reports a name that the operation does not know.
    pub fn unknown<'n>(
        &self,
        what: &str,
        name: &str,
        span: Span,
        known: impl Iterator<Item = &'n str>,
        sink: &mut Sink,
    ) {
        let message = format!("`{}` has no {what} `{}`", self.operation.id, shorten(name));
        sink.report(Diagnostic::new(Code::ExampleUnknown, span, message).suggest(name, known));
    }
}

/// Reports an argument or a value that an example has to hold.
pub fn missing(what: &str, name: &str, span: Span, sink: &mut Sink) {
    let message = format!("missing {what} `{name}`");
    sink.report(
        Diagnostic::new(Code::ExampleMissing, span, message).help("add it, or declare it as optional with `?`"),
    );
}
