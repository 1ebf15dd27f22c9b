//! Schemas within an extension.
//!
//! Tools report a component as unused if only an extension refers to it, so these schemas contain no references.

use std::collections::BTreeMap;

use super::document::Schema;
use super::schemas::Schemas;
use crate::ir::{Api, Type, TypeId};
use crate::render::strings::DocumentWords;

/// Builds schemas without references. Created when the first one is needed.
pub(super) struct RecordSchemas<'a> {
    api: &'a Api,
    words: &'a DocumentWords,
    language: usize,
    /// Components that are not part of the document.
    schemas: Option<Schemas<'a>>,
    built: BTreeMap<TypeId, Schema>,
}

impl<'a> RecordSchemas<'a> {
    pub(super) fn new(like: &Schemas<'a>) -> Self {
        Self {
            api: like.api,
            words: like.words,
            language: like.language,
            schemas: None,
            built: BTreeMap::new(),
        }
    }

    /// Returns the schema of a type, with all references resolved.
    pub(super) fn standalone(&mut self, id: TypeId) -> Schema {
        if let Some(built) = self.built.get(&id) {
            return built.clone();
        }
        let schemas = self
            .schemas
            .get_or_insert_with(|| Schemas::new(self.api, self.words, self.language));
        let reference = schemas.of_type(&Type::Named(id));
        let schema = expanded(schemas, &reference, &mut Vec::new());
        self.built.insert(id, schema.clone());
        schema
    }
}

/// Replaces the references of a schema by their targets. `above` contains the components around the schema.
fn expanded(schemas: &Schemas<'_>, schema: &Schema, above: &mut Vec<String>) -> Schema {
    if let Some(name) = schema.component_name() {
        let recursive = above.iter().any(|known| known == name);
        let mut target = match schemas.component(name) {
            Some(component) if !recursive => {
                above.push(name.to_owned());
                let target = expanded(schemas, component, above);
                above.pop();
                target
            }
            // A recursive type has no finite schema: at the recursion, any value is valid.
            _ => Schema::default(),
        };
        if !schema.description.is_empty() {
            target.description.clone_from(&schema.description);
        }
        return target;
    }
    let mut out = schema.clone();
    // The mapping refers to components, and the tags distinguish the alternatives without it.
    out.discriminator = None;
    for part in out.parts_mut() {
        *part = expanded(schemas, part, above);
    }
    out
}
