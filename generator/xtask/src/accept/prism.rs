//! Prism: serves the API as described by the document. The generated client sends it all example requests and decodes the
//! responses.
//!
//! Prism rejects requests that do not match the document and example responses that do not match their schema. The tests of the
//! client reject responses other than the expected result. Therefore a request is only counted if the client and the document
//! agree on it.

use std::path::Path;
use std::process::Command;

use super::server::Server;
use super::{Report, Seen, Task, Tool};
use crate::tools::document::Editions;
use crate::tools::install::{Pin, read};
use crate::tools::process::{BUILD_TIMEOUT, succeed};

pub(super) const TOOL: Tool = Tool {
    name: "prism",
    pin: Pin::Node("@stoplight/prism-cli"),
    editions: Editions::Operations,
    check,
};

fn check(task: &Task<'_>) -> Result<Report, String> {
    let server = Server::start(task.tools, task.document, &task.folder)?;
    let count = server.count_operations();
    let total = task.document.operations().len();
    if count != total {
        return Err(format!(
            "Prism serves {count} of {total} operations:\n{}",
            server.output
        ));
    }
    let log = task.folder.join("requests.log");
    succeed(&mut examples(task, &server, &log), BUILD_TIMEOUT)?;
    Ok(Seen::Requests(requests(&read(&log)?)).into())
}

/// Returns the command that runs the example tests of the client against Prism. They write the requests to the log.
fn examples(task: &Task<'_>, server: &Server, log: &Path) -> Command {
    let client = task.document.path.with_file_name("../client/Cargo.toml");
    let mut cargo = Command::new("cargo");
    cargo.args(["test", "--quiet", "--locked", "--test", "examples", "--manifest-path"]);
    cargo.arg(client).current_dir(&task.folder);
    cargo.env("OPENAPI_PEER", &server.url).env("OPENAPI_PEER_LOG", log);
    // Test failures are easier to read without backtraces.
    cargo.env("RUST_BACKTRACE", "0");
    cargo
}

/// Returns the routes of the requests, from lines such as `GET /users/{name} users_get_1`.
fn requests(log: &str) -> Vec<String> {
    let routes = log.lines().filter_map(|line| line.rsplit_once(' '));
    routes.map(|(route, _)| route.to_owned()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_route_is_counted_once_per_request() {
        let log = "GET /users/{name} users_get_1\nGET /users/{name} users_get_2\nPOST /users users_create\n";
        assert_eq!(requests(log), ["GET /users/{name}", "GET /users/{name}", "POST /users"]);
    }
}
