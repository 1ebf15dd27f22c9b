//! Turns a compact, multilingual YAML spec of a REST API into a Rust client crate, an OpenAPI document and markdown docs.

pub mod diagnostic;
pub mod files;
pub mod ir;
pub mod lower;
pub mod names;
pub mod render;
pub mod source;
pub mod syntax;
