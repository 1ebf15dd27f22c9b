//! Lowering declared types.

use super::{
    declared::{Declaration, Declared, Position, TypeDraft},
    enums::enum_values,
};
use crate::{
    diagnostic::{Code, Diagnostic},
    ir::{EnumRepr, Text, TypeKind},
    lower::{
        flatten,
        scope::Sink,
        usage::{report_infinite, spread_to_holders},
    },
    names::{self, NameError},
    syntax::{
        key::FieldDecl,
        model::{TypeDecl, TypeKeys},
    },
};

impl<'a> Declared<'a> {
    /// Lowers every declaration in the order of names. The second list marks the types that are broken: they, or a type
    /// that they contain, have diagnostics, so values cannot be checked against them.
    pub fn lower(&self, sink: &mut Sink) -> (Vec<TypeDraft>, Vec<bool>) {
        let (mut types, mut broken) = (Vec::new(), Vec::new());
        for declaration in &self.list {
            let before = sink.diagnostics.len();
            types.push(self.lower_one(declaration, sink));
            let extent = match declaration.decl {
                TypeDecl::Newtype(line) => line.span,
                TypeDecl::Keys(keys) => keys.extent,
            };
            let is_whole = types.last().is_some_and(|def| has_all_variants(def, declaration.decl));
            broken.push(!sink.is_valid_since(before) || self.scope.syntax_errors_in(extent) > 0 || !is_whole);
        }
        report_infinite(&types, &mut broken, self, sink);
        flatten::check_types(&types, &mut broken, self, sink);
        spread_to_holders(&types, &mut broken);
        (types, broken)
    }

    fn lower_one(&self, declaration: &Declaration<'a>, sink: &mut Sink) -> TypeDraft {
        let (doc, kind) = match declaration.decl {
            TypeDecl::Newtype(line) => {
                let inner = line
                    .ty
                    .as_ref()
                    .and_then(|ty| self.resolve(ty, Position::Newtype, sink));
                (self.scope.line_text(line, sink), inner.map(TypeKind::Newtype))
            }
            TypeDecl::Keys(keys) => {
                let doc = self.scope.required_text(keys.about.as_ref(), sink);
                let kind = self.keyed_kind(keys, &doc, sink);
                (doc, kind)
            }
        };
        TypeDraft {
            name: declaration.name.to_owned(),
            doc,
            // The diagnostic is already reported. An empty object keeps the indexes correct.
            kind: kind.unwrap_or(TypeKind::Object(Vec::new())),
            section: declaration.section,
        }
    }

    fn keyed_kind(&self, keys: &TypeKeys, doc: &Text, sink: &mut Sink) -> Option<TypeKind> {
        let given: Vec<_> = [
            ("fields", keys.fields.is_some()),
            ("enum", keys.strings.is_some()),
            ("enum int", keys.integers.is_some()),
            ("union", keys.union.is_some()),
        ]
        .into_iter()
        .filter_map(|(key, given)| given.then_some(key))
        .collect();
        if given.is_empty() && self.scope.syntax_errors_in(keys.extent) > 0 {
            return None;
        }
        if given.len() != 1 {
            let (code, message) = match given.as_slice() {
                [] => (
                    Code::MissingKey,
                    "a type requires one of `fields`, `enum`, `enum int` and `union`".to_owned(),
                ),
                keys => (
                    Code::ConflictingKeys,
                    format!("`{}` are mutually exclusive", keys.join("` and `")),
                ),
            };
            sink.report(Diagnostic::new(code, keys.span, message));
            return None;
        }
        if keys.union.is_none() && (keys.tag.is_some() || keys.content.is_some()) {
            let message = "`tag` and `content` are only allowed with `union`";
            sink.report(Diagnostic::new(Code::ConflictingKeys, keys.span, message));
        }
        if let Some(fields) = &keys.fields {
            check_setters(fields, sink);
            return Some(TypeKind::Object(self.fields(fields, Position::Field, sink)));
        }
        if let Some(variants) = &keys.union {
            return self.union(keys, variants, doc, sink);
        }
        let (repr, values) = match (&keys.strings, &keys.integers) {
            (Some(values), _) => (EnumRepr::String, values),
            (_, Some(values)) => (EnumRepr::Int, values),
            _ => return None,
        };
        Some(TypeKind::Enum {
            repr,
            values: enum_values(repr, values, self.scope, sink),
        })
    }
}

/// Reports optional fields whose setters have reserved names.
fn check_setters(fields: &[FieldDecl], sink: &mut Sink) {
    for FieldDecl { key, .. } in fields.iter().filter(|field| field.key.optional) {
        let name = &key.name.value;
        if names::setter(name) == Err(NameError::Reserved) {
            sink.name(names::setter(name), name, key.span);
        }
    }
}

/// Returns `false` if a union lacks variants whose types failed to parse.
fn has_all_variants(def: &TypeDraft, decl: &TypeDecl) -> bool {
    let count = match &def.kind {
        TypeKind::Union(union) => union.variants.len(),
        TypeKind::OneKey(variants) => variants.len(),
        _ => return true,
    };
    matches!(decl, TypeDecl::Keys(keys) if keys.union.as_ref().is_none_or(|declared| declared.len() == count))
}
