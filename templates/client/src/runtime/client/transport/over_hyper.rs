//! Sending with hyper.

use std::io;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};
use std::time::Duration;

use bytes::Bytes;
use futures_core::Stream;
use http::header::USER_AGENT;
use http::uri::{Authority, Parts, PathAndQuery, Scheme};
use http::{HeaderValue, Request as HttpRequest, Uri};
use http_body::{Body as HttpBody, Frame, SizeHint};
use hyper_rustls::{HttpsConnector, HttpsConnectorBuilder};
use hyper_util::client::legacy;
use hyper_util::client::legacy::connect::HttpConnector;
use hyper_util::rt::{TokioExecutor, TokioTimer};
use rustls::crypto::{CryptoProvider, aws_lc_rs};
use tower_service::Service;

use super::{
    Body, CONNECTION_WINDOW, Destination, Failure, HttpClient, Incoming, Outgoing, ResponseBody, STREAM_WINDOW,
    invalid_link, is_http, ping, unsendable,
};
use crate::runtime::error::{ConfigError, Error, ErrorKind};
use crate::runtime::request::Request;

const KEEP_ALIVE: Duration = Duration::from_secs(15);

/// A hyper client, with or without TLS.
struct Http {
    client: legacy::Client<Connector, Body>,
    user_agent: HeaderValue,
}

/// Opens connections. hyper's client clones it for every request.
#[derive(Clone)]
struct Connector(Arc<HttpsConnector<HttpConnector>>);

impl Service<Uri> for Connector {
    type Response = <HttpsConnector<HttpConnector> as Service<Uri>>::Response;
    type Error = <HttpsConnector<HttpConnector> as Service<Uri>>::Error;
    type Future = <HttpsConnector<HttpConnector> as Service<Uri>>::Future;

    fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<Result<(), Self::Error>> {
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, uri: Uri) -> Self::Future {
        HttpsConnector::clone(&self.0).call(uri)
    }
}

/// Future of a response.
pub(super) use hyper_util::client::legacy::ResponseFuture as Sent;

/// Scheme, host and port.
pub(super) type Origin = (Scheme, Authority);

pub(super) fn origin(uri: Uri) -> Option<Origin> {
    let parts = uri.into_parts();
    parts.scheme.zip(parts.authority)
}

/// Returns the URI of a request.
fn uri(request: &Request, destination: Destination<'_>) -> Result<Uri, Error> {
    let address = match destination {
        Destination::Below(address) => address,
        Destination::Link(link) => {
            let uri = link.parse().ok();
            let uri = uri.filter(|uri: &Uri| uri.scheme_str().is_some_and(is_http));
            return uri.ok_or_else(|| invalid_link(request));
        }
    };
    let mut path = request.path_below(&address.path);
    if let Some(query) = request.query_text() {
        path.extend(["?", query]);
    }
    let path = PathAndQuery::from_maybe_shared(Bytes::from(path)).map_err(|error| unsendable(request, error))?;
    let (scheme, authority) = address.origin.clone();
    let mut parts = Parts::default();
    (parts.scheme, parts.authority, parts.path_and_query) = (Some(scheme), Some(authority), Some(path));
    Uri::from_parts(parts).map_err(|error| unsendable(request, error))
}

/// Builds a client from the builder's settings.
pub(in crate::runtime::client) fn http_client(
    user_agent: &str,
    connect_timeout: Duration,
    read_timeout: Duration,
) -> Result<Box<dyn HttpClient>, ConfigError> {
    let failed = |error: &dyn std::error::Error| ConfigError::Http(error.to_string());
    let mut tcp = HttpConnector::new();
    tcp.enforce_http(false);
    tcp.set_nodelay(true);
    tcp.set_connect_timeout(Some(connect_timeout));
    // Same as reqwest.
    tcp.set_keepalive(Some(KEEP_ALIVE));
    tcp.set_keepalive_interval(Some(KEEP_ALIVE));
    let provider = CryptoProvider::get_default().cloned();
    let tls = HttpsConnectorBuilder::new()
        .with_provider_and_platform_verifier(provider.unwrap_or_else(|| Arc::new(aws_lc_rs::default_provider())))
        .map_err(|error| failed(&error))?;
    let connector = tls.https_or_http().enable_all_versions().wrap_connector(tcp);
    Ok(Box::new(Http {
        client: legacy::Client::builder(TokioExecutor::new())
            .pool_timer(TokioTimer::new())
            .timer(TokioTimer::new())
            .http2_keep_alive_interval(ping(read_timeout))
            .http2_keep_alive_timeout(ping(read_timeout))
            .http2_initial_stream_window_size(STREAM_WINDOW)
            .http2_initial_connection_window_size(CONNECTION_WINDOW)
            .build(Connector(Arc::new(connector))),
        user_agent: HeaderValue::from_str(user_agent).map_err(|error| failed(&error))?,
    }))
}

impl HttpClient for Http {
    fn send(&self, request: &Request, destination: Destination<'_>, outgoing: Outgoing) -> Result<super::Sent, Error> {
        let mut http = HttpRequest::new(outgoing.body.unwrap_or(Body::Whole(Bytes::new())));
        *http.method_mut() = outgoing.method;
        *http.uri_mut() = uri(request, destination)?;
        *http.headers_mut() = outgoing.headers;
        http.headers_mut().insert(USER_AGENT, self.user_agent.clone());
        Ok(super::Sent::Hyper(self.client.request(http)))
    }
}

pub(super) fn incoming(
    outcome: Result<http::Response<hyper::body::Incoming>, legacy::Error>,
) -> Result<Incoming, Failure> {
    let (head, body) = outcome?.into_parts();
    Ok(Incoming {
        status: head.status,
        headers: head.headers,
        body: ResponseBody::Hyper(body),
    })
}

impl HttpBody for Body {
    type Data = Bytes;
    type Error = io::Error;

    fn poll_frame(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<Result<Frame<Bytes>, io::Error>>> {
        match self.get_mut() {
            Self::Whole(bytes) if bytes.is_empty() => Poll::Ready(None),
            Self::Whole(bytes) => Poll::Ready(Some(Ok(Frame::data(std::mem::take(bytes))))),
            Self::Pieces(pieces) => Pin::new(pieces).poll_next(context).map_ok(Frame::data),
        }
    }

    fn is_end_stream(&self) -> bool {
        matches!(self, Self::Whole(bytes) if bytes.is_empty())
    }

    fn size_hint(&self) -> SizeHint {
        match self {
            Self::Whole(bytes) => SizeHint::with_exact(bytes.len() as u64),
            Self::Pieces(_) => SizeHint::new(),
        }
    }
}

impl From<legacy::Error> for Failure {
    fn from(error: legacy::Error) -> Self {
        let kind = if error.is_connect() {
            ErrorKind::Connect
        } else {
            ErrorKind::Interrupted
        };
        Self::new(kind, error)
    }
}

impl From<hyper::Error> for Failure {
    fn from(error: hyper::Error) -> Self {
        Self::new(ErrorKind::Interrupted, error)
    }
}
