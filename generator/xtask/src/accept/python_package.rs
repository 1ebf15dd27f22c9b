//! Python code that a tool made.

use std::collections::BTreeSet;

use super::Task;
use crate::tools::process::{A_RUN, lines, succeed};

/// Imports every module of a package in the folder of the task; the full names of all functions in it.
pub(super) fn import(task: &Task<'_>, package: &str) -> Result<BTreeSet<String>, String> {
    let mut python = task.tools.script("import_package.py", &task.folder);
    succeed(python.arg(&task.folder).arg(package), A_RUN).map(|names| lines(&names))
}
