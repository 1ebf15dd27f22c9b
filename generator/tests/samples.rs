//! The samples of the docs work: those in Rust are part of the client's tests, the others are run here.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "a test fails by panicking"
)]

#[path = "specs/mod.rs"]
mod specs;

use std::{
    collections::BTreeMap,
    io::{BufRead, BufReader, Read, Write},
    net::TcpListener,
    path::{Path, PathBuf},
    process::Command,
    sync::mpsc,
    thread,
};

use generator::{
    files::FileSet,
    ir::{Api, Example, ExampleBody, ExampleResponse, Json, Operation, OperationId, template},
    render::samples::{self, Language},
};

fn spec() -> Api {
    specs::load(specs::REPOSITORY)
}

/// Removes what rustfmt may change: white space and trailing commas.
fn without_layout(code: &str) -> String {
    code.chars()
        .filter(|c| !c.is_whitespace())
        .collect::<String>()
        .replace(",)", ")")
        .replace(",]", "]")
}

/// Returns the code blocks in a language.
fn blocks<'a>(page: &'a str, language: &'a str) -> impl Iterator<Item = &'a str> {
    page.split("\n```")
        .filter_map(move |block| block.strip_prefix(language)?.strip_prefix('\n'))
}

#[test]
fn every_rust_sample_is_part_of_a_test_of_the_client() {
    let files = generator::render(&spec()).unwrap();
    let tests: String = of(&files, "client/tests/examples/")
        .map(|(_, code)| without_layout(code))
        .collect();
    let mut samples = 0;
    for (path, page) in of(&files, "docs/") {
        // A test of the sandbox compares the page about it.
        if path.ends_with("/sandbox.md") {
            continue;
        }
        for block in blocks(page, "rust").filter(|block| block.contains("client")) {
            let call = block
                .split_inclusive('\n')
                .skip_while(|line| line.starts_with("use ") || line.trim().is_empty());
            let call = without_layout(&call.collect::<String>());
            // The test does not bind the result if the example is an error response.
            let unbound = call
                .split_once("=client")
                .map_or(call.clone(), |(_, rest)| format!("client{rest}"));
            assert!(
                tests.contains(&unbound),
                "{path} has a sample that no test runs:\n{block}"
            );
            samples += 1;
        }
    }
    assert!(samples > 50, "found only {samples} samples");
}

/// The doctests of each crate compile its README.
#[test]
fn every_program_of_the_readme_is_in_the_readme_of_a_crate() {
    let read = |path: &str| std::fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join(path)).unwrap();
    let compiled = ["client", "sandbox"].map(|output| read(&format!("../generated/{output}/README.md")));
    let readme = read("../README.md");
    let programs: Vec<_> = blocks(&readme, "rust").collect();
    assert!(!programs.is_empty(), "README.md has no program");
    for program in programs {
        assert!(
            compiled.iter().any(|readme| readme.contains(program)),
            "no README of a crate has\n{program}"
        );
    }
}

/// Returns the files whose path begins with `prefix`.
fn of<'a>(files: &'a FileSet, prefix: &'a str) -> impl Iterator<Item = (&'a str, &'a str)> {
    files.iter().filter(move |(path, _)| path.starts_with(prefix))
}

/// A request that the server received.
struct Received {
    line: String,
    headers: BTreeMap<String, String>,
    body: Vec<u8>,
}

/// Runs programs one after the other: each in its own folder, which is the current one and has the program and the files that it reads.
struct Runner {
    language: &'static Language,
    file: &'static str,
    /// The interpreter of a script that runs the programs in the folders that are its arguments.
    interpreter: &'static str,
    script: &'static [&'static str],
}

const RUNNERS: &[Runner] = &[
    Runner {
        language: &samples::LANGUAGES[0],
        file: "sample.sh",
        interpreter: "sh",
        script: &["-ec", "for folder; do cd \"$folder\"; sh -e sample.sh; done", "sh"],
    },
    Runner {
        language: &samples::LANGUAGES[1],
        file: "sample.py",
        interpreter: "python3",
        script: &[
            "-c",
            "import os, runpy, sys\nfor folder in sys.argv[1:]:\n    os.chdir(folder)\n    runpy.run_path('sample.py')",
        ],
    },
    Runner {
        language: &samples::LANGUAGES[2],
        file: "sample.mjs",
        interpreter: "node",
        script: &[
            "--input-type=module",
            "--eval",
            "for (const folder of process.argv.slice(1)) { process.chdir(folder); await import(`${folder}/sample.mjs`); }",
        ],
    },
];

impl Runner {
    /// Returns `false` if the interpreter or a library is missing, which is an error in CI.
    fn is_installed(&self) -> bool {
        let check: &[&str] = match self.language.fence {
            "python" => &["-c", "import requests"],
            "js" => &["--version"],
            _ => return true,
        };
        let output = Command::new(self.interpreter).args(check).output();
        let is_installed = output.is_ok_and(|output| output.status.success());
        let name = self.language.name;
        assert!(
            is_installed || std::env::var_os("CI").is_none(),
            "{name} or one of its libraries is not installed"
        );
        if !is_installed {
            eprintln!("skipped the samples in {name}, because it or one of its libraries is not installed");
        }
        is_installed
    }

    /// Runs the samples of examples, and compares the requests with those of the examples.
    fn check(&self, api: &Api, examples: &[(OperationId, Example)]) {
        let folder = tempfile::tempdir().unwrap();
        let mut programs = Vec::new();
        let mut command = Command::new(self.interpreter);
        command.args(self.script);
        for (index, (id, example)) in examples.iter().enumerate() {
            let folder = folder.path().join(index.to_string());
            std::fs::create_dir(&folder).unwrap();
            let files = samples::uploaded_files(example);
            let mut shell = Command::new("sh");
            assert!(
                files.is_empty()
                    || shell
                        .args(["-ec", &files])
                        .current_dir(&folder)
                        .status()
                        .unwrap()
                        .success()
            );
            let program = self.language.sample(api, *id, example);
            std::fs::write(folder.join(self.file), &program).unwrap();
            programs.push(program);
            command.arg(folder);
        }
        let received = run(api, &mut command, examples);
        for (((id, example), program), received) in examples.iter().zip(&programs).zip(&received) {
            check(api, api.operation(*id), example, received, program);
        }
        assert_eq!(received.len(), examples.len(), "{}", self.language.name);
    }
}

#[test]
fn every_sample_sends_the_request_of_its_example() {
    let api = spec();
    let examples: Vec<_> = api
        .operations()
        .flat_map(|(id, operation)| operation.examples.iter().map(move |example| (id, example.clone())))
        .collect();
    for runner in RUNNERS.iter().filter(|runner| runner.is_installed()) {
        runner.check(&api, &examples);
    }
}

/// Text with characters that have a meaning in one of the languages.
const HOSTILE: &str = "'\"`$HOST ${HOST} {HOST} {{ }} $(id) `id` \\ \\\" \\n \n \t \0 \u{2028} %s %(x)s </script> 'EOF' #{x} /* // -- 😀 \\u0041 ''' \"\"\"";
/// The same for headers and file names, which have fewer characters.
const HOSTILE_LINE: &str = "a'`$HOST ${HOST} {HOST} {} $(id);, # \\ b";
/// The same for URLs.
const HOSTILE_PATH: &str = "/a'$HOST$(id)!*;,?b=$HOST&c=%27%60%22%5C%7BHOST%7D$";

#[test]
fn no_text_changes_the_structure_of_a_sample() {
    let mut api = spec();
    if let Some(auth) = &mut api.auth {
        auth.prefix = HOSTILE_LINE.to_owned();
    }
    let mut examples = Vec::new();
    for (id, operation) in api.operations() {
        let Some(mut example) = operation.examples.first().cloned() else {
            continue;
        };
        example.body = match example.body {
            ExampleBody::None => continue,
            ExampleBody::Json(_) => ExampleBody::Json(serde_json::json!({
                HOSTILE: [HOSTILE, null, true, 1.5, 9_007_199_254_740_991_u64, -1],
                "nested": {"a": {HOSTILE: [[]]}, "b": {}},
            })),
            ExampleBody::Form(_) => ExampleBody::Form("a='$HOST${HOST}&b=%22%5C%60".to_owned()),
            ExampleBody::Multipart(_) => ExampleBody::Multipart(vec![
                (
                    "file".to_owned(),
                    serde_json::json!({"filename": HOSTILE_LINE, "type": "text/plain", "content": "x"}),
                ),
                ("text".to_owned(), HOSTILE_LINE.into()),
            ]),
        };
        example.target = HOSTILE_PATH.to_owned();
        example.headers.insert("X-Hostile".to_owned(), HOSTILE_LINE.to_owned());
        examples.push((id, example));
    }
    let mut large = examples[0].clone();
    large.1.body = ExampleBody::Json(serde_json::json!({HOSTILE: [9_007_199_254_740_993_u64, HOSTILE]}));
    examples.push(large);
    for runner in RUNNERS.iter().filter(|runner| runner.is_installed()) {
        runner.check(&api, &examples);
    }
}

/// Runs the commands of the front page with only the server changed.
#[test]
fn the_commands_of_the_front_page_print_the_response_that_it_shows() {
    let api = spec();
    let files = generator::render(&api).unwrap();
    let pages: Vec<_> = of(&files, "docs/")
        .filter(|(path, _)| path.ends_with("src/README.md"))
        .collect();
    assert_eq!(pages.len(), api.languages.len());
    for (path, page) in pages {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let host = format!("http://{}", listener.local_addr().unwrap());
        let commands = blocks(page, "sh").collect::<Vec<_>>().join("\n");
        let script = commands.replacen(&api.servers[0].url, &host, 1);
        let shown: Json = serde_json::from_str(blocks(page, "json").next().unwrap()).unwrap();
        let response = shown.to_string();
        let server = thread::spawn(move || {
            let first = respond(&listener, 200, r#"{"expires_in": 60, "access_token": "first-token"}"#);
            (first, respond(&listener, 200, &response))
        });
        let output = Command::new("sh")
            .args(["-ec", &script])
            .env("NO_PROXY", "*")
            .output()
            .unwrap();
        assert!(
            output.status.success(),
            "{path}:\n{script}\n{}",
            String::from_utf8_lossy(&output.stderr)
        );
        assert_eq!(serde_json::from_slice::<Json>(&output.stdout).unwrap(), shown, "{path}");
        let (first, second) = server.join().unwrap();
        let body: Json = serde_json::from_slice(&first.body).unwrap();
        let credentials = &api.auth.as_ref().unwrap().grant.as_ref().unwrap().credentials;
        for credential in credentials {
            let value = format!("your-{}", credential.rust.replace('_', "-"));
            assert_eq!(body[&credential.wire], value, "{path}");
        }
        assert_eq!(second.headers["authorization"], "Bearer first-token", "{path}");
        assert!(second.line.starts_with("GET /your-"), "{path}: {}", second.line);
    }
}

/// Runs a command with a local server as `$HOST`, which responds as the examples say. Returns the requests.
fn run(api: &Api, command: &mut Command, examples: &[(OperationId, Example)]) -> Vec<Received> {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let host = format!("http://{}", listener.local_addr().unwrap());
    let (sender, requests) = mpsc::channel();
    let responses: Vec<_> = examples.iter().map(|(_, example)| response_of(example)).collect();
    thread::spawn(move || {
        for (status, response) in responses {
            sender.send(respond(&listener, status, &response)).unwrap();
        }
    });
    command.env("HOST", host).env("TOKEN", "a-token").env("NO_PROXY", "*");
    for param in &api.base.params {
        command.env(param.rust.to_uppercase(), base_value(&param.rust));
    }
    let output = command.output().expect("the interpreter can be run");
    let received: Vec<_> = requests.try_iter().collect();
    assert!(
        output.status.success(),
        "after {} requests, the last being {:?}:\n{}",
        received.len(),
        received.last().map(|received| &received.line),
        String::from_utf8_lossy(&output.stderr)
    );
    received
}

/// Returns status and body of the response of an example.
fn response_of(example: &Example) -> (u16, String) {
    let body = match &example.response {
        ExampleResponse::Json(json) => json.to_string(),
        ExampleResponse::Bytes(text) => text.clone(),
    };
    (example.status, body)
}

/// Returns name and content of the files that an example uploads.
fn files_of(example: &Example) -> Vec<(PathBuf, String)> {
    let ExampleBody::Multipart(parts) = &example.body else {
        return Vec::new();
    };
    let text = |value: &Json, key: &str| value.get(key).and_then(Json::as_str).map(str::to_owned);
    parts
        .iter()
        .filter_map(|(_, value)| Some((text(value, "filename")?.into(), text(value, "content")?)))
        .collect()
}

/// Returns the value of a parameter of the base path.
fn base_value(name: &str) -> String {
    format!("my-{}", name.replace('_', "-"))
}

/// Accepts one request and sends a response with a body.
fn respond(listener: &TcpListener, status: u16, response: &str) -> Received {
    let (mut stream, _) = listener.accept().unwrap();
    let mut reader = BufReader::new(stream.try_clone().unwrap());
    let mut line = String::new();
    reader.read_line(&mut line).unwrap();
    let mut headers = BTreeMap::new();
    loop {
        let mut header = String::new();
        reader.read_line(&mut header).unwrap();
        let Some((name, value)) = header.trim_end().split_once(": ") else {
            break;
        };
        headers.insert(name.to_ascii_lowercase(), value.to_owned());
    }
    let length = headers
        .get("content-length")
        .map_or(0, |length| length.parse().unwrap());
    let mut body = vec![0; length];
    reader.read_exact(&mut body).unwrap();
    let head = format!(
        "HTTP/1.1 {status} Status\r\nContent-Length: {}\r\nConnection: close\r\n\r\n",
        response.len()
    );
    stream.write_all((head + response).as_bytes()).unwrap();
    Received {
        line: line.trim_end().to_owned(),
        headers,
        body,
    }
}

/// Asserts that the received request is that of the example.
fn check(api: &Api, operation: &Operation, example: &Example, received: &Received, command: &str) {
    let base = api
        .base
        .params
        .iter()
        .fold(template(&api.base.segments), |base, param| {
            base.replace(&format!("{{{}}}", param.wire), &base_value(&param.rust))
        });
    let line = format!("{} {base}{} HTTP/1.1", operation.method.as_str(), example.target);
    assert_eq!(received.line, line, "{command}");
    let header = |name: &str| received.headers.get(&name.to_ascii_lowercase()).map(String::as_str);
    if let Some(auth) = &api.auth {
        let token = operation.authenticated.then(|| auth.prefix.clone() + "a-token");
        assert_eq!(header(&auth.header), token.as_deref(), "{command}");
    }
    for (name, value) in &example.headers {
        assert_eq!(header(name), Some(value.as_str()), "{command}");
    }
    let media_type = header("content-type").unwrap_or_default();
    assert!(
        media_type.starts_with(operation.body.media_type().unwrap_or_default()),
        "{command}\n{media_type}"
    );
    match &example.body {
        ExampleBody::None => assert!(received.body.is_empty(), "{command}"),
        ExampleBody::Json(json) => assert_eq!(
            serde_json::from_slice::<Json>(&received.body).unwrap(),
            *json,
            "{command}"
        ),
        ExampleBody::Form(form) => assert_eq!(received.body, form.as_bytes(), "{command}"),
        ExampleBody::Multipart(parts) => {
            let body = String::from_utf8_lossy(&received.body);
            let mut expected: Vec<String> = parts.iter().map(|(name, _)| format!("name=\"{name}\"")).collect();
            expected.extend(parts.iter().filter_map(|(_, value)| value.as_str().map(str::to_owned)));
            for (name, content) in files_of(example) {
                let name = name.to_string_lossy().into_owned();
                // Some clients escape backslashes.
                let names = [name.replace('\\', "\\\\"), name];
                let is_named = |name: &String| body.contains(&format!("filename=\"{name}\""));
                assert!(names.iter().any(is_named), "{command}\n{body}");
                expected.push(content);
            }
            for text in expected {
                assert!(body.contains(&text), "{command}\n{body}");
            }
        }
    }
}
