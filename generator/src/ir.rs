//! The intermediate representation: one [`Api`], valid by construction.
//!
//! Lowering builds it; renderers only borrow it. Every reference is resolved, every list is in the order the outputs
//! show it in, and no `Option` means "not looked up yet": `None` always means "the API has none". Where the wire name and
//! the Rust name differ, they stand side by side on the same struct.

mod api;
mod crate_files;
mod example;
mod json_path;
mod operation;
mod text;
mod types;

pub use serde_json::Value as Json;

pub use api::*;
pub use crate_files::*;
pub use example::*;
pub use json_path::*;
pub use operation::*;
pub use text::*;
pub use types::*;
