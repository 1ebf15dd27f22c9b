//! openapi-typescript: a program uses its types, generated with the default options.

use std::collections::BTreeSet;

use super::{Report, Seen, Task, Tool, typescript};
use crate::tools::document::{Editions, route};
use crate::tools::install::{Pin, read};
use crate::tools::process::{RUN_TIMEOUT, succeed};

pub(super) const TOOL: Tool = Tool {
    name: "openapi-typescript",
    pin: Pin::Node("openapi-typescript"),
    editions: Editions::NewestAndWebhooks,
    check,
};

fn check(task: &Task<'_>) -> Result<Report, String> {
    let code = task.folder.join("api.ts");
    let mut generate = task.tools.node("openapi-typescript", &task.folder);
    generate.arg(&task.document.path).arg("--output").arg(&code);
    succeed(&mut generate, RUN_TIMEOUT)?;
    if task.document.is_of_webhooks() {
        typescript::compile(task, "api.ts")?;
    } else {
        typescript::run(task, "openapi-typescript")?;
    }
    let code = read(&code)?;
    Ok(Seen::Operations(routes(&code, "paths").chain(routes(&code, "webhooks")).collect()).into())
}

/// Returns the routes in the interface `paths` or `webhooks`. A method that does not exist has the type `never`.
fn routes(code: &str, interface: &str) -> impl Iterator<Item = String> + use<> {
    let head = format!("export interface {interface} {{");
    let paths = code.lines().skip_while(|line| *line != head);
    let mut path = "";
    let mut routes = BTreeSet::new();
    for line in paths.take_while(|line| *line != "}") {
        let key = line.strip_prefix("    ").and_then(|line| line.strip_suffix(": {"));
        if let Some(key) = key.filter(|key| !key.starts_with(' ')) {
            path = key.trim_matches('"');
        } else if let Some((method, _)) = line.split_once(": operations[") {
            routes.insert(route(method.trim_start(), path));
        }
    }
    routes.into_iter()
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
export interface webhooks {
    made: {
        post: operations["made"];
    };
}
export interface operations {
    "c": {
        get: operations["d"];
    };
}
"#;
        assert_eq!(routes(code, "paths").collect::<Vec<_>>(), ["DELETE /a/{b}", "POST /a"]);
        assert_eq!(routes(code, "webhooks").collect::<Vec<_>>(), ["POST made"]);
    }
}
