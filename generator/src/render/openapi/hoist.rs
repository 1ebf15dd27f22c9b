//! Names for objects inside of schemas.
//!
//! Client generators name the type of an object inside of another schema after the path to it, such as
//! `plots_open_response_all_of_data`. So each such object becomes a component.

use std::collections::BTreeMap;

use super::document::Schema;
use crate::names::{SchemaNames, pascal};

/// Replaces the objects inside of components by references to new components.
pub(super) fn hoist(components: BTreeMap<String, Schema>, names: &mut SchemaNames) -> BTreeMap<String, Schema> {
    let mut hoist = Hoist {
        names,
        added: BTreeMap::new(),
    };
    let mut out = BTreeMap::new();
    for (name, mut schema) in components {
        hoist.inside(&name, &mut schema);
        out.insert(name, schema);
    }
    out.append(&mut hoist.added);
    out
}

struct Hoist<'n> {
    names: &'n mut SchemaNames,
    added: BTreeMap<String, Schema>,
}

impl Hoist<'_> {
    /// Replaces the objects inside of a schema, which has this name.
    fn inside(&mut self, name: &str, schema: &mut Schema) {
        for (key, property) in &mut schema.properties {
            self.replace(name, key, property);
        }
        if let Some(items) = &mut schema.items {
            self.replace(name, "item", items);
        }
        // A part of `allOf` is merged with the schema.
        for part in &mut schema.all_of {
            self.inside(name, part);
        }
    }

    /// Replaces a schema if it is an object, and otherwise the objects inside of it.
    fn replace(&mut self, outer: &str, key: &str, schema: &mut Schema) {
        if schema.items.is_none() && schema.properties.is_empty() && schema.all_of.is_empty() {
            return;
        }
        let name = format!("{outer}{}", pascal(key));
        if schema.properties.is_empty() {
            self.inside(&name, schema);
            return;
        }
        let name = self.names.unique(&name);
        let mut object = std::mem::replace(schema, Schema::component(&name));
        self.inside(&name, &mut object);
        self.added.insert(name, object);
    }
}
