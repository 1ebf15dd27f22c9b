//! orval: compiles its TypeScript client, and runs a program with it.

use serde_json::json;

use super::{Report, Seen, Task, Tool, typescript};
use crate::tools::document::Editions;
use crate::tools::install::{Pin, read, write};
use crate::tools::process::{RUN_TIMEOUT, succeed};

pub(super) const TOOL: Tool = Tool {
    name: "orval",
    pin: Pin::Node("orval"),
    editions: Editions::EveryStandard,
    check,
};

fn check(task: &Task<'_>) -> Result<Report, String> {
    let config = task.folder.join("orval.config.mjs");
    let api = json!({
        "input": { "target": task.document.path },
        "output": { "target": "client/api.ts", "client": "fetch", "mode": "single", "baseUrl": { "runtime": "process.env.BASE_URL" } },
    });
    write(&config, &format!("export default {{ api: {api} }};\n"))?;
    let mut generate = task.tools.node("orval", &task.folder);
    succeed(generate.arg("--config").arg(&config), RUN_TIMEOUT)?;
    typescript::run(task, "orval")?;
    let code = read(&task.folder.join("client/api.ts"))?;
    Ok(Seen::Operations(typescript::functions(&code, " = async (")).into())
}
