//! Types of values, and the rules for them.

use generator::ir::{Api, StringRule, Type, TypeDef, TypeKind};

use super::{Comparison, labels};
use crate::diff::change::{Change, Scope};
use crate::diff::kinds::Kind;

/// The lowest and the highest permitted number.
type Bounds = (i128, i128);

impl<'a> Comparison<'a> {
    /// Compares the types of a value.
    pub(super) fn value(&mut self, scope: &Scope, old: &'a Type, new: &'a Type) {
        match (old, new) {
            (Type::Nullable(old), Type::Nullable(new)) => self.value(scope, old, new),
            (Type::Nullable(inner), new) => {
                self.report_types(Kind::NullableRemoved, scope, old, new);
                self.value(scope, inner, new);
            }
            (old, Type::Nullable(inner)) => {
                self.report_types(Kind::NullableAdded, scope, old, new);
                self.value(scope, old, inner);
            }
            (Type::List(a, before), Type::List(b, after)) => {
                let bounds = [(before.min, before.max), (after.min, after.max)].map(of_count);
                self.bounds(scope, [old, new], bounds);
                self.value(&scope.elements("[]"), a, b);
            }
            (Type::Map(a, before), Type::Map(b, after)) => {
                let bounds = [(before.min, before.max), (after.min, after.max)].map(of_count);
                self.bounds(scope, [old, new], bounds);
                self.value(&scope.elements("{}"), a, b);
            }
            // Their keys are compared as names on the wire.
            (Type::Family(before), Type::Family(after)) => self.value(scope, &before.value, &after.value),
            (Type::Named(_), _) | (_, Type::Named(_)) => self.named(scope, old, new),
            _ => self.plain(scope, old, new),
        }
    }

    /// Compares types of which at least one has a name. Changes of a type with the same name are reported once, at the type.
    fn named(&mut self, scope: &Scope, old: &'a Type, new: &'a Type) {
        let (before, after) = (definition(self.old, old), definition(self.new, new));
        if let (Some(before), Some(after)) = (before, after)
            && self.new_name_of(before) == after.name
        {
            return;
        }
        let (inside_old, inside_new) = (underlying(old, before), underlying(new, after));
        if matches!((inside_old, inside_new), (Type::Named(_), _) | (_, Type::Named(_))) {
            let kind = match (before.map(|def| &def.kind), after.map(|def| &def.kind)) {
                (None, Some(TypeKind::Enum { .. })) if matches!(old, Type::String(_) | Type::Int(_)) => {
                    Kind::TypeNarrowed
                }
                (Some(TypeKind::Enum { .. }), None) if matches!(new, Type::String(_) | Type::Int(_)) => {
                    Kind::TypeWidened
                }
                (None, Some(_)) if matches!(old, Type::Json) => Kind::TypeNarrowed,
                (Some(_), None) if matches!(new, Type::Json) => Kind::TypeWidened,
                (None, Some(TypeKind::Object(_))) if matches!(old, Type::JsonObject) => Kind::TypeNarrowed,
                (Some(TypeKind::Object(_)), None) if matches!(new, Type::JsonObject) => Kind::TypeWidened,
                _ => Kind::TypeChanged,
            };
            self.report_types(kind, scope, old, new);
            return;
        }
        if std::mem::discriminant(inside_old) == std::mem::discriminant(inside_new) {
            self.report_types(Kind::RustTypeChanged, scope, old, new);
        }
        self.plain(scope, inside_old, inside_new);
    }

    /// Compares types without names.
    fn plain(&mut self, scope: &Scope, old: &'a Type, new: &'a Type) {
        let kind = match (old, new) {
            (Type::String(before) | Type::Secret(before), Type::String(after) | Type::Secret(after)) => {
                if std::mem::discriminant(old) != std::mem::discriminant(new) {
                    self.report_types(Kind::SecrecyChanged, scope, old, new);
                }
                self.string_rules(scope, [old, new], before, after);
                return;
            }
            (Type::Int(before), Type::Int(after)) => {
                let bounds = [(before.min, before.max), (after.min, after.max)].map(of_int);
                self.bounds(scope, [old, new], bounds);
                return;
            }
            (old, new) if old == new => return,
            (Type::Duration(before, None), Type::Duration(after, Some(_))) if before == after => Kind::TypeWidened,
            (Type::Duration(before, Some(_)), Type::Duration(after, None)) if before == after => Kind::TypeNarrowed,
            (Type::Timestamp(_), Type::Timestamp(_)) | (Type::Duration(..), Type::Duration(..)) => Kind::UnitChanged,
            (
                Type::Int(_) | Type::Timestamp(_) | Type::Duration(..),
                Type::Int(_) | Type::Timestamp(_) | Type::Duration(..),
            ) => Kind::RustTypeChanged,
            (Type::Int(_), Type::Float) | (_, Type::Json) | (Type::Map(..), Type::JsonObject) => Kind::TypeWidened,
            (Type::Float, Type::Int(_)) | (Type::Json, _) | (Type::JsonObject, Type::Map(..)) => Kind::TypeNarrowed,
            _ => Kind::TypeChanged,
        };
        self.report_types(kind, scope, old, new);
    }

    fn string_rules(&mut self, scope: &Scope, types: [&Type; 2], old: &StringRule, new: &StringRule) {
        self.bounds(scope, types, [(old.min, old.max), (new.min, new.max)].map(of_count));
        let kind = match (&old.pattern, &new.pattern) {
            (Some(old), Some(new)) if old != new => Kind::PatternChanged,
            (None, Some(_)) => Kind::RuleNarrowed,
            (Some(_), None) => Kind::RuleWidened,
            _ => return,
        };
        let [before, after] = types;
        self.report_types(kind, scope, before, after);
    }

    /// Compares two ranges. A range that has lost values and gained others is reported twice.
    fn bounds(&mut self, scope: &Scope, [old, new]: [&Type; 2], [before, after]: [Bounds; 2]) {
        if after.0 > before.0 || after.1 < before.1 {
            self.report_types(Kind::RuleNarrowed, scope, old, new);
        }
        if after.0 < before.0 || after.1 > before.1 {
            self.report_types(Kind::RuleWidened, scope, old, new);
        }
    }

    fn report_types(&mut self, kind: Kind, scope: &Scope, old: &Type, new: &Type) {
        let (old, new) = (labels::of_type(self.old, old), labels::of_type(self.new, new));
        // A length and a pattern that are both stricter are one change.
        let is_same = |change: &Change| change.kind == kind && change.scope.path == scope.path && change.new == new;
        if !self.changes.last().is_some_and(is_same) {
            self.report(kind, scope, old, new);
        }
    }
}

/// Returns the bounds of a length or a number of elements.
fn of_count((min, max): (Option<u64>, Option<u64>)) -> Bounds {
    (min.unwrap_or(0).into(), max.map_or(i128::MAX, Into::into))
}

/// Returns the bounds of a 64-bit integer.
fn of_int((min, max): (Option<i64>, Option<i64>)) -> Bounds {
    (min.unwrap_or(i64::MIN).into(), max.unwrap_or(i64::MAX).into())
}

/// Returns the definition of a named type.
fn definition<'a>(api: &'a Api, ty: &Type) -> Option<&'a TypeDef> {
    match ty {
        Type::Named(id) => Some(api.type_def(*id)),
        _ => None,
    }
}

/// Returns the type that a newtype contains, or the type itself.
fn underlying<'a>(ty: &'a Type, def: Option<&'a TypeDef>) -> &'a Type {
    match def.map(|def| &def.kind) {
        Some(TypeKind::Newtype(inner)) => inner,
        _ => ty,
    }
}
