//! Keys that generators of clients confuse.

use heck::ToSnakeCase;

use crate::ir::Field;

/// Whether generators that turn keys into names in one casing give a key the name of one of these fields.
pub fn is_confused<'a>(key: &str, mut fields: impl Iterator<Item = &'a Field>) -> bool {
    let name = key.to_snake_case();
    fields.any(|field| field.wire.to_snake_case() == name)
}
