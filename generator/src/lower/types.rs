//! Declared types.

mod declared;
mod define;
mod enums;
mod expr;
mod fields;
mod pattern;
mod rules;
mod unions;

pub use declared::{Declared, MAX_FIELDS, Position, TypeDraft};
pub use expr::is_done;
pub use fields::reject_or_empty;
pub use rules::in_range;
