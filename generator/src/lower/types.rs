//! Types: declarations, type expressions, and what follows from who uses them.

use std::collections::BTreeMap;

use regex_lite::Regex;

use super::{
    flatten,
    scope::{FieldKey, Scope, Sigil, Sink, shorten},
    usage::{report_infinite, spread_to_holders},
};
use crate::{
    diagnostic::{Code, Diagnostic},
    ir::{
        CountRule, EnumRepr, EnumValue, Field, IntRule, Json, KeyVariant, StringRule, Text, TimeUnit, Type, TypeDef,
        TypeId, TypeKind, Union, Variant,
    },
    names,
    source::Span,
    syntax::{
        decode::{Keyed, Spanned, Str},
        line::{Arg, Bounds, Line, TypeExpr, TypeExprKind},
        model::{TypeDecl, TypeKeys},
    },
};

/// The built-in types, for suggestions.
const BUILTIN: &[&str] = &[
    "bool",
    "const",
    "duration",
    "file",
    "float",
    "int",
    "json",
    "map",
    "object",
    "secret",
    "string",
    "timestamp",
];

/// The most fields of an object, and variants of a union.
pub const MAX_FIELDS: usize = 512;

/// The most values of an enum.
const MAX_VALUES: usize = 4096;

/// Where a type expression stands, which decides what it may be.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Position {
    /// A field of an object, or of a JSON body.
    Field,
    /// A path, query or header parameter.
    Param,
    /// A field of a form.
    Form,
    /// A part of a multipart form.
    Part,
    /// A result, or a part of one.
    Result,
    /// An element of a list or a map.
    Element,
    /// The type behind a newtype.
    Newtype,
}

/// Declared types, sorted by name; [`TypeId`] is an index into them.
#[derive(Debug, Default)]
pub struct Declared<'a> {
    list: Vec<Declaration<'a>>,
}

#[derive(Debug)]
struct Declaration<'a> {
    name: &'a str,
    span: Span,
    section: Option<usize>,
    decl: &'a TypeDecl,
}

impl<'a> Declared<'a> {
    /// Collects declarations: those shared by sections, and those of each section.
    pub fn collect(
        shared: impl IntoIterator<Item = &'a Keyed<TypeDecl>>,
        sections: impl IntoIterator<Item = (usize, &'a Keyed<TypeDecl>)>,
        sink: &mut Sink,
    ) -> Self {
        let mut entries = BTreeMap::new();
        let shared = shared.into_iter().map(|types| (None, types));
        let own = sections.into_iter().map(|(section, types)| (Some(section), types));
        for (section, types) in shared.chain(own) {
            for (name, decl) in types {
                declare(&mut entries, name, section, decl, sink);
            }
        }
        let mut list: Vec<_> = entries.into_values().collect();
        list.sort_by_key(|declaration| declaration.name);
        Self { list }
    }

    fn get(&self, name: &str) -> Option<TypeId> {
        self.list
            .binary_search_by(|declaration| declaration.name.cmp(name))
            .ok()
            .map(TypeId)
    }
    /// Where a type is declared.
    pub fn span(&self, id: TypeId) -> Option<Span> {
        self.list.get(id.0).map(|declaration| declaration.span)
    }

    /// The names of all declared types, in the order of their indexes.
    pub fn names(&self) -> impl Iterator<Item = &'a str> {
        self.list.iter().map(|declaration| declaration.name)
    }

    /// Whether a type of this name is declared.
    pub fn contains(&self, name: &str) -> bool {
        self.get(name).is_some()
    }

    /// Resolves a type's name.
    pub fn lookup(&self, name: &Str, sink: &mut Sink) -> Option<TypeId> {
        if let Some(id) = self.get(&name.value) {
            return Some(id);
        }
        let message = format!("there is no type `{}`", shorten(&name.value));
        let known = self.names().chain(BUILTIN.iter().copied()).chain(["bytes"]);
        let diagnostic = sink.suggest(
            Diagnostic::new(Code::UnknownType, name.span, message),
            &name.value,
            known,
        );
        sink.report(diagnostic);
        None
    }

    /// Lowers every declaration, in the order of their names, and says which of them are broken: they, or a type that they
    /// hold, have a mistake, so that nothing can be said about a value.
    pub fn lower(&self, scope: &Scope<'_>, sink: &mut Sink) -> (Vec<TypeDef>, Vec<bool>) {
        let (mut types, mut broken) = (Vec::new(), Vec::new());
        for declaration in &self.list {
            let before = sink.diagnostics.len();
            types.push(self.lower_one(declaration, scope, sink));
            let extent = match declaration.decl {
                TypeDecl::Newtype(line) => line.span,
                TypeDecl::Keys(keys) => keys.extent,
            };
            broken.push(!sink.is_sound_since(before) || scope.flaws_in(extent) > 0);
        }
        report_infinite(&types, &mut broken, self, sink);
        flatten::check_types(&types, &mut broken, self, sink);
        spread_to_holders(&types, &mut broken);
        (types, broken)
    }

    fn lower_one(&self, declaration: &Declaration<'a>, scope: &Scope<'_>, sink: &mut Sink) -> TypeDef {
        let (doc, kind) = match declaration.decl {
            TypeDecl::Newtype(line) => {
                let inner = line
                    .ty
                    .as_ref()
                    .and_then(|ty| self.resolve(ty, Position::Newtype, sink));
                (scope.line_text(line, sink), inner.map(TypeKind::Newtype))
            }
            TypeDecl::Keys(keys) => {
                let doc = keys
                    .about
                    .as_ref()
                    .map(|about| scope.text(about, sink))
                    .unwrap_or_default();
                let kind = self.keyed_kind(keys, &doc, scope, sink);
                (doc, kind)
            }
        };
        TypeDef {
            name: declaration.name.to_owned(),
            rust_module: names::type_module(declaration.name),
            doc,
            // A mistake in the declaration is reported already; an empty object keeps the indexes right until the end.
            kind: kind.unwrap_or(TypeKind::Object(Vec::new())),
            in_request: false,
            in_response: false,
            has_rules: false,
            section: declaration.section,
            recursive: false,
        }
    }

    fn keyed_kind(&self, keys: &TypeKeys, doc: &Text, scope: &Scope<'_>, sink: &mut Sink) -> Option<TypeKind> {
        let given: Vec<_> = [
            ("fields", keys.fields.is_some()),
            ("enum", keys.strings.is_some()),
            ("enum int", keys.integers.is_some()),
            ("union", keys.union.is_some()),
        ]
        .into_iter()
        .filter_map(|(key, given)| given.then_some(key))
        .collect();
        if given.is_empty() && scope.flaws_in(keys.extent) > 0 {
            return None;
        }
        if given.len() != 1 {
            let (code, message) = match given.as_slice() {
                [] => (
                    Code::MissingKey,
                    "a type needs one of `fields`, `enum`, `enum int`, `union`".to_owned(),
                ),
                keys => (
                    Code::ConflictingKeys,
                    format!("a type cannot have `{}`", keys.join("` and `")),
                ),
            };
            sink.report(Diagnostic::new(code, keys.span, message));
            return None;
        }
        if keys.union.is_none() && (keys.tag.is_some() || keys.content.is_some()) {
            let message = "`tag` and `content` belong to a `union`";
            sink.report(Diagnostic::new(Code::ConflictingKeys, keys.span, message));
        }
        if let Some(fields) = &keys.fields {
            return Some(TypeKind::Object(self.fields(
                fields.iter().map(|(key, line)| (key, line)),
                Position::Field,
                scope,
                sink,
            )));
        }
        if let Some(variants) = &keys.union {
            return self.union(keys, variants, doc, scope, sink);
        }
        let (repr, values) = match (&keys.strings, &keys.integers) {
            (Some(values), _) => (EnumRepr::String, values),
            (_, Some(values)) => (EnumRepr::Int, values),
            _ => return None,
        };
        Some(TypeKind::Enum {
            repr,
            values: enum_values(repr, values, scope, sink),
        })
    }

    /// A union with a tag, or one whose variants are told apart by the only key of the object.
    fn union(
        &self,
        keys: &TypeKeys,
        declared: &Keyed<Line>,
        doc: &Text,
        scope: &Scope<'_>,
        sink: &mut Sink,
    ) -> Option<TypeKind> {
        if declared.is_empty() {
            let message = "a union needs at least one variant";
            sink.report(Diagnostic::new(Code::UnionTag, keys.span, message));
            return None;
        }
        if let Some((key, _)) = declared.get(MAX_FIELDS) {
            let message = format!("more than {MAX_FIELDS} variants in one union");
            sink.report(Diagnostic::new(Code::BadValue, key.span, message));
            return None;
        }
        match (&keys.tag, &keys.content) {
            (Some(tag), _) => self.tagged(keys, tag, declared, doc, scope, sink).map(TypeKind::Union),
            (None, Some(content)) => {
                let message = "`content` needs a `tag`: the key that tells the variants apart";
                let help = "add `tag: type`, or leave `content` out where the only key of the object is the tag";
                sink.report(Diagnostic::new(Code::UnionTag, content.span, message).help(help));
                None
            }
            (None, None) => Some(TypeKind::OneKey(self.one_key(declared, doc, scope, sink))),
        }
    }

    fn tagged(
        &self,
        keys: &TypeKeys,
        tag: &Str,
        declared: &Keyed<Line>,
        doc: &Text,
        scope: &Scope<'_>,
        sink: &mut Sink,
    ) -> Option<Union> {
        let content = keys.content.as_ref();
        if content.is_some_and(|content| content.value == tag.value) {
            let diagnostic = Diagnostic::new(Code::UnionTag, tag.span, "`tag` and `content` name the same key");
            sink.report(diagnostic.help("leave `content` out where the content's keys stand beside the tag"));
            return None;
        }
        let mut variants: Vec<Variant> = Vec::new();
        for (key, line) in declared {
            variants.extend(self.variant(key, line, (tag, content.is_some()), (&variants, doc), scope, sink));
        }
        Some(Union {
            tag: tag.value.clone(),
            content: content.map(|content| content.value.clone()),
            variants,
        })
    }

    fn variant(
        &self,
        key: &Str,
        line: &Line,
        (tag, adjacent): (&Str, bool),
        (before, union_doc): (&[Variant], &Text),
        scope: &Scope<'_>,
        sink: &mut Sink,
    ) -> Option<Variant> {
        let before = before.iter().map(|other| (other.tag.as_str(), other.rust.as_str()));
        let (tag_on_wire, rust) = variant_key(key, line, before, sink)?;
        let ty = line.ty.as_ref().filter(|_| !line.is_broken())?;
        let TypeExprKind::Name { name, args } = &ty.kind else {
            sink.report(Diagnostic::new(
                Code::UnionTag,
                ty.span,
                "a variant's content is a declared object",
            ));
            return None;
        };
        if !args.is_empty() {
            sink.report(Diagnostic::new(
                Code::BadRule,
                ty.span,
                "a variant's content has no rules of its own",
            ));
        }
        let id = self.lookup(
            &Str {
                value: name.clone(),
                span: ty.span,
            },
            sink,
        )?;
        if self
            .list
            .get(id.0)
            .is_some_and(|declaration| is_unfinished(declaration.decl))
        {
            return None;
        }
        let fields = self.object_fields(id);
        if fields.is_none() {
            let message = format!("`{name}` is no object, so the tag `{}` cannot stand in it", tag.value);
            sink.report(
                Diagnostic::new(Code::UnionTag, ty.span, message).help("a variant's content is a type with `fields`"),
            );
            return None;
        }
        let clash = fields
            .into_iter()
            .flatten()
            .find(|(field, _)| !adjacent && wire_of(&field.value).split('|').any(|wire| wire == tag.value));
        if let Some((field, _)) = clash {
            let message = format!("`{name}` has a field `{}`, which is the tag of this union", tag.value);
            sink.report(
                Diagnostic::new(Code::UnionTag, ty.span, message)
                    .related(field.span, "this field")
                    .help("leave the field out: the tag is written and read by the union"),
            );
        }
        let doc = match &line.doc {
            Some(doc) => scope.text(doc, sink),
            None => self.doc_of(id, scope).unwrap_or_else(|| union_doc.clone()),
        };
        Some(Variant {
            tag: tag_on_wire.to_owned(),
            rust,
            ty: id,
            doc,
        })
    }

    fn one_key(&self, declared: &Keyed<Line>, union_doc: &Text, scope: &Scope<'_>, sink: &mut Sink) -> Vec<KeyVariant> {
        let mut out: Vec<KeyVariant> = Vec::new();
        for (key, line) in declared {
            let before = out.iter().map(|other| (other.key.as_str(), other.rust.as_str()));
            let named = variant_key(key, line, before, sink);
            let ty = match &line.ty {
                Some(expr) => self.resolve(expr, Position::Element, sink),
                None => {
                    let message = format!("the variant `{}` has no type", shorten(&key.value));
                    sink.report(Diagnostic::new(Code::TypeSyntax, key.span, message).help("write `TYPE -- meaning`"));
                    None
                }
            };
            let (Some((wire, rust)), Some(ty)) = (named, ty) else {
                continue;
            };
            let doc = match (&line.doc, &ty) {
                (None, Type::Named(id)) => self.doc_of(*id, scope).unwrap_or_else(|| union_doc.clone()),
                _ => scope.line_text(line, sink),
            };
            out.push(KeyVariant {
                key: wire.to_owned(),
                rust,
                ty,
                doc,
            });
        }
        out
    }

    /// The declared fields, where a type is an object.
    fn object_fields(&self, id: TypeId) -> Option<&'a Keyed<Line>> {
        match self.list.get(id.0)?.decl {
            TypeDecl::Keys(keys) => keys.fields.as_ref(),
            TypeDecl::Newtype(_) => None,
        }
    }

    /// The meaning of a type; its mistakes are reported where it is lowered itself.
    fn doc_of(&self, id: TypeId, scope: &Scope<'_>) -> Option<Text> {
        match self.list.get(id.0)?.decl {
            TypeDecl::Keys(keys) => keys.about.as_ref().map(|about| scope.text(about, &mut Sink::default())),
            TypeDecl::Newtype(_) => None,
        }
    }

    /// Lowers the fields of an object, a body or an envelope.
    pub fn fields<'l>(
        &self,
        declared: impl IntoIterator<Item = (&'l Str, &'l Line)>,
        position: Position,
        scope: &Scope<'_>,
        sink: &mut Sink,
    ) -> Vec<Field> {
        let mut out: Vec<Field> = Vec::new();
        for (key, line) in declared {
            if out.len() == MAX_FIELDS {
                let diagnostic = Diagnostic::new(
                    Code::BadValue,
                    key.span,
                    format!("more than {MAX_FIELDS} fields in one object"),
                );
                sink.report(diagnostic.help("put some of them into a type of their own, and flatten it with `+`"));
                break;
            }
            let Some(field) = self.field(key, line, position, scope, sink) else {
                continue;
            };
            if !spelled_apart(key, &field, &out, scope, sink) {
                continue;
            }
            if let Some(other) = out
                .iter()
                .find(|other| other.rust == field.rust || other.wire == field.wire)
            {
                let message = format!(
                    "`{}` and `{}` have the same name in Rust: `{}`",
                    other.wire, field.wire, field.rust
                );
                let diagnostic = Diagnostic::new(Code::NameCollision, key.span, message);
                sink.report(diagnostic.help(format!("rename one of them: `other_name = {}`", field.wire)));
                continue;
            }
            out.push(field);
        }
        out
    }

    /// Lowers one field.
    pub fn field(
        &self,
        key: &Str,
        line: &Line,
        position: Position,
        scope: &Scope<'_>,
        sink: &mut Sink,
    ) -> Option<Field> {
        let parsed = FieldKey::parse(key, sink)?;
        let rust = sink.name(names::snake(parsed.name), parsed.name, key.span);
        let Some(expr) = &line.ty else {
            let diagnostic = Diagnostic::new(
                Code::TypeSyntax,
                key.span,
                format!("the field `{}` has no type", parsed.wire),
            );
            sink.report(
                diagnostic.help("write `TYPE -- meaning`; only arguments of an operation are inherited by name"),
            );
            return None;
        };
        let ty = self.resolve(expr, position, sink);
        // A constant needs no meaning: the operation's title says what it is for.
        let constant = matches!(expr.kind, TypeExprKind::Const(_));
        let doc = if constant && line.doc.is_none() {
            scope.optional_text(None, sink)
        } else {
            scope.line_text(line, sink)
        };
        if let Some(place) = line.place.as_ref().filter(|_| position != Position::Result) {
            let diagnostic = Diagnostic::new(Code::BadPlace, place.span, "`in` belongs to a result");
            sink.report(diagnostic.help("leave it out: a field stands under its own key"));
        }
        let ty = ty?;
        let default = self.default(line, &ty, parsed.optional, sink);
        let flatten = parsed.sigil == Sigil::Flatten;
        if flatten {
            self.check_flatten(&ty, parsed.optional, expr.span, sink);
            parsed.refuse_others(key, "a flattened field", scope.sources, sink);
        }
        // A field without a usable name is kept, so that the examples that use it are not reported as well.
        let rust = rust.unwrap_or_else(|| parsed.wire.to_owned());
        Some(Field {
            wire: parsed.wire.to_owned(),
            aliases: parsed
                .others(key, scope.sources)
                .map(|(_, other)| other.to_owned())
                .collect(),
            rust,
            ty,
            required: !parsed.optional,
            flatten,
            default,
            doc,
        })
    }

    fn check_flatten(&self, ty: &Type, optional: bool, span: Span, sink: &mut Sink) {
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
                "only a required object or a union with a `tag` can be flattened",
            );
            sink.report(diagnostic.help("leave out the `+`"));
        }
    }

    /// The default of a field, checked against its type.
    pub fn default(&self, line: &Line, ty: &Type, optional: bool, sink: &mut Sink) -> Option<Json> {
        let default = line.default.as_ref()?;
        let mut fail = |message: String, help: &str| {
            sink.report(Diagnostic::new(Code::BadDefault, default.span, message).help(help));
            None
        };
        if !optional {
            return fail(
                "a required field has no default".to_owned(),
                "mark it optional with `?`, or leave the default out",
            );
        }
        let text = default.value.as_str();
        let value = match ty {
            Type::Bool | Type::LooseBool(_) => text.parse::<bool>().ok().map(Json::from),
            Type::Int(rule) | Type::LooseInt { rule, .. } => text
                .parse::<i64>()
                .ok()
                .filter(|value| in_range(*rule, *value))
                .map(Json::from),
            Type::Timestamp(_) | Type::LooseTimestamp(_) | Type::Duration(_) | Type::LooseDuration(_) => {
                text.parse::<i64>().ok().map(Json::from)
            }
            Type::Float => text
                .parse::<f64>()
                .ok()
                .filter(|value| value.is_finite())
                .map(Json::from),
            Type::String(rule) => Some(Json::from(text)).filter(|_| string_allows(rule, text)),
            Type::Named(id) => return self.enum_default(*id, default, sink),
            _ => return fail("this type cannot have a default".to_owned(), "leave it out"),
        };
        match value {
            Some(value) => Some(value),
            None => fail(
                format!("`{}` does not fit the type", shorten(text)),
                "a default is a value that the type allows",
            ),
        }
    }

    fn enum_default(&self, id: TypeId, default: &Str, sink: &mut Sink) -> Option<Json> {
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
            .map(|(key, _)| wire_of(&key.value))
            .collect();
        if known.contains(&default.value.as_str()) {
            return match repr {
                EnumRepr::String => Some(Json::from(default.value.as_str())),
                EnumRepr::Int => default.value.parse::<i64>().ok().map(Json::from),
            };
        }
        let message = format!("`{}` is no value of this type", shorten(&default.value));
        sink.report(Diagnostic::new(Code::BadDefault, default.span, message).suggest(&default.value, known));
        None
    }

    /// Resolves a type expression.
    pub fn resolve(&self, expr: &TypeExpr, position: Position, sink: &mut Sink) -> Option<Type> {
        let ty = match &expr.kind {
            TypeExprKind::Const(word) => Type::Const(word.clone()),
            TypeExprKind::Name { name, args } => self.named(name, args, expr.span, sink)?,
            TypeExprKind::List(inner, bounds) => {
                let inner = self.resolve(inner, inner_position(position), sink)?;
                Type::List(Box::new(inner), count_rule(*bounds, expr.span, sink)?)
            }
            TypeExprKind::Map(inner, bounds) => {
                let inner = self.resolve(inner, Position::Element, sink)?;
                Type::Map(Box::new(inner), count_rule(*bounds, expr.span, sink)?)
            }
            TypeExprKind::Nullable(inner) => Type::Nullable(Box::new(self.resolve(inner, Position::Element, sink)?)),
            TypeExprKind::Broken => return None,
            TypeExprKind::Either(first, second) => self.either(first, second, expr.span, sink)?,
        };
        self.check_position(&ty, position, expr.span, sink)?;
        Some(ty)
    }

    fn named(&self, name: &str, args: &[Spanned<Arg>], span: Span, sink: &mut Sink) -> Option<Type> {
        let plain = |ty: Type, sink: &mut Sink| no_args(name, args, sink).map(|()| ty);
        match name {
            "string" => string_rule(name, args, sink).map(Type::String),
            "secret" => string_rule(name, args, sink).map(Type::Secret),
            "int" => int_rule(name, args, sink).map(Type::Int),
            "bool" => plain(Type::Bool, sink),
            "float" => plain(Type::Float, sink),
            "json" => plain(Type::Json, sink),
            "object" => plain(Type::JsonObject, sink),
            "file" => plain(Type::File, sink),
            "timestamp" => time_unit(name, args, span, sink).map(Type::Timestamp),
            "duration" => time_unit(name, args, span, sink).map(Type::Duration),
            "bytes" => {
                let diagnostic = Diagnostic::new(Code::MisplacedType, span, "`bytes` is the whole of a result");
                sink.report(diagnostic.help("write `result: bytes -- meaning`; a file that is sent is a `file`"));
                None
            }
            _ => {
                let id = self.lookup(
                    &Str {
                        value: name.to_owned(),
                        span,
                    },
                    sink,
                )?;
                plain(Type::Named(id), sink)
            }
        }
    }

    fn either(&self, first: &TypeExpr, second: &TypeExpr, span: Span, sink: &mut Sink) -> Option<Type> {
        if is_bool(first) {
            return self.loose_bool(second, span, sink);
        }
        let a = self.resolve(first, Position::Element, sink)?;
        let b = self.resolve(second, Position::Element, sink)?;
        match (a, b) {
            (Type::Int(rule), Type::String(text)) if text.is_empty() => Some(Type::LooseInt {
                rule,
                sent_as: EnumRepr::Int,
            }),
            (Type::String(text), Type::Int(rule)) if text.is_empty() => Some(Type::LooseInt {
                rule,
                sent_as: EnumRepr::String,
            }),
            (Type::Timestamp(unit), Type::String(text)) if text.is_empty() => Some(Type::LooseTimestamp(unit)),
            (Type::Duration(unit), Type::String(text)) if text.is_empty() => Some(Type::LooseDuration(unit)),
            (Type::List(inner, rule), bare) if *inner == bare && rule == CountRule::default() => {
                Some(Type::OneOrMany(inner))
            }
            _ => no_pair(span, sink),
        }
    }

    /// `bool|WORD`: the word is the text for true, and no type.
    fn loose_bool(&self, word: &TypeExpr, span: Span, sink: &mut Sink) -> Option<Type> {
        let TypeExprKind::Name { name, args } = &word.kind else {
            return no_pair(span, sink);
        };
        if !args.is_empty() || BUILTIN.contains(&name.as_str()) || self.contains(name) {
            return no_pair(span, sink);
        }
        if name == "false" {
            let diagnostic = Diagnostic::new(Code::BadRule, word.span, "`false` cannot be the text for true");
            sink.report(diagnostic.help("write `bool|true`: any other text is false"));
            return None;
        }
        Some(Type::LooseBool(name.clone()))
    }

    fn check_position(&self, ty: &Type, position: Position, span: Span, sink: &mut Sink) -> Option<()> {
        use Position::{Element, Field, Form, Newtype, Param, Part, Result};
        let problem = match (position, ty) {
            (Part, Type::File) => None,
            (_, Type::File) => Some("a `file` is a part of `multipart`"),
            (Element | Newtype | Param | Form | Part, ty) if has_two_forms(ty) => {
                Some("a type of two forms is the own type of a field of JSON")
            }
            (Element | Newtype | Param | Result, Type::Const(_)) => {
                Some("a constant is a field of a body or an object")
            }
            (Newtype, Type::String(_) | Type::Secret(_) | Type::Int(_)) => None,
            (Newtype, _) => Some("a newtype stands for `string`, `secret` or `int`"),
            (Param | Form | Part, ty) if !self.is_scalar(ty) && !self.is_scalar_list(ty) => {
                Some("a parameter is a text, a number, a boolean, a time, an enum, or a list of them")
            }
            (Field | Result | Element | Param | Form | Part, _) => None,
        };
        let Some(problem) = problem else { return Some(()) };
        sink.report(Diagnostic::new(Code::MisplacedType, span, "this type cannot stand here").help(problem));
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
            | Type::Duration(_)
            | Type::Const(_) => true,
            Type::Named(id) => self.list.get(id.0).is_some_and(|declaration| match declaration.decl {
                TypeDecl::Newtype(_) => true,
                TypeDecl::Keys(keys) => keys.strings.is_some() || keys.integers.is_some(),
            }),
            _ => false,
        }
    }
}

/// An element of a comma-separated parameter is bound by the same rules as the parameter itself.
fn inner_position(position: Position) -> Position {
    if matches!(position, Position::Param | Position::Form) {
        Position::Param
    } else {
        Position::Element
    }
}

fn declare<'a>(
    entries: &mut BTreeMap<String, Declaration<'a>>,
    name: &'a Str,
    section: Option<usize>,
    decl: &'a TypeDecl,
    sink: &mut Sink,
) {
    if BUILTIN.contains(&name.value.as_str()) {
        let message = format!("the type `{}` is built in", name.value);
        sink.report(
            Diagnostic::new(Code::DuplicateType, name.span, message).help("choose another name, in UpperCamelCase"),
        );
        return;
    }
    if sink
        .name(names::type_name(&name.value), &name.value, name.span)
        .is_none()
    {
        return;
    }
    // Anchors and files do not tell cases apart everywhere.
    let folded = name.value.to_ascii_lowercase();
    if let Some(first) = entries.get(&folded).filter(|first| first.name != name.value) {
        let message = format!("the types `{}` and `{}` differ in case only", first.name, name.value);
        sink.report(
            Diagnostic::new(Code::NameCollision, name.span, message)
                .related(first.span, "the other one")
                .help("rename one of them"),
        );
        return;
    }
    if let Some(first) = entries.get(&folded) {
        let message = format!("the type `{}` is declared twice", name.value);
        sink.report(
            Diagnostic::new(Code::DuplicateType, name.span, message)
                .related(first.span, "first declared here")
                .help("type names are unique in a spec; remove one, or rename it"),
        );
        return;
    }
    entries.insert(
        folded,
        Declaration {
            name: &name.value,
            span: name.span,
            section,
            decl,
        },
    );
}

/// The wire name and the Rust name of a variant, which has nothing beside its type and its meaning. `before` are those of
/// the variants before it.
fn variant_key<'k, 'b>(
    key: &'k Str,
    line: &Line,
    mut before: impl Iterator<Item = (&'b str, &'b str)>,
    sink: &mut Sink,
) -> Option<(&'k str, String)> {
    let parsed = FieldKey::parse_value(key, sink)?;
    if parsed.optional || parsed.sigil != Sigil::Plain {
        let diagnostic = Diagnostic::new(Code::BadName, key.span, "a variant has no `?`, `+` or `=`");
        sink.report(diagnostic.help("a variant is `tag` or `better_name = tag`"));
        return None;
    }
    if let Some(place) = &line.place {
        let diagnostic = Diagnostic::new(Code::BadPlace, place.span, "`in` belongs to a result");
        sink.report(diagnostic.help("leave it out"));
    }
    if let Some(default) = &line.default {
        let diagnostic = Diagnostic::new(Code::BadDefault, default.span, "a variant has no default");
        sink.report(diagnostic.help("leave it out"));
    }
    let rust = sink.name(names::camel(parsed.name), parsed.name, key.span)?;
    if let Some((other, _)) = before.find(|(wire, name)| *name == rust || *wire == parsed.wire) {
        let message = format!(
            "`{other}` and `{}` are the same variant in Rust, or the same tag",
            parsed.wire
        );
        sink.report(Diagnostic::new(Code::NameCollision, key.span, message).help("rename it: `better_name = tag`"));
        return None;
    }
    if rust == "Other" {
        let message = "the variant `Other` is taken: it holds every kind that is not listed";
        sink.report(Diagnostic::new(Code::NameCollision, key.span, message).help("rename it: `better_name = tag`"));
        return None;
    }
    Some((parsed.wire, rust))
}

/// Whether each spelling of a field is its own; reports the one that is not.
fn spelled_apart(key: &Str, field: &Field, before: &[Field], scope: &Scope<'_>, sink: &mut Sink) -> bool {
    let Some(parsed) = FieldKey::parse(key, &mut Sink::default()) else {
        return true;
    };
    let taken = |spelling: &str| {
        before
            .iter()
            .find(|other| other.spellings().any(|known| known == spelling))
    };
    let clash = |spelling: &str, other: &Field| match &other.wire {
        wire if wire == spelling => format!("`{spelling}` is the key of another field"),
        wire => format!("`{spelling}` is another spelling of `{wire}` already"),
    };
    let mut own = vec![parsed.wire];
    for (span, spelling) in parsed.others(key, scope.sources) {
        let problem = if own.contains(&spelling) {
            format!("`{spelling}` stands here twice")
        } else if let Some(other) = taken(spelling) {
            clash(spelling, other)
        } else {
            own.push(spelling);
            continue;
        };
        let help = "each spelling belongs to one field of the object";
        sink.report(Diagnostic::new(Code::NameCollision, span, problem).help(help));
        return false;
    }
    match taken(&field.wire).filter(|other| other.wire != field.wire) {
        None => true,
        Some(other) => {
            let help = "each spelling belongs to one field of the object";
            sink.report(Diagnostic::new(Code::NameCollision, key.span, clash(&field.wire, other)).help(help));
            false
        }
    }
}

fn is_bool(expr: &TypeExpr) -> bool {
    matches!(&expr.kind, TypeExprKind::Name { name, args } if name == "bool" && args.is_empty())
}

fn no_pair(span: Span, sink: &mut Sink) -> Option<Type> {
    let diagnostic = Diagnostic::new(Code::MisplacedType, span, "these two types cannot stand for one value");
    sink.report(diagnostic.help(
        "the pairs are `int|string`, `string|int`, `timestamp(ms)|string`, `duration(s)|string`, `T[]|T`, and `bool|WORD`, \
         where the word is the text for true",
    ));
    None
}

/// Whether answers may hold a value of this type in another form than requests.
fn has_two_forms(ty: &Type) -> bool {
    matches!(
        ty,
        Type::LooseInt { .. }
            | Type::LooseBool(_)
            | Type::LooseTimestamp(_)
            | Type::LooseDuration(_)
            | Type::OneOrMany(_)
    )
}

/// Whether a declaration is neither of what it can be, which is reported where it stands.
fn is_unfinished(decl: &TypeDecl) -> bool {
    match decl {
        TypeDecl::Newtype(line) => line.is_broken(),
        TypeDecl::Keys(keys) => {
            keys.fields.is_none() && keys.strings.is_none() && keys.integers.is_none() && keys.union.is_none()
        }
    }
}

/// The wire name in a key, without reporting anything.
fn wire_of(key: &str) -> &str {
    let key = key.strip_suffix('?').unwrap_or(key);
    key.split_once(" = ").map_or(key, |(_, wire)| wire)
}

fn enum_values(repr: EnumRepr, declared: &Keyed<Str>, scope: &Scope<'_>, sink: &mut Sink) -> Vec<EnumValue> {
    let mut out: Vec<EnumValue> = Vec::new();
    for (key, text) in declared {
        if out.len() == MAX_VALUES {
            sink.report(Diagnostic::new(
                Code::BadValue,
                key.span,
                format!("more than {MAX_VALUES} values in one enum"),
            ));
            break;
        }
        let doc = scope.text(text, sink);
        let Some(parsed) = FieldKey::parse_value(key, sink) else {
            continue;
        };
        let Some(rust) = sink.name(names::camel(parsed.name), parsed.name, key.span) else {
            continue;
        };
        if repr == EnumRepr::Int && parsed.wire.parse::<i64>().is_err() {
            let diagnostic = Diagnostic::new(Code::BadValue, key.span, "a value of `enum int` is `name = INTEGER`");
            sink.report(diagnostic.help(format!("write `{} = 0`, with the number on the wire", parsed.name)));
            continue;
        }
        if rust == "Unknown" || out.iter().any(|other| other.rust == rust || other.wire == parsed.wire) {
            let message = format!("the variant `{rust}` or its wire value `{}` is taken", parsed.wire);
            let help = "rename it: `other_name = wire_value`; `Unknown` holds every value that is not listed";
            sink.report(Diagnostic::new(Code::NameCollision, key.span, message).help(help));
            continue;
        }
        out.push(EnumValue {
            wire: parsed.wire.to_owned(),
            rust,
            doc,
        });
    }
    out
}

fn no_args(name: &str, args: &[Spanned<Arg>], sink: &mut Sink) -> Option<()> {
    let Some(arg) = args.first() else { return Some(()) };
    let diagnostic = Diagnostic::new(Code::BadRule, arg.span, format!("`{name}` takes no rules"));
    sink.report(diagnostic.help("a rule for a declared type stands in its declaration"));
    None
}

fn bad_arg(name: &str, arg: &Spanned<Arg>, help: &str, sink: &mut Sink) {
    sink.report(Diagnostic::new(Code::BadRule, arg.span, format!("`{name}` cannot have this rule")).help(help));
}

fn string_rule(name: &str, args: &[Spanned<Arg>], sink: &mut Sink) -> Option<StringRule> {
    let mut rule = StringRule::default();
    for arg in args {
        match &arg.value {
            Arg::Range(bounds) => {
                let count = count_rule(*bounds, arg.span, sink)?;
                if rule.min.is_some() || rule.max.is_some() {
                    bad_arg(name, arg, "a text has one length, such as `(1..64)`", sink);
                    return None;
                }
                (rule.min, rule.max) = (count.min, count.max);
            }
            Arg::Pattern(pattern) => {
                if let Err(error) = Regex::new(pattern) {
                    let diagnostic = Diagnostic::new(Code::BadRule, arg.span, "this regular expression cannot be used");
                    sink.report(diagnostic.help(format!("{error}")));
                    return None;
                }
                rule.pattern = Some(pattern.clone());
            }
            Arg::Word(_) => {
                bad_arg(
                    name,
                    arg,
                    "a text has a length `(1..64)` and a pattern `(/^[a-z]+$/)`",
                    sink,
                );
                return None;
            }
        }
    }
    Some(rule)
}

fn int_rule(name: &str, args: &[Spanned<Arg>], sink: &mut Sink) -> Option<IntRule> {
    let mut rule = IntRule::default();
    for arg in args {
        let Arg::Range(bounds) = arg.value else {
            bad_arg(name, arg, "an integer has a range `(0..23)`", sink);
            return None;
        };
        rule = IntRule {
            min: bounds.min,
            max: bounds.max,
        };
    }
    Some(rule)
}

fn time_unit(name: &str, args: &[Spanned<Arg>], span: Span, sink: &mut Sink) -> Option<TimeUnit> {
    match args {
        [
            Spanned {
                value: Arg::Word(unit), ..
            },
        ] if unit == "ms" => Some(TimeUnit::Millis),
        [
            Spanned {
                value: Arg::Word(unit), ..
            },
        ] if unit == "s" => Some(TimeUnit::Seconds),
        _ => {
            let diagnostic = Diagnostic::new(Code::BadRule, span, format!("`{name}` needs its unit"));
            sink.report(diagnostic.help(format!("write `{name}(ms)` or `{name}(s)`")));
            None
        }
    }
}

fn count_rule(bounds: Bounds, span: Span, sink: &mut Sink) -> Option<CountRule> {
    let convert = |end: Option<i64>| end.map(u64::try_from).transpose();
    if let (Ok(min), Ok(max)) = (convert(bounds.min), convert(bounds.max)) {
        return Some(CountRule { min, max });
    }
    sink.report(Diagnostic::new(
        Code::BadRule,
        span,
        "a length or a number of elements is never negative",
    ));
    None
}

/// Whether a text is allowed by its type.
#[must_use]
pub fn string_allows(rule: &StringRule, text: &str) -> bool {
    let length = text.chars().count() as u64;
    let long_enough = rule.min.is_none_or(|min| length >= min);
    let short_enough = rule.max.is_none_or(|max| length <= max);
    let matches = |pattern: &String| Regex::new(pattern).is_ok_and(|regex| regex.is_match(text));
    long_enough && short_enough && rule.pattern.as_ref().is_none_or(matches)
}

/// Whether a value is within a range.
#[must_use]
pub fn in_range(rule: IntRule, value: i64) -> bool {
    rule.min.is_none_or(|min| value >= min) && rule.max.is_none_or(|max| value <= max)
}
