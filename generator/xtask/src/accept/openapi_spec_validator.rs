//! openapi-spec-validator, the validator used by other Python tools.

use super::{Report, Seen, Task, Tool};
use crate::tools::document::Editions;
use crate::tools::install::Pin;
use crate::tools::process::{RUN_TIMEOUT, lines, succeed};

pub(super) const TOOL: Tool = Tool {
    name: "openapi-spec-validator",
    pin: Pin::Python("openapi-spec-validator"),
    editions: Editions::All,
    check,
};

fn check(task: &Task<'_>) -> Result<Report, String> {
    let mut python = task.tools.script("validate.py", &task.folder);
    let ids = succeed(python.arg(&task.document.path), RUN_TIMEOUT)?;
    Ok(Seen::Operations(lines(&ids)).into())
}
