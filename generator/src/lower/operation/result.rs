//! The result of an operation.

use super::context::OperationContext;
use crate::{
    diagnostic::{Code, Diagnostic},
    ir::{Field, OperationResult, ResultPart, Step, TypeId},
    lower::{
        notation::parse_place,
        scope::{FieldKey, Sink},
        types::Position,
    },
    syntax::{
        decode::Str,
        line::{Line, TypeExprKind},
        model,
    },
};

impl OperationContext<'_> {
    pub fn result(&self, operation_type: &str, sink: &mut Sink) -> OperationResult {
        match &self.raw.result {
            None => OperationResult::None,
            Some(model::ResultDecl::One(line)) => self.one_result(line, sink),
            Some(model::ResultDecl::Parts(declared)) => {
                let mut parts: Vec<ResultPart> = Vec::new();
                for (key, line) in declared {
                    let Some(part) = self.result_part(key, line, sink) else {
                        continue;
                    };
                    if let Some(other) = parts
                        .iter()
                        .find(|other| other.place == part.place || other.field.rust == part.field.rust)
                    {
                        let message = format!(
                            "`{}` and `{}` are the same part of the answer",
                            other.field.wire, part.field.wire
                        );
                        sink.report(Diagnostic::new(Code::BadPlace, key.span, message));
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

    fn one_result(&self, line: &Line, sink: &mut Sink) -> OperationResult {
        let Some(expr) = &line.ty else {
            let diagnostic = Diagnostic::new(Code::TypeSyntax, line.span, "a result needs a type");
            sink.report(diagnostic.help("leave `result` out where the answer holds nothing but the envelope"));
            return OperationResult::None;
        };
        let doc = self.shared.scope.line_text(line, sink);
        if matches!(&expr.kind, TypeExprKind::Name { name, args } if name == "bytes" && args.is_empty()) {
            return OperationResult::Bytes;
        }
        let ty = self.shared.declared.resolve(expr, Position::Result, sink);
        let place = line
            .place
            .as_ref()
            .map_or(Some(Vec::new()), |place| parse_place(place, sink));
        let (Some(ty), Some(place)) = (ty, place) else {
            return OperationResult::None;
        };
        let (wire, rust) = ("value".to_owned(), "value".to_owned());
        let field = Field {
            wire,
            aliases: Vec::new(),
            rust,
            ty,
            required: true,
            flatten: false,
            default: None,
            doc,
        };
        OperationResult::Value(ResultPart { field, place })
    }

    fn result_part(&self, key: &Str, line: &Line, sink: &mut Sink) -> Option<ResultPart> {
        let field = self
            .shared
            .declared
            .field(key, line, Position::Result, self.shared.scope, sink)?;
        if key.value.starts_with(['+', '=']) {
            let diagnostic = Diagnostic::new(Code::BadName, key.span, "a part of a result has no `+` or `=`");
            sink.report(diagnostic.help("state its place with `in`"));
            return None;
        }
        let place = match &line.place {
            Some(place) => {
                let parsed = FieldKey::parse(key, &mut Sink::default())?;
                parsed.refuse_others(key, "what has a place", self.shared.scope.sources, sink);
                parse_place(place, sink)?
            }
            None => vec![Step::Key(field.wire.clone())],
        };
        Some(ResultPart { field, place })
    }

    pub fn records(&self, sink: &mut Sink) -> Option<TypeId> {
        let records = self.raw.records.as_ref()?;
        self.shared.declared.lookup(records, sink)
    }
}
