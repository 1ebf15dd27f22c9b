//! The result of an operation.

use super::{Valid, context::OperationContext};
use crate::{
    diagnostic::{Code, Diagnostic},
    ir::{Binding, Field, JsonPath, OperationResult, Records, ResultPart, Type, TypeId, TypeKind},
    lower::{
        scope::{Reporter, reject_aliases},
        types::{Position, is_done, reject_sent_as_text},
        usage::Roots,
    },
    names::{self, Namespace},
    syntax::{
        key::{FieldDecl, Sigil},
        line::{Line, TypeExpr, TypeExprKind},
        model,
    },
};

impl OperationContext<'_> {
    pub fn result(&self, operation_type: &str, reporter: &mut Reporter) -> OperationResult {
        match &self.raw.result {
            None => OperationResult::None,
            Some(model::ResultDecl::One(line)) => self.one_result(line, reporter),
            Some(model::ResultDecl::Parts(declared)) => {
                let mut parts: Vec<ResultPart> = Vec::new();
                let (mut names, mut paths) = (Namespace::default(), Namespace::default());
                for decl in declared {
                    let Some(part) = self.result_part(decl, reporter) else {
                        continue;
                    };
                    let taken = names.declare(&part.field.rust, decl.key.span);
                    if let Err(first) = taken.and(paths.declare(&part.path.to_string(), decl.key.span)) {
                        let message = format!(
                            "`{}` has the Rust name or the JSON path of another result",
                            part.field.wire
                        );
                        let diagnostic = Diagnostic::new(Code::BadJsonPath, decl.key.span, message);
                        reporter.report(
                            diagnostic
                                .related(first, "the other result")
                                .help("remove or rename one of them"),
                        );
                        continue;
                    }
                    parts.push(part);
                }
                OperationResult::Parts {
                    rust_type: format!("{operation_type}Result"),
                    parts,
                }
            }
        }
    }

    fn one_result(&self, line: &Line, reporter: &mut Reporter) -> OperationResult {
        let Some(expr) = &line.ty else {
            let diagnostic = Diagnostic::new(Code::TypeSyntax, line.span, "`result` requires a type");
            reporter.report(diagnostic.help("remove `result` if the response contains only the envelope"));
            return OperationResult::None;
        };
        let doc = self.shared.scope.line_text(line, reporter);
        if matches!(&expr.kind, TypeExprKind::Name { name, args } if name == "bytes" && args.is_empty()) {
            return OperationResult::Bytes(doc);
        }
        let is_done = is_done(expr);
        let value = if is_done {
            self.shared.declared.resolve_done(expr, reporter)
        } else {
            self.shared.declared.resolve_value(expr, Position::Result, reporter)
        };
        let Some(value) = value else {
            return OperationResult::None;
        };
        let presence = self.shared.declared.received(line, &value.ty, false, reporter);
        let path = line.path.as_ref().map(|path| path.value.clone()).unwrap_or_default();
        let (wire, rust) = ("value".to_owned(), "value".to_owned());
        let field = Field {
            wire,
            aliases: Vec::new(),
            rust,
            ty: value.ty,
            reads: value.reads,
            presence,
            flatten: false,
            doc,
        };
        let part = ResultPart { field, path };
        if is_done {
            return OperationResult::Done(part);
        }
        if self.requires_name(&part.field.ty) {
            reporter.report(unnamed(expr, &part));
            return OperationResult::None;
        }
        OperationResult::Value(part)
    }

    /// Returns `true` if a value of this type is only allowed as a field of a result: nothing could be added to it later.
    fn requires_name(&self, ty: &Type) -> bool {
        match ty {
            Type::List(..) => false,
            Type::Nullable(inner) => self.requires_name(inner),
            Type::Named(id) => matches!(
                self.shared.types[id.0].kind,
                TypeKind::Newtype(_) | TypeKind::Enum { .. }
            ),
            _ => true,
        }
    }

    /// Returns the variable to which samples bind a result.
    pub fn binding(&self, result: &OperationResult) -> Option<Binding> {
        let of_part = |part: &ResultPart| match &part.field.ty {
            Type::List(inner, _) => match self.type_name(inner) {
                Some(name) => names::variable(name, true),
                None => {
                    let key = part.path.last_key().and_then(|key| names::snake(key).ok());
                    names::variable(key.as_deref().unwrap_or("items"), false)
                }
            },
            ty => names::variable(self.type_name(ty).unwrap_or("result"), false),
        };
        let variable = match result {
            OperationResult::None | OperationResult::Done(_) => return None,
            OperationResult::Bytes(_) => "download".to_owned(),
            OperationResult::Value(part) => of_part(part),
            OperationResult::Parts { parts, .. } => match parts.as_slice() {
                [part] => {
                    let variable = names::variable(&part.field.rust, false);
                    let field = Some(part.field.rust.clone());
                    return Some(Binding { variable, field });
                }
                _ => "result".to_owned(),
            },
        };
        Some(Binding { variable, field: None })
    }

    /// Returns the name of a declared type.
    fn type_name(&self, ty: &Type) -> Option<&str> {
        match ty {
            Type::Named(id) => self.shared.declared.name(*id),
            Type::Nullable(inner) => self.type_name(inner),
            _ => None,
        }
    }

    fn result_part(&self, decl: &FieldDecl, reporter: &mut Reporter) -> Option<ResultPart> {
        let field = self.shared.declared.field(decl, Position::Result, reporter)?;
        reject_sent_as_text(decl, &field, reporter);
        let key = &decl.key;
        if key.sigil != Sigil::Plain {
            let diagnostic = Diagnostic::new(Code::BadName, key.span, "`+` and `=` are not allowed for results");
            reporter.report(diagnostic.help("write its JSON path with `in`"));
            return None;
        }
        let path = match &decl.line.path {
            Some(path) => {
                reject_aliases(key, "a result with a JSON path", reporter);
                path.value.clone()
            }
            None => JsonPath::key(&field.wire),
        };
        Some(ResultPart { field, path })
    }

    /// Resolves the type of the records.
    pub fn record(&self, reporter: &mut Reporter) -> Option<TypeId> {
        let records = self.raw.records.as_ref()?;
        self.shared.declared.lookup(records, reporter)
    }

    pub fn records(
        &self,
        ty: TypeId,
        result: &OperationResult,
        valid: Valid,
        reporter: &mut Reporter,
    ) -> Option<Records> {
        let parts = result.parts().iter().enumerate();
        let mut required = parts.filter(|(_, part)| part.field.is_required());
        let found = required.find_map(|(part, result)| Some((part, self.link(&result.field.ty)?)));
        if let Some((part, link)) = found {
            let field = match link {
                Link::Whole => None,
                Link::Field(field) => Some(field.clone()),
            };
            return Some(Records { ty, part, field });
        }
        let mut roots = Roots::default();
        result
            .parts()
            .iter()
            .for_each(|part| roots.add_response(&part.field.ty));
        if let (true, false, Some(records)) = (valid.result, roots.any(self.shared.broken), &self.raw.records) {
            let message = "`records` requires a result with a link to the file";
            let diagnostic = Diagnostic::new(Code::MissingLink, records.span, message);
            reporter.report(diagnostic.help(
                "a link is a required string or secret, an object with one named `url`, or a list of either; otherwise \
                 remove `records`",
            ));
        }
        None
    }

    /// Returns the link in a value: the value itself or its field `url`. In a list, each element contains a link.
    fn link(&self, ty: &Type) -> Option<Link<'_>> {
        let value = match ty {
            Type::List(inner, _) => inner,
            ty => ty,
        };
        match value {
            Type::String(_) | Type::Secret(_) => Some(Link::Whole),
            Type::Named(id) => {
                let TypeKind::Object(fields) = &self.shared.types[id.0].kind else {
                    return None;
                };
                let is_text = |field: &Field| matches!(field.ty, Type::String(_) | Type::Secret(_));
                let is_link = |field: &&Field| field.wire == "url" && field.is_required() && is_text(field);
                fields.iter().find(is_link).map(Link::Field)
            }
            _ => None,
        }
    }
}

/// Returns the diagnostic for a scalar or a map without a name.
fn unnamed(expr: &TypeExpr, part: &ResultPart) -> Diagnostic {
    let key = part.path.last_key().unwrap_or("name");
    let path = match part.path.to_string() {
        path if path.is_empty() => "$".to_owned(),
        path => path,
    };
    let message = "a result that is a scalar or a map requires a name, so that other values can be added to it later";
    let mut help = format!("write `result:` and, indented below it, `{key}: {expr} in {path} -- description`");
    if part.field.ty == Type::Bool {
        help.push_str("; if the flag only says whether the operation was done, write `done` instead of `bool`");
    }
    Diagnostic::new(Code::UnnamedResult, expr.span, message).help(help)
}

/// The position of the link to a file in a value.
enum Link<'a> {
    /// The value is the link.
    Whole,
    /// This field is the link.
    Field(&'a Field),
}
