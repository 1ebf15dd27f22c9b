//! The differences between the versions of the standard.
//!
//! A document is built for 3.1, and rewritten for 3.0 at the end. So both contain the same operations, and no other module depends
//! on the version. The document for 3.0 is also the one for client generators, for which `simplify` replaces some unions.

use std::collections::BTreeMap;

use super::document::{Document, License, Schema};
use super::simplify::{Unions, drop_unreferenced, name_scalars};
use crate::render::editions::Standard;
use crate::render::strings::DocumentWords;

/// The maximum number of references that are followed.
const DEPTH: usize = 12;

impl Standard {
    /// Returns a licence by its SPDX expression.
    pub(super) fn license(self, expression: &'static str) -> License {
        License {
            name: expression,
            identifier: (self == Self::V31).then_some(expression),
            // The page with the texts of all licences.
            url: (self == Self::V30).then_some("https://spdx.org/licenses/"),
        }
    }

    /// Rewrites a document from 3.1 to this version.
    pub(super) fn adapt(self, document: &mut Document, words: &DocumentWords) {
        if self == Self::V31 {
            return;
        }
        document.openapi = self.version();
        document.info.license = self.license(document.info.license.name);
        Unions::replace(document, words);
        let kinds = Kinds::of(document);
        document.schemas_mut().for_each(|schema| downgrade(schema, &kinds));
        name_scalars(document);
        drop_unreferenced(document);
    }
}

/// Returns the JSON type of each component that has exactly one.
struct Kinds(BTreeMap<String, &'static str>);

impl Kinds {
    fn of(document: &Document) -> Self {
        let schemas = &document.components.schemas;
        let known = |(name, schema)| Some((String::clone(name), kind(schema, schemas, DEPTH)?));
        Self(schemas.iter().filter_map(known).collect())
    }

    /// Returns the type of a component; `nullable` is only valid beside a `type`.
    fn get(&self, reference: &Schema) -> &'static str {
        let name = reference.component_name().unwrap_or_default();
        self.0.get(name).copied().unwrap_or("object")
    }
}

fn kind(schema: &Schema, schemas: &BTreeMap<String, Schema>, depth: usize) -> Option<&'static str> {
    let depth = depth.checked_sub(1)?;
    if let Some(name) = schema.component_name() {
        return kind(schemas.get(name)?, schemas, depth);
    }
    if let Some(first) = schema.types.iter().find(|name| **name != "null") {
        return Some(first);
    }
    let mut parts = schema.all_of.iter().chain(&schema.one_of).chain(&schema.any_of);
    parts.find_map(|part| kind(part, schemas, depth))
}

fn downgrade(schema: &mut Schema, kinds: &Kinds) {
    if let [inner, null] = schema.one_of.as_slice()
        && null.types == ["null"]
    {
        let inner = inner.clone();
        schema.one_of.clear();
        allow_null(schema, inner, kinds);
    }
    if let Some(null) = schema.types.iter().position(|name| *name == "null") {
        schema.types.remove(null);
        schema.nullable = true;
    }
    if schema.types.len() > 1 {
        one_by_type(schema);
    }
    if !schema.examples.is_empty() {
        schema.example = std::mem::take(&mut schema.examples).into_iter().next();
    }
    if let Some(reference) = schema.reference.take() {
        let bare = Schema {
            reference: Some(reference),
            ..Schema::default()
        };
        if *schema == Schema::default() {
            *schema = bare;
        } else {
            // Keys beside a reference are ignored.
            schema.all_of.push(bare);
        }
    }
    schema.parts_mut().for_each(|part| downgrade(part, kinds));
}

/// Turns a schema that only has texts and a default into the inner schema or `null`.
///
/// Strictly, a reference in `allOf` does not allow `null`, although all tools accept it; the construct that strictly
/// allows it makes client generators invent a type.
fn allow_null(schema: &mut Schema, inner: Schema, kinds: &Kinds) {
    if inner.reference.is_some() {
        schema.types = vec![kinds.get(&inner)];
        schema.nullable = true;
        schema.all_of.push(inner);
        return;
    }
    let outer = std::mem::replace(schema, inner);
    if schema.types.is_empty() {
        // One alternative is enough, and with two, `null` would match both.
        let mut alternatives = schema.one_of.iter_mut().chain(&mut schema.any_of);
        let typed = alternatives.find(|alternative| !alternative.types.is_empty());
        typed.into_iter().for_each(|alternative| alternative.nullable = true);
    } else {
        schema.nullable = true;
    }
    if !outer.description.is_empty() {
        schema.description = outer.description;
    }
    schema.default = outer.default.or(schema.default.take());
}

/// Returns an alternative for each type, with the rules that apply to it.
fn one_by_type(schema: &mut Schema) {
    let whole = std::mem::take(schema);
    let mut alternatives: Vec<Schema> = whole.types.iter().map(|name| only(name, &whole)).collect();
    if let Some(first) = alternatives.first_mut() {
        first.nullable = whole.nullable;
    }
    *schema = Schema {
        description: whole.description,
        default: whole.default,
        one_of: alternatives,
        examples: whole.examples,
        open_values: whole.open_values,
        value_names: whole.value_names,
        ..Schema::default()
    };
}

/// Returns the rules of a schema of several types that apply to one of them.
fn only(name: &'static str, whole: &Schema) -> Schema {
    let schema = Schema::of(name);
    let values = whole.values.iter().filter(|value| match name {
        "string" => value.is_string(),
        "boolean" => value.is_boolean(),
        "integer" | "number" => value.is_number(),
        _ => false,
    });
    let values = values.cloned().collect();
    match name {
        "string" => Schema {
            values,
            min_length: whole.min_length,
            max_length: whole.max_length,
            pattern: whole.pattern.clone(),
            ..schema
        },
        "integer" | "number" => Schema {
            values,
            format: (name == "integer").then_some("int64"),
            minimum: whole.minimum,
            maximum: whole.maximum,
            ..schema
        },
        _ => Schema { values, ..schema },
    }
}
