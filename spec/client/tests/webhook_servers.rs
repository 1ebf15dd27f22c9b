//! Runs the examples that receive webhooks, and sends them the example of every event, as the server would.

#![cfg(feature = "webhooks")]
#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::expect_used,
    reason = "a failed test panics"
)]

#[path = "webhook_examples/bodies.rs"]
mod bodies;
#[path = "support/programs.rs"]
mod programs;

use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpStream;
use std::process::{Child, Command, Stdio};
use std::sync::mpsc::{self, Receiver};
use std::thread;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use bytes::Bytes;
use easemob::types::BeforeSendingResponse;
use easemob::webhook::Event;
use md5::{Digest, Md5};
use serde_json::{Value, json};

const SECRET: &str = "example-secret";

/// A running example, which is stopped when this is dropped.
struct Server {
    process: Child,
    /// `127.0.0.1:PORT`.
    address: String,
    lines: Receiver<String>,
}

impl Server {
    /// Starts an example, which was built with the tests or is built now, on a free port.
    fn start(name: &str) -> Self {
        let mut process = Command::new(env!("CARGO"))
            .args(["run", "--quiet", "--all-features", "--manifest-path"])
            .args([concat!(env!("CARGO_MANIFEST_DIR"), "/Cargo.toml"), "--example", name])
            .envs([("EASEMOB_WEBHOOK_SECRET", SECRET), ("EASEMOB_WEBHOOK_PORT", "0")])
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .spawn()
            .expect("cargo runs");
        let output = BufReader::new(process.stdout.take().unwrap());
        let (sender, lines) = mpsc::channel();
        thread::spawn(move || {
            output
                .lines()
                .map_while(Result::ok)
                .try_for_each(|line| sender.send(line))
        });
        let mut server = Self {
            process,
            address: String::new(),
            lines,
        };
        // Building takes a while. If it fails, there is no line.
        let first = server.lines.recv().expect("the server starts");
        let address = first
            .strip_prefix("listening on http://")
            .and_then(|url| url.strip_suffix("/webhooks"));
        address.expect(&first).clone_into(&mut server.address);
        server
    }

    /// Sends a body. Returns the status and the body of the response.
    fn post(&self, body: &[u8]) -> (u16, String) {
        let mut stream = TcpStream::connect(&self.address).unwrap();
        stream.set_read_timeout(Some(Duration::from_secs(30))).unwrap();
        let (host, length) = (&self.address, body.len());
        write!(
            stream,
            "POST /webhooks HTTP/1.1\r\nhost: {host}\r\nconnection: close\r\ncontent-length: {length}\r\n\r\n"
        )
        .unwrap();
        // A server need not read all of a large body, nor close the connection cleanly.
        let _ = stream.write_all(body);
        let mut response = Vec::new();
        let _ = stream.read_to_end(&mut response);
        let response = String::from_utf8(response).unwrap();
        let (head, body) = response.split_once("\r\n\r\n").expect("a response");
        let status = head.split(' ').nth(1).unwrap().parse().unwrap();
        (status, body.to_owned())
    }

    fn send(&self, body: &Value) -> (u16, String) {
        self.post(body.to_string().as_bytes())
    }

    #[track_caller]
    fn assert_status(&self, body: &Value, expected: u16) {
        let (status, response) = self.send(body);
        assert_eq!(status, expected, "{body}: {response}");
        assert!(response.len() <= 1000, "{response}");
    }

    /// Returns the lines that the server has printed since the last call.
    fn printed(&self) -> Vec<String> {
        // Events are handled in order, so this one is the last.
        let last = format!("last-{}", millis());
        let mut body: Value = serde_json::from_str(bodies::MESSAGE).unwrap();
        body["callId"] = last.as_str().into();
        body["from"] = last.as_str().into();
        self.assert_status(&sign(body, SECRET), 200);
        let mut lines = Vec::new();
        loop {
            let line = self.lines.recv_timeout(Duration::from_secs(30)).expect("a line");
            if line.contains(&last) {
                return lines;
            }
            lines.push(line);
        }
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

/// Returns the current time.
fn millis() -> u64 {
    let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap();
    now.as_millis().try_into().unwrap()
}

/// Sets the time to the current one, and signs the body if it has a signature.
fn sign(mut body: Value, secret: &str) -> Value {
    let now = millis();
    body["timestamp"] = now.into();
    if body.get("security").is_some() {
        let text = format!("{}{secret}{now}", body["callId"].as_str().unwrap());
        body["security"] = format!("{:x}", Bytes::copy_from_slice(&Md5::digest(text))).into();
    }
    body
}

/// Returns the example of every event, signed now.
fn examples() -> Vec<Value> {
    let bodies = bodies::all().iter().map(|body| serde_json::from_str(body).unwrap());
    bodies.map(|body| sign(body, SECRET)).collect()
}

fn asks_for_decision(body: &Value) -> bool {
    matches!(Event::parse(body.to_string().as_bytes()), Ok(Event::BeforeSending(_)))
}

fn each_event_is_accepted_and_handled_once(server: &Server) {
    let (questions, events): (Vec<_>, Vec<_>) = examples().into_iter().partition(asks_for_decision);
    for body in &events {
        server.assert_status(body, 200);
    }
    assert_eq!(server.printed().len(), events.len());
    for body in &events {
        server.assert_status(body, 200);
    }
    // Without an ID, a repeated delivery cannot be recognized.
    let without_id = events.iter().filter(|body| body.get("callId").is_none());
    let printed = server.printed();
    assert!(
        printed.iter().all(|line| line.starts_with("unverified: ")),
        "{printed:?}"
    );
    assert_eq!(printed.len(), without_id.count());
    // The server waits for each decision.
    for body in questions.iter().chain(&questions) {
        let (status, response) = server.send(body);
        assert_eq!(status, 200, "{body}");
        let decision: BeforeSendingResponse = serde_json::from_str(&response).unwrap();
        assert_eq!(decision.valid, !body.to_string().contains("Buy now"), "{body}");
    }
    assert_eq!(server.printed().len(), 2 * questions.len());
}

fn forged_webhooks_are_rejected(server: &Server) {
    let (signed, unsigned): (Vec<_>, Vec<_>) = examples().into_iter().partition(|body| body.get("security").is_some());
    for body in signed {
        let with = |key: &str, value: Value| {
            let mut body = body.clone();
            body[key] = value;
            body
        };
        server.assert_status(&with("callId", "forged".into()), 401);
        server.assert_status(&with("timestamp", 1_718_409_640_102_u64.into()), 401);
        server.assert_status(&sign(body.clone(), "another-secret"), 401);
    }
    let mut message: Value = serde_json::from_str(bodies::MESSAGE).unwrap();
    message["security"] = Value::Null;
    server.assert_status(&message, 401);
    // These are never signed, but a signature must be right.
    assert!(!unsigned.is_empty());
    for mut body in unsigned {
        body["callId"] = "forged".into();
        body["security"] = "0cc175b9c0f1b6a831c399e269772661".into();
        server.assert_status(&body, 401);
    }
    assert_eq!(server.printed(), Vec::<String>::new());
}

/// Anyone can send an unsigned webhook with the ID of another one.
fn unsigned_webhooks_cannot_suppress_others(server: &Server) {
    let mut unsigned = sign(serde_json::from_str(bodies::THREAD_CHANGED).unwrap(), SECRET);
    let mut signed: Value = serde_json::from_str(bodies::MESSAGE).unwrap();
    for body in [&mut unsigned, &mut signed] {
        body["callId"] = "acme#support_suppressed".into();
    }
    server.assert_status(&unsigned, 200);
    server.assert_status(&sign(signed, SECRET), 200);
    let printed = server.printed();
    assert!(
        matches!(&printed[..], [first, second] if first.contains("unverified") && second.contains("wrote to")),
        "{printed:?}"
    );
}

fn unreadable_bodies_are_rejected(server: &Server) {
    for body in [&b""[..], b"garbage", b"{\"callId\":", b"\xff\xfe"] {
        assert_eq!(server.post(body).0, 400, "{body:?}");
    }
    let malformed = json!({"callId": "malformed", "eventType": "moderation", "security": "", "moderationResult": []});
    server.assert_status(&sign(malformed, SECRET), 400);
    let largest = 1024 * 1024;
    assert_eq!(server.post(&vec![b' '; largest]).0, 400);
    assert_eq!(server.post(&vec![b' '; largest + 1]).0, 413);
    assert_eq!(server.printed(), Vec::<String>::new());
}

fn check(name: &str) {
    let server = Server::start(name);
    each_event_is_accepted_and_handled_once(&server);
    forged_webhooks_are_rejected(&server);
    unsigned_webhooks_cannot_suppress_others(&server);
    unreadable_bodies_are_rejected(&server);
}

#[test]
fn axum_receives_webhooks() {
    check("webhooks_axum");
}

#[test]
fn actix_receives_webhooks() {
    check("webhooks_actix");
}

#[test]
fn all_servers_are_tested() {
    let (_, servers) = programs::clients_and_servers(concat!(env!("CARGO_MANIFEST_DIR"), "/examples"));
    assert_eq!(servers, ["webhooks_actix", "webhooks_axum"]);
}
