//! Tests of the comparison. A case of `tests/diff/cases` is a patch to the spec `tests/diff/market` and the changes that it causes.

mod judges;
#[path = "../../../tests/errors/patch.rs"]
mod patch;

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::LazyLock;

use generator::ir::Api;
use generator::source::SourceSet;

use super::change::Change;
use super::compare::compare;
use super::kinds::{Direction, Kind, OUTPUTS, Rule, Verdict};

mod specs {
    /// Files of a spec: path and bytes.
    pub(super) type Files = std::collections::BTreeMap<String, Vec<u8>>;
}

/// The line of a case that compares the patched spec with the original one instead of the other way around.
const REVERSED: &str = "<= reversed";
/// Set to write the changes that the cases cause into their files.
const UPDATE: &str = "UPDATE_DIFF_CASES";

fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/diff")
}

fn market() -> specs::Files {
    let sources = SourceSet::load(&folder().join("market")).unwrap();
    let files = sources.files().map(|(_, file)| file);
    files
        .map(|file| (file.path.clone(), file.text.clone().into_bytes()))
        .collect()
}

/// Returns the unpatched spec.
fn market_api() -> &'static Api {
    static API: LazyLock<Api> = LazyLock::new(|| load(market()).unwrap());
    &API
}

fn load(files: specs::Files) -> Result<Api, String> {
    generator::load(&SourceSet::from_files(files)).map_err(|diagnostics| diagnostics.to_string())
}

/// A case: a patch and the changes that it causes.
struct Case {
    name: String,
    patch: String,
    expected: Vec<String>,
}

impl Case {
    /// Returns the old and the new spec.
    fn apis(&self) -> Result<(Api, Api), String> {
        let patched = load(patch::apply(&market(), &self.patch.replace(REVERSED, ""))?)?;
        let original = market_api().clone();
        Ok(if self.patch.contains(REVERSED) {
            (patched, original)
        } else {
            (original, patched)
        })
    }

    fn changes(&self) -> Result<Vec<Change>, String> {
        self.apis().map(|(old, new)| compare(&old, &new))
    }
}

/// Returns the files of cases.
fn files() -> BTreeMap<PathBuf, Vec<Case>> {
    let paths = fs::read_dir(folder().join("cases"))
        .unwrap()
        .map(|entry| entry.unwrap().path());
    paths
        .map(|path| (path.clone(), split(&fs::read_to_string(path).unwrap())))
        .collect()
}

fn split(page: &str) -> Vec<Case> {
    let cases = page.strip_prefix("=== ").unwrap().split("\n=== ");
    let case = |(name, text): (&str, &str)| {
        let (expected, patch): (Vec<&str>, Vec<&str>) = text.lines().partition(|line| line.starts_with("=> "));
        Case {
            name: name.to_owned(),
            patch: format!("\n{}", patch.join("\n").trim_end()),
            expected: expected.into_iter().map(str::to_owned).collect(),
        }
    };
    cases
        .map(|case_text| case(case_text.split_once('\n').unwrap()))
        .collect()
}

/// Returns a change as a line of a case: the kind, the first letters of the verdicts, and the sentence.
fn line(change: &Change) -> String {
    let letters: Vec<&str> = change.verdicts().map(Verdict::name).to_vec();
    let direction = match change.scope.direction {
        None => "",
        Some(Direction::Request) => " in requests",
        Some(Direction::Response) => " in responses",
        Some(Direction::Both) => " in both",
    };
    format!(
        "=> {}{direction}: {} [{}] {}",
        change.kind.row().code,
        change.scope.path.join(" › "),
        letters.join(", "),
        change.sentence()
    )
}

#[test]
fn cases_cause_the_expected_changes() {
    let update = std::env::var_os(UPDATE).is_some();
    let mut wrong = String::new();
    for (path, cases) in files() {
        let mut page = String::new();
        for case in cases {
            let mut found: Vec<String> = match case.changes() {
                Ok(changes) => changes.iter().map(line).collect(),
                Err(error) => vec![format!("=> {error}")],
            };
            if found.is_empty() {
                found.push("=> nothing".to_owned());
            }
            if found != case.expected {
                wrong += &format!("{}:\n{}\n", case.name, found.join("\n"));
            }
            page += &format!("=== {}{}\n\n{}\n\n", case.name, case.patch, found.join("\n"));
        }
        if update {
            fs::write(path, format!("{}\n", page.trim_end())).unwrap();
        }
    }
    assert!(update || wrong.is_empty(), "cases that cause other changes:\n{wrong}");
}

/// Returns a small spec whose texts are in some languages.
fn in_languages(languages: &str) -> Api {
    let text = |name: &str| {
        languages
            .split(", ")
            .map(|code| format!("{name} {code}"))
            .collect::<Vec<_>>()
            .join(" | ")
    };
    let api = format!(
        "api: tiny\nversion: 1.0.0\nlanguages: [{languages}]\ntitle: {}\nabout: {}\nservers:\n  main: https://tiny.example -- {}\n\
         sections: [things]\n",
        text("Tiny"),
        text("About"),
        text("Main")
    );
    let things = format!(
        "title: {}\nabout: {}\noperations:\n  start:\n    route: POST /things\n    title: {}\n    examples:\n      - request: POST \
         /things\n        response: {{}}\n",
        text("Things"),
        text("About"),
        text("Start")
    );
    let file = |path: &str, text: String| (path.to_owned(), text.into_bytes());
    load([file("api.yaml", api), file("sections/things.yaml", things)].into()).unwrap()
}

/// Returns the changes from two languages to one, from one language to two, and from two languages to the same in another order.
fn language_changes() -> [Vec<Change>; 3] {
    [("en, zh", "en"), ("en", "en, zh"), ("en, zh", "zh, en")]
        .map(|(before, after)| compare(&in_languages(before), &in_languages(after)))
}

#[test]
fn texts_are_compared_by_language() {
    let found = language_changes().map(|changes| changes.iter().map(line).collect::<Vec<_>>().join("\n"));
    assert_eq!(
        found,
        [
            "=> language-removed: api › zh [unaffected, breaking, unaffected] Language `zh` was removed.",
            "=> language-added: api › zh [unaffected, added, unaffected] Language `zh` was added.",
            "=> main-language-changed: api [compatible, breaking, unaffected] The main language is `zh` instead of `en`.",
        ]
    );
}

/// Returns the changes after a section has been renamed.
fn section_changes() -> Vec<Change> {
    let mut files = market();
    let goods = files.remove("sections/goods.yaml").unwrap();
    files.insert("sections/wares.yaml".to_owned(), goods);
    let api = String::from_utf8(files["api.yaml"].clone())
        .unwrap()
        .replace("[stalls, goods]", "[stalls, wares]");
    files.insert("api.yaml".to_owned(), api.into_bytes());
    compare(market_api(), &load(files).unwrap())
}

#[test]
fn a_renamed_section_is_one_change() {
    let found: Vec<String> = section_changes().iter().map(line).collect();
    assert_eq!(
        found,
        ["=> section-renamed: wares [breaking, breaking, unaffected] Section `wares` was `goods` before."]
    );
}

/// No part of the IR is forgotten: without any one line, the spec is invalid, or the IR is the same, or a change is reported.
#[test]
fn the_removal_of_any_line_is_reported() {
    let mut missed = Vec::new();
    let mut compared = 0;
    for (path, text) in market() {
        let lines: Vec<&str> = std::str::from_utf8(&text).unwrap().lines().collect();
        for (index, line) in lines.iter().enumerate() {
            let rest = [&lines[..index], &lines[index + 1..]].concat().join("\n");
            let mut files = market();
            files.insert(path.clone(), rest.into_bytes());
            let Some(api) = load(files).ok().filter(|api| api != market_api()) else {
                continue;
            };
            compared += 1;
            if compare(market_api(), &api).is_empty() || compare(&api, market_api()).is_empty() {
                missed.push(format!("{path}:{}: {line}", index + 1));
            }
        }
    }
    assert!(compared > 30, "only {compared} lines can be removed");
    assert!(missed.is_empty(), "{missed:#?}");
}

#[test]
fn a_reformatted_spec_has_no_changes() {
    let mut files = market();
    for text in files.values_mut() {
        let spaced = String::from_utf8_lossy(text).replace('\n', "   \n\n");
        *text = format!("# A comment.\n{spaced}").into_bytes();
    }
    assert!(compare(market_api(), &load(files).unwrap()).is_empty());
}

#[test]
fn types_in_other_files_are_no_changes() {
    let mut files = market();
    let shared = String::from_utf8(files.remove("types/shared.yaml").unwrap()).unwrap();
    let (first, second) = shared.split_at(shared.find("Currency:\n").unwrap());
    files.insert("types/z.yaml".to_owned(), first.into());
    files.insert("types/a.yaml".to_owned(), second.into());
    assert!(compare(market_api(), &load(files).unwrap()).is_empty());
}

#[test]
fn a_spec_does_not_differ_from_itself() {
    assert!(compare(market_api(), market_api()).is_empty());
}

#[test]
fn every_kind_occurs_in_a_case_in_each_direction_that_matters() {
    let cases = files();
    let cases = cases.values().flatten().filter_map(|case| case.changes().ok());
    let changes: Vec<Change> = cases
        .flatten()
        .chain(language_changes().into_iter().flatten())
        .chain(section_changes())
        .collect();
    let mut missing = BTreeSet::new();
    for kind in Kind::TOPICS.iter().flat_map(|(_, kinds)| *kinds) {
        let occurs = |direction: Option<Direction>| {
            let of_kind = changes.iter().filter(|change| change.kind == *kind);
            let in_direction = |change: &Change| match (direction, change.scope.direction) {
                (None, _) | (_, Some(Direction::Both)) => true,
                (wanted, found) => wanted == found,
            };
            of_kind.clone().any(in_direction)
        };
        let unaffected = [Verdict::Unaffected; OUTPUTS.len()];
        let wanted = match kind.row().rule {
            Rule::Always(_) => vec![None],
            Rule::Each { request, response } => {
                let each = [(Direction::Request, request), (Direction::Response, response)];
                each.into_iter()
                    .filter(|(_, verdicts)| *verdicts != unaffected)
                    .map(|(it, _)| Some(it))
                    .collect()
            }
        };
        let wanted = wanted.into_iter().filter(|direction| !occurs(*direction));
        missing.extend(wanted.map(|direction| (kind.row().code, format!("{direction:?}"))));
    }
    assert!(missing.is_empty(), "kinds without a case: {missing:#?}");
}

/// Returns the table of kinds as Markdown.
fn documented_kinds() -> String {
    let mut page = String::new();
    for (topic, kinds) in Kind::TOPICS {
        page += &format!(
            "\n### {topic}\n\n| kind | {} | meaning |\n| --- | --- | --- | --- | --- |\n",
            OUTPUTS.join(" | ")
        );
        for kind in *kinds {
            let row = kind.row();
            let verdict = |output: usize| match row.rule {
                Rule::Always(verdicts) => verdicts[output].name().to_owned(),
                Rule::Each { request, response } if request[output] == response[output] => {
                    request[output].name().to_owned()
                }
                Rule::Each { request, response } => format!("{} / {}", request[output].name(), response[output].name()),
            };
            let sentence = row
                .sentence
                .replace("{}", "*X*")
                .replace("{old}", "*old*")
                .replace("{new}", "*new*")
                .replace('`', "");
            let verdicts = [0, 1, 2].map(verdict).join(" | ");
            page += &format!("| `{}` | {verdicts} | {sentence} |\n", row.code);
        }
    }
    page + "\n"
}

#[test]
fn the_documented_kinds_are_those_in_code() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../DIFF.md");
    let page = fs::read_to_string(&path).unwrap();
    let [begin, end] = ["<!-- begin of the kinds -->\n", "<!-- end of the kinds -->"];
    let (before, rest) = page.split_once(begin).unwrap();
    let (table, after) = rest.split_once(end).unwrap();
    if std::env::var_os(UPDATE).is_some() {
        fs::write(path, format!("{before}{begin}{}{end}{after}", documented_kinds())).unwrap();
    } else {
        assert!(
            table == documented_kinds(),
            "run with {UPDATE}=1 to update generator/DIFF.md"
        );
    }
}

#[test]
fn codes_are_unique() {
    let kinds: Vec<Kind> = Kind::TOPICS.iter().flat_map(|(_, kinds)| *kinds).copied().collect();
    let codes: BTreeSet<&str> = kinds.iter().map(|kind| kind.row().code).collect();
    assert_eq!(codes.len(), kinds.len());
}
