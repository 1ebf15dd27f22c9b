//! Generates, compiles and runs the client of `specs/seedshare`, an invented API with other conventions than the one that this
//! generator was written for.
//!
//! Its texts contain what some output could take for markup or code.

#![allow(clippy::unwrap_used, clippy::panic, reason = "a test fails by panicking")]

#[path = "specs/mod.rs"]
mod specs;

use std::{
    collections::BTreeSet,
    fs,
    path::{Path, PathBuf},
    process::Command,
};

use generator::{files::FileSet, ir::TypeKind, source::SourceSet};
use serde_json::Value;

/// Files that are compared with a snapshot: one of each kind per renderer.
const SNAPSHOTS: &[&str] = &[
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
    "client/src/webhook.rs",
    "client/tests/webhook_examples/bodies.rs",
    "client/tests/webhook_examples/main.rs",
    "client/tests/examples/service.rs",
    "sandbox/Cargo.toml",
    "sandbox/src/api.rs",
    "sandbox/src/errors.rs",
    "sandbox/src/lib.rs",
    "sandbox/src/main.rs",
    "sandbox/src/sections/plots.rs",
    "sandbox/src/sections/plots/events.rs",
    "sandbox/src/sections/seeds/add_photo.rs",
    "sandbox/src/sections/seeds/update.rs",
    "sandbox/src/types/event.rs",
    "sandbox/src/types/keeper.rs",
    "sandbox/src/types/month.rs",
    "sandbox/src/types/new_seed.rs",
    "sandbox/src/types/plot_number.rs",
    "sandbox/src/types/wish.rs",
    "docs/en/src/README.md",
    "docs/en/src/plots.md",
    "docs/en/src/service.md",
    "openapi/openapi.yaml",
    "schema/types.schema.json",
];

/// Keys of the notation that this API does not use, since it has no envelope and no operation that grants tokens.
const UNUSED_KEYS: &[&str] = &[
    "credentials",
    "default",
    "envelope",
    "first",
    "grant",
    "lifetime",
    "one",
    "operation",
    "prefix",
    "server_type",
    "token",
];

fn here(path: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join(path)
}

fn sources() -> SourceSet {
    specs::sources("seedshare")
}

fn generate(sources: &SourceSet) -> FileSet {
    generator::generate(sources).unwrap_or_else(|failure| panic!("{failure}"))
}

#[test]
fn one_output_of_each_kind_matches_its_snapshot() {
    let files = generate(&sources());
    let mut settings = insta::Settings::clone_current();
    settings.set_snapshot_path("second_api");
    settings.set_prepend_module_to_snapshot(false);
    settings.set_omit_expression(true);
    settings.bind(|| {
        for path in SNAPSHOTS {
            let contents = files.get(path).unwrap_or_else(|| panic!("{path} is not generated"));
            insta::assert_snapshot!(path.replace('/', "-"), contents);
        }
    });
}

#[test]
fn the_order_of_source_files_does_not_change_the_outputs() {
    let sources = sources();
    let backwards: Vec<_> = sources
        .files()
        .map(|(_, file)| (file.path.clone(), file.text.clone().into_bytes()))
        .collect();
    let backwards = SourceSet::from_files(backwards.into_iter().rev());
    assert!(generate(&sources) == generate(&backwards), "the outputs differ");
}

/// The tests of this file cover only the keys that the spec uses.
#[test]
fn the_spec_uses_every_key_of_the_notation() {
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
        .filter(|key| !used(key) && !UNUSED_KEYS.contains(&key.as_str()))
        .collect();
    assert!(unused.is_empty(), "specs/seedshare does not use {unused:?}");
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
fn no_output_names_the_api_of_this_repository() {
    let words = words_of_the_repository_spec();
    for (path, contents) in generate(&sources()).iter() {
        assert_free(path, contents, &words);
    }
}

#[test]
fn neither_generator_nor_templates_name_the_api_of_this_repository() {
    let words = words_of_the_repository_spec();
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

/// Returns words that only the spec of this repository uses: its names, the parameters of its base path, its hosts, some segments
/// of its paths, names of types with two words or more, and names of fields with three words or more.
fn words_of_the_repository_spec() -> BTreeSet<String> {
    let api = specs::load(specs::REPOSITORY);
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

/// Builds the client in a workspace of its own, with the lock file of this one.
#[test]
fn the_client_passes_its_tests_and_lints() {
    let cargo = project("second-api", &sources());
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

/// The sandbox with the behaviour of `specs/seedshare/sandbox`.
#[test]
fn the_sandbox_passes_its_tests_and_lints() {
    let cargo = project("second-sandbox", &sources());
    let package = ["--package", "seedshare-sandbox"];
    cargo.run(&[&["test", "--quiet"], &package[..]].concat(), "");
    let lint = [
        &["clippy", "--quiet", "--all-targets"],
        &package[..],
        &["--", "-D", "warnings"],
    ];
    cargo.run(&lint.concat(), "");
}

/// The core of the sandbox is copied without the parts that deliver webhooks.
#[test]
fn the_sandbox_of_an_api_without_webhooks_knows_none() {
    let mut api = specs::load("seedshare");
    api.webhooks = None;
    for file in generator::render::sandbox::render(&api) {
        let is_own = ["sandbox/Cargo.toml", "sandbox/src/behaviour", "sandbox/tests"]
            .iter()
            .any(|own| file.path.starts_with(own));
        let mentions = file.contents.to_lowercase().contains("webhook");
        assert!(is_own || !mentions, "{} mentions webhooks", file.path);
    }
}

/// The client of an API with a single operation has no parts that it does not use.
#[test]
fn the_smallest_client_has_no_unused_code() {
    let cargo = project("smallest-api", &specs::sources("smallest"));
    for features in ["--all-features", "--no-default-features"] {
        let check = [
            "rustc",
            "--quiet",
            "--package",
            "library",
            "--lib",
            "--profile",
            "check",
            features,
            "--",
            "-D",
            "warnings",
        ];
        cargo.run(&check, "");
    }
}

/// Writes the outputs of a spec to a workspace.
fn project(name: &str, sources: &SourceSet) -> Cargo {
    let root = Path::new(env!("CARGO_TARGET_TMPDIR")).join(name);
    let written = generate(sources);
    written
        .write(&root.join("out"))
        .unwrap_or_else(|error| panic!("{error}"));
    assert!(
        written.check(&root.join("out")).unwrap().is_empty(),
        "the check finds differences right after writing"
    );
    // The sandbox exists only if the spec has a behaviour for it.
    let members = ["out/client", "out/sandbox"].map(|member| format!("\"{member}\""));
    let count = if root.join("out/sandbox").exists() { 2 } else { 1 };
    let members = members[..count].join(", ");
    let default = "default-members = [\"out/client\"]";
    fs::write(
        root.join("Cargo.toml"),
        format!("[workspace]\nresolver = \"3\"\nmembers = [{members}]\n{default}\n"),
    )
    .unwrap();
    fs::copy(here("../Cargo.lock"), root.join("Cargo.lock")).unwrap();
    Cargo::new(root)
}

/// Runs cargo in a folder; offline if all dependencies are downloaded.
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
        // Reuses what was compiled for the workspace.
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
