//! Each check in a temporary git repository that is ready for a release, except for one thing.

use std::fs;
use std::path::Path;
use std::sync::LazyLock;

use tempfile::TempDir;
use walkdir::WalkDir;

use super::{CHECKS, Commands, run};
use crate::args::Folders;
use crate::git::git;
use crate::library;

const WORKSPACE: &str = "[workspace]\nresolver = \"3\"\nmembers = [\"generated/client\", \"tool\"]\n";
const TOOL: &str = "[package]\nname = \"tool\"\nversion = \"0.1.0\"\nedition = \"2024\"\npublish = false\n";
const CLIENT: &str = "[package]\nrepository = \"https://git.example.com/market\"\n";
const README: &str = "# Market\n\n[The spec](spec/api.yaml), [the tool](tool/), [a site](https://market.example/a).\n";
const CHANGELOG: &str = "# Changelog\n\n## 1.0.1 - 2026-02-28\n\n* A text.\n\n## 1.0.0 - 2026-01-31\n\n* Everything.\n";
const API: &str = "pub fn market::open()\npub mod market\n";

/// The results of the commands that take minutes.
struct Results {
    public_api: Result<String, String>,
    package: Result<(), String>,
}

impl Commands for Results {
    fn public_api(&self, _: &Path, package: &str) -> Result<String, String> {
        assert_eq!(package, "market");
        self.public_api.clone()
    }

    fn package(&self, _: &Path, packages: &[&str]) -> Result<(), String> {
        assert_eq!(packages, ["market"]);
        self.package.clone()
    }
}

/// A project whose version 1.0.0 is released and whose version 1.0.1 is ready.
struct Project {
    folder: TempDir,
    results: Results,
}

impl Project {
    fn new() -> Self {
        static READY: LazyLock<Project> = LazyLock::new(Project::ready);
        let project = Self::empty();
        for entry in WalkDir::new(READY.folder.path()) {
            let entry = entry.unwrap();
            let target = project
                .folder
                .path()
                .join(entry.path().strip_prefix(READY.folder.path()).unwrap());
            if entry.file_type().is_dir() {
                fs::create_dir_all(target).unwrap();
            } else {
                fs::copy(entry.path(), target).unwrap();
            }
        }
        project
    }

    fn empty() -> Self {
        Self {
            folder: tempfile::tempdir().unwrap(),
            results: Results {
                public_api: Ok(API.to_owned()),
                package: Ok(()),
            },
        }
    }

    fn ready() -> Self {
        let project = Self::empty();
        let market = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/diff/market");
        for path in [
            "api.yaml",
            "types/shared.yaml",
            "sections/stalls.yaml",
            "sections/goods.yaml",
            "webhooks/openings.yaml",
            "webhooks/deliveries.yaml",
        ] {
            project.write(&format!("spec/{path}"), &fs::read_to_string(market.join(path)).unwrap());
        }
        for (path, text) in [
            ("Cargo.toml", WORKSPACE),
            ("tool/Cargo.toml", TOOL),
            ("tool/src/lib.rs", ""),
            ("README.md", README),
            ("CHANGELOG.md", CHANGELOG),
            ("spec/client/Cargo.toml", CLIENT),
            ("spec/client/LICENSE-APACHE.md", "Apache License\n"),
            ("spec/client/LICENSE-MIT.md", "MIT License\n"),
            ("spec/client/public-api.txt", API),
        ] {
            project.write(path, text);
        }
        project.git(&["init", "--quiet"]);
        project.generate();
        project.commit();
        project.git(&["tag", "v1.0.0"]);
        project.set_version("1.0.1");
        project.commit();
        project
    }

    fn folders(&self) -> Folders {
        Folders::of(self.folder.path().to_owned())
    }

    fn git(&self, words: &[&str]) -> String {
        let identity = ["-c", "user.name=a", "-c", "user.email=a@example.com"];
        git(self.folder.path(), &[], &[&identity, words].concat()).unwrap()
    }

    fn commit(&self) {
        self.git(&["add", "--all"]);
        self.git(&["commit", "--quiet", "--allow-empty", "--message", "Change something"]);
    }

    fn write(&self, path: &str, text: &str) {
        let path = self.folder.path().join(path);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, text).unwrap();
    }

    fn remove(&self, path: &str) {
        fs::remove_file(self.folder.path().join(path)).unwrap();
    }

    /// Replaces a text that occurs once in a file.
    fn replace(&self, path: &str, old: &str, new: &str) {
        let text = fs::read_to_string(self.folder.path().join(path)).unwrap();
        assert_eq!(text.matches(old).count(), 1, "{old}");
        self.write(path, &text.replace(old, new));
    }

    fn generate(&self) {
        let folders = self.folders();
        let files = library::generate(&library::load(&folders.spec).unwrap(), false).unwrap();
        files.write(&folders.out).unwrap();
    }

    /// Sets the version in the spec, which is 1.0.0 or 1.0.1.
    fn set_version(&self, version: &str) {
        let text = fs::read_to_string(self.folder.path().join("spec/api.yaml")).unwrap();
        let old = text
            .lines()
            .find(|line| line.starts_with("version: "))
            .unwrap()
            .to_owned();
        self.replace("spec/api.yaml", &old, &format!("version: {version}"));
        self.generate();
    }

    /// Makes a change of the spec that breaks users.
    fn break_users(&self) {
        self.replace("spec/sections/goods.yaml", "gift?: bool", "gift: bool");
        self.replace(
            "spec/sections/goods.yaml",
            "{pieces: 1}}, at: 1}",
            "{pieces: 1}}, at: 1, gift: true}",
        );
        self.generate();
    }

    /// Returns the report, after checking that its result fits its text.
    fn report(&self) -> String {
        let mut out = Vec::new();
        let is_ready = run(&self.folders(), &self.results, &mut out).unwrap();
        let report = String::from_utf8(out).unwrap();
        assert_eq!(is_ready, report.contains("Nothing is missing."), "{report}");
        report
    }

    /// Compares the report with a title, the number of things that checks miss, and a list of these things.
    #[track_caller]
    fn assert_missing(&self, title: &str, failed: &[(&str, usize)], list: &str) {
        let mut expected = format!("{title}\n\n");
        for (name, _) in CHECKS {
            let count = failed.iter().find(|(failed, _)| *failed == name);
            let result = count.map_or("ok".to_owned(), |(_, count)| format!("{count} missing"));
            expected.push_str(&format!("{name:<14}{result}\n"));
        }
        assert_eq!(self.report(), format!("{expected}\n{list}"));
    }
}

const TITLE: &str = "market 1.0.1, after 1.0.0";

#[test]
fn a_project_that_is_ready_gets_the_commands_of_the_release() {
    let project = Project::new();
    let steps = "\
Nothing is missing. Once CI has passed, publish the release:

  git tag --annotate v1.0.1 --message 'market 1.0.1'
  git push origin v1.0.1
  cargo publish --locked --package market
";
    project.assert_missing(TITLE, &[], steps);
    project.git(&["tag", "v1.0.1"]);
    let (first, rest) = steps.split_once("  git tag").unwrap();
    let rest = rest.split_once('\n').unwrap().1;
    project.assert_missing(TITLE, &[], &format!("{first}{rest}"));
}

#[test]
fn the_first_release_is_not_compared() {
    let project = Project::new();
    project.git(&["tag", "--delete", "v1.0.0"]);
    project.break_users();
    project.commit();
    assert!(project.report().starts_with("market 1.0.1, the first release\n"));
}

#[test]
fn a_version_that_is_released_must_be_raised() {
    let project = Project::new();
    project.set_version("1.0.0");
    project.commit();
    let list = "\
1 thing is missing:

 1. Version 1.0.0 has been released: another commit has the tag v1.0.0. Since 1.0.0: no changes of the spec or the public API.
    The changes: `cargo xtask diff v1.0.0`, `git diff v1.0.0 -- spec/client/public-api.txt`.
    -> Set `version: 1.0.1` or higher in spec/api.yaml, and run `cargo xtask generate`.
";
    project.assert_missing("market 1.0.0, after 1.0.0", &[("version", 1)], list);
}

#[test]
fn a_version_of_another_branch_must_be_raised() {
    let project = Project::new();
    project.git(&["checkout", "--quiet", "-b", "other"]);
    project.git(&["commit", "--quiet", "--allow-empty", "--message", "Another commit"]);
    project.git(&["tag", "v1.0.1"]);
    project.git(&["checkout", "--quiet", "--detach", "HEAD~1"]);
    let list = "\
1 thing is missing:

 1. Version 1.0.1 has been released: another commit has the tag v1.0.1.
    -> Set `version: 1.0.2` or higher in spec/api.yaml, and run `cargo xtask generate`.
";
    project.assert_missing(TITLE, &[("version", 1)], list);
}

#[test]
fn additions_need_a_minor_version() {
    let project = Project::new();
    project.replace(
        "spec/sections/stalls.yaml",
        "    enum int:\n",
        "    enum int:\n      middle = 3: Middle. | 中。\n",
    );
    project.generate();
    let api = format!("{API}pub struct market::Stall\n");
    project.write("spec/client/public-api.txt", &api);
    project.commit();
    let mut project = project;
    project.results.public_api = Ok(api);
    let list = "\
1 thing is missing:

 1. Version 1.0.1 is too low. Since 1.0.0: 1 addition to the spec, 1 item added to the public API.
    The changes: `cargo xtask diff v1.0.0`, `git diff v1.0.0 -- spec/client/public-api.txt`.
    -> Set `version: 1.1.0` or higher in spec/api.yaml, and run `cargo xtask generate`.
";
    project.assert_missing(TITLE, &[("version", 1)], list);
}

#[test]
fn breaking_changes_need_a_major_version_and_advice() {
    let mut project = Project::new();
    project.break_users();
    let api = "pub mod market\n";
    project.write("spec/client/public-api.txt", api);
    project.results.public_api = Ok(api.to_owned());
    project.commit();
    let list = "\
2 things are missing:

 1. Version 1.0.1 is too low. Since 1.0.0: 1 breaking change of the spec, 1 item removed from the public API.
    The changes: `cargo xtask diff v1.0.0`, `git diff v1.0.0 -- spec/client/public-api.txt`.
    -> Set `version: 2.0.0` or higher in spec/api.yaml, and run `cargo xtask generate`.

 2. The section 1.0.1 of CHANGELOG.md has no `### Migration`. Since 1.0.0: 1 breaking change of the spec, 1 item removed from the public API.
    -> Describe below this heading what users must change.
";
    project.assert_missing(TITLE, &[("version", 2)], list);

    project.replace(
        "CHANGELOG.md",
        "## 1.0.1 - 2026-02-28\n",
        "## 2.0.0 - 2026-02-28\n\n### Migration\n",
    );
    project.set_version("2.0.0");
    project.commit();
    assert!(project.report().contains("Nothing is missing."), "{}", project.report());
}

#[test]
fn a_spec_in_an_older_notation_counts_as_breaking() {
    let project = Project::new();
    let route = "    route: GET /goods\n";
    project.replace("spec/sections/goods.yaml", route, "    road: GET /goods\n");
    project.commit();
    project.git(&["tag", "--force", "v1.0.0"]);
    project.replace("spec/sections/goods.yaml", "    road: GET /goods\n", route);
    project.replace("CHANGELOG.md", "* A text.", "### Migration\n\n* A text.");
    project.commit();
    let list = "\
1 thing is missing:

 1. Version 1.0.1 is too low. Since 1.0.0: this generator cannot read the spec at v1.0.0, which counts as breaking.
    The changes: `cargo xtask diff v1.0.0`, `git diff v1.0.0 -- spec/client/public-api.txt`.
    -> Set `version: 2.0.0` or higher in spec/api.yaml, and run `cargo xtask generate`.
";
    project.assert_missing(TITLE, &[("version", 1)], list);
}

#[test]
fn versions_and_outputs_must_be_those_of_the_spec() {
    let project = Project::new();
    project.replace("spec/api.yaml", "version: 1.0.1", "version: 1.0.2");
    project.replace("CHANGELOG.md", "## 1.0.1", "## 1.0.2");
    project.commit();
    let list = "\
2 things are missing:

 1. generated/client/Cargo.toml has version 1.0.1, but spec/api.yaml has 1.0.2.
    -> Run `cargo xtask generate`.

 2. generated is not up to date:
      changed: client/Cargo.toml
      changed: client/README.md
      changed: client/src/api.rs
      changed: openapi/openapi-3.0.yaml
      changed: openapi/openapi.yaml
      changed: openapi/openapi.zh.yaml
      changed: openapi/webhooks.yaml
      changed: openapi/webhooks.zh.yaml
    -> Run `cargo xtask generate`.
";
    project.assert_missing("market 1.0.2, after 1.0.0", &[("version", 1), ("outputs", 1)], list);
}

#[test]
fn the_changelog_needs_a_section() {
    let project = Project::new();
    project.replace("CHANGELOG.md", "## 1.0.1 - 2026-02-28", "## Unreleased");
    project.commit();
    let list = "\
1 thing is missing:

 1. CHANGELOG.md has no section for 1.0.1.
    -> Rename `## Unreleased` to `## 1.0.1 - YYYY-MM-DD`, with the date of the release.
";
    project.assert_missing(TITLE, &[("changelog", 1)], list);
    project.git(&["rm", "--quiet", "CHANGELOG.md"]);
    project.commit();
    let list = "\
1 thing is missing:

 1. CHANGELOG.md has no section for 1.0.1.
    -> Describe the changes for users below a heading `## 1.0.1 - YYYY-MM-DD`, with the date of the release.
";
    project.assert_missing(TITLE, &[("changelog", 1)], list);
}

#[test]
fn the_section_needs_a_date_and_all_entries() {
    let project = Project::new();
    project.replace(
        "CHANGELOG.md",
        "## 1.0.1 - 2026-02-28\n\n* A text.\n",
        "## Unreleased\n\n* A text.\n\n## 1.0.1 - soon\n",
    );
    project.commit();
    let list = "\
3 things are missing:

 1. The heading `## 1.0.1 - soon` of CHANGELOG.md has no valid date.
    -> Change it to `## 1.0.1 - YYYY-MM-DD`, with the date of the release.

 2. The section 1.0.1 of CHANGELOG.md has no entries.
    -> Describe the changes for users in it, one line each: `* ..`.

 3. The section Unreleased of CHANGELOG.md has entries, which would be part of the release.
    -> Move them to the section 1.0.1.
";
    project.assert_missing(TITLE, &[("changelog", 3)], list);
}

#[test]
fn changes_must_be_committed() {
    let project = Project::new();
    project.write("README.md", "# The market\n");
    for number in 0..10 {
        project.write(&format!("tool/note-{number}.txt"), "");
    }
    let list = "\
1 thing is missing:

 1. 11 files have changes that are not committed:
       M README.md
      ?? tool/note-0.txt
      ?? tool/note-1.txt
      ?? tool/note-2.txt
      ?? tool/note-3.txt
      ?? tool/note-4.txt
      ?? tool/note-5.txt
      ?? tool/note-6.txt
      ?? tool/note-7.txt
      ?? tool/note-8.txt
      and 1 more
    -> Commit them.
";
    project.assert_missing(TITLE, &[("working tree", 1)], list);
}

#[test]
fn the_outputs_must_be_up_to_date() {
    let project = Project::new();
    project.remove("generated/schema/api.schema.json");
    project.commit();
    let list = "\
1 thing is missing:

 1. generated is not up to date:
      missing: schema/api.schema.json
    -> Run `cargo xtask generate`.
";
    project.assert_missing(TITLE, &[("outputs", 1)], list);
}

#[test]
fn only_the_generated_crates_can_be_published() {
    let project = Project::new();
    project.replace("tool/Cargo.toml", "publish = false\n", "");
    project.write("spec/client/Cargo.toml", &format!("{CLIENT}publish = false\n"));
    project.generate();
    project.commit();
    let list = "\
2 things are missing:

 1. generated/client/Cargo.toml has `publish = false`.
    -> Write `publish = true` in `[package]` of spec/client/Cargo.toml, and run `cargo xtask generate`.

 2. tool/Cargo.toml is not generated, but has no `publish = false`.
    -> Add it to `[package]`.
";
    project.assert_missing(TITLE, &[("manifests", 2)], list);
}

#[test]
fn crates_need_a_repository() {
    let project = Project::new();
    project.write("spec/client/Cargo.toml", "[package]\npublish = true\n");
    project.generate();
    project.commit();
    let list = "\
1 thing is missing:

 1. generated/client/Cargo.toml has no `repository`.
    -> Add `repository = \"https://..\"` to `[package]` of spec/client/Cargo.toml, and run `cargo xtask generate`.
";
    project.assert_missing(TITLE, &[("manifests", 1)], list);
}

#[test]
fn each_licence_needs_its_text() {
    let project = Project::new();
    project.remove("spec/client/LICENSE-MIT.md");
    project.generate();
    project.commit();
    let list = "\
1 thing is missing:

 1. generated/client/Cargo.toml has the licence `MIT`, but its folder has no file LICENSE-MIT.md.
    -> Add spec/client/LICENSE-MIT.md, and run `cargo xtask generate`.
";
    project.assert_missing(TITLE, &[("licences", 1)], list);
}

#[test]
fn links_must_lead_to_files() {
    let project = Project::new();
    let links = "[a](tool/missing.md#part), [b](#market), ![c](picture.svg), `[d](missing.md)`";
    project.write("README.md", &format!("{README}\n{links}\n"));
    project.write(
        "tool/README.md",
        "[The spec](../spec/api.yaml) and [its sections](spec/sections)\n",
    );
    project.commit();
    let list = "\
1 thing is missing:

 1. 3 links lead to a missing file:
      README.md: tool/missing.md#part
      README.md: picture.svg
      tool/README.md: spec/sections
    -> Correct the links.
";
    project.assert_missing(TITLE, &[("links", 1)], list);
}

#[test]
fn the_baseline_of_the_public_api_must_be_up_to_date() {
    let mut project = Project::new();
    project.results.public_api = Ok("pub fn market::close()\npub mod market\n".to_owned());
    let list = "\
1 thing is missing:

 1. spec/client/public-api.txt is not up to date:
      + pub fn market::close()
      - pub fn market::open()
    -> Run `cargo xtask public-api`.
";
    project.assert_missing(TITLE, &[("public API", 1)], list);
    project.results.public_api = Err("cargo failed:\nerror: this does not compile".to_owned());
    let list = "\
1 thing is missing:

 1. The public API cannot be listed:
      cargo failed:
      error: this does not compile
    -> Correct this until `cargo xtask public-api --check` succeeds.
";
    project.assert_missing(TITLE, &[("public API", 1)], list);
}

#[test]
fn cargo_must_be_able_to_package_the_crates() {
    let mut project = Project::new();
    project.results.package = Err("cargo failed:\nerror: no matching package named `a` found".to_owned());
    let list = "\
1 thing is missing:

 1. The crates cannot be packaged:
      cargo failed:
      error: no matching package named `a` found
    -> Correct this until `cargo package --package market` succeeds.
";
    project.assert_missing(TITLE, &[("packages", 1)], list);
}

#[test]
fn one_run_reports_everything() {
    let mut project = Project::new();
    project.break_users();
    project.write("CHANGELOG.md", "# Changelog\n\n## Unreleased\n");
    project.write("README.md", "[a](b.md)\n");
    project.write("spec/client/Cargo.toml", &format!("{CLIENT}publish = false\n"));
    project.remove("spec/client/LICENSE-MIT.md");
    project.generate();
    project.remove("generated/schema/api.schema.json");
    project.results.public_api = Ok("pub mod market\n".to_owned());
    project.results.package = Err("cargo failed".to_owned());
    let report = project.report();
    assert!(report.contains("\n9 things are missing:\n"), "{report}");
    let hint = "succeeds. First correct the manifests: cargo does not find a dependency with `publish = false`.\n";
    assert!(report.ends_with(hint), "{report}");
    for (name, _) in CHECKS {
        assert!(report.contains(&format!("\n{name:<14}1 missing\n")), "{report}");
    }
}
