//! Compares the public API of the client with its baseline, one line for each item.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use serde::Deserialize;

use crate::tools::process::{BUILD_TIMEOUT, succeed};

/// The auto traits that are part of the baseline. Users rely on them in threads and tasks.
const AUTO_TRAITS: [&str; 2] = ["core::marker::Send", "core::marker::Sync"];

/// Returns the public API of a package of the workspace with all its features: one line for each item, sorted.
///
/// It is read from the JSON of rustdoc, whose format can change with each version of Rust.
pub(crate) fn list(root: &Path, package: &str) -> Result<String, String> {
    let json = build(root, package)?;
    check_format(&json)?;
    let builder = public_api::Builder::from_rustdoc_json(&json).omit_blanket_impls(true);
    let api = builder
        .build()
        .map_err(|error| format!("{}: {error}", json.display()))?;
    let lines: BTreeSet<_> = api
        .items()
        .map(ToString::to_string)
        .filter(|line| is_listed(line))
        .collect();
    Ok(lines.into_iter().collect::<Vec<_>>().join("\n") + "\n")
}

/// Returns `true` for all items except implementations of auto traits that say nothing special: `Send` and `Sync` are only listed
/// if they are missing or have a condition.
fn is_listed(line: &str) -> bool {
    let Some((head, _)) = line.strip_prefix("impl").and_then(|rest| rest.split_once(" for ")) else {
        return true;
    };
    let name = head.rsplit([' ', '!']).next().unwrap_or_default();
    let is_auto = name.starts_with("core::marker::") || name.starts_with("core::panic::unwind_safe::");
    let is_special = AUTO_TRAITS.contains(&name) && head != format!(" {name}");
    !is_auto || is_special || name == "core::marker::Copy" || name == "core::marker::StructuralPartialEq"
}

/// Returns the lines that differ, marked with `-` and `+`; `None` if there are none.
pub(crate) fn difference(before: &str, now: &str) -> Option<String> {
    let [before, now] = [before, now].map(|text| text.lines().collect::<BTreeSet<_>>());
    let removed = before.difference(&now).map(|line| (line, '-'));
    let added = now.difference(&before).map(|line| (line, '+'));
    let lines: BTreeSet<_> = removed.chain(added).collect();
    let lines: Vec<_> = lines.iter().map(|(line, mark)| format!("{mark} {line}\n")).collect();
    (!lines.is_empty()).then(|| lines.concat())
}

/// Documents the package as JSON and returns the path of the file.
fn build(root: &Path, package: &str) -> Result<PathBuf, String> {
    #[derive(Deserialize)]
    struct Metadata {
        target_directory: PathBuf,
    }
    let mut cargo = Command::new("cargo");
    cargo.args([
        "rustdoc",
        "--quiet",
        "--locked",
        "--lib",
        "--all-features",
        "--package",
        package,
    ]);
    cargo.args(["--", "-Zunstable-options", "--output-format", "json"]);
    // The JSON of rustdoc is unstable. The variable allows it for this package only.
    cargo.current_dir(root).env("RUSTC_BOOTSTRAP", package);
    succeed(&mut cargo, BUILD_TIMEOUT)?;
    let mut cargo = Command::new("cargo");
    cargo.args(["metadata", "--locked", "--no-deps", "--format-version", "1"]);
    let metadata = succeed(cargo.current_dir(root), BUILD_TIMEOUT)?;
    let metadata: Metadata = serde_json::from_str(&metadata).map_err(|error| format!("cargo metadata: {error}"))?;
    let name = package.replace('-', "_");
    Ok(metadata.target_directory.join(format!("doc/{name}.json")))
}

/// Explains what to do if this version of Rust writes another format than `public-api` reads.
fn check_format(json: &Path) -> Result<(), String> {
    #[derive(Deserialize)]
    struct Document {
        format_version: u32,
    }
    let text = fs::read(json).map_err(|error| format!("{}: {error}", json.display()))?;
    let document: Document = serde_json::from_slice(&text).map_err(|error| format!("{}: {error}", json.display()))?;
    if document.format_version == FORMAT {
        return Ok(());
    }
    Err(format!(
        "rustdoc writes JSON of format {}, but the crate `public-api` reads format {FORMAT}.\nUpdate `public-api` in Cargo.toml and \
         `FORMAT` in {}, or use Rust {RUST}.",
        document.format_version,
        file!(),
    ))
}

/// The format of rustdoc's JSON that `public-api` reads.
const FORMAT: u32 = 57;
/// A version of Rust whose rustdoc writes this format.
const RUST: &str = "1.95";

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn auto_traits_are_listed_if_they_are_missing_or_conditional() {
        for line in [
            "pub fn a::B::c(&self) -> bool",
            "impl a::B",
            "impl<C> a::B<C>",
            "impl core::clone::Clone for a::B",
            "impl core::marker::Copy for a::B",
            "impl !core::marker::Send for a::B",
            "impl<C> core::marker::Sync for a::B<C> where C: core::marker::Sync",
        ] {
            assert!(is_listed(line), "{line}");
        }
        for line in [
            "impl core::marker::Send for a::B",
            "impl core::marker::Freeze for a::B",
            "impl<C> core::marker::Unpin for a::B<C> where C: core::marker::Unpin",
            "impl !core::panic::unwind_safe::UnwindSafe for a::B",
        ] {
            assert!(!is_listed(line), "{line}");
        }
    }

    #[test]
    fn differences_are_sorted_and_marked() {
        assert_eq!(difference("a\nb\n", "b\na\n"), None);
        assert_eq!(difference("", ""), None);
        assert_eq!(difference("a\nb\n", "a\nc\n").as_deref(), Some("- b\n+ c\n"));
        assert_eq!(difference("b\n", "a\nb\nc\n").as_deref(), Some("+ a\n+ c\n"));
    }
}
