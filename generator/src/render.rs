//! The renderers. Each borrows the IR and returns files; they are independent of each other.

pub(crate) mod canonical;
pub mod client;
pub(crate) mod confusable_keys;
pub mod docs;
pub mod editions;
pub(crate) mod markdown;
pub mod openapi;
pub mod rust;
pub mod samples;
pub mod sandbox;
pub mod schema;
pub(crate) mod size;
pub mod strings;
