//! Sending with hyper.

use std::future::Future;
use std::io;
use std::pin::Pin;
use std::sync::{Arc, OnceLock};
use std::task::{Context, Poll};
use std::time::Duration;

use http::header::HOST;
use http::uri::{Authority, Scheme};
use http::{HeaderValue, Uri};
use hyper_rustls::{HttpsConnector, HttpsConnectorBuilder, MaybeHttpsStream};
use hyper_util::client::legacy;
use hyper_util::client::legacy::connect::HttpConnector;
use hyper_util::rt::{TokioExecutor, TokioIo, TokioTimer};
use rustls::crypto::{CryptoProvider, aws_lc_rs};
use tokio::net::TcpStream;
use tokio::time::timeout;
use tower_service::Service;

use super::per_runtime::{CONNECTION_WINDOW, STREAM_WINDOW, is_refused};
use super::{Body, BoxError, HttpSettings, Transport, TransportFuture};
use crate::runtime::error::{Error, ErrorKind};

/// Same as reqwest.
const KEEP_ALIVE: Duration = Duration::from_secs(15);

/// A hyper client, with or without TLS.
struct Http {
    client: legacy::Client<Connector, Body>,
    /// The first server over plain HTTP, and its `Host` header, which hyper would format for each request.
    host: OnceLock<(Authority, Option<HeaderValue>)>,
}

/// Opens connections. hyper's client clones it for every request.
#[derive(Clone)]
struct Connector {
    https: Arc<HttpsConnector<HttpConnector>>,
    connect_timeout: Duration,
}

impl Service<Uri> for Connector {
    type Response = MaybeHttpsStream<TokioIo<TcpStream>>;
    type Error = BoxError;
    type Future = Pin<Box<dyn Future<Output = Result<Self::Response, BoxError>> + Send>>;

    fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<Result<(), BoxError>> {
        Poll::Ready(Ok(()))
    }

    /// Connects, including the TLS handshake.
    fn call(&mut self, uri: Uri) -> Self::Future {
        let connected = HttpsConnector::clone(&self.https).call(uri);
        let in_time = timeout(self.connect_timeout, connected);
        Box::pin(async move { in_time.await.map_err(|_| io::Error::from(io::ErrorKind::TimedOut))? })
    }
}

/// Makes a client with the builder's settings.
pub(crate) fn client(settings: HttpSettings) -> Result<impl Transport, Error> {
    let mut tcp = HttpConnector::new();
    tcp.enforce_http(false);
    tcp.set_nodelay(true);
    tcp.set_connect_timeout(Some(settings.connect_timeout));
    tcp.set_keepalive(Some(KEEP_ALIVE));
    tcp.set_keepalive_interval(Some(KEEP_ALIVE));
    let provider = CryptoProvider::get_default().cloned();
    let tls = HttpsConnectorBuilder::new()
        .with_provider_and_platform_verifier(provider.unwrap_or_else(|| Arc::new(aws_lc_rs::default_provider())))
        .map_err(|error| Error::config(format!("the HTTP client could not be built: {error}")))?;
    let connector = Connector {
        https: Arc::new(tls.https_or_http().enable_all_versions().wrap_connector(tcp)),
        connect_timeout: settings.connect_timeout,
    };
    let client = legacy::Client::builder(TokioExecutor::new())
        .pool_timer(TokioTimer::new())
        .timer(TokioTimer::new())
        .http2_keep_alive_interval(settings.ping)
        .http2_keep_alive_timeout(settings.ping)
        .http2_initial_stream_window_size(STREAM_WINDOW)
        .http2_initial_connection_window_size(CONNECTION_WINDOW)
        .build(connector);
    let host = OnceLock::new();
    Ok(Http { client, host })
}

impl Transport for Http {
    fn send(&self, mut request: http::Request<Body>) -> TransportFuture {
        if let Some(host) = self.host(request.uri()) {
            request.headers_mut().insert(HOST, host);
        }
        let sent = self.client.request(request);
        Box::pin(async move { Ok(sent.await?.map(Body::new)) })
    }
}

impl Http {
    /// Returns the header for a known server. Not over TLS, where HTTP/2 has no such header.
    fn host(&self, uri: &Uri) -> Option<HeaderValue> {
        let server = uri.authority().filter(|_| uri.scheme() == Some(&Scheme::HTTP))?;
        let (known, host) = self.host.get_or_init(|| {
            // Without user and password, and without the default port.
            let host = server.as_str().rsplit('@').next().unwrap_or_default();
            (server.clone(), host.strip_suffix(":80").unwrap_or(host).parse().ok())
        });
        host.clone().filter(|_| known.as_str() == server.as_str())
    }
}

impl From<legacy::Error> for Error {
    fn from(error: legacy::Error) -> Self {
        let kind = if error.is_connect() {
            ErrorKind::Connect
        } else if is_refused(&error) {
            ErrorKind::Refused
        } else {
            ErrorKind::Interrupted
        };
        Self::transport(kind, error)
    }
}
