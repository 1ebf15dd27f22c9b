//! The Rust client.

use std::collections::BTreeSet;
use std::path::Path;
use std::process::Command;

use super::{Java, Report, Seen, Task};
use crate::accept::programs;
use crate::tools::install::{files, read, write};
use crate::tools::process::{BUILD_TIMEOUT, succeed};

/// The folder of the crate, next to the pins.
const CRATE: &str = "openapi-generator-rust";
const PROGRAM: &str = "openapi_generator.rs";

pub(super) fn check(task: &Task<'_>) -> Result<Report, String> {
    let warnings = Java::find(task)?.generate(
        task,
        &["--generator-name=rust", "--package-name=client", "--output=client"],
    )?;
    for name in ["Cargo.toml", "Cargo.lock"] {
        let pinned = task.tools.pins().join(CRATE).join(name);
        write(&task.folder.join(name), &read(&pinned)?)?;
    }
    write(&task.folder.join(PROGRAM), &read(&programs::source(task, PROGRAM))?)?;
    let target = task.tools.target(CRATE);
    let mut cargo = Command::new("cargo");
    cargo
        .args(["build", "--quiet", "--locked", "--target-dir"])
        .arg(&target);
    succeed(cargo.current_dir(&task.folder), BUILD_TIMEOUT)?;
    programs::run(task, &mut Command::new(target.join("debug/program")))?;
    let code = read_all(&task.folder.join("client/src/apis"))?;
    Ok(Report {
        warnings,
        ..Seen::Operations(operations(&code)).into()
    })
}

fn read_all(folder: &Path) -> Result<String, String> {
    files(folder, "rs")?.iter().map(|path| read(path)).collect()
}

/// Returns the operations. For each, there is a function.
fn operations(code: &str) -> BTreeSet<String> {
    let functions = code.lines().filter_map(|line| line.strip_prefix("pub async fn "));
    functions
        .filter_map(|line| Some(line.split_once('(')?.0.to_owned()))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::operations;

    #[test]
    fn finds_the_functions_that_send_requests() {
        let code =
            "pub async fn kits_get(id: &str) -> Kit {\n    inner(id)\n}\npub fn urlencode(text: &str) -> String {\n";
        assert_eq!(operations(code).into_iter().collect::<Vec<_>>(), ["kits_get"]);
    }
}
