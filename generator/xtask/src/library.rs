//! Stand-ins for the parts of the generator that are not there yet.

use std::path::Path;

use generator::files::FileSet;

use crate::report::Size;

pub(crate) struct Sources;

#[allow(clippy::unnecessary_wraps, reason = "stand-in")]
pub(crate) fn load(_spec: &Path) -> Result<Sources, String> {
    Ok(Sources)
}

pub(crate) fn generate(_sources: &Sources, _colour: bool) -> Result<FileSet, String> {
    FileSet::new([]).map_err(|error| error.to_string())
}

#[allow(clippy::unnecessary_wraps, reason = "stand-in")]
pub(crate) fn count_operations(_sources: &Sources, _colour: bool) -> Result<usize, String> {
    Ok(0)
}

pub(crate) fn size(_sources: &Sources) -> Size {
    Size::default()
}

pub(crate) fn accept(_root: &Path, _document: &Path) -> Result<(), String> {
    Err("error: not there yet".to_owned())
}
