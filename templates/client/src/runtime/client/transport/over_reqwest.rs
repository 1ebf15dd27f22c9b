//! Sending with reqwest.

use std::pin::Pin;
use std::task::{Context, Poll, ready};
use std::time::Duration;

use http::header::USER_AGENT;
use http::{HeaderMap, HeaderValue, Uri};
use reqwest::redirect::Policy;
use reqwest::{Client, Response, Url};

use super::{
    Body, CONNECTION_WINDOW, Destination, Failure, HttpClient, Incoming, Outgoing, ResponseBody, STREAM_WINDOW,
    Transport, invalid_link, is_http, ping,
};
use crate::runtime::client::builder::Builder;
use crate::runtime::error::{ConfigError, Error, ErrorKind, Reason};
use crate::runtime::request::Request;
use crate::runtime::target::Target;

/// Future of a response.
pub(super) type Sent = Pin<Box<dyn Future<Output = Result<Incoming, Failure>> + Send>>;

/// A reqwest client.
struct Http(Client);

impl Builder {
    /// Uses an existing HTTP client, instead of one built from the settings above. Its own timeouts apply, and
    /// [`read_timeout`](Self::read_timeout) if it is set. It should not follow redirects: the token could be sent to another
    /// host.
    #[inline]
    pub fn reqwest_client(self, http: Client) -> Self {
        self.with_transport(transport(http))
    }
}

/// Wraps a client from the caller.
fn transport(http: Client) -> Transport {
    Transport::new(Box::new(Http(http)), None)
}

/// Builds a client from the builder's settings.
pub(in crate::runtime::client) fn http_client(
    user_agent: &str,
    connect_timeout: Duration,
    read_timeout: Duration,
    no_proxy: bool,
) -> Result<Box<dyn HttpClient>, ConfigError> {
    let failed = |error: &dyn std::error::Error| ConfigError::Http(error.to_string());
    let user_agent = HeaderValue::from_str(user_agent).map_err(|error| failed(&error))?;
    let mut http = Client::builder()
        // Instead of `user_agent`, which is generic and would be compiled here, with reqwest's types.
        .default_headers(HeaderMap::from_iter([(USER_AGENT, user_agent)]))
        .connect_timeout(connect_timeout)
        .http2_keep_alive_interval(ping(read_timeout))
        .http2_keep_alive_timeout(ping(read_timeout))
        .http2_initial_stream_window_size(STREAM_WINDOW)
        .http2_initial_connection_window_size(CONNECTION_WINDOW)
        // The retry policy decides on retries.
        .retry(reqwest::retry::never())
        // In case another crate enables these features: lengths and ranges refer to the bytes as sent.
        .no_gzip()
        .no_brotli()
        .no_deflate()
        .no_zstd()
        // A redirect could send the token or the body to another host.
        .redirect(Policy::none());
    if no_proxy {
        http = http.no_proxy();
    }
    match http.build() {
        Ok(client) => Ok(Box::new(Http(client))),
        Err(error) => Err(failed(&error)),
    }
}

/// Parses a base URL. Fails if parsing changes its path: `Url` resolves `.` and `..`, even percent-encoded ones.
pub(super) fn base(target: &Target, meant: &Uri) -> Result<Url, ConfigError> {
    let url = Url::parse(target.url()).map_err(|_| ConfigError::base_url(target.url(), "not a valid URL"))?;
    if url.path() == meant.path() {
        Ok(url)
    } else {
        Err(ConfigError::base_url(
            target.url(),
            "its path contains segments that would be resolved, such as `.` or `..`",
        ))
    }
}

/// Returns the URL of a request. Fails if parsing changes its path.
fn url(request: &Request, segment: Destination<'_>) -> Result<Url, Error> {
    let address = match segment {
        Destination::Below(address) => address,
        Destination::Link(link) => {
            let url = Url::parse(link).ok();
            let url = url.filter(|url| is_http(url.scheme()));
            return url.ok_or_else(|| invalid_link(request));
        }
    };
    let (path, query) = (request.path_below(&address.path), request.query_text());
    // Reuse the parsed host and port, which is most of the work.
    let mut url = address.url.clone();
    url.set_path(&path);
    if query.is_some() {
        url.set_query(query);
    }
    if url.path() == path && url.query() == query {
        return Ok(url);
    }
    let argument = request.dots().unwrap_or("path");
    Err(request.invalid(argument, Reason::DotSegment).into())
}

impl HttpClient for Http {
    fn send(&self, request: &Request, segment: Destination<'_>, outgoing: Outgoing) -> Result<super::Sent, Error> {
        let mut http = reqwest::Request::new(outgoing.method, url(request, segment)?);
        *http.headers_mut() = outgoing.headers;
        *http.body_mut() = outgoing.body.map(|body| match body {
            Body::Whole(bytes) => bytes.into(),
            Body::Pieces(pieces) => reqwest::Body::wrap_stream(pieces),
        });
        let sent = self.0.execute(http);
        Ok(super::Sent::Reqwest(Box::pin(ResponseFuture(sent))))
    }
}

/// Converts reqwest's response. An async block would make another codegen unit describe reqwest's types.
struct ResponseFuture<F>(F);

impl<F: Future<Output = Result<Response, reqwest::Error>> + Unpin> Future for ResponseFuture<F> {
    type Output = Result<Incoming, Failure>;

    fn poll(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Self::Output> {
        let response = ready!(Pin::new(&mut self.get_mut().0).poll(context))?;
        Poll::Ready(Ok(incoming(response)))
    }
}

fn incoming(mut response: Response) -> Incoming {
    Incoming {
        status: response.status(),
        headers: std::mem::take(response.headers_mut()),
        body: ResponseBody::Reqwest(response.into()),
    }
}

impl From<reqwest::Error> for Failure {
    fn from(error: reqwest::Error) -> Self {
        let kind = if error.is_connect() {
            ErrorKind::Connect
        } else if error.is_timeout() {
            ErrorKind::Timeout
        } else if error.is_builder() {
            ErrorKind::Unsendable
        } else {
            ErrorKind::Interrupted
        };
        // The URL may contain secrets.
        Self::new(kind, error.without_url())
    }
}
