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
        scope::Reporter,
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
    pub fn lower(&self, reporter: &mut Reporter) -> (Vec<TypeDraft>, Vec<bool>) {
        let (mut types, mut broken) = (Vec::new(), Vec::new());
        for declaration in &self.list {
            let before = reporter.diagnostics.len();
            types.push(self.lower_one(declaration, reporter));
            let extent = match declaration.decl {
                TypeDecl::Newtype(line) => line.span,
                TypeDecl::Keys(keys) => keys.extent,
            };
            let is_whole = types.last().is_some_and(|def| has_all_variants(def, declaration.decl));
            broken.push(!reporter.is_valid_since(before) || self.scope.syntax_errors_in(extent) > 0 || !is_whole);
        }
        report_infinite(&types, &mut broken, self, reporter);
        flatten::check_types(&types, &mut broken, self, reporter);
        spread_to_holders(&types, &mut broken);
        (types, broken)
    }

    fn lower_one(&self, declaration: &Declaration<'a>, reporter: &mut Reporter) -> TypeDraft {
        let (doc, kind) = match declaration.decl {
            TypeDecl::Newtype(line) => {
                let inner = line
                    .ty
                    .as_ref()
                    .and_then(|ty| self.resolve(ty, Position::Newtype, reporter));
                (self.scope.line_text(line, reporter), inner.map(TypeKind::Newtype))
            }
            TypeDecl::Keys(keys) => {
                let doc = self.scope.required_text(keys.about.as_ref(), reporter);
                let kind = self.keyed_kind(keys, &doc, reporter);
                (doc, kind)
            }
        };
        TypeDraft {
            name: declaration.name.to_owned(),
            doc,
            // The diagnostic is already reported. An empty object keeps the indexes correct.
            kind: kind.unwrap_or(TypeKind::Object(Vec::new())),
            home: declaration.home,
        }
    }

    fn keyed_kind(&self, keys: &TypeKeys, doc: &Text, reporter: &mut Reporter) -> Option<TypeKind> {
        let kinds: Vec<_> = [
            ("fields", keys.fields.is_some()),
            ("enum", keys.strings.is_some()),
            ("enum int", keys.integers.is_some()),
            ("union", keys.union.is_some()),
        ]
        .into_iter()
        .filter_map(|(key, is_set)| is_set.then_some(key))
        .collect();
        if kinds.is_empty() && self.scope.syntax_errors_in(keys.extent) > 0 {
            return None;
        }
        if kinds.len() != 1 {
            let (code, message) = match kinds.as_slice() {
                [] => (
                    Code::MissingKey,
                    "a type requires one of `fields`, `enum`, `enum int` and `union`".to_owned(),
                ),
                keys => (
                    Code::ConflictingKeys,
                    format!("`{}` are mutually exclusive", keys.join("` and `")),
                ),
            };
            reporter.report(Diagnostic::new(code, keys.span, message));
            return None;
        }
        if keys.union.is_none() && (keys.tag.is_some() || keys.content.is_some()) {
            let message = "`tag` and `content` are only allowed with `union`";
            reporter.report(Diagnostic::new(Code::ConflictingKeys, keys.span, message));
        }
        if let Some(fields) = &keys.fields {
            check_setters(fields, reporter);
            return Some(TypeKind::Object(self.fields(fields, Position::Field, reporter)));
        }
        if let Some(variants) = &keys.union {
            return self.union(keys, variants, doc, reporter);
        }
        let (repr, values) = match (&keys.strings, &keys.integers) {
            (Some(values), _) => (EnumRepr::String, values),
            (_, Some(values)) => (EnumRepr::Int, values),
            _ => return None,
        };
        Some(TypeKind::Enum {
            repr,
            values: enum_values(repr, values, self.scope, reporter),
        })
    }
}

/// Reports optional fields whose setters have reserved names.
fn check_setters(fields: &[FieldDecl], reporter: &mut Reporter) {
    for FieldDecl { key, .. } in fields.iter().filter(|field| field.key.optional) {
        let name = &key.name.value;
        if names::setter(name) == Err(NameError::Reserved) {
            reporter.name(names::setter(name), name, key.span);
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
