//! The operation that exchanges credentials for a token.

use super::{
    context::Shared,
    scope::{Reporter, shorten},
    sections::{Lowered, OperationName},
    types::TypeDraft,
};
use crate::{
    diagnostic::{Code, Diagnostic},
    ir::{BodyKind, Field, Grant, Input, Location, Operation, OperationResult, Type, TypeKind},
    names::ShellVariables,
    syntax::{decode::Str, model},
};

/// Lowers a grant. An operation with diagnostics is not checked further.
pub fn lower(
    raw: &model::Grant,
    shared: &Shared<'_>,
    lowered: &[Vec<Lowered<'_>>],
    variables: &mut ShellVariables,
    reporter: &mut Reporter,
) -> Option<Grant> {
    let name = raw.operation.as_ref()?;
    let Shared { operations, types, .. } = shared;
    let Some(&OperationName { id, .. }) = operations.get(&name.value) else {
        let message = format!("unknown operation `{}`", shorten(&name.value));
        let known = operations.keys().map(String::as_str);
        reporter.report(Diagnostic::new(Code::UnknownOperation, name.span, message).suggest(&name.value, known));
        return None;
    };
    let mut lowered = lowered.iter().flatten();
    let operation = &lowered
        .find(|one| one.operation.id == name.value && one.valid)?
        .operation;
    if operation.authenticated {
        let diagnostic = Diagnostic::new(
            Code::BadGrant,
            name.span,
            "the operation that grants tokens cannot require a token itself",
        );
        reporter.report(diagnostic.help(format!("add `auth: false` to `{}`", operation.id)));
    }
    let credentials = credentials(raw, operation, types, reporter);
    let fields = result_fields(operation, types);
    let find = |wanted: &Str, fits: &dyn Fn(&Field) -> bool, what: &str, reporter: &mut Reporter| {
        let mut known = fields.iter();
        let found = known.find(|field| field.wire == wanted.value && fits(field)).cloned();
        if found.is_none() {
            let (id, name) = (&operation.id, shorten(&wanted.value));
            let message = format!("the result of `{id}` has no {what} `{name}`");
            let known = fields.iter().map(|field| field.wire.as_str());
            reporter.report(Diagnostic::new(Code::BadGrant, wanted.span, message).suggest(&wanted.value, known));
        }
        found
    };
    let is_token = |field: &Field| field.is_required() && matches!(field.ty, Type::Secret(_) | Type::String(_));
    let token = raw
        .token
        .as_ref()
        .and_then(|token| find(token, &is_token, "required string or secret", reporter));
    let is_lifetime = |field: &Field| matches!(field.ty, Type::Duration(..));
    let lifetime = match &raw.lifetime {
        Some(lifetime) => Some(find(lifetime, &is_lifetime, "duration", reporter)?),
        None => None,
    };
    let credentials = credentials?;
    Some(Grant {
        operation: id,
        variables: variables.declare_all(&credentials),
        credentials,
        token: token?,
        lifetime,
    })
}

fn credentials(
    raw: &model::Grant,
    operation: &Operation,
    types: &[TypeDraft],
    reporter: &mut Reporter,
) -> Option<Vec<Field>> {
    if operation.body != BodyKind::Json {
        let name = raw.operation.as_ref()?;
        let diagnostic = Diagnostic::new(
            Code::BadGrant,
            name.span,
            "the operation that grants tokens must have a JSON body",
        );
        reporter.report(diagnostic.help("add `body` to the operation, with the credentials as fields"));
        return None;
    }
    let fields: Vec<_> = operation.fields_in(Location::Body).collect();
    let wanted = raw.credentials.as_ref()?;
    let is_text = |ty: &Type| match ty {
        Type::Secret(_) | Type::String(_) => true,
        Type::Named(id) => matches!(types[id.0].kind, TypeKind::Newtype(Type::Secret(_) | Type::String(_))),
        _ => false,
    };
    let mut found = Vec::new();
    for name in wanted {
        match fields
            .iter()
            .find(|field| field.wire == name.value && field.is_required() && is_text(&field.ty))
        {
            Some(&field) => found.push(field.clone()),
            None => {
                let message = format!(
                    "the body of `{}` has no required string or secret `{}`",
                    operation.id,
                    shorten(&name.value)
                );
                let known = fields.iter().map(|field| field.wire.as_str());
                reporter.report(Diagnostic::new(Code::BadGrant, name.span, message).suggest(&name.value, known));
                return None;
            }
        }
    }
    check_arguments(raw, operation, reporter)?;
    Some(found)
}

/// Reports required arguments of the operation that are not among the credentials.
fn check_arguments(raw: &model::Grant, operation: &Operation, reporter: &mut Reporter) -> Option<()> {
    let wanted = raw.credentials.as_ref()?;
    let is_given = |input: &Input| {
        let mut names = wanted.iter();
        input.location == Location::Body && names.any(|name| name.value == input.field.wire)
    };
    let mut required = operation
        .inputs
        .iter()
        .filter(|input| input.field.is_required_argument());
    let Some(missing) = required.find(|input| !is_given(input)) else {
        return Some(());
    };
    let message = "`credentials` does not include every required argument of the operation";
    let diagnostic = Diagnostic::new(Code::BadGrant, raw.span, message);
    reporter.report(diagnostic.help(format!("add `{}` to `credentials`", missing.field.wire)));
    None
}

/// Returns the fields of the object in the result of an operation.
fn result_fields<'t>(operation: &Operation, types: &'t [TypeDraft]) -> &'t [Field] {
    let OperationResult::Value(part) = &operation.result else {
        return &[];
    };
    match &part.field.ty {
        Type::Named(id) => match &types[id.0].kind {
            TypeKind::Object(fields) => fields,
            _ => &[],
        },
        _ => &[],
    }
}
