//! Path, query and header parameters.

use std::borrow::Cow;

use super::context::OperationContext;
use crate::{
    diagnostic::{Code, Diagnostic},
    ir::{Param, Segment},
    lower::{
        scope::{self, FieldKey, Parameters, Sigil, Sink, shorten},
        types::Position,
    },
    names::{self, Namespace},
    source::Span,
    syntax::{
        decode::{Keyed, Str},
        line::{Line, within},
    },
};

impl OperationContext<'_> {
    pub fn path_params(&self, path: Option<&[Segment]>, arguments: &mut Namespace, sink: &mut Sink) -> Vec<Param> {
        let Some(path) = path else { return Vec::new() };
        let placeholders: Vec<_> = path
            .iter()
            .filter_map(|segment| match segment {
                Segment::Param(name) => Some(name.as_str()),
                Segment::Literal(_) => None,
            })
            .collect();
        let own = scope::parameters(self.raw.path.as_ref(), self.shared.scope.sources, sink);
        for (name, parameter) in own.iter().filter(|(name, _)| !placeholders.contains(*name)) {
            let message = format!("the path has no placeholder `{{{name}}}`");
            let diagnostic = Diagnostic::new(Code::UnusedParameter, parameter.span, message);
            sink.report(diagnostic.suggest(name, placeholders.iter().copied()));
        }
        let mut out = Vec::new();
        for name in placeholders {
            let found = own.get(name).or_else(|| self.inherit(name, sink));
            let Some(parameter) = found else {
                self.undeclared(name, &own, sink);
                continue;
            };
            let key = parameter.key(&FieldKey::plain(name), parameter.span);
            out.extend(self.param(&key, parameter.line, true, arguments, sink));
        }
        out
    }

    fn undeclared(&self, name: &str, own: &Parameters<'_>, sink: &mut Sink) {
        let Some(route) = &self.raw.route else { return };
        let placeholder = format!("{{{name}}}");
        let start = route.value.find(&placeholder).unwrap_or(0);
        let part = start..start + placeholder.len();
        let span = within(self.shared.scope.sources, route.span, &route.value, part);
        let known = own
            .keys()
            .chain(self.own.keys())
            .chain(self.shared.scope.parameters.keys())
            .copied();
        let message = format!("the placeholder `{placeholder}` has no parameter");
        let mut diagnostic = Diagnostic::new(Code::UndeclaredPlaceholder, span, message).suggest(name, known);
        diagnostic
            .help
            .get_or_insert_with(|| "declare it under `path`, or under `parameters` to share it".to_owned());
        sink.report(diagnostic);
    }

    pub fn params(&self, declared: Option<&Keyed<Line>>, arguments: &mut Namespace, sink: &mut Sink) -> Vec<Param> {
        let mut out: Vec<Param> = Vec::new();
        let mut wires = Namespace::default();
        for (key, line) in declared.into_iter().flatten() {
            let Some(parsed) = FieldKey::parse(key, sink) else {
                continue;
            };
            parsed.refuse_others(key, "a parameter", self.shared.scope.sources, sink);
            let mut optional = parsed.optional;
            let (full_key, line) = if line.ty.is_some() {
                (Cow::Borrowed(key), line)
            } else {
                let Some(parameter) = self.inherit(parsed.wire, sink) else {
                    self.nothing_to_inherit(&parsed, key.span, sink);
                    continue;
                };
                optional |= parameter.optional;
                (Cow::Owned(parameter.key(&parsed, key.span)), parameter.line)
            };
            if parsed.sigil != Sigil::Plain {
                let diagnostic = Diagnostic::new(Code::BadName, key.span, "a parameter has no `+` or `=`");
                sink.report(diagnostic.help("those are for fields of a body"));
                continue;
            }
            let Some(param) = self.param(&full_key, line, !optional, arguments, sink) else {
                continue;
            };
            if let Err(first) = wires.declare(&param.wire, key.span) {
                let message = format!("the parameter `{}` stands here twice", param.wire);
                sink.report(Diagnostic::new(Code::NameCollision, key.span, message).related(first, "first time"));
                continue;
            }
            out.push(param);
        }
        out
    }

    /// Header parameters: not those that the client sets itself, and each name once, whatever its case.
    pub fn header_params(&self, arguments: &mut Namespace, sink: &mut Sink) -> Vec<Param> {
        let declared = self.raw.headers.as_ref();
        let mut names = Namespace::ignoring_case();
        for (key, _) in declared.into_iter().flatten() {
            let Some(parsed) = FieldKey::parse(key, &mut Sink::default()) else {
                continue;
            };
            let wire = parsed.wire;
            if !names::is_header(wire) {
                let message = format!("`{}` is not a valid name of a header", shorten(wire));
                let diagnostic = Diagnostic::new(Code::BadName, key.span, message);
                sink.report(diagnostic.help("a header is letters, digits, `-` and `_`: `rust_name = X-Header-Name`"));
            } else if names::is_set_by_client(wire) || self.carries_token(wire) {
                let message = format!("the client sets the header `{wire}` itself");
                let diagnostic = Diagnostic::new(Code::NameCollision, key.span, message);
                sink.report(diagnostic.help("remove the parameter; a token is sent as stated by `auth`"));
            } else if let Err(first) = names.declare(wire, key.span) {
                let message = format!("the header `{wire}` stands here twice: headers ignore case");
                sink.report(Diagnostic::new(Code::NameCollision, key.span, message).related(first, "first time"));
            }
        }
        self.params(declared, arguments, sink)
    }

    /// OpenAPI ignores a parameter of the name `Authorization`, whatever `auth` says.
    fn carries_token(&self, header: &str) -> bool {
        let token = self.shared.token_header.unwrap_or_default();
        [token, "Authorization"]
            .iter()
            .any(|name| header.eq_ignore_ascii_case(name))
    }

    fn param(
        &self,
        key: &Str,
        line: &Line,
        required: bool,
        arguments: &mut Namespace,
        sink: &mut Sink,
    ) -> Option<Param> {
        let parsed = FieldKey::parse(key, sink)?;
        let rust = sink.name(names::argument(parsed.name), parsed.name, key.span);
        let ty = self.shared.declared.resolve(line.ty.as_ref()?, Position::Param, sink);
        let doc = self.shared.scope.line_text(line, sink);
        let ty = ty?;
        let default = self.shared.declared.default(line, &ty, !required, sink);
        let rust = rust.unwrap_or_else(|| parsed.wire.to_owned());
        declare_argument(&rust, key.span, arguments, sink);
        Some(Param {
            wire: parsed.wire.to_owned(),
            rust,
            ty,
            required,
            default,
            doc,
        })
    }
}

/// Declares an argument of an operation; its name in Rust is that of no other one, wherever they go.
pub fn declare_argument(rust: &str, span: Span, arguments: &mut Namespace, sink: &mut Sink) {
    if let Err(first) = arguments.declare(rust, span) {
        let message = format!("two arguments of the operation have the same name in Rust: `{rust}`");
        let diagnostic = Diagnostic::new(Code::NameCollision, span, message).related(first, "the other one");
        sink.report(diagnostic.help(format!("rename one of them: `other_name = {rust}`")));
    }
}
