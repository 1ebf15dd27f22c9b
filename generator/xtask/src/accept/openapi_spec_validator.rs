//! The validator that Python tools build on.

use super::document::Edition;
use super::install::Pin;
use super::process::{A_RUN, succeed};
use super::{Answer, Task, Tool};

pub(super) const TOOL: Tool = Tool {
    name: "openapi-spec-validator",
    pin: Pin::Python("openapi-spec-validator"),
    editions: Edition::ALL,
    ask,
};

fn ask(task: &Task<'_>) -> Result<Answer, String> {
    let mut python = task.tools.python(&task.folder);
    python.args(["-m", "openapi_spec_validator"]).arg(&task.document.path);
    succeed(&mut python, A_RUN)?;
    Ok(Answer {
        seen: task.document.operations(),
        ..Answer::default()
    })
}
