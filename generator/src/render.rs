//! The renderers: each borrows the IR and returns files. They know nothing of each other.

pub mod docs;
pub mod sample;
