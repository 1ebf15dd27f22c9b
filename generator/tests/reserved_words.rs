//! Tries every word that a language or the generated code reserves as every kind of name in a spec: it must be rejected with a
//! diagnostic at the name, or the client must compile.
#![allow(clippy::unwrap_used, clippy::panic, reason = "a test fails by panicking")]

#[path = "reserved_words/spec.rs"]
mod spec;
#[path = "structure/mod.rs"]
mod structure;
#[path = "reserved_words/words.rs"]
mod words;

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use generator::diagnostic::{Code, Diagnostics};
use generator::source::SourceSet;
use spec::{Names, Position};

/// Codes with which a name may be rejected.
const REJECTIONS: [Code; 5] = [
    Code::BadName,
    Code::DuplicateType,
    Code::KeywordName,
    Code::NameCollision,
    Code::UnlistedSection,
];

fn here(path: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join(path)
}

/// Returns the words of all lists.
fn listed_words() -> BTreeSet<String> {
    let lists = [
        words::RUST,
        words::PRELUDE,
        words::HTTP,
        words::JAVASCRIPT,
        words::PYTHON,
        words::JAVA,
        words::GO,
        words::GENERATED,
    ];
    let listed = lists.iter().flat_map(|list| list.split_whitespace());
    listed.map(str::to_owned).collect()
}

/// Returns the names of the items, methods and macros that the runtime declares.
fn names_of_the_runtime() -> BTreeSet<String> {
    let mut out = BTreeSet::new();
    for folder in ["../templates/client/src", "../templates/client/tests/support"] {
        for entry in walkdir::WalkDir::new(here(folder)) {
            let entry = entry.unwrap();
            if entry.file_type().is_file() {
                let text = fs::read_to_string(entry.path()).unwrap();
                let code = text.split("#[cfg(test)]\nmod tests").next().unwrap();
                let tokens: Vec<_> = code
                    .split(|c: char| !c.is_ascii_alphanumeric() && c != '_')
                    .filter(|token| !token.is_empty())
                    .collect();
                let declared = tokens.windows(2).filter(|pair| {
                    matches!(
                        pair[0],
                        "fn" | "struct" | "enum" | "trait" | "mod" | "type" | "const" | "static" | "macro_rules"
                    )
                });
                out.extend(declared.map(|pair| pair[1].to_owned()));
            }
        }
    }
    assert!(out.len() > 300, "found too few names in the runtime: {out:?}");
    out
}

/// Returns the words in the casing of a kind of name, without those that differ only in casing.
fn candidates(words: &BTreeSet<String>, position: Position) -> Vec<String> {
    let mut seen = BTreeSet::new();
    let cased = words.iter().map(|word| position.cased(word));
    cased
        .filter(|word| seen.insert(word.replace('_', "").to_lowercase()))
        .collect()
}

fn load(names: &Names, api: &str) -> Result<generator::ir::Api, (SourceSet, Diagnostics)> {
    let sources = spec::sources(api, names);
    generator::load(&sources).map_err(|diagnostics| (sources, diagnostics))
}

/// Returns the words that are accepted. Each diagnostic has to be about a name, and to point at one of the words.
fn accepted(position: Position, mut words: Vec<String>) -> Vec<String> {
    // A name may hide the diagnostics of another.
    loop {
        let Err((sources, diagnostics)) = load(&BTreeMap::from([(position, words.clone())]), "words") else {
            return words;
        };
        let mut rejected = BTreeSet::new();
        for diagnostic in diagnostics.list() {
            let span = diagnostic.span.unwrap();
            let name = sources.file(span.file).text[span.start..span.end].trim_matches(['"', '?']);
            let is_rejection = REJECTIONS.contains(&diagnostic.code) && words.iter().any(|word| word == name);
            assert!(
                is_rejection,
                "{position:?} `{name}` {:?}: {}",
                diagnostic.code, diagnostic.message
            );
            rejected.insert(name);
        }
        words.retain(|word| !rejected.contains(word.as_str()));
    }
}

/// Returns the words to compile in a position: all, or only those listed if no name of the runtime is in its scope.
fn compiled(position: Position, mut words: Vec<String>, listed: &BTreeSet<String>) -> Vec<String> {
    if !position.shares_a_scope_with_the_runtime() {
        let listed: BTreeSet<_> = listed.iter().map(|word| position.cased(word)).collect();
        words.retain(|word| listed.contains(word));
    }
    words
}

#[test]
fn every_reserved_word_is_rejected_or_compiles() {
    let (listed, runtime) = (listed_words(), names_of_the_runtime());
    let words: BTreeSet<_> = listed.union(&runtime).cloned().collect();
    let accepted: Names = Position::ALL
        .into_iter()
        .map(|position| {
            let accepted = accepted(position, candidates(&words, position));
            assert!(
                accepted.len() > words.len() / 4,
                "{position:?} accepts only {} words",
                accepted.len()
            );
            (position, compiled(position, accepted, &listed))
        })
        .collect();
    // Three crates, since names of sections, operations and types would collide in one.
    let parts = [
        (
            "words_of_types",
            &[Position::Type, Position::Field, Position::EnumValue][..],
        ),
        (
            "words_of_operations",
            &[Position::Operation, Position::Argument, Position::Bucket],
        ),
        (
            "words_of_sections",
            &[Position::Section, Position::PagingStyle, Position::Server],
        ),
    ];
    let root = Path::new(env!("CARGO_TARGET_TMPDIR")).join("reserved-words");
    for (api, positions) in parts {
        let names = accepted.iter().filter(|(position, _)| positions.contains(position));
        let names = names.map(|(position, names)| (*position, names.clone())).collect();
        let api = load(&names, api).unwrap_or_else(|(_, diagnostics)| panic!("{diagnostics}"));
        let files = generator::render(&api).unwrap_or_else(|failure| panic!("{failure}"));
        let problems = structure::problems(files.iter());
        assert!(problems.is_empty(), "{problems:#?}");
        files
            .write(&root.join(&api.name))
            .unwrap_or_else(|error| panic!("{error}"));
    }
    compile(&root, &parts.map(|(api, _)| api));
}

/// Runs `cargo check` on crates in a workspace of their own, with the lock file of this one.
fn compile(root: &Path, crates: &[&str]) {
    let members: Vec<_> = crates.iter().map(|name| format!("\"{name}/client\"")).collect();
    let manifest = format!("[workspace]\nresolver = \"3\"\nmembers = [{}]\n", members.join(", "));
    fs::write(root.join("Cargo.toml"), manifest).unwrap();
    fs::copy(here("../Cargo.lock"), root.join("Cargo.lock")).unwrap();
    let run = |arguments: &[&str]| {
        // Reuses what was compiled for the workspace.
        let target = Path::new(env!("CARGO_TARGET_TMPDIR")).parent();
        let mut command = Command::new(std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into()));
        command.args(arguments).current_dir(root);
        command.envs(target.map(|target| ("CARGO_TARGET_DIR", target)));
        command.output().unwrap()
    };
    let offline = run(&["tree", "--quiet", "--offline"]).status.success();
    let mut arguments = vec![
        "check",
        "--quiet",
        "--keep-going",
        "--lib",
        "--test",
        "examples",
        "--features",
        "blocking",
    ];
    arguments.extend(offline.then_some("--offline"));
    let done = run(&arguments);
    let printed = String::from_utf8_lossy(&done.stderr);
    assert!(
        done.status.success(),
        "cargo {} failed:\n{printed}",
        arguments.join(" ")
    );
}

#[test]
fn words_are_rejected_only_where_they_collide_in_rust() {
    for (position, rejected, accepted) in [
        (Position::Section, "into", "class"),
        (Position::Section, "file", "users"),
        (Position::Operation, "blocking", "class"),
        (Position::Type, "String", "Iterator"),
        (Position::Field, "new", "class"),
        (Position::Argument, "send", "class"),
        (Position::EnumValue, "Unknown", "type"),
        (Position::Bucket, "default", "class"),
        (Position::PagingStyle, "分页", "type"),
        (Position::Server, "self", "class"),
    ] {
        let words = [rejected, accepted].map(str::to_owned).to_vec();
        assert_eq!(self::accepted(position, words), [accepted], "{position:?}");
    }
}
