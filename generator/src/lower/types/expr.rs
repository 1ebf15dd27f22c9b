//! Type expressions: resolves them and checks their positions.

use super::{
    declared::{BUILTIN, Declared, Position},
    rules::{count_rule, int_rule, no_args, string_rule, time_unit},
};
use crate::{
    diagnostic::{Code, Diagnostic},
    ir::{CountRule, EnumRepr, Reads, StringRule, Type},
    lower::scope::Reporter,
    source::Span,
    syntax::{
        decode::{Spanned, Str},
        line::{Arg, TypeExpr, TypeExprKind},
        model::TypeDecl,
    },
};

/// The type of a field or result, and the forms of it that are accepted in responses.
#[derive(Debug)]
pub struct Value {
    /// The type.
    pub ty: Type,
    /// The accepted forms.
    pub reads: Reads,
}

impl Declared<'_> {
    /// Resolves a type expression.
    pub fn resolve(&self, expr: &TypeExpr, position: Position, reporter: &mut Reporter) -> Option<Type> {
        let ty = match &expr.kind {
            TypeExprKind::Const(_) => {
                Self::check_constant(position, expr.span, reporter)?;
                Type::String(StringRule::default())
            }
            TypeExprKind::Name { name, args } => self.named(name, args, expr.span, reporter)?,
            TypeExprKind::List(inner, bounds) => {
                let inner = self.resolve(inner, inner_position(position), reporter)?;
                Type::List(Box::new(inner), count_rule(*bounds, expr.span, reporter)?)
            }
            TypeExprKind::Map(inner, bounds) => {
                let inner = self.resolve(inner, Position::Element, reporter)?;
                Type::Map(Box::new(inner), count_rule(*bounds, expr.span, reporter)?)
            }
            TypeExprKind::Nullable(inner) => {
                Type::Nullable(Box::new(self.resolve(inner, Position::Element, reporter)?))
            }
            TypeExprKind::Invalid => return None,
            TypeExprKind::Either(first, second) => {
                self.either(first, second, expr.span, reporter)?;
                return misplaced_pair(expr.span, reporter);
            }
        };
        self.check_position(&ty, position, expr.span, reporter)?;
        Some(ty)
    }

    /// Resolves the type expression of a field or result, which can be a two-form type.
    pub fn resolve_value(&self, expr: &TypeExpr, position: Position, reporter: &mut Reporter) -> Option<Value> {
        let TypeExprKind::Either(first, second) = &expr.kind else {
            let ty = self.resolve(expr, position, reporter)?;
            return Some(Value {
                ty,
                reads: Reads::Exact,
            });
        };
        let value = self.either(first, second, expr.span, reporter)?;
        match position {
            Position::Field | Position::Result => Some(value),
            _ => misplaced_pair(expr.span, reporter),
        }
    }

    /// Resolves a type for which [`is_done`] returns `true`, as the type of its flags.
    pub fn resolve_done(&self, expr: &TypeExpr, reporter: &mut Reporter) -> Option<Value> {
        let ty = match &expr.kind {
            TypeExprKind::Either(_, word) => return self.lenient_bool(word, expr.span, reporter),
            TypeExprKind::Map(_, bounds) => Type::Map(Box::new(Type::Bool), count_rule(*bounds, expr.span, reporter)?),
            _ => Type::Bool,
        };
        Some(Value {
            ty,
            reads: Reads::Exact,
        })
    }

    fn named(&self, name: &str, args: &[Spanned<Arg>], span: Span, reporter: &mut Reporter) -> Option<Type> {
        let plain = |ty: Type, reporter: &mut Reporter| no_args(name, args, reporter).map(|()| ty);
        match name {
            "string" => string_rule(name, args, reporter).map(Type::String),
            "secret" => string_rule(name, args, reporter).map(Type::Secret),
            "int" => int_rule(name, args, reporter).map(Type::Int),
            "bool" => plain(Type::Bool, reporter),
            "float" => plain(Type::Float, reporter),
            "json" => plain(Type::Json, reporter),
            "object" => plain(Type::JsonObject, reporter),
            "file" => plain(Type::File, reporter),
            "timestamp" => time_unit(name, args, span, reporter).map(Type::Timestamp),
            "duration" => {
                let (args, forever) = match args {
                    [
                        unit,
                        Spanned {
                            value: Arg::Forever(value),
                            ..
                        },
                    ] => (std::slice::from_ref(unit), Some(*value)),
                    args => (args, None),
                };
                time_unit(name, args, span, reporter).map(|unit| Type::Duration(unit, forever))
            }
            "bytes" => {
                let diagnostic =
                    Diagnostic::new(Code::MisplacedType, span, "`bytes` is only allowed as a whole result");
                reporter.report(
                    diagnostic.help("write `result: bytes -- description`; for a file in a request, use `file`"),
                );
                None
            }
            "done" => {
                let message = "`done` is only allowed as a whole result: `done`, `done|WORD` or `map<done>`";
                let diagnostic = Diagnostic::new(Code::MisplacedType, span, message);
                reporter.report(diagnostic.help(
                    "write `result: done in PATH -- description`; for a flag that describes a state, use `bool`",
                ));
                None
            }
            _ => {
                let id = self.lookup(
                    &Str {
                        value: name.to_owned(),
                        span,
                    },
                    reporter,
                )?;
                plain(Type::Named(id), reporter)
            }
        }
    }

    fn either(&self, first: &TypeExpr, second: &TypeExpr, span: Span, reporter: &mut Reporter) -> Option<Value> {
        if [first, second]
            .iter()
            .any(|form| matches!(form.kind, TypeExprKind::Nullable(_)))
        {
            let diagnostic = Diagnostic::new(Code::MisplacedType, span, "a two-form type cannot be nullable");
            reporter.report(
                diagnostic.help("declare the field as optional instead: optional fields can be `null` in responses"),
            );
            return None;
        }
        if is_named(first, "bool") {
            return self.lenient_bool(second, span, reporter);
        }
        let a = self.resolve(first, Position::Element, reporter)?;
        let b = self.resolve(second, Position::Element, reporter)?;
        let is_plain_text = |ty: &Type| matches!(ty, Type::String(rule) if rule.is_empty());
        let (ty, reads) = match (a, b) {
            (ty @ (Type::Int(_) | Type::Timestamp(_) | Type::Duration(..)), text) if is_plain_text(&text) => {
                let sent_as = EnumRepr::Int;
                (ty, Reads::NumberOrText { sent_as })
            }
            (text, ty @ Type::Int(_)) if is_plain_text(&text) => {
                let sent_as = EnumRepr::String;
                (ty, Reads::NumberOrText { sent_as })
            }
            (Type::List(inner, rule), bare) if *inner == bare && rule == CountRule::default() => {
                (Type::List(inner, rule), Reads::OneOrMany)
            }
            _ => return no_pair(span, reporter),
        };
        Some(Value { ty, reads })
    }

    /// Resolves `bool|WORD` or `done|WORD`, where WORD is the string for true rather than a type.
    fn lenient_bool(&self, word: &TypeExpr, span: Span, reporter: &mut Reporter) -> Option<Value> {
        let TypeExprKind::Name { name, args } = &word.kind else {
            return no_pair(span, reporter);
        };
        if !args.is_empty() || BUILTIN.contains(&name.as_str()) || self.declaration(name).is_some() {
            return no_pair(span, reporter);
        }
        if name == "false" {
            let diagnostic = Diagnostic::new(
                Code::BadRule,
                word.span,
                "`false` is not allowed as the string for true",
            );
            reporter.report(diagnostic.help("write `bool|true`: any other string is false"));
            return None;
        }
        Some(Value {
            ty: Type::Bool,
            reads: Reads::TextForTrue(name.clone()),
        })
    }

    fn check_constant(position: Position, span: Span, reporter: &mut Reporter) -> Option<()> {
        if matches!(position, Position::Field | Position::Form | Position::Part) {
            return Some(());
        }
        let diagnostic = Diagnostic::new(Code::MisplacedType, span, "this type is not allowed here");
        reporter.report(diagnostic.help("`const` is only allowed for fields of bodies and objects"));
        None
    }

    fn check_position(&self, ty: &Type, position: Position, span: Span, reporter: &mut Reporter) -> Option<()> {
        use Position::{Element, Field, Form, Newtype, Param, Part, Result};
        let problem = match (position, ty) {
            (Part, Type::File) => None,
            (_, Type::File) => Some("`file` is only allowed as a part of `multipart`"),
            (Newtype, Type::String(_) | Type::Secret(_) | Type::Int(_)) => None,
            (Newtype, _) => Some("a newtype is `string`, `secret` or `int`"),
            (Param | Form | Part, ty) if !self.is_scalar(ty) && !self.is_scalar_list(ty) => Some(
                "parameters, form fields and parts are strings, numbers, booleans, timestamps, durations, enums, or lists of them",
            ),
            (Field | Result | Element | Param | Form | Part, _) => None,
        };
        let Some(problem) = problem else { return Some(()) };
        reporter.report(Diagnostic::new(Code::MisplacedType, span, "this type is not allowed here").help(problem));
        None
    }

    fn is_scalar_list(&self, ty: &Type) -> bool {
        matches!(ty, Type::List(inner, _) if self.is_scalar(inner))
    }

    fn is_scalar(&self, ty: &Type) -> bool {
        match ty {
            Type::String(_)
            | Type::Secret(_)
            | Type::Bool
            | Type::Int(_)
            | Type::Float
            | Type::Timestamp(_)
            | Type::Duration(..) => true,
            Type::Named(id) => self.list.get(id.0).is_some_and(|declaration| match declaration.decl {
                TypeDecl::Newtype(_) => true,
                TypeDecl::Keys(keys) => keys.strings.is_some() || keys.integers.is_some(),
            }),
            _ => false,
        }
    }
}

/// Returns the position of a list element. In comma-separated parameters, it is restricted like the parameter itself.
fn inner_position(position: Position) -> Position {
    if matches!(position, Position::Param | Position::Form) {
        Position::Param
    } else {
        Position::Element
    }
}

/// Returns `true` if a result only says whether the operation was done: `done`, `done|WORD` or `map<done>`.
pub fn is_done(expr: &TypeExpr) -> bool {
    match &expr.kind {
        TypeExprKind::Either(inner, _) | TypeExprKind::Map(inner, _) => is_named(inner, "done"),
        _ => is_named(expr, "done"),
    }
}

fn is_named(expr: &TypeExpr, word: &str) -> bool {
    matches!(&expr.kind, TypeExprKind::Name { name, args } if name == word && args.is_empty())
}

fn misplaced_pair<T>(span: Span, reporter: &mut Reporter) -> Option<T> {
    let diagnostic = Diagnostic::new(Code::MisplacedType, span, "this type is not allowed here");
    let help = "two-form types such as `int|string` are only allowed as the whole type of a JSON field or result, not \
                inside a list, map, parameter or form";
    reporter.report(diagnostic.help(help));
    None
}

fn no_pair<T>(span: Span, reporter: &mut Reporter) -> Option<T> {
    let diagnostic = Diagnostic::new(
        Code::MisplacedType,
        span,
        "these two types are not a valid two-form type",
    );
    reporter.report(diagnostic.help(
        "allowed: `int|string`, `string|int`, `timestamp(ms)|string`, `duration(s)|string`, `T[]|T` and `bool|WORD`, where \
         WORD is the string for true",
    ));
    None
}
