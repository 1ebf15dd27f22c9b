//! Runs every example that calls the API against a local server, as a user would.

#![cfg(feature = "client")]
#![allow(clippy::expect_used, clippy::panic, reason = "a test fails by panicking")]

#[path = "support/programs.rs"]
mod programs;
mod support;

use std::path::Path;
use std::process::{Command, Stdio};

use http::Response;
use http_body_util::Full;
use support::{Seen, Server, json_response};

const USERS: &str = r#"{"entities":[{"uuid":"u1","username":"alice"},{"uuid":"u2","username":"bob"}]}"#;

const HISTORY: &str = r#"{"msg_id":"1","timestamp":1718323260400,"chat_type":"chat","payload":{"bodies":[]}}
{"msg_id""#;

fn app(seen: &Seen) -> Response<Full<bytes::Bytes>> {
    let path = seen.path().strip_prefix("/acme/support").unwrap_or_default();
    let body = match (seen.method.as_str(), path) {
        ("GET", "") => HISTORY,
        ("POST", "/token") => r#"{"access_token":"t1","expires_in":3600,"application":"a1"}"#,
        _ if seen.header("authorization") != "Bearer t1" => return json_response(401, r#"{"error":"unauthorized"}"#),
        ("POST" | "GET", "/users") | ("GET", "/users/alice" | "/users/bob") => USERS,
        ("GET", "/chatgroups/user/alice" | "/chatgroups/user/bob") => {
            r#"{"entities":[{"id":"251","name":"Lunch"},{"id":"253","name":"Tea"}],"total":2}"#
        }
        ("POST", "/messages/users") => r#"{"data":{"alice":"m1"}}"#,
        ("POST", "/chatfiles") => r#"{"entities":[{"uuid":"f1","type":"chatfile","share-secret":"s1"}]}"#,
        ("GET", "/chatfiles/f1") => "a plan",
        ("GET", "/chatmessages/2024061408") => {
            let url = format!("http://{}/2024061408", seen.header("host"));
            return json_response(200, format!(r#"{{"data":[{{"url":"{url}"}}]}}"#));
        }
        ("POST", "/chatgroups") => r#"{"data":{"groupid":"251"}}"#,
        ("POST", "/chatgroups/251/users/carol") => {
            r#"{"data":{"result":true,"action":"add_member","groupid":"251","user":"carol"}}"#
        }
        ("GET", "/chatgroups/251/users") if seen.target.contains("pagenum=2") => r#"{"data":[]}"#,
        ("GET", "/chatgroups/251/users") => r#"{"data":[{"owner":"alice"},{"member":"bob"}]}"#,
        ("POST", "/chatrooms") => r#"{"data":{"id":"252"}}"#,
        ("POST", "/chatrooms/252/users") => r#"{"data":{"newmembers":["bob"],"action":"add_member","id":"252"}}"#,
        ("POST", "/chatrooms/252/announcement") => r#"{"data":{"id":"252","result":true}}"#,
        ("POST", "/messages/chatrooms") => r#"{"data":{"252":"m2"}}"#,
        ("DELETE", "/chatrooms/252") => r#"{"data":{"success":true,"id":"252"}}"#,
        ("DELETE", "/chatgroups/251") => r#"{"data":{"success":true,"groupid":"251"}}"#,
        _ => return json_response(404, "{}"),
    };
    json_response(200, body)
}

/// A proxy that does not exist. Requests to the local machine must not use it, except those of a client of the example's own.
fn proxies(name: &str) -> [(&'static str, &'static str); 3] {
    let excepted = if name == "ureq" { "127.0.0.1" } else { "" };
    [
        ("http_proxy", "http://127.0.0.1:9"),
        ("no_proxy", excepted),
        ("NO_PROXY", excepted),
    ]
}

/// Returns the output of an example, which was built with the tests or is built now.
fn run(server: &Server, folder: &Path, name: &str, arguments: &[&str]) -> String {
    let done = Command::new(env!("CARGO"))
        .args(["run", "--quiet", "--manifest-path"])
        .arg(concat!(env!("CARGO_MANIFEST_DIR"), "/Cargo.toml"))
        .args(cfg!(any(feature = "blocking", feature = "user-token")).then_some("--all-features"))
        .args(["--example", name, "--"])
        .args(arguments)
        .current_dir(folder)
        .stdin(Stdio::null())
        .envs([
            ("EASEMOB_ORG", "acme"),
            ("EASEMOB_APP", "support"),
            ("EASEMOB_CLIENT_ID", "id"),
            ("EASEMOB_CLIENT_SECRET", "secret"),
            ("EASEMOB_BASE_URL", &server.url()),
        ])
        .envs(proxies(name))
        .output()
        .expect("cargo runs");
    let errors = String::from_utf8_lossy(&done.stderr);
    assert!(done.status.success(), "{name} fails: {errors}");
    String::from_utf8(done.stdout).expect("text")
}

#[tokio::test(flavor = "multi_thread")]
async fn every_example_runs() {
    let folder = std::env::temp_dir().join(format!("examples-{}", std::process::id()));
    std::fs::create_dir_all(&folder).expect("a folder");
    std::fs::write(folder.join("plan.pdf"), "a plan").expect("a file");
    let server = Server::with(app).await;
    let mut examples = vec![
        ("quickstart", &["alice", "plan.pdf"][..], "uploaded f1"),
        ("register_users", &["alice", "bob"], "registered bob as u2"),
        ("send_message", &["alice", "plan.pdf"], "image m1 to alice"),
        ("concurrent", &["alice", "bob"], "2 groups"),
        (
            "upload_download",
            &["plan.pdf", "copy.pdf"],
            "downloaded 6 bytes to copy.pdf",
        ),
        ("list_users", &[], "2 users"),
        ("groups", &["alice", "bob", "carol"], "deleted group 251"),
        ("chat_room", &["alice", "bob"], "closed room 252"),
        ("history", &["2024061408"], "line 2: invalid JSON"),
        ("ureq", &["alice"], "registered alice as u1"),
    ];
    if cfg!(feature = "blocking") {
        examples.push(("blocking", &["alice", "f1"], "6 bytes"));
    }
    if cfg!(feature = "user-token") {
        examples.push(("user_token", &["alice"], "computed locally"));
    }
    for (name, arguments, expected) in &examples {
        let printed = run(&server, &folder, name, arguments);
        assert!(printed.contains(expected), "{name} prints {printed}");
    }
    let copy = std::fs::read(folder.join("copy.pdf")).expect("a copy");
    std::fs::remove_dir_all(&folder).expect("the folder");
    assert_eq!(copy, b"a plan");

    // All examples are listed.
    let (clients, _) = programs::clients_and_servers(concat!(env!("CARGO_MANIFEST_DIR"), "/examples"));
    let left_out = [cfg!(feature = "blocking"), cfg!(feature = "user-token")].map(|on| usize::from(!on));
    assert_eq!(examples.len() + left_out.iter().sum::<usize>(), clients.len());
}
