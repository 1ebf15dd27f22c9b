//! The samples of the docs work: those in Rust are part of the client's tests, those with curl are run here.

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
    thread,
};

use generator::{
    files::FileSet,
    ir::{Api, Example, ExampleBody, Json, Operation, template},
    render::curl,
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

/// The doctests of the client compile its README.
#[test]
fn every_program_of_the_readme_is_in_the_readme_of_the_client() {
    let read = |path: &str| std::fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join(path)).unwrap();
    let (readme, compiled) = (read("../README.md"), read("../generated/client/README.md"));
    let programs: Vec<_> = blocks(&readme, "rust").collect();
    assert!(!programs.is_empty(), "README.md has no program");
    for program in programs {
        assert!(
            compiled.contains(program),
            "the client's README does not have\n{program}"
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

#[test]
fn every_curl_sample_sends_the_request_of_its_example() {
    let api = spec();
    for (id, operation) in api.operations() {
        for example in &operation.examples {
            let command = curl::command(&api, id, example);
            let received = run(&api, &command, example);
            check(&api, operation, example, &received, &command);
        }
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
            let first = respond(&listener, r#"{"expires_in": 60, "access_token": "first-token"}"#);
            (first, respond(&listener, &response))
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

/// Runs a command in a temporary folder, with a local server as `$HOST`.
fn run(api: &Api, command: &str, example: &Example) -> Received {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let host = format!("http://{}", listener.local_addr().unwrap());
    let server = thread::spawn(move || respond(&listener, ""));
    let folder = tempfile::tempdir().unwrap();
    for (name, content) in files_of(example) {
        std::fs::write(folder.path().join(name), content).unwrap();
    }
    let mut shell = Command::new("sh");
    shell
        .args(["-c", command])
        .current_dir(&folder)
        .env("HOST", host)
        .env("TOKEN", "a-token")
        .env("NO_PROXY", "*");
    for param in &api.base.params {
        shell.env(param.rust.to_uppercase(), base_value(&param.rust));
    }
    let output = shell.output().expect("`sh` can be run");
    assert!(
        output.status.success(),
        "{command}\n{}",
        String::from_utf8_lossy(&output.stderr)
    );
    server.join().unwrap()
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
fn respond(listener: &TcpListener, response: &str) -> Received {
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
        "HTTP/1.1 200 OK\r\nContent-Length: {}\r\nConnection: close\r\n\r\n",
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
        ExampleBody::Multipart(_) => {
            let body = String::from_utf8_lossy(&received.body);
            for (name, content) in files_of(example) {
                assert!(
                    body.contains(&format!("filename=\"{}\"", name.display())),
                    "{command}\n{body}"
                );
                assert!(body.contains(&content), "{command}\n{body}");
            }
        }
    }
}
