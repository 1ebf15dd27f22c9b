//! Sending with reqwest.

use std::future::ready;
use std::sync::OnceLock;

use http_body_util::BodyDataStream;
use reqwest::redirect::Policy;
use reqwest::{Client, Request, Url};

use super::per_runtime::{CONNECTION_WINDOW, STREAM_WINDOW, is_refused};
use super::{Body, BoxError, HttpSettings, Transport, TransportFuture};
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
        let Some(origin) = self.origin.get().filter(is_same) else {
            let url = Url::parse(&uri.to_string());
            if let Ok(url) = &url {
                self.origin.get_or_init(|| url.clone());
            }
            return execute(&self.client, url, request);
        };
        let mut url = origin.clone();
        url.set_path(uri.path());
        url.set_query(uri.query());
        execute(&self.client, Ok::<_, Error>(url), request)
    }
}

/// Makes a client with the builder's settings.
pub(crate) fn client(settings: HttpSettings) -> Result<impl Transport, Error> {
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
    let failed = |error| Error::config(format!("the HTTP client could not be built: {error}"));
    let (client, origin) = (http.build().map_err(failed)?, OnceLock::new());
    Ok(Http { client, origin })
}

/// Its own timeouts and default headers apply, too. It should not follow redirects. Its connections belong to the runtime that
/// opened them, so do not use it from two current-thread runtimes in turns.
impl Transport for Client {
    fn send(&self, request: http::Request<Body>) -> TransportFuture {
        execute(self, Url::parse(&request.uri().to_string()), request)
    }
}

fn execute(client: &Client, url: Result<Url, impl Into<BoxError>>, request: http::Request<Body>) -> TransportFuture {
    let url = match url {
        Ok(url) => url,
        Err(error) => return Box::pin(ready(Err(Error::transport(ErrorKind::Unsendable, error)))),
    };
    let (head, body) = request.into_parts();
    let mut request = Request::new(head.method, url);
    *request.headers_mut() = head.headers;
    *request.body_mut() = Some(match body.as_bytes() {
        Some(bytes) => bytes.clone().into(),
        None => reqwest::Body::wrap_stream(BodyDataStream::new(body)),
    });
    let sent = client.execute(request);
    Box::pin(async move { Ok(http::Response::<reqwest::Body>::from(sent.await?).map(Body::new)) })
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
