//! Custom HTTP clients.

#![cfg(feature = "client")]
#![allow(clippy::expect_used, clippy::panic, reason = "a test fails by panicking")]

mod support;

use std::sync::{Arc, Mutex};
use std::time::Duration;

use bytes::Bytes;
use easemob::transport::{Body, Transport, TransportFuture};
use easemob::types::TextBody;
use easemob::{Builder, Client, Error, ErrorKind, File, RetryPolicy};
use http::{Request, Response, StatusCode};
use http_body_util::{BodyExt, Full};

const USER: &str = r#"{"entities":[{"uuid":"u1","username":"alice"}]}"#;

/// What a transport gives for a request.
type Outcome = Result<Response<Body>, Error>;

/// A transport without a network: one outcome for each request, and the requests in return.
#[derive(Clone, Default)]
struct Double {
    outcomes: Arc<Mutex<Vec<Outcome>>>,
    requests: Arc<Mutex<Vec<(String, Bytes)>>>,
}

impl Double {
    fn new(outcomes: impl IntoIterator<Item = Outcome>) -> Self {
        let mut outcomes: Vec<_> = outcomes.into_iter().collect();
        outcomes.reverse();
        Self {
            outcomes: Arc::new(Mutex::new(outcomes)),
            requests: Arc::default(),
        }
    }

    fn requests(&self) -> Vec<(String, Bytes)> {
        self.requests.lock().expect("no panic").clone()
    }

    fn builder(&self) -> Builder {
        Client::builder("acme", "support")
            .base_url("https://a.example")
            .token("t")
            .retry(RetryPolicy::new().base_delay(Duration::from_millis(1)))
            .transport(self.clone())
    }
}

impl Transport for Double {
    fn send(&self, request: Request<Body>) -> TransportFuture {
        let this = self.clone();
        Box::pin(async move {
            let (head, body) = request.into_parts();
            let line = format!("{} {}", head.method, head.uri);
            let body = body.collect().await?.to_bytes();
            this.requests.lock().expect("no panic").push((line, body));
            this.outcomes.lock().expect("no panic").pop().expect("another outcome")
        })
    }
}

#[allow(clippy::unnecessary_wraps, reason = "it stands next to failures")]
fn ok(body: &'static str) -> Outcome {
    Ok(Response::new(body.into()))
}

fn failed(kind: ErrorKind) -> Outcome {
    Err(Error::transport(kind, "as scripted"))
}

#[tokio::test]
async fn a_double_needs_no_network() -> Result<(), Error> {
    let double = Double::new([
        ok(USER),
        Ok(Response::new(Body::new(Full::from(USER)))),
        ok(r#"{"data":{"bob":"1"}}"#),
    ]);
    let client = double.builder().build()?;
    assert_eq!(client.users().get("alice").await?.username.as_str(), "alice");
    assert_eq!(client.users().get("alice").await?.username.as_str(), "alice");
    client.messages().send_to_users(["bob"], TextBody::new("hi")).await?;
    let requests = double.requests();
    assert_eq!(requests[0].0, "GET https://a.example/acme/support/users/alice");
    assert!(requests[0].1.is_empty());
    assert_eq!(requests[2].0, "POST https://a.example/acme/support/messages/users");
    assert!(requests[2].1.starts_with(b"{"), "{:?}", requests[2].1);
    Ok(())
}

#[tokio::test]
async fn the_kind_of_a_failure_decides_on_retries() -> Result<(), Error> {
    for (kind, retried, unclear) in [
        (ErrorKind::Connect, true, false),
        (ErrorKind::Refused, true, false),
        (ErrorKind::Unsendable, false, false),
        (ErrorKind::Timeout, false, true),
        (ErrorKind::Interrupted, false, true),
        // Not the failure of a transport.
        (ErrorKind::Decode, false, true),
    ] {
        // A message, which is not idempotent.
        let double = Double::new([failed(kind), failed(kind), failed(kind)]);
        let client = double.builder().build()?;
        let sent = client.messages().send_to_users(["bob"], TextBody::new("hi")).await;
        let error = sent.expect_err("a failure");
        assert_eq!(error.attempts(), if retried { 3 } else { 1 }, "{kind}");
        assert_eq!(error.may_have_taken_effect(), unclear, "{kind}");
    }
    Ok(())
}

#[tokio::test]
async fn uploads_and_downloads_go_through_the_transport() -> Result<(), Error> {
    let broken = futures_util::stream::iter([Ok(Bytes::from("half")), Err(std::io::Error::other("gone"))]);
    let broken = http_body_util::StreamBody::new(futures_util::StreamExt::map(broken, |piece| {
        piece.map(hyper::body::Frame::data)
    }));
    let uploaded = r#"{"entities":[{"uuid":"f1"}]}"#;
    let double = Double::new([ok(uploaded), ok("content"), Ok(Response::new(Body::new(broken)))]);
    let client = double.builder().build()?;
    client.messages().upload_file(File::bytes("a.txt", "some text")).await?;
    let sent = String::from_utf8_lossy(&double.requests()[0].1).into_owned();
    assert!(sent.contains("a.txt") && sent.contains("some text"), "{sent}");
    assert_eq!(client.messages().download_file("f1").await?.bytes().await?, "content");
    let error = client
        .messages()
        .download_file("f1")
        .await?
        .bytes()
        .await
        .expect_err("broken");
    assert_eq!(error.kind(), ErrorKind::Interrupted);
    Ok(())
}

#[tokio::test(start_paused = true)]
async fn timeouts_apply_to_every_transport() -> Result<(), Error> {
    struct Silent;
    impl Transport for Silent {
        fn send(&self, _: Request<Body>) -> TransportFuture {
            Box::pin(std::future::pending())
        }
    }
    let client = Double::default()
        .builder()
        .transport(Silent)
        .retry(RetryPolicy::off())
        .build()?;
    let start = tokio::time::Instant::now();
    assert_eq!(
        client.users().get("alice").await.expect_err("silent").kind(),
        ErrorKind::Timeout
    );
    assert_eq!(start.elapsed(), Duration::from_secs(30));
    Ok(())
}

/// A service in front of another transport, such as those of tower.
#[tokio::test]
async fn transports_can_be_layered() -> Result<(), Error> {
    struct Throttled<T>(T);
    impl<T: Transport> Transport for Throttled<T> {
        fn send(&self, request: Request<Body>) -> TransportFuture {
            if request.method() == "POST" {
                let mut response = Response::new(r#"{"error":"x"}"#.into());
                *response.status_mut() = StatusCode::TOO_MANY_REQUESTS;
                return Box::pin(async { Ok(response) });
            }
            self.0.send(request)
        }
    }
    let double = Double::new([ok(USER)]);
    let client = double.builder().transport(Throttled(double.clone())).build()?;
    client.users().get("alice").await?;
    let error = client.users().create("alice").await.expect_err("throttled");
    assert!(error.is_rate_limited());
    Ok(())
}

#[cfg(not(feature = "reqwest"))]
#[test]
fn without_an_http_client_there_is_an_error() {
    let built = Client::builder("acme", "support")
        .base_url("https://a.example")
        .token("t")
        .build();
    let text = built.expect_err("no HTTP client").to_string();
    for part in ["`hyper`", "`transport`", "feature `reqwest`"] {
        assert!(text.contains(part), "{text}");
    }
}

#[cfg(feature = "reqwest")]
#[tokio::test]
async fn a_reqwest_client_is_shared_and_not_changed() -> Result<(), Error> {
    let server = support::Server::replay(200, r#"{"entities":[]}"#).await;
    let http = reqwest::Client::builder()
        .no_proxy()
        .user_agent("our-team/1")
        .build()
        .expect("an HTTP client");
    let builder = |org: &str| {
        Client::builder(org, "support")
            .base_url(server.url())
            .token("fixed")
            .transport(http.clone())
    };
    builder("acme").build()?.users().list().await?;
    builder("other").user_agent("me/1").build()?.users().list().await?;
    let seen = server.seen();
    assert_eq!(seen[0].path(), "/acme/support/users");
    assert_eq!(seen[1].path(), "/other/support/users");
    assert_eq!(seen[0].header("user-agent"), "our-team/1");
    assert_eq!(seen[1].header("user-agent"), "me/1");
    assert!(seen.iter().all(|seen| seen.header("authorization") == "Bearer fixed"));
    Ok(())
}
