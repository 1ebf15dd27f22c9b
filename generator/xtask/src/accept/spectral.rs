//! Spectral, with its rules for `OpenAPI`.

use super::document::Edition;
use super::install::Pin;
use super::process::{A_RUN, run};
use super::{Answer, Task, Tool};

pub(super) const TOOL: Tool = Tool {
    name: "spectral",
    pin: Pin::Node("@stoplight/spectral-cli"),
    editions: Edition::ALL,
    ask,
};

fn ask(task: &Task<'_>) -> Result<Answer, String> {
    let mut spectral = task.tools.node("spectral", &task.folder);
    spectral.args(["lint", "--format=stylish", "--ruleset"]);
    spectral
        .arg(task.tools.pins().join("spectral.yaml"))
        .arg(&task.document.path);
    let lint = run(&mut spectral, A_RUN)?;
    if !lint.success {
        return Err(lint.output());
    }
    let is_warning = |line: &&str| line.split_whitespace().nth(1) == Some("warning");
    Ok(Answer {
        seen: task.document.operations(),
        warnings: lint.stdout.lines().filter(is_warning).map(str::to_owned).collect(),
        ..Answer::default()
    })
}
