//! The samples of the page "Test against the sandbox" of the docs.

#![allow(clippy::expect_used, clippy::panic, reason = "a test fails by panicking")]

mod support;

use std::path::Path;
use std::process::Command;

use easemob_sandbox::Sandbox;
use serde_yaml::Value;

use support::checked::Checked;

const PAGES: [&str; 2] = [
    include_str!("../../docs/en/src/sandbox.md"),
    include_str!("../../docs/zh/src/sandbox.md"),
];

/// Returns the code blocks in a language, which are the same on all pages.
fn blocks(language: &str) -> Vec<&'static str> {
    let [english, chinese] = PAGES.map(|page| {
        let blocks = page
            .split("\n```")
            .filter_map(|block| block.strip_prefix(language)?.strip_prefix('\n'));
        blocks.collect::<Vec<_>>()
    });
    assert_eq!(english, chinese, "{language}");
    assert!(!english.is_empty(), "{language}");
    english
}

/// Runs a program that tests the sandbox. Does nothing, with a message, if `check` shows that the program cannot be run here.
fn run(program: &str, check: &[&str], file: &str, code: &str) {
    let checked = Command::new(program).args(check).output();
    if !checked.is_ok_and(|output| output.status.success()) {
        assert!(std::env::var_os("CI").is_none(), "{program} {check:?} does not run");
        eprintln!("skipped: {program} {check:?} does not run");
        return;
    }
    let folder = std::env::temp_dir().join(format!("sandbox-{file}-{}", std::process::id()));
    std::fs::create_dir_all(&folder).expect("a folder");
    std::fs::write(folder.join(file), code).expect("a file");
    let sandbox = Checked::start();
    let mut command = Command::new(program);
    command
        .arg(file)
        .current_dir(&folder)
        .envs(sandbox.environment())
        .env("NO_PROXY", "*");
    let output = command.output().expect("the program runs");
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    assert!(!sandbox.calls().is_empty(), "{file} does not call the sandbox");
    std::fs::remove_dir_all(folder).expect("the folder");
}

#[test]
fn the_sample_in_python_runs() {
    for code in blocks("python") {
        run("python3", &["-c", "import requests"], "sample.py", code);
    }
}

#[test]
fn the_sample_in_java_runs() {
    for code in blocks("java") {
        run("java", &["--version"], "SandboxTest.java", code);
    }
}

#[test]
fn the_sample_in_rust_is_a_test() {
    for code in blocks("rust") {
        assert!(include_str!("sample.rs").contains(code), "no test has\n{code}");
    }
}

#[test]
fn the_printed_variables_are_those_of_the_program() {
    let sandbox = Sandbox::builder().start().expect("a sandbox");
    let printed = blocks("sh").into_iter().flat_map(str::lines);
    let printed: Vec<_> = printed
        .filter_map(|line| line.strip_prefix("export ")?.split_once('='))
        .collect();
    let variables = sandbox.environment();
    let find = |name: &str| {
        variables
            .iter()
            .find(|(of, _)| *of == name)
            .map(|(_, value)| value.as_str())
    };
    for (name, value) in &printed {
        let expected = if *name == "HOST" {
            Some("http://127.0.0.1:4190")
        } else {
            find(name)
        };
        assert_eq!(Some(*value), expected, "{name}");
    }
    let [job] = blocks("yaml")[..] else {
        panic!("there is one job")
    };
    let job: Value = serde_yaml::from_str(job).expect("YAML");
    let job = &job["jobs"]["test"];
    for (name, value) in &printed {
        assert_eq!(job["env"][*name], Value::from(*value), "{name}");
    }
}

#[test]
fn the_dockerfile_is_where_the_page_says() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
    let commands = PAGES[0]
        .lines()
        .filter(|line| line.trim_start().starts_with("docker build "));
    let mut files = commands.map(|command| {
        let file = command
            .split_once("--file ")
            .and_then(|(_, rest)| rest.split(' ').next());
        file.expect("a path").trim_start_matches("easemob-rest/")
    });
    assert!(files.all(|file| root.join(file).is_file()));
    let dockerfile = include_str!("../Dockerfile");
    for line in dockerfile.lines().filter_map(|line| line.strip_prefix("COPY ")) {
        let mut sources = line
            .split(' ')
            .rev()
            .skip(1)
            .filter(|word| !word.starts_with(['-', '/']));
        assert!(sources.all(|source| root.join(source).exists()), "{line}");
    }
}
