//! Types that can contain secrets.

use std::collections::BTreeSet;

use crate::ir::{Api, Type, TypeKind};

/// Returns `true` if a value of a type can contain a secret.
#[must_use]
pub fn holds_secret(api: &Api, ty: &Type) -> bool {
    let mut open = vec![ty];
    let mut seen = BTreeSet::new();
    while let Some(ty) = open.pop() {
        match ty {
            Type::Secret(_) => return true,
            Type::List(inner, _) | Type::Map(inner, _) | Type::Nullable(inner) => {
                open.push(inner);
            }
            Type::Family(family) => open.push(&family.value),
            Type::Named(id) if seen.insert(*id) => match &api.type_def(*id).kind {
                TypeKind::Object(fields) => open.extend(fields.iter().map(|field| &field.ty)),
                TypeKind::Newtype(inner) => open.push(inner),
                TypeKind::OneKey(variants) => open.extend(variants.iter().map(|variant| &variant.ty)),
                TypeKind::Union(union) => {
                    for variant in &union.variants {
                        if let TypeKind::Object(fields) = &api.type_def(variant.ty).kind {
                            open.extend(fields.iter().map(|field| &field.ty));
                        }
                    }
                }
                TypeKind::Enum { .. } => {}
            },
            _ => {}
        }
    }
    false
}
