//! Hosts that the lookup service knows.

#![cfg(feature = "reqwest")]
#![allow(clippy::expect_used, clippy::panic, reason = "a test fails by panicking")]

mod support;

use easemob::Client;
use easemob::hosts::{Lookup, LookupError};
use support::{Server, answer};

fn lookup(server: &Server) -> Lookup {
    let http = reqwest::Client::builder().no_proxy().build().expect("a client");
    Lookup::new("acme", "support")
        .service(format!("{}/server.json", server.url()))
        .reqwest_client(http)
}

#[tokio::test]
async fn hosts_are_looked_up_by_the_app_key() -> Result<(), Box<dyn std::error::Error>> {
    let server = Server::replay(
        200,
        r#"{"rest":{"hosts":[
            {"protocol":"http","domain":"a.example","port":80},
            {"protocol":"https","domain":"a.example","port":443},
            {"protocol":"https","ip":"192.0.2.1","port":8443}
        ]},"im":{}}"#,
    )
    .await;
    let urls = lookup(&server).find().await?;
    assert_eq!(urls, ["https://a.example", "https://192.0.2.1:8443"]);
    let seen = server.seen();
    assert_eq!(seen.len(), 1);
    assert_eq!(seen[0].method, "GET");
    assert_eq!(seen[0].target, "/server.json?app_key=acme%23support");
    Client::builder("acme", "support").base_urls(urls).build()?;
    Ok(())
}

#[tokio::test]
async fn a_lookup_can_fail() {
    for (status, body, expected) in [
        (404, String::new(), "404"),
        (200, "<html>".to_owned(), "unexpected answer"),
        (200, r#"{"rest":{"hosts":[]}}"#.to_owned(), "no https host"),
        (200, " ".repeat(100_000), "too long"),
    ] {
        let server = Server::with(move |_| answer(status, body.clone())).await;
        let error = lookup(&server).find().await.expect_err("it fails").to_string();
        assert!(error.contains(expected), "{error}");
    }
    let error = Lookup::new("a", "b").service("http://a.example").find().await;
    assert!(matches!(error, Err(LookupError::Service)));
}
