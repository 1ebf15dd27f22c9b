//! Schemathesis: sends requests that it generates from the document to the sandbox, and checks the responses. Every operation must
//! succeed at least once.
//!
//! The settings are in `spec/openapi/schemathesis`, with a list of the failures that are right.

use std::collections::{BTreeMap, BTreeSet};

use serde::Deserialize;

use super::sandbox::Sandbox;
use super::{Report, Seen, Task, Tool};
use crate::tools::document::Editions;
use crate::tools::install::{Pin, read};
use crate::tools::process::{BUILD_TIMEOUT, run};

/// Sends the examples of the document, then values for each rule of each schema, then random ones, and last sequences of calls that use
/// values of earlier responses.
const PHASES: &str = "--phases=examples,coverage,fuzzing,stateful";

pub(super) const TOOL: Tool = Tool {
    name: "schemathesis",
    pin: Pin::Python("schemathesis"),
    editions: Editions::EveryStandard,
    check,
};

fn check(task: &Task<'_>) -> Result<Report, String> {
    let settings = task.tools.root().join("spec/openapi/schemathesis");
    let sandbox = Sandbox::start(task, &["--example-data"])?;
    let mut python = task.tools.python(&task.folder);
    python.args(["-m", "schemathesis.cli", "--config-file"]);
    python
        .arg(settings.join("schemathesis.toml"))
        .arg("run")
        .arg(&task.document.path);
    python.args(["--no-color", "--report=json", "--report-json-path=report.json"]);
    python.args([PHASES, "--url", sandbox.base_url()]);
    python.env("SCHEMATHESIS_HOOKS", settings.join("hooks.py"));
    let outcome = run(python.envs(sandbox.environment()), BUILD_TIMEOUT)?;
    if !outcome.success {
        return Err(outcome.output());
    }
    let accepted = accepted(&read(&task.folder.join("report.json"))?)?;
    Ok(Seen::Operations(accepted).into())
}

/// Returns the routes that accepted at least one request.
fn accepted(report: &str) -> Result<BTreeSet<String>, String> {
    let report: RunReport = serde_json::from_str(report).map_err(|error| format!("report.json: {error}"))?;
    let rates = report.valid_rates.into_iter();
    let accepted = rates.filter(|(_, phases)| phases.values().any(|phase| phase.accepted > 0));
    Ok(accepted.map(|(route, _)| route).collect())
}

#[derive(Deserialize)]
struct RunReport {
    /// The results of valid requests, by route and phase.
    valid_rates: BTreeMap<String, BTreeMap<String, Rate>>,
}

#[derive(Deserialize)]
struct Rate {
    accepted: u32,
}

#[cfg(test)]
mod tests {
    use super::accepted;

    #[test]
    fn finds_the_operations_that_succeed() {
        let report = r#"{"complete": true, "valid_rates": {
            "GET /a": {"coverage": {"accepted": 0, "rejected": 3}, "fuzzing": {"accepted": 1, "rejected": 0}},
            "POST /a": {"coverage": {"accepted": 0, "rejected": 9}}
        }}"#;
        assert_eq!(accepted(report).unwrap().into_iter().collect::<Vec<_>>(), ["GET /a"]);
        assert!(accepted("{}").is_err());
    }
}
