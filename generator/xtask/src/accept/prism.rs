//! Prism: serves the API as described by the document. The generated client sends it all example requests and decodes the
//! responses.
//!
//! Prism rejects requests that do not match the document and example responses that do not match their schema. The tests of the
//! client reject responses other than the expected result. Therefore a request is only counted if the client and the document
//! agree on it.

use std::fs::{self, File};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::thread;
use std::time::{Duration, Instant};

use super::{Report, Seen, Task, Tool};
use crate::tools::document::Editions;
use crate::tools::install::{Pin, read};
use crate::tools::process::{BUILD_TIMEOUT, succeed};

pub(super) const TOOL: Tool = Tool {
    name: "prism",
    pin: Pin::Node("@stoplight/prism-cli"),
    editions: Editions::All,
    check,
};

/// Timeout for Prism to load the document.
const START_TIMEOUT: Duration = Duration::from_secs(2 * 60);
/// The text that Prism prints before its URL when it is ready.
const LISTENING: &str = "Prism is listening on ";

fn check(task: &Task<'_>) -> Result<Report, String> {
    let server = Server::start(task)?;
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

/// A running Prism. It is stopped when this value is dropped, and also if this program ends without dropping it.
struct Server {
    process: Child,
    url: String,
    /// Output of Prism at startup.
    output: String,
}

impl Server {
    fn start(task: &Task<'_>) -> Result<Self, String> {
        let failed = |error: std::io::Error| format!("prism: {error}");
        let log = task.folder.join("prism.log");
        let output = File::create(&log).map_err(failed)?;
        let mut prism = task.tools.node("prism", &task.folder);
        prism.args(["mock", "--errors", "--multiprocess=false", "--host=127.0.0.1"]);
        // Use any free port.
        prism.arg("--port=0").arg(&task.document.path);
        let end = task.tools.pins().join("end_with_parent.js");
        prism.env("NODE_OPTIONS", format!("--require \"{}\"", end.display()));
        prism.stdin(Stdio::piped());
        prism.stdout(output.try_clone().map_err(failed)?).stderr(output);
        let mut server = Self {
            process: prism.spawn().map_err(failed)?,
            url: String::new(),
            output: String::new(),
        };
        server.listen(&log)?;
        Ok(server)
    }

    /// Waits until Prism is ready.
    fn listen(&mut self, log: &PathBuf) -> Result<(), String> {
        let start = Instant::now();
        loop {
            // Check this before reading, so that the output is complete if the process has ended.
            let ended = self.process.try_wait().map_err(|error| format!("prism: {error}"))?;
            self.output = fs::read_to_string(log).map_err(|error| format!("{}: {error}", log.display()))?;
            if let Some(url) = url(&self.output) {
                url.clone_into(&mut self.url);
                return Ok(());
            }
            if ended.is_some() || start.elapsed() > START_TIMEOUT {
                return Err(format!("Prism does not serve the document:\n{}", self.output));
            }
            thread::sleep(Duration::from_millis(50));
        }
    }

    /// Returns the number of served operations, according to the output of Prism.
    fn count_operations(&self) -> usize {
        let route = format!(" {}/", self.url);
        self.output.lines().filter(|line| line.contains(&route)).count()
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        // Fails if the process has already ended.
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

/// Returns the URL of Prism, once it has printed it as a complete line.
fn url(output: &str) -> Option<&str> {
    let (_, rest) = output.split_once(LISTENING)?;
    rest.split_once('\n').map(|(url, _)| url.trim_end())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_the_url_of_prism() {
        let output = "[1:02:03 AM] › [CLI] ℹ  info      GET        http://127.0.0.1:80/users?limit=2\n\
                    [1:02:03 AM] › [CLI] ▶  start     Prism is listening on http://127.0.0.1:80";
        assert_eq!(url(output), None);
        assert_eq!(url(&format!("{output}\n")), Some("http://127.0.0.1:80"));
    }

    #[test]
    fn a_route_is_counted_once_per_request() {
        let log = "GET /users/{name} users_get_1\nGET /users/{name} users_get_2\nPOST /users users_create\n";
        assert_eq!(requests(log), ["GET /users/{name}", "GET /users/{name}", "POST /users"]);
    }
}
