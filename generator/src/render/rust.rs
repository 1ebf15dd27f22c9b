//! Generated Rust: tokens, doc comments, imports and layout.

pub mod call;
pub(crate) mod conditional;
pub(crate) mod crate_template;
pub mod docs;
pub mod imports;
pub mod layout;
pub mod tokens;
