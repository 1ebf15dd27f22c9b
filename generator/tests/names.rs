//! Valid names of a spec that would collide only in an output are told apart by a suffix or a prefix.
#![allow(clippy::panic, reason = "a test fails by panicking")]

#[path = "structure/mod.rs"]
mod structure;

use generator::files::FileSet;
use generator::source::SourceSet;

const API: &str = "\
api: garden
version: 0.1.0
languages: [en]
title: Garden
about: Plants.
servers:
  main: https://garden.example.org -- The garden.
base: /v1/{path}/{host}
parameters:
  path: string -- A path.
  host: string -- A host.
sections: [plants]
";

const PLANTS: &str = "\
title: Plants
about: What grows.
types:
  Mark:
    about: A mark.
    union:
      a_b: string(/^a$/) -- One.
      ab: string(/^b$/) -- Another.
operations:
  list:
    route: GET /plants
    title: List plants
    result: string[] in plants -- Plants.
    examples:
      - request: GET /plants
        response: {plants: []}
  tend:
    route: POST /plants
    title: Tend
    body:
      mark: Mark -- A mark.
    examples:
      - title: One
        request: POST /plants
        body: {mark: {a_b: a}}
        response: {}
      - title: Two
        request: POST /plants
        body: {mark: {ab: b}}
        response: {}
  tend_1:
    route: POST /plants
    title: Tend once
    body:
      once: bool -- Once.
    examples:
      - request: POST /plants
        body: {once: true}
        response: {}
  replay:
    route: POST /replays
    title: Replay
    examples:
      - request: POST /replays
        response: {}
  list_numbers:
    route: GET /numbers
    title: List numbers
    result: int[] in found.404 -- Numbers.
    examples:
      - request: GET /numbers
        response: {found: {\"404\": [1]}}
  list_kinds:
    route: GET /kinds
    title: List kinds
    result: string[] in found.type -- Kinds.
    examples:
      - request: GET /kinds
        response: {found: {type: [a]}}
  list_new:
    route: GET /new
    title: List new plants
    result: string[] in newPlants -- Names.
    examples:
      - request: GET /new
        response: {newPlants: []}
  get_first:
    route: GET /first
    title: Get the first plant
    result: string?[] in plants[0] -- Names.
    examples:
      - request: GET /first
        response: {plants: [[a]]}
  get_server:
    route: GET /server
    title: Get the server
    result:
      server: string -- Its name.
      client?: string -- Its client.
    examples:
      - request: GET /server
        response: {server: a}
  get_client:
    route: GET /client
    title: Get the client
    result:
      client: string -- Its name.
    examples:
      - request: GET /client
        response: {client: a}
";

fn outputs() -> FileSet {
    let files = [("api.yaml", API), ("sections/plants.yaml", PLANTS)];
    let files = files.map(|(path, text)| (path.to_owned(), text.as_bytes().to_vec()));
    generator::generate(&SourceSet::from_files(files)).unwrap_or_else(|failure| panic!("{failure}"))
}

fn text<'f>(files: &'f FileSet, path: &str) -> &'f str {
    files.get(path).unwrap_or_else(|| panic!("{path} is not generated"))
}

#[test]
fn names_are_unique_in_every_scope_of_the_outputs() {
    let problems = structure::problems(outputs().iter());
    assert!(problems.is_empty(), "{problems:#?}");
}

#[test]
fn every_example_has_a_unique_test_and_a_unique_key() {
    let files = outputs();
    let tests = text(&files, "client/tests/examples/plants.rs");
    let document = text(&files, "openapi/openapi.yaml");
    for name in ["tend_1", "tend_2", "tend_1_2", "replay_2"] {
        assert!(tests.contains(&format!("async fn {name}(")), "there is no test {name}");
        assert!(
            name == "replay_2" || document.contains(&format!("plants_{name}:")),
            "there is no example plants_{name}"
        );
    }
}

#[test]
fn statics_of_variants_have_unique_names() {
    let files = outputs();
    let code = text(&files, "client/src/types/mark.rs");
    assert!(
        code.contains("static AB_PATTERN:") && code.contains("static AB_2_PATTERN:"),
        "{code}"
    );
}

#[test]
fn samples_do_not_overwrite_shell_variables() {
    let files = outputs();
    let front = text(&files, "docs/en/src/README.md");
    assert!(front.contains("export YOUR_PATH='your-path'"), "{front}");
    assert!(front.contains("\"$HOST/v1/$YOUR_PATH/$YOUR_HOST/plants\""), "{front}");
}

#[test]
fn samples_bind_results_to_valid_and_unused_names() {
    let files = outputs();
    let tests = text(&files, "client/tests/examples/plants.rs");
    for statement in [
        "let items = client.plants().list_numbers().await?;",
        "let items = client.plants().list_kinds().await?;",
        "let new_plants = client.plants().list_new().await?;",
        "let items = client.plants().get_first().await?;",
        "let result = client.plants().get_server().await?;",
        "let found = client.plants().get_client().await?.client;",
    ] {
        assert!(tests.contains(statement), "there is no {statement}:\n{tests}");
    }
}
