//! The examples of the client that call the API run unchanged against a server with the example data and the variables that it prints.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "a test fails by panicking"
)]

#[path = "../../client/tests/support/programs.rs"]
mod programs;
mod support;

use std::path::Path;
use std::process::{Command, Stdio};

use easemob_sandbox::Sandbox;
use support::checked::Checked;

/// The folder of the client.
const CLIENT: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../client");

/// Runs an example with its default arguments.
fn run(sandbox: &Sandbox, folder: &Path, name: &str) {
    let done = Command::new(env!("CARGO"))
        .args(["run", "--quiet", "--all-features", "--manifest-path"])
        .args([&format!("{CLIENT}/Cargo.toml"), "--example", name])
        .current_dir(folder)
        .stdin(Stdio::null())
        .env("NO_PROXY", "*")
        .envs(sandbox.environment())
        .output()
        .expect("cargo runs");
    let errors = String::from_utf8_lossy(&done.stderr);
    assert!(done.status.success(), "{name} fails: {errors}");
    assert!(!done.stdout.is_empty(), "{name} prints nothing");
}

#[test]
fn every_example_of_the_client_runs() {
    let sandbox = Checked::with(Sandbox::builder().example_data(true));
    let folder = tempfile::tempdir().unwrap();
    // The files that the examples upload.
    for name in ["cat.jpg", "plan.pdf"] {
        std::fs::write(folder.path().join(name), name).unwrap();
    }
    let (names, _) = programs::clients_and_servers(format!("{CLIENT}/examples"));
    assert!(names.iter().any(|name| name == "quickstart"), "{names:?}");
    for name in &names {
        let before = sandbox.calls().len();
        run(&sandbox, folder.path(), name);
        assert!(sandbox.calls().len() > before, "{name} sends no request");
    }
}
