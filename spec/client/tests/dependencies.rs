//! Checks the dependencies: without the client none does I/O, none needs a newer compiler than the stated minimum, and every
//! licence requires at most a notice.

#![allow(clippy::expect_used, clippy::panic, reason = "a test fails by panicking")]

use std::collections::{BTreeMap, BTreeSet};
use std::process::{Command, Output};

use serde::Deserialize;

const MANIFEST: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/Cargo.toml");

/// Accepted licences. Every dependency must offer one of them.
const LICENCES: &[&str] = &[
    "Apache-2.0",
    "BSD-3-Clause",
    "CDLA-Permissive-2.0",
    "ISC",
    "MIT",
    "MIT-0",
    "Unicode-3.0",
    "Unlicense",
    "Zlib",
];

#[derive(Deserialize)]
struct Metadata {
    packages: Vec<Package>,
    resolve: Resolve,
}

#[derive(Deserialize)]
struct Package {
    id: String,
    name: String,
    license: Option<String>,
    rust_version: Option<String>,
}

#[derive(Deserialize)]
struct Resolve {
    nodes: Vec<Node>,
}

#[derive(Deserialize)]
struct Node {
    id: String,
    deps: Vec<Dependency>,
}

#[derive(Deserialize)]
struct Dependency {
    pkg: String,
    dep_kinds: Vec<DependencyKind>,
}

#[derive(Deserialize)]
struct DependencyKind {
    kind: Option<String>,
}

fn cargo(arguments: &[&str]) -> Output {
    Command::new(env!("CARGO"))
        .args(arguments)
        .args(["--manifest-path", MANIFEST])
        .output()
        .expect("cargo runs")
}

fn text(output: Output) -> String {
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout).expect("text")
}

/// A package in Cargo's dependency tree.
fn dependencies(options: &[&str]) -> Vec<String> {
    let arguments = [
        "tree", "--locked", "--edges", "normal", "--prefix", "none", "--format", "{lib}",
    ];
    let listed = text(cargo(&[&arguments[..], options].concat()));
    listed
        .lines()
        .map(|line| line.trim_end_matches(" (*)").to_owned())
        .collect()
}

/// Returns this crate and its dependencies on all platforms, except those of tests.
fn packages() -> Vec<Package> {
    let arguments = ["metadata", "--locked", "--format-version", "1", "--all-features"];
    let metadata: Metadata = serde_json::from_str(&text(cargo(&arguments))).expect("metadata");
    let nodes: BTreeMap<_, _> = metadata.resolve.nodes.iter().map(|node| (&node.id, node)).collect();
    let root = metadata
        .packages
        .iter()
        .find(|package| package.name == env!("CARGO_PKG_NAME"));
    let mut found = BTreeSet::new();
    let mut waiting = vec![&root.expect("this crate").id];
    while let Some(id) = waiting.pop() {
        if found.insert(id.clone()) {
            let needed = nodes[id].deps.iter().filter(|dependency| {
                dependency
                    .dep_kinds
                    .iter()
                    .any(|kind| kind.kind.as_deref() != Some("dev"))
            });
            waiting.extend(needed.map(|dependency| &dependency.pkg));
        }
    }
    let packages = metadata.packages.into_iter();
    packages.filter(|package| found.contains(&package.id)).collect()
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
    // Make sure that the client does bring these packages.
    assert_eq!(found(&dependencies(&[])), io.len());
}

#[test]
fn hyper_needs_no_other_client() {
    let names = dependencies(&["--no-default-features", "--features", "hyper"]);
    for absent in ["reqwest", "url", "idna"] {
        assert!(!names.iter().any(|name| name == absent), "{absent}: {names:?}");
    }
    assert!(names.iter().any(|name| name == "hyper") && names.iter().any(|name| name == "rustls"));
}

/// Runs if the target is installed. It has no operating system.
#[test]
#[allow(clippy::print_stderr, reason = "a skipped test says so")]
fn without_the_client_no_operating_system_is_needed() {
    let target = "wasm32-unknown-unknown";
    let rustc = Command::new("rustc")
        .args(["--print", "target-libdir", "--target", target])
        .output();
    let folder = rustc.map(|output| String::from_utf8_lossy(&output.stdout).trim().to_owned());
    if !folder.is_ok_and(|folder| std::path::Path::new(&folder).exists()) {
        eprintln!("left out: {target} is not installed");
        return;
    }
    text(cargo(&[
        "check",
        "--quiet",
        "--locked",
        "--no-default-features",
        "--target",
        target,
    ]));
}

#[test]
fn the_minimum_compiler_supports_all_dependencies() {
    let version = |text: &str| -> Vec<u32> { text.split('.').map(|part| part.parse().unwrap_or(u32::MAX)).collect() };
    let own = version(env!("CARGO_PKG_RUST_VERSION"));
    let newer: Vec<_> = packages()
        .into_iter()
        .filter(|package| {
            package
                .rust_version
                .as_deref()
                .is_some_and(|needed| version(needed)[..2] > own[..2])
        })
        .map(|package| (package.name, package.rust_version))
        .collect();
    assert!(newer.is_empty(), "{newer:?} need a newer compiler than {own:?}");
    let readme = include_str!("../README.md");
    assert!(readme.contains(&format!(
        "The crate needs Rust {} or later",
        env!("CARGO_PKG_RUST_VERSION")
    )));
}

#[test]
fn every_licence_requires_at_most_a_notice() {
    let found = packages();
    assert!(found.len() > 100);
    for package in found {
        let licence = package.license.unwrap_or_default();
        assert!(is_permissive(&licence), "{} is under `{licence}`", package.name);
    }
}

/// Returns `true` if the list allows the expression: all licences joined by `AND`, one of those joined by `OR`.
fn is_permissive(licence: &str) -> bool {
    let plain = licence.replace(['(', ')'], " ").replace('/', " OR ");
    let listed = |one: &str| {
        let name = one.split(" WITH ").next().unwrap_or_default();
        LICENCES.contains(&name.trim())
    };
    plain.split(" AND ").all(|part| part.split(" OR ").any(listed))
}

#[test]
fn licence_expressions_are_parsed() {
    for good in [
        "MIT",
        "GPL-3.0 OR MIT",
        "Apache-2.0/MIT",
        "(MIT OR GPL-2.0) AND Unicode-3.0",
    ] {
        assert!(is_permissive(good), "{good}");
    }
    for bad in ["", "GPL-3.0", "MIT AND GPL-3.0", "MPL-2.0"] {
        assert!(!is_permissive(bad), "{bad}");
    }
}
