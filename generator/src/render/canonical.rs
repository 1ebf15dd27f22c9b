//! Canonical JSON: values of examples as the client writes them.
//!
//! A response may use aliases, numbers as strings or undeclared keys. The client accepts all of these, and writes a single form.

use crate::ir::{
    Api, EnumRepr, Field, Json, KeyVariant, Operation, OperationResult, Reads, Type, TypeId, TypeKind, Union, Variant,
};

type JsonObject = serde_json::Map<String, Json>;

/// Returns the typed result of a response body, or `None` if the operation has no JSON result.
///
/// The keys of a result of several parts are their Rust names.
#[must_use]
pub fn result(api: &Api, operation: &Operation, body: &Json) -> Option<Json> {
    match &operation.result {
        OperationResult::None | OperationResult::Bytes(_) | OperationResult::Done(_) => None,
        OperationResult::Value(part) => {
            let value = part.path.find(body).or_else(|| empty(&part.field))?;
            Some(field_value(api, &part.field, value))
        }
        OperationResult::Parts { parts, .. } => {
            let found = parts.iter().filter_map(|part| {
                let value = first_non_null(part.paths().filter_map(|path| path.find(body)));
                let value = value.or_else(|| empty(&part.field))?;
                let is_present = part.field.is_required() || !value.is_null();
                is_present.then(|| (part.field.rust.clone(), field_value(api, &part.field, value)))
            });
            Some(Json::Object(found.collect()))
        }
    }
}

/// Returns the value of an absent field that is an empty list then.
fn empty(field: &Field) -> Option<&'static Json> {
    field.is_or_empty().then_some(&Json::Null)
}

/// Returns the value of a field with aliases: the first that is not `null`.
fn first_non_null<'j>(values: impl Iterator<Item = &'j Json>) -> Option<&'j Json> {
    values.min_by_key(|value| value.is_null())
}

/// Returns the canonical value of a field that may be lenient.
fn field_value(api: &Api, field: &Field, value: &Json) -> Json {
    if value.is_null() && field.is_or_empty() {
        return Json::Array(Vec::new());
    }
    read_value(api, &field.reads, &field.ty, value)
}

fn read_value(api: &Api, reads: &Reads, ty: &Type, value: &Json) -> Json {
    match (reads, value) {
        (Reads::NumberOrText { sent_as }, value) => {
            let number = integer(value);
            match sent_as {
                EnumRepr::Int => number.into(),
                EnumRepr::String => number.to_string().into(),
            }
        }
        (Reads::TextForTrue(word), Json::String(text)) => (text == word).into(),
        (Reads::OneOrMany, value) if !value.is_array() => canonical(api, ty, &Json::Array(vec![value.clone()])),
        _ => canonical(api, ty, value),
    }
}

/// Returns an integer that is a number or a string on the wire.
pub fn integer(value: &Json) -> i64 {
    value
        .as_i64()
        .or_else(|| value.as_str()?.parse().ok())
        .unwrap_or_default()
}

/// Returns the canonical form of a value.
#[must_use]
pub fn canonical(api: &Api, ty: &Type, value: &Json) -> Json {
    match (ty, value) {
        (Type::List(inner, _), Json::Array(items)) => items.iter().map(|item| canonical(api, inner, item)).collect(),
        (Type::Map(inner, _), Json::Object(entries)) => entries
            .iter()
            .map(|(key, value)| (key.clone(), canonical(api, inner, value)))
            .collect::<JsonObject>()
            .into(),
        (Type::Nullable(inner), value) if !value.is_null() => canonical(api, inner, value),
        (Type::Named(id), value) => named(api, *id, value),
        (_, value) => value.clone(),
    }
}

fn named(api: &Api, id: TypeId, value: &Json) -> Json {
    match &api.type_def(id).kind {
        TypeKind::Newtype(_) | TypeKind::Enum { .. } => value.clone(),
        TypeKind::Object(fields) => Json::Object(object(api, fields, value)),
        TypeKind::OneKey(variants) => match KeyVariant::find(variants, value) {
            Some((variant, content)) => {
                let content = canonical(api, &variant.ty, content);
                Json::Object([(variant.key.clone(), content)].into_iter().collect())
            }
            None => value.clone(),
        },
        TypeKind::Union(union) => match union.variant_of(value) {
            Some(variant) => tagged(api, union, variant, value),
            None => value.clone(),
        },
    }
}

fn tagged(api: &Api, union: &Union, variant: &Variant, value: &Json) -> Json {
    let mut out = JsonObject::new();
    out.insert(union.tag.clone(), variant.tag.clone().into());
    match &union.content {
        Some(key) => {
            let content = value.get(key).map(|content| named(api, variant.ty, content));
            out.insert(key.clone(), content.unwrap_or_default());
        }
        None => {
            if let Json::Object(content) = named(api, variant.ty, value) {
                out.extend(content);
            }
        }
    }
    Json::Object(out)
}

fn object(api: &Api, fields: &[Field], value: &Json) -> JsonObject {
    let mut out = JsonObject::new();
    for field in fields {
        if let Some(family) = field.family() {
            let entries = family.entries(value).filter(|(_, value)| !value.is_null());
            out.extend(entries.map(|(key, value)| {
                let value = read_value(api, &field.reads, &family.value, value);
                (format!("{}{key}", family.prefix), value)
            }));
            continue;
        }
        if field.flatten {
            if let Json::Object(inner) = canonical(api, &field.ty, value) {
                out.extend(inner);
            }
            continue;
        }
        let is_nullable = matches!(field.ty, Type::Nullable(_) | Type::Json);
        let found = first_non_null(field.keys().filter_map(|key| value.get(key)));
        let found = found.filter(|value| is_nullable || !value.is_null());
        if let Some(found) = found.or_else(|| empty(field)) {
            out.insert(field.wire.clone(), field_value(api, field, found));
        }
    }
    out
}

/// Returns a value as the text of a form part; the elements of a list are joined by commas.
#[must_use]
pub fn part_text(value: &Json) -> String {
    match value {
        Json::String(text) => text.clone(),
        Json::Array(items) => items.iter().map(part_text).collect::<Vec<_>>().join(","),
        Json::Number(number) if number.is_f64() => number.as_f64().unwrap_or_default().to_string(),
        other => other.to_string(),
    }
}
