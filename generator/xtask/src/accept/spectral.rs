//! Spectral, with its rules for `OpenAPI`.

use serde::Deserialize;

use super::{Report, Seen, Task, Tool};
use crate::tools::document::{Editions, route};
use crate::tools::install::Pin;
use crate::tools::process::{RUN_TIMEOUT, json, run};

pub(super) const TOOL: Tool = Tool {
    name: "spectral",
    pin: Pin::Node("@stoplight/spectral-cli"),
    editions: Editions::All,
    check,
};

/// The rule in `spectral.yaml` that every operation violates.
const SEEN: &str = "operation-seen";

fn check(task: &Task<'_>) -> Result<Report, String> {
    let mut spectral = task.tools.node("spectral", &task.folder);
    spectral.args(["lint", "--quiet", "--format=json", "--ruleset"]);
    spectral
        .arg(task.tools.pins().join("spectral.yaml"))
        .arg(&task.document.path);
    let lint = run(&mut spectral, RUN_TIMEOUT)?;
    let results: Vec<Finding> = json(&lint)?;
    let warnings: Vec<_> = results
        .iter()
        .filter(|one| one.code != SEEN)
        .map(Finding::line)
        .collect();
    if !lint.success {
        return Err(warnings.join("\n"));
    }
    Ok(Report {
        warnings,
        ..Seen::Operations(results.iter().filter_map(Finding::operation).collect()).into()
    })
}

#[derive(Deserialize)]
struct Finding {
    code: String,
    path: Vec<String>,
    message: String,
    severity: usize,
    range: Range,
}

#[derive(Deserialize)]
struct Range {
    start: Start,
}

/// A zero-based position.
#[derive(Deserialize)]
struct Start {
    line: usize,
    character: usize,
}

impl Finding {
    fn line(&self) -> String {
        let severity = ["error", "warning", "info", "hint"].get(self.severity).unwrap_or(&"?");
        let (line, column) = (self.range.start.line + 1, self.range.start.character + 1);
        let path = self.path.join(".");
        format!("{line}:{column} {severity} {}: {} ({path})", self.code, self.message)
    }

    /// Returns the route of the operation if the finding comes from the rule [`SEEN`], which every operation violates.
    fn operation(&self) -> Option<String> {
        match self.path.as_slice() {
            [_, path, method, ..] if self.code == SEEN => Some(route(method, path)),
            _ => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_findings() {
        let findings: Vec<Finding> = serde_json::from_str(
            r#"[{"code": "info-contact", "path": ["info"], "message": "No contact.", "severity": 1,
                 "range": {"start": {"line": 2, "character": 5}, "end": {"line": 9, "character": 0}}, "source": "a"},
                {"code": "operation-seen", "path": ["paths", "/a/{b}", "get"], "message": "x", "severity": 3,
                 "range": {"start": {"line": 4, "character": 8}}}]"#,
        )
        .unwrap();
        assert_eq!(findings[0].line(), "3:6 warning info-contact: No contact. (info)");
        assert_eq!(findings[0].operation(), None);
        assert_eq!(findings[1].operation().as_deref(), Some("GET /a/{b}"));
    }
}
