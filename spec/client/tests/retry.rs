//! Retries.

#![cfg(feature = "client")]
#![allow(clippy::expect_used, clippy::panic, reason = "a test fails by panicking")]

#[path = "support/script.rs"]
mod script;
mod support;

use std::time::{Duration, Instant};

use easemob::types::TextBody;
use easemob::{Builder, CallOptions, Client, Error, ErrorKind, RetryPolicy};
use script::{Act, Script};
use support::unreachable_url;

const USER: &str = r#"{"entities":[{"uuid":"u1","username":"alice"}]}"#;
const SENT: &str = r#"{"data":{"bob":"1"}}"#;
const REACHED: &str = r#"{"error":"reach_limit","error_description":"slow down"}"#;

fn quick() -> RetryPolicy {
    RetryPolicy::new().base_delay(Duration::from_millis(2))
}

fn builder(server: &Script) -> Builder {
    support::over!(Client::builder("acme", "support"))
        .base_url(server.url())
        .no_proxy()
        .token("fixed")
        .retry(quick())
}

fn client(server: &Script) -> Client {
    builder(server).build().expect("a client")
}

async fn send(client: &Client) -> Result<(), Error> {
    let content = TextBody::new("hi");
    client.messages().send_to_users(["bob"], content).await.map(|_| ())
}

/// Temporary failures that the sandbox cannot simulate.
fn faults() -> Vec<Act> {
    vec![
        Act::error(500, "oops"),
        Act::error(502, "<html>"),
        Act::error(503, "{}"),
        Act::error(504, ""),
        Act::error(429, "busy"),
        Act::Reset(Vec::new()),
        Act::Reset(b"HTTP/1.1 200 OK\r\ncontent-le".to_vec()),
        Act::Raw(b"HTTP/1.1 200".to_vec()),
        Act::Raw(Act::wire(500, "{\"entities\"")),
        Act::Stall(Act::wire(500, "{\"entities\"")),
    ]
}

#[tokio::test]
async fn idempotent_requests_are_retried() -> Result<(), Error> {
    for fault in faults() {
        let shown = format!("{fault:?}");
        let server = Script::run(move |number, _| if number < 2 { fault.clone() } else { Act::ok(USER) }).await;
        let client = builder(&server).read_timeout(Duration::from_millis(200)).build()?;
        let response = client.users().get("alice").send().await?;
        assert_eq!(
            (response.value.username.as_str(), server.count()),
            ("alice", 3),
            "{shown}"
        );
        assert_eq!(response.raw().attempts(), 3);
        client.users().list().await?;
        assert_eq!(server.count(), 4);
    }
    Ok(())
}

#[tokio::test]
async fn a_message_is_never_sent_twice() {
    for fault in faults() {
        let shown = format!("{fault:?}");
        let server = Script::run(move |_, _| fault.clone()).await;
        let client = builder(&server).read_timeout(Duration::from_millis(200)).build();
        let error = send(&client.expect("a client")).await.expect_err("a fault");
        assert_eq!((server.count(), error.attempts()), (1, 1), "{shown}: {error}");
        assert_eq!(error.operation(), Some("messages.send_to_users"));
    }
}

#[tokio::test]
async fn unsent_requests_are_retried() {
    let client = support::over!(Client::builder("acme", "support"))
        .base_url(unreachable_url())
        .no_proxy()
        .token("t")
        .retry(quick().max_attempts(4))
        .build()
        .expect("a client");
    let error = send(&client).await.expect_err("no server");
    assert_eq!((error.kind(), error.attempts()), (ErrorKind::Connect, 4));
}

#[tokio::test]
async fn the_caller_may_allow_retries_after_a_429() -> Result<(), Error> {
    for (status, body, attempts) in [(429, REACHED, 2), (429, "{}", 1), (503, "{}", 1), (403, REACHED, 1)] {
        let server = Script::run(move |number, _| match number {
            0 => Act::error(status, body),
            _ => Act::ok(SENT),
        })
        .await;
        let client = builder(&server).retry(quick().retry_rate_limited(true)).build()?;
        let outcome = send(&client).await;
        assert_eq!(
            (outcome.is_ok(), server.count()),
            (attempts > 1, attempts),
            "{status} {body}"
        );
    }
    Ok(())
}

#[tokio::test]
async fn permanent_errors_are_not_retried() {
    for (act, kind) in [
        (Act::error(400, "{}"), ErrorKind::Rejected),
        (Act::error(404, "{}"), ErrorKind::NotFound),
        (
            Act::error(429, r#"{"error":"resource_limited"}"#),
            ErrorKind::RateLimited,
        ),
        (Act::error(500, r#"{"error":"web_application"}"#), ErrorKind::Server),
        (Act::error(501, "{}"), ErrorKind::Server),
        (Act::ok("not JSON"), ErrorKind::Decode),
    ] {
        let server = Script::run(move |_, _| act.clone()).await;
        let error = client(&server).users().get("alice").await.expect_err("an error");
        assert_eq!(
            (error.kind(), server.count(), error.attempts()),
            (kind, 1, 1),
            "{error}"
        );
    }
}

#[tokio::test]
async fn retry_after_is_respected() -> Result<(), Error> {
    let server = Script::run(|number, _| match number {
        0 => Act::Respond(503, &[("retry-after", "1")], String::new()),
        _ => Act::ok(USER),
    })
    .await;
    let start = Instant::now();
    client(&server).users().get("alice").await?;
    assert!(start.elapsed() >= Duration::from_secs(1) && server.count() == 2);
    // A date is compared with the server's clock.
    let date = &[
        ("retry-after", "Wed, 21 Oct 2015 07:28:01 GMT"),
        ("date", "Wed, 21 Oct 2015 07:28:00 GMT"),
    ];
    let server = Script::run(move |number, _| match number {
        0 => Act::Respond(429, date, String::new()),
        _ => Act::ok(USER),
    })
    .await;
    let start = Instant::now();
    client(&server).users().get("alice").await?;
    assert!(start.elapsed() >= Duration::from_secs(1) && server.count() == 2);
    // The client neither waits for an hour, nor retries before it is over.
    let server = Script::run(|_, _| Act::Respond(503, &[("retry-after", "3600")], String::new())).await;
    let start = Instant::now();
    let error = client(&server).users().get("alice").await.expect_err("an error");
    assert!(start.elapsed() < Duration::from_secs(10) && server.count() == 1);
    assert_eq!(error.retry_after(), Some(Duration::from_secs(3600)));
    Ok(())
}

#[tokio::test]
async fn the_timeout_applies_to_waits_and_bodies() {
    // A delay that would exceed the timeout is not started.
    let server = Script::run(|_, _| Act::Respond(503, &[("retry-after", "20")], String::new())).await;
    let patient = client(&server).with(CallOptions::new().timeout(Duration::from_secs(10)));
    let start = Instant::now();
    let error = patient.users().get("alice").await.expect_err("an error");
    assert!(start.elapsed() < Duration::from_secs(5));
    assert_eq!((error.kind(), error.attempts()), (ErrorKind::Server, 1));
    // The timeout includes a slow body.
    let server = Script::run(|_, _| Act::Stall(Act::wire(500, "{"))).await;
    let hurried = client(&server).with(CallOptions::new().timeout(Duration::from_millis(200)));
    let error = hurried.users().get("alice").await.expect_err("late");
    assert_eq!(
        (error.kind(), error.attempts(), server.count()),
        (ErrorKind::Timeout, 1, 1)
    );
}
