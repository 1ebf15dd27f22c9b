//! Sending with reqwest.

use std::sync::{Arc, OnceLock};

use futures_util::stream;
use reqwest::redirect::Policy;
use reqwest::{Client, Request, Url};

use super::per_runtime::{CONNECTION_WINDOW, PerRuntime, STREAM_WINDOW, failed, is_refused};
use super::{Body, Carrier, HttpSettings, Transport, TransportFuture};
use crate::runtime::error::{Error, ErrorKind};

/// A reqwest client, and a URL of the server that it was first used for: parsing the host is most of the work for a URL.
struct Http {
    client: Client,
    origin: OnceLock<Url>,
}

impl Transport for Http {
    fn send(&self, request: http::Request<Body>) -> TransportFuture {
        let uri = request.uri();
        let is_same = |url: &&Url| {
            uri.scheme_str() == Some(url.scheme()) && uri.authority().is_some_and(|server| server == url.authority())
        };
        if let Some(origin) = self.origin.get().filter(is_same) {
            let mut url = origin.clone();
            url.set_path(uri.path());
            url.set_query(uri.query());
            return execute(&self.client, url, request);
        }
        match Url::parse(&uri.to_string()) {
            Ok(url) => {
                self.origin.get_or_init(|| url.clone());
                execute(&self.client, url, request)
            }
            Err(error) => failed(error),
        }
    }
}

/// Builds a transport from the builder's settings.
pub(in crate::runtime::client) fn transport(settings: HttpSettings) -> Result<Arc<dyn Carrier>, Error> {
    Ok(Arc::new(PerRuntime::new(settings, client)?))
}

fn client(settings: HttpSettings) -> Result<Http, Error> {
    let http = Client::builder()
        .connect_timeout(settings.connect_timeout)
        .http2_keep_alive_interval(settings.ping)
        .http2_keep_alive_timeout(settings.ping)
        .http2_initial_stream_window_size(STREAM_WINDOW)
        .http2_initial_connection_window_size(CONNECTION_WINDOW)
        // The retry policy decides on retries.
        .retry(reqwest::retry::never())
        // In case another crate enables these features: lengths refer to the bytes as sent.
        .no_gzip()
        .no_brotli()
        .no_deflate()
        .no_zstd()
        // A redirect could send the token or the body to another host.
        .redirect(Policy::none());
    let http = if settings.no_proxy { http.no_proxy() } else { http };
    match http.build() {
        Ok(client) => Ok(Http {
            client,
            origin: OnceLock::new(),
        }),
        Err(error) => Err(Error::config(format!("the HTTP client could not be built: {error}"))),
    }
}

/// Its own timeouts and default headers apply, too. It should not follow redirects. Its connections belong to the runtime that
/// opened them, so do not use it from two current-thread runtimes in turns.
impl Transport for Client {
    fn send(&self, request: http::Request<Body>) -> TransportFuture {
        match Url::parse(&request.uri().to_string()) {
            Ok(url) => execute(self, url, request),
            Err(error) => failed(error),
        }
    }
}

fn execute(client: &Client, url: Url, request: http::Request<Body>) -> TransportFuture {
    let (head, body) = request.into_parts();
    let mut request = Request::new(head.method, url);
    *request.headers_mut() = head.headers;
    *request.body_mut() = Some(match body.as_bytes() {
        Some(bytes) => bytes.clone().into(),
        None => wrapped(body),
    });
    let sent = client.execute(request);
    Box::pin(async move {
        let (head, body) = http::Response::<reqwest::Body>::from(sent.await?).into_parts();
        Ok(http::Response::from_parts(head, Body::new(body)))
    })
}

/// Wraps a body that is read while it is sent.
fn wrapped(mut body: Body) -> reqwest::Body {
    reqwest::Body::wrap_stream(stream::poll_fn(move |context| body.poll_chunk(context)))
}

impl From<reqwest::Error> for Error {
    fn from(error: reqwest::Error) -> Self {
        let kind = if error.is_connect() {
            ErrorKind::Connect
        } else if error.is_timeout() {
            ErrorKind::Timeout
        } else if error.is_builder() {
            ErrorKind::Unsendable
        } else if is_refused(&error) {
            ErrorKind::Refused
        } else {
            ErrorKind::Interrupted
        };
        // The URL may contain secrets.
        Self::transport(kind, error.without_url())
    }
}
