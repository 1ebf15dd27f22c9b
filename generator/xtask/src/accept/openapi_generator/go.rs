//! The Go client.

use std::collections::BTreeSet;
use std::fs;
use std::process::Command;

use super::{Java, Report, Seen, Task};
use crate::accept::programs;
use crate::tools::install::{files, read, write};
use crate::tools::process::{BUILD_TIMEOUT, succeed};

/// The only dependency of the client, as its Debian package installs it.
const VALIDATOR: &str = "/usr/share/gocode/src/gopkg.in/validator.v2/validator.go";
const MODULE: &str = "module program\n\ngo 1.19\n\nrequire gopkg.in/validator.v2 v2.0.1\n";
const VENDORED: &str = "# gopkg.in/validator.v2 v2.0.1\n## explicit\ngopkg.in/validator.v2\n";

pub(super) fn check(task: &Task<'_>) -> Result<Report, String> {
    let warnings = Java::find(task)?.generate(
        task,
        &[
            "--generator-name=go",
            // By default, responses with unknown keys are errors.
            "--additional-properties=withGoMod=false,packageName=client,disallowAdditionalPropertiesIfNotPresent=false",
            "--output=client",
        ],
    )?;
    write(&task.folder.join("go.mod"), MODULE)?;
    vendor(task)?;
    write(&task.folder.join("main.go"), &read(&programs::source(task, "main.go"))?)?;
    for arguments in [&["vet", "./..."][..], &["build", "-o", "program", "."]] {
        succeed(go(task).args(arguments), BUILD_TIMEOUT)?;
    }
    programs::run(task, Command::new("./program").current_dir(&task.folder))?;
    let sources = files(&task.folder.join("client"), "go")?;
    let code: Result<String, String> = sources.iter().map(|path| read(path)).collect();
    Ok(Report {
        warnings,
        ..Seen::Operations(operations(&code?)).into()
    })
}

/// Returns the command for Go, which then needs no network.
fn go(task: &Task<'_>) -> Command {
    let mut command = Command::new("go");
    command.current_dir(&task.folder);
    command.envs([("GOFLAGS", "-mod=vendor"), ("GOTOOLCHAIN", "local"), ("GOWORK", "off")]);
    command
}

/// Copies the dependency to the module.
fn vendor(task: &Task<'_>) -> Result<(), String> {
    let code = [VALIDATOR, &VALIDATOR.replace("validator.go", "builtins.go")].map(|path| {
        read(path.as_ref()).map_err(|error| format!("{error}; install the package golang-gopkg-validator.v2-dev"))
    });
    let folder = task.folder.join("vendor/gopkg.in/validator.v2");
    fs::create_dir_all(&folder).map_err(|error| format!("error: {}: {error}", folder.display()))?;
    for (name, code) in ["validator.go", "builtins.go"].iter().zip(code) {
        write(&folder.join(name), &code?)?;
    }
    write(&task.folder.join("vendor/modules.txt"), VENDORED)
}

/// Returns the operations. For each, there is a method named after it with the suffix `Execute`.
fn operations(code: &str) -> BTreeSet<String> {
    let methods = code.lines().filter(|line| line.starts_with("func (a *"));
    let names = methods.filter_map(|line| line.split_once(") ")?.1.split_once("Execute(")?.0.into());
    names.map(|name: &str| name.to_owned()).collect()
}

#[cfg(test)]
mod tests {
    use super::operations;

    #[test]
    fn finds_the_methods_that_send_requests() {
        let code = "func (r ApiKitsGetRequest) Execute() (*Kit, *http.Response, error) {\n\
            func (a *KitsAPIService) KitsGet(ctx context.Context) ApiKitsGetRequest {\n\
            func (a *KitsAPIService) KitsGetExecute(r ApiKitsGetRequest) (*Kit, *http.Response, error) {\n";
        assert_eq!(operations(code).into_iter().collect::<Vec<_>>(), ["KitsGet"]);
    }
}
