//! What the crate depends on without its client: nothing that does I/O.

#![allow(clippy::expect_used, clippy::panic, reason = "a test fails by panicking")]

use std::process::Command;

/// Packages in the tree of dependencies, as Cargo sees it.
fn dependencies(options: &[&str]) -> Vec<String> {
    let output = Command::new(env!("CARGO"))
        .args([
            "tree", "--locked", "--edges", "normal", "--prefix", "none", "--format", "{lib}",
        ])
        .args(["--manifest-path", concat!(env!("CARGO_MANIFEST_DIR"), "/Cargo.toml")])
        .args(options)
        .output()
        .expect("cargo runs");
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let text = String::from_utf8(output.stdout).expect("text");
    text.lines()
        .map(|line| line.trim_end_matches(" (*)").to_owned())
        .collect()
}

#[test]
fn without_the_client_nothing_does_io() {
    let io = ["reqwest", "hyper", "tokio", "rustls", "mio", "socket2", "url"];
    let found = |names: &[String]| {
        io.into_iter()
            .filter(|name| names.iter().any(|found| found == name))
            .count()
    };
    let without = dependencies(&["--no-default-features"]);
    assert!(without.iter().any(|name| name == "http"), "{without:?}");
    assert_eq!(found(&without), 0, "{without:?}");
    // The names are those that the client brings.
    assert_eq!(found(&dependencies(&[])), io.len());
}
