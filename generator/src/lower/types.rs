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
pub use fields::{reject_or_empty, reject_sent_as_text};
pub use rules::in_range;
