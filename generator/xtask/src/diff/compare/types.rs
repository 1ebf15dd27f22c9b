//! Declared types.

use std::collections::BTreeMap;

use generator::ir::{Api, EnumRepr, EnumValue, Json, KeyVariant, TypeDef, TypeKind, Union, Variant};

use super::Comparison;
use super::fields::slots;
use super::pairs::{Pairs, pairs};
use crate::diff::change::Scope;
use crate::diff::kinds::{Direction, Kind};

/// Returns the new names of types that have the same structure under another name, by old name. A type is only recognized if no
/// other type has this structure.
pub(super) fn renamed<'a>(old: &'a Api, new: &'a Api) -> BTreeMap<&'a str, &'a str> {
    let only_in = |api: &'a Api, other: &'a Api| {
        let is_new = move |def: &&TypeDef| !other.types.iter().any(|known| known.name == def.name);
        api.types
            .iter()
            .filter(is_new)
            .map(move |def| (fingerprint(api, def), def.name.as_str()))
    };
    let mut structures: BTreeMap<String, [Vec<&str>; 2]> = BTreeMap::new();
    only_in(old, new).for_each(|(structure, name)| structures.entry(structure).or_default()[0].push(name));
    only_in(new, old).for_each(|(structure, name)| structures.entry(structure).or_default()[1].push(name));
    let unique = structures
        .values()
        .filter_map(|[before, after]| match (before.as_slice(), after.as_slice()) {
            ([before], [after]) => Some((*before, *after)),
            _ => None,
        });
    unique.collect()
}

/// Returns the structure of a type without its descriptions, in which other types occur by name.
fn fingerprint(api: &Api, def: &TypeDef) -> String {
    let mut json = serde_json::to_value(&def.kind).unwrap_or_default();
    name_types(&mut json, api, &def.name);
    json.to_string()
}

/// Replaces the indexes of types by their names, and the name of the type itself by nothing.
fn name_types(json: &mut Json, api: &Api, own: &str) {
    match json {
        Json::Object(map) => {
            map.remove("doc");
            for (key, value) in map.iter_mut() {
                let index = value.as_u64().and_then(|index| usize::try_from(index).ok());
                let named = index
                    .filter(|_| key == "Named" || key == "ty")
                    .and_then(|index| api.types.get(index));
                match named {
                    Some(def) if def.name == own => *value = Json::Null,
                    Some(def) => *value = def.name.as_str().into(),
                    None => name_types(value, api, own),
                }
            }
        }
        Json::Array(items) => items.iter_mut().for_each(|item| name_types(item, api, own)),
        _ => {}
    }
}

impl<'a> Comparison<'a> {
    /// Returns the name of a type in the new spec, if it exists there.
    pub(super) fn new_name_of(&self, def: &'a TypeDef) -> &'a str {
        self.renamed_types.get(def.name.as_str()).copied().unwrap_or(&def.name)
    }

    /// Compares the declared types: those that sections share, then those of each section.
    pub(super) fn types(&mut self) {
        let (old, new) = (self.old, self.new);
        let Pairs {
            mut both,
            removed,
            mut added,
        } = pairs(
            &old.types,
            &new.types,
            &[&|def| {
                Some(
                    self.renamed_types
                        .get(def.name.as_str())
                        .map_or(def.name.as_str(), |name| *name)
                        .to_owned(),
                )
            }],
        );
        both.sort_by_key(|(_, def)| def.home);
        added.sort_by_key(|def| def.home);
        for (before, after) in both {
            self.type_def(before, after);
        }
        for def in added {
            self.report(Kind::TypeAdded, &scope(def), "", kind_name(&def.kind));
        }
        for def in removed {
            self.report(Kind::TypeRemoved, &scope(def), kind_name(&def.kind), "");
        }
    }

    fn type_def(&mut self, old: &'a TypeDef, new: &'a TypeDef) {
        let mut scope = scope(new);
        self.report_if_changed(Kind::TypeRenamed, &scope, &old.name, &new.name);
        self.text(Kind::TextChanged, &scope, &old.doc, &new.doc);
        self.use_of(&scope, [old.in_request, new.in_request], "requests");
        self.use_of(&scope, [old.in_response, new.in_response], "responses");
        scope.direction = Some(direction(old, new));
        match (&old.kind, &new.kind) {
            (TypeKind::Object(before), TypeKind::Object(after)) => {
                let (before, after) = (slots(before), slots(after));
                self.fields(&scope, &before, &after);
                if scope.direction != Some(Direction::Response) {
                    self.argument_order(&scope, &before, &after);
                }
            }
            (TypeKind::Newtype(before), TypeKind::Newtype(after)) => self.value(&scope, before, after),
            (
                TypeKind::Enum { repr, values },
                TypeKind::Enum {
                    repr: new_repr,
                    values: new_values,
                },
            ) => {
                if repr == new_repr {
                    self.values(&scope, values, new_values);
                } else {
                    self.report(
                        Kind::TypeKindChanged,
                        &scope,
                        kind_name(&old.kind),
                        kind_name(&new.kind),
                    );
                }
            }
            (TypeKind::Union(before), TypeKind::Union(after)) => self.union(&scope, before, after),
            (TypeKind::OneKey(before), TypeKind::OneKey(after)) => self.keys(&scope, before, after),
            (before, after) => self.report(Kind::TypeKindChanged, &scope, kind_name(before), kind_name(after)),
        }
    }

    /// Compares whether a type is used in messages of a direction. Its constructors and traits depend on it.
    fn use_of(&mut self, scope: &Scope, used: [bool; 2], messages: &str) {
        match used {
            [false, true] => self.report(Kind::TypeUseGained, scope, "", messages),
            [true, false] => self.report(Kind::TypeUseLost, scope, messages, ""),
            _ => {}
        }
    }

    fn values(&mut self, scope: &Scope, old: &'a [EnumValue], new: &'a [EnumValue]) {
        let Pairs { both, removed, added } = pairs(
            old,
            new,
            &[&|value| Some(value.wire.clone()), &|value| Some(value.rust.clone())],
        );
        for (before, after) in both {
            let scope = scope.part("value", &after.wire);
            self.report_if_changed(Kind::EnumValueWireChanged, &scope, &before.wire, &after.wire);
            self.report_if_changed(Kind::EnumValueRenamed, &scope, &before.rust, &after.rust);
            self.text(Kind::TextChanged, &scope, &before.doc, &after.doc);
        }
        for value in added {
            self.report(Kind::EnumValueAdded, &scope.part("value", &value.wire), "", &value.wire);
        }
        for value in removed {
            self.report(
                Kind::EnumValueRemoved,
                &scope.part("value", &value.wire),
                &value.wire,
                "",
            );
        }
    }

    fn union(&mut self, scope: &Scope, old: &'a Union, new: &'a Union) {
        let keys = |union: &Union| match &union.content {
            Some(content) => format!("tag in `{}` and content in `{content}`", union.tag),
            None => format!("tag in `{}` beside the content", union.tag),
        };
        self.report_if_changed(Kind::TagKeyChanged, scope, keys(old), keys(new));
        let Pairs { both, removed, added } = pairs(
            &old.variants,
            &new.variants,
            &[&|variant| Some(variant.tag.clone()), &|variant| {
                Some(variant.rust.clone())
            }],
        );
        for (before, after) in both {
            let scope = scope.part("variant", &after.tag);
            self.variant(&scope, [&before.tag, &after.tag], [&before.rust, &after.rust]);
            let (content, new_content) = (self.old.type_def(before.ty), self.new.type_def(after.ty));
            if self.new_name_of(content) != new_content.name {
                self.report(Kind::TypeChanged, &scope, &content.name, &new_content.name);
            }
            self.text(Kind::TextChanged, &scope, &before.doc, &after.doc);
        }
        let content = |api: &'a Api, variant: &Variant| api.type_def(variant.ty).name.as_str();
        for variant in added {
            let content = content(self.new, variant);
            self.report(Kind::VariantAdded, &scope.part("variant", &variant.tag), "", content);
        }
        for variant in removed {
            let content = content(self.old, variant);
            self.report(Kind::VariantRemoved, &scope.part("variant", &variant.tag), content, "");
        }
    }

    fn keys(&mut self, scope: &Scope, old: &'a [KeyVariant], new: &'a [KeyVariant]) {
        let Pairs { both, removed, added } = pairs(
            old,
            new,
            &[&|variant| Some(variant.key.clone()), &|variant| {
                Some(variant.rust.clone())
            }],
        );
        for (before, after) in both {
            let scope = scope.part("variant", &after.key);
            self.variant(&scope, [&before.key, &after.key], [&before.rust, &after.rust]);
            self.value(&scope, &before.ty, &after.ty);
            self.text(Kind::TextChanged, &scope, &before.doc, &after.doc);
        }
        for variant in added {
            let ty = super::labels::of_type(self.new, &variant.ty);
            self.report(Kind::VariantAdded, &scope.part("variant", &variant.key), "", ty);
        }
        for variant in removed {
            let ty = super::labels::of_type(self.old, &variant.ty);
            self.report(Kind::VariantRemoved, &scope.part("variant", &variant.key), ty, "");
        }
    }

    fn variant(&mut self, scope: &Scope, wire: [&String; 2], rust: [&String; 2]) {
        self.report_if_changed(Kind::VariantTagChanged, scope, wire[0], wire[1]);
        self.report_if_changed(Kind::VariantRenamed, scope, rust[0], rust[1]);
    }
}

fn scope(def: &TypeDef) -> Scope {
    let mut scope = Scope::root("type", &def.name);
    scope.path.insert(0, "types".to_owned());
    scope
}

/// Returns the messages that contain a type in both specs, or in either if there are none.
fn direction(old: &TypeDef, new: &TypeDef) -> Direction {
    let in_both = (old.in_request && new.in_request, old.in_response && new.in_response);
    let in_either = (old.in_request || new.in_request, old.in_response || new.in_response);
    match if in_both == (false, false) { in_either } else { in_both } {
        (true, true) => Direction::Both,
        (false, true) => Direction::Response,
        _ => Direction::Request,
    }
}

fn kind_name(kind: &TypeKind) -> &'static str {
    match kind {
        TypeKind::Object(_) => "an object",
        TypeKind::Newtype(_) => "a value with rules",
        TypeKind::Enum {
            repr: EnumRepr::String, ..
        } => "an enum of strings",
        TypeKind::Enum {
            repr: EnumRepr::Int, ..
        } => "an enum of integers",
        TypeKind::Union(_) => "a union with a tag",
        TypeKind::OneKey(_) => "a union without a tag",
    }
}
