//! The programs in `spec/openapi/programs`, one for each client. They use a generated client as its users would: they get a token,
//! create things, read a list page by page and handle an error. Each talks to a sandbox of its own, so that the results are known.

use std::path::PathBuf;
use std::process::Command;

use super::Task;
use super::sandbox::Sandbox;
use crate::tools::process::{RUN_TIMEOUT, succeed};

/// Returns the path of a program.
pub(super) fn source(task: &Task<'_>, name: &str) -> PathBuf {
    task.tools.root().join("spec/openapi/programs").join(name)
}

/// Runs a program. It fails if the server or the client does not behave as expected.
pub(super) fn run(task: &Task<'_>, program: &mut Command) -> Result<(), String> {
    let sandbox = Sandbox::start(task, &[])?;
    succeed(program.envs(sandbox.environment()), RUN_TIMEOUT).map(drop)
}
