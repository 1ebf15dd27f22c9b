//! Types: declarations, and what follows from who uses them.

mod expr;
mod fields;
mod pattern;
mod rules;
mod unions;

use std::collections::BTreeMap;

use super::{
    flatten,
    scope::{Scope, Sink, shorten},
    usage::{report_infinite, spread_to_holders},
};
use crate::{
    diagnostic::{Code, Diagnostic},
    ir::{EnumRepr, EnumValue, Text, TypeDef, TypeId, TypeKind},
    names::{self, NameError, Namespace},
    source::Span,
    syntax::{
        decode::{Keyed, Str},
        key::{FieldDecl, ValueKey},
        model::{TypeDecl, TypeKeys},
        text::Localized,
    },
};

pub use rules::in_range;

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

    /// The name of a type.
    pub fn name(&self, id: TypeId) -> Option<&'a str> {
        self.list.get(id.0).map(|declaration| declaration.name)
    }

    /// Where the type of this name is declared, if there is one.
    pub fn declaration(&self, name: &str) -> Option<Span> {
        self.get(name).and_then(|id| self.span(id))
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
            let is_whole = types.last().is_some_and(|def| has_all_variants(def, declaration.decl));
            broken.push(!sink.is_sound_since(before) || scope.flaws_in(extent) > 0 || !is_whole);
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
            check_setters(fields, sink);
            return Some(TypeKind::Object(self.fields(fields, Position::Field, scope, sink)));
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

    /// The declared fields, where a type is an object.
    fn object_fields(&self, id: TypeId) -> Option<&'a Vec<FieldDecl>> {
        match self.list.get(id.0)?.decl {
            TypeDecl::Keys(keys) => keys.fields.as_ref(),
            TypeDecl::Newtype(_) => None,
        }
    }

    /// The meaning of a type; its mistakes are reported where it is lowered itself.
    fn doc_of(&self, id: TypeId) -> Option<Text> {
        match self.list.get(id.0)?.decl {
            TypeDecl::Keys(keys) => keys.about.as_ref().map(|about| Text(about.parts.clone())),
            TypeDecl::Newtype(_) => None,
        }
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

/// Reports optional fields whose setters are taken.
fn check_setters(fields: &[FieldDecl], sink: &mut Sink) {
    for FieldDecl { key, .. } in fields.iter().filter(|field| field.key.optional) {
        let name = &key.name.value;
        if names::setter(name) == Err(NameError::Reserved) {
            sink.name(names::setter(name), name, key.span);
        }
    }
}

/// Returns `true` unless a union lacks variants, whose types could not be read.
fn has_all_variants(def: &TypeDef, decl: &TypeDecl) -> bool {
    let count = match &def.kind {
        TypeKind::Union(union) => union.variants.len(),
        TypeKind::OneKey(variants) => variants.len(),
        _ => return true,
    };
    matches!(decl, TypeDecl::Keys(keys) if keys.union.as_ref().is_none_or(|declared| declared.len() == count))
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

fn enum_values(
    repr: EnumRepr,
    declared: &Keyed<Localized, ValueKey>,
    scope: &Scope<'_>,
    sink: &mut Sink,
) -> Vec<EnumValue> {
    let mut out: Vec<EnumValue> = Vec::new();
    let (mut variants, mut wires) = (Namespace::default(), Namespace::default());
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
        let (name, wire) = (&key.name.value, &key.wire.value);
        let Some(rust) = sink.name(names::camel(name), name, key.span) else {
            continue;
        };
        if repr == EnumRepr::Int && wire.parse::<i64>().is_err() {
            let diagnostic = Diagnostic::new(Code::BadValue, key.span, "a value of `enum int` is `name = INTEGER`");
            sink.report(diagnostic.help(format!("write `{name} = 0`, with the number on the wire")));
            continue;
        }
        let message = format!("the variant `{rust}` or its wire value `{wire}` is taken");
        let help = "rename it: `other_name = wire_value`; `Unknown` holds every value that is not listed";
        let collision = Diagnostic::new(Code::NameCollision, key.span, message).help(help);
        if rust == "Unknown" {
            sink.report(collision);
            continue;
        }
        let taken = variants.declare(&rust, key.span);
        if let Err(first) = taken.and(wires.declare(wire, key.span)) {
            sink.report(collision.related(first, "the other one"));
            continue;
        }
        out.push(EnumValue {
            wire: wire.clone(),
            rust,
            doc,
        });
    }
    out
}
