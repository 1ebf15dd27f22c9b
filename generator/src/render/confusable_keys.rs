//! Keys that client generators cannot tell apart.

use crate::{ir::Field, names};

/// Returns `true` if recasing turns a key and the key of one of the fields into the same name.
pub fn is_confusable<'a>(key: &str, mut fields: impl Iterator<Item = &'a Field>) -> bool {
    let name = names::recased(key);
    fields.any(|field| names::recased(&field.wire) == name)
}
