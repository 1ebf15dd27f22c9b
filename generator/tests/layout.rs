//! Generated Rust is laid out as rustfmt would do it. These tests need rustfmt; without it they check nothing.
#![allow(clippy::unwrap_used, clippy::panic, reason = "a test fails by panicking")]

#[path = "specs/mod.rs"]
mod specs;

use std::io::Write as _;
use std::path::Path;
use std::process::{Command, Stdio};

use generator::files::FileSet;
use generator::render::rust::layout::print;
use proc_macro2::{Group, Ident, Literal, Span, TokenStream, TokenTree};
use rayon::prelude::*;

/// Formats a file with rustfmt; `None` if rustfmt is not installed.
fn rustfmt(text: &str) -> Option<String> {
    let mut child = Command::new("rustfmt")
        .args(["--quiet", "--emit", "stdout", "--config-path"])
        .arg(concat!(env!("CARGO_MANIFEST_DIR"), "/../rustfmt.toml"))
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .ok()?;
    child.stdin.take()?.write_all(text.as_bytes()).unwrap();
    let output = child.wait_with_output().unwrap();
    assert!(output.status.success(), "rustfmt failed on:\n{text}");
    Some(String::from_utf8(output.stdout).unwrap())
}

/// Returns the first lines that rustfmt would change, or `None` if there are none.
fn changed(text: &str) -> Option<String> {
    let formatted = rustfmt(text)?;
    if formatted == text {
        return None;
    }
    let at = text.lines().zip(formatted.lines()).take_while(|(a, b)| a == b).count();
    let lines = |text: &str| {
        text.lines()
            .skip(at.saturating_sub(2))
            .take(14)
            .collect::<Vec<_>>()
            .join("\n")
    };
    Some(format!(
        "--- printed\n{}\n--- rustfmt\n{}\n",
        lines(text),
        lines(&formatted)
    ))
}

fn check(files: &[(String, String)]) {
    let wrong: Vec<_> = files
        .par_iter()
        .filter_map(|(name, text)| Some(format!("{name}\n{}", changed(text)?)))
        .collect();
    assert!(
        wrong.is_empty(),
        "rustfmt would change {} of {} files, for example\n{}",
        wrong.len(),
        files.len(),
        wrong.iter().take(6).cloned().collect::<String>()
    );
}

fn generated(spec: &str) -> FileSet {
    generator::generate(&specs::sources(spec)).unwrap_or_else(|failure| panic!("{failure}"))
}

/// Folders and files of the outputs that are copied, and not generated from tokens.
const COPIED: &[&str] = &[
    "runtime",
    "support",
    "sandbox/src/behaviour",
    "sandbox/src/main.rs",
    "sandbox/src/sandbox.rs",
    "sandbox/tests",
];

/// Returns the Rust files that are generated from tokens.
fn rust_files(set: &FileSet) -> Vec<(String, String)> {
    let is_printed = |path: &str| {
        let is_rust = Path::new(path).extension().is_some_and(|extension| extension == "rs");
        is_rust && !COPIED.iter().any(|copied| path.contains(copied))
    };
    set.iter()
        .filter(|(path, _)| is_printed(path))
        .map(|(path, text)| (path.to_owned(), text.to_owned()))
        .collect()
}

#[test]
fn generated_files_are_formatted_as_by_rustfmt() {
    for spec in [specs::REPOSITORY, "seedshare"] {
        check(&rust_files(&generated(spec)));
    }
}

/// Longer names move the line breaks of every construct.
#[test]
fn files_with_longer_names_are_formatted_as_by_rustfmt() {
    let files = rust_files(&generated("seedshare"));
    for more in [1, 2, 3, 5, 8] {
        let stretched: Vec<_> = files
            .par_iter()
            .map(|(path, text)| {
                let tokens = text.parse().unwrap_or_else(|error| panic!("{path}: {error}"));
                (
                    format!("{path}, names {more} characters longer"),
                    print(stretch(tokens, more)),
                )
            })
            .collect();
        check(&stretched);
    }
}

/// Lengthens a name, unless it is a keyword.
fn longer(name: &str, more: usize) -> String {
    match name {
        "static" | "struct" | "return" => name.to_owned(),
        _ => format!("{name}{}", "x".repeat(more)),
    }
}

/// Lengthens names and string literals, except in attributes.
fn stretch(tokens: TokenStream, more: usize) -> TokenStream {
    let mut out = Vec::new();
    let mut in_attribute = false;
    for token in tokens {
        let attribute = std::mem::replace(&mut in_attribute, false);
        out.push(match token {
            TokenTree::Group(group) if attribute => TokenTree::Group(group),
            TokenTree::Group(group) => TokenTree::Group(Group::new(group.delimiter(), stretch(group.stream(), more))),
            TokenTree::Ident(name) if name.to_string().len() > 5 => {
                TokenTree::Ident(Ident::new(&longer(&name.to_string(), more), Span::call_site()))
            }
            TokenTree::Literal(literal) if literal.to_string().starts_with('"') => {
                let text = literal.to_string();
                TokenTree::Literal(Literal::string(&format!(
                    "{}{}",
                    text.trim_matches('"'),
                    "y".repeat(more)
                )))
            }
            TokenTree::Punct(punct) => {
                in_attribute = matches!(punct.as_char(), '#' | '!');
                TokenTree::Punct(punct)
            }
            other => other,
        });
    }
    out.into_iter().collect()
}
