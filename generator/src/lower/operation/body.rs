//! The body of a request.

use std::borrow::Cow;

use super::{context::OperationContext, params::declare_argument};
use crate::{
    diagnostic::{Code, Diagnostic},
    ir::{Body, Type},
    lower::{
        scope::{FieldKey, Sigil, Sink},
        types::Position,
    },
    names::{self, NameError, Namespace},
    syntax::{
        decode::{Keyed, Str},
        line::Line,
    },
};

impl OperationContext<'_> {
    pub fn body(&self, arguments: &mut Namespace, sink: &mut Sink) -> Body {
        let raw = self.raw;
        let given: Vec<_> = [("body", &raw.body), ("form", &raw.form), ("multipart", &raw.multipart)]
            .into_iter()
            .filter_map(|(key, fields)| fields.as_ref().map(|fields| (key, fields)))
            .collect();
        match given.as_slice() {
            [] => Body::None,
            [(key, fields)] => self.one_body(key, fields, arguments, sink).unwrap_or(Body::None),
            [(first, _), (second, _), ..] => {
                let message = format!("an operation cannot have `{first}` and `{second}`");
                let diagnostic = Diagnostic::new(Code::ConflictingKeys, raw.span, message);
                sink.report(diagnostic.help("a request has one body; keep the kind that the API takes"));
                Body::None
            }
        }
    }

    fn one_body(&self, kind: &str, declared: &Keyed<Line>, arguments: &mut Namespace, sink: &mut Sink) -> Option<Body> {
        let position = match kind {
            "form" => Position::Form,
            "multipart" => Position::Part,
            _ => Position::Field,
        };
        if let Some((key, line)) = declared.iter().find(|(key, _)| key.value.starts_with('=')) {
            return self.whole_body(kind, key, line, declared.len(), arguments, sink);
        }
        let lines: Vec<_> = declared
            .iter()
            .filter_map(|(key, line)| self.inherited(key, line, sink))
            .collect();
        let lines = lines.iter().map(|(key, line)| (key.as_ref(), *line));
        let fields = self.shared.declared.fields(lines, position, self.shared.scope, sink);
        for (key, _) in declared {
            let Some(parsed) = FieldKey::parse(key, &mut Sink::default()) else {
                continue;
            };
            if parsed.sigil != Sigil::Flatten {
                parsed.refuse_others(key, "what is sent", self.shared.scope.sources, sink);
            }
            if position != Position::Field && parsed.sigil == Sigil::Flatten {
                sink.report(Diagnostic::new(
                    Code::MisplacedType,
                    key.span,
                    "only a field of JSON can be flattened",
                ));
            }
            let Some(field) = fields.iter().find(|field| field.wire == parsed.wire) else {
                continue;
            };
            if names::argument(&field.rust) == Err(NameError::Reserved) {
                sink.name(names::argument(&field.rust), &field.rust, key.span);
            }
            declare_argument(&field.rust, key.span, arguments, sink);
        }
        Some(match kind {
            "form" => Body::Form(fields),
            "multipart" => Body::Multipart(fields),
            _ => Body::Json(fields),
        })
    }

    /// The key and the line of a shared parameter where a field has no line of its own.
    fn inherited<'l>(&'l self, key: &'l Str, line: &'l Line, sink: &mut Sink) -> Option<(Cow<'l, Str>, &'l Line)> {
        if line.ty.is_some() {
            return Some((Cow::Borrowed(key), line));
        }
        let parsed = FieldKey::parse(key, sink)?;
        let found = self.inherit(parsed.wire, sink);
        if found.is_none() {
            self.nothing_to_inherit(&parsed, key.span, sink);
        }
        found.map(|parameter| (Cow::Owned(parameter.key(&parsed, key.span)), parameter.line))
    }

    fn whole_body(
        &self,
        kind: &str,
        key: &Str,
        line: &Line,
        count: usize,
        arguments: &mut Namespace,
        sink: &mut Sink,
    ) -> Option<Body> {
        if count > 1 {
            let diagnostic = Diagnostic::new(
                Code::ConflictingKeys,
                key.span,
                "an argument that is the whole body stands alone",
            );
            sink.report(diagnostic.help("remove the other fields, or the `=`"));
        }
        if let Some(parsed) = FieldKey::parse(key, &mut Sink::default()) {
            parsed.refuse_others(key, "what is sent", self.shared.scope.sources, sink);
        }
        let field = self
            .shared
            .declared
            .field(key, line, Position::Field, self.shared.scope, sink)?;
        sink.name(names::argument(&field.rust), &field.rust, key.span)?;
        declare_argument(&field.rust, key.span, arguments, sink);
        match (kind, &field.ty) {
            ("body", Type::Const(_)) => {}
            ("body", _) => return Some(Body::JsonValue(field)),
            ("form", Type::Map(inner, _)) if matches!(**inner, Type::String(_)) => return Some(Body::FormMap(field)),
            _ => {}
        }
        let diagnostic = Diagnostic::new(Code::MisplacedType, key.span, "this cannot be the whole body");
        sink.report(diagnostic.help("a whole JSON body is any type but a constant; a whole form is a `map<string>`"));
        None
    }
}
