//! The linter of Redocly, with its recommended rules.

use serde::Deserialize;

use super::{Report, Seen, Task, Tool};
use crate::tools::document::Editions;
use crate::tools::install::Pin;
use crate::tools::process::{RUN_TIMEOUT, json, run};

pub(super) const TOOL: Tool = Tool {
    name: "redocly",
    pin: Pin::Node("@redocly/cli"),
    editions: Editions::All,
    check,
};

fn check(task: &Task<'_>) -> Result<Report, String> {
    let call = |args: &[&str]| {
        let mut redocly = task.tools.node("redocly", &task.folder);
        run(redocly.args(args).arg(&task.document.path), RUN_TIMEOUT)
    };
    let mut lint = vec!["lint", "--extends=recommended", "--format=json", "--max-problems=1000"];
    if task.document.is_of_webhooks() {
        // An app receives webhooks at its own URL.
        lint.push("--skip-rule=no-empty-servers");
    }
    let lint = call(&lint)?;
    let problems: Vec<_> = json::<Lint>(&lint)?.problems.iter().map(Problem::line).collect();
    if !lint.success {
        return Err(problems.join("\n"));
    }
    let stats: Stats = json(&call(&["stats", "--format=json"])?)?;
    Ok(Report {
        warnings: problems,
        ..Seen::Count(stats.operations.total + stats.webhooks.total).into()
    })
}

#[derive(Deserialize)]
struct Lint {
    problems: Vec<Problem>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Problem {
    rule_id: String,
    severity: String,
    message: String,
    #[serde(default)]
    location: Vec<Location>,
}

#[derive(Deserialize)]
struct Location {
    #[serde(default)]
    pointer: String,
    start: Option<Start>,
}

#[derive(Deserialize)]
struct Start {
    line: usize,
    col: usize,
}

impl Problem {
    fn line(&self) -> String {
        let location = self.location.first();
        let start = location.and_then(|location| location.start.as_ref());
        let position = start.map_or_else(String::new, |start| format!("{}:{} ", start.line, start.col));
        let pointer = location.map_or("", |location| location.pointer.as_str());
        format!(
            "{position}{} {}: {} ({pointer})",
            self.severity, self.rule_id, self.message
        )
    }
}

#[derive(Deserialize)]
struct Stats {
    operations: Statistic,
    #[serde(default)]
    webhooks: Statistic,
}

#[derive(Deserialize, Default)]
struct Statistic {
    total: usize,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_problems_and_statistics() {
        let lint: Lint = serde_json::from_str(
            r##"{"totals": {"warnings": 1}, "problems": [{"ruleId": "license", "severity": "warn", "message": "No url.",
                "location": [{"pointer": "#/info", "start": {"line": 6, "col": 3}}]}]}"##,
        )
        .unwrap();
        let lines: Vec<_> = lint.problems.iter().map(Problem::line).collect();
        assert_eq!(lines, ["6:3 warn license: No url. (#/info)"]);
        let stats: Stats = serde_json::from_str(
            r#"{"pathItems": {"total": 1}, "operations": {"metric": "x", "total": 2}, "webhooks": {"total": 3}}"#,
        )
        .unwrap();
        assert_eq!((stats.operations.total, stats.webhooks.total), (2, 3));
    }
}
