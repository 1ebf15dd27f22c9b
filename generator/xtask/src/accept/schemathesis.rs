//! Schemathesis: loads the document and generates a test case for each operation.

use super::{Report, Seen, Task, Tool};
use crate::tools::document::Editions;
use crate::tools::install::Pin;
use crate::tools::process::{RUN_TIMEOUT, lines, succeed};

pub(super) const TOOL: Tool = Tool {
    name: "schemathesis",
    pin: Pin::Python("schemathesis"),
    editions: Editions::EveryStandard,
    check,
};

fn check(task: &Task<'_>) -> Result<Report, String> {
    let mut python = task.tools.script("make_cases.py", &task.folder);
    let routes = succeed(python.arg(&task.document.path), RUN_TIMEOUT)?;
    Ok(Seen::Operations(lines(&routes)).into())
}
