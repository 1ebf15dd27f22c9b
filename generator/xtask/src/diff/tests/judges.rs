//! Compares the verdicts for the `OpenAPI` documents with those of two independent tools.
//!
//! The test is ignored because it downloads the tools. They only judge whether a change is breaking; `judges/disagreements.tsv` lists
//! the cases in which a tool disagrees, with the reason.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use generator::ir::Api;
use generator::render::{openapi, strings};

use super::super::kinds::Verdict;
use super::{Case, files, folder};

/// The file of cases that neither tool can judge, because neither compares webhooks.
const WEBHOOKS: &str = "webhooks.txt";

/// The cases with which openapi-diff does not finish.
const TOO_SLOW: [&str; 2] = ["A nested argument", "A result"];

/// Position of the `OpenAPI` documents among the outputs.
const OPENAPI: usize = 1;

/// The folder in which the tools are installed.
fn home() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../target/judges")
}

fn install() {
    fs::create_dir_all(home()).unwrap();
    for file in ["package.json", "package-lock.json", "judge.js"] {
        fs::copy(folder().join("judges").join(file), home().join(file)).unwrap();
    }
    if home().join("node_modules").exists() {
        return;
    }
    let mut npm = Command::new("npm");
    npm.args(["ci", "--ignore-scripts", "--no-audit", "--no-fund"])
        .current_dir(home());
    assert!(npm.status().unwrap().success(), "npm cannot install the tools");
}

fn write_documents(api: &Api, folder: &Path, side: &str) {
    let catalogues = strings::catalogues(api).unwrap();
    for file in openapi::render(api, &catalogues) {
        let suffix = match file.path.as_str() {
            "openapi/openapi.yaml" => "",
            "openapi/openapi-3.0.yaml" => "-3.0",
            _ => continue,
        };
        fs::write(folder.join(format!("{side}{suffix}.yaml")), file.contents).unwrap();
    }
}

/// Returns the verdict of each tool on each case, with the codes of the tool.
fn judge(cases: &[Case]) -> BTreeMap<(usize, String), (String, String)> {
    let mut node = Command::new("node");
    node.arg("judge.js").current_dir(home());
    for (index, case) in cases.iter().enumerate() {
        let folder = home().join("cases").join(index.to_string());
        fs::create_dir_all(&folder).unwrap();
        let (old, new) = case.apis().unwrap();
        write_documents(&old, &folder, "old");
        write_documents(&new, &folder, "new");
        node.arg(folder);
    }
    let output = node.output().unwrap();
    let lines = String::from_utf8(output.stdout).unwrap();
    let verdict = |line: &str| {
        let [case, tool, verdict, codes] = line.split('\t').collect::<Vec<_>>().try_into().ok()?;
        Some((
            (case.parse().ok()?, tool.to_owned()),
            (verdict.to_owned(), codes.to_owned()),
        ))
    };
    lines.lines().filter_map(verdict).collect()
}

#[test]
#[ignore = "downloads Optic and openapi-diff with npm"]
fn other_tools_disagree_only_where_expected() {
    install();
    let cases: Vec<Case> = files()
        .into_iter()
        .filter(|(path, _)| !path.ends_with(WEBHOOKS))
        .flat_map(|(_, cases)| cases)
        .filter(|case| !TOO_SLOW.contains(&case.name.as_str()))
        .collect();
    let verdicts = judge(&cases);
    let expected = fs::read_to_string(folder().join("judges/disagreements.tsv")).unwrap();
    let expected: BTreeSet<String> = expected
        .lines()
        .map(|line| line.rsplit_once('\t').unwrap().0.to_owned())
        .collect();
    let (mut found, mut agreed) = (BTreeSet::new(), BTreeMap::<&str, usize>::new());
    for ((case, tool), (verdict, codes)) in &verdicts {
        let changes = cases[*case].changes().unwrap();
        let is_breaking = changes
            .iter()
            .any(|change| change.verdicts()[OPENAPI] == Verdict::Breaking);
        if (verdict == "breaking") == is_breaking && verdict != "error" {
            *agreed.entry(tool).or_default() += 1;
        } else {
            let ours = if is_breaking { "breaking" } else { "compatible" };
            eprintln!("{tool}\t{}\t{ours}\t{verdict}\t{codes}", cases[*case].name);
            found.insert(format!("{tool}\t{}\t{ours}\t{verdict}", cases[*case].name));
        }
    }
    eprintln!("{} cases; agreed: {agreed:?}", cases.len());
    assert_eq!(verdicts.len(), 2 * cases.len());
    assert_eq!(found, expected, "tool, case, our verdict, verdict of the tool");
}
