//! A second opinion: a server that knows the API from its `OpenAPI` document alone, and checks against it what it is sent.
//!
//! Where `OPENAPI_PEER` has the URL of such a server, the examples are answered by it rather than by the spec.

use std::env;
use std::fs::OpenOptions;
use std::io::Write;
use std::path::PathBuf;
use std::time::Duration;

use bytes::Bytes;
use http::{HeaderMap, HeaderValue, Request, Response, header};
use http_body_util::{BodyExt, Full};
use hyper::body::Incoming;
use hyper::client::conn::http1::handshake;
use hyper_util::rt::TokioIo;
use tokio::net::TcpStream;
use tokio::time::timeout;

use super::Seen;

/// The base URL, without a path.
const PEER: &str = "OPENAPI_PEER";
/// A file that gets a line for each request that the peer accepted: the method, the path of the document, the example.
const LOG: &str = "OPENAPI_PEER_LOG";
const LIMIT: Duration = Duration::from_secs(60);

/// An example of the spec, by what the `OpenAPI` document calls it.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Example {
    /// Method and path: `GET /users/{name}`.
    pub(crate) route: &'static str,
    pub(crate) name: &'static str,
    pub(crate) status: u16,
    pub(crate) answer: &'static str,
}

/// Where the peer is.
#[derive(Debug)]
pub(crate) struct Peer {
    /// `127.0.0.1:4010`
    authority: String,
    log: Option<PathBuf>,
}

impl Peer {
    pub(crate) fn from_env() -> Option<Self> {
        let url = env::var(PEER).ok()?;
        let authority = url.trim_end_matches('/').strip_prefix("http://");
        Some(Self {
            authority: authority.expect("an URL of http").to_owned(),
            log: env::var_os(LOG).map(PathBuf::from),
        })
    }

    /// Sends on what the client sent, without the base path, and gives back the answer that the peer has for the example.
    /// What the peer objects to fails the test.
    pub(crate) async fn answer(&self, base: &str, example: &Example, seen: &Seen) -> Response<Full<Bytes>> {
        let request = self.request(base, example, seen);
        let answer = timeout(LIMIT, self.exchange(request)).await.expect("an answer in time");
        assert_accepted(example, seen, &answer);
        self.log(example);
        let mut response = Response::new(Full::new(answer.body().clone()));
        *response.status_mut() = answer.status();
        if let Some(media_type) = answer.headers().get(header::CONTENT_TYPE) {
            response.headers_mut().insert(header::CONTENT_TYPE, media_type.clone());
        }
        response
    }

    fn request(&self, base: &str, example: &Example, seen: &Seen) -> Request<Full<Bytes>> {
        let value = |text: &str| HeaderValue::from_str(text).expect("a header");
        let target = seen.target.strip_prefix(base).expect("the base path");
        let mut request = Request::new(Full::new(seen.body.clone()));
        *request.method_mut() = seen.method.parse().expect("a method");
        *request.uri_mut() = target.parse().expect("a target");
        let headers = request.headers_mut();
        headers.clone_from(&seen.headers);
        // The body is in one piece now.
        headers.remove(header::TRANSFER_ENCODING);
        headers.insert(header::HOST, value(&self.authority));
        let prefer = format!("code={}, example={}", example.status, example.name);
        headers.insert("prefer", value(&prefer));
        request
    }

    /// One request on a connection of its own.
    async fn exchange(&self, request: Request<Full<Bytes>>) -> Response<Bytes> {
        let stream = TcpStream::connect(&self.authority).await.expect("the peer");
        let (mut sender, connection) = handshake(TokioIo::new(stream)).await.expect("HTTP");
        tokio::spawn(connection);
        let response: Response<Incoming> = sender.send_request(request).await.expect("an answer");
        let (head, body) = response.into_parts();
        Response::from_parts(head, body.collect().await.expect("a body").to_bytes())
    }

    fn log(&self, example: &Example) {
        let Some(log) = &self.log else { return };
        let line = format!("{} {}\n", example.route, example.name);
        let mut file = OpenOptions::new().append(true).create(true).open(log).expect("a log");
        // All of it at once, as other tests write to the same file.
        file.write_all(line.as_bytes()).expect("a line in the log");
    }
}

/// Objections are in an answer of their own kind, or beside the answer; either way they are about the request or the answer.
fn assert_accepted(example: &Example, seen: &Seen, answer: &Response<Bytes>) {
    let (status, headers) = (answer.status(), answer.headers());
    let text = String::from_utf8_lossy(answer.body());
    let objection = if header_text(headers, "content-type").starts_with("application/problem+json") {
        text.as_ref()
    } else {
        header_text(headers, "sl-violations")
    };
    let sent = String::from_utf8_lossy(&seen.body);
    let (name, method, target) = (example.name, &seen.method, &seen.target);
    assert!(
        objection.is_empty(),
        "{name}: {method} {target}\n{sent}\nis met with {status}\n{objection}"
    );
    assert_eq!(
        status, example.status,
        "{name}: {method} {target}\n{sent}\nis met with\n{text}"
    );
}

fn header_text<'a>(headers: &'a HeaderMap, name: &str) -> &'a str {
    headers.get(name).map_or("", |value| value.to_str().unwrap_or("?"))
}
