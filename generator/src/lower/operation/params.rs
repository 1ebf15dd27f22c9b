//! Path, query and header parameters.

use super::context::OperationContext;
use crate::{
    diagnostic::{Code, Diagnostic},
    ir::{Field, Presence, Reads},
    lower::{
        scope::{self, Parameters, Reporter, reject_aliases, reject_family, shorten},
        types::Position,
    },
    names::{self, Namespace},
    source::Span,
    syntax::key::{FieldDecl, Sigil},
};

impl OperationContext<'_> {
    pub fn path_params(&self, arguments: &mut Namespace, reporter: &mut Reporter) -> Vec<Field> {
        let Some(route) = &self.raw.route else {
            return Vec::new();
        };
        let declared = scope::parameters(self.raw.path.as_ref(), reporter);
        let is_placeholder = |name: &str| route.path.placeholders().any(|(placeholder, _)| placeholder == name);
        for (name, parameter) in declared.iter().filter(|(name, _)| !is_placeholder(name)) {
            let message = format!("the path has no placeholder `{{{name}}}`");
            let diagnostic = Diagnostic::new(Code::UnusedParameter, parameter.key.span, message);
            reporter.report(diagnostic.suggest(name, route.path.placeholders().map(|(name, _)| name)));
        }
        let mut out = Vec::new();
        for (name, span) in route.path.placeholders() {
            match declared.get(name).copied().or_else(|| self.inherit(name, reporter)) {
                Some(parameter) => out.extend(self.param(parameter, true, arguments, reporter)),
                None => self.undeclared(name, span, &declared, reporter),
            }
        }
        out
    }

    fn undeclared(&self, name: &str, span: Span, declared: &Parameters<'_>, reporter: &mut Reporter) {
        let known = declared
            .keys()
            .chain(self.parameters.keys())
            .chain(self.shared.scope.parameters.keys())
            .copied();
        let message = format!("no parameter is declared for the placeholder `{{{name}}}`");
        let mut diagnostic = Diagnostic::new(Code::UndeclaredPlaceholder, span, message).suggest(name, known);
        diagnostic
            .help
            .get_or_insert_with(|| "declare it in `path`, or in `parameters` to share it".to_owned());
        reporter.report(diagnostic);
    }

    pub fn params(
        &self,
        declared: Option<&Vec<FieldDecl>>,
        arguments: &mut Namespace,
        reporter: &mut Reporter,
    ) -> Vec<Field> {
        let mut out: Vec<Field> = Vec::new();
        let mut wires = Namespace::default();
        for decl in declared.into_iter().flatten() {
            let key = &decl.key;
            reject_aliases(key, "a parameter", reporter);
            reject_family(key, "a parameter", reporter);
            let Some(inherited) = self.inherited(decl, reporter) else {
                continue;
            };
            if key.sigil != Sigil::Plain {
                let diagnostic = Diagnostic::new(Code::BadName, key.span, "`+` and `=` are not allowed for parameters");
                reporter.report(diagnostic.help("remove the prefix: it is only allowed for fields"));
                continue;
            }
            let required = !key.optional && !inherited.optional;
            let Some(param) = self.param(&inherited.field, required, arguments, reporter) else {
                continue;
            };
            if let Err(first) = wires.declare(&param.wire, key.span) {
                let message = format!("the parameter `{}` is declared twice", param.wire);
                reporter.report(
                    Diagnostic::new(Code::NameCollision, key.span, message).related(first, "first declared here"),
                );
                continue;
            }
            out.push(param);
        }
        out
    }

    /// Lowers header parameters. Reports headers that the client sets itself, and duplicates, ignoring case.
    pub fn header_params(&self, arguments: &mut Namespace, reporter: &mut Reporter) -> Vec<Field> {
        let declared = self.raw.headers.as_ref();
        let mut names = Namespace::ignoring_case();
        for FieldDecl { key, .. } in declared.into_iter().flatten() {
            let wire = key.wire.value.as_str();
            if !names::is_header(wire) {
                let message = format!("`{}` is not a valid header name", shorten(wire));
                let diagnostic = Diagnostic::new(Code::BadName, key.span, message);
                reporter.report(
                    diagnostic
                        .help("header names consist of letters, digits, `-` and `_`: `rust_name = X-Header-Name`"),
                );
            } else if names::is_set_by_client(wire) || self.carries_token(wire) {
                let message = format!("the header `{wire}` is reserved: the client sets it itself");
                let diagnostic = Diagnostic::new(Code::NameCollision, key.span, message);
                reporter
                    .report(diagnostic.help("remove the parameter; the client sends the token as declared in `auth`"));
            } else if let Err(first) = names.declare(wire, key.span) {
                let message = format!("the header `{wire}` is declared twice: header names are case-insensitive");
                reporter.report(
                    Diagnostic::new(Code::NameCollision, key.span, message).related(first, "first declared here"),
                );
            }
        }
        self.params(declared, arguments, reporter)
    }

    /// Returns `true` if a header carries the token. Includes `Authorization`, because OpenAPI ignores parameters of this name.
    fn carries_token(&self, header: &str) -> bool {
        let token = self.shared.token_header.unwrap_or_default();
        [token, "Authorization"]
            .iter()
            .any(|name| header.eq_ignore_ascii_case(name))
    }

    fn param(
        &self,
        field: &FieldDecl,
        required: bool,
        arguments: &mut Namespace,
        reporter: &mut Reporter,
    ) -> Option<Field> {
        let FieldDecl { key, line } = field;
        let rust = reporter.name(names::argument(&key.name.value), &key.name.value, key.span);
        let ty = self
            .shared
            .declared
            .resolve(line.ty.as_ref()?, Position::Param, reporter);
        let doc = self.shared.scope.line_text(line, reporter);
        let ty = ty?;
        let default = self.shared.declared.default(line, &ty, !required, reporter);
        let wire = key.wire.value.clone();
        let rust = rust.unwrap_or_else(|| wire.clone());
        declare_argument(&rust, key.span, arguments, reporter);
        Some(Field {
            wire,
            aliases: Vec::new(),
            rust,
            ty,
            reads: Reads::Exact,
            presence: Presence::new(required, default),
            flatten: false,
            doc,
        })
    }
}

/// Declares an argument of an operation. Reports a Rust name that another argument has, in any location.
pub fn declare_argument(rust: &str, span: Span, arguments: &mut Namespace, reporter: &mut Reporter) {
    if let Err(first) = arguments.declare(rust, span) {
        let message = format!("two arguments of the operation have the Rust name `{rust}`");
        let diagnostic = Diagnostic::new(Code::NameCollision, span, message).related(first, "the other argument");
        reporter.report(diagnostic.help(format!("rename one of them: `other_name = {rust}`")));
    }
}
