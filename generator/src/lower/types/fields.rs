//! Fields of objects, bodies, envelopes and results, and their defaults.

use super::{
    declared::{Declared, MAX_FIELDS, Position},
    expr::Value,
    rules::{in_range, string_allows},
};
use crate::{
    diagnostic::{Code, Diagnostic},
    ir::{EnumRepr, Field, Json, KeyFamily, Presence, Reads, Type, TypeId},
    lower::scope::{Reporter, reject_aliases, reject_family, shorten},
    names::{self, Namespace},
    source::Span,
    syntax::{
        decode::Str,
        key::{FamilyKey, FieldDecl, FieldKey, Sigil},
        line::{Line, TypeExpr, TypeExprKind},
        model::TypeDecl,
    },
};

impl Declared<'_> {
    /// Lowers the fields of an object, a body or an envelope.
    pub fn fields<'l>(
        &self,
        declared: impl IntoIterator<Item = &'l FieldDecl>,
        position: Position,
        reporter: &mut Reporter,
    ) -> Vec<Field> {
        let mut out: Vec<Field> = Vec::new();
        let (mut fields, mut keys) = (Namespace::default(), Namespace::default());
        for decl in declared {
            let key = &decl.key;
            if out.len() == MAX_FIELDS {
                let diagnostic = Diagnostic::new(
                    Code::BadValue,
                    key.span,
                    format!("too many fields in an object: the maximum is {MAX_FIELDS}"),
                );
                reporter.report(diagnostic.help("move some of them to another type, and flatten it with `+`"));
                break;
            }
            let Some(field) = self.field(decl, position, reporter) else {
                continue;
            };
            if !declare_keys(key, &mut keys, reporter) {
                continue;
            }
            if let Err(first) = fields.declare(&field.rust, key.span) {
                let message = format!("two fields have the Rust name `{}`", field.rust);
                let diagnostic =
                    Diagnostic::new(Code::NameCollision, key.span, message).related(first, "the other field");
                reporter.report(diagnostic.help(format!("rename one of them: `other_name = {}`", field.wire)));
                continue;
            }
            out.push(field);
        }
        out
    }

    /// Lowers one field.
    pub fn field(&self, decl: &FieldDecl, position: Position, reporter: &mut Reporter) -> Option<Field> {
        let FieldDecl { key, line } = decl;
        let wire = &key.wire.value;
        let rust = reporter.name(names::snake(&key.name.value), &key.name.value, key.span);
        let Some(expr) = &line.ty else {
            let diagnostic = Diagnostic::new(Code::TypeSyntax, key.span, format!("the field `{wire}` has no type"));
            reporter.report(diagnostic.help(
                "write `TYPE -- description`; only parameters and body fields of operations inherit a declaration",
            ));
            return None;
        };
        let value = self.resolve_value(expr, position, reporter);
        // A constant needs no description: the title of the operation explains it.
        let constant = matches!(expr.kind, TypeExprKind::Const(_));
        let doc = if constant && line.doc.is_none() {
            self.scope.optional_text(None, reporter)
        } else {
            self.scope.line_text(line, reporter)
        };
        if position != Position::Field {
            reject_family(key, "a result or a field of a form", reporter);
        }
        if let Some(path) = line.path.as_ref().filter(|_| position != Position::Result) {
            let diagnostic = Diagnostic::new(Code::BadJsonPath, path.span, "`in` is only allowed in results");
            reporter.report(diagnostic.help("remove `in` and the path: the key of a field is its name"));
        }
        let Value { mut ty, reads } = value?;
        let mut presence = self.presence(decl, expr, &ty, position, reporter);
        let mut flatten = key.sigil == Sigil::Flatten;
        if flatten {
            self.check_flatten(&ty, key.optional, expr.span, reporter);
            reject_aliases(key, "a flattened field", reporter);
        }
        if let Some(family) = &key.family {
            ty = self.family(
                family,
                expr,
                Value {
                    ty,
                    reads: reads.clone(),
                },
                reporter,
            )?;
            flatten = true;
            presence = Presence::Optional { default: None };
        }
        // A field with an invalid name is kept, so that examples with it are not reported as well.
        let rust = rust.unwrap_or_else(|| wire.clone());
        Some(Field {
            wire: wire.clone(),
            aliases: key.aliases.iter().map(|alias| alias.value.clone()).collect(),
            rust,
            ty,
            reads,
            presence,
            flatten,
            doc,
        })
    }

    fn presence(
        &self,
        FieldDecl { key, line }: &FieldDecl,
        expr: &TypeExpr,
        ty: &Type,
        position: Position,
        reporter: &mut Reporter,
    ) -> Presence {
        match &expr.kind {
            TypeExprKind::Const(word) => {
                self.default(line, ty, key.optional, reporter);
                Self::constant(word, key.optional, expr.span, reporter)
            }
            _ if matches!(position, Position::Field | Position::Result) => {
                self.received(line, ty, key.optional, reporter)
            }
            _ => Presence::new(!key.optional, self.default(line, ty, key.optional, reporter)),
        }
    }

    /// Returns the type of a family of keys with these values.
    fn family(&self, key: &FamilyKey, expr: &TypeExpr, value: Value, reporter: &mut Reporter) -> Option<Type> {
        let id = self.lookup(&key.ty, reporter)?;
        let is_text = |line: &Line| {
            let ty = line.ty.as_ref().map(|ty| &ty.kind);
            matches!(ty, Some(TypeExprKind::Name { name, .. }) if name == "string")
        };
        if !matches!(self.list.get(id.0)?.decl, TypeDecl::Newtype(line) if is_text(line)) {
            let message = format!("the keys of a family cannot contain a value of type `{}`", key.ty.value);
            let diagnostic = Diagnostic::new(Code::MisplacedType, key.ty.span, message);
            reporter.report(diagnostic.help("use a newtype of `string`"));
            return None;
        }
        let is_allowed = matches!(value.reads, Reads::Exact | Reads::TextForTrue(_))
            && !matches!(value.ty, Type::Nullable(_))
            && !matches!(expr.kind, TypeExprKind::Const(_));
        if !is_allowed {
            let message = "this type is not allowed for the values of a family of keys";
            let help = "constants, nullable types and two-form types other than `bool|WORD` are not allowed; a key \
                        that is `null` counts as absent";
            reporter.report(Diagnostic::new(Code::MisplacedType, expr.span, message).help(help));
            return None;
        }
        Some(Type::Family(Box::new(KeyFamily {
            prefix: key.prefix.value.clone(),
            key: id,
            value: value.ty,
        })))
    }

    /// Returns the presence of a field that responses can contain: a list with `= []` is empty if it is absent or `null`.
    pub fn received(&self, line: &Line, ty: &Type, optional: bool, reporter: &mut Reporter) -> Presence {
        let is_empty = line.default.as_ref().is_some_and(|default| default.value == "[]");
        if is_empty && !optional && matches!(ty, Type::List(..)) {
            return Presence::OrEmpty;
        }
        Presence::new(!optional, self.default(line, ty, optional, reporter))
    }

    fn constant(word: &str, optional: bool, span: Span, reporter: &mut Reporter) -> Presence {
        if optional {
            let diagnostic = Diagnostic::new(Code::MisplacedType, span, "a constant cannot be optional");
            reporter.report(diagnostic.help("remove the `?`, or use `string`"));
        }
        Presence::Constant(word.to_owned())
    }

    fn check_flatten(&self, ty: &Type, optional: bool, span: Span, reporter: &mut Reporter) {
        let mergeable = match ty {
            Type::Named(id) => self.list.get(id.0).is_some_and(|declaration| match declaration.decl {
                TypeDecl::Keys(keys) => {
                    keys.fields.is_some() || (keys.union.is_some() && (keys.tag.is_some() || keys.content.is_some()))
                }
                TypeDecl::Newtype(_) => false,
            }),
            _ => false,
        };
        if !mergeable || optional {
            let diagnostic = Diagnostic::new(
                Code::MisplacedType,
                span,
                "only required objects and required unions with a `tag` can be flattened",
            );
            reporter.report(diagnostic.help("remove the `+`"));
        }
    }

    /// Returns the default of a field. Reports a default that its type does not allow.
    pub fn default(&self, line: &Line, ty: &Type, optional: bool, reporter: &mut Reporter) -> Option<Json> {
        let default = line.default.as_ref()?;
        let mut fail = |message: String, help: &str| {
            reporter.report(Diagnostic::new(Code::BadDefault, default.span, message).help(help));
            None
        };
        if !optional {
            return fail(
                "a required field cannot have a default".to_owned(),
                "make the field optional with `?`, or remove the default; only a list in a response can have `= []`",
            );
        }
        let text = default.value.as_str();
        let value = match ty {
            Type::Bool => text.parse::<bool>().ok().map(Json::from),
            Type::Int(rule) => text
                .parse::<i64>()
                .ok()
                .filter(|value| in_range(*rule, *value))
                .map(Json::from),
            Type::Timestamp(_) | Type::Duration(..) => text.parse::<i64>().ok().map(Json::from),
            Type::Float => text
                .parse::<f64>()
                .ok()
                .filter(|value| value.is_finite())
                .map(Json::from),
            Type::String(rule) => Some(Json::from(text)).filter(|_| string_allows(rule, text)),
            Type::Named(id) => return self.enum_default(*id, default, reporter),
            _ => return fail("this type cannot have a default".to_owned(), "remove the default"),
        };
        match value {
            Some(value) => Some(value),
            None => fail(
                format!("the default `{}` is not allowed by the type", shorten(text)),
                "use a value of the type that follows its rules",
            ),
        }
    }

    fn enum_default(&self, id: TypeId, default: &Str, reporter: &mut Reporter) -> Option<Json> {
        let declared = self.list.get(id.0).map(|declaration| declaration.decl);
        let (values, repr) = match declared {
            Some(TypeDecl::Keys(keys)) => match (&keys.strings, &keys.integers) {
                (Some(values), _) => (Some(values), EnumRepr::String),
                (_, Some(values)) => (Some(values), EnumRepr::Int),
                _ => (None, EnumRepr::String),
            },
            _ => (None, EnumRepr::String),
        };
        let known: Vec<_> = values
            .into_iter()
            .flatten()
            .map(|(key, _)| key.wire.value.as_str())
            .collect();
        if known.contains(&default.value.as_str()) {
            return match repr {
                EnumRepr::String => Some(Json::from(default.value.as_str())),
                EnumRepr::Int => default.value.parse::<i64>().ok().map(Json::from),
            };
        }
        let message = format!("`{}` is not a value of this type", shorten(&default.value));
        reporter.report(Diagnostic::new(Code::BadDefault, default.span, message).suggest(&default.value, known));
        None
    }
}

/// Reports `= []` on a field that no response contains.
pub fn reject_or_empty(field: &FieldDecl, lowered: &Field, what: &str, reporter: &mut Reporter) {
    if let (true, Some(default)) = (lowered.is_or_empty(), &field.line.default) {
        let diagnostic = Diagnostic::new(Code::BadDefault, default.span, format!("{what} cannot have `= []`"));
        reporter.report(diagnostic.help("`= []` is for required lists in responses; make the field optional with `?`"));
    }
}

/// Reports `string|int` for a field that is only received.
pub fn reject_sent_as_text(field: &FieldDecl, lowered: &Field, reporter: &mut Reporter) {
    let is_text = matches!(
        lowered.reads,
        Reads::NumberOrText {
            sent_as: EnumRepr::String
        }
    );
    if let (true, Some(ty)) = (is_text, &field.line.ty) {
        let message = "`string|int` is for integers that requests contain as strings, but no request contains this one";
        let help = "write `int|string`: both are read in the same way";
        reporter.report(Diagnostic::new(Code::MisplacedType, ty.span, message).help(help));
    }
}

/// Declares the key and the aliases of a field. Returns `false` if one of them is already used, which is reported.
fn declare_keys(key: &FieldKey, keys: &mut Namespace, reporter: &mut Reporter) -> bool {
    let aliases = key.aliases.iter().map(|alias| (alias.span, &alias.value));
    let names = std::iter::once((key.span, &key.wire.value)).chain(aliases);
    for (span, name) in names {
        if let Err(first) = keys.declare(name, span) {
            let message = format!("`{name}` is already a key or an alias of this object");
            let diagnostic = Diagnostic::new(Code::NameCollision, span, message).related(first, "first used here");
            reporter.report(diagnostic.help("every key and alias must be unique in the object"));
            return false;
        }
    }
    true
}
