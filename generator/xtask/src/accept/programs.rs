//! The programs in `spec/openapi/programs`, one for each client. They use a generated client as its users would: they get a token,
//! create things, read a list page by page and handle an error.

use std::cell::OnceCell;
use std::env;
use std::path::PathBuf;
use std::process::Command;

use super::Task;
use super::server::Server;
use crate::tools::process::{RUN_TIMEOUT, succeed};

/// The variable with the base URL of the server. Without it, the programs use Prism.
const BASE_URL: &str = "BASE_URL";

/// The mock server for the programs. It is started for the first one.
#[derive(Default)]
pub(super) struct Peer(OnceCell<Server>);

impl Peer {
    /// Returns the URL of the server.
    pub(super) fn url(&self, task: &Task<'_>) -> Result<String, String> {
        if let Ok(url) = env::var(BASE_URL) {
            return Ok(url);
        }
        if let Some(server) = self.0.get() {
            return Ok(server.url.clone());
        }
        let server = Server::start(task.tools, task.document, &task.tools.folder("programs", "prism")?)?;
        Ok(self.0.get_or_init(|| server).url.clone())
    }
}

/// Returns the path of a program.
pub(super) fn source(task: &Task<'_>, name: &str) -> PathBuf {
    task.tools.root().join("spec/openapi/programs").join(name)
}

/// Runs a program. It fails if the server or the client does not behave as expected.
pub(super) fn run(task: &Task<'_>, program: &mut Command) -> Result<(), String> {
    program.env(BASE_URL, task.peer.url(task)?);
    for (name, value) in [
        ("CLIENT_ID", "example-client-id"),
        ("CLIENT_SECRET", "example-client-secret"),
    ] {
        if env::var_os(name).is_none() {
            program.env(name, value);
        }
    }
    succeed(program, RUN_TIMEOUT).map(drop)
}
