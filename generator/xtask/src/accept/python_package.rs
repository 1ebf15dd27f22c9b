//! Imports generated Python code, and checks and runs programs with it.

use std::collections::BTreeSet;

use super::{Task, programs};
use crate::tools::install::{read, write};
use crate::tools::process::{RUN_TIMEOUT, lines, succeed};

/// Imports all modules of a package in the folder of the task. Returns the full names of all its functions.
pub(super) fn import(task: &Task<'_>, package: &str) -> Result<BTreeSet<String>, String> {
    let mut python = task.tools.script("import_package.py", &task.folder);
    succeed(python.arg(&task.folder).arg(package), RUN_TIMEOUT).map(|names| lines(&names))
}

/// Checks the types of a program that uses the package in the folder of the task, and runs it.
pub(super) fn run(task: &Task<'_>, program: &str) -> Result<(), String> {
    // Python finds packages next to a program.
    write(&task.folder.join(program), &read(&programs::source(task, program))?)?;
    let mut mypy = task.tools.python(&task.folder);
    mypy.args(["-m", "mypy", "--config-file"])
        .arg(task.tools.pins().join("mypy.ini"));
    succeed(mypy.arg(program), RUN_TIMEOUT)?;
    programs::run(task, task.tools.python(&task.folder).arg(program))
}
