//! openapi-python-client: imports its package, and runs a program with it.

use std::collections::BTreeSet;

use super::{Report, Seen, Task, Tool, python_package};
use crate::tools::document::Editions;
use crate::tools::install::{Pin, write};
use crate::tools::process::{RUN_TIMEOUT, succeed};

pub(super) const TOOL: Tool = Tool {
    name: "openapi-python-client",
    pin: Pin::Python("openapi-python-client"),
    editions: Editions::Newest,
    check,
};

fn check(task: &Task<'_>) -> Result<Report, String> {
    let config = task.folder.join("config.yaml");
    // The default hooks would format the code.
    write(&config, "post_hooks: []\n")?;
    let mut generate = task.tools.python(&task.folder);
    generate.args([
        "-m",
        "openapi_python_client",
        "generate",
        "--meta=none",
        "--output-path=client",
    ]);
    // The tool warns of operations that it omits.
    generate.arg("--fail-on-warning").arg("--path").arg(&task.document.path);
    succeed(generate.arg("--config").arg(&config), RUN_TIMEOUT)?;
    let functions = python_package::import(task, "client")?;
    python_package::run(task, "openapi_python_client.py")?;
    Ok(Seen::Operations(operations(&functions)).into())
}

/// Returns the operations. Each has a module `client.api.TAG.OPERATION` with a function `sync_detailed`.
fn operations(functions: &BTreeSet<String>) -> BTreeSet<String> {
    let senders = functions.iter().filter_map(|name| name.strip_prefix("client.api."));
    let senders = senders.filter_map(|name| name.strip_suffix(".sync_detailed"));
    senders
        .filter_map(|name| name.rsplit('.').next().map(str::to_owned))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::operations;

    #[test]
    fn finds_the_modules_of_operations() {
        let functions = [
            "client.api.tokens.create.sync_detailed",
            "client.api.tokens.create.sync",
            "client.api.users.list_.sync_detailed",
            "client.api.users.broken._get_kwargs",
            "client.models.a.sync_detailed",
        ];
        let found = operations(&functions.map(str::to_owned).into());
        assert_eq!(found.into_iter().collect::<Vec<_>>(), ["create", "list_"]);
    }
}
