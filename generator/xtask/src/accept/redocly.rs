//! Redocly's linter, with the rules that it recommends.

use super::document::Edition;
use super::install::Pin;
use super::process::{A_RUN, run};
use super::{Answer, Task, Tool};

pub(super) const TOOL: Tool = Tool {
    name: "redocly",
    pin: Pin::Node("@redocly/cli"),
    editions: Edition::ALL,
    ask,
};

fn ask(task: &Task<'_>) -> Result<Answer, String> {
    let mut redocly = task.tools.node("redocly", &task.folder);
    redocly
        .args(["lint", "--extends=recommended", "--format=stylish"])
        .arg(&task.document.path);
    let lint = run(&mut redocly, A_RUN)?;
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
