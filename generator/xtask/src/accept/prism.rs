//! Prism, as the server of the API: the generated client sends it every example, and decodes what it answers.
//!
//! Prism knows the API from the document alone. It refuses a request that the document does not allow, and an example of an
//! answer that does not fit its schema; the tests of the client refuse an answer that is not the expected result. So a request
//! is counted only where the client and the document agree on it.

use std::fs::{self, File};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::thread;
use std::time::{Duration, Instant};

use super::{Answer, Seen, Task, Tool};
use crate::tools::document::Edition;
use crate::tools::install::{Pin, read};
use crate::tools::process::{A_BUILD, succeed};

pub(super) const TOOL: Tool = Tool {
    name: "prism",
    pin: Pin::Node("@stoplight/prism-cli"),
    editions: Edition::ALL,
    ask,
};

/// For Prism to read the document.
const A_START: Duration = Duration::from_secs(2 * 60);
/// What Prism says when it serves, before its URL.
const LISTENING: &str = "Prism is listening on ";

fn ask(task: &Task<'_>) -> Result<Answer, String> {
    let server = Server::start(task)?;
    let (known, total) = (server.served(), task.document.operations().len());
    if known != total {
        return Err(format!("Prism serves {known} of {total} operations:\n{}", server.said));
    }
    let log = task.folder.join("requests.log");
    succeed(&mut examples(task, &server, &log), A_BUILD)?;
    Ok(Seen::Requests(requests(&read(&log)?)).into())
}

/// The tests of the examples, of the client that was generated with the document. They tell what they sent in the log.
fn examples(task: &Task<'_>, server: &Server, log: &Path) -> Command {
    let client = task.document.path.with_file_name("../client/Cargo.toml");
    let mut cargo = Command::new("cargo");
    cargo.args(["test", "--quiet", "--locked", "--test", "examples", "--manifest-path"]);
    cargo.arg(client).current_dir(&task.folder);
    cargo.env("OPENAPI_PEER", &server.url).env("OPENAPI_PEER_LOG", log);
    // Objections are easier to find without.
    cargo.env("RUST_BACKTRACE", "0");
    cargo
}

/// The routes of the requests, from lines like `GET /users/{name} users_get_1`.
fn requests(log: &str) -> Vec<String> {
    let routes = log.lines().filter_map(|line| line.rsplit_once(' '));
    routes.map(|(route, _)| route.to_owned()).collect()
}

/// A running Prism, which ends with this value; and, if that should be left behind, with this program.
struct Server {
    process: Child,
    url: String,
    /// What it printed at its start.
    said: String,
}

impl Server {
    fn start(task: &Task<'_>) -> Result<Self, String> {
        let failed = |error: std::io::Error| format!("prism: {error}");
        let log = task.folder.join("prism.log");
        let output = File::create(&log).map_err(failed)?;
        let mut prism = task.tools.node("prism", &task.folder);
        prism.args(["mock", "--errors", "--multiprocess=false", "--host=127.0.0.1"]);
        // Any port that is free.
        prism.arg("--port=0").arg(&task.document.path);
        let end = task.tools.pins().join("end_with_parent.js");
        prism.env("NODE_OPTIONS", format!("--require \"{}\"", end.display()));
        prism.stdin(Stdio::piped());
        prism.stdout(output.try_clone().map_err(failed)?).stderr(output);
        let mut server = Self {
            process: prism.spawn().map_err(failed)?,
            url: String::new(),
            said: String::new(),
        };
        server.listen(&log)?;
        Ok(server)
    }

    /// Waits until Prism serves.
    fn listen(&mut self, log: &PathBuf) -> Result<(), String> {
        let start = Instant::now();
        loop {
            // First, so that what is read then is all of it.
            let ended = self.process.try_wait().map_err(|error| format!("prism: {error}"))?;
            self.said = fs::read_to_string(log).map_err(|error| format!("{}: {error}", log.display()))?;
            if let Some(url) = url(&self.said) {
                url.clone_into(&mut self.url);
                return Ok(());
            }
            if ended.is_some() || start.elapsed() > A_START {
                return Err(format!("Prism does not serve the document:\n{}", self.said));
            }
            thread::sleep(Duration::from_millis(50));
        }
    }

    /// How many operations Prism says that it serves.
    fn served(&self) -> usize {
        let route = format!(" {}/", self.url);
        self.said.lines().filter(|line| line.contains(&route)).count()
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        // If it has ended already, so be it.
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

/// Where Prism serves, once it has said so in a whole line.
fn url(said: &str) -> Option<&str> {
    let (_, rest) = said.split_once(LISTENING)?;
    rest.split_once('\n').map(|(url, _)| url.trim_end())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_what_prism_says() {
        let said = "[1:02:03 AM] › [CLI] ℹ  info      GET        http://127.0.0.1:80/users?limit=2\n\
                    [1:02:03 AM] › [CLI] ▶  start     Prism is listening on http://127.0.0.1:80";
        assert_eq!(url(said), None);
        assert_eq!(url(&format!("{said}\n")), Some("http://127.0.0.1:80"));
    }

    #[test]
    fn a_route_is_counted_once_per_request() {
        let log = "GET /users/{name} users_get_1\nGET /users/{name} users_get_2\nPOST /users users_create\n";
        assert_eq!(requests(log), ["GET /users/{name}", "GET /users/{name}", "POST /users"]);
    }
}
