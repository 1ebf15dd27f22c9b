//! Runs `cargo xtask diff` in a temporary git repository.
#![allow(clippy::unwrap_used, clippy::panic, reason = "a test fails by panicking")]

use std::fs;
use std::path::Path;
use std::process::{Command, Output};

use serde_json::{Value, json};
use tempfile::TempDir;

/// A repository that contains the spec `tests/diff/market`.
struct Repository(TempDir);

impl Repository {
    fn new() -> Self {
        let repository = Self(tempfile::tempdir().unwrap());
        repository.git(&["init", "--quiet"]);
        for path in [
            "api.yaml",
            "types/shared.yaml",
            "sections/stalls.yaml",
            "sections/goods.yaml",
            "webhooks/openings.yaml",
            "webhooks/deliveries.yaml",
        ] {
            let source = Path::new(env!("CARGO_MANIFEST_DIR"))
                .join("tests/diff/market")
                .join(path);
            let target = repository.0.path().join("spec").join(path);
            fs::create_dir_all(target.parent().unwrap()).unwrap();
            fs::copy(source, target).unwrap();
        }
        repository.commit();
        repository
    }

    fn git(&self, words: &[&str]) -> String {
        let mut command = Command::new("git");
        command
            .current_dir(self.0.path())
            .args(["-c", "user.name=a", "-c", "user.email=a@example.com"])
            .args(words);
        let output = command.output().unwrap();
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
        String::from_utf8(output.stdout).unwrap().trim().to_owned()
    }

    /// Commits everything and returns the hash.
    fn commit(&self) -> String {
        self.git(&["add", "--all"]);
        self.git(&["commit", "--quiet", "--message", "Change the spec"]);
        self.git(&["rev-parse", "HEAD"])
    }

    /// Replaces a text that occurs once in a file of the spec.
    fn replace(&self, file: &str, old: &str, new: &str) {
        let path = self.0.path().join("spec").join(file);
        let text = fs::read_to_string(&path).unwrap();
        assert_eq!(text.matches(old).count(), 1, "{old}");
        fs::write(path, text.replace(old, new)).unwrap();
    }

    /// Makes a breaking change, a compatible change and an addition.
    fn change(&self) {
        self.replace("sections/goods.yaml", "gift?: bool", "gift: bool");
        self.replace(
            "sections/goods.yaml",
            "{pieces: 1}}, at: 1}",
            "{pieces: 1}}, at: 1, gift: true}",
        );
        self.replace("types/shared.yaml", "about: A price. |", "about: A <fair> price. |");
        self.replace(
            "sections/stalls.yaml",
            "    enum int:\n",
            "    enum int:\n      middle = 3: Middle. | 中。\n",
        );
    }

    fn diff(&self, words: &[&str]) -> Output {
        let mut command = Command::new(env!("CARGO_BIN_EXE_xtask"));
        command
            .arg("diff")
            .args(words)
            .arg("--spec")
            .arg(self.0.path().join("spec"));
        command.output().unwrap()
    }

    /// Returns the report without the path of the repository.
    fn report(&self, words: &[&str]) -> String {
        let output = self.diff(words);
        assert_eq!(
            output.status.code(),
            Some(0),
            "{}",
            String::from_utf8_lossy(&output.stderr)
        );
        let folder = format!("{}/", self.0.path().display());
        String::from_utf8(output.stdout).unwrap().replace(&folder, "")
    }

    fn error(&self, words: &[&str]) -> String {
        let output = self.diff(words);
        assert_eq!(output.status.code(), Some(1));
        String::from_utf8(output.stderr).unwrap()
    }
}

#[test]
fn without_changes_the_report_is_one_line() {
    let repository = Repository::new();
    let commit = repository.git(&["rev-parse", "HEAD"]);
    assert_eq!(
        repository.report(&["HEAD", "--fail-on-breaking"]),
        format!("No changes since HEAD ({})\n", &commit[..10])
    );
    assert_eq!(
        repository.report(&["HEAD", "--format", "markdown"]),
        "## No changes since `HEAD`\n"
    );
}

#[test]
fn text_is_for_terminals() {
    let repository = Repository::new();
    repository.git(&["tag", "v1"]);
    repository.change();
    let commit = repository.git(&["rev-parse", "HEAD"]);
    let expected = "\
4 changes since v1 (COMMIT)

              breaking     unknown  compatible       added  unaffected
client               1           0           1           1           1
openapi              1           0           2           1           0
wire                 1           0           1           0           2

Breaking changes:
  goods.trade › body › gift  spec/sections/goods.yaml:72
    Argument `gift` of `goods.trade` is now required.
    made-required, in requests: client breaking, openapi breaking, wire breaking

Other changes:
  goods.trade  spec/sections/goods.yaml:66
    The examples of operation `goods.trade` changed.
    example-changed: client unaffected, openapi compatible, wire unaffected
  types › Price  spec/types/shared.yaml:2
    The text of type `Price` changed.
    text-changed: client compatible, openapi compatible, wire unaffected
  types › Level › 3  spec/sections/stalls.yaml:28
    Value `3` of `Level` was added.
    enum-value-added, in responses: client added, openapi added, wire compatible
";
    assert_eq!(repository.report(&["v1"]), expected.replace("COMMIT", &commit[..10]));
}

#[test]
fn markdown_is_for_pull_requests() {
    let repository = Repository::new();
    repository.change();
    let expected = "\
## 4 changes since `HEAD`

| | breaking | unknown | compatible | added | unaffected |
| --- | ---: | ---: | ---: | ---: | ---: |
| client | 1 | 0 | 1 | 1 | 1 |
| openapi | 1 | 0 | 2 | 1 | 0 |
| wire | 1 | 0 | 1 | 0 | 2 |

### Breaking changes

| change | kind | client | openapi | wire |
| --- | --- | --- | --- | --- |
| Argument `gift` of `goods.trade` is now required.<br>spec/sections/goods.yaml:72 | made-required, in requests | breaking | breaking | breaking |

### Other changes

| change | kind | client | openapi | wire |
| --- | --- | --- | --- | --- |
| The examples of operation `goods.trade` changed.<br>spec/sections/goods.yaml:66 | example-changed | unaffected | compatible | unaffected |
| The text of type `Price` changed.<br>spec/types/shared.yaml:2 | text-changed | compatible | compatible | unaffected |
| Value `3` of `Level` was added.<br>spec/sections/stalls.yaml:28 | enum-value-added, in responses | added | added | compatible |
";
    assert_eq!(repository.report(&["HEAD", "--format", "markdown"]), expected);
}

#[test]
fn json_is_for_programs() {
    let repository = Repository::new();
    repository.change();
    let report: Value = serde_json::from_str(&repository.report(&["HEAD", "--format=json"])).unwrap();
    let keys: Vec<&String> = report.as_object().unwrap().keys().collect();
    assert_eq!(keys, ["format", "revision", "commit", "breaking", "summary", "changes"]);
    assert_eq!(report["format"], 1);
    assert_eq!(report["revision"], "HEAD");
    assert_eq!(report["commit"], json!(repository.git(&["rev-parse", "HEAD"])));
    assert_eq!(report["breaking"], true);
    assert_eq!(
        report["summary"]["wire"],
        json!({"added": 0, "breaking": 1, "compatible": 1, "unaffected": 2, "unknown": 0})
    );
    let first = json!({
        "kind": "made-required",
        "direction": "request",
        "path": ["goods.trade", "body", "gift"],
        "old": "optional",
        "new": "required",
        "location": {"file": "spec/sections/goods.yaml", "line": 72},
        "verdicts": {"client": "breaking", "openapi": "breaking", "wire": "breaking"},
        "sentence": "Argument `gift` of `goods.trade` is now required.",
    });
    assert_eq!(report["changes"][0], first);
    let second = &report["changes"][1];
    assert_eq!(
        [&second["direction"], &second["old"], &second["new"]],
        [&Value::Null; 3]
    );
}

#[test]
fn changes_of_webhooks_have_locations() {
    let repository = Repository::new();
    repository.replace("api.yaml", "    key: sign\n", "    key: mark\n");
    let openings = "webhooks/openings.yaml";
    repository.replace(openings, "title: Openings |", "title: Hours |");
    repository.replace(openings, "{event: [opened, reopened]}", "{event: [opened, moved]}");
    repository.replace(openings, "  stall_shut:\n", "  stall_closed:\n");
    let report: Value = serde_json::from_str(&repository.report(&["HEAD", "--format", "json"])).unwrap();
    let location = |change: &Value| {
        let location = &change["location"];
        format!("{} {}:{}", change["kind"], location["file"], location["line"]).replace('"', "")
    };
    let found: Vec<String> = report["changes"].as_array().unwrap().iter().map(location).collect();
    assert_eq!(
        found,
        [
            "signature-changed spec/api.yaml:66",
            "event-group-title-changed spec/webhooks/openings.yaml:1",
            "conditions-changed spec/webhooks/openings.yaml:17",
            "event-renamed spec/webhooks/openings.yaml:21",
        ]
    );
}

#[test]
fn breaking_changes_fail_on_request() {
    let repository = Repository::new();
    repository.replace("types/shared.yaml", "about: A price. |", "about: A <fair> price. |");
    assert_eq!(repository.diff(&["HEAD", "--fail-on-breaking"]).status.code(), Some(0));
    repository.git(&["checkout", "--quiet", "--", "spec"]);
    repository.change();
    let output = repository.diff(&["HEAD", "--fail-on-breaking"]);
    assert_eq!(output.status.code(), Some(3));
    assert!(String::from_utf8(output.stdout).unwrap().contains("is now required"));
    assert_eq!(repository.diff(&["HEAD"]).status.code(), Some(0));
}

#[test]
fn unknown_revisions_are_errors() {
    let repository = Repository::new();
    for revision in ["v9", "HEAD~5", "HEAD:spec"] {
        assert_eq!(
            repository.error(&[revision]),
            format!("error: git does not know the revision `{revision}`; expected a commit, tag or branch\n")
        );
    }
}

#[test]
fn revisions_without_the_folder_are_errors() {
    let repository = Repository::new();
    repository.git(&["mv", "spec", "old"]);
    let commit = repository.commit();
    repository.git(&["mv", "old", "spec"]);
    assert_eq!(
        repository.error(&["HEAD"]),
        format!("error: revision {} has no folder `spec/`\n", &commit[..10])
    );
}

#[test]
fn revisions_in_another_notation_name_the_oldest_readable_one() {
    let repository = Repository::new();
    let route = "    route: GET /goods\n";
    repository.replace("sections/goods.yaml", route, "    road: GET /goods\n");
    let unreadable = repository.commit();
    repository.replace("types/shared.yaml", "about: A price. |", "about: The price. |");
    repository.commit();
    repository.replace("sections/goods.yaml", "    road: GET /goods\n", route);
    let error = repository.error(&[&unreadable]);
    assert!(error.contains("cannot be read: this generator finds"), "{error}");
    assert!(
        error.contains("No later revision that is committed can be read."),
        "{error}"
    );
    assert!(error.contains("unknown key `road`"), "{error}");
    assert!(!error.contains("nothing was written"), "{error}");

    let readable = repository.commit();
    repository.replace("api.yaml", "version: 1.0.0", "version: 1.0.1");
    repository.commit();
    let error = repository.error(&[&unreadable]);
    let advice = format!("The oldest later revision that it can read is {}.", &readable[..10]);
    assert!(error.contains(&advice), "{error}");
}

#[test]
fn an_invalid_spec_in_the_working_tree_is_an_error() {
    let repository = Repository::new();
    repository.replace(
        "sections/goods.yaml",
        "    route: GET /goods\n",
        "    road: GET /goods\n",
    );
    assert!(repository.error(&["HEAD"]).contains("unknown key `road`"));
}
