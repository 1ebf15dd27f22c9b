//! Schemas that stand in an extension.
//!
//! A component that only an extension refers to counts as unused, so these hold everything that they need themselves.

use std::collections::BTreeMap;

use super::document::Schema;
use super::schemas::Schemas;
use crate::ir::{Api, Type, TypeId};
use crate::render::strings::DocumentWords;

/// Builds schemas without references; made when the first is asked for.
pub(super) struct RecordSchemas<'a> {
    api: &'a Api,
    words: &'a DocumentWords,
    language: usize,
    /// Components that stay out of the document.
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

    /// A type with everything below it in place.
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

/// The schema with its references replaced by what they refer to; `above` are the components it stands in.
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
            // A type that holds itself has no end: below, anything fits.
            _ => Schema::default(),
        };
        if !schema.description.is_empty() {
            target.description.clone_from(&schema.description);
        }
        return target;
    }
    let mut out = schema.clone();
    // Its mapping names components, and the tags tell the alternatives apart without it.
    out.discriminator = None;
    for part in out.parts_mut() {
        *part = expanded(schemas, part, above);
    }
    out
}
