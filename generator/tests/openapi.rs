//! `OpenAPI` documents of the invented specs `library`, which has every construct that is hard to describe, and `smallest`.

#![allow(clippy::unwrap_used, clippy::panic, reason = "a test fails by panicking")]

#[path = "errors/patch.rs"]
mod patch;
#[path = "specs/mod.rs"]
mod specs;

use generator::files::File;
use generator::ir::{Api, Json};
use generator::render::{openapi, strings};
use generator::source::SourceSet;
use serde_json::json;

/// Renders the library spec with a patch, and returns its first document.
fn patched(patch: &str) -> Json {
    let files = patch::apply(&specs::files("library"), patch).unwrap_or_else(|error| panic!("{error}"));
    let api = generator::load(&SourceSet::from_files(files)).unwrap_or_else(|diagnostics| panic!("{diagnostics}"));
    document(&api)
}

/// Renders the documents of an API.
fn render(api: &Api) -> Vec<File> {
    openapi::render(api, &strings::catalogues(api).unwrap())
}

/// Returns the first document of an API.
fn document(api: &Api) -> Json {
    serde_yaml::from_str(&render(api)[0].contents).unwrap()
}

#[test]
fn documents_match_their_snapshots() {
    let files = render(&specs::load("library"));
    let paths: Vec<&str> = files.iter().map(|file| file.path.as_str()).collect();
    assert_eq!(
        paths,
        [
            "openapi/openapi.yaml",
            "openapi/openapi-3.0.yaml",
            "openapi/webhooks.yaml",
            "openapi/openapi.zh.yaml",
            "openapi/webhooks.zh.yaml"
        ]
    );
    insta::assert_snapshot!("library", files[0].contents);
    insta::assert_snapshot!("library_30", files[1].contents);
    insta::assert_snapshot!("library_webhooks", files[2].contents);
    insta::assert_snapshot!("library_zh", files[3].contents);
}

#[test]
fn the_document_of_the_smallest_spec_matches_its_snapshot() {
    insta::assert_snapshot!("smallest", render(&specs::load("smallest"))[0].contents);
}

#[test]
fn bodies_of_one_route_that_overlap_are_joined_with_any_of() {
    let document = patched(
        "
--- sections/readers.yaml
       grade: Grade -- The grade. | 字段。
+      name?: string -- The name. | 字段。
",
    );
    let union = &document["components"]["schemas"]["ReadersChangeRequest"];
    assert!(union.get("anyOf").is_some(), "{union}");
}

#[test]
fn texts_that_yaml_parsers_read_differently_are_quoted() {
    let text = &render(&specs::load("library"))[0].contents;
    for quoted in ["'200':", "'no'", "'2024-05-01'", "'007'", "'4XX':"] {
        assert!(text.contains(quoted), "{quoted}");
    }
}

#[test]
fn examples_with_a_ref_key_are_left_out() {
    let document = patched(
        r#"
--- sections/readers.yaml
-        response: {entities: [{id: r1, born: "2024-05-01", books: "3", channel: "no"}], cursor: c}
+        response: {entities: [{id: r1, born: null, books: 3, extra: {$ref: r1}}]}
"#,
    );
    let responses = &document["paths"]["/readers"]["get"]["responses"];
    let examples = |status: &str| responses[status]["content"]["application/json"].get("examples");
    assert!(examples("200").is_none());
    assert!(examples("429").is_some());
}

/// Tools reject two paths that differ only in parameter names.
#[test]
fn paths_that_differ_only_in_parameter_names_are_merged() {
    let document = patched(
        "
--- sections/readers.yaml
   remove:
-    route: DELETE /readers/{reader_id}
+    route: DELETE /readers/{id}
+    path:
+      id: string -- The reader. | 读者。

   remove_many:
-    route: DELETE /readers/{reader_id}
+    route: DELETE /readers/{id}

-      reader_id: string[1..9] -- The reader_id. | 字段。
+      id: string[1..9] -- The reader_id. | 字段。
",
    );
    assert!(document["paths"].get("/readers/{id}").is_none());
    let delete = &document["paths"]["/readers/{reader_id}"]["delete"];
    assert_eq!(delete["parameters"][0]["name"], "reader_id");
}

/// The standard has no keys for these, so they are top-level extensions that operations refer to.
#[test]
fn limits_paging_styles_and_errors_are_declared_at_the_top_level() {
    let library = specs::load("library");
    let document = document(&library);
    let list = &document["paths"]["/readers"]["get"];
    assert_eq!(
        list["x-paging"],
        json!({"style": "cursor", "items": "/entities", "cursor_parameter": "cursor", "next_cursor": "/cursor"})
    );
    assert_eq!(document["x-paging"]["cursor"]["kind"], "cursor");
    let rename = &document["paths"]["/readers/{reader_id}"]["put"];
    let bucket = rename["x-rate-limit"][0]["bucket"].as_str().unwrap_or_default();
    assert_eq!(document["x-rate-limits"]["buckets"][bucket]["count"], 10);
    let catalogue = document["x-error-catalogue"].as_array().map_or(0, Vec::len);
    assert_eq!(catalogue, library.errors.catalogue.len());
}
