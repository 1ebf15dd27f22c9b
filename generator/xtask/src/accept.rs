//! `cargo xtask accept`: the `OpenAPI` documents through the tools that others use.
//!
//! Every tool is pinned by the files in `generator/xtask/accept/`, installed once under `target/accept/`, and run there in a
//! folder of its own. A tool has to see every operation of the document: one that leaves some out has failed, even if it is
//! content.

mod coverage;
mod datamodel_codegen;
mod openapi_generator;
mod openapi_python_client;
mod openapi_spec_validator;
mod openapi_typescript;
mod prism;
mod progenitor;
mod python_package;
mod redocly;
mod schemathesis;
mod spectral;
mod table;

use std::path::{Path, PathBuf};
use std::time::Instant;

use crate::tools::document::{Document, Documents, Edition};
use crate::tools::install::{Pin, Tools};

use coverage::{Coverage, Seen};
use table::Row;

/// In the order of the table.
const TOOLS: &[Tool] = &[
    openapi_spec_validator::TOOL,
    redocly::TOOL,
    spectral::TOOL,
    schemathesis::TOOL,
    openapi_typescript::TOOL,
    datamodel_codegen::TOOL,
    openapi_python_client::TOOL,
    openapi_generator::TOOL,
    progenitor::TOOL,
    prism::TOOL,
];

/// A tool, and how it is asked.
struct Tool {
    /// As on the command line.
    name: &'static str,
    pin: Pin,
    /// The documents that it is shown.
    editions: &'static [Edition],
    /// Shows it one of them. An error is what the tool has against the document, or why it could not be run.
    ask: fn(&Task<'_>) -> Result<Answer, String>,
}

/// One document for one tool.
struct Task<'a> {
    tools: &'a Tools,
    document: &'a Document,
    /// Empty, and for this task alone.
    folder: PathBuf,
}

/// What a tool that accepts the document says of it.
struct Answer {
    seen: Seen,
    /// What the tool cannot be shown, as it has no notion of it.
    spared: Option<Spared>,
    /// What the tool does not like, line by line.
    warnings: Vec<String>,
}

/// Operations that were taken out of the document.
struct Spared {
    routes: Vec<String>,
    /// For the table: `without multipart`.
    reason: &'static str,
}

impl From<Seen> for Answer {
    fn from(seen: Seen) -> Self {
        Self {
            seen,
            spared: None,
            warnings: Vec::new(),
        }
    }
}

/// Shows the documents in a folder to the tools of these names, or to all; the table of verdicts, as an error if one of the
/// tools failed. What a tool has to say stands before the table.
///
/// # Errors
///
/// If there is no such tool or document, or a tool cannot be installed, or one fails.
pub(crate) fn run(root: &Path, folder: &Path, names: &[String]) -> Result<String, String> {
    let chosen = choose(names)?;
    let documents = Documents::load(folder, chosen.iter().flat_map(|tool| tool.editions))?;
    let tools = Tools::install(root, chosen.iter().map(|tool| tool.pin))?;
    let mut rows = Vec::new();
    for tool in chosen {
        for document in documents.of(tool.editions) {
            rows.push(show(tool, document, &tools)?);
        }
    }
    let report = table::report(&rows);
    if rows.iter().all(Row::passed) {
        Ok(report)
    } else {
        Err(report)
    }
}

/// The tools of these names; without a name, all.
fn choose(names: &[String]) -> Result<Vec<&'static Tool>, String> {
    let known = |name: &String| TOOLS.iter().any(|tool| tool.name == name);
    if let Some(stranger) = names.iter().find(|name| !known(name)) {
        let all: Vec<_> = TOOLS.iter().map(|tool| tool.name).collect();
        return Err(format!(
            "error: there is no tool {stranger}; there are {}",
            all.join(", ")
        ));
    }
    let chosen = |tool: &&Tool| names.is_empty() || names.iter().any(|name| name == tool.name);
    Ok(TOOLS.iter().filter(chosen).collect())
}

fn show(tool: &Tool, document: &Document, tools: &Tools) -> Result<Row, String> {
    let start = Instant::now();
    let task = Task {
        tools,
        document,
        folder: tools.folder(tool.name, document.edition)?,
    };
    let answer = (tool.ask)(&task);
    let row = Row {
        tool: tool.name,
        version: tools.version(tool.pin)?,
        document: document.edition.file_name(),
        answer: answer.map(|answer| (Coverage::new(document, &answer), answer.warnings)),
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
                .contains("no tool spectra; there are openapi-spec-validator, ")
        );
    }
}
