//! Spans and events of calls.

#![cfg(feature = "tracing")]
#![allow(clippy::expect_used, clippy::panic, reason = "a test fails by panicking")]

#[path = "support/script.rs"]
mod script;
mod support;

use std::io;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use easemob::{Client, Error, RetryPolicy};
use script::{Act, Script};
use support::unreachable_url;
use tracing::subscriber::DefaultGuard;
use tracing_subscriber::fmt::format::FmtSpan;

const USER: &str = r#"{"entities":[{"uuid":"u1","username":"alice"}]}"#;

/// The output so far.
#[derive(Clone, Default)]
struct Log(Arc<Mutex<Vec<u8>>>);

impl Log {
    fn text(&self) -> String {
        String::from_utf8(self.0.lock().expect("no panic").clone()).expect("text")
    }
}

impl io::Write for Log {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.lock().expect("no panic").extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

/// Records the events of this thread from now on.
fn record() -> (Log, DefaultGuard) {
    let log = Log::default();
    let writer = log.clone();
    let subscriber = tracing_subscriber::fmt()
        .with_ansi(false)
        .with_span_events(FmtSpan::CLOSE)
        .with_writer(move || writer.clone())
        .finish();
    (log, tracing::subscriber::set_default(subscriber))
}

fn port(url: &str) -> &str {
    url.rsplit(':').next().unwrap_or_default()
}

#[tokio::test]
async fn a_span_has_the_last_host() -> Result<(), Error> {
    let (log, _guard) = record();
    let nobody = unreachable_url();
    let server = Script::run(|_, _| Act::ok(USER)).await;
    let client = support::over!(Client::builder("acme", "support"))
        .base_urls([nobody.clone(), server.url()])
        .no_proxy()
        .token("t")
        .build()?;
    client.users().get("alice").await?;
    client.users().get("alice").await?;
    let log = log.text();
    let ports: Vec<Vec<_>> = log
        .lines()
        .map(|line| {
            let fields = line.split([' ', '{', '}']);
            fields.filter_map(|field| field.strip_prefix("server.port=")).collect()
        })
        .collect();
    // The last value of a field is valid.
    let (first, second) = (port(&nobody), server.url());
    assert_eq!(ports, [vec![first, port(&second)], vec![port(&second)]], "{log}");
    Ok(())
}

#[tokio::test]
async fn a_call_is_a_span_without_secrets() -> Result<(), Error> {
    let (log, _guard) = record();
    let server = Script::run(|number, _| match number {
        0 => Act::error(503, "private"),
        1 => Act::ok(USER),
        _ => Act::error(
            404,
            r#"{"error":"service_resource_not_found","error_description":"private"}"#,
        ),
    })
    .await;
    let client = support::over!(Client::builder("acme", "support"))
        .base_url(server.url())
        .no_proxy()
        .token("hunter2")
        .retry(RetryPolicy::new().base_delay(Duration::from_millis(2)))
        .build()?;
    client.users().get("private").await?;
    client
        .users()
        .update_password("private", "hunter2")
        .await
        .expect_err("an error");

    let log = log.text();
    let lines: Vec<_> = log.lines().collect();
    let [retry, first, second] = lines.as_slice() else {
        panic!("{log}")
    };
    for (line, expected) in [
        (*retry, vec!["WARN", "retrying", "attempt=1", "error.type=\"503\""]),
        (
            first,
            vec![
                "operation=\"users.get\"",
                "http.request.method=\"GET\"",
                "url.template=/{org_name}/{app_name}/users/{username}",
                "server.address=\"127.0.0.1\"",
                "http.response.status_code=200",
                "http.request.resend_count=1",
                "attempts=2",
                "duration_ms=",
                "otel.name=GET /{org_name}/{app_name}/users/{username}",
            ],
        ),
        (
            second,
            vec![
                "operation=\"users.update_password\"",
                "http.response.status_code=404",
                "error.type=\"404\"",
                "attempts=1",
                "otel.status_code=\"ERROR\"",
            ],
        ),
    ] {
        for part in expected {
            assert!(line.contains(part), "{part} in {line}");
        }
        assert!(line.contains(&format!("server.port={}", port(&server.url()))), "{line}");
    }
    assert!(
        !second.contains("resend_count") && !first.contains("error.type"),
        "{log}"
    );
    for secret in ["hunter2", "private", "alice"] {
        assert!(!log.contains(secret), "{log}");
    }
    Ok(())
}

#[tokio::test]
async fn a_call_ends_when_its_result_is_decoded() -> Result<(), Error> {
    let (log, _guard) = record();
    let server = Script::run(|_, _| Act::ok("<html>")).await;
    let client = support::over!(Client::builder("acme", "support"))
        .base_url(server.url())
        .no_proxy();
    let client = client.token("t").build()?;
    client.users().get("alice").await.expect_err("no JSON");
    let mut list = client.users().list().stream();
    list.try_next().await.expect_err("no JSON");
    let log = log.text();
    let spans: Vec<_> = log.lines().filter(|line| line.contains("close")).collect();
    assert_eq!(spans.len(), 2, "{log}");
    for span in spans {
        for field in [
            "http.response.status_code=200",
            r#"error.type="decode""#,
            r#"otel.status_code="ERROR""#,
        ] {
            assert!(span.contains(field), "{field} is not in {span}");
        }
    }
    Ok(())
}

#[tokio::test]
async fn a_dropped_call_is_cancelled() -> Result<(), Error> {
    let (log, _guard) = record();
    let server = Script::run(|_, _| Act::Stall(Vec::new())).await;
    let client = support::over!(Client::builder("acme", "support"))
        .base_url(server.url())
        .no_proxy();
    let client = client.token("t").build()?;
    let given_up = tokio::time::timeout(Duration::from_millis(100), client.users().get("alice")).await;
    assert!(given_up.is_err());
    let log = log.text();
    assert!(
        log.contains(r#"error.type="cancelled""#) && log.contains("duration_ms="),
        "{log}"
    );
    Ok(())
}

#[tokio::test]
async fn a_server_cannot_inject_log_lines() -> Result<(), Error> {
    let (log, _guard) = record();
    let body = format!(r#"{{"error":"x\nERROR forged{}"}}"#, "y".repeat(10_000));
    let server = Script::run(move |_, _| Act::error(503, &body)).await;
    let client = support::over!(Client::builder("acme", "support"))
        .base_url(server.url())
        .no_proxy();
    let client = client
        .token("t")
        .retry(RetryPolicy::new().base_delay(Duration::ZERO))
        .build()?;
    client.users().get("alice").await.expect_err("down");
    let log = log.text();
    assert!(log.contains("retrying"), "{log}");
    assert!(
        log.lines().all(|line| !line.starts_with("ERROR") && line.len() < 2000),
        "{log}"
    );
    Ok(())
}
