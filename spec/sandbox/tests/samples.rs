//! The curl samples of the docs succeed against a server with the example data. Each is run as a reader would copy it, with the
//! variables and the token of the front page, in an empty folder and against a new server.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "a test fails by panicking"
)]

mod support;

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::atomic::{AtomicUsize, Ordering};

use easemob_sandbox::behaviour::Settings;
use easemob_sandbox::errors::Known;
use easemob_sandbox::{Fault, Sandbox};
use support::checked::Checked;
use support::{agreement, contract};

/// The languages of the docs.
const LANGUAGES: [&str; 2] = ["en", "zh"];

/// A change of the settings that leads to an error.
type Change = fn(&mut Settings);

/// The samples of errors that do not follow from the data, with the setting that leads to the error. Without one, the error depends on
/// what the server does not simulate, and it responds with the error when it is told to.
const ARRANGED: [(&str, Known, Option<Change>); 6] = [
    ("history.delete_user_messages", Known::ServiceOpenException400, None),
    ("messages.broadcast_to_rooms", Known::ForbiddenOp403, None),
    ("messages.send_to_users", Known::MessageSendError403, None),
    ("presence.set", Known::ServiceOpenException400, None),
    ("push_messages.send_to_label", Known::LimitException403, None),
    (
        "threads.list",
        Known::GroupError403,
        Some(|settings| settings.threads = false),
    ),
];

/// A sample of the docs.
#[derive(Debug, PartialEq, Eq, PartialOrd, Ord)]
struct Sample {
    /// The anchor of the operation, e.g. `users-create`.
    operation: String,
    /// The commands: one that makes a file if there is one, and the sample.
    commands: String,
    /// The documented status.
    status: u16,
    /// The documented body.
    response: String,
}

/// Returns the anchor of an operation.
fn anchor(operation: &str) -> String {
    operation.replace(['.', '_'], "-")
}

fn docs(language: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("../docs")
        .join(language)
        .join("src")
}

/// Returns the code blocks in a language.
fn blocks<'a>(text: &'a str, language: &'a str) -> impl Iterator<Item = &'a str> {
    let blocks = text.split("\n```").skip(1).step_by(2);
    blocks.filter_map(move |block| block.strip_prefix(language)?.strip_prefix('\n'))
}

/// Returns the samples in a language, each with the page and the anchor where it is.
fn samples(language: &str) -> Vec<(String, Sample)> {
    let mut samples = Vec::new();
    for page in std::fs::read_dir(docs(language)).unwrap() {
        let page = page.unwrap().path();
        if page.extension().is_none_or(|extension| extension != "md") {
            continue;
        }
        let text = std::fs::read_to_string(&page).unwrap();
        for part in text.split("<a id=\"").skip(1) {
            let (anchor, part) = part.split_once('"').unwrap();
            if let Some((operation, _)) = anchor.split_once("_example-") {
                samples.push((format!("{}#{anchor}", page.display()), sample(operation, part)));
            }
        }
    }
    samples
}

fn sample(operation: &str, text: &str) -> Sample {
    let (request, response) = text.split_once("</div>").expect("the end of the samples");
    let title = response.lines().find(|line| line.starts_with("**")).expect("a status");
    let status = title.chars().filter(char::is_ascii_digit).collect::<String>();
    let response = ["json", "text"].map(|language| blocks(response, language).next());
    let commands = blocks(request, "sh").collect::<Vec<_>>().join("\n");
    assert!(
        commands.contains("curl "),
        "an example of {operation} has no curl sample"
    );
    Sample {
        operation: operation.to_owned(),
        commands,
        status: status.parse().expect("a status"),
        response: response.into_iter().flatten().next().unwrap_or_default().to_owned(),
    }
}

/// Returns the commands of the front page that set the variables, and those that set the token.
fn front_page(language: &str) -> (String, String) {
    let page = std::fs::read_to_string(docs(language).join("README.md")).unwrap();
    let mut commands = blocks(&page, "sh").map(str::to_owned);
    (commands.next().unwrap(), commands.next().unwrap())
}

/// Runs samples with settings of curl that add the status to its standard error.
struct Runner {
    token: String,
    folder: tempfile::TempDir,
    folders: AtomicUsize,
}

impl Runner {
    fn new() -> Self {
        let (_, token) = front_page(LANGUAGES[0]);
        let folder = tempfile::tempdir().unwrap();
        let settings = "silent\nshow-error\nwrite-out = \"%{stderr}status %{http_code}\\n\"\n";
        std::fs::write(folder.path().join(".curlrc"), settings).unwrap();
        Self {
            token,
            folder,
            folders: AtomicUsize::default(),
        }
    }

    /// Runs a sample. Returns an error if it does not respond as documented.
    fn check(&self, sample: &Sample) -> Result<(), String> {
        let sandbox = Checked::with(Sandbox::builder().example_data(true));
        let arranged = ARRANGED
            .iter()
            .find(|(operation, error, _)| anchor(operation) == sample.operation && error.status() == sample.status);
        match arranged {
            Some((_, _, Some(change))) => sandbox.configure(change),
            Some((operation, error, None)) => sandbox.fail(Fault::error(*error).operation(*operation)).unwrap(),
            None => {}
        }
        let folder = self.folders.fetch_add(1, Ordering::Relaxed).to_string();
        let folder = self.folder.path().join(folder);
        std::fs::create_dir(&folder).unwrap();
        let output = Command::new("sh")
            .args(["-ec", &format!("{}\n{}", self.token, sample.commands)])
            .current_dir(&folder)
            .env("CURL_HOME", self.folder.path())
            .env("NO_PROXY", "*")
            .envs(sandbox.environment())
            .output()
            .unwrap();
        let messages = String::from_utf8_lossy(&output.stderr);
        let body = match std::fs::read(folder.join("download")) {
            Ok(content) => content,
            Err(_) => output.stdout,
        };
        let shown = format!("{messages}{}", String::from_utf8_lossy(&body));
        if !output.status.success() || !messages.ends_with(&format!("status {}\n", sample.status)) {
            return Err(shown);
        }
        let call = sandbox.calls().last().cloned().ok_or("the server received no call")?;
        let operation = anchor(call.operation.unwrap_or_default());
        if operation != sample.operation {
            return Err(format!("the operation is {operation}"));
        }
        agreement::check(&sample.commands, &sample.response, &body)
            .map_err(|difference| format!("{difference}\n{shown}"))
    }
}

/// Returns the samples of all languages, each once, with the places where they are.
fn all_samples() -> BTreeMap<Sample, Vec<String>> {
    let mut all: BTreeMap<Sample, Vec<String>> = BTreeMap::new();
    for language in LANGUAGES {
        let samples = samples(language);
        let succeed = samples.iter().filter(|(_, sample)| sample.status < 300);
        let operations: BTreeSet<_> = succeed.map(|(_, sample)| sample.operation.clone()).collect();
        assert_eq!(
            operations,
            contract::operations(),
            "operations with samples in {language}"
        );
        for (place, sample) in samples {
            all.entry(sample).or_default().push(place);
        }
    }
    all
}

#[test]
fn every_sample_responds_as_documented() {
    let samples: Vec<_> = all_samples().into_iter().collect();
    let runner = Runner::new();
    let next = AtomicUsize::default();
    let work = || {
        let mut failures = Vec::new();
        while let Some((sample, places)) = samples.get(next.fetch_add(1, Ordering::Relaxed)) {
            if let Err(error) = runner.check(sample) {
                failures.push(format!("{}\n{}\n{error}\n", places.join("\n"), sample.commands));
            }
        }
        failures
    };
    let threads = std::thread::available_parallelism().map_or(1, usize::from);
    let failures: Vec<_> = std::thread::scope(|scope| {
        let threads: Vec<_> = (0..threads).map(|_| scope.spawn(work)).collect();
        threads.into_iter().flat_map(|thread| thread.join().unwrap()).collect()
    });
    assert!(failures.is_empty(), "{}", failures.join("\n"));
    for (operation, error, _) in ARRANGED {
        let is_used = |sample: &Sample| sample.operation == anchor(operation) && sample.status == error.status();
        assert!(
            samples.iter().any(|(sample, _)| is_used(sample)),
            "{operation} has no such sample"
        );
    }
}

#[test]
fn the_front_page_names_the_variables_that_the_server_prints() {
    let sandbox = Checked::start();
    let printed: BTreeSet<_> = sandbox.environment().into_iter().map(|(name, _)| name).collect();
    let [first, second] = LANGUAGES.map(front_page);
    assert_eq!(first, second);
    let (variables, _) = first;
    let names: Vec<_> = variables
        .lines()
        .filter_map(|line| Some(line.strip_prefix("export ")?.split_once('=')?.0))
        .collect();
    assert!(names.len() > 3, "{variables}");
    assert!(names.iter().all(|name| printed.contains(name)), "{names:?}");
}

#[test]
fn a_sample_that_does_not_respond_as_documented_is_an_error() {
    let runner = Runner::new();
    let sample = |id: &str, status, user: &str| Sample {
        operation: "users-get".to_owned(),
        commands: format!("curl \"$HOST/$ORG_NAME/$APP_NAME/users/{id}\" -H \"Authorization: Bearer $TOKEN\""),
        status,
        response: format!(r#"{{"entities": [{{"username": "{user}"}}]}}"#),
    };
    runner.check(&sample("alice", 200, "alice")).unwrap();
    runner.check(&sample("alice", 404, "alice")).unwrap_err();
    runner.check(&sample("nina", 200, "nina")).unwrap_err();
    runner.check(&sample("alice", 200, "bob")).unwrap_err();
    runner
        .check(&sample("alice/joined_chatgroups", 200, "alice"))
        .unwrap_err();
    let mut failing = sample("alice", 200, "alice");
    failing.commands += "\nfalse";
    runner.check(&failing).unwrap_err();
}
