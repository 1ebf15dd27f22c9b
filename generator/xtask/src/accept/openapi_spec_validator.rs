//! The validator that Python tools build on.

use super::{Answer, Seen, Task, Tool};
use crate::tools::document::Edition;
use crate::tools::install::Pin;
use crate::tools::process::{A_RUN, lines, succeed};

pub(super) const TOOL: Tool = Tool {
    name: "openapi-spec-validator",
    pin: Pin::Python("openapi-spec-validator"),
    editions: Edition::ALL,
    ask,
};

fn ask(task: &Task<'_>) -> Result<Answer, String> {
    let mut python = task.tools.script("validate.py", &task.folder);
    let ids = succeed(python.arg(&task.document.path), A_RUN)?;
    Ok(Seen::Operations(lines(&ids)).into())
}
