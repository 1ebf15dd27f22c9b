//! Unions that the edition for client generators expresses differently.
//!
//! Several generators produce code that does not compile, or cannot be serialised, for an array beside something else in `oneOf` or
//! `anyOf`. In a property, the object around it becomes a union of two objects; in a body, only the elements of the array are
//! described; in a response, nothing is.
//!
//! Generated code cannot tell objects apart by the keys they have, so objects without a tag become one object where possible.

use std::collections::{BTreeMap, BTreeSet};

use super::document::{Document, Schema};
use crate::names::{SchemaNames, pascal};
use crate::render::strings::DocumentWords;

/// The components of a document, while unions in them are replaced.
pub(super) struct Unions<'a> {
    components: &'a mut BTreeMap<String, Schema>,
    names: SchemaNames,
    /// The alternatives of each component that has become a union.
    split: BTreeMap<String, Schema>,
}

impl<'a> Unions<'a> {
    /// Replaces all unions of an array and something else.
    pub(super) fn replace(document: &'a mut Document, words: &DocumentWords) {
        let bodies = document.bodies();
        let components = &mut document.components.schemas;
        let mut unions = Self {
            names: SchemaNames::holding(components.keys()),
            components,
            split: BTreeMap::new(),
        };
        let names: Vec<String> = unions.components.keys().cloned().collect();
        for name in &names {
            unions.split(name);
        }
        for name in &names {
            unions.join(name);
            unions.widen(name, bodies.contains(name), words);
        }
        for name in &names {
            unions.merge(name);
        }
    }

    /// Splits an object with a property that is an array or something else into two objects.
    fn split(&mut self, name: &str) {
        let Some(object) = self.components.get_mut(name) else {
            return;
        };
        let Some((array, other, may_lack)) = split_property(object) else {
            return;
        };
        let mut union = Schema {
            description: std::mem::take(&mut object.description),
            ..Schema::default()
        };
        let options = [("List", array), ("Single", other)].map(|(suffix, schema)| {
            let option = self.names.unique(&format!("{name}{suffix}"));
            self.components.insert(option.clone(), schema);
            self.split(&option);
            Schema::component(&option)
        });
        if may_lack {
            union.any_of = options.to_vec();
        } else {
            union.one_of = options.to_vec();
        }
        self.components.insert(name.to_owned(), union.clone());
        self.split.insert(name.to_owned(), union);
    }

    /// Replaces alternatives that have become unions by their alternatives.
    fn join(&mut self, name: &str) {
        let split = &self.split;
        let Some(union) = self.components.get_mut(name) else {
            return;
        };
        let inner = |option: &Schema| split.get(option.component_name().unwrap_or_default());
        let mut options = union.one_of.iter().chain(&union.any_of);
        if split.contains_key(name) || !options.any(|option| inner(option).is_some()) {
            return;
        }
        let options = union.one_of.drain(..).chain(union.any_of.drain(..));
        let options = options.flat_map(|option| match inner(&option) {
            Some(inner) => inner.one_of.iter().chain(&inner.any_of).cloned().collect(),
            None => vec![option],
        });
        // `oneOf` would be wrong if the objects that were not split overlapped.
        union.any_of = options.collect();
    }

    /// Removes the alternatives of a union of an array and something else.
    fn widen(&mut self, name: &str, is_body: bool, words: &DocumentWords) {
        let Some(component) = self.components.get(name) else {
            return;
        };
        let (union, _) = without_null(component);
        let options = || union.one_of.iter().chain(&union.any_of);
        let Some(array) = options().find(|option| self.is_array(option)) else {
            return;
        };
        if options().all(|option| self.is_array(option)) {
            return;
        }
        let items = self.resolve(array).items.clone();
        let description = [&component.description, &words.other_forms].map(String::as_str);
        let widened = Schema {
            description: description.join(&words.sentence_gap).trim().to_owned(),
            // Without `type`, this only applies to arrays.
            items: items.filter(|_| is_body),
            ..Schema::default()
        };
        self.components.insert(name.to_owned(), widened);
    }

    /// Merges the alternatives of a union of objects without a tag, unless they disagree on a property.
    fn merge(&mut self, name: &str) {
        let Some(union) = self.components.get(name) else { return };
        let options: Vec<&Schema> = union.one_of.iter().chain(&union.any_of).collect();
        if options.is_empty() || union.discriminator.is_some() {
            return;
        }
        let objects: Option<Vec<Schema>> = options.iter().map(|option| self.flat(option)).collect();
        let merged = objects.and_then(|objects| objects.into_iter().map(Some).reduce(|a, b| merged(a?, b?)).flatten());
        if let Some(mut merged) = merged {
            merged.description.clone_from(&union.description);
            self.components.insert(name.to_owned(), merged);
        }
    }

    /// Returns an object without `allOf`, or `None` if the schema is not an object with properties.
    fn flat(&self, schema: &Schema) -> Option<Schema> {
        let schema = self.resolve(schema);
        if !schema.one_of.is_empty() || !schema.any_of.is_empty() || schema.types.iter().any(|name| *name != "object") {
            return None;
        }
        let mut object = Schema {
            all_of: Vec::new(),
            ..schema.clone()
        };
        object.types = vec!["object"];
        for part in &schema.all_of {
            let part = self.flat(part)?;
            object.required.extend(part.required);
            object.properties.extend(part.properties);
            object.additional_properties = object.additional_properties.or(part.additional_properties);
        }
        (!object.properties.is_empty()).then_some(object)
    }

    fn resolve<'s>(&'s self, schema: &'s Schema) -> &'s Schema {
        let component = schema.component_name().and_then(|name| self.components.get(name));
        component.unwrap_or(schema)
    }

    fn is_array(&self, schema: &Schema) -> bool {
        self.resolve(schema).types.contains(&"array")
    }
}

/// Returns the schema without `null`, and whether it allows `null`.
fn without_null(schema: &Schema) -> (&Schema, bool) {
    match schema.one_of.as_slice() {
        [inner, null] if null.types == ["null"] => (inner, true),
        _ => (schema, false),
    }
}

/// Splits an object with a property that is either an array or something else. Returns the object with the array, the object with
/// the other schema, and `true` if the property can be absent or `null`. Returns `None` if there is no such property.
fn split_property(object: &Schema) -> Option<(Schema, Schema, bool)> {
    for (key, property) in &object.properties {
        let (union, is_nullable) = without_null(property);
        let [array, other] = union.one_of.as_slice() else {
            continue;
        };
        if array.types != ["array"] {
            continue;
        }
        let with = |schema: &Schema| {
            let mut object = object.clone();
            let described = Schema {
                description: property.description.clone(),
                ..schema.clone()
            };
            object.properties.insert(key.clone(), described);
            object
        };
        let mut array = array.clone();
        if is_nullable {
            array.types.push("null");
        }
        let may_lack = is_nullable || !object.required.contains(key);
        return Some((with(&array), with(other), may_lack));
    }
    object.all_of.iter().enumerate().find_map(|(index, part)| {
        let (array, other, may_lack) = split_property(part)?;
        let with = |part: Schema| {
            let mut object = object.clone();
            object.all_of[index] = part;
            object
        };
        Some((with(array), with(other), may_lack))
    })
}

/// Returns an object with the properties of both, or `None` if they disagree on one.
fn merged(mut a: Schema, b: Schema) -> Option<Schema> {
    a.required.retain(|key| b.required.contains(key));
    for (key, theirs) in b.properties {
        let both = match a.properties.get(&key) {
            Some(ours) => joined(ours, &theirs)?,
            None => theirs,
        };
        a.properties.insert(key, both);
    }
    a.additional_properties = a.additional_properties.or(b.additional_properties);
    Some(a)
}

/// Returns a schema for the values of both, without the rules in which they differ. Returns `None` if they differ in structure.
fn joined(a: &Schema, b: &Schema) -> Option<Schema> {
    let description = if b.description.is_empty() || a.description.contains(&b.description) {
        a.description.clone()
    } else {
        format!("{}\n\n{}", a.description, b.description).trim().to_owned()
    };
    if a.shape() == b.shape() {
        return Some(Schema {
            description,
            ..a.clone()
        });
    }
    let items = |schema: &Schema| schema.items.as_ref().map(|items| items.shape());
    let is_plain = |schema: &&Schema| schema.types.contains(&"array") || schema.types == ["string"];
    if ![a, b].iter().all(is_plain) || items(a) != items(b) || a.types.first() != b.types.first() {
        return None;
    }
    let is_enum = !a.values.is_empty() && !b.values.is_empty();
    let added = b.values.iter().filter(|value| !a.values.contains(value));
    let values = if is_enum {
        a.values.iter().chain(added).cloned().collect()
    } else {
        Vec::new()
    };
    let types = if a.types.len() > b.types.len() {
        &a.types
    } else {
        &b.types
    };
    Some(Schema {
        description,
        types: types.clone(),
        values,
        items: a.items.clone(),
        ..Schema::default()
    })
}

/// Makes a component of each property that has several scalar types, because client generators would name their type after the
/// property. Equal ones share a component.
pub(super) fn name_scalars(document: &mut Document) {
    let mut names = SchemaNames::holding(document.components.schemas.keys());
    let mut added: Vec<(String, Schema)> = Vec::new();
    for schema in document.components.schemas.values_mut() {
        name_scalars_in(schema, &mut names, &mut added);
    }
    document.components.schemas.extend(added);
}

fn name_scalars_in(schema: &mut Schema, names: &mut SchemaNames, added: &mut Vec<(String, Schema)>) {
    for property in schema.properties.values_mut() {
        if property.one_of.is_empty() || property.one_of.iter().any(|option| option.types.is_empty()) {
            continue;
        }
        let description = std::mem::take(&mut property.description);
        let union = std::mem::take(property);
        let known = added
            .iter()
            .find(|(_, known)| *known == union)
            .map(|(name, _)| name.clone());
        let name = known.unwrap_or_else(|| {
            let types = union.one_of.iter().flat_map(|option| &option.types);
            let types: Vec<String> = types.map(|name| pascal(name)).collect();
            let name = names.unique(&types.join("Or"));
            added.push((name.clone(), union));
            name
        });
        *property = Schema {
            description,
            all_of: vec![Schema::component(&name)],
            ..Schema::default()
        };
    }
    schema.parts_mut().for_each(|part| name_scalars_in(part, names, added));
}

/// Removes components to which nothing refers.
pub(super) fn drop_unreferenced(document: &mut Document) {
    let mut components = std::mem::take(&mut document.components.schemas);
    let mut found = BTreeSet::new();
    for schema in document.schemas_mut() {
        references(schema, &mut found);
    }
    let mut kept = BTreeMap::new();
    while let Some(name) = found.pop_first() {
        if let Some(mut schema) = components.remove(&name) {
            references(&mut schema, &mut found);
            kept.insert(name, schema);
        }
    }
    document.components.schemas = kept;
}

/// Adds the names of the components to which a schema refers.
fn references(schema: &mut Schema, to: &mut BTreeSet<String>) {
    to.extend(schema.component_name().map(str::to_owned));
    schema.parts_mut().for_each(|part| references(part, to));
}
