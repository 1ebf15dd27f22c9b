//! Flattened fields and families of keys. Their keys are part of the enclosing object, where every key must be unique.

use std::collections::{BTreeMap, BTreeSet};

use super::{
    scope::Reporter,
    types::{Declared, MAX_FIELDS, TypeDraft},
};
use crate::{
    diagnostic::{Code, Diagnostic},
    ir::{Field, Type, TypeId, TypeKind, Union},
    source::Span,
};

/// The maximum depth of flattened objects.
pub const MAX_DEPTH: usize = 8;

/// Reports types with duplicate keys, and marks them as broken.
pub fn check_types(types: &[TypeDraft], broken: &mut [bool], declared: &Declared<'_>, reporter: &mut Reporter) {
    for (index, def) in types.iter().enumerate() {
        let Some(span) = declared.span(TypeId(index)).filter(|_| !broken[index]) else {
            continue;
        };
        let is_valid = match &def.kind {
            TypeKind::Object(fields) => check(types, fields, span, reporter),
            TypeKind::Union(union) => {
                let mut keys = Keys::new(types);
                let added = keys.add_union(union, &def.name);
                report(added.map(|()| keys.ambiguous()), span, reporter)
            }
            _ => true,
        };
        broken[index] = !is_valid;
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
    let mut keys = Keys::new(types);
    let added = fields.into_iter().try_for_each(|field| keys.add(field, &field.wire, 0));
    report(added.map(|()| keys.ambiguous()), span, reporter)
}

/// Reports a duplicate key, or else an ambiguous one. Returns `true` if there is none.
fn report(checked: Result<Option<String>, String>, span: Span, reporter: &mut Reporter) -> bool {
    let (problem, help) = match checked {
        Ok(None) => return true,
        Ok(Some(problem)) => (
            problem,
            "no other key of the object may begin with the prefix of a family of keys; rename or remove one of them",
        ),
        Err(problem) => (
            problem,
            "the keys of a flattened field (`+`) are part of the enclosing object and must be unique in it",
        ),
    };
    reporter.report(Diagnostic::new(Code::NameCollision, span, problem).help(help));
    false
}

/// The keys of an object, each with the field that contributes it.
struct Keys<'a> {
    types: &'a [TypeDraft],
    origins: BTreeMap<&'a str, &'a str>,
    /// The keys of variants. Only some of them occur together.
    of_variants: BTreeSet<&'a str>,
    /// The prefixes of families of keys, each with the key of its field.
    families: Vec<(&'a str, &'a str)>,
    /// The same for families in variants.
    variant_families: Vec<(&'a str, &'a str)>,
    steps: usize,
}

impl<'a> Keys<'a> {
    fn new(types: &'a [TypeDraft]) -> Self {
        Self {
            types,
            origins: BTreeMap::new(),
            of_variants: BTreeSet::new(),
            families: Vec::new(),
            variant_families: Vec::new(),
            steps: 0,
        }
    }

    fn add(&mut self, field: &'a Field, origin: &'a str, depth: usize) -> Result<(), String> {
        // Bounds the work: an object that consists only of flattened fields adds steps but no keys.
        self.steps += 1;
        if depth > MAX_DEPTH || self.steps > 2 * MAX_FIELDS {
            return Err(format!(
                "`{origin}` adds too many keys to this object, or is flattened too deeply"
            ));
        }
        if let Some(family) = field.family() {
            self.families.push((&family.prefix, &field.wire));
            return Ok(());
        }
        let kind = match &field.ty {
            Type::Named(id) if field.flatten => self.types.get(id.0).map(|def| &def.kind),
            _ => None,
        };
        match kind {
            Some(TypeKind::Object(fields)) => fields.iter().try_for_each(|field| self.add(field, origin, depth + 1)),
            Some(TypeKind::Union(union)) => self.add_union(union, origin),
            _ => field.keys().try_for_each(|key| self.insert(key, origin)),
        }
    }

    /// Adds the fixed keys of a union. Those of the variants depend on the tag, so they only count as keys that families must
    /// not contain.
    fn add_union(&mut self, union: &'a Union, origin: &'a str) -> Result<(), String> {
        self.insert(&union.tag, origin)?;
        if let Some(content) = &union.content {
            return self.insert(content, origin);
        }
        let types = self.types;
        for variant in &union.variants {
            if let Some(TypeKind::Object(fields)) = types.get(variant.ty.0).map(|def| &def.kind) {
                self.add_variant(fields, 0);
            }
        }
        Ok(())
    }

    fn add_variant(&mut self, fields: &'a [Field], depth: usize) {
        let types = self.types;
        for field in fields {
            let inner = match &field.ty {
                Type::Named(id) if field.flatten && depth < MAX_DEPTH => types.get(id.0).map(|def| &def.kind),
                _ => None,
            };
            match (field.family(), inner) {
                (Some(family), _) => self.variant_families.push((&family.prefix, &field.wire)),
                (None, Some(TypeKind::Object(fields))) => self.add_variant(fields, depth + 1),
                (None, _) => self.of_variants.extend(field.keys()),
            }
        }
    }

    /// Returns what is wrong if a key could be both that of a field and one of a family, or one of two families.
    fn ambiguous(&self) -> Option<String> {
        let families: Vec<_> = self.families.iter().chain(&self.variant_families).collect();
        for (index, (prefix, family)) in families.iter().enumerate() {
            let mut keys = self.origins.keys().chain(&self.of_variants);
            if let Some(key) = keys.find(|key| key.starts_with(prefix)) {
                return Some(format!("the key `{key}` could be one of the family `{family}`"));
            }
            if index >= self.families.len() {
                continue;
            }
            let mut others = families[index + 1..].iter();
            let overlaps = |other: &str| other.starts_with(prefix) || prefix.starts_with(other);
            if let Some((_, other)) = others.find(|(other, _)| overlaps(other)) {
                return Some(format!("a key could be one of both `{family}` and `{other}`"));
            }
        }
        None
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
