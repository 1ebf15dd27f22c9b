//! Chooses between `oneOf` and `anyOf`, depending on whether a value could match two schemas.

use super::document::Schema;
use super::schemas::Schemas;

/// The maximum number of references that are followed.
const DEPTH: usize = 12;

/// Returns the alternatives as one schema: `oneOf` if `are_apart` returns `true` for every pair, otherwise `anyOf`.
pub(super) fn alternatives(options: Vec<Schema>, are_apart: impl Fn(&Schema, &Schema) -> bool) -> Schema {
    let exclusive = options
        .iter()
        .enumerate()
        .all(|(i, a)| options[i + 1..].iter().all(|b| are_apart(a, b)));
    if exclusive {
        Schema {
            one_of: options,
            ..Schema::default()
        }
    } else {
        Schema {
            any_of: options,
            ..Schema::default()
        }
    }
}

impl Schemas<'_> {
    /// Returns `true` if no value matches both schemas.
    pub(super) fn disjoint(&self, a: &Schema, b: &Schema) -> bool {
        self.disjoint_within(a, b, DEPTH)
    }

    /// Returns `true` if no value matches both schemas, provided that values only have declared keys.
    pub(super) fn distinct(&self, a: &Schema, b: &Schema) -> bool {
        let requires_more = |one: &Schema, other: &Schema| {
            let known = self.keys(other, DEPTH);
            let mut required = self.required(one, DEPTH).into_iter();
            !self.is_free_form(other) && required.any(|key| !known.contains(&key))
        };
        self.disjoint(a, b) || (requires_more(a, b) && requires_more(b, a))
    }

    fn disjoint_within(&self, a: &Schema, b: &Schema, depth: usize) -> bool {
        let Some(depth) = depth.checked_sub(1) else {
            return false;
        };
        let (a, b) = (self.resolve(a), self.resolve(b));
        let alternatives_of = |schema: &'_ Schema| [schema.one_of.clone(), schema.any_of.clone()].concat();
        let options_disjoint = |one: &Schema, other: &Schema| {
            let options = alternatives_of(one);
            !options.is_empty() && options.iter().all(|option| self.disjoint_within(option, other, depth))
        };
        options_disjoint(a, b)
            || options_disjoint(b, a)
            || a.all_of.iter().any(|part| self.disjoint_within(part, b, depth))
            || b.all_of.iter().any(|part| self.disjoint_within(a, part, depth))
            || types_differ(a, b)
            || values_differ(a, b)
            || self.properties_differ(a, b, depth)
    }

    fn properties_differ(&self, a: &Schema, b: &Schema, depth: usize) -> bool {
        let mut both = a
            .properties
            .iter()
            .filter_map(|(key, ours)| Some((key, ours, b.properties.get(key)?)));
        both.any(|(key, ours, theirs)| {
            (a.required.contains(key) || b.required.contains(key)) && self.disjoint_within(ours, theirs, depth)
        })
    }

    fn resolve<'s>(&'s self, schema: &'s Schema) -> &'s Schema {
        schema
            .component_name()
            .and_then(|name| self.component(name))
            .unwrap_or(schema)
    }

    fn is_free_form(&self, schema: &Schema) -> bool {
        let schema = self.resolve(schema);
        schema.additional_properties.is_some() || *schema == Schema::default()
    }

    fn keys(&self, schema: &Schema, depth: usize) -> Vec<String> {
        let Some(depth) = depth.checked_sub(1) else {
            return Vec::new();
        };
        let schema = self.resolve(schema);
        let parts = [&schema.all_of, &schema.one_of, &schema.any_of].into_iter().flatten();
        let nested = parts.flat_map(|part| self.keys(part, depth));
        schema.properties.keys().cloned().chain(nested).collect()
    }

    fn required(&self, schema: &Schema, depth: usize) -> Vec<String> {
        let Some(depth) = depth.checked_sub(1) else {
            return Vec::new();
        };
        let schema = self.resolve(schema);
        let nested = schema.all_of.iter().flat_map(|part| self.required(part, depth));
        let mut required: Vec<String> = schema.required.iter().cloned().chain(nested).collect();
        let mut options = [&schema.one_of, &schema.any_of].into_iter().flatten();
        if let Some(first) = options.next() {
            let rest: Vec<Vec<String>> = options.map(|option| self.required(option, depth)).collect();
            let shared = |key: &String| rest.iter().all(|keys| keys.contains(key));
            required.extend(self.required(first, depth).into_iter().filter(shared));
        }
        required
    }
}

fn types_differ(a: &Schema, b: &Schema) -> bool {
    let overlaps = |x: &&str| b.types.iter().any(|y| x == y || (is_number(x) && is_number(y)));
    !a.types.is_empty() && !b.types.is_empty() && !a.types.iter().any(overlaps)
}

fn is_number(name: &str) -> bool {
    matches!(name, "integer" | "number")
}

fn values_differ(a: &Schema, b: &Schema) -> bool {
    !a.values.is_empty() && !b.values.is_empty() && !a.values.iter().any(|value| b.values.contains(value))
}
