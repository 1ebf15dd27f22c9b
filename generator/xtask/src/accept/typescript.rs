//! Compiles and runs the programs in TypeScript.

use std::collections::BTreeSet;
use std::process::Command;

use super::{Task, programs};
use crate::tools::install::{link, read, write};
use crate::tools::process::{RUN_TIMEOUT, succeed};

/// Compiles a program together with the client in the folder of the task, and runs it.
pub(super) fn run(task: &Task<'_>, program: &str) -> Result<(), String> {
    let source = format!("{program}.ts");
    for name in [&source, "common.ts"] {
        write(&task.folder.join(name), &read(&programs::source(task, name))?)?;
    }
    compile(task, &source)?;
    let mut node = Command::new("node");
    programs::run(task, node.arg(format!("out/{program}.js")).current_dir(&task.folder))
}

/// Compiles a file in the folder of the task.
pub(super) fn compile(task: &Task<'_>, source: &str) -> Result<(), String> {
    link(&task.tools.node_modules(), &task.folder.join("node_modules"))?;
    let mut tsc = task.tools.node("tsc", &task.folder);
    tsc.args([
        "--strict",
        "--target",
        "es2022",
        "--lib",
        "es2022,dom,dom.iterable",
        "--types",
        "node",
    ]);
    // The packages declare types that need other packages.
    tsc.args(["--module", "commonjs", "--moduleResolution", "node10", "--skipLibCheck"]);
    succeed(tsc.args(["--outDir", "out", source]), RUN_TIMEOUT).map(drop)
}

/// Returns the names of the functions of a client, which are declared in lines such as `export const NAME = async (`.
pub(super) fn functions(code: &str, after_name: &str) -> BTreeSet<String> {
    let constants = code.lines().filter_map(|line| line.strip_prefix("export const "));
    let names = constants.filter_map(|line| Some(line.split_once(after_name)?.0.to_owned()));
    names.filter(|name| name.chars().all(char::is_alphanumeric)).collect()
}

#[cfg(test)]
mod tests {
    use super::functions;

    #[test]
    fn finds_the_functions_that_send_requests() {
        let code = "export const kitsGet = async (id: string): Promise<Kit> => {\n\
            export const getKitsGetUrl = (id: string) => {\n  const a = async () => {};\n\
            export const kitsPut = async () => {\n";
        assert_eq!(
            functions(code, " = async (").into_iter().collect::<Vec<_>>(),
            ["kitsGet", "kitsPut"]
        );
    }
}
