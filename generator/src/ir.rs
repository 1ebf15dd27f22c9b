//! The intermediate representation: one [`Api`], valid by construction.
//!
//! Lowering builds each value once, and renderers borrow it. All references are resolved, and every list is in the order of
//! the outputs. `None` means that the API has no such value. Wire names and Rust names are fields of the same struct.

mod api;
mod crate_files;
mod errors;
mod example;
mod json_path;
mod limits;
mod operation;
mod text;
mod types;
mod webhooks;

pub use serde_json::Value as Json;

pub use api::*;
pub use crate_files::*;
pub use errors::*;
pub use example::*;
pub use json_path::*;
pub use limits::*;
pub use operation::*;
pub use text::*;
pub use types::*;
pub use webhooks::*;
