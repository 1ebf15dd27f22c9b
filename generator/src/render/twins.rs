//! Keys that generators of clients confuse.

use crate::{ir::Field, names};

/// Whether generators that turn keys into names in one casing give a key the name of one of these fields.
pub fn is_confused<'a>(key: &str, mut fields: impl Iterator<Item = &'a Field>) -> bool {
    let name = names::recased(key);
    fields.any(|field| names::recased(&field.wire) == name)
}
