//! progenitor: compiles its Rust client, and runs a program with it.

use std::process::Command;

use crate::tools::document::Editions;
use crate::tools::install::{read, write};
use crate::tools::process::{BUILD_TIMEOUT, succeed};
use crate::tools::progenitor::{CRATE, PIN, Paths, operations};

use super::{Report, Seen, Skipped, Task, Tool, programs};

pub(super) const TOOL: Tool = Tool {
    name: "progenitor",
    pin: PIN,
    editions: Editions::V30,
    check,
};

fn check(task: &Task<'_>) -> Result<Report, String> {
    let (document, routes) = task.document.without_multipart();
    let paths = Paths {
        document: task.folder.join("document.json"),
        code: task.folder.join("client.rs"),
    };
    write(&paths.document, &document)?;
    let mut cargo = task.tools.cargo_build(CRATE, &task.folder);
    cargo.args(["--example", "program"]);
    paths.set(&mut cargo);
    succeed(&mut cargo, BUILD_TIMEOUT)?;
    let program = task.tools.target(CRATE).join("debug/examples/program");
    programs::run(task, &mut Command::new(program))?;
    Ok(Report {
        seen: Seen::Operations(operations(&read(&paths.code)?)),
        skipped: Some(Skipped {
            routes,
            reason: "without multipart",
        }),
        warnings: Vec::new(),
    })
}
