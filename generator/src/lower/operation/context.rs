//! What the parts of an operation are lowered in.

use crate::{
    diagnostic::{Code, Diagnostic},
    lower::{
        context::Shared,
        scope::{FieldKey, Parameter, Parameters, Sink},
    },
    source::Span,
    syntax::model,
};

/// What the parts of an operation are lowered in.
#[derive(Debug, Clone, Copy)]
pub struct OperationContext<'a> {
    /// The parameters of its section.
    pub own: &'a Parameters<'a>,
    /// What the spec says of it.
    pub raw: &'a model::Operation,
    /// What is the same for every operation.
    pub shared: &'a Shared<'a>,
}

impl OperationContext<'_> {
    /// Whether reading found no mistake but in examples.
    pub fn is_read_well(&self) -> bool {
        let scope = self.shared.scope;
        let in_examples: usize = self
            .raw
            .examples
            .iter()
            .flatten()
            .map(|example| scope.flaws_in(example.extent))
            .sum();
        scope.flaws_in(self.raw.extent) <= in_examples
    }

    /// A shared parameter: of the section first, then of the API.
    pub fn inherit(&self, name: &str, sink: &mut Sink) -> Option<&Parameter<'_>> {
        let found = self.own.get(name).or_else(|| self.shared.scope.parameters.get(name))?;
        sink.used_parameters.insert(found.span);
        Some(found)
    }

    pub fn nothing_to_inherit(&self, key: &FieldKey<'_>, span: Span, sink: &mut Sink) {
        let known = self.own.keys().chain(self.shared.scope.parameters.keys()).copied();
        let message = format!("there is no parameter `{}` to inherit", key.wire);
        let diagnostic = sink.suggest(Diagnostic::new(Code::UnknownParameter, span, message), key.wire, known);
        sink.report(diagnostic);
    }
}
