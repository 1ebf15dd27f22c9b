//! A local HTTP server that records the requests it receives.

#![allow(dead_code, reason = "each test uses a part of it")]
#![allow(clippy::expect_used, clippy::panic, reason = "a test fails by panicking")]

mod peer;

use std::convert::Infallible;
use std::net::SocketAddr;
use std::sync::{Arc, Mutex, PoisonError};

use bytes::Bytes;
use http::{HeaderMap, Request, Response};
use http_body_util::{BodyExt, Full};
use hyper::body::Incoming;
use hyper::service::service_fn;
use hyper_util::rt::TokioIo;
use serde::Serialize;
use serde_json::Value;
use tokio::net::TcpListener;

pub(crate) use peer::Example;
use peer::Peer;

/// Selects the HTTP client for the tests: reqwest, or hyper without the feature `reqwest`.
#[allow(unused_macros, reason = "each test uses a part of it")]
macro_rules! over {
    ($builder:expr) => {{
        let builder = $builder;
        #[cfg(all(feature = "hyper", not(feature = "reqwest")))]
        let builder = builder.hyper();
        builder
    }};
}
#[allow(unused_imports, reason = "each test uses a part of it")]
pub(crate) use over;

/// A received request.
#[derive(Debug, Clone)]
pub(crate) struct Seen {
    pub(crate) method: String,
    /// Path and query, still encoded.
    pub(crate) target: String,
    pub(crate) headers: HeaderMap,
    pub(crate) body: Bytes,
}

impl Seen {
    /// Returns the text of a header; empty if there is none.
    pub(crate) fn header(&self, name: &str) -> &str {
        self.headers
            .get(name)
            .map_or("", |value| value.to_str().unwrap_or_default())
    }

    /// Returns the path, still encoded.
    pub(crate) fn path(&self) -> &str {
        self.target.split('?').next().unwrap_or_default()
    }
}

/// The expected body of a request.
#[derive(Debug)]
pub(crate) enum Sent {
    Nothing,
    /// Compared as JSON.
    Json(Value),
    /// Compared field by field, in any order.
    Form(Vec<(String, String)>),
    /// Compared part by part.
    Multipart(Vec<Part>),
}

impl Sent {
    pub(crate) fn json(text: &str) -> Self {
        Self::Json(json(text))
    }

    pub(crate) fn form(text: &str) -> Self {
        Self::Form(pairs(text.as_bytes()))
    }

    pub(crate) fn multipart(parts: impl Into<Vec<Part>>) -> Self {
        Self::Multipart(parts.into())
    }
}

/// A part of a multipart form.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Part {
    name: String,
    filename: Option<String>,
    content_type: Option<String>,
    content: Bytes,
}

impl Part {
    pub(crate) fn text(name: &str, content: &str) -> Self {
        Self {
            name: name.to_owned(),
            filename: None,
            content_type: None,
            content: content.to_owned().into(),
        }
    }

    pub(crate) fn file(name: &str, filename: &str, content_type: Option<&str>, content: &str) -> Self {
        Self {
            filename: Some(filename.to_owned()),
            content_type: content_type.map(str::to_owned),
            ..Self::text(name, content)
        }
    }
}

/// A server on a free local port that runs until the end of the test.
#[derive(Debug)]
pub(crate) struct Server {
    address: SocketAddr,
    seen: Arc<Mutex<Vec<Seen>>>,
}

impl Server {
    /// Sends the same response to every request.
    pub(crate) async fn replay(status: u16, body: impl Into<Bytes>) -> Self {
        let body = body.into();
        Self::with(move |_| json_response(status, body.clone())).await
    }

    /// Sends the response of an example, or that of the mock server if there is one. `base` is the path prefix of all routes.
    pub(crate) async fn example(base: &'static str, example: Example) -> Self {
        let Some(peer) = Peer::from_env().map(Arc::new) else {
            return Self::replay(example.status, example.response).await;
        };
        Self::start(move |seen| {
            let peer = Arc::clone(&peer);
            async move { peer.respond(base, &example, &seen).await }
        })
        .await
    }

    /// Sends the responses that `handler` returns.
    pub(crate) async fn with(handler: impl Fn(&Seen) -> Response<Full<Bytes>> + Send + Sync + 'static) -> Self {
        Self::start(move |seen| std::future::ready(handler(&seen))).await
    }

    async fn start<F>(handler: impl Fn(Seen) -> F + Send + Sync + 'static) -> Self
    where
        F: Future<Output = Response<Full<Bytes>>> + Send + 'static,
    {
        let seen = Arc::new(Mutex::new(Vec::new()));
        let (record, handler) = (Arc::clone(&seen), Arc::new(handler));
        let address = serve(move |request| {
            let (record, handler) = (Arc::clone(&record), Arc::clone(&handler));
            async move {
                let (head, body) = request.into_parts();
                let seen = Seen {
                    method: head.method.to_string(),
                    target: head.uri.to_string(),
                    headers: head.headers,
                    body: body
                        .collect()
                        .await
                        .map(http_body_util::Collected::to_bytes)
                        .unwrap_or_default(),
                };
                let response = handler(seen.clone()).await;
                record.lock().unwrap_or_else(PoisonError::into_inner).push(seen);
                response
            }
        })
        .await;
        Self { address, seen }
    }

    /// Returns the base URL.
    pub(crate) fn url(&self) -> String {
        format!("http://{}", self.address)
    }

    pub(crate) fn address(&self) -> SocketAddr {
        self.address
    }

    /// Returns the requests so far.
    pub(crate) fn seen(&self) -> Vec<Seen> {
        self.seen.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// Returns the number of requests with this path.
    pub(crate) fn count(&self, path: &str) -> usize {
        self.seen().iter().filter(|seen| seen.path() == path).count()
    }

    /// Asserts that exactly one request was received, with these properties. Other headers are not checked.
    #[track_caller]
    pub(crate) fn assert_sent(&self, method: &str, target: &str, headers: &[(&str, &str)], body: &Sent) {
        let all = self.seen();
        let [seen] = all.as_slice() else {
            panic!("expected one request, got {}", all.len())
        };
        assert_eq!(seen.method, method);
        assert_eq!(seen.target, target);
        for (name, value) in headers {
            assert_eq!(seen.header(name), *value, "header {name}");
        }
        assert_body(seen, body);
    }
}

#[track_caller]
fn assert_body(seen: &Seen, body: &Sent) {
    let media_type = seen.header("content-type");
    match body {
        Sent::Nothing => {
            assert_eq!(media_type, "");
            assert_eq!(seen.body, Bytes::new());
        }
        Sent::Json(expected) => {
            assert_eq!(media_type, "application/json");
            let sent: Value = serde_json::from_slice(&seen.body).expect("JSON");
            assert_eq!(plain(sent), plain(expected.clone()));
        }
        Sent::Form(expected) => {
            assert_eq!(media_type, "application/x-www-form-urlencoded");
            let (mut sent, mut expected) = (pairs(&seen.body), expected.clone());
            sent.sort();
            expected.sort();
            assert_eq!(sent, expected);
        }
        Sent::Multipart(expected) => {
            let boundary = media_type
                .strip_prefix("multipart/form-data; boundary=")
                .expect("a boundary");
            assert_eq!(parts(&seen.body, boundary), *expected);
        }
    }
}

/// Asserts that a value serializes to this JSON document.
#[track_caller]
pub(crate) fn assert_keeps(value: &impl Serialize, expected: &str) {
    let value = serde_json::to_value(value).expect("JSON");
    assert_eq!(plain(value), plain(json(expected)));
}

/// Asserts that a call failed with this status and code; an empty code stands for none.
#[track_caller]
pub(crate) fn assert_rejected<E: std::error::Error + 'static>(outcome: Result<(), E>, status: u16, code: &str) {
    let error = outcome.expect_err("an error response");
    let shown = error.to_string();
    assert!(shown.contains(&status.to_string()), "{shown}");
    assert!(shown.contains(code), "{shown}");
}

/// Returns a JSON response.
pub(crate) fn json_response(status: u16, body: impl Into<Bytes>) -> Response<Full<Bytes>> {
    let mut response = Response::new(Full::new(body.into()));
    *response.status_mut() = http::StatusCode::from_u16(status).expect("a status");
    response
}

/// Returns a URL with a port that nothing listens on.
pub(crate) fn unreachable_url() -> String {
    let listener = std::net::TcpListener::bind("127.0.0.1:0").expect("a free port");
    format!("http://{}", listener.local_addr().expect("an address"))
}

/// Serves on a free local port, without recording requests.
pub(crate) async fn serve<F, B>(handler: impl Fn(Request<Incoming>) -> F + Send + Sync + 'static) -> SocketAddr
where
    F: Future<Output = Response<B>> + Send + 'static,
    B: hyper::body::Body<Data = Bytes, Error: std::error::Error + Send + Sync> + Send + 'static,
{
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a free port");
    let address = listener.local_addr().expect("an address");
    let handler = Arc::new(handler);
    tokio::spawn(async move {
        while let Ok((stream, _)) = listener.accept().await {
            let handler = Arc::clone(&handler);
            tokio::spawn(async move {
                let service = service_fn(move |request| {
                    let response = handler(request);
                    async move { Ok::<_, Infallible>(response.await) }
                });
                // A client may close the connection at any time.
                let _ = hyper::server::conn::http1::Builder::new()
                    .serve_connection(TokioIo::new(stream), service)
                    .await;
            });
        }
    });
    address
}

fn json(text: &str) -> Value {
    serde_json::from_str(text).expect("JSON")
}

/// Writes `1.0` as `1`, since JSON has only one kind of number.
fn plain(document: Value) -> Value {
    match document {
        Value::Number(number) => match number.as_f64().filter(|_| number.is_f64()) {
            Some(float) => json(&float.to_string()),
            None => Value::Number(number),
        },
        Value::Array(items) => items.into_iter().map(plain).collect(),
        Value::Object(entries) => entries.into_iter().map(|(key, value)| (key, plain(value))).collect(),
        other => other,
    }
}

fn pairs(encoded: &[u8]) -> Vec<(String, String)> {
    form_urlencoded::parse(encoded).into_owned().collect()
}

/// Parses a multipart body strictly.
fn parts(body: &[u8], boundary: &str) -> Vec<Part> {
    let mut parts = Vec::new();
    let mut rest = body
        .strip_prefix(format!("--{boundary}").as_bytes())
        .expect("the first boundary");
    let delimiter = format!("\r\n--{boundary}");
    while let Some(part) = rest.strip_prefix(b"\r\n") {
        let end = find(part, delimiter.as_bytes()).expect("the next boundary");
        parts.push(part_of(&part[..end]));
        rest = &part[end + delimiter.len()..];
    }
    assert_eq!(rest, b"--\r\n", "the last boundary");
    parts
}

fn part_of(part: &[u8]) -> Part {
    let head = find(part, b"\r\n\r\n").expect("headers of a part");
    let text = std::str::from_utf8(&part[..head]).expect("UTF-8");
    let mut found = Part {
        content: Bytes::copy_from_slice(&part[head + 4..]),
        ..Part::text("", "")
    };
    for line in text.split("\r\n") {
        match line.split_once(": ").expect("a header") {
            ("Content-Disposition", value) => {
                let value = value
                    .strip_prefix("form-data; name=\"")
                    .and_then(|value| value.strip_suffix('"'));
                let (name, filename) = match value.expect("a name").split_once("\"; filename=\"") {
                    Some((name, filename)) => (name, Some(filename.replace("%22", "\""))),
                    None => (value.expect("a name"), None),
                };
                name.clone_into(&mut found.name);
                found.filename = filename;
            }
            ("Content-Type", value) => found.content_type = Some(value.to_owned()),
            (name, _) => panic!("unexpected header {name}"),
        }
    }
    found
}

fn find(text: &[u8], wanted: &[u8]) -> Option<usize> {
    text.windows(wanted.len()).position(|window| window == wanted)
}
