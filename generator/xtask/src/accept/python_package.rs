//! Imports generated Python code.

use std::collections::BTreeSet;

use super::Task;
use crate::tools::process::{RUN_TIMEOUT, lines, succeed};

/// Imports all modules of a package in the folder of the task. Returns the full names of all its functions.
pub(super) fn import(task: &Task<'_>, package: &str) -> Result<BTreeSet<String>, String> {
    let mut python = task.tools.script("import_package.py", &task.folder);
    succeed(python.arg(&task.folder).arg(package), RUN_TIMEOUT).map(|names| lines(&names))
}
