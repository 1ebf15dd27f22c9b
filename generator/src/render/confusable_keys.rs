//! Keys that client generators cannot tell apart.

use crate::{ir::Field, names};

/// Returns `true` if a key and the key of one of the fields become the same name when converted to another case.
pub fn is_confusable<'a>(key: &str, mut fields: impl Iterator<Item = &'a Field>) -> bool {
    let name = names::recased(key);
    fields.any(|field| names::recased(&field.wire) == name)
}
