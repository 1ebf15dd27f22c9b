//! Context for lowering the parts of an operation.

use std::borrow::Cow;

use crate::{
    diagnostic::{Code, Diagnostic},
    lower::{
        context::Shared,
        scope::{Parameters, Reporter, inherit},
    },
    syntax::{decode::Str, key::FieldDecl, model},
};

/// Context for lowering the parts of an operation.
#[derive(Debug, Clone, Copy)]
pub struct OperationContext<'a> {
    /// The key of its section.
    pub section: &'a str,
    /// Its key.
    pub key: &'a Str,
    /// The parameters of its section.
    pub parameters: &'a Parameters<'a>,
    /// Its declaration in the spec.
    pub raw: &'a model::Operation,
    /// Context shared by all operations.
    pub shared: &'a Shared<'a>,
}

/// A field, with the line of the parameter that it inherits unless it has a type itself.
pub struct Inherited<'a> {
    /// The field.
    pub field: Cow<'a, FieldDecl>,
    /// Whether the inherited parameter is optional.
    pub optional: bool,
}

impl<'a> OperationContext<'a> {
    /// Returns `true` if there are no syntax errors except in examples.
    pub fn has_valid_syntax(&self) -> bool {
        let scope = self.shared.scope;
        let in_examples: usize = self
            .raw
            .examples
            .iter()
            .flatten()
            .map(|example| scope.syntax_errors_in(example.extent))
            .sum();
        scope.syntax_errors_in(self.raw.extent) <= in_examples
    }

    /// Returns a shared parameter of the section or, if there is none, of the API.
    pub fn inherit(&self, name: &str, reporter: &mut Reporter) -> Option<&'a FieldDecl> {
        let found = self
            .parameters
            .get(name)
            .or_else(|| self.shared.scope.parameters.get(name))?;
        reporter.used_parameters.insert(found.key.span);
        Some(found)
    }

    /// Returns a field as declared, or with the line of the parameter that it inherits. Reports an unknown parameter.
    pub fn inherited<'f>(&self, decl: &'f FieldDecl, reporter: &mut Reporter) -> Option<Inherited<'f>> {
        if decl.line.ty.is_some() {
            let field = Cow::Borrowed(decl);
            return Some(Inherited { field, optional: false });
        }
        let name = decl.key.wire.value.as_str();
        if let Some(parameter) = self.inherit(name, reporter) {
            let field = Cow::Owned(inherit(&decl.key, parameter));
            let optional = parameter.key.optional;
            return Some(Inherited { field, optional });
        }
        let known = self
            .parameters
            .keys()
            .chain(self.shared.scope.parameters.keys())
            .copied();
        let message = format!("unknown parameter `{name}`: it has no type, and `parameters` does not declare it");
        let diagnostic = Diagnostic::new(Code::UnknownParameter, decl.key.span, message);
        let diagnostic = reporter.suggest(diagnostic, name, known);
        reporter.report(diagnostic);
        None
    }
}
