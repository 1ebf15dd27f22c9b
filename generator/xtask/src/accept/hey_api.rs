//! hey-api: compiles its TypeScript client, and runs a program with it.

use super::{Report, Seen, Task, Tool, typescript};
use crate::tools::document::Editions;
use crate::tools::install::{Pin, read};
use crate::tools::process::{RUN_TIMEOUT, succeed};

pub(super) const TOOL: Tool = Tool {
    name: "hey-api",
    pin: Pin::Node("@hey-api/openapi-ts"),
    editions: Editions::EveryStandard,
    check,
};

fn check(task: &Task<'_>) -> Result<Report, String> {
    let mut generate = task.tools.node("openapi-ts", &task.folder);
    generate.arg("--input").arg(&task.document.path);
    generate.args([
        "--output",
        "client",
        "--client",
        "@hey-api/client-fetch",
        "--no-log-file",
    ]);
    succeed(&mut generate, RUN_TIMEOUT)?;
    typescript::run(task, "hey-api")?;
    let code = read(&task.folder.join("client/sdk.gen.ts"))?;
    Ok(Seen::Operations(typescript::functions(&code, " = <ThrowOnError")).into())
}
