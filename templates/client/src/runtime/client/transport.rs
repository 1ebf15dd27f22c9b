//! The interface to HTTP clients.

#[cfg(feature = "hyper")]
pub(super) mod over_hyper;
#[cfg(feature = "reqwest")]
pub(super) mod over_reqwest;

use std::error::Error as StdError;
use std::future::{Future, poll_fn};
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};
use std::time::Duration;

use bytes::Bytes;
use futures_core::Stream;
use futures_util::stream;
use http::{HeaderMap, Method, StatusCode, Uri};
use http_body::{Body as HttpBody, Frame};

use super::timeout::Timeouts;
#[cfg(feature = "tracing")]
use super::trace::Server;
use crate::runtime::error::{ConfigError, Error, ErrorKind, FileError, TransportError};
use crate::runtime::file::stream::{Pieces, unreadable};
use crate::runtime::operation::OperationInfo;
use crate::runtime::request::Request;
use crate::runtime::target::Target;

#[cfg(not(any(feature = "hyper", feature = "reqwest")))]
compile_error!("`Client` needs an HTTP client: enable the feature `reqwest` or `hyper`");

/// Interval and timeout of pings on a shared HTTP/2 connection. Without them, a dead connection would go unnoticed, and all
/// calls on it would fail.
fn ping(read_timeout: Duration) -> Duration {
    (read_timeout / 3).clamp(Duration::from_secs(1), Duration::from_secs(10))
}

/// Receive windows of a stream and of a connection in bytes. A download that is not read for a while must not block other
/// streams of its connection.
const STREAM_WINDOW: u32 = 1 << 20;
const CONNECTION_WINDOW: u32 = 64 << 20;

/// An HTTP client and its read timeout. Cheap to clone; clones share connections.
///
/// Types of the HTTP client are confined to its own module: they are large, and naming them elsewhere costs compile time and
/// debug information.
#[derive(Clone)]
pub(super) struct Transport {
    http_client: Arc<dyn HttpClient>,
    read_timeout: Option<Duration>,
    /// Whether requests may go to a proxy that this crate chose. Not set for an HTTP client from the caller.
    #[cfg(feature = "reqwest")]
    pub(super) may_use_proxy: bool,
}

/// An HTTP client.
pub(super) trait HttpClient: Send + Sync {
    /// Sends a request.
    ///
    /// Does as much as possible before it returns, so that the future is small: it is moved several times.
    fn send(&self, request: &Request, destination: Destination<'_>, outgoing: Outgoing) -> Result<Sent, Error>;
}

/// A base URL, in the forms that HTTP clients take.
pub(super) struct Address {
    target: Target,
    /// The path prefix; empty instead of a slash.
    path: String,
    #[cfg(feature = "reqwest")]
    url: reqwest::Url,
    #[cfg(feature = "hyper")]
    origin: over_hyper::Origin,
    #[cfg(feature = "tracing")]
    server: Server,
}

/// The destination of a request.
#[derive(Clone, Copy)]
pub(super) enum Destination<'a> {
    /// Relative to a base URL.
    Below(&'a Address),
    /// An absolute URL from the server.
    Link(&'a str),
}

/// A request without its destination.
pub(super) struct Outgoing {
    pub(super) method: Method,
    pub(super) headers: HeaderMap,
    pub(super) body: Option<Body>,
}

/// The body of a request.
pub(super) enum Body {
    Whole(Bytes),
    Pieces(Pieces),
}

impl Destination<'_> {
    /// Returns host and port. Errors must not show the rest of a link: it may contain a signature or a password.
    fn server(&self) -> &str {
        let url = match self {
            Self::Below(address) => address.target().url(),
            Self::Link(link) => link,
        };
        let rest = url.split_once("://").map_or(url, |(_, rest)| rest);
        let authority = rest.split(['/', '?', '#', '\\']).next().unwrap_or_default();
        authority.rsplit('@').next().unwrap_or_default()
    }
}

/// A response whose body has not been read yet.
pub(super) struct Incoming {
    pub(super) status: StatusCode,
    pub(super) headers: HeaderMap,
    body: ResponseBody,
}

/// The body of a response.
enum ResponseBody {
    #[cfg(feature = "reqwest")]
    Reqwest(reqwest::Body),
    #[cfg(feature = "hyper")]
    Hyper(hyper::body::Incoming),
}

/// The body of a response as a stream.
pub(super) type Arriving = Pin<Box<dyn Stream<Item = Result<Bytes, Failure>> + Send>>;

/// The error of a request to which no response, or only a part of it, arrived.
#[derive(Debug)]
pub(super) struct Failure {
    kind: ErrorKind,
    /// Host and port.
    server: Option<Box<str>>,
    source: Box<dyn StdError + Send + Sync>,
}

impl Transport {
    pub(super) fn new(http_client: Box<dyn HttpClient>, read_timeout: Option<Duration>) -> Self {
        Self {
            http_client: http_client.into(),
            read_timeout,
            #[cfg(feature = "reqwest")]
            may_use_proxy: false,
        }
    }

    /// Returns the same HTTP client, with another read timeout if one is given.
    pub(super) fn with_read_timeout(&self, read_timeout: Option<Duration>) -> Self {
        Self {
            http_client: Arc::clone(&self.http_client),
            read_timeout: read_timeout.or(self.read_timeout),
            #[cfg(feature = "reqwest")]
            may_use_proxy: self.may_use_proxy,
        }
    }

    /// Returns the read timeout.
    pub(super) fn read_timeout(&self) -> Option<Duration> {
        self.read_timeout
    }

    /// Sends a request.
    pub(super) fn send(
        &self,
        request: &Request,
        destination: Destination<'_>,
        outgoing: Outgoing,
    ) -> Result<Sent, Error> {
        self.http_client.send(request, destination, outgoing)
    }
}

/// Future of a response.
pub(super) enum Sent {
    #[cfg(feature = "reqwest")]
    Reqwest(over_reqwest::Sent),
    #[cfg(feature = "hyper")]
    Hyper(over_hyper::Sent),
}

impl Future for Sent {
    type Output = Result<Incoming, Failure>;

    fn poll(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Self::Output> {
        match self.get_mut() {
            #[cfg(feature = "reqwest")]
            Self::Reqwest(sent) => sent.as_mut().poll(context),
            #[cfg(feature = "hyper")]
            Self::Hyper(sent) => Pin::new(sent).poll(context).map(over_hyper::incoming),
        }
    }
}

impl Address {
    pub(super) fn new(target: Target) -> Result<Self, ConfigError> {
        let invalid = || ConfigError::base_url(target.url(), "not a valid URL");
        let uri: Uri = target.url().parse().map_err(|_| invalid())?;
        let path = match uri.path() {
            "/" => String::new(),
            path => path.to_owned(),
        };
        Ok(Self {
            #[cfg(feature = "reqwest")]
            url: over_reqwest::base(&target, &uri)?,
            #[cfg(feature = "hyper")]
            origin: over_hyper::origin(uri).ok_or_else(invalid)?,
            #[cfg(feature = "tracing")]
            server: Server::at(target.url()),
            target,
            path,
        })
    }

    pub(super) fn target(&self) -> &Target {
        &self.target
    }

    /// Returns the server as recorded in spans.
    #[cfg(feature = "tracing")]
    pub(super) fn server(&self) -> &Server {
        &self.server
    }
}

impl Incoming {
    /// Returns the remaining length of the body in bytes, if known.
    pub(super) fn content_length(&self) -> Option<u64> {
        match &self.body {
            #[cfg(feature = "reqwest")]
            ResponseBody::Reqwest(body) => body.size_hint().exact(),
            #[cfg(feature = "hyper")]
            ResponseBody::Hyper(body) => body.size_hint().exact(),
        }
    }

    /// Returns the next chunk of the body; `None` at its end.
    pub(super) async fn chunk(&mut self, timeouts: &mut Timeouts) -> Result<Option<Bytes>, Failure> {
        while !self.body.is_complete() {
            let frame = timeouts.for_server(poll_fn(|context| self.body.poll_frame(context)));
            let Some(frame) = frame.await?.transpose()? else { break };
            // Trailers are ignored.
            if let Ok(data) = frame.into_data() {
                return Ok(Some(data));
            }
        }
        Ok(None)
    }

    /// Returns the body as a stream.
    pub(super) fn into_pieces(self, timeouts: Timeouts) -> Arriving {
        Box::pin(stream::unfold(Some((self, timeouts)), |rest| async move {
            let (mut rest, mut timeouts) = rest?;
            match rest.chunk(&mut timeouts).await {
                Ok(piece) => Some((Ok(piece?), Some((rest, timeouts)))),
                // The stream ends after a failure.
                Err(failure) => Some((Err(failure), None)),
            }
        }))
    }
}

impl ResponseBody {
    /// Returns `true` if it is known that nothing follows.
    fn is_complete(&self) -> bool {
        match self {
            #[cfg(feature = "reqwest")]
            Self::Reqwest(body) => body.is_end_stream(),
            #[cfg(feature = "hyper")]
            Self::Hyper(body) => body.is_end_stream(),
        }
    }

    fn poll_frame(&mut self, context: &mut Context<'_>) -> Poll<Option<Result<Frame<Bytes>, Failure>>> {
        match self {
            #[cfg(feature = "reqwest")]
            Self::Reqwest(body) => Pin::new(body).poll_frame(context).map_err(Failure::from),
            #[cfg(feature = "hyper")]
            Self::Hyper(body) => Pin::new(body).poll_frame(context).map_err(Failure::from),
        }
    }
}

impl Failure {
    pub(super) fn new(kind: ErrorKind, source: impl Into<Box<dyn StdError + Send + Sync>>) -> Self {
        Self {
            kind,
            server: None,
            source: source.into(),
        }
    }

    /// Sets the server that the request was sent to.
    pub(super) fn at(mut self, destination: Destination<'_>) -> Self {
        self.server = Some(destination.server().into());
        self
    }

    /// Returns `true` if there was no connection, so nothing was sent.
    pub(super) fn is_connect(&self) -> bool {
        self.kind == ErrorKind::Connect
    }

    /// Converts to the error of an operation.
    pub(super) fn of(self, info: &'static OperationInfo) -> Error {
        if let Some(why) = unreadable(&*self.source) {
            return FileError::new(info, None, why).into();
        }
        TransportError::new(info, self.kind, self.source).to(self.server).into()
    }
}

/// Returns the error for a request that cannot be sent.
fn unsendable(request: &Request, why: impl Into<Box<dyn StdError + Send + Sync>>) -> Error {
    Failure::new(ErrorKind::Unsendable, why).of(request.info())
}

/// Returns the error for a link that is not an HTTP URL. It does not show the link, which may contain a signature.
fn invalid_link(request: &Request) -> Error {
    unsendable(request, "the link is not an HTTP URL")
}

fn is_http(scheme: &str) -> bool {
    matches!(scheme, "http" | "https")
}
