//! An invented API with other conventions than the one that this generator was written for: generated, compiled and run.
//!
//! Its texts are hostile on purpose: each holds what some output could take for markup or code.

#![allow(clippy::unwrap_used, clippy::panic, reason = "a test fails by panicking")]
#![allow(clippy::match_bool, reason = "it reads best so")]

use std::{
    collections::BTreeSet,
    fs,
    path::{Path, PathBuf},
    process::Command,
};

use generator::{
    files::FileSet,
    ir::{Api, TypeKind},
    source::SourceSet,
};
use serde_json::Value;

/// One file of each kind per renderer.
const SHOWN: &[&str] = &[
    "client/Cargo.toml",
    "client/src/api.rs",
    "client/src/lib.rs",
    "client/src/plots.rs",
    "client/src/plots/close.rs",
    "client/src/plots/events.rs",
    "client/src/plots/keepers.rs",
    "client/src/seeds/add_photo.rs",
    "client/src/seeds/list.rs",
    "client/src/types/answer.rs",
    "client/src/types/event.rs",
    "client/src/types/keeper.rs",
    "client/src/types/month.rs",
    "client/src/types/new_seed.rs",
    "client/src/types/pin.rs",
    "client/src/types/plot_number.rs",
    "client/src/types/seed_id.rs",
    "client/src/types/sun.rs",
    "client/src/types/task.rs",
    "client/src/types/wish.rs",
    "client/tests/examples/service.rs",
    "docs/en/src/README.md",
    "docs/en/src/plots.md",
    "docs/en/src/service.md",
    "openapi/openapi.yaml",
    "schema/types.schema.json",
];

/// Keys of the notation that this API has no use for: an envelope, and a way to get tokens.
const LEFT_OUT: &[&str] = &[
    "credentials",
    "default",
    "envelope",
    "first",
    "grant",
    "lifetime",
    "operation",
    "prefix",
    "server_type",
    "token",
];

fn here(path: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join(path)
}

fn sources() -> SourceSet {
    SourceSet::load(&here("tests/cases/seedshare")).unwrap()
}

fn generate(sources: &SourceSet) -> FileSet {
    generator::generate(sources).unwrap_or_else(|failure| panic!("{failure}"))
}

fn load(sources: &SourceSet) -> Api {
    generator::load(sources).unwrap_or_else(|diagnostics| panic!("{diagnostics}"))
}

#[test]
fn snapshots_of_each_renderer() {
    let files = generate(&sources());
    let mut settings = insta::Settings::clone_current();
    settings.set_snapshot_path("second_api");
    settings.set_prepend_module_to_snapshot(false);
    settings.set_omit_expression(true);
    settings.bind(|| {
        for path in SHOWN {
            let contents = files.get(path).unwrap_or_else(|| panic!("{path} is not generated"));
            insta::assert_snapshot!(path.replace('/', "-"), contents);
        }
    });
}

#[test]
fn the_order_of_files_does_not_matter() {
    let sources = sources();
    let backwards: Vec<_> = sources
        .files()
        .map(|(_, file)| (file.path.clone(), file.text.clone().into_bytes()))
        .collect();
    let backwards = SourceSet::from_files(backwards.into_iter().rev());
    assert!(generate(&sources) == generate(&backwards), "the outputs differ");
}

/// A key of the notation that this spec does not use is not covered by what it proves.
#[test]
fn every_key_of_the_notation_occurs() {
    let (sources, files) = (sources(), generate(&sources()));
    let mut keys = BTreeSet::new();
    for name in ["api", "section", "types"] {
        let schema = files.get(&format!("schema/{name}.schema.json")).unwrap();
        collect_keys(&serde_json::from_str(schema).unwrap(), &mut keys);
    }
    let text: String = sources.files().map(|(_, file)| file.text.as_str()).collect();
    let used = |key: &String| text.contains(&format!("{key}:"));
    let unused: Vec<_> = keys
        .iter()
        .filter(|key| !used(key) && !LEFT_OUT.contains(&key.as_str()))
        .collect();
    assert!(unused.is_empty(), "the second API should use {unused:?}");
}

fn collect_keys(schema: &Value, keys: &mut BTreeSet<String>) {
    match schema {
        Value::Object(entries) => {
            if let Some(Value::Object(properties)) = entries.get("properties") {
                keys.extend(properties.keys().cloned());
            }
            entries.values().for_each(|inner| collect_keys(inner, keys));
        }
        Value::Array(items) => items.iter().for_each(|inner| collect_keys(inner, keys)),
        _ => {}
    }
}

#[test]
fn no_output_knows_the_real_api() {
    let words = words_of_the_real_api();
    for (path, contents) in generate(&sources()).iter() {
        assert_free(path, contents, &words);
    }
}

#[test]
fn neither_generator_nor_templates_know_the_real_api() {
    let words = words_of_the_real_api();
    for folder in ["src", "xtask/src", "../templates"] {
        for entry in walkdir::WalkDir::new(here(folder)).sort_by_file_name() {
            let entry = entry.unwrap();
            if entry.file_type().is_file() {
                assert_free(
                    &entry.path().display().to_string(),
                    &fs::read_to_string(entry.path()).unwrap(),
                    &words,
                );
            }
        }
    }
}

/// What gives the real API away: its names, parameters of its base path, hosts, and names of types and segments of paths
/// that are made of two words or more.
fn words_of_the_real_api() -> BTreeSet<String> {
    let api = load(&SourceSet::load(&here("../spec")).unwrap());
    let mut words = BTreeSet::from([
        "环信".to_owned(),
        api.name.clone(),
        api.server_type.clone(),
        api.server_setter.clone(),
    ]);
    words.extend(api.base.params.iter().map(|param| param.wire.clone()));
    words.extend(
        api.servers
            .iter()
            .filter_map(|server| server.url.split("//").nth(1))
            .map(str::to_owned),
    );
    let capitals = |name: &str| name.chars().filter(char::is_ascii_uppercase).count();
    words.extend(
        api.types
            .iter()
            .map(|def| def.name.clone())
            .filter(|name| capitals(name) > 1),
    );
    for def in &api.types {
        let TypeKind::Object(fields) = &def.kind else { continue };
        words.extend(
            fields
                .iter()
                .map(|field| field.wire.clone())
                .filter(|wire| wire.matches('_').count() > 1),
        );
    }
    words.extend(["chatfiles", "chatgroups", "chatrooms", "chatmessages"].map(str::to_owned));
    words.retain(|word| !word.is_empty());
    words
}

fn assert_free(path: &str, text: &str, words: &BTreeSet<String>) {
    let lower = text.to_lowercase();
    for word in words {
        let is_named = if word.contains(char::is_uppercase) {
            text.split(|c: char| !c.is_alphanumeric() && c != '_')
                .any(|found| found == word)
        } else {
            lower.contains(word)
        };
        assert!(!is_named, "{path} names `{word}`");
    }
}

/// Builds the client outside of the workspace that surrounds it, with the same versions of what it depends on.
#[test]
fn the_client_passes_its_own_tests() {
    let root = Path::new(env!("CARGO_TARGET_TMPDIR")).join("second-api");
    let written = generate(&sources());
    written
        .write(&root.join("out"))
        .unwrap_or_else(|error| panic!("{error}"));
    assert!(
        written.check(&root.join("out")).unwrap().is_empty(),
        "the outputs are not what was written"
    );
    fs::write(
        root.join("Cargo.toml"),
        "[workspace]\nresolver = \"3\"\nmembers = [\"out/client\"]\n",
    )
    .unwrap();
    fs::copy(here("../Cargo.lock"), root.join("Cargo.lock")).unwrap();
    let cargo = Cargo::new(root);
    cargo.run(&["test", "--quiet"], "");
    cargo.run(&["clippy", "--quiet", "--all-targets", "--", "-D", "warnings"], "");
    cargo.run(
        &[
            "clippy",
            "--quiet",
            "--all-features",
            "--all-targets",
            "--",
            "-D",
            "warnings",
        ],
        "",
    );
    cargo.run(
        &["clippy", "--quiet", "--no-default-features", "--", "-D", "warnings"],
        "",
    );
    cargo.run(&["doc", "--quiet", "--no-deps"], "-D warnings");
}

/// Cargo in a folder, off line where everything is at hand.
struct Cargo {
    root: PathBuf,
    offline: bool,
}

impl Cargo {
    fn new(root: PathBuf) -> Self {
        let mut cargo = Self { root, offline: true };
        cargo.offline = cargo.command(&["tree", "--quiet"]).output().unwrap().status.success();
        cargo
    }

    fn command(&self, arguments: &[&str]) -> Command {
        let mut command = Command::new(std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into()));
        // What was compiled for the workspace is not compiled again.
        let target = Path::new(env!("CARGO_TARGET_TMPDIR")).parent();
        command
            .args(&arguments[..1])
            .args(self.offline.then_some("--offline"))
            .args(&arguments[1..]);
        command
            .current_dir(&self.root)
            .envs(target.map(|target| ("CARGO_TARGET_DIR", target)));
        command
    }

    fn run(&self, arguments: &[&str], rustdoc_flags: &str) {
        let mut command = self.command(arguments);
        if !rustdoc_flags.is_empty() {
            command.env("RUSTDOCFLAGS", rustdoc_flags);
        }
        let done = command.output().unwrap();
        let printed = [done.stdout, done.stderr].concat();
        assert!(
            done.status.success(),
            "cargo {} failed:\n{}",
            arguments.join(" "),
            String::from_utf8_lossy(&printed)
        );
    }
}
