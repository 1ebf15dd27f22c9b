//! What carries requests: an HTTP client that somebody else keeps.

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
use crate::runtime::error::{ConfigError, Error, FileError, TransportError, TransportKind};
use crate::runtime::file::stream::{Pieces, unreadable};
use crate::runtime::operation::OperationInfo;
use crate::runtime::request::Request;
use crate::runtime::target::Target;

#[cfg(not(any(feature = "hyper", feature = "reqwest")))]
compile_error!("a client needs something that carries its requests: the feature `reqwest` or `hyper`");

/// How long a connection that many calls share may be silent before it is tried, and how long an answer to that may take:
/// nothing else shows that it is dead, and all of those calls would fail with it.
fn ping(read_timeout: Duration) -> Duration {
    (read_timeout / 3).clamp(Duration::from_secs(1), Duration::from_secs(10))
}

/// How much of an answer may arrive before it is read, and of all that share a connection: files that nobody reads for a
/// while must not stop the others.
const STREAM_WINDOW: u32 = 1 << 20;
const CONNECTION_WINDOW: u32 = 64 << 20;

/// An HTTP client, and how long its servers may be silent. A clone is cheap, and shares its connections.
///
/// What is known of the HTTP client is kept to its own module: its types are large, and whoever names them pays for it in
/// compile time and debug information.
#[derive(Clone)]
pub(super) struct Transport {
    http_client: Arc<dyn HttpClient>,
    read_timeout: Option<Duration>,
    /// Whether what it sends may go to a proxy, which this crate chose: a client of the caller's own is the caller's affair.
    #[cfg(feature = "reqwest")]
    pub(super) may_use_proxy: bool,
}

/// An HTTP client.
pub(super) trait HttpClient: Send + Sync {
    /// Sends a request.
    ///
    /// All that can be done at once is done at once, so that the future is small: it is moved several times.
    fn send(&self, request: &Request, place: Destination<'_>, outgoing: Outgoing) -> Result<Sent, Error>;
}

/// A base URL, in the forms that HTTP clients take.
pub(super) struct Address {
    target: Target,
    /// What comes before the path of a request; empty rather than a slash.
    path: String,
    #[cfg(feature = "reqwest")]
    url: reqwest::Url,
    #[cfg(feature = "hyper")]
    origin: over_hyper::Origin,
    #[cfg(feature = "tracing")]
    server: Server,
}

/// Where a request goes.
#[derive(Clone, Copy)]
pub(super) enum Destination<'a> {
    /// Below a base URL.
    Below(&'a Address),
    /// To an address that the server gave.
    Link(&'a str),
}

/// All of a request but where it goes.
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
    /// Host and port. The rest of a link is not for errors: it can carry a signature, or a password.
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

/// An answer whose body is on its way.
pub(super) struct Incoming {
    pub(super) status: StatusCode,
    pub(super) headers: HeaderMap,
    body: ResponseBody,
}

/// The body of an answer.
enum ResponseBody {
    #[cfg(feature = "reqwest")]
    Reqwest(reqwest::Body),
    #[cfg(feature = "hyper")]
    Hyper(hyper::body::Incoming),
}

/// The body of an answer in pieces.
pub(super) type Arriving = Pin<Box<dyn Stream<Item = Result<Bytes, Failure>> + Send>>;

/// Why no answer arrived, or not all of it.
#[derive(Debug)]
pub(super) struct Failure {
    kind: TransportKind,
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

    /// The same HTTP client, whose servers may be silent as long as this, if it is given.
    pub(super) fn with_read_timeout(&self, read_timeout: Option<Duration>) -> Self {
        Self {
            http_client: Arc::clone(&self.http_client),
            read_timeout: read_timeout.or(self.read_timeout),
            #[cfg(feature = "reqwest")]
            may_use_proxy: self.may_use_proxy,
        }
    }

    /// How long a server may be silent.
    pub(super) fn read_timeout(&self) -> Option<Duration> {
        self.read_timeout
    }

    /// Sends a request.
    pub(super) fn send(&self, request: &Request, place: Destination<'_>, outgoing: Outgoing) -> Result<Sent, Error> {
        self.http_client.send(request, place, outgoing)
    }
}

/// An answer that is waited for.
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
        let no_url = || ConfigError::base_url(target.url(), "it is no URL");
        let uri: Uri = target.url().parse().map_err(|_| no_url())?;
        let path = match uri.path() {
            "/" => String::new(),
            path => path.to_owned(),
        };
        Ok(Self {
            #[cfg(feature = "reqwest")]
            url: over_reqwest::base(&target, &uri)?,
            #[cfg(feature = "hyper")]
            origin: over_hyper::origin(uri).ok_or_else(no_url)?,
            #[cfg(feature = "tracing")]
            server: Server::at(target.url()),
            target,
            path,
        })
    }

    pub(super) fn target(&self) -> &Target {
        &self.target
    }

    /// As spans name it.
    #[cfg(feature = "tracing")]
    pub(super) fn server(&self) -> &Server {
        &self.server
    }
}

impl Incoming {
    /// How long the rest of the body is in bytes, if the server says it.
    pub(super) fn content_length(&self) -> Option<u64> {
        match &self.body {
            #[cfg(feature = "reqwest")]
            ResponseBody::Reqwest(body) => body.size_hint().exact(),
            #[cfg(feature = "hyper")]
            ResponseBody::Hyper(body) => body.size_hint().exact(),
        }
    }

    /// The next piece of the body; `None` at its end.
    pub(super) async fn chunk(&mut self, timeouts: &mut Timeouts) -> Result<Option<Bytes>, Failure> {
        while !self.body.is_complete() {
            let frame = timeouts.for_server(poll_fn(|context| self.body.poll_frame(context)));
            let Some(frame) = frame.await?.transpose()? else { break };
            // Trailers hold nothing that is known.
            if let Ok(data) = frame.into_data() {
                return Ok(Some(data));
            }
        }
        Ok(None)
    }

    /// The body in pieces.
    pub(super) fn into_pieces(self, timeouts: Timeouts) -> Arriving {
        Box::pin(stream::unfold(Some((self, timeouts)), |rest| async move {
            let (mut rest, mut timeouts) = rest?;
            match rest.chunk(&mut timeouts).await {
                Ok(piece) => Some((Ok(piece?), Some((rest, timeouts)))),
                // Nothing comes after a failure.
                Err(failure) => Some((Err(failure), None)),
            }
        }))
    }
}

impl ResponseBody {
    /// Whether it is known that nothing follows.
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
    pub(super) fn new(kind: TransportKind, source: impl Into<Box<dyn StdError + Send + Sync>>) -> Self {
        Self {
            kind,
            server: None,
            source: source.into(),
        }
    }

    /// Notes where the request went.
    pub(super) fn at(mut self, place: Destination<'_>) -> Self {
        self.server = Some(place.server().into());
        self
    }

    /// Whether nothing was sent, because there was no connection.
    pub(super) fn is_connect(&self) -> bool {
        self.kind == TransportKind::Connect
    }

    /// The failure of this operation.
    pub(super) fn of(self, info: &'static OperationInfo) -> Error {
        if let Some(why) = unreadable(&*self.source) {
            return FileError::new(info, None, why).into();
        }
        TransportError::new(info, self.kind, self.source).to(self.server).into()
    }
}

/// A request that cannot be sent as it is.
fn unsendable(request: &Request, why: impl Into<Box<dyn StdError + Send + Sync>>) -> Error {
    Failure::new(TransportKind::Request, why).of(request.info())
}

/// A link that leads elsewhere than to the web. The error does not show it: it can carry a signature.
fn no_link(request: &Request) -> Error {
    unsendable(request, "no link of the web")
}

fn is_of_the_web(scheme: &str) -> bool {
    matches!(scheme, "http" | "https")
}
