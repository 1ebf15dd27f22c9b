//! Rust as text: what the outputs that show or hold code are made of.

pub mod layout;
