//! The specs that several tests share: the invented ones beside this file, and the spec of this repository.
#![allow(clippy::unwrap_used, clippy::panic, reason = "a test fails by panicking")]
#![allow(dead_code, reason = "each test uses only some of these functions")]

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use generator::ir::Api;
use generator::source::SourceSet;

/// The invented specs.
pub(crate) const NAMES: [&str; 6] = ["bare", "garden", "harbour", "lending", "library", "seedshare"];
/// The spec of this repository, as the name of a spec.
pub(crate) const REPOSITORY: &str = "../../../spec";

/// Files of a spec: path and bytes.
pub(crate) type Files = BTreeMap<String, Vec<u8>>;

/// Returns the folder of a spec.
pub(crate) fn folder(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/specs").join(name)
}

/// Reads the files of a spec.
pub(crate) fn sources(name: &str) -> SourceSet {
    SourceSet::load(&folder(name)).unwrap()
}

/// Reads the files of a spec, for tests that change them.
pub(crate) fn files(name: &str) -> Files {
    let sources = sources(name);
    let files = sources.files().map(|(_, file)| file);
    files
        .map(|file| (file.path.clone(), file.text.clone().into_bytes()))
        .collect()
}

/// Loads a spec that is valid.
pub(crate) fn load(name: &str) -> Api {
    generator::load(&sources(name)).unwrap_or_else(|diagnostics| panic!("{diagnostics}"))
}
