//! Lookup of hosts.

#![cfg(feature = "client")]
#![allow(clippy::expect_used, clippy::panic, reason = "a test fails by panicking")]

mod support;

use std::time::Duration;

use easemob::hosts::Lookup;
use easemob::{Builder, Client, Error, ErrorKind, RetryPolicy};
use support::{Server, json_response};

const HOSTS: &str = r#"{"rest":{"hosts":[
    {"protocol":"http","domain":"a.example","port":80},
    {"protocol":"https","domain":"a.example","port":443},
    {"protocol":"https","ip":"192.0.2.1","port":8443}
]},"im":{}}"#;

fn lookup(server: &Server) -> Lookup {
    Lookup::new("acme", "support").service(format!("{}/server.json", server.url()))
}

fn builder() -> Builder {
    let quick = RetryPolicy::new().base_delay(Duration::from_millis(2));
    support::over!(Client::builder("acme", "support"))
        .no_proxy()
        .token("t")
        .retry(quick)
}

#[tokio::test]
async fn hosts_are_looked_up_by_the_app_key() -> Result<(), Error> {
    let server = Server::replay(200, HOSTS).await;
    let urls = lookup(&server).find_with(builder()).await?;
    assert_eq!(urls, ["https://a.example", "https://192.0.2.1:8443"]);
    let seen = server.seen();
    assert_eq!(seen.len(), 1);
    assert_eq!(seen[0].method, "GET");
    assert_eq!(seen[0].target, "/server.json?app_key=acme%23support");
    assert_eq!(seen[0].header("authorization"), "");
    let lookup = Lookup::new("my-org", "my_app").service(server.url());
    lookup.find_with(builder()).await?;
    assert_eq!(server.seen()[1].target, "/?app_key=my-org%23my_app");
    support::over!(Client::builder("acme", "support"))
        .base_urls(urls)
        .build()?;
    Ok(())
}

#[tokio::test]
async fn a_lookup_can_fail() {
    for (status, body, expected) in [
        (404, String::new(), ErrorKind::NotFound),
        (503, String::new(), ErrorKind::Server),
        (200, "<html>".to_owned(), ErrorKind::Decode),
        (200, r#"{"rest":{}}"#.to_owned(), ErrorKind::Decode),
        (200, r#"{"rest":{"hosts":[]}}"#.to_owned(), ErrorKind::Decode),
        (200, " ".repeat(100_000), ErrorKind::TooLong),
    ] {
        let server = Server::with(move |_| json_response(status, body.clone())).await;
        let error = lookup(&server).find_with(builder()).await.expect_err("it fails");
        assert_eq!(error.kind(), expected, "{error}");
        // Retried, as the lookup is idempotent.
        assert_eq!(error.attempts(), if status == 503 { 3 } else { 1 }, "{error}");
    }
    let server = Server::replay(200, r#"{"rest":{"hosts":[{"protocol":"http","domain":"a"}]}}"#).await;
    let error = lookup(&server).find_with(builder()).await.expect_err("no host");
    let text = error.to_string();
    assert!(text.contains("rest.hosts") && text.contains("supports https"), "{text}");
}

#[tokio::test]
async fn only_a_trusted_service_is_asked() {
    for service in ["http://a.example/x", "ftp://localhost", "a.example", ""] {
        let error = Lookup::new("a", "b")
            .service(service)
            .find()
            .await
            .expect_err("an error");
        assert_eq!(error.kind(), ErrorKind::Config, "{service}: {error}");
    }
    // Regardless of the builder's settings.
    let lookup = Lookup::new("a", "b").service("http://a.example/x");
    let error = lookup
        .find_with(builder().allow_http(true))
        .await
        .expect_err("an error");
    assert!(error.to_string().contains("not encrypted"), "{error}");
}

#[cfg(feature = "blocking")]
#[tokio::test(flavor = "multi_thread")]
async fn hosts_are_looked_up_without_async() -> Result<(), Error> {
    let server = Server::replay(200, HOSTS).await;
    let lookup = lookup(&server);
    let urls = tokio::task::spawn_blocking(move || lookup.find_blocking_with(builder()));
    assert_eq!(urls.await.expect("no panic")?.len(), 2);
    Ok(())
}
