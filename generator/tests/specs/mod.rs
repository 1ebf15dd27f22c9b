//! The small specs beside this file.
#![allow(clippy::unwrap_used, clippy::panic, reason = "a test fails by panicking")]

use std::path::Path;

use generator::ir::Api;
use generator::source::SourceSet;

/// Returns the files of a spec.
pub(crate) fn sources(name: &str) -> SourceSet {
    SourceSet::load(&Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/specs").join(name)).unwrap()
}

/// Loads a spec.
pub(crate) fn load(name: &str) -> Api {
    generator::load(&sources(name)).unwrap_or_else(|problems| panic!("{problems}"))
}
