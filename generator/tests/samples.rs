//! Every sample in the docs is real: the Rust ones are compiled and run with the client's tests, the curl ones are run here.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "a test fails by panicking"
)]

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
    render::sample,
    source::SourceSet,
};

fn spec() -> Api {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../spec");
    let sources = SourceSet::load(&folder).unwrap();
    generator::load(&sources).unwrap_or_else(|diagnostics| panic!("{diagnostics}"))
}

/// Code without its layout.
fn packed(code: &str) -> String {
    code.chars()
        .filter(|c| !c.is_whitespace())
        .collect::<String>()
        .replace(",)", ")")
        .replace(",]", "]")
}

fn blocks<'a>(page: &'a str, language: &'a str) -> impl Iterator<Item = &'a str> {
    page.split("\n```")
        .filter_map(move |block| block.strip_prefix(language)?.strip_prefix('\n'))
}

#[test]
fn every_rust_sample_is_part_of_a_test_of_the_client() {
    let files = generator::render(&spec()).unwrap();
    let tests: String = of(&files, "client/tests/examples/")
        .map(|(_, code)| packed(code))
        .collect();
    let mut samples = 0;
    for (path, page) in of(&files, "docs/") {
        for block in blocks(page, "rust").filter(|block| block.contains("client")) {
            let call = block
                .split_inclusive('\n')
                .skip_while(|line| line.starts_with("use ") || line.trim().is_empty());
            let call = packed(&call.collect::<String>());
            // Where the example is a refusal, the test does not bind the result.
            let unbound = call
                .split_once("=client")
                .map_or(call.clone(), |(_, rest)| format!("client{rest}"));
            assert!(
                tests.contains(&unbound),
                "{path} shows a sample that no test runs:\n{block}"
            );
            samples += 1;
        }
    }
    assert!(samples > 50, "only {samples} samples were found");
}

/// The crate's README is compiled with its doctests.
#[test]
fn the_first_program_is_the_one_that_is_compiled() {
    let read = |path: &str| std::fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join(path)).unwrap();
    let (readme, compiled) = (read("../README.md"), read("../generated/client/README.md"));
    let programs: Vec<_> = blocks(&readme, "rust").collect();
    assert!(!programs.is_empty());
    for program in programs {
        assert!(compiled.contains(program), "{program}");
    }
}

fn of<'a>(files: &'a FileSet, prefix: &'a str) -> impl Iterator<Item = (&'a str, &'a str)> {
    files.iter().filter(move |(path, _)| path.starts_with(prefix))
}

/// A request as it arrived.
struct Seen {
    line: String,
    headers: BTreeMap<String, String>,
    body: Vec<u8>,
}

#[test]
fn every_curl_sample_sends_what_its_example_says() {
    let api = spec();
    for (id, operation) in api.operations() {
        for example in &operation.examples {
            let command = sample::curl(&api, id, example);
            let seen = run(&api, &command, example);
            check(&api, operation, example, &seen, &command);
        }
    }
}

/// What a reader copies from the front page, with only the address changed, gets the answer that the page shows.
#[test]
fn the_front_page_leads_to_a_first_answer() {
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
        let answer = shown.to_string();
        let server = thread::spawn(move || {
            let first = respond(&listener, r#"{"expires_in": 60, "access_token": "first-token"}"#);
            (first, respond(&listener, &answer))
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

/// Runs a command line in a folder of its own, with a server on this machine as `$HOST`.
fn run(api: &Api, command: &str, example: &Example) -> Seen {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let host = format!("http://{}", listener.local_addr().unwrap());
    let server = thread::spawn(move || answer(&listener));
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
    let output = shell.output().expect("`sh` and `curl` are installed");
    assert!(
        output.status.success(),
        "{command}\n{}",
        String::from_utf8_lossy(&output.stderr)
    );
    server.join().unwrap()
}

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

fn base_value(name: &str) -> String {
    format!("my-{}", name.replace('_', "-"))
}

/// Reads one request and answers it with nothing.
fn answer(listener: &TcpListener) -> Seen {
    respond(listener, "")
}

/// Reads one request and answers it.
fn respond(listener: &TcpListener, answer: &str) -> Seen {
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
        answer.len()
    );
    stream.write_all((head + answer).as_bytes()).unwrap();
    Seen {
        line: line.trim_end().to_owned(),
        headers,
        body,
    }
}

fn check(api: &Api, operation: &Operation, example: &Example, seen: &Seen, command: &str) {
    let base = api
        .base
        .params
        .iter()
        .fold(template(&api.base.segments), |base, param| {
            base.replace(&format!("{{{}}}", param.wire), &base_value(&param.rust))
        });
    let line = format!("{} {base}{} HTTP/1.1", operation.method.as_str(), example.target);
    assert_eq!(seen.line, line, "{command}");
    let header = |name: &str| seen.headers.get(&name.to_ascii_lowercase()).map(String::as_str);
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
        ExampleBody::None => assert!(seen.body.is_empty(), "{command}"),
        ExampleBody::Json(json) => assert_eq!(serde_json::from_slice::<Json>(&seen.body).unwrap(), *json, "{command}"),
        ExampleBody::Form(form) => assert_eq!(seen.body, form.as_bytes(), "{command}"),
        ExampleBody::Multipart(_) => {
            let body = String::from_utf8_lossy(&seen.body);
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
