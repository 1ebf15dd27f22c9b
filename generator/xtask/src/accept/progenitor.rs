//! progenitor, with its Rust client compiled.

use std::collections::BTreeSet;

use super::document::{Edition, route};
use super::install::{Pin, read, write};
use super::process::{A_BUILD, succeed};
use super::{Answer, Seen, Spared, Task, Tool};

pub(super) const TOOL: Tool = Tool {
    name: "progenitor",
    pin: Pin::Cargo {
        folder: CRATE,
        package: "progenitor-impl",
    },
    editions: &[Edition::V30],
    ask,
};

/// The crate whose build script makes the client.
const CRATE: &str = "progenitor";

fn ask(task: &Task<'_>) -> Result<Answer, String> {
    let (document, routes) = task.document.without_multipart();
    let (path, code) = (task.folder.join("document.json"), task.folder.join("client.rs"));
    write(&path, &document)?;
    let mut check = task.tools.cargo_check(CRATE, &task.folder);
    check
        .env("DOCUMENT", path)
        .env("CODE", &code)
        .env("RUST_BACKTRACE", "0");
    succeed(&mut check, A_BUILD)?;
    Ok(Answer {
        seen: Seen::Operations(operations(&read(&code)?)),
        spared: Some(Spared {
            routes,
            reason: "without multipart",
        }),
        warnings: Vec::new(),
    })
}

/// Each method says what it sends.
fn operations(code: &str) -> BTreeSet<String> {
    let sends = code.split("Sends a `").skip(1);
    let sends = sends.filter_map(|text| text.split_once("` request to `"));
    let routes = sends.filter_map(|(method, rest)| rest.split_once('`').map(|(path, _)| route(method, path)));
    routes.collect()
}

#[cfg(test)]
mod tests {
    use super::operations;

    #[test]
    fn an_operation_is_a_method_that_sends() {
        let code = "/**Makes one

Sends a `POST` request to `/a`

*/
pub async fn make() {}
///Sends a `GET` request to `/a/{b}`
pub async fn get() {}";
        let found: Vec<_> = operations(code).into_iter().collect();
        assert_eq!(found, ["GET /a/{b}", "POST /a"]);
    }
}
