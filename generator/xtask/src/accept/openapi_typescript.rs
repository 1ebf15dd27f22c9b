//! openapi-typescript: a program uses its types, generated with the default options.

use std::collections::BTreeSet;

use super::{Report, Seen, Task, Tool, typescript};
use crate::tools::document::{Editions, route};
use crate::tools::install::{Pin, read};
use crate::tools::process::{RUN_TIMEOUT, succeed};

pub(super) const TOOL: Tool = Tool {
    name: "openapi-typescript",
    pin: Pin::Node("openapi-typescript"),
    editions: Editions::Newest,
    check,
};

fn check(task: &Task<'_>) -> Result<Report, String> {
    let code = task.folder.join("api.ts");
    let mut generate = task.tools.node("openapi-typescript", &task.folder);
    generate.arg(&task.document.path).arg("--output").arg(&code);
    succeed(&mut generate, RUN_TIMEOUT)?;
    typescript::run(task, "openapi-typescript")?;
    Ok(Seen::Operations(routes(&read(&code)?)).into())
}

/// Returns the routes in the interface `paths`. A method that does not exist has the type `never`.
fn routes(code: &str) -> BTreeSet<String> {
    let paths = code.lines().skip_while(|line| *line != "export interface paths {");
    let mut path = "";
    let mut routes = BTreeSet::new();
    for line in paths.take_while(|line| *line != "}") {
        if let Some(key) = line.strip_prefix("    \"") {
            path = key.split('"').next().unwrap_or_default();
        } else if let Some((method, _)) = line.split_once(": operations[") {
            routes.insert(route(method.trim_start(), path));
        }
    }
    routes
}

#[cfg(test)]
mod tests {
    use super::routes;

    #[test]
    fn finds_the_methods_of_each_path() {
        let code = r#"
export interface paths {
    "/a": {
        parameters: {
            query?: never;
        };
        get?: never;
        /** Makes one: operations. */
        post: operations["make"];
    };
    "/a/{b}": {
        delete: operations["delete"];
    };
}
export interface operations {
    "c": {
        get: operations["d"];
    };
}
"#;
        let found: Vec<_> = routes(code).into_iter().collect();
        assert_eq!(found, ["DELETE /a/{b}", "POST /a"]);
    }
}
