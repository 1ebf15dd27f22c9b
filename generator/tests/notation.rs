//! The notation, checked by others: the JSON Schemas by an independent validator, the reader of YAML against another one,
//! and the README against the schemas.
#![allow(clippy::unwrap_used, clippy::panic, reason = "a test fails by panicking")]

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};

use generator::render::schema;
use generator::source::SourceSet;
use generator::syntax::node;
use jsonschema::Validator;
use serde_json::Value as Json;

/// The specs that are valid.
const SPECS: [&str; 5] = [
    "../spec",
    "tests/mutations/seed",
    "tests/errors/good",
    "tests/specs/harbour",
    "tests/specs/library",
];

/// Every YAML file of every spec: path within the spec, content.
fn files() -> Vec<(String, Vec<u8>)> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let mut out = Vec::new();
    for spec in SPECS.map(|spec| root.join(spec)) {
        let paths = walkdir::WalkDir::new(&spec)
            .sort_by_file_name()
            .into_iter()
            .map(|entry| entry.unwrap().into_path());
        for path in paths.filter(|path| path.extension().is_some_and(|extension| extension == "yaml")) {
            let relative = path.strip_prefix(&spec).unwrap().to_str().unwrap().replace('\\', "/");
            out.push((relative, fs::read(&path).unwrap()));
        }
    }
    out
}

fn schemas() -> BTreeMap<String, Json> {
    let files = schema::render();
    files
        .into_iter()
        .map(|file| (file.path, serde_json::from_str(&file.contents).unwrap()))
        .collect()
}

/// The schema that a file of a spec has to fit.
fn schema_of(path: &str) -> String {
    let name = match path.split('/').next().unwrap() {
        "sections" => "section",
        "types" => "types",
        _ => "api",
    };
    format!("schema/{name}.schema.json")
}

fn validators() -> BTreeMap<String, Validator> {
    schemas()
        .into_iter()
        .map(|(path, schema)| (path, jsonschema::validator_for(&schema).unwrap()))
        .collect()
}

/// The file as another reader of YAML sees it.
fn read(bytes: &[u8]) -> Json {
    serde_yaml::from_slice(bytes).unwrap()
}

#[test]
fn every_spec_fits_the_schemas() {
    let validators = validators();
    for (path, bytes) in files() {
        let problems: Vec<_> = validators[&schema_of(&path)]
            .iter_errors(&read(&bytes))
            .map(|error| format!("{}: {error}", error.instance_path()))
            .collect();
        assert!(problems.is_empty(), "{path}: {problems:#?}");
    }
}

#[test]
fn an_unknown_or_missing_key_does_not_fit() {
    let validators = validators();
    for (path, bytes) in files().into_iter().filter(|(path, _)| !path.starts_with("types/")) {
        let validator = &validators[&schema_of(&path)];
        let mut unknown = read(&bytes);
        unknown["tilte"] = "A typo".into();
        assert!(!validator.is_valid(&unknown), "{path}: an unknown key fits");
        let mut missing = read(&bytes);
        missing.as_object_mut().unwrap().remove("title");
        assert!(!validator.is_valid(&missing), "{path}: a missing key fits");
    }
    let types = serde_json::json!({ "Plant": { "about": "A. | 甲。", "field": { "a": "int -- A. | 甲。" } } });
    assert!(!validators["schema/types.schema.json"].is_valid(&types));
}

#[test]
fn the_written_schemas_are_those() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../generated");
    for file in schema::render() {
        assert_eq!(
            fs::read_to_string(folder.join(&file.path)).unwrap(),
            file.contents,
            "{}",
            file.path
        );
    }
}

#[test]
fn another_reader_of_yaml_sees_the_same() {
    for (path, bytes) in files() {
        let sources = SourceSet::from_files([(path.clone(), bytes.clone())]);
        let (id, file) = sources.files().next().unwrap();
        let mut diagnostics = Vec::new();
        let node = node::parse(id, file, &mut diagnostics).unwrap();
        assert!(diagnostics.is_empty());
        assert_eq!(node::to_json(&node), read(&bytes), "{path}");
    }
}

#[test]
fn the_readme_documents_every_key() {
    let readme: PathBuf = Path::new(env!("CARGO_MANIFEST_DIR")).join("../spec/README.md");
    let readme = fs::read_to_string(readme).unwrap();
    let mut keys = BTreeSet::new();
    schemas().values().for_each(|schema| collect_keys(schema, &mut keys));
    assert!(keys.contains("superseded_by") && keys.contains("enum int"), "{keys:?}");
    let stands = |key: &String| {
        let ways = [format!("`{key}`"), format!(" {key}: "), format!(" {key}:\n")];
        ways.iter().any(|way| readme.contains(way.as_str()))
    };
    let missing: Vec<_> = keys.iter().filter(|key| !stands(key)).collect();
    assert!(missing.is_empty(), "spec/README.md says nothing about {missing:?}");
}

fn collect_keys(schema: &Json, keys: &mut BTreeSet<String>) {
    let Json::Object(object) = schema else { return };
    if let Some(Json::Object(properties)) = object.get("properties") {
        keys.extend(properties.keys().cloned());
    }
    object.values().for_each(|value| collect_keys(value, keys));
}
