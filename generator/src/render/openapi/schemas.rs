//! Types of the API as schemas. A component is built on the first reference to it, so none is unused.

use std::collections::BTreeMap;

use indexmap::IndexMap;
use serde_json::json;

use super::document::{Additional, Discriminator, SCHEMAS, Schema};
use super::hoist::hoist;
use crate::ir::{
    Api, CountRule, EnumRepr, EnumValue, Field, IntRule, Json, KeyVariant, Reads, StringRule, Text, TimeUnit, Type,
    TypeDef, TypeId, TypeKind, Union,
};
use crate::names::SchemaNames;
use crate::render::confusable_keys::is_confusable;
use crate::render::markdown::{Dialect, escape};
use crate::render::strings::DocumentWords;

/// The schemas of one edition of the document.
pub(super) struct Schemas<'a> {
    pub(super) api: &'a Api,
    pub(super) words: &'a DocumentWords,
    pub(super) language: usize,
    names: SchemaNames,
    type_names: Vec<String>,
    /// Components of the variants of unions, by union and position.
    variant_names: BTreeMap<(TypeId, usize), String>,
    components: BTreeMap<String, Schema>,
}

impl<'a> Schemas<'a> {
    pub(super) fn new(api: &'a Api, words: &'a DocumentWords, language: usize) -> Self {
        let types: Vec<&str> = api.types.iter().map(|def| def.name.as_str()).collect();
        let (names, type_names) = SchemaNames::of_types(&types);
        Self {
            api,
            words,
            language,
            names,
            type_names,
            variant_names: BTreeMap::new(),
            components: BTreeMap::new(),
        }
    }

    /// Returns all components that were referenced.
    pub(super) fn into_components(mut self) -> BTreeMap<String, Schema> {
        hoist(self.components, &mut self.names)
    }

    /// Returns the component with this name.
    pub(super) fn component(&self, name: &str) -> Option<&Schema> {
        self.components.get(name)
    }

    /// Adds a component, whose name begins with `wanted`, and returns a reference to it.
    pub(super) fn add(&mut self, wanted: &str, schema: Schema) -> Schema {
        let name = self.names.unique(wanted);
        let reference = Schema::component(&name);
        self.components.insert(name, schema);
        reference
    }

    /// Returns a text in the language of the edition, unescaped.
    pub(super) fn plain<'t>(&self, text: &'t Text) -> &'t str {
        text.get(self.language)
    }

    /// Returns a text in the language of the edition, as the markdown of a description.
    pub(super) fn text(&self, text: &Text) -> String {
        escape(self.plain(text), Dialect::Description)
    }

    /// Returns the schema of a type, which is a reference if the type has a name.
    pub(super) fn of_type(&mut self, ty: &Type) -> Schema {
        match ty {
            Type::String(rule) => string(rule),
            // With the format `password`, Python generators send and print asterisks instead of the value.
            Type::Secret(rule) => Schema {
                sensitive: true,
                ..string(rule)
            },
            Type::Bool => Schema::of("boolean"),
            Type::Int(rule) => int(*rule),
            Type::Float => Schema {
                format: Some("double"),
                ..Schema::of("number")
            },
            Type::Json => Schema::default(),
            Type::JsonObject => Schema {
                additional_properties: Some(Additional::Any(true)),
                ..Schema::of("object")
            },
            Type::Timestamp(unit) => noted(*unit, [&self.words.unix_seconds, &self.words.unix_millis]),
            Type::Duration(unit, forever) => {
                let mut schema = noted(*unit, [&self.words.seconds, &self.words.millis]);
                if let Some(value) = forever {
                    let note = with_code(&self.words.forever, &value.to_string());
                    schema.description = self.sentences(&[&schema.description, &note]);
                }
                schema
            }
            // 3.1 has `contentMediaType` for this, but mock servers drop operations that use it.
            Type::File => Schema {
                format: Some("binary"),
                ..Schema::of("string")
            },
            Type::Named(id) => self.of_named(*id),
            Type::List(inner, rule) => list(self.of_type(inner), *rule),
            Type::Map(inner, rule) => map(self.of_type(inner), *rule),
            Type::Nullable(inner) => nullable(self.of_type(inner)),
            Type::Family(family) => self.of_type(&family.value),
        }
    }

    /// Returns the schema of a field, with its description and default.
    pub(super) fn of_field(&mut self, field: &Field) -> Schema {
        let mut schema = self.of_values(field);
        let note = std::mem::take(&mut schema.description);
        schema.description = self.sentences(&[&self.text(&field.doc), &note]);
        schema.default = field.default().cloned();
        schema
    }

    /// Returns the schema of a property, with its description. The default is part of the description, because generators make
    /// properties with the keyword `default` required.
    fn of_property(&mut self, field: &Field) -> Schema {
        let mut schema = self.of_field(field);
        if let Some(value) = schema.default.take() {
            let value = value.as_str().map_or_else(|| value.to_string(), str::to_owned);
            let note = with_code(&self.words.default, &value);
            schema.description = self.sentences(&[&schema.description, &note]);
        }
        schema
    }

    /// Returns the schema of a field, without its description.
    pub(super) fn of_values(&mut self, field: &Field) -> Schema {
        let schema = self.of_present(field);
        if field.is_or_empty() { nullable(schema) } else { schema }
    }

    fn of_present(&mut self, field: &Field) -> Schema {
        if let Some(word) = field.constant() {
            // More tools support an `enum` of one value than `const`.
            return Schema {
                values: vec![json!(word)],
                ..Schema::of("string")
            };
        }
        match (&field.reads, &field.ty) {
            // `minimum` and `maximum` only apply to numbers, so a string is valid.
            (Reads::NumberOrText { sent_as }, Type::Int(rule)) => Schema {
                types: match sent_as {
                    EnumRepr::Int => vec!["integer", "string"],
                    EnumRepr::String => vec!["string", "integer"],
                },
                format: None,
                ..int(*rule)
            },
            (Reads::NumberOrText { .. }, ty) => number_or_text(self.of_type(ty)),
            (Reads::TextForTrue(word), _) => Schema {
                types: vec!["boolean", "string"],
                description: with_code(&self.words.text_for_true, word),
                ..Schema::default()
            },
            (Reads::OneOrMany, Type::List(inner, rule)) => {
                let one = self.of_type(inner);
                Schema {
                    one_of: vec![list(one.clone(), *rule), one],
                    ..Schema::default()
                }
            }
            (Reads::Exact | Reads::OneOrMany, ty) => self.of_type(ty),
        }
    }

    /// Returns the schema of a field under an alias, which only responses use.
    pub(super) fn of_alias(&mut self, field: &Field) -> Schema {
        let mut schema = self.of_values(field);
        let note = std::mem::take(&mut schema.description);
        let alias_of = with_code(&self.words.alias_of, &field.wire);
        schema.description = self.sentences(&[&alias_of, &note]);
        schema
    }

    /// Joins the texts that are not empty.
    pub(super) fn sentences(&self, texts: &[&str]) -> String {
        let texts: Vec<&str> = texts.iter().copied().filter(|text| !text.is_empty()).collect();
        texts.join(&self.words.sentence_gap)
    }

    /// Returns the schema of an object with these fields. If a part of it becomes a component, the component's name begins with
    /// `name`.
    pub(super) fn object<'f>(&mut self, name: &str, fields: impl IntoIterator<Item = &'f Field>) -> Schema {
        let (families, fields): (Vec<&Field>, Vec<&Field>) =
            fields.into_iter().partition(|field| field.family().is_some());
        let (flattened, own): (Vec<&Field>, Vec<&Field>) = fields.into_iter().partition(|field| field.flatten);
        let mut base = Schema::of("object");
        families.iter().for_each(|field| self.add_family(&mut base, field));
        for &field in &own {
            // With aliases, no single key is always present.
            if field.is_always_present() && field.aliases.is_empty() {
                base.required.push(field.wire.clone());
            }
            let mut schema = self.of_property(field);
            for alias in field
                .aliases
                .iter()
                .filter(|alias| is_confusable(alias, own.iter().copied()))
            {
                // Client generators would give both properties the same name, so the alias is not declared, only allowed.
                let note = with_code(&self.words.also_accepted, alias);
                schema.description = self.sentences(&[&schema.description, &note]);
                base.additional_properties = Some(Additional::Any(true));
            }
            base.properties.insert(field.wire.clone(), schema);
            for alias in field
                .aliases
                .iter()
                .filter(|alias| !is_confusable(alias, own.iter().copied()))
            {
                let schema = self.of_alias(field);
                base.properties.insert(alias.clone(), schema);
            }
        }
        let mut union = None;
        let mut parts = Vec::new();
        for field in flattened {
            match self.union_behind(&field.ty) {
                Some(id) if union.is_none() => union = Some((id, field.is_required())),
                _ => parts.push(self.of_type(&field.ty)),
            }
        }
        if !parts.is_empty() {
            if !base.properties.is_empty() || !base.families.is_empty() {
                parts.insert(0, base);
            }
            base = Schema {
                all_of: parts,
                ..Schema::default()
            };
        }
        match union {
            Some((id, required)) => self.spread(name, base, id, required),
            None => base,
        }
    }

    /// Adds a family of keys to the schema of its object. Client generators turn `patternProperties` and a schema of other
    /// properties into a type that contradicts the declared properties, so that any other property is allowed.
    fn add_family(&mut self, object: &mut Schema, field: &Field) {
        let Some(family) = field.family() else { return };
        let note = with_code(&self.words.family, &field.wire);
        object.description = self.sentences(&[&object.description, &note]);
        object.additional_properties = Some(Additional::Any(true));
        let pattern = begins_with(&family.prefix);
        let schema = self.of_field(field);
        object.families.insert(pattern, schema);
    }

    /// Returns the union that a type names, directly or as nullable.
    fn union_behind(&self, ty: &Type) -> Option<TypeId> {
        match ty {
            Type::Named(id) if matches!(self.api.type_def(*id).kind, TypeKind::Union(_)) => Some(*id),
            Type::Nullable(inner) => self.union_behind(inner),
            _ => None,
        }
    }

    /// Returns the schema of an object with a flattened union: one object per variant.
    ///
    /// A `oneOf` inside an `allOf` would be shorter, but client generators then lose the variants or the operation.
    fn spread(&mut self, name: &str, base: Schema, id: TypeId, required: bool) -> Schema {
        let api = self.api;
        let TypeKind::Union(union) = &api.type_def(id).kind else {
            return base;
        };
        let common = if base.properties.is_empty() && base.families.is_empty() && base.all_of.is_empty() {
            None
        } else {
            Some(self.add(&format!("{name}Common"), base))
        };
        let mut members = Vec::new();
        for (position, variant) in union.variants.iter().enumerate() {
            let own = self.variant(id, union, position);
            let member = match &common {
                Some(common) => {
                    let both = Schema {
                        all_of: vec![common.clone(), own],
                        ..Schema::default()
                    };
                    self.add(&format!("{name}{}", variant.rust), both)
                }
                None => own,
            };
            members.push(member);
        }
        if required {
            return tagged(union, members);
        }
        // An object without the keys of the union is valid as well, and may have any other keys.
        members.extend(common);
        Schema {
            any_of: members,
            ..Schema::default()
        }
    }

    /// Returns a reference to a declared type.
    pub(super) fn of_named(&mut self, id: TypeId) -> Schema {
        let name = self.type_names[id.0].clone();
        let reference = Schema::component(&name);
        if !self.components.contains_key(&name) {
            // Reserves the name while the type is built, since it may contain itself.
            self.components.insert(name.clone(), Schema::default());
            let schema = self.definition(id, &name);
            self.components.insert(name, schema);
        }
        reference
    }

    fn definition(&mut self, id: TypeId, name: &str) -> Schema {
        let def = self.api.type_def(id);
        let mut schema = match &def.kind {
            TypeKind::Object(fields) => self.object(name, fields),
            TypeKind::Newtype(ty) => self.of_type(ty),
            TypeKind::Enum { repr, values } => self.enumeration(def, *repr, values),
            TypeKind::Union(union) => {
                let members = (0..union.variants.len())
                    .map(|position| self.variant(id, union, position))
                    .collect();
                tagged(union, members)
            }
            TypeKind::OneKey(variants) => Schema {
                one_of: variants.iter().map(|variant| self.one_key(name, variant)).collect(),
                ..Schema::default()
            },
        };
        let mut paragraphs = vec![self.text(&def.doc), schema.description];
        paragraphs.retain(|paragraph| !paragraph.is_empty());
        schema.description = paragraphs.join("\n\n");
        schema
    }

    /// Returns the schema of an enum, with `enum` only if the type is used in requests alone: responses may contain other values.
    fn enumeration(&self, def: &TypeDef, repr: EnumRepr, values: &[EnumValue]) -> Schema {
        let wire: Vec<Json> = values.iter().map(|value| wire_value(repr, &value.wire)).collect();
        let mut lines = vec![self.words.known_values.clone(), String::new()];
        lines.extend(
            values
                .iter()
                .map(|v| format!("- `{}`{}{}", v.wire, self.words.colon, self.text(&v.doc))),
        );
        let mut schema = Schema::of(match repr {
            EnumRepr::String => "string",
            EnumRepr::Int => "integer",
        });
        let mut names: Vec<String> = values.iter().map(|value| value.rust.clone()).collect();
        if is_closed(def, repr, values) {
            schema.values = wire;
            names = values.iter().map(|value| self.value_name(def, value)).collect();
        } else {
            lines.extend([String::new(), self.words.other_values.clone()]);
            schema.examples = wire.iter().take(1).cloned().collect();
            schema.open_values = wire;
        }
        schema.value_names = names;
        schema.description = lines.join("\n");
        schema
    }

    /// Returns the name of a value of a closed enum. It begins with the name of the type if it is also that of another type, or of a value
    /// of another enum: in Go, all of them are in one scope.
    fn value_name(&self, def: &TypeDef, value: &EnumValue) -> String {
        let is_taken = self.api.types.iter().any(|other| match &other.kind {
            _ if other.name == value.rust => true,
            TypeKind::Enum { repr, values } if other.name != def.name && is_closed(other, *repr, values) => {
                values.iter().any(|other| other.rust == value.rust)
            }
            _ => false,
        });
        if is_taken {
            format!("{}{}", def.name, value.rust)
        } else {
            value.rust.clone()
        }
    }

    /// Returns a reference to the object with this one key.
    fn one_key(&mut self, name: &str, variant: &KeyVariant) -> Schema {
        let content = self.of_type(&variant.ty);
        let object = Schema {
            description: self.text(&variant.doc),
            required: vec![variant.key.clone()],
            properties: [(variant.key.clone(), content)].into_iter().collect(),
            ..Schema::of("object")
        };
        self.add(&format!("{name}{}", variant.rust), object)
    }

    /// Returns a reference to the object that a variant of a union is on the wire.
    fn variant(&mut self, id: TypeId, union: &Union, position: usize) -> Schema {
        if let Some(name) = self.variant_names.get(&(id, position)) {
            return Schema::component(name);
        }
        let variant = &union.variants[position];
        let name = self.names.unique(&format!("{}{}", self.type_names[id.0], variant.rust));
        // Reserved before the content is built, since the content may contain the union.
        self.variant_names.insert((id, position), name.clone());
        let content = self.of_named(variant.ty);
        let mut object = Schema {
            required: vec![union.tag.clone()],
            ..Schema::of("object")
        };
        let tag = Schema {
            values: vec![json!(variant.tag)],
            ..Schema::of("string")
        };
        object.properties.insert(union.tag.clone(), tag);
        if let Some(key) = &union.content {
            object.required.push(key.clone());
            object.properties.insert(key.clone(), content);
        } else {
            // Properties beside `allOf` would say the same, but client generators lose some of them, or the description.
            object = Schema {
                all_of: vec![content, object],
                ..Schema::default()
            };
        }
        object.description = self.text(&variant.doc);
        self.components.insert(name.clone(), object);
        Schema::component(&name)
    }
}

fn noted(unit: TimeUnit, [seconds, millis]: [&str; 2]) -> Schema {
    let note = match unit {
        TimeUnit::Seconds => seconds,
        TimeUnit::Millis => millis,
    };
    Schema {
        description: note.to_owned(),
        ..int(IntRule::default())
    }
}

/// Returns a sentence about a string on the wire.
fn with_code(sentence: &str, code: &str) -> String {
    sentence.replace("{code}", &format!("`{code}`"))
}

fn number_or_text(number: Schema) -> Schema {
    Schema {
        types: vec!["integer", "string"],
        format: None,
        ..number
    }
}

fn string(rule: &StringRule) -> Schema {
    Schema {
        min_length: rule.min,
        max_length: rule.max,
        pattern: rule.pattern.clone(),
        ..Schema::of("string")
    }
}

fn int(rule: IntRule) -> Schema {
    // Tools that parse numbers as floats would round a greater limit.
    let exact = |limit: &i64| limit.unsigned_abs() <= 1 << 53;
    Schema {
        format: Some("int64"),
        minimum: rule.min.filter(exact),
        maximum: rule.max.filter(exact),
        ..Schema::of("integer")
    }
}

/// Returns the schema of a list.
pub(super) fn list(items: Schema, rule: CountRule) -> Schema {
    Schema {
        items: Some(Box::new(items)),
        min_items: rule.min,
        max_items: rule.max,
        ..Schema::of("array")
    }
}

fn map(values: Schema, rule: CountRule) -> Schema {
    let values = if values == Schema::default() {
        Additional::Any(true)
    } else {
        Additional::Schema(Box::new(values))
    };
    Schema {
        additional_properties: Some(values),
        min_properties: rule.min,
        max_properties: rule.max,
        ..Schema::of("object")
    }
}

fn nullable(mut schema: Schema) -> Schema {
    if schema == Schema::default() {
        return schema;
    }
    if schema.types.is_empty() {
        return Schema {
            one_of: vec![schema, Schema::of("null")],
            ..Schema::default()
        };
    }
    schema.types.push("null");
    if !schema.values.is_empty() {
        schema.values.push(Json::Null);
    }
    schema
}

fn tagged(union: &Union, members: Vec<Schema>) -> Schema {
    let mapping: IndexMap<String, String> = union
        .variants
        .iter()
        .zip(&members)
        .filter_map(|(variant, member)| Some((variant.tag.clone(), member.reference.clone()?)))
        .collect();
    debug_assert!(
        mapping.values().all(|target| target.starts_with(SCHEMAS)),
        "members are components"
    );
    Schema {
        one_of: members,
        discriminator: Some(Discriminator {
            property_name: union.tag.clone(),
            mapping,
        }),
        // Without the type, validators that rely on the discriminator would accept an array.
        ..Schema::of("object")
    }
}

fn wire_value(repr: EnumRepr, wire: &str) -> Json {
    match repr {
        EnumRepr::String => json!(wire),
        EnumRepr::Int => wire.parse::<i64>().map_or_else(|_| json!(wire), |number| json!(number)),
    }
}

/// Returns the regular expression for texts that begin with a prefix.
fn begins_with(prefix: &str) -> String {
    let mut pattern = "^".to_owned();
    for c in prefix.chars() {
        if r"^$\.*+?()[]{}|/".contains(c) {
            pattern.push('\\');
        }
        pattern.push(c);
    }
    pattern
}

/// Returns `true` if an enum has no other values than the known ones: it is used in requests alone, and generators can derive names
/// from its values.
fn is_closed(def: &TypeDef, repr: EnumRepr, values: &[EnumValue]) -> bool {
    !def.in_response && values.iter().all(|value| has_letters(repr, &value.wire))
}

/// Returns `true` if client generators can derive a name from a value, i.e. it contains a letter or a digit.
fn has_letters(repr: EnumRepr, wire: &str) -> bool {
    repr == EnumRepr::Int || wire.chars().any(|c| c.is_ascii_alphanumeric())
}
