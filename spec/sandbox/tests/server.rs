//! The server around the behaviour: journal, faults, control interface, state, and hostile clients.

#![allow(
    clippy::expect_used,
    clippy::unwrap_used,
    clippy::panic,
    reason = "a test fails by panicking"
)]

mod support;

use std::io::{Read as _, Write as _};
use std::net::{Shutdown, TcpStream};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use easemob::{Client, ErrorKind, RetryPolicy};
use easemob_sandbox::errors::Known;
use easemob_sandbox::{Fault, Sandbox};
use serde_json::{Value, json};

use support::checked::Checked;
use support::socket::connect;

/// A response on the wire.
#[derive(Debug)]
struct Response {
    status: u16,
    head: String,
    body: String,
}

impl Response {
    fn json(&self) -> Value {
        serde_json::from_str(&self.body).unwrap_or_else(|error| panic!("{error}: {self:?}"))
    }
}

/// Reads a response until the server closes the connection.
fn receive(mut stream: &TcpStream) -> Response {
    let mut bytes = Vec::new();
    stream.read_to_end(&mut bytes).unwrap();
    let text = String::from_utf8_lossy(&bytes).into_owned();
    let (head, body) = text
        .split_once("\r\n\r\n")
        .unwrap_or_else(|| panic!("no response: {text:?}"));
    Response {
        status: head[9..12].parse().unwrap(),
        head: head.to_owned(),
        body: body.to_owned(),
    }
}

/// Sends a request with a `Content-Length`.
fn send(sandbox: &Sandbox, line: &str, headers: &str, body: &[u8]) -> Response {
    let mut stream = connect(sandbox);
    let length = body.len();
    let head =
        format!("{line} HTTP/1.1\r\nhost: localhost\r\nconnection: close\r\n{headers}content-length: {length}\r\n\r\n");
    stream.write_all(head.as_bytes()).unwrap();
    stream.write_all(body).unwrap();
    receive(&stream)
}

fn control(sandbox: &Sandbox, line: &str, body: &Value) -> Response {
    let body = if body.is_null() {
        String::new()
    } else {
        body.to_string()
    };
    send(sandbox, line, "", body.as_bytes())
}

/// Returns the header with an app token.
fn authorization(sandbox: &Sandbox) -> String {
    let body = json!({
        "grant_type": "client_credentials",
        "client_id": "example-client-id",
        "client_secret": "example-client-secret",
    });
    let response = send(
        sandbox,
        "POST /acme/support/token",
        "content-type: application/json\r\n",
        body.to_string().as_bytes(),
    );
    let token = response.json()["access_token"].as_str().unwrap().to_owned();
    format!("authorization: Bearer {token}\r\n")
}

/// Returns a client that does not retry.
fn client_without_retries(sandbox: &Sandbox) -> Client {
    Client::builder("acme", "support")
        .base_url(sandbox.url())
        .credentials("example-client-id", "example-client-secret")
        .retry(RetryPolicy::off())
        .timeout(Duration::from_secs(60))
        .build()
        .unwrap()
}

#[tokio::test]
async fn the_journal_shows_calls_without_secrets() {
    let sandbox = Checked::start();
    let client = sandbox.client().unwrap();
    client
        .users()
        .create("alice")
        .password("s3cret-password")
        .await
        .unwrap();
    assert!(client.users().get("bob").await.is_err());

    let calls = sandbox.calls();
    let operations: Vec<_> = calls.iter().map(|call| call.operation.unwrap()).collect();
    assert_eq!(operations, ["tokens.create_app_token", "users.create", "users.get"]);
    let created = &calls.clone().operation("users.create").status(200)[0];
    assert_eq!(
        (created.method.as_str(), created.path.as_str()),
        ("POST", "/acme/support/users")
    );
    let request: Value = serde_json::from_str(&created.request.text).unwrap();
    assert_eq!(request, json!({ "username": "alice", "password": "***" }));
    assert!(created.response.text.contains("\"username\":\"alice\""), "{created:?}");
    let failed = &calls.clone().status(404)[0];
    assert_eq!(failed.error, Some("service_resource_not_found"));
    for secret in ["s3cret-password", "example-client-secret"] {
        assert!(!format!("{calls:?}").contains(secret), "{calls:?}");
        assert!(
            !control(&sandbox, "GET /_sandbox/calls", &Value::Null)
                .body
                .contains(secret)
        );
    }
    let token = &calls.operation("tokens.create_app_token")[0];
    assert_eq!(
        serde_json::from_str::<Value>(&token.response.text).unwrap()["access_token"],
        "***"
    );
}

#[test]
fn the_journal_is_bounded() {
    let sandbox = Sandbox::builder().start().unwrap();
    let token = authorization(&sandbox);
    let headers = format!("content-type: application/json\r\n{token}");
    let users: Vec<_> = (0..9000)
        .map(|number| json!({ "username": format!("user-{number}"), "password": "s3cret-password" }))
        .collect();
    let body = serde_json::to_vec(&users).unwrap();
    assert!(body.len() > 256 * 1024 && body.len() < 1024 * 1024);
    send(&sandbox, "POST /acme/support/users", &headers, &body);
    send(
        &sandbox,
        "POST /acme/support/users",
        &headers,
        b"[{\"username\": \"a\", \"password\": \"s3cret-",
    );
    let calls = sandbox.calls();
    let large = &calls[1].request;
    assert!(large.cut && large.size == body.len() && large.text.len() == 64 * 1024);
    assert!(large.text.contains("\"password\":\"***\""));
    assert!(!format!("{calls:?}").contains("s3cret"), "{:?}", calls[2]);

    let mut stream = connect(&sandbox);
    let request = "GET /acme/nobody/users HTTP/1.1\r\nhost: localhost\r\n";
    let requests = format!("{request}\r\n").repeat(999) + request + "connection: close\r\n\r\n";
    stream.write_all(requests.as_bytes()).unwrap();
    receive(&stream);
    let calls = sandbox.calls();
    assert_eq!(calls.len(), 1000);
    assert!(calls.iter().all(|call| call.status == Some(404)));
    let page = control(&sandbox, "GET /_sandbox/calls?limit=2&status=404", &Value::Null).json();
    assert_eq!(page["calls"].as_array().unwrap().len(), 2);
    assert_eq!(page["forgotten"], 3);
}

#[tokio::test]
async fn calls_fail_as_often_as_a_fault_says() {
    let sandbox = Checked::start();
    let client = sandbox.client().unwrap();
    client.users().create("alice").password("1").await.unwrap();

    // The client retries twice.
    sandbox
        .fail(Fault::status(500).operation("users.get").times(2))
        .unwrap();
    client.users().get("alice").await.unwrap();
    let statuses: Vec<_> = sandbox
        .calls()
        .operation("users.get")
        .iter()
        .map(|call| call.status.unwrap())
        .collect();
    assert_eq!(statuses, [500, 500, 200]);

    let client = client_without_retries(&sandbox);
    client.users().get("alice").await.unwrap();
    sandbox.fail(Fault::error(Known::ReachLimit429)).unwrap();
    let error = client.users().get("alice").await.unwrap_err();
    assert!(
        error.is_rate_limited() && error.has_code(easemob::ErrorCode::ReachLimit),
        "{error:?}"
    );
    sandbox.fail(Fault::status(503).fraction(1.0)).unwrap();
    for _ in 0..3 {
        assert!(client.users().get("alice").await.is_err());
    }
    sandbox.clear_faults();
    client.users().get("alice").await.unwrap();
}

#[tokio::test]
async fn connections_and_bodies_break() {
    let sandbox = Checked::start();
    let client = client_without_retries(&sandbox);
    client.users().create("alice").password("1").await.unwrap();
    let faults = [
        (Fault::drop_connection(), ErrorKind::Interrupted, None),
        (Fault::truncate_body(), ErrorKind::Interrupted, Some(200)),
        (Fault::garbage(), ErrorKind::Decode, Some(200)),
    ];
    for (fault, kind, status) in faults {
        sandbox.fail(fault.clone().operation("users.get")).unwrap();
        let error = client.users().get("alice").await.unwrap_err();
        assert_eq!(error.kind(), kind, "{fault:?}: {error:?}");
        assert_eq!(sandbox.calls().last().unwrap().status, status, "{fault:?}");
    }
    sandbox.fail(Fault::silence().operation("users.get")).unwrap();
    let silent = tokio::time::timeout(Duration::from_millis(300), client.users().get("alice")).await;
    assert!(silent.is_err(), "{silent:?}");
    assert_eq!(sandbox.calls().last().unwrap().fault, Some("silence"));

    let started = Instant::now();
    sandbox.fail(Fault::delay(Duration::from_millis(150))).unwrap();
    client.users().get("alice").await.unwrap();
    assert!(started.elapsed() >= Duration::from_millis(150));
}

#[tokio::test]
async fn a_lost_response_can_belong_to_a_call_that_took_effect() {
    let sandbox = Checked::start();
    let client = client_without_retries(&sandbox);
    sandbox
        .fail(Fault::drop_connection().operation("users.create"))
        .unwrap();
    sandbox
        .fail(Fault::drop_connection().operation("users.create").takes_effect())
        .unwrap();
    for exists in [false, true] {
        let error = client.users().create("alice").password("1").await.unwrap_err();
        assert!(error.may_have_taken_effect());
        assert_eq!(client.users().get("alice").await.is_ok(), exists);
    }
}

#[test]
fn a_status_without_a_documented_error_is_plain() {
    let sandbox = Checked::start();
    let token = authorization(&sandbox);
    let response = control(
        &sandbox,
        "POST /_sandbox/faults",
        &json!({"fault": "status", "status": 503}),
    );
    assert_eq!(response.json()["faults"][0]["times"], 1);
    let response = send(&sandbox, "GET /acme/support/users/a", &token, b"");
    assert_eq!(
        (response.status, response.body.as_str()),
        (503, "503 Service Unavailable\n")
    );
    let response = send(&sandbox, "GET /acme/support/users/a", &token, b"");
    assert_eq!(response.status, 404);
}

#[test]
fn wrong_faults_are_explained() {
    let sandbox = Checked::start();
    let cases = [
        (
            json!({"fault": "sttus"}),
            "unknown variant `sttus`, expected one of `status`",
        ),
        (
            json!({"fault": "drop", "tims": 1}),
            "unknown field `tims`, expected one of",
        ),
        (
            json!({"fault": "status", "status": 200}),
            "the status is 200; expected 400 to 599",
        ),
        (
            json!({"fault": "drop", "operation": "users.gt"}),
            "there is no operation `users.gt`",
        ),
        (json!({"fault": "drop", "times": 0}), "expected at least 1"),
        (json!({"fault": "drop", "fraction": 1.5}), "expected more than 0"),
        (
            json!({"fault": "status", "status": 429, "code": "x"}),
            "no documented error",
        ),
    ];
    for (fault, expected) in cases {
        let response = control(&sandbox, "POST /_sandbox/faults", &fault);
        let error = response.json()["error"].as_str().unwrap().to_owned();
        assert!(response.status == 400 && error.contains(expected), "{fault}: {error}");
    }
    let listed = control(&sandbox, "GET /_sandbox/faults", &Value::Null).json();
    assert_eq!(listed, json!({"faults": []}));
}

#[tokio::test]
async fn the_control_interface_does_what_the_library_does() {
    let sandbox = Checked::with(Sandbox::builder().clock(1_700_000_000_000));
    let client = client_without_retries(&sandbox);
    client.users().create("alice").password("1").await.unwrap();
    let response = control(&sandbox, "POST /_sandbox/clock", &json!({"advance_ms": 5000}));
    assert_eq!(response.json(), json!({"now_ms": 1_700_000_005_000_i64}));

    let saved = control(&sandbox, "GET /_sandbox/state", &Value::Null).json();
    assert_eq!(control(&sandbox, "POST /_sandbox/reset", &Value::Null).status, 200);
    assert!(sandbox.calls().is_empty());
    assert!(client.users().get("alice").await.unwrap_err().is_not_found());
    assert_eq!(control(&sandbox, "PUT /_sandbox/state", &saved).status, 200);
    assert_eq!(client.users().get("alice").await.unwrap().username.as_str(), "alice");

    assert_eq!(
        control(&sandbox, "POST /_sandbox/expire-tokens", &Value::Null).status,
        200
    );
    client.users().get("alice").await.unwrap();
    assert_eq!(sandbox.calls().operation("users.get").status(401).len(), 2);

    let about = control(&sandbox, "GET /_sandbox/", &Value::Null);
    assert!(about.body.contains("`POST /_sandbox/faults`"));
    let errors = [
        ("GET /_sandbox/cals", 404, "expected one of /_sandbox/, /_sandbox/calls"),
        ("DELETE /_sandbox/clock", 405, "expected POST"),
        ("POST /_sandbox/clock", 400, "advance_ms"),
        ("PUT /_sandbox/state", 400, "not a saved state"),
        ("GET /_sandbox/calls?status=x", 400, "expected a number"),
        (
            "GET /_sandbox/calls?state=4",
            400,
            "expected after, limit, operation, status or watch",
        ),
    ];
    for (line, status, message) in errors {
        let response = control(&sandbox, line, &json!({"x": 1}));
        assert_eq!(response.status, status, "{line}");
        assert!(
            response.json()["error"].as_str().unwrap().contains(message),
            "{response:?}"
        );
    }
}

#[test]
fn settings_can_be_changed_while_the_server_runs() {
    let builder = Sandbox::builder().set("plan", "professional").unwrap();
    let sandbox = Checked::with(builder.set("forbidden_words", "[\"tea\"]").unwrap());
    let read = || control(&sandbox, "GET /_sandbox/settings", &Value::Null).json();
    let first = read();
    assert_eq!(first["plan"], "professional");
    assert_eq!(first["forbidden_words"], json!(["tea"]));
    let changed = control(
        &sandbox,
        "POST /_sandbox/settings",
        &json!({"plan": "free", "threads": false}),
    );
    assert_eq!((changed.status, changed.json()), (200, read()));
    assert_eq!(read()["plan"], "free");
    assert_eq!(read()["forbidden_words"], json!(["tea"]));
    for (change, expected) in [
        (json!({"plna": "free"}), "unknown field `plna`, expected one of `plan`"),
        (json!({"plan": "fre"}), "unknown variant `fre`, expected one of `free`"),
        (json!({"threads": "maybe"}), "expected a boolean"),
        (json!(["plan"]), "the body is not valid"),
    ] {
        let response = control(&sandbox, "POST /_sandbox/settings", &change);
        let error = response.json()["error"].as_str().unwrap().to_owned();
        assert!(response.status == 400 && error.contains(expected), "{change}: {error}");
    }
    assert_eq!(read()["threads"], false);
    sandbox.reset();
    assert_eq!(read(), first);
    let wrong = Sandbox::builder().set("plna", "free").unwrap_err();
    assert!(wrong.to_string().contains("unknown field `plna`"), "{wrong}");
}

#[test]
fn web_pages_of_other_origins_cannot_control_the_server() {
    let sandbox = Checked::start();
    for headers in [
        "origin: https://example.com\r\n",
        "origin: null\r\n",
        "sec-fetch-site: cross-site\r\n",
    ] {
        assert_eq!(
            send(&sandbox, "POST /_sandbox/reset", headers, b"").status,
            403,
            "{headers}"
        );
    }
    let mut stream = connect(&sandbox);
    stream
        .write_all(b"GET /_sandbox/state HTTP/1.1\r\nhost: rebound.example.com\r\nconnection: close\r\n\r\n")
        .unwrap();
    assert_eq!(receive(&stream).status, 403);
    assert_eq!(
        send(&sandbox, "POST /_sandbox/reset", "origin: http://localhost\r\n", b"").status,
        200
    );
}

#[tokio::test]
async fn a_state_file_survives_the_server() {
    let folder = std::env::temp_dir().join(format!("sandbox-state-{}", std::process::id()));
    std::fs::create_dir_all(&folder).unwrap();
    let file = folder.join("state.json");
    let start = || Checked::with(Sandbox::builder().state_file(&file));
    let sandbox = start();
    let client = sandbox.client().unwrap();
    client.users().create("alice").password("1").await.unwrap();
    let group = client.groups().create("alice", true).await.unwrap();
    sandbox.stop().unwrap();

    let sandbox = start();
    let client = sandbox.client().unwrap();
    client.users().create("bob").password("1").await.unwrap();
    client
        .group_members()
        .add(group.group_id.as_str(), "bob")
        .await
        .unwrap();
    drop(sandbox);
    let names: Vec<_> = std::fs::read_dir(&folder)
        .unwrap()
        .map(|entry| entry.unwrap().file_name())
        .collect();
    assert_eq!(names, ["state.json"]);

    std::fs::write(&file, "{}").unwrap();
    let error = Sandbox::builder().state_file(&file).start().unwrap_err();
    assert!(
        error.to_string().contains("state.json: this is not a saved state"),
        "{error}"
    );
    std::fs::remove_dir_all(&folder).unwrap();
}

#[test]
fn wrong_apps_are_rejected_at_the_start() {
    let start = |apps: &[&[&str]]| {
        let builder = apps.iter().fold(Sandbox::builder(), |builder, app| {
            builder.app(app.iter().copied(), None::<String>)
        });
        builder.start().map(drop).unwrap_err().to_string()
    };
    assert_eq!(start(&[&["acme"]]), "the app `acme` must have 2 parts");
    assert_eq!(
        start(&[&["acme", ""]]),
        "the app `acme/` has a part that is empty or reserved"
    );
    assert_eq!(
        start(&[&["_sandbox", "a"]]),
        "the app `_sandbox/a` has a part that is empty or reserved"
    );
    assert_eq!(start(&[&["a", "b"], &["a", "b"]]), "the app `a/b` is listed twice");
}

#[test]
fn path_tricks_are_client_errors() {
    let sandbox = Checked::start();
    let token = authorization(&sandbox);
    let long = format!("/acme/support/users/{}", "a".repeat(60_000));
    let cases = [
        ("/acme/support/users/..", 404),
        ("/acme/support/users/%2e%2e", 404),
        ("/acme/support/users/a%2fb", 404),
        ("/acme/support/users/%00", 404),
        ("/acme/support/users/%ff%zz", 404),
        ("/acme//users/a", 404),
        ("//users/a", 404),
        ("/%5fsandbox/state", 404),
        ("/acme/../_sandbox/state", 404),
        // The service is documented to respond like this to unknown paths.
        ("/acme/support/users/a/", 500),
        (&long, 404),
    ];
    for (path, status) in cases {
        let response = send(&sandbox, &format!("GET {path}"), &token, b"");
        let known = status == 404 && (400..500).contains(&response.status);
        assert!(known || response.status == status, "{path}: {response:?}");
        response.json();
    }
    assert_eq!(
        send(&sandbox, &format!("GET /{}", "a".repeat(70_000)), "", b"").status,
        414
    );
}

#[test]
fn large_slow_and_malformed_bodies_get_an_error() {
    let sandbox = Checked::with(Sandbox::builder().read_timeout(Duration::from_millis(300)));
    let token = authorization(&sandbox);
    let json = format!("content-type: application/json\r\n{token}");
    let nested = "[".repeat(200_000);
    assert_eq!(
        send(&sandbox, "POST /acme/support/users", &json, nested.as_bytes()).status,
        400
    );
    let unions = format!("{}1{}", "{\"msg\":".repeat(100_000), "}".repeat(100_000));
    assert_eq!(
        send(&sandbox, "POST /acme/support/messages/users", &json, unions.as_bytes()).status,
        400
    );

    let large = vec![b' '; 100 * 1024 * 1024];
    let response = send(&sandbox, "POST /acme/support/users", &json, &large);
    assert_eq!(response.status, 413, "{}", response.head);
    // A rejected token must be reported, too, although the body is not needed.
    let response = send(
        &sandbox,
        "POST /acme/support/users",
        "content-type: application/json\r\n",
        &large,
    );
    assert_eq!(response.status, 401, "{}", response.head);

    let mut slow = connect(&sandbox);
    let head = format!("POST /acme/support/users HTTP/1.1\r\nhost: localhost\r\n{json}content-length: 100\r\n\r\n{{");
    slow.write_all(head.as_bytes()).unwrap();
    let response = receive(&slow);
    assert_eq!(response.status, 400);
    assert!(response.body.contains("did not arrive in time"), "{}", response.body);

    let bodies = [
        "",
        "--x",
        "--x\r\n\r\n",
        "--x\r\ncontent-disposition: form-data; name=\"file\"\r\n\r\nabc",
        "--x--",
    ];
    for body in bodies {
        let headers = format!("content-type: multipart/form-data; boundary=x\r\n{token}");
        let response = send(&sandbox, "POST /acme/support/chatfiles", &headers, body.as_bytes());
        assert!((400..500).contains(&response.status), "{body:?}: {response:?}");
    }
    let headers = format!("content-type: multipart/form-data\r\n{token}");
    let response = send(&sandbox, "POST /acme/support/chatfiles", &headers, b"x");
    assert!((400..500).contains(&response.status), "{response:?}");
}

#[tokio::test]
async fn malformed_requests_do_not_stop_the_server() {
    let sandbox = Checked::start();
    for bytes in [
        &b"\x16\x03\x01\x02\x00"[..],
        b"GET\r\n\r\n",
        b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n",
        b"\r\n\r\n\0\0",
    ] {
        let mut stream = connect(&sandbox);
        stream.write_all(bytes).unwrap();
        stream.shutdown(Shutdown::Write).unwrap();
        drop(stream.read(&mut [0; 16]));
    }
    let client = client_without_retries(&sandbox);
    client.users().create("alice").password("1").await.unwrap();
}

#[test]
fn the_credentials_are_those_of_the_first_app() {
    let builder = Sandbox::builder().app(["acme", "one"], ["id", "secret"]);
    let sandbox = Checked::with(builder.app(["acme", "two"], ["other", "other"]));
    assert_eq!(sandbox.credentials(), ["id", "secret"]);
    assert_eq!(
        Checked::start().credentials(),
        ["example-client-id", "example-client-secret"]
    );
}

/// A program that waits for this variable may close the output then.
#[test]
fn the_base_url_is_printed_last() {
    let sandbox = Checked::start();
    assert_eq!(sandbox.environment().last().map(|(name, _)| *name), Some("BASE_URL"));
}

#[tokio::test]
async fn the_page_and_what_it_shows() {
    let sandbox = Checked::start();
    let page = send(&sandbox, "GET /", "", b"");
    assert_eq!(page.status, 200);
    let policy = page.head.split_once("script-src 'nonce-").unwrap().1;
    let (nonce, _) = policy.split_once('\'').unwrap();
    assert_eq!(page.body.matches(&format!("nonce=\"{nonce}\"")).count(), 2);
    assert!(!page.body.contains("innerHTML") && !page.body.contains("{nonce}"));

    let client = sandbox.client().unwrap();
    client.users().create("alice").password("1").await.unwrap();
    let text = easemob::types::TextBody::new("<b>hello</b>");
    client
        .messages()
        .send_to_users(["bob"], text)
        .from("alice")
        .await
        .unwrap();
    let overview = control(&sandbox, "GET /_sandbox/overview", &Value::Null).json();
    assert_eq!(overview["apps"][0]["tables"][0]["rows"][0][0], "alice");
    let conversation = &overview["apps"][0]["conversations"][0];
    assert_eq!(conversation["title"], "alice, bob");
    assert_eq!(conversation["messages"][0]["text"], "<b>hello</b>");
}

/// Starts the program, and returns it with the variables that it prints, as a shell reads them.
#[cfg(unix)]
fn run_program(state: &Path) -> (Child, Vec<String>) {
    let mut program = Command::new(env!("CARGO_BIN_EXE_easemob-sandbox"))
        .args([
            "--port",
            "0",
            "--app",
            "acme/chat",
            "--credentials",
            "an id,it's $HOME",
            "--state",
        ])
        .arg(state)
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    // The program prints twelve lines and keeps its output open.
    let script = "for i in 1 2 3 4 5 6 7 8 9 10 11 12; do read -r line; eval \"$line\"; done
        printf '%s\n' \"$EASEMOB_BASE_URL\" \"$EASEMOB_ORG\" \"$EASEMOB_APP\" \"$EASEMOB_CLIENT_ID\" \"$EASEMOB_CLIENT_SECRET\" \"$BASE_URL\"";
    let output = Command::new("sh")
        .args(["-c", script])
        .stdin(program.stdout.take().unwrap())
        .output()
        .unwrap();
    let values = String::from_utf8(output.stdout).unwrap();
    (program, values.lines().map(str::to_owned).collect())
}

#[cfg(unix)]
#[tokio::test]
async fn the_program_saves_its_state_when_it_is_stopped() {
    let folder = std::env::temp_dir().join(format!("sandbox-program-{}", std::process::id()));
    std::fs::create_dir_all(&folder).unwrap();
    for signal in ["-TERM", "-INT"] {
        let (mut program, values) = run_program(&folder.join("state.json"));
        let base_url = format!("{}/acme/chat", values[0]);
        assert_eq!(values[1..], ["acme", "chat", "an id", "it's $HOME", &base_url]);
        let builder = Client::builder("acme", "chat").base_url(&values[0]);
        let client = builder
            .credentials(values[3].as_str(), values[4].as_str())
            .build()
            .unwrap();
        if signal == "-TERM" {
            client.users().create("alice").password("1").await.unwrap();
        } else {
            client.users().get("alice").await.unwrap();
        }
        let stopped = Command::new("kill").arg(signal).arg(program.id().to_string()).status();
        assert!(stopped.unwrap().success());
        assert!(program.wait().unwrap().success());
    }
    std::fs::remove_dir_all(folder).unwrap();
}
