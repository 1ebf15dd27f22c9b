//! The notation against independent references: the JSON Schemas against a validator, the YAML parser against another one, and
//! `spec/README.md` against the schemas.
#![allow(clippy::unwrap_used, clippy::panic, reason = "a test fails by panicking")]

#[path = "specs/mod.rs"]
mod specs;

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};

use generator::render::schema;
use generator::source::SourceSet;
use generator::syntax::node;
use jsonschema::Validator;
use serde_json::Value as Json;

/// Returns path and content of every YAML file of every spec.
fn files() -> Vec<(String, Vec<u8>)> {
    let specs = specs::NAMES.into_iter().chain([specs::REPOSITORY]);
    specs.flat_map(specs::files).filter(|(path, _)| is_yaml(path)).collect()
}

fn is_yaml(path: &str) -> bool {
    Path::new(path).extension().is_some_and(|extension| extension == "yaml")
}

fn here(path: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join(path)
}

fn schemas() -> BTreeMap<String, Json> {
    let files = schema::render();
    files
        .into_iter()
        .map(|file| (file.path, serde_json::from_str(&file.contents).unwrap()))
        .collect()
}

/// Returns the path of the schema for a file of a spec.
fn schema_of(path: &str) -> String {
    let name = match path.split('/').next().unwrap() {
        "sections" => "section",
        "types" => "types",
        "webhooks" => "webhooks",
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

/// Parses YAML with another parser than the generator's.
fn parse(bytes: &[u8]) -> Json {
    serde_yaml::from_slice(bytes).unwrap()
}

#[test]
fn every_spec_is_valid_under_the_schemas() {
    let validators = validators();
    for (path, bytes) in files() {
        let problems: Vec<_> = validators[&schema_of(&path)]
            .iter_errors(&parse(&bytes))
            .map(|error| format!("{}: {error}", error.instance_path()))
            .collect();
        assert!(problems.is_empty(), "{path}: {problems:#?}");
    }
}

#[test]
fn the_schemas_reject_unknown_and_missing_keys() {
    let validators = validators();
    for (path, bytes) in files().into_iter().filter(|(path, _)| !path.starts_with("types/")) {
        let validator = &validators[&schema_of(&path)];
        let mut unknown = parse(&bytes);
        unknown["tilte"] = "A typo".into();
        assert!(!validator.is_valid(&unknown), "{path}: an unknown key is accepted");
        let mut missing = parse(&bytes);
        missing.as_object_mut().unwrap().remove("title");
        assert!(!validator.is_valid(&missing), "{path}: a missing key is accepted");
    }
    let types = serde_json::json!({ "Plant": { "about": "A. | 甲。", "field": { "a": "int -- A. | 甲。" } } });
    assert!(!validators["schema/types.schema.json"].is_valid(&types));
}

#[test]
fn the_schemas_in_generated_are_up_to_date() {
    let folder = here("../generated");
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
fn another_yaml_parser_reads_the_same_data() {
    for (path, bytes) in files() {
        let sources = SourceSet::from_files([(path.clone(), bytes.clone())]);
        let (id, file) = sources.files().next().unwrap();
        let mut diagnostics = Vec::new();
        let node = node::parse(id, file, &mut diagnostics).unwrap();
        assert!(diagnostics.is_empty());
        assert_eq!(node::to_json(&node), parse(&bytes), "{path}");
    }
}

#[test]
fn every_file_names_its_schema_for_editors() {
    for (path, bytes) in specs::files(specs::REPOSITORY) {
        if is_yaml(&path) {
            let up = "../".repeat(1 + path.matches('/').count());
            let schema = format!("{up}generated/{}", schema_of(&path));
            let first = format!("# yaml-language-server: $schema={schema}\n");
            assert!(
                bytes.starts_with(first.as_bytes()),
                "{path} does not begin with {first}"
            );
            let folder = specs::folder(specs::REPOSITORY).join(&path).with_file_name("");
            assert!(folder.join(&schema).is_file(), "{path}: {schema}");
        }
    }
}

fn readme() -> String {
    fs::read_to_string(here("../spec/README.md")).unwrap()
}

/// Returns the first code block in a language in the README, without its indentation.
fn block(language: &str) -> String {
    let readme = readme();
    let (before, rest) = readme.split_once(&format!("```{language}\n")).unwrap();
    let indentation = before.rsplit('\n').next().unwrap();
    let block = rest.split_once(&format!("\n{indentation}```")).unwrap().0;
    let lines = block.lines().map(|line| line.strip_prefix(indentation).unwrap_or(line));
    lines.map(|line| line.to_owned() + "\n").collect()
}

/// Returns the spec of the repository with an operation at the end of the file that the README names.
fn with_operation(operation: &str) -> SourceSet {
    let readme = readme();
    let (_, rest) = readme.split_once("at the end of `").unwrap();
    let path = rest.split_once('`').unwrap().0;
    let mut files = specs::files(specs::REPOSITORY);
    let file = files.get_mut(path).unwrap();
    file.extend(format!("\n{operation}").bytes());
    SourceSet::from_files(files)
}

#[test]
fn the_operation_in_the_readme_is_valid() {
    let operation = block("yaml");
    let key = operation.lines().next().unwrap().trim().trim_end_matches(':');
    let sources = with_operation(&operation);
    let api = generator::load(&sources).unwrap_or_else(|diagnostics| panic!("{diagnostics}"));
    assert!(
        api.operations()
            .any(|(_, operation)| operation.id.ends_with(&format!(".{key}")))
    );
    let files = generator::generate(&sources).unwrap_or_else(|failure| panic!("{}", failure.render(false)));
    let method = readme().split_once("becomes the method `client.").unwrap().1.to_owned();
    let (section, method) = method.split_once("(..)`").unwrap().0.split_once("().").unwrap();
    let client = files.get(&format!("client/src/{section}.rs")).unwrap();
    assert!(client.contains(&format!("pub fn {method}")), "{client}");
    let arguments = block("rust").split_once("arguments: ").unwrap().1.to_owned();
    let arguments = arguments.split_once(')').unwrap().0;
    let sandbox = files.get(&format!("sandbox/src/sections/{section}.rs")).unwrap();
    assert!(sandbox.contains(&format!("arguments: {arguments}")), "{sandbox}");
}

#[test]
fn the_diagnostic_in_the_readme_is_what_the_generator_prints() {
    let expected = block("text");
    let is_source = |line: &&str| line.starts_with(|c: char| c.is_ascii_digit());
    let wrong = expected.lines().find(is_source).unwrap().split_once("| ").unwrap().1;
    let key = wrong.split_once(':').unwrap().0;
    let operation = block("yaml");
    let lines = operation.lines();
    let with_mistake: String = lines
        .map(|line| {
            if line.split(':').next() == Some(key) {
                wrong
            } else {
                line
            }
            .to_owned()
                + "\n"
        })
        .collect();
    let printed = generator::generate(&with_operation(&with_mistake))
        .unwrap_err()
        .render(false);
    let without_numbers = |text: &str| text.replace(|c: char| c.is_ascii_digit(), "0");
    assert_eq!(
        without_numbers(printed.trim_end()),
        without_numbers(expected.trim_end())
    );
}

#[test]
fn the_readme_documents_every_key() {
    let readme = readme();
    let mut keys = BTreeSet::new();
    schemas().values().for_each(|schema| collect_keys(schema, &mut keys));
    assert!(keys.contains("superseded_by") && keys.contains("enum int"), "{keys:?}");
    let is_documented = |key: &String| {
        let forms = [format!("`{key}`"), format!(" {key}: "), format!(" {key}:\n")];
        forms.iter().any(|form| readme.contains(form.as_str()))
    };
    let missing: Vec<_> = keys.iter().filter(|key| !is_documented(key)).collect();
    assert!(missing.is_empty(), "spec/README.md does not document {missing:?}");
}

fn collect_keys(schema: &Json, keys: &mut BTreeSet<String>) {
    let Json::Object(object) = schema else { return };
    if let Some(Json::Object(properties)) = object.get("properties") {
        keys.extend(properties.keys().cloned());
    }
    object.values().for_each(|value| collect_keys(value, keys));
}
