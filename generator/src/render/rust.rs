//! Generated Rust: tokens, doc comments, imports and layout.

pub mod call;
pub mod docs;
pub mod imports;
pub mod layout;
pub mod tokens;
