//! Checks requests against the `OpenAPI` document, by way of a mock server that knows only that document.
//!
//! If `OPENAPI_PEER` has the URL of such a server, the examples get its responses instead of those of the spec.

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

/// Variable with the base URL of the mock server, without a path.
const PEER: &str = "OPENAPI_PEER";
/// Variable with a file that gets a line for each accepted request: the method, the path of the document, the example.
const LOG: &str = "OPENAPI_PEER_LOG";
const LIMIT: Duration = Duration::from_secs(60);

/// An example of the spec, by its name in the `OpenAPI` document.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Example {
    /// Method and path: `GET /users/{name}`.
    pub(crate) route: &'static str,
    pub(crate) name: &'static str,
    pub(crate) status: u16,
    pub(crate) response: &'static str,
}

/// A mock server.
#[derive(Debug)]
pub(crate) struct Peer {
    /// Host and port, e.g. `127.0.0.1:4010`.
    authority: String,
    log: Option<PathBuf>,
}

impl Peer {
    pub(crate) fn from_env() -> Option<Self> {
        let url = env::var(PEER).ok()?;
        let authority = url.trim_end_matches('/').strip_prefix("http://");
        Some(Self {
            authority: authority.expect("an HTTP URL").to_owned(),
            log: env::var_os(LOG).map(PathBuf::from),
        })
    }

    /// Forwards a request without the base path and returns the mock server's response for the example. Fails the test if
    /// the mock server objects to the request.
    pub(crate) async fn respond(&self, base: &str, example: &Example, seen: &Seen) -> Response<Full<Bytes>> {
        let request = self.request(base, example, seen);
        let received = timeout(LIMIT, self.exchange(request))
            .await
            .expect("a response in time");
        assert_accepted(example, seen, &received);
        self.log(example);
        let mut response = Response::new(Full::new(received.body().clone()));
        *response.status_mut() = received.status();
        if let Some(media_type) = received.headers().get(header::CONTENT_TYPE) {
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
        // The body is complete now.
        headers.remove(header::TRANSFER_ENCODING);
        headers.insert(header::HOST, value(&self.authority));
        let prefer = format!("code={}, example={}", example.status, example.name);
        headers.insert("prefer", value(&prefer));
        request
    }

    /// Sends a request on a new connection.
    async fn exchange(&self, request: Request<Full<Bytes>>) -> Response<Bytes> {
        let stream = TcpStream::connect(&self.authority).await.expect("the peer");
        let (mut sender, connection) = handshake(TokioIo::new(stream)).await.expect("HTTP");
        tokio::spawn(connection);
        let response: Response<Incoming> = sender.send_request(request).await.expect("a response");
        let (head, body) = response.into_parts();
        Response::from_parts(head, body.collect().await.expect("a body").to_bytes())
    }

    fn log(&self, example: &Example) {
        let Some(log) = &self.log else { return };
        let line = format!("{} {}\n", example.route, example.name);
        let mut file = OpenOptions::new().append(true).create(true).open(log).expect("a log");
        // In one write, as other tests append to the same file.
        file.write_all(line.as_bytes()).expect("a line in the log");
    }
}

/// Fails if the response contains objections: as a problem document, or in a header.
fn assert_accepted(example: &Example, seen: &Seen, response: &Response<Bytes>) {
    let (status, headers) = (response.status(), response.headers());
    let text = String::from_utf8_lossy(response.body());
    let objection = if header_text(headers, "content-type").starts_with("application/problem+json") {
        text.as_ref()
    } else {
        header_text(headers, "sl-violations")
    };
    let sent = String::from_utf8_lossy(&seen.body);
    let (name, method, target) = (example.name, &seen.method, &seen.target);
    assert!(
        objection.is_empty(),
        "{name}: {method} {target}\n{sent}\nleads to {status}\n{objection}"
    );
    assert_eq!(
        status, example.status,
        "{name}: {method} {target}\n{sent}\nleads to\n{text}"
    );
}

fn header_text<'a>(headers: &'a HeaderMap, name: &str) -> &'a str {
    headers.get(name).map_or("", |value| value.to_str().unwrap_or("?"))
}
