//! Viewers: render the document in headless Chromium. The parameters, the request body and the responses of every operation must be
//! shown, without requests to other servers.

use std::env;
use std::path::PathBuf;

use super::{Report, Seen, Task, Tool};
use crate::tools::document::Editions;
use crate::tools::install::{Pin, link};
use crate::tools::process::{RUN_TIMEOUT, lines, succeed};

pub(super) const REDOC: Tool = Tool {
    name: "redoc",
    pin: Pin::Node("redoc"),
    editions: Editions::Newest,
    check: |task| check(task, "redoc"),
};

pub(super) const SWAGGER_UI: Tool = Tool {
    name: "swagger-ui",
    pin: Pin::Node("swagger-ui-dist"),
    // Opening an operation takes several times as long with 3.1.
    editions: Editions::V30,
    check: |task| check(task, "swagger-ui"),
};

pub(super) const SCALAR: Tool = Tool {
    name: "scalar",
    pin: Pin::Node("@scalar/api-reference"),
    editions: Editions::Newest,
    check: |task| check(task, "scalar"),
};

fn check(task: &Task<'_>, viewer: &str) -> Result<Report, String> {
    link(&task.tools.node_modules(), &task.folder.join("node_modules"))?;
    let mut node = task.tools.node_script("view.js", &task.folder);
    node.arg(viewer).arg(&task.document.path).arg(browser()?);
    Ok(Seen::Operations(lines(&succeed(&mut node, RUN_TIMEOUT)?)).into())
}

/// Returns the path of Chromium.
fn browser() -> Result<PathBuf, String> {
    let path = env::var_os("PATH").unwrap_or_default();
    let mut candidates = env::split_paths(&path).map(|folder| folder.join("chromium"));
    let found = candidates.find(|candidate| candidate.is_file());
    found.ok_or_else(|| "error: no `chromium` found; install the package chromium".to_owned())
}
