//! Rust as text: what the outputs that show or hold code are made of.

pub mod call;
pub mod docs;
pub mod imports;
pub mod layout;
pub mod tokens;
