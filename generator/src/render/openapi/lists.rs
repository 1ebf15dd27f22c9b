//! Lists that are sent as a comma-separated string.

use super::document::Schema;
use super::schemas::Schemas;
use crate::ir::{CountRule, Json, Type};

/// Prefix of the `pattern` for a comma-separated list, up to the repetition count.
const ELEMENTS: &str = "^[^,]+(,[^,]+)";

/// Prefix of the `pattern` for a comma-separated list that may have a single element.
pub(super) const FROM_ONE: &str = "^[^,]+(,[^,]+){0,";

/// Returns the schema of the comma-separated string that a list is sent as.
pub(super) fn as_text(schemas: &Schemas<'_>, list: &Schema, ty: &Type) -> Schema {
    Schema {
        description: schemas.sentences(&[&list.description, &schemas.words.comma_separated]),
        default: list.default.as_ref().map(comma_separated),
        pattern: count_pattern(ty),
        ..Schema::of("string")
    }
}

/// Returns the comma-separated string that a list is sent as.
pub(super) fn comma_separated(value: &Json) -> Json {
    let text = |value: &Json| value.as_str().map_or_else(|| value.to_string(), str::to_owned);
    match value.as_array() {
        Some(items) => Json::String(items.iter().map(text).collect::<Vec<_>>().join(",")),
        None => Json::String(text(value)),
    }
}

/// Returns the `pattern` for the number of elements of a list.
fn count_pattern(ty: &Type) -> Option<String> {
    let Type::List(_, CountRule { min: Some(min), max }) = ty else {
        return None;
    };
    // An empty string is an empty list.
    let least = min.checked_sub(1)?;
    let most = match max {
        // Engines do not support larger repetition counts.
        Some(max) if *max <= 1000 => max.saturating_sub(1).to_string(),
        _ => String::new(),
    };
    (least <= 1000).then(|| format!("{ELEMENTS}{{{least},{most}}}$"))
}
