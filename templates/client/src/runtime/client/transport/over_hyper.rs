//! Sending with hyper.

use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use futures_util::TryStreamExt;
use futures_util::stream::MapOk;
use http::header::USER_AGENT;
use http::uri::{Authority, Parts, PathAndQuery, Scheme};
use http::{HeaderValue, Request as HttpRequest, Uri};
use http_body_util::{BodyExt, Either, Full, StreamBody};
use hyper::body::{Body as _, Frame};
use hyper_rustls::{HttpsConnector, HttpsConnectorBuilder};
use hyper_util::client::legacy;
use hyper_util::client::legacy::connect::HttpConnector;
use hyper_util::rt::{TokioExecutor, TokioTimer};
use rustls::crypto::{CryptoProvider, aws_lc_rs};

use super::{Body, Carrier, Failure, Incoming, Outgoing, Place, Rest, is_of_the_web, no_link, unsendable};
use crate::runtime::client::patience::Patience;
use crate::runtime::error::{ConfigError, Error, TransportKind};
use crate::runtime::file::stream::Pieces;
use crate::runtime::request::Request;

/// hyper's client with its connections, over TLS or not.
#[derive(Clone)]
pub(in crate::runtime::client) struct Http {
    client: legacy::Client<HttpsConnector<HttpConnector>, Content>,
    user_agent: HeaderValue,
}

type Content = Either<Full<Bytes>, StreamBody<MapOk<Pieces, fn(Bytes) -> Frame<Bytes>>>>;

/// An answer that is waited for.
pub(super) use hyper_util::client::legacy::ResponseFuture as Sent;

/// Scheme, host and port.
pub(super) type Origin = (Scheme, Authority);

pub(super) fn origin(uri: Uri) -> Option<Origin> {
    let parts = uri.into_parts();
    parts.scheme.zip(parts.authority)
}

/// The URI of a request.
fn uri(request: &Request, place: Place<'_>) -> Result<Uri, Error> {
    let address = match place {
        Place::Below(address) => address,
        Place::Link(link) => {
            let uri = link.parse().ok();
            let uri = uri.filter(|uri: &Uri| uri.scheme_str().is_some_and(is_of_the_web));
            return uri.ok_or_else(|| no_link(request));
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

impl Http {
    pub(in crate::runtime::client) fn new(user_agent: &str, connect_timeout: Duration) -> Result<Self, ConfigError> {
        let failed = |error: &dyn std::error::Error| ConfigError::Http(error.to_string());
        let mut tcp = HttpConnector::new();
        tcp.enforce_http(false);
        tcp.set_nodelay(true);
        tcp.set_connect_timeout(Some(connect_timeout));
        let provider = CryptoProvider::get_default().cloned();
        let tls = HttpsConnectorBuilder::new()
            .with_provider_and_platform_verifier(provider.unwrap_or_else(|| Arc::new(aws_lc_rs::default_provider())))
            .map_err(|error| failed(&error))?;
        let connector = tls.https_or_http().enable_all_versions().wrap_connector(tcp);
        Ok(Self {
            client: legacy::Client::builder(TokioExecutor::new())
                .pool_timer(TokioTimer::new())
                .build(connector),
            user_agent: HeaderValue::from_str(user_agent).map_err(|error| failed(&error))?,
        })
    }
}

impl Carrier for Http {
    fn send(&self, request: &Request, place: Place<'_>, outgoing: Outgoing) -> Result<super::Sent, Error> {
        let mut http = HttpRequest::new(match outgoing.body {
            None => Either::Left(Full::default()),
            Some(Body::Whole(bytes)) => Either::Left(Full::new(bytes)),
            Some(Body::Pieces(pieces)) => Either::Right(StreamBody::new(pieces.map_ok(Frame::data as fn(_) -> _))),
        });
        *http.method_mut() = outgoing.method;
        *http.uri_mut() = uri(request, place)?;
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
        body: Rest::Hyper(body),
    })
}

pub(super) fn length(body: &hyper::body::Incoming) -> Option<u64> {
    body.size_hint().exact()
}

pub(super) async fn chunk(body: &mut hyper::body::Incoming, patience: &mut Patience) -> Result<Option<Bytes>, Failure> {
    loop {
        let Some(frame) = patience.for_server(body.frame()).await?.transpose()? else {
            return Ok(None);
        };
        // Trailers hold nothing that is known.
        if let Ok(data) = frame.into_data() {
            return Ok(Some(data));
        }
    }
}

impl From<legacy::Error> for Failure {
    fn from(error: legacy::Error) -> Self {
        let kind = if error.is_connect() {
            TransportKind::Connect
        } else {
            TransportKind::Interrupted
        };
        Self::new(kind, error)
    }
}

impl From<hyper::Error> for Failure {
    fn from(error: hyper::Error) -> Self {
        Self::new(TransportKind::Interrupted, error)
    }
}
