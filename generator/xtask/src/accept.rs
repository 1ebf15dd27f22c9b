//! `cargo xtask accept`: runs third-party tools on the `OpenAPI` documents.
//!
//! The versions of all tools are pinned by the files in `generator/xtask/accept/`. A tool is installed once in `target/accept/`
//! and runs in its own folder there. A tool must process every operation of the document. If it leaves out some, it has failed,
//! even if it reports no error.

mod coverage;
mod datamodel_codegen;
mod hey_api;
mod openapi_generator;
mod openapi_python_client;
mod openapi_spec_validator;
mod openapi_typescript;
mod orval;
mod prism;
mod progenitor;
mod programs;
mod python_package;
mod redocly;
mod sandbox;
mod schemathesis;
mod server;
mod spectral;
mod table;
mod typescript;
mod viewers;

use std::path::{Path, PathBuf};
use std::time::Instant;

use generator::ir::Api;

use crate::tools::document::{Document, Documents, Editions};
use crate::tools::install::{Pin, Tools};

use coverage::{Coverage, Seen};
use table::{Findings, Row};

/// All tools, in the order of the table.
const TOOLS: &[Tool] = &[
    openapi_spec_validator::TOOL,
    redocly::TOOL,
    spectral::TOOL,
    schemathesis::TOOL,
    openapi_typescript::TOOL,
    hey_api::TOOL,
    orval::TOOL,
    datamodel_codegen::TOOL,
    openapi_python_client::TOOL,
    openapi_generator::PYTHON,
    openapi_generator::JAVA,
    openapi_generator::GO,
    openapi_generator::RUST,
    progenitor::TOOL,
    prism::TOOL,
    viewers::REDOC,
    viewers::SWAGGER_UI,
    viewers::SCALAR,
];

/// A tool and how to run it.
struct Tool {
    /// The name on the command line.
    name: &'static str,
    pin: Pin,
    /// The documents to check with the tool.
    editions: Editions,
    /// Runs the tool on a document. The error contains the findings of the tool, or the reason why it could not be run.
    check: fn(&Task<'_>) -> Result<Report, String>,
}

/// One document to check with one tool.
struct Task<'a> {
    tools: &'a Tools,
    document: &'a Document,
    /// An empty folder for this task alone.
    folder: PathBuf,
}

/// The result of a tool that accepts the document.
struct Report {
    seen: Seen,
    /// Operations that the tool does not support.
    skipped: Option<Skipped>,
    /// Warnings of the tool, one per line.
    warnings: Vec<String>,
}

/// Operations that were removed from the document before the tool was run.
struct Skipped {
    routes: Vec<String>,
    /// The reason shown in the table, such as `without multipart`.
    reason: &'static str,
}

impl From<Seen> for Report {
    fn from(seen: Seen) -> Self {
        Self {
            seen,
            skipped: None,
            warnings: Vec::new(),
        }
    }
}

/// Runs the named tools, or all if `names` is empty, on the documents in a folder. Returns the output of the tools, followed by a
/// table of verdicts.
///
/// # Errors
///
/// Returns an error if a tool or document does not exist or a tool cannot be installed. If a tool fails, the error is the table.
pub(crate) fn run(api: &Api, root: &Path, folder: &Path, names: &[String]) -> Result<String, String> {
    let chosen = choose(names)?;
    let needed: Vec<_> = chosen.iter().map(|tool| tool.editions).collect();
    let documents = Documents::load(api, folder, &needed)?;
    let pins: Vec<_> = chosen.iter().map(|tool| tool.pin).collect();
    let tools = Tools::install(root, &pins)?;
    let mut rows = Vec::new();
    for tool in chosen {
        for document in documents.of(tool.editions) {
            rows.push(check(tool, document, &tools)?);
        }
    }
    let table = table::format(&rows);
    if rows.iter().all(Row::passed) {
        Ok(table)
    } else {
        Err(table)
    }
}

/// Returns the named tools, or all if `names` is empty.
fn choose(names: &[String]) -> Result<Vec<&'static Tool>, String> {
    let is_known = |name: &String| TOOLS.iter().any(|tool| tool.name == name);
    if let Some(unknown) = names.iter().find(|name| !is_known(name)) {
        let all: Vec<_> = TOOLS.iter().map(|tool| tool.name).collect();
        return Err(format!("error: unknown tool `{unknown}`; known: {}", all.join(", ")));
    }
    let chosen = |tool: &&Tool| names.is_empty() || names.iter().any(|name| name == tool.name);
    Ok(TOOLS.iter().filter(chosen).collect())
}

fn check(tool: &Tool, document: &Document, tools: &Tools) -> Result<Row, String> {
    let start = Instant::now();
    let task = Task {
        tools,
        document,
        folder: tools.folder(tool.name, &document.file_name)?,
    };
    let report = (tool.check)(&task);
    let row = Row {
        tool: tool.name,
        version: tools.version(tool.pin)?,
        document: document.file_name.clone(),
        result: report.map(|report| Findings {
            coverage: Coverage::new(document, &report),
            warnings: report.warnings,
        }),
    };
    eprintln!("{}: {}, {} s", row.tool, row.document, start.elapsed().as_secs());
    Ok(row)
}

#[cfg(test)]
mod tests {
    use super::choose;

    #[test]
    fn tools_are_chosen_by_name() {
        let names = |words: &[&str]| {
            let words: Vec<_> = words.iter().map(|&word| word.to_owned()).collect();
            choose(&words).map(|tools| tools.iter().map(|tool| tool.name).collect::<Vec<_>>())
        };
        assert_eq!(names(&["spectral", "redocly"]).unwrap(), ["redocly", "spectral"]);
        assert!(names(&[]).unwrap().len() > 2);
        assert!(
            names(&["spectra"])
                .unwrap_err()
                .contains("unknown tool `spectra`; known: openapi-spec-validator, ")
        );
    }
}
