//! Flattened fields. Their keys are part of the enclosing object, where every key must be unique.

use std::collections::BTreeMap;

use super::{
    scope::Reporter,
    types::{Declared, MAX_FIELDS, TypeDraft},
};
use crate::{
    diagnostic::{Code, Diagnostic},
    ir::{Field, Type, TypeId, TypeKind},
    source::Span,
};

/// The maximum depth of flattened objects.
pub const MAX_DEPTH: usize = 8;

/// Reports types with duplicate keys, and marks them as broken.
pub fn check_types(types: &[TypeDraft], broken: &mut [bool], declared: &Declared<'_>, reporter: &mut Reporter) {
    for (index, def) in types.iter().enumerate() {
        let (TypeKind::Object(fields), Some(span)) = (&def.kind, declared.span(TypeId(index))) else {
            continue;
        };
        if !broken[index] && !check(types, fields, span, reporter) {
            broken[index] = true;
        }
    }
}

/// Reports flattened fields that contribute the same key. Returns `true` if there are none.
pub fn check<'f>(
    types: &'f [TypeDraft],
    fields: impl IntoIterator<Item = &'f Field> + Clone,
    span: Span,
    reporter: &mut Reporter,
) -> bool {
    if fields.clone().into_iter().all(|field| !field.flatten) {
        return true;
    }
    let mut keys = Keys {
        types,
        origins: BTreeMap::new(),
        steps: 0,
    };
    let Err(problem) = fields.into_iter().try_for_each(|field| keys.add(field, &field.wire, 0)) else {
        return true;
    };
    let diagnostic = Diagnostic::new(Code::NameCollision, span, problem);
    reporter.report(
        diagnostic
            .help("the keys of a flattened field (`+`) are part of the enclosing object and must be unique in it"),
    );
    false
}

/// The keys of an object, each with the field that contributes it.
struct Keys<'a> {
    types: &'a [TypeDraft],
    origins: BTreeMap<&'a str, &'a str>,
    steps: usize,
}

impl<'a> Keys<'a> {
    fn add(&mut self, field: &'a Field, origin: &'a str, depth: usize) -> Result<(), String> {
        // Bounds the work: an object that consists only of flattened fields adds steps but no keys.
        self.steps += 1;
        if depth > MAX_DEPTH || self.steps > 2 * MAX_FIELDS {
            return Err(format!(
                "`{origin}` adds too many keys to this object, or is flattened too deeply"
            ));
        }
        let kind = match &field.ty {
            Type::Named(id) if field.flatten => self.types.get(id.0).map(|def| &def.kind),
            _ => None,
        };
        match kind {
            Some(TypeKind::Object(fields)) => fields.iter().try_for_each(|field| self.add(field, origin, depth + 1)),
            // The keys of the variants depend on the tag, so only the fixed keys are added.
            Some(TypeKind::Union(union)) => {
                self.insert(&union.tag, origin)?;
                union
                    .content
                    .iter()
                    .try_for_each(|content| self.insert(content, origin))
            }
            _ => field.keys().try_for_each(|key| self.insert(key, origin)),
        }
    }

    fn insert(&mut self, key: &'a str, origin: &'a str) -> Result<(), String> {
        match self.origins.insert(key, origin) {
            Some(other) if other == key => {
                Err(format!("`{origin}` adds the key `{key}`, which the object already has"))
            }
            Some(other) if origin == key => {
                Err(format!("`{other}` adds the key `{key}`, which the object already has"))
            }
            Some(other) => Err(format!("`{other}` and `{origin}` both add the key `{key}`")),
            None => Ok(()),
        }
    }
}
