//! The body of a request.

use super::{context::OperationContext, inputs::Body, params::declare_argument};
use crate::{
    diagnostic::{Code, Diagnostic},
    ir::Type,
    lower::{
        scope::{Reporter, reject_aliases},
        types::{Position, reject_or_empty},
    },
    names::{self, NameError, Namespace},
    syntax::key::{FieldDecl, Sigil},
};

impl OperationContext<'_> {
    pub fn body(&self, arguments: &mut Namespace, reporter: &mut Reporter) -> Body {
        let raw = self.raw;
        let bodies: Vec<_> = [("body", &raw.body), ("form", &raw.form), ("multipart", &raw.multipart)]
            .into_iter()
            .filter_map(|(key, fields)| fields.as_ref().map(|fields| (key, fields)))
            .collect();
        match bodies.as_slice() {
            [] => Body::None,
            [(key, fields)] => self.one_body(key, fields, arguments, reporter).unwrap_or(Body::None),
            [(first, _), (second, _), ..] => {
                let message = format!("`{first}` and `{second}` are mutually exclusive");
                let diagnostic = Diagnostic::new(Code::ConflictingKeys, raw.span, message);
                reporter.report(diagnostic.help("a request has one body: keep the kind that the API expects"));
                Body::None
            }
        }
    }

    fn one_body(
        &self,
        kind: &str,
        declared: &[FieldDecl],
        arguments: &mut Namespace,
        reporter: &mut Reporter,
    ) -> Option<Body> {
        let position = match kind {
            "form" => Position::Form,
            "multipart" => Position::Part,
            _ => Position::Field,
        };
        if let Some(field) = declared.iter().find(|field| field.key.sigil == Sigil::Whole) {
            return self.whole_body(kind, field, declared.len(), arguments, reporter);
        }
        let inherited: Vec<_> = declared
            .iter()
            .filter_map(|field| self.inherited(field, reporter))
            .collect();
        let fields = inherited.iter().map(|inherited| inherited.field.as_ref());
        let fields = self.shared.declared.fields(fields, position, reporter);
        for decl in declared {
            let key = &decl.key;
            if key.sigil != Sigil::Flatten {
                reject_aliases(key, "a request field", reporter);
            }
            if position != Position::Field && key.sigil == Sigil::Flatten {
                reporter.report(Diagnostic::new(
                    Code::MisplacedType,
                    key.span,
                    "only JSON fields can be flattened",
                ));
            }
            let Some(field) = fields.iter().find(|field| field.wire == key.wire.value) else {
                continue;
            };
            reject_or_empty(decl, field, "a request field", reporter);
            if names::argument(&field.rust) == Err(NameError::Reserved) {
                reporter.name(names::argument(&field.rust), &field.rust, key.span);
            }
            declare_argument(&field.rust, key.span, arguments, reporter);
        }
        Some(match kind {
            "form" => Body::Form(fields),
            "multipart" => Body::Multipart(fields),
            _ => Body::Json(fields),
        })
    }

    fn whole_body(
        &self,
        kind: &str,
        field: &FieldDecl,
        count: usize,
        arguments: &mut Namespace,
        reporter: &mut Reporter,
    ) -> Option<Body> {
        let key = &field.key;
        if count > 1 {
            let diagnostic = Diagnostic::new(
                Code::ConflictingKeys,
                key.span,
                "the whole body (`=`) must be the only field",
            );
            reporter.report(diagnostic.help("remove the other fields, or the `=`"));
        }
        reject_aliases(key, "a request field", reporter);
        let decl = field;
        let field = self.shared.declared.field(decl, Position::Field, reporter)?;
        reject_or_empty(decl, &field, "a request field", reporter);
        reporter.name(names::argument(&field.rust), &field.rust, key.span)?;
        declare_argument(&field.rust, key.span, arguments, reporter);
        match (kind, &field.ty) {
            ("body", _) if field.is_constant() => {}
            ("body", _) => return Some(Body::JsonValue(field)),
            ("form", Type::Map(inner, _)) if matches!(**inner, Type::String(_)) => return Some(Body::FormMap(field)),
            _ => {}
        }
        let diagnostic = Diagnostic::new(
            Code::MisplacedType,
            key.span,
            "this type is not allowed as the whole body",
        );
        reporter.report(diagnostic.help("a JSON body can be of any type except `const`; a form must be `map<string>`"));
        None
    }
}
