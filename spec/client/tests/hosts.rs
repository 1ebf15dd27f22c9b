//! Failover between hosts.

#![cfg(feature = "client")]
#![allow(clippy::expect_used, clippy::panic, reason = "a test fails by panicking")]

mod support;

use std::time::Duration;

use easemob::{Client, DataCenter, Error, ErrorKind, File};
use support::{Server, unreachable_url};

const USERS: &str = "/acme/support/users";
const USER: &str = r#"{"entities":[{"uuid":"u1","username":"alice"}]}"#;

fn client(urls: &[String]) -> Client {
    support::over!(Client::builder("acme", "support"))
        .base_urls(urls)
        .no_proxy()
        .token("t")
        .build()
        .expect("a client")
}

/// Advances the paused clock.
async fn pass(time: Duration) {
    tokio::time::pause();
    tokio::time::advance(time).await;
    tokio::time::resume();
}

#[tokio::test]
async fn unsent_requests_go_to_the_next_host() -> Result<(), Error> {
    let server = Server::replay(200, USER).await;
    let client = client(&[unreachable_url(), unreachable_url(), server.url()]);
    // Registering is not idempotent, and is sent once.
    client.users().create("alice").await?;
    assert_eq!(server.count(USERS), 1);
    client.users().create("alice").await?;
    assert_eq!(server.count(USERS), 2);
    Ok(())
}

#[tokio::test]
async fn the_first_host_is_used_again_when_it_is_back() -> Result<(), Error> {
    let second = Server::replay(200, USER).await;
    let url = unreachable_url();
    let client = client(&[url.clone(), second.url()]);
    client.users().create("alice").await?;

    let address = url.trim_start_matches("http://");
    let first = tokio::net::TcpListener::bind(address).await.expect("the port is free");
    let accepted = tokio::spawn(async move { first.accept().await.expect("a connection").0 });
    client.users().create("alice").await?;
    assert_eq!(second.count(USERS), 2);
    assert!(!accepted.is_finished());

    pass(Duration::from_secs(300)).await;
    let call = tokio::spawn(async move { client.users().create("alice").await });
    drop(accepted.await.expect("no panic"));
    let error = call.await.expect("no panic").expect_err("the connection breaks");
    // The request may have been sent, so it goes to no other host.
    assert_eq!(error.kind(), ErrorKind::Interrupted, "{error}");
    assert_eq!(second.count(USERS), 2);
    Ok(())
}

#[tokio::test]
async fn an_error_response_does_not_lead_to_another_host() {
    let first = Server::replay(503, "down").await;
    let second = Server::replay(200, USER).await;
    let client = client(&[first.url(), second.url()]);
    let error = client.users().create("alice").await.expect_err("an error");
    assert_eq!(error.status().map(|status| status.as_u16()), Some(503));
    assert!(second.seen().is_empty());
}

#[tokio::test]
async fn without_a_host_the_call_fails() {
    let client = client(&[unreachable_url(), unreachable_url()]);
    for _ in 0..3 {
        let error = client.users().create("alice").await.expect_err("no server");
        assert!(error.is_connect(), "{error}");
    }
}

#[tokio::test]
async fn a_reader_is_not_sent_twice() -> Result<(), Error> {
    let server = Server::replay(200, r#"{"entities":[{"uuid":"f1"}]}"#).await;
    let client = client(&[unreachable_url(), server.url()]);
    let file = || File::reader("a.txt", std::io::Cursor::new("content"));
    let error = client.messages().upload_file(file()).await.expect_err("it is used up");
    assert!(error.is_connect(), "{error}");
    // The next call starts with the other host.
    client.messages().upload_file(file()).await?;
    assert_eq!(server.seen().len(), 1);
    Ok(())
}

#[test]
fn every_base_url_is_validated() {
    let build = |urls: &[&str]| {
        let builder = support::over!(Client::builder("acme", "support")).base_urls(urls.iter().copied());
        builder.build().map(drop)
    };
    assert!(build(&["https://a.example", "https://b.example"]).is_ok());
    for (urls, expected) in [
        (
            &["https://a.example", "http://b.example"][..],
            "the base URL is not encrypted",
        ),
        (&[], "no server is set"),
    ] {
        let error = build(urls).expect_err(expected);
        assert!(error.to_string().starts_with(expected), "{error}");
    }
    let builder = support::over!(Client::builder("acme", "support")).data_center(DataCenter::China1);
    let shown = format!("{builder:?}");
    assert!(
        DataCenter::China1.urls().iter().all(|url| shown.contains(url)),
        "{shown}"
    );
}

/// A host that accepts no connections: it does not respond, but nothing was sent to it.
#[cfg(target_os = "linux")]
#[tokio::test]
async fn an_unreachable_host_is_left_even_with_a_short_timeout() -> Result<(), Error> {
    let socket = tokio::net::TcpSocket::new_v4().expect("a socket");
    socket.bind("127.0.0.1:0".parse().expect("an address")).expect("a port");
    let full = socket.listen(0).expect("a listener");
    let address = full.local_addr().expect("an address");
    let mut waiting = Vec::new();
    while let Ok(stream) =
        tokio::time::timeout(Duration::from_millis(100), tokio::net::TcpStream::connect(address)).await
    {
        waiting.push(stream);
    }
    let server = Server::replay(200, USER).await;
    let client =
        support::over!(Client::builder("acme", "support")).base_urls([format!("http://{address}"), server.url()]);
    let client = client
        .no_proxy()
        .token("t")
        .read_timeout(Duration::from_millis(500))
        .build()?;
    client.users().create("alice").await?;
    assert_eq!(server.count(USERS), 1);
    Ok(())
}
