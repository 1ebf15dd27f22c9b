//! Properties of every `OpenAPI` document, and of the editions of one API compared with each other.
//!
//! The documents are those of the spec of this repository and of the invented spec `seedshare`.

#![allow(clippy::unwrap_used, clippy::panic, reason = "a test fails by panicking")]

#[path = "specs/mod.rs"]
mod specs;

use std::collections::{BTreeMap, BTreeSet};
use std::sync::LazyLock;

use generator::render::{openapi, strings};
use jsonschema::Registry;
use serde_json::{Value as Json, json};

/// Path and content of a document.
type Edition = (String, Json);

/// Returns the editions of each API.
fn apis() -> &'static [Vec<Edition>] {
    static APIS: LazyLock<Vec<Vec<Edition>>> =
        LazyLock::new(|| [specs::REPOSITORY, "seedshare"].map(editions).to_vec());
    &APIS
}

/// Returns the documents of the webhooks of all APIs.
fn webhooks() -> &'static [Edition] {
    static WEBHOOKS: LazyLock<Vec<Edition>> = LazyLock::new(|| {
        let documents = [specs::REPOSITORY, "seedshare"].map(documents).into_iter().flatten();
        documents.filter(|(path, _)| path.contains("webhooks")).collect()
    });
    &WEBHOOKS
}

fn editions(spec: &str) -> Vec<Edition> {
    let documents = documents(spec).into_iter();
    documents.filter(|(path, _)| !path.contains("webhooks")).collect()
}

fn documents(spec: &str) -> Vec<Edition> {
    let api = specs::load(spec);
    let catalogues = strings::catalogues(&api).unwrap();
    let files = openapi::render(&api, &catalogues).into_iter();
    files
        .map(|file| {
            let document = serde_yaml::from_str(&file.contents).unwrap();
            (file.path, document)
        })
        .collect()
}

/// Returns all documents.
fn all() -> impl Iterator<Item = &'static Edition> {
    apis().iter().flatten().chain(webhooks())
}

#[test]
fn editions_of_an_api_have_the_same_operations() {
    for editions in apis() {
        let (first_path, first) = &editions[0];
        for (path, document) in &editions[1..] {
            assert_eq!(skeleton(document), skeleton(first), "{path} and {first_path}");
        }
    }
}

#[test]
fn editions_of_one_version_have_the_same_components() {
    let names = |document: &Json| -> Vec<_> {
        let kinds = entries(&document["components"]).into_iter();
        kinds
            .map(|(kind, components)| (kind.to_owned(), keys(components)))
            .collect()
    };
    for editions in apis() {
        let (first_path, first) = &editions[0];
        for (path, document) in &editions[1..] {
            if document["openapi"] == first["openapi"] {
                assert_eq!(names(document), names(first), "{path} and {first_path}");
            }
        }
    }
}

/// Client generators produce code that does not compile for other unions.
#[test]
fn unions_of_3_0_are_either_arrays_or_something_else() {
    let mut found = 0;
    for (path, document) in all().filter(|(path, _)| path.ends_with("-3.0.yaml")) {
        schemas(document, &mut |schema| {
            for key in ["oneOf", "anyOf"] {
                let options: Vec<_> = items(&schema[key]).map(|option| resolve(document, option)).collect();
                let arrays = options.iter().filter(|option| option["type"] == "array").count();
                assert!(arrays == 0 || arrays == options.len(), "{path}: {schema}");
                found += options.len();
            }
        });
    }
    assert!(found > 50, "only {found} alternatives");
}

/// Client generators name the types of inline objects after the path to them, and derive names from those of others.
#[test]
fn objects_inside_of_objects_have_names_that_generators_do_not_derive() {
    for (path, document) in all() {
        let names: BTreeSet<String> = keys(&document["components"]["schemas"]).into_iter().collect();
        for name in &names {
            for prefix in ["New", "Nullable"] {
                let derived = name.strip_prefix(prefix).is_some_and(|rest| names.contains(rest));
                assert!(!derived, "{path}: {name}");
            }
        }
        let components = entries(&document["components"]["schemas"]).into_iter();
        for (name, component) in components {
            let parts = std::iter::once(component).chain(items(&component["allOf"]));
            let properties = parts.flat_map(|part| entries(&part["properties"]));
            for (key, property) in properties {
                let inline = [property, &property["items"]].map(|schema| schema.get("properties"));
                assert_eq!(inline, [None, None], "{path}: {name}: {key}");
            }
        }
    }
}

/// In Go, types and the values of all enums are in one scope.
#[test]
fn values_of_enums_have_other_names_than_types_and_each_other() {
    for (path, document) in all() {
        let mut names: BTreeSet<String> = keys(&document["components"]["schemas"]).into_iter().collect();
        for (_, schema) in entries(&document["components"]["schemas"]) {
            if schema.get("enum").is_some() {
                for name in schema["x-enum-varnames"].as_array().into_iter().flatten() {
                    assert!(names.insert(name.as_str().unwrap().to_owned()), "{path}: {name}");
                }
            }
        }
    }
}

/// With the format `password`, Python generators lose secrets. With `default`, TypeScript generators require properties.
#[test]
fn properties_are_neither_passwords_nor_have_defaults() {
    for (path, document) in all() {
        let mut secrets = 0;
        schemas(document, &mut |schema| {
            assert_ne!(schema["format"], "password", "{path}: {schema}");
            secrets += usize::from(schema["x-sensitive"] == true);
            for (key, property) in entries(&schema["properties"]) {
                assert!(property.get("default").is_none(), "{path}: {key}: {property}");
            }
        });
        assert!(secrets > 0 || path.contains("webhooks"), "{path}");
    }
}

/// API gateways and some routers reject documents in which the names differ.
#[test]
fn a_position_in_a_path_has_one_name() {
    for (file, document) in all() {
        let mut names: BTreeMap<String, &str> = BTreeMap::new();
        for (path, _, operation) in operations(document) {
            let (mut before, mut own) = (String::new(), BTreeSet::new());
            for segment in path.split('/') {
                if segment.starts_with('{') {
                    assert_eq!(
                        *names.entry(before.clone()).or_insert(segment),
                        segment,
                        "{file}: {path}"
                    );
                    assert!(own.insert(segment.trim_matches(['{', '}'])), "{file}: {path}");
                }
                let shape = if segment.starts_with('{') { "{}" } else { segment };
                before = format!("{before}/{shape}");
            }
            let parameters = operation["parameters"].as_array().into_iter().flatten();
            let declared = parameters.filter(|parameter| parameter["in"] == "path");
            let declared: BTreeSet<_> = declared.map(|parameter| parameter["name"].as_str().unwrap()).collect();
            assert!(declared.is_superset(&own), "{file}: {path}");
        }
    }
}

/// Returns the facts that editions share: for each method and path, the id, parameters, media types and statuses.
fn skeleton(document: &Json) -> BTreeMap<String, Vec<String>> {
    let mut parts = BTreeMap::new();
    for (path, method, operation) in operations(document) {
        let mut facts = vec![operation["operationId"].as_str().unwrap().to_owned()];
        for parameter in operation["parameters"].as_array().into_iter().flatten() {
            facts.push(format!("{} {}", parameter["in"], parameter["name"]));
        }
        facts.extend(keys(&operation["requestBody"]["content"]));
        facts.extend(keys(&operation["responses"]));
        parts.insert(format!("{method} {path}"), facts);
    }
    parts
}

#[test]
fn operation_ids_are_unique() {
    for (path, document) in all() {
        let ids: Vec<&str> = operations(document)
            .iter()
            .map(|(_, _, operation)| operation["operationId"].as_str().unwrap())
            .collect();
        let distinct: BTreeSet<&str> = ids.iter().copied().collect();
        assert_eq!(ids.len(), distinct.len(), "{path}");
    }
}

#[test]
fn every_reference_resolves_and_every_component_is_referenced() {
    for (path, document) in all() {
        let mut targets = BTreeSet::new();
        references(document, &mut targets);
        let mut components = BTreeSet::new();
        for kind in ["schemas", "responses"] {
            let names = keys(&document["components"][kind]).into_iter();
            components.extend(names.map(|name| format!("#/components/{kind}/{name}")));
        }
        assert_eq!(targets, components, "{path}");
    }
}

#[test]
fn component_names_are_ascii_and_differ_in_any_casing() {
    for (path, document) in all() {
        for (kind, components) in entries(&document["components"]) {
            let mut seen = BTreeSet::new();
            for name in keys(components) {
                assert!(name.is_ascii(), "{path}: {kind}: {name}");
                let folded = name.replace('_', "").to_ascii_lowercase();
                assert!(seen.insert(folded), "{path}: {kind}: {name} clashes");
            }
        }
    }
}

/// Client generators expect one type for success and one for errors.
#[test]
fn each_operation_has_one_schema_for_success_and_one_for_errors() {
    for (path, document) in all() {
        for (route, method, operation) in operations(document) {
            let [mut success, mut failure] = [BTreeSet::new(), BTreeSet::new()];
            for (status, response) in entries(&operation["responses"]) {
                let schema = resolve(document, response)["content"]["application/json"]["schema"].to_string();
                if status.starts_with('2') {
                    success.insert(schema);
                } else {
                    failure.insert(schema);
                }
                assert_ne!(status, "default", "{path}: {method} {route}");
            }
            assert_eq!(success.len(), 1, "{path}: {method} {route}");
            assert_eq!(failure.len(), 1, "{path}: {method} {route}");
        }
    }
}

#[test]
fn error_codes_of_responses_are_known_errors() {
    for (path, document) in apis().iter().flatten() {
        let known: BTreeSet<String> = document["x-error-catalogue"]
            .as_array()
            .unwrap()
            .iter()
            .map(|error| format!("{} {}", error["status"], error["code"].as_str().unwrap()))
            .collect();
        for (route, method, operation) in operations(document) {
            for (status, response) in entries(&operation["responses"]) {
                let codes = resolve(document, response)["x-error-codes"].as_array().into_iter();
                for code in codes.flatten() {
                    let error = format!("{status} {}", code.as_str().unwrap());
                    assert!(known.contains(&error), "{path}: {method} {route}: {error}");
                }
            }
        }
    }
}

/// Only 3.1 uses JSON Schema. The documents do not say that a key of a response that is `null` counts as absent.
#[test]
fn examples_of_3_1_are_valid_under_their_schemas() {
    let (mut checked, mut wrong) = (BTreeSet::new(), Vec::new());
    for (path, document) in all().filter(|(path, _)| !path.contains("-3.0")) {
        let registry = Registry::new().add("urn:api", document.clone()).unwrap();
        let registry = registry.prepare().unwrap();
        for pointer in contents(document) {
            let content = document.pointer(&pointer).unwrap();
            let options = jsonschema::options().with_registry(&registry);
            let schema = json!({"$ref": format!("urn:api#{pointer}/schema").replace('{', "%7B").replace('}', "%7D")});
            let validator = options.build(&schema).unwrap();
            for (name, example) in entries(&content["examples"]) {
                checked.insert(path);
                for error in validator
                    .iter_errors(&example["value"])
                    .filter(|error| !error.instance().is_null())
                {
                    wrong.push(format!("{path}: {pointer}: {name}: {}: {error}", error.instance_path()));
                }
            }
        }
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
    assert_eq!(checked.len(), 4, "documents with examples: {checked:?}");
}

/// Returns a pointer to each JSON body and response of the operations and webhooks.
fn contents(document: &Json) -> Vec<String> {
    let mut pointers = Vec::new();
    for kind in ["paths", "webhooks"] {
        for (path, item) in entries(&document[kind]) {
            let path = path.replace('~', "~0").replace('/', "~1");
            for method in keys(item) {
                let operation = format!("/{kind}/{path}/{method}");
                pointers.push(format!("{operation}/requestBody"));
                let responses = keys(&item[&method]["responses"]).into_iter();
                pointers.extend(responses.map(|status| format!("{operation}/responses/{status}")));
            }
        }
    }
    let responses = keys(&document["components"]["responses"]).into_iter();
    pointers.extend(responses.map(|name| format!("/components/responses/{name}")));
    let contents = pointers.into_iter().map(|part| part + "/content/application~1json");
    contents.filter(|pointer| document.pointer(pointer).is_some()).collect()
}

/// Finds texts that were not translated.
#[test]
fn every_text_of_the_chinese_edition_has_chinese_characters() {
    let (_, document) = all().find(|(path, _)| path.ends_with(".zh.yaml")).unwrap();
    let mut texts = Vec::new();
    collect_texts(document, &mut texts);
    texts.extend(items(&document["tags"]).map(|tag| tag["name"].as_str().unwrap().to_owned()));
    assert!(texts.len() > 100, "only {} texts", texts.len());
    let foreign: Vec<&String> = texts
        .iter()
        .filter(|text| !text.chars().any(|c| ('\u{4e00}'..='\u{9fff}').contains(&c)))
        .collect();
    assert!(foreign.is_empty(), "{foreign:#?}");
}

fn collect_texts(value: &Json, to: &mut Vec<String>) {
    const TEXTS: [&str; 5] = ["description", "summary", "title", "meaning", "remedy"];
    for (key, inner) in entries(value) {
        match inner {
            Json::String(text) if TEXTS.contains(&key) => to.push(text.clone()),
            // Examples quote requests and responses, which are not translated.
            Json::Array(_) if key == "examples" => {}
            _ if key == "value" || key == "example" => {}
            _ => collect_texts(inner, to),
        }
    }
    items(value).for_each(|item| collect_texts(item, to));
}

#[test]
fn documents_of_3_0_have_no_keywords_of_3_1() {
    for (path, document) in all() {
        if path.ends_with("-3.0.yaml") {
            assert_eq!(document["openapi"], "3.0.3");
            assert!(document["info"]["license"].get("identifier").is_none());
            let mut found = 0;
            schemas(document, &mut |schema| {
                found += 1;
                for key in ["const", "examples", "$defs", "prefixItems", "contentMediaType"] {
                    assert!(schema.get(key).is_none(), "{path}: `{key}` in {schema}");
                }
                assert!(
                    !schema["type"].is_array() && schema["type"] != "null",
                    "{path}: {schema}"
                );
                let alone = entries(schema).len() == 1;
                assert!(
                    alone || schema.get("$ref").is_none(),
                    "{path}: keywords beside a reference: {schema}"
                );
                assert!(
                    schema.get("nullable").is_none() || schema["type"].is_string(),
                    "{path}: nullable without a type: {schema}"
                );
            });
            assert!(found > 100, "{path}: only {found} schemas");
        }
    }
}

#[test]
fn documents_of_3_1_have_no_keywords_of_3_0() {
    for (path, document) in all() {
        if !path.ends_with("-3.0.yaml") {
            assert_eq!(document["openapi"], "3.1.1");
            schemas(document, &mut |schema| {
                for key in ["nullable", "example"] {
                    assert!(schema.get(key).is_none(), "{path}: `{key}` in {schema}");
                }
            });
        }
    }
}

/// Calls `visit` with every schema of a document.
fn schemas(value: &Json, visit: &mut dyn FnMut(&Json)) {
    for (key, inner) in entries(value) {
        match key {
            "schema" => schema(inner, visit),
            "schemas" => entries(inner).into_iter().for_each(|(_, inner)| schema(inner, visit)),
            "examples" | "example" => {}
            _ => schemas(inner, visit),
        }
    }
    value
        .as_array()
        .into_iter()
        .flatten()
        .for_each(|item| schemas(item, visit));
}

/// Calls `visit` with a schema and the schemas in it.
fn schema(value: &Json, visit: &mut dyn FnMut(&Json)) {
    visit(value);
    for key in ["items", "additionalProperties"] {
        if let Some(inner) = value.get(key).filter(|inner| inner.is_object()) {
            schema(inner, visit);
        }
    }
    for key in ["allOf", "oneOf", "anyOf"] {
        value[key]
            .as_array()
            .into_iter()
            .flatten()
            .for_each(|inner| schema(inner, visit));
    }
    for (_, inner) in entries(&value["properties"]) {
        schema(inner, visit);
    }
}

/// Returns path, method and object of every operation.
fn operations(document: &Json) -> Vec<(&str, &str, &Json)> {
    let mut operations = Vec::new();
    for (path, item) in entries(&document["paths"]) {
        operations.extend(
            entries(item)
                .into_iter()
                .map(|(method, operation)| (path, method, operation)),
        );
    }
    operations
}

fn items(value: &Json) -> impl Iterator<Item = &Json> {
    value.as_array().into_iter().flatten()
}

fn entries(value: &Json) -> Vec<(&str, &Json)> {
    let entries = value.as_object().into_iter().flatten();
    entries.map(|(key, value)| (key.as_str(), value)).collect()
}

fn keys(value: &Json) -> Vec<String> {
    entries(value).into_iter().map(|(key, _)| key.to_owned()).collect()
}

/// Follows a `$ref` once, if `value` has one.
fn resolve<'d>(document: &'d Json, value: &'d Json) -> &'d Json {
    let reference = value["$ref"].as_str().and_then(|reference| reference.strip_prefix('#'));
    reference.map_or(value, |pointer| document.pointer(pointer).unwrap())
}

/// Collects the targets of all references.
fn references(value: &Json, to: &mut BTreeSet<String>) {
    for (key, inner) in entries(value) {
        match inner.as_str() {
            Some(target) if key == "$ref" => {
                to.insert(target.to_owned());
            }
            _ => references(inner, to),
        }
    }
    value
        .as_array()
        .into_iter()
        .flatten()
        .for_each(|item| references(item, to));
}
