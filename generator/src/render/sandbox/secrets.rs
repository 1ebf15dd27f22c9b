//! The fields whose values the sandbox never shows.

use std::collections::BTreeSet;

use crate::ir::{Api, Field, Operation, Type, TypeId, TypeKind};

/// Returns the keys of the secret fields in the requests and responses of an operation.
pub(super) fn keys<'a>(api: &'a Api, operation: &'a Operation) -> BTreeSet<&'a str> {
    let mut search = Search {
        api,
        keys: BTreeSet::new(),
        seen: BTreeSet::new(),
    };
    let inputs = operation.inputs.iter().map(|input| &input.field);
    for field in inputs.chain(operation.result.parts().iter().map(|part| &part.field)) {
        search.field(field);
    }
    search.keys
}

struct Search<'a> {
    api: &'a Api,
    keys: BTreeSet<&'a str>,
    seen: BTreeSet<TypeId>,
}

impl<'a> Search<'a> {
    fn field(&mut self, field: &'a Field) {
        self.under(&field.wire, &field.ty);
    }

    /// Searches the value under a key.
    fn under(&mut self, key: &'a str, ty: &'a Type) {
        match ty {
            Type::Secret(_) => {
                self.keys.insert(key);
            }
            Type::List(inner, _) | Type::Map(inner, _) | Type::Nullable(inner) => self.under(key, inner),
            Type::Named(id) => match &self.api.type_def(*id).kind {
                TypeKind::Newtype(inner) => self.under(key, inner),
                _ => self.declared(*id),
            },
            _ => {}
        }
    }

    fn declared(&mut self, id: TypeId) {
        if !self.seen.insert(id) {
            return;
        }
        match &self.api.type_def(id).kind {
            TypeKind::Object(fields) => fields.iter().for_each(|field| self.field(field)),
            TypeKind::Union(union) => union.variants.iter().for_each(|variant| self.declared(variant.ty)),
            TypeKind::OneKey(variants) => variants
                .iter()
                .for_each(|variant| self.under(&variant.key, &variant.ty)),
            TypeKind::Newtype(_) | TypeKind::Enum { .. } => {}
        }
    }
}
