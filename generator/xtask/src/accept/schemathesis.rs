//! Schemathesis: loads the document, and makes a test case for each operation.

use super::{Answer, Seen, Task, Tool};
use crate::tools::document::Edition;
use crate::tools::install::Pin;
use crate::tools::process::{A_RUN, lines, succeed};

pub(super) const TOOL: Tool = Tool {
    name: "schemathesis",
    pin: Pin::Python("schemathesis"),
    editions: &[Edition::English, Edition::V30],
    ask,
};

fn ask(task: &Task<'_>) -> Result<Answer, String> {
    let mut python = task.tools.script("make_cases.py", &task.folder);
    let routes = succeed(python.arg(&task.document.path), A_RUN)?;
    Ok(Seen::Operations(lines(&routes)).into())
}
